package main

import (
	"strings"
	"testing"

	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/preorder/preordersql"
	"demarc/internal/sandbox"
)

func TestPartnersAreMadeAndBoundFromTheShell(t *testing.T) {
	eachOperator(t, func(t *testing.T, d *db.DB, url string) {
		app, err := identity.New(d, identity.Options{}).CreateApp(t.Context(), "test", identity.NewApp{NewOrg: "Sellers", World: sandbox.Production, Name: "Shop", Products: []string{"preorder"}})
		if err != nil {
			t.Fatal(err)
		}
		runs := func(want string, args ...string) {
			t.Helper()
			out, err := run(t, url, args...)
			if err != nil {
				out = err.Error()
			}
			if !strings.Contains(out, want) {
				t.Errorf("%s: %q, want %q", strings.Join(args, " "), out, want)
			}
		}
		runs("P1 sells under SC1, SC2.", "partner", "put", "P1", "SC1", "SC2", "--name", "First")
		runs("the sales code SC2 is P1's", "partner", "put", "P2", "SC2", "--name", "Second")
		runs("there is no partner P2", "partner", "bind", app.ID, "P2")
		runs("there is no application app_none", "partner", "bind", "app_none", "P1")
		runs(app.ID+" sells for P1.", "partner", "bind", app.ID, "P1")
		store := preordersql.New(d)
		if partner, err := store.PartnerOf(t.Context(), sandbox.Production, app.ID, false); err != nil || partner != "P1" {
			t.Errorf("it sells for %q: %v", partner, err)
		}
		if partner, err := store.PartnerOf(t.Context(), sandbox.Production, "app_other", false); err != nil || partner != "" {
			t.Errorf("another one sells for %q: %v", partner, err)
		}
	})
}
