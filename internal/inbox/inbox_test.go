package inbox

import (
	"errors"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

// rig is a sandbox with an application.
type rig struct {
	t     *testing.T
	d     *db.DB
	s     *Service
	world string
	app   string
}

func each(t *testing.T, test func(g *rig)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := &rig{t: t, d: d, s: New(d), world: dbtest.World(t, d), app: "app_inbox"}
		g.within(func(tx *db.Tx) error {
			tx.Do(`INSERT INTO app (id, org, world, name, state, products, created_at) VALUES ($2, 'org', $1, 'Test', 'approved', '', 0)`, g.app)
			return nil
		})
		test(g)
	})
}

func (g *rig) within(fn func(tx *db.Tx) error) {
	g.t.Helper()
	if err := g.d.Within(g.t.Context(), g.world, fn); err != nil {
		g.t.Fatal(err)
	}
}

func (g *rig) open() (b Box) {
	g.t.Helper()
	g.within(func(tx *db.Tx) (err error) {
		b, err = g.s.Open(tx, g.app)
		return err
	})
	return b
}

func (g *rig) receive(token, body string) int {
	g.t.Helper()
	status, err := g.s.Receive(g.t.Context(), token, "POST", map[string][]string{"Webhook-Id": {"msg_1"}, "authorization": {"Basic c2VjcmV0"}, "Cookie": {"a=b"}}, []byte(body))
	if err != nil {
		g.t.Fatal(err)
	}
	return status
}

func (g *rig) came() (list []Request) {
	g.t.Helper()
	g.within(func(tx *db.Tx) (err error) {
		list, err = g.s.Requests(tx, g.app)
		return err
	})
	return list
}

func TestWhatComesIsKeptWithoutCredentials(t *testing.T) {
	each(t, func(g *rig) {
		b := g.open()
		if again := g.open(); again.Token != b.Token || len(b.Token) != 32 {
			g.t.Errorf("the address is %q, and then %q", b.Token, again.Token)
		}
		if status := g.receive(b.Token, "\xff\x00 not text"); status != accepted {
			g.t.Errorf("it is answered %d", status)
		}
		list := g.came()
		if len(list) != 1 || list[0].Size != 11 || list[0].Body != nil {
			g.t.Fatalf("what came is %+v", list)
		}
		want := map[string][]string{"Webhook-Id": {"msg_1"}, "Authorization": {"Basic (not kept)"}, "Cookie": {"(not kept)"}}
		if diff := cmp.Diff(want, list[0].Header); diff != "" {
			g.t.Error(diff)
		}
		g.within(func(tx *db.Tx) error {
			one, err := g.s.Request(tx, g.app, list[0].ID)
			if err == nil && string(one.Body) != "\xff\x00 not text" {
				g.t.Errorf("the body is %q", one.Body)
			}
			other, otherErr := g.s.Request(tx, "app_other", list[0].ID)
			if other != nil {
				g.t.Error("another application sees it")
			}
			return errors.Join(err, otherErr)
		})
		g.within(func(tx *db.Tx) error { g.s.Empty(tx, g.app); return nil })
		if list := g.came(); len(list) != 0 {
			g.t.Errorf("after emptying it there are %d", len(list))
		}
	})
}

func TestTheNextAreRefusedOnDemand(t *testing.T) {
	each(t, func(g *rig) {
		b := g.open()
		g.within(func(tx *db.Tx) error { g.s.FailNext(tx, g.app, 2, 503); return nil })
		var got []int
		for range 3 {
			got = append(got, g.receive(b.Token, ""))
		}
		if diff := cmp.Diff([]int{503, 503, accepted}, got); diff != "" {
			g.t.Error(diff)
		}
	})
}

func TestOnlyTheLastAreKept(t *testing.T) {
	each(t, func(g *rig) {
		b := g.open()
		for range KeptMost + 3 {
			g.receive(b.Token, "x")
		}
		list := g.came()
		if len(list) != KeptMost || list[0].ID <= list[1].ID {
			g.t.Errorf("%d are kept, the newest first: %d, %d", len(list), list[0].ID, list[1].ID)
		}
		var n int
		g.within(func(tx *db.Tx) error {
			return tx.Row(`SELECT count(*) FROM portal_inbox_request WHERE world = $1`).Scan(&n)
		})
		if n != KeptMost {
			g.t.Errorf("there are %d rows", n)
		}
	})
}

func TestWhatIsOldIsForgotten(t *testing.T) {
	each(t, func(g *rig) {
		b := g.open()
		g.receive(b.Token, "new")
		old := clock.Machine().Add(-KeptFor - time.Minute)
		g.within(func(tx *db.Tx) error {
			tx.Do(`INSERT INTO portal_inbox_request (world, app, id, at, method, status, header, size, body) VALUES ($1, $2, $3, $4, 'POST', 204, '{}', 0, $5)`,
				g.app, clock.Micros(old)<<10, clock.Micros(old), []byte{})
			return nil
		})
		if err := g.s.Sweep(g.t.Context()); err != nil {
			g.t.Fatal(err)
		}
		if list := g.came(); len(list) != 1 || list[0].Size != 3 {
			g.t.Errorf("what is left is %+v", list)
		}
	})
}

func TestProductionHasNoAddressAndUnknownOnesTakeNothing(t *testing.T) {
	each(t, func(g *rig) {
		if _, err := g.s.Receive(g.t.Context(), "nobody", "POST", nil, nil); !errors.Is(err, ErrUnknown) {
			g.t.Errorf("an unknown address answers %v", err)
		}
		err := g.d.System(g.t.Context(), func(tx *db.Tx) error {
			tx.Do(`INSERT INTO world (id, kind, name, org, seed, created_at) VALUES ($1, 'production', 'Production', '', 0, 0)`, "production")
			tx.Do(`INSERT INTO app (id, org, world, name, state, products, created_at) VALUES ($1, 'org', 'production', 'Real', 'approved', '', 0)`, "app_real")
			return nil
		})
		if err != nil {
			g.t.Fatal(err)
		}
		err = g.d.Within(g.t.Context(), "production", func(tx *db.Tx) error {
			_, err := g.s.Open(tx, "app_real")
			return err
		})
		if !errors.Is(err, errProduction) {
			g.t.Errorf("production's application is answered %v", err)
		}
	})
}

func TestTooManyAtOnceAreTurnedAway(t *testing.T) {
	each(t, func(g *rig) {
		b := g.open()
		g.receive(b.Token, "")
		for range burst + perSecond {
			if err := g.s.known(g.t.Context(), b.Token); err != nil {
				if !errors.Is(err, ErrOften) {
					g.t.Fatal(err)
				}
				return
			}
		}
		g.t.Error("nothing is turned away")
	})
}
