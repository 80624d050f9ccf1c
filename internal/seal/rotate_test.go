package seal_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/seal"
)

// A key is changed under what it has sealed: added, put first, sealed again with, and
// the old one forgotten; at no step is anything lost.
func TestAKeyIsChangedStepByStep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := dbtest.World(t, d)
		line := func(id string) string {
			return id + " " + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(id[:1], 32))) + "\n"
		}
		ring := func(text string) *seal.Ring {
			t.Helper()
			r, err := seal.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		purpose := func(column string) func(string) string {
			return func(id string) string { return column + " of " + id }
		}
		columns := []seal.Column{
			{Table: "mk_provider", ID: "id", Name: "reseller", Purpose: purpose("reseller")},
			{Table: "endpoint", ID: "id", Name: "secret", Text: true, Purpose: purpose("secret")},
		}
		old := ring(line("old"))
		const rows = 1201 // more than two batches
		within(t, d, w, func(tx *db.Tx) {
			for i := range rows {
				id := fmt.Sprintf("P%05d", i)
				tx.Do(`INSERT INTO mk_provider (world, id, org, name, title, base_url, state, reseller, created_at) VALUES ($1, $2, '', $2, '', '', '', $3, 0)`,
					id, old.Seal(columns[0].Purpose(id), []byte("secret of "+id)))
			}
			tx.Do(`INSERT INTO endpoint (world, id, app, url, events, auth, description, state, secret, created_at) VALUES ($1, 'E1', '', '', '', '', '', '', $2, 0)`,
				base64.StdEncoding.EncodeToString(old.Seal(columns[1].Purpose("E1"), []byte("signing"))))
			tx.Do(`INSERT INTO endpoint (world, id, app, url, events, auth, description, state, secret, created_at) VALUES ($1, 'E2', '', '', '', '', '', '', 'whsec_plain', 0)`)
		})
		if err := old.Known(ctx, d); err != nil {
			t.Fatal(err)
		}
		both := ring(line("new") + line("old"))
		if err := both.Known(ctx, d); err != nil {
			t.Fatal(err)
		}
		if err := both.Forget(ctx, d, columns, "old"); !errors.Is(err, seal.ErrInUse) {
			t.Fatalf("a key in use is forgotten: %v", err)
		}
		if err := both.Forget(ctx, d, columns, "new"); !errors.Is(err, seal.ErrFirst) {
			t.Fatalf("the key that seals is forgotten: %v", err)
		}
		if counts := count(ctx, t, d, columns); counts["old"] != rows+1 || counts["new"] != 0 {
			t.Fatalf("before: %v", counts)
		}
		n, err := both.Reseal(ctx, d, columns)
		if err != nil || n != rows+1 {
			t.Fatalf("sealed %d again: %v", n, err)
		}
		if again, err := both.Reseal(ctx, d, columns); err != nil || again != 0 {
			t.Fatalf("sealed %d a second time: %v", again, err)
		}
		if counts := count(ctx, t, d, columns); counts["new"] != rows+1 || counts["old"] != 0 {
			t.Fatalf("after: %v", counts)
		}
		if err := both.Forget(ctx, d, columns, "old"); err != nil {
			t.Fatal(err)
		}
		fresh := ring(line("new"))
		if err := fresh.Known(ctx, d); err != nil {
			t.Fatalf("without the old key: %v", err)
		}
		var sealed []byte
		var text, plain string
		within(t, d, w, func(tx *db.Tx) {
			tx.AskOne(nil, []any{&sealed}, `SELECT reseller FROM mk_provider WHERE world = $1 AND id = 'P01200'`)
			tx.AskOne(nil, []any{&text}, `SELECT secret FROM endpoint WHERE world = $1 AND id = 'E1'`)
			tx.AskOne(nil, []any{&plain}, `SELECT secret FROM endpoint WHERE world = $1 AND id = 'E2'`)
		})
		if got, err := fresh.Open(columns[0].Purpose("P01200"), sealed); err != nil || string(got) != "secret of P01200" {
			t.Errorf("opens to %q: %v", got, err)
		}
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := fresh.Open(columns[1].Purpose("E1"), raw); err != nil || string(got) != "signing" {
			t.Errorf("opens to %q: %v", got, err)
		}
		if plain != "whsec_plain" {
			t.Errorf("what was never sealed became %q", plain)
		}
	})
}

func count(ctx context.Context, t *testing.T, d *db.DB, columns []seal.Column) map[string]int64 {
	t.Helper()
	counts, err := seal.Count(ctx, d, columns)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func within(t *testing.T, d *db.DB, world string, fn func(tx *db.Tx)) {
	t.Helper()
	if err := d.Within(t.Context(), world, func(tx *db.Tx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}
