package carehttp_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"demarc/internal/care"
	"demarc/internal/care/carehttp"
	"demarc/internal/care/caretest"
	"demarc/internal/contract"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
	"demarc/internal/identity/identitytest"
)

// With the real keeper of applications: who may ask is answered, and nobody else
// learns of anybody.
func TestCARE_AUTH_01_OnlyAnApprovedApplicationOfTheWorldFindsItsAccounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := caretest.New(t, d)
		s := identity.New(d, identity.Options{Log: slog.New(slog.DiscardHandler), Products: []string{"ondemand", care.Product}})
		kit := httpkit.New(httpkit.Options{DB: d, Log: slog.New(slog.DiscardHandler)})
		kit.AddFamily(carehttp.Family(s), carehttp.Routes(w.Desk, carehttp.Options{BaseURL: func(*http.Request) string { return base }})...)
		server := httptest.NewServer(kit)
		defer server.Close()
		e := &edge{w: w, url: server.URL, client: contract.Client(t, nil)}
		ask := func(what, id, key string, want int) {
			t.Helper()
			h := headers(care.RefAccount, care.ExampleAccount)
			h["client_id"], h["client_secret"] = []string{id}, []string{key}
			status, body, _ := e.call(t, http.MethodGet, "/bot-ux/v1/PR/balanceEnquiry", h, false)
			if status != want || strings.Contains(string(body), "DOE") != (want == 200) {
				t.Errorf("%s: %d %s, want %d", what, status, body, want)
			}
		}
		good := identitytest.App(t, s, w.ID, care.Product)
		key := good.Secrets[0].Clear
		ask("an approved application", good.ID, key, 200)
		other := identitytest.App(t, s, w.ID, "ondemand")
		ask("another product's", other.ID, other.Secrets[0].Clear, 403)
		elsewhere := identitytest.App(t, s, dbtest.World(t, d), care.Product)
		ask("another world's", elsewhere.ID, elsewhere.Secrets[0].Clear, 404)
		ask("another application's secret", good.ID, other.Secrets[0].Clear, 401)
		ask("half a secret", good.ID, key[:len(key)/2], 401)
		ask("an id that there is not", "app_nobody", key, 401)
		ask("no text", good.ID, "\xff", 401)
		world, org := identitytest.Production(t, d, s)
		pending, err := s.CreateApp(t.Context(), "test", identity.NewApp{World: world, Org: org.ID, Name: "Waiting", Products: []string{care.Product}})
		if err != nil {
			t.Fatal(err)
		}
		ask("one that waits for approval", pending.ID, pending.Secrets[0].Clear, 403)
		if _, err := s.RevokeApp(t.Context(), "test", good.ID, care.Product); err != nil {
			t.Fatal(err)
		}
		ask("one whose product was taken away", good.ID, key, 403)
		revoked := identitytest.App(t, s, w.ID, care.Product)
		ask("one that will be revoked", revoked.ID, revoked.Secrets[0].Clear, 200)
		if _, err := s.RevokeApp(t.Context(), "test", revoked.ID); err != nil {
			t.Fatal(err)
		}
		ask("a revoked one", revoked.ID, revoked.Secrets[0].Clear, 401)
	})
}
