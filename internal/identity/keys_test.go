package identity_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
)

func TestIDN_SEC_01_TwoSecretsWorkSideBySideAndAThirdIsRefused(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		app, first := n.create(t, dbtest.World(t, n.d))
		made, err := n.RotateSecret(t.Context(), "usr_1", app.ID, identity.Rotation{})
		if err != nil {
			t.Fatal(err)
		}
		if !n.proves(t, app.ID, first) || !n.proves(t, app.ID, made.Clear) {
			t.Fatal("during a rotation one of the two secrets does not work")
		}
		_, err = n.RotateSecret(t.Context(), "usr_1", app.ID, identity.Rotation{})
		refused(t, err, identity.SecretLimit)
		legal(t, err, "revoke "+app.Secrets[0].ID, "revoke "+made.ID)

		old := n.token(t, app.ID, first)
		if err := n.RevokeSecret(t.Context(), "usr_1", app.ID, app.Secrets[0].ID); err != nil {
			t.Fatal(err)
		}
		if n.proves(t, app.ID, first) || !n.proves(t, app.ID, made.Clear) {
			t.Fatal("the revoked secret works, or the other does not")
		}
		_, err = n.Authenticate(t.Context(), old)
		refused(t, err, identity.TokenRevoked)
		refused(t, n.RevokeSecret(t.Context(), "usr_1", app.ID, app.Secrets[0].ID), identity.SecretUnknown)
		if _, err := n.RotateSecret(t.Context(), "usr_1", app.ID, identity.Rotation{}); err != nil {
			t.Fatalf("after the revocation there is room again: %v", err)
		}
	})
}

func TestIDN_SEC_01_RotationsAtOnceMakeOneSecretTogether(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		app, _ := n.create(t, dbtest.World(t, n.d))
		var wg sync.WaitGroup
		errs := make(chan error, 8)
		for range 8 {
			wg.Go(func() {
				_, err := n.RotateSecret(t.Context(), "usr_1", app.ID, identity.Rotation{})
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		made := 0
		for err := range errs {
			if err == nil {
				made++
			} else if !errors.Is(err, identity.SecretLimit) {
				t.Error(err)
			}
		}
		if made != 1 {
			t.Fatalf("%d of eight rotations made a secret", made)
		}
	})
}

func TestARotationCanEndTheOldSecretOnTheWorldsClock(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w := dbtest.World(t, n.d)
		app, first := n.create(t, w)
		day := 24 * time.Hour
		made, err := n.RotateSecret(t.Context(), "usr_1", app.ID, identity.Rotation{ExpireOld: &day, TTL: 48 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		token := n.token(t, app.ID, first)
		advance(t, n.d, w, day-time.Minute)
		if !n.proves(t, app.ID, first) {
			t.Fatal("the old secret ended early")
		}
		_, err = n.Authenticate(t.Context(), token)
		refused(t, err, identity.TokenExpired)
		advance(t, n.d, w, time.Minute)
		if n.proves(t, app.ID, first) || !n.proves(t, app.ID, made.Clear) {
			t.Fatal("the old secret did not end, or the new one did")
		}
		if _, err := n.RotateSecret(t.Context(), "usr_1", app.ID, identity.Rotation{}); err != nil {
			t.Fatalf("an expired secret takes no room: %v", err)
		}
		advance(t, n.d, w, day)
		if n.proves(t, app.ID, made.Clear) {
			t.Fatal("a secret outlived its expiry")
		}
	})
}

func TestIDN_SEC_02_ASecretsLifeIsBounded(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		app, _ := n.create(t, dbtest.World(t, n.d))
		long := 20 * 365 * 24 * time.Hour
		_, err := n.RotateSecret(t.Context(), "usr_1", app.ID, identity.Rotation{TTL: -time.Second, ExpireOld: &long})
		refused(t, err, httpkit.Invalid)
	})
}

// Two handles on one database are two nodes.
func TestWhatOneNodeRevokesAnotherNodeRefusesWithinSeconds(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		da, db := dbtest.Open(t, url), dbtest.Open(t, url)
		a := node{identity.New(da, identity.Options{}), da}
		b := node{identity.New(db, identity.Options{}), db}
		app, secret := a.create(t, dbtest.World(t, da))
		made, err := a.RotateSecret(t.Context(), "usr_1", app.ID, identity.Rotation{})
		if err != nil {
			t.Fatal(err)
		}
		old, single, whole := a.token(t, app.ID, secret), a.token(t, app.ID, made.Clear), a.token(t, app.ID, made.Clear)
		works := func(token string) bool {
			_, err := b.Authenticate(t.Context(), token)
			return err == nil
		}
		if !works(old) || !works(single) || !works(whole) || !b.proves(t, app.ID, secret) {
			t.Fatal("node b does not know what node a issued")
		}
		const limit = 3 * time.Second // two, and what the machine may stumble

		if err := a.RevokeSecret(t.Context(), "usr_1", app.ID, app.Secrets[0].ID); err != nil {
			t.Fatal(err)
		}
		within(t, limit, "a revoked secret works on another node", func() bool { return !b.proves(t, app.ID, secret) && !works(old) })

		c, err := a.VerifyClient(t.Context(), app.ID, made.Clear)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Revoke(t.Context(), c, single); err != nil {
			t.Fatal(err)
		}
		within(t, limit, "a revoked token works on another node", func() bool { return !works(single) })
		if !works(whole) {
			t.Fatal("another token went with it")
		}
		if _, err := a.RevokeApp(t.Context(), "usr_1", app.ID); err != nil {
			t.Fatal(err)
		}
		within(t, limit, "a revoked application works on another node", func() bool { return !works(whole) })
	})
}

func TestNoSecretIsStoredInClear(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		app, secret := n.create(t, dbtest.World(t, n.d))
		made, err := n.RotateSecret(t.Context(), "usr_1", app.ID, identity.Rotation{})
		if err != nil {
			t.Fatal(err)
		}
		token := n.token(t, app.ID, secret)
		password, _, err := n.EnsureAdmin(t.Context(), "admin@example.com")
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		all := dump(t, n.d)
		if !strings.Contains(all, app.ID) || !strings.Contains(all, made.ID) || !strings.Contains(all, "admin@example.com") {
			t.Fatal("the dump does not hold what it must: it proves nothing")
		}
		for what, plain := range map[string]string{"first secret": secret, "second secret": made.Clear, "token": token, "password": password,
			"the secret's random part": strings.TrimPrefix(secret, "sk_sandbox_"), "the token's random part": token[len(token)-43:]} {
			for _, form := range []string{plain, hex.EncodeToString([]byte(plain))} {
				if strings.Contains(strings.ToLower(all), strings.ToLower(form)) {
					t.Errorf("the %s is stored in clear", what)
				}
			}
		}
	})
}

// dump is every column of every row of every table, as text.
func dump(t *testing.T, d *db.DB) string {
	t.Helper()
	tables, columns := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`,
		`SELECT name FROM pragma_table_info($1)`
	text := "quote(%)"
	if d.Dialect() == db.Postgres {
		tables = `SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = 'public'`
		columns = `SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1`
		text = "CAST(% AS TEXT)"
	}
	var all strings.Builder
	err := d.SystemView(t.Context(), func(tx *db.Tx) error {
		names, err := texts(tx, tables)
		for _, table := range names {
			cols, colErr := texts(tx, columns, table)
			err = errors.Join(err, colErr)
			for _, col := range cols {
				values, valErr := texts(tx, `SELECT COALESCE(`+strings.ReplaceAll(text, "%", `"`+col+`"`)+`, '') FROM "`+table+`"`)
				err = errors.Join(err, valErr)
				all.WriteString(table + "." + col + "\n" + strings.Join(values, "\n") + "\n")
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func texts(tx *db.Tx, sql string, args ...any) (list []string, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var s string
		err := scan(&s)
		list = append(list, s)
		return err
	}, sql, args...)
	return list, err
}
