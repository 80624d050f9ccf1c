// Package identitytest gives other packages' tests an application that can call:
// approved, with its secret, and a token when they ask for one.
package identitytest

import (
	"context"
	"testing"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/identity"
)

// App makes an approved application of a sandbox world that may act for all of its
// customers. Its first secret's clear text is in it.
func App(t testing.TB, s *identity.Service, world string, products ...string) identity.App {
	t.Helper()
	app, err := s.CreateApp(context.Background(), "test", identity.NewApp{World: world, Name: "Test", Products: products,
		Customers: []string{identity.All}})
	if err != nil {
		t.Fatalf("create an application: %v", err)
	}
	return app
}

// Token gets the application a token with its first secret.
func Token(t testing.TB, s *identity.Service, app identity.App) string {
	t.Helper()
	c, err := s.VerifyClient(context.Background(), app.ID, app.Secrets[0].Clear)
	if err != nil {
		t.Fatalf("prove the application: %v", err)
	}
	token, err := s.Issue(context.Background(), c)
	if err != nil {
		t.Fatalf("issue a token: %v", err)
	}
	return token.Clear
}

// Production makes the production world, and an organisation in it.
func Production(t testing.TB, d *db.DB, s *identity.Service) (world string, org identity.Organisation) {
	t.Helper()
	world = "production"
	err := d.System(context.Background(), func(tx *db.Tx) error {
		tx.Do(`INSERT INTO world (id, kind, name, org, seed, created_at) VALUES ($1, 'production', 'production', '', 1, $2) ON CONFLICT DO NOTHING`,
			world, clock.Micros(clock.Machine()))
		return nil
	})
	if err == nil {
		org, err = s.CreateOrg(context.Background(), "Acme Networks")
	}
	if err != nil {
		t.Fatalf("make the production world: %v", err)
	}
	return world, org
}
