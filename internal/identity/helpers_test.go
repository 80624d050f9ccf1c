package identity_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/identity"
)

// node is one of the program's nodes: a database handle and its service.
type node struct {
	*identity.Service
	d *db.DB
}

// here is where people are in tests that do not care.
const here = "192.0.2.1"

func each(t *testing.T, test func(t *testing.T, n node)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := node{identity.New(d, identity.Options{}), d}
		test(t, n)
		audited(t, d)
	})
}

// audited ends a test: every invariant of every world holds.
func audited(t *testing.T, d *db.DB) {
	t.Helper()
	var worlds []string
	err := d.SystemView(context.Background(), func(tx *db.Tx) error {
		problems, err := identity.CheckSystem(tx)
		for _, p := range problems {
			t.Error(p)
		}
		if err != nil {
			return err
		}
		return tx.Each(func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			worlds = append(worlds, id)
			return err
		}, `SELECT id FROM world`)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range worlds {
		if found := check(t, d, w); len(found) > 0 {
			t.Errorf("world %s: %v", w, found)
		}
	}
}

func check(t *testing.T, d *db.DB, world string) (found []string) {
	t.Helper()
	err := d.View(context.Background(), world, func(tx *db.Tx) (err error) {
		found, err = identity.Check(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// create makes a sandbox application with the product ondemand.
func (n node) create(t *testing.T, world string) (app identity.App, secret string) {
	t.Helper()
	app, err := n.CreateApp(t.Context(), "usr_1", identity.NewApp{World: world, Name: "Planner", Products: []string{"ondemand"}})
	if err != nil {
		t.Fatal(err)
	}
	return app, app.Secrets[0].Clear
}

func (n node) token(t *testing.T, app, secret string) string {
	t.Helper()
	c, err := n.VerifyClient(t.Context(), app, secret)
	if err != nil {
		t.Fatal(err)
	}
	token, err := n.Issue(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return token.Clear
}

func (n node) proves(t *testing.T, app, secret string) bool {
	t.Helper()
	_, err := n.VerifyClient(t.Context(), app, secret)
	if err != nil && !errors.Is(err, identity.OAuthInvalidClient) {
		t.Fatal(err)
	}
	return err == nil
}

// refused wants a fault of this code.
func refused(t *testing.T, err error, code *fault.Code) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Fatalf("err = %v, want %s", err, code.ID)
	}
}

// legal wants a fault that lists these moves.
func legal(t *testing.T, err error, moves ...string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || !slices.Equal(f.Next, moves) {
		t.Fatalf("err = %#v, want the moves %v", err, moves)
	}
}

// within polls until ok, which must come to pass in the given while.
func within(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for spent := clock.Elapsed(); !ok(); {
		if spent() > limit {
			t.Fatalf("after %v, %s", limit, what)
		}
		if err := clock.Sleep(t.Context(), 20*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

// advance moves a world's clock.
func advance(t *testing.T, d *db.DB, world string, by time.Duration) {
	t.Helper()
	err := d.Within(t.Context(), world, func(tx *db.Tx) error {
		s, err := tx.Clock().To(tx.Machine(), tx.Now().Add(by))
		if err != nil {
			return err
		}
		tx.After(func() { d.KnowClock(world) })
		return tx.SetClock(s, 0)
	}, db.Exclusive())
	if err != nil {
		t.Fatal(err)
	}
}

// system runs one statement across worlds.
func system(t *testing.T, d *db.DB, sql string, args ...any) {
	t.Helper()
	if err := d.System(t.Context(), func(tx *db.Tx) error { tx.Do(sql, args...); return nil }); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, d *db.DB, sql string, args ...any) (n int64) {
	t.Helper()
	err := d.SystemView(t.Context(), func(tx *db.Tx) error { return tx.Row(sql, args...).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// good is a password that breaks no rule.
const good = "seven Quiet otters swim"

// joins signs somebody up with an organisation of their own.
func (n node) joins(t *testing.T, email, role string) (org string) {
	t.Helper()
	org, made, err := n.SignUp(t.Context(), identity.NewPerson{Email: email, Password: good, Role: role, OrgName: "Acme Networks", From: here})
	if err != nil || !made {
		t.Fatal(made, err)
	}
	return org
}

// comes signs somebody in.
func (n node) comes(t *testing.T, email, password string) (token string, sess identity.Session) {
	t.Helper()
	u, err := n.SignIn(t.Context(), email, password, here)
	if err != nil {
		t.Fatal(err)
	}
	token, sess, err = n.Begin(t.Context(), u, "")
	if err != nil {
		t.Fatal(err)
	}
	return token, sess
}

// out wants the session to be over.
func (n node) out(t *testing.T, token string) {
	t.Helper()
	_, err := n.Session(t.Context(), token)
	refused(t, err, identity.SessionEnded)
}

// in wants the session to be alive.
func (n node) in(t *testing.T, token string) identity.Session {
	t.Helper()
	sess, err := n.Session(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return sess
}

// breaks wants a fault of this code about this field, by this rule.
func breaks(t *testing.T, err error, code *fault.Code, rule, field string) {
	t.Helper()
	refused(t, err, code)
	for _, v := range fault.Of(err).Violations {
		if v.Rule == rule && v.Field == field {
			return
		}
	}
	t.Fatalf("err = %v with %+v, want %s about %s", err, fault.Of(err).Violations, rule, field)
}

// told is what a person's trail says, oldest first: the events and their actors.
func (n node) told(t *testing.T, email string) (events []string) {
	t.Helper()
	err := n.d.SystemView(t.Context(), func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var event, actor string
			err := scan(&event, &actor)
			events = append(events, event+" by "+actor)
			return err
		}, `SELECT event, actor FROM audit WHERE world = 'production' AND subject = $1 ORDER BY id`, "person/"+email)
	})
	if err != nil {
		t.Fatal(err)
	}
	return events
}
