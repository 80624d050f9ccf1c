package identity_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/identity"
)

func TestIDN_TOK_02_ATokenLives1799SecondsOfItsWorld(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w := dbtest.World(t, n.d)
		app, secret := n.create(t, w)
		c, err := n.VerifyClient(t.Context(), app.ID, secret)
		if err != nil {
			t.Fatal(err)
		}
		token, err := n.Issue(t.Context(), c)
		if err != nil || token.TTL != 1799*time.Second {
			t.Fatalf("ttl = %v, %v", token.TTL, err)
		}
		advance(t, n.d, w, 1790*time.Second)
		if _, err := n.Authenticate(t.Context(), token.Clear); err != nil {
			t.Fatalf("it ended early: %v", err)
		}
		advance(t, n.d, w, 9*time.Second)
		_, err = n.Authenticate(t.Context(), token.Clear)
		refused(t, err, identity.TokenExpired)
		is, err := n.Introspect(t.Context(), mustVerify(t, n, app.ID, secret), token.Clear)
		if err != nil || is.Active {
			t.Fatalf("an expired token is active: %+v, %v", is, err)
		}
	})
}

func mustVerify(t *testing.T, n node, app, secret string) identity.Client {
	t.Helper()
	c, err := n.VerifyClient(t.Context(), app, secret)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatIsNoTokenOfOursIsRefused(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		app, secret := n.create(t, dbtest.World(t, n.d))
		token := n.token(t, app.ID, secret)
		last := "A"
		if strings.HasSuffix(token[:30], last) {
			last = "B"
		}
		for _, bad := range []string{"", "x", token + "x", token[:len(token)-1], token[:29] + last + token[30:], secret, strings.ToUpper(token)} {
			_, err := n.Authenticate(t.Context(), bad)
			refused(t, err, identity.TokenInvalid)
		}
	})
}

func TestOnlyTheApplicationsOwnSecretProvesIt(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w := dbtest.World(t, n.d)
		a, secretA := n.create(t, w)
		b, secretB := n.create(t, w)
		for _, pair := range [][2]string{{a.ID, secretB}, {b.ID, secretA}, {"app_nobody", secretA}, {a.ID, secretA + "x"}, {a.ID, ""}, {"", secretA},
			{a.ID + "\x00", secretA}, {"app_\xff\xfe", secretA}, {strings.Repeat("a", 1000), secretA}, {a.ID, strings.Repeat("s", 100_000)}, {a.ID, a.Secrets[0].ID}} {
			if n.proves(t, pair[0], pair[1]) {
				t.Errorf("%.40q with %.40q is proof", pair[0], pair[1])
			}
		}
		if !n.proves(t, a.ID, secretA) || !n.proves(t, b.ID, secretB) {
			t.Fatal("the right pairs are not")
		}
	})
}

func TestAnApplicationEndsItsOwnTokensAndNoOthers(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w := dbtest.World(t, n.d)
		a, secretA := n.create(t, w)
		b, secretB := n.create(t, w)
		token := n.token(t, a.ID, secretA)
		err := n.Revoke(t.Context(), mustVerify(t, n, b.ID, secretB), token)
		refused(t, err, identity.OAuthUnauthorizedClient)
		if _, err := n.Authenticate(t.Context(), token); err != nil {
			t.Fatalf("another application ended it: %v", err)
		}
		c := mustVerify(t, n, a.ID, secretA)
		if err := errors.Join(n.Revoke(t.Context(), c, token), n.Revoke(t.Context(), c, token), n.Revoke(t.Context(), c, "unknown")); err != nil {
			t.Fatal(err)
		}
		_, err = n.Authenticate(t.Context(), token)
		refused(t, err, identity.TokenInvalid)
	})
}

func TestIntrospectionTellsAnOrganisationAboutItsOwnTokensOnly(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w := dbtest.World(t, n.d)
		a, secretA := n.create(t, w)
		sister, sisterSecret := n.create(t, w)
		system(t, n.d, `INSERT INTO world (id, kind, name, org, seed, created_at) VALUES ('w_foreign', 'sandbox', 'x', 'org_other', 1, 0)`)
		stranger, strangerSecret := n.create(t, "w_foreign")
		token := n.token(t, a.ID, secretA)
		is, err := n.Introspect(t.Context(), mustVerify(t, n, sister.ID, sisterSecret), token)
		if err != nil || !is.Active || is.App != a.ID || is.Expires.Sub(is.IssuedAt) != 1799*time.Second {
			t.Fatalf("%+v, %v", is, err)
		}
		is, err = n.Introspect(t.Context(), mustVerify(t, n, stranger.ID, strangerSecret), token)
		if err != nil || is != (identity.Introspection{}) {
			t.Fatalf("a stranger learned %+v, %v", is, err)
		}
	})
}

// Every token is on disk when its caller has it: a second process reads them all.
func TestTokensIssuedAtOnceAreAllDurableWhenAnswered(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url)
		n := node{identity.New(d, identity.Options{}), d}
		app, secret := n.create(t, dbtest.World(t, d))
		other := dbtest.Open(t, url)
		reader := node{identity.New(other, identity.Options{}), other}
		before := d.Stats()
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				for range 8 {
					c, err := n.VerifyClient(t.Context(), app.ID, secret)
					if err != nil {
						t.Error(err)
						return
					}
					token, err := n.Issue(t.Context(), c)
					if err != nil {
						t.Error(err)
						return
					}
					if _, err := reader.Authenticate(t.Context(), token.Clear); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if rows := count(t, d, `SELECT count(*) FROM token`); rows != 512 {
			t.Fatalf("%d tokens of 512 are stored", rows)
		}
		if commits := d.Stats().Commits - before.Commits; commits > 256 {
			t.Fatalf("%d commits for 512 tokens: they did not travel together", commits)
		}
	})
}

func TestTheUseOfASecretIsWrittenDownLaterAndNotWithEachUse(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		w := dbtest.World(t, n.d)
		app, secret := n.create(t, w)
		used := func() time.Time {
			apps, err := n.ListApps(t.Context(), identity.Filter{World: w})
			if err != nil {
				t.Fatal(err)
			}
			return apps[0].Secrets[0].LastUsedAt
		}
		before := n.d.Stats().Units
		for range 100 {
			n.proves(t, app.ID, secret)
		}
		if units := n.d.Stats().Units - before; units != 0 || !used().IsZero() {
			t.Fatalf("%d writes for 100 uses", units)
		}
		if err := n.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if age := clock.Machine().Sub(used()); age < 0 || age > time.Minute {
			t.Fatalf("last used at %v", used())
		}
		if units := n.d.Stats().Units - before; units != 1 {
			t.Fatalf("%d units of work", units)
		}
	})
}

func TestTheUseOfASecretIsWrittenDownWhenTheServiceEnds(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		app, secret := n.create(t, dbtest.World(t, n.d))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); n.Run(ctx) }()
		n.proves(t, app.ID, secret)
		stop()
		<-done
		if c := count(t, n.d, `SELECT count(*) FROM app_secret WHERE last_used_at > 0`); c != 1 {
			t.Fatal("the last use is lost")
		}
	})
}

func TestOldAndLostTokensAreRemovedInBatchesAndOthersStay(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		app, secret := n.create(t, dbtest.World(t, n.d))
		token := n.token(t, app.ID, secret)
		old := clock.Micros(clock.Machine().Add(-8*24*time.Hour)) << 10
		for batch := range 3 {
			var values []string
			for i := range 400 {
				values = append(values, fmt.Sprintf("(%d, $1, '%s', 's', 0, 0)", old+int64(batch*400+i), app.ID))
			}
			system(t, n.d, `INSERT INTO token (id, hash, app, secret, issued_at, expires_at) VALUES `+strings.Join(values, ","), []byte{1})
		}
		young := clock.Micros(clock.Machine()) << 10
		for i := range 3 {
			system(t, n.d, `INSERT INTO token (id, hash, app, secret, issued_at, expires_at) VALUES ($1, $2, $3, 's', 0, 0)`,
				young+int64(i), []byte{2}, []string{"app_", "app_gone", "zzz"}[i])
		}
		removed, err := n.Purge(t.Context())
		if err != nil || removed != 1203 {
			t.Fatalf("removed %d, %v; want 1,200 old and 3 lost ones", removed, err)
		}
		if _, err := n.Authenticate(t.Context(), token); err != nil {
			t.Fatalf("a live one went along: %v", err)
		}
	})
}

func TestCheckFindsWhatMustNotBe(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := node{identity.New(d, identity.Options{}), d}
		w := dbtest.World(t, d)
		app, _ := n.create(t, w)
		if found := check(t, d, w); len(found) != 0 {
			t.Fatalf("a sound world: %v", found)
		}
		for i := range 2 {
			system(t, d, `INSERT INTO app_secret (app, id, hash, created_at) VALUES ($1, $2, $3, 0)`, app.ID, fmt.Sprint("sec_", i), []byte{1})
		}
		system(t, d, `INSERT INTO app_customer (app, customer) VALUES ($1, '1-GONE')`, app.ID)
		system(t, d, `INSERT INTO customer (world, number, customer, name, state) VALUES ($1, '1-A', '1-B', 'A', 'active')`, w)
		if found := check(t, d, w); len(found) != 3 {
			t.Errorf("found %q, want three problems", found)
		}
		system(t, d, `INSERT INTO app (id, org, world, name, state, products, created_at) VALUES ('app_lost', 'o', 'w_gone', 'x', 'approved', '', 0)`)
		system(t, d, `INSERT INTO app_secret (app, id, hash, created_at) VALUES ('app_gone', 'sec_1', $1, 0)`, []byte{1})
		system(t, d, `INSERT INTO app_customer (app, customer) VALUES ('app_gone', '*')`)
		system(t, d, `INSERT INTO token (id, hash, app, secret, issued_at, expires_at) VALUES (1, $1, 'app_gone', 's', 0, 0)`, []byte{1})
		system(t, d, `INSERT INTO organisation (id, name, created_at) VALUES ('org_a', 'A', 0), ('org_carrier', 'Carrier', 0)`)
		system(t, d, `INSERT INTO account_user (email, org, role, password, created_at) VALUES ('a@example.com', 'org_gone', 'buyer', '', 0),
			('b@example.com', 'org_a', 'staff', '', 0), ('c@example.com', 'org_carrier', 'buyer', '', 0), ('d@example.com', 'org_carrier', 'staff', '', 0)`)
		system(t, d, `INSERT INTO customer_claim (id, app, customer, state, asked_by, created_at) VALUES ('clm_1', 'app_gone', '1-A', 'pending', 'a', 0)`)
		err := d.SystemView(t.Context(), func(tx *db.Tx) error {
			found, err := identity.CheckSystem(tx)
			if len(found) != 8 {
				t.Errorf("found %q, want eight problems", found)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
