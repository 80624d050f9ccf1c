package outbox_test

import (
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/outbox"
)

// A receiver of ours can tell what an endpoint's secret has signed, before and after
// that secret was replaced.
func TestASignatureIsKnownAsAnEndpointsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newRig(t, d)
		var e outbox.Endpoint
		var secret, next string
		signed := func(signature string, body string) (ok bool) {
			t.Helper()
			if err := d.View(t.Context(), g.world, func(tx *db.Tx) (err error) {
				ok, err = g.s.Signed(tx, app, e.ID, "msg_1", "1795268341", signature, []byte(body))
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return ok
		}
		within := func(fn func(tx *db.Tx) error) {
			t.Helper()
			if err := d.Within(t.Context(), g.world, fn); err != nil {
				t.Fatal(err)
			}
		}
		within(func(tx *db.Tx) (err error) {
			e, secret, err = g.s.Create(tx, outbox.Endpoint{App: app, URL: "https://example.com/hook", Events: []string{"*"}, Auth: outbox.Auth{Type: outbox.AuthNone}}, nil)
			return err
		})
		by := func(secret string) string {
			s, err := outbox.Sign([]string{secret}, "msg_1", "1795268341", []byte("{}"))
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		if !signed(by(secret), "{}") || !signed("v1,other "+by(secret), "{}") {
			t.Error("the endpoint's own signature is not known")
		}
		if signed(by(secret), "{ }") || signed("", "{}") || signed("v1,other", "{}") {
			t.Error("another body, or another signature, passes")
		}
		within(func(tx *db.Tx) (err error) {
			next, _, err = g.s.Rotate(tx, app, e.ID)
			return err
		})
		if !signed(by(secret), "{}") || !signed(by(next), "{}") {
			t.Error("after a rotation, one of the two signatures is not known")
		}
		if !g.s.Reaches("https://example.com/") || g.s.Reaches("http://10.0.0.1/") {
			t.Error("what may be called is told wrongly")
		}
	})
}
