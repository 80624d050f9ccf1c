package marketplace_test

import (
	"context"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/marketplace"
)

// patience is what a provider's call may take, as its server sees it.
type patience struct{ given []time.Duration }

func (p *patience) Provision(ctx context.Context, _ marketplace.Order) (marketplace.Reply, error) {
	end, bounded := ctx.Deadline()
	if !bounded {
		p.given = append(p.given, 0)
		return marketplace.Reply{Status: 500}, nil
	}
	p.given = append(p.given, end.Sub(clock.Machine()))
	return marketplace.Reply{Status: 500}, nil
}

func TestWhileTheClockIsMovedAProviderHasThreeSeconds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := &patience{}
		w, _, _ := bought(t, d, server)
		w.Advance(time.Minute)
		if len(server.given) < 3 {
			t.Fatalf("asked %d times", len(server.given))
		}
		for _, given := range server.given {
			if given <= 0 || given > 3*time.Second {
				t.Errorf("it was given %v", given)
			}
		}
		w.CheckAll()
	})
}

func TestASubscriptionSaysWhenItsProviderIsAskedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, _, s := bought(t, d, serving(says(500, ``), opens))
		if !s.NextAt.Equal(s.CreatedAt) {
			t.Errorf("it begins with %v, made at %v", s.NextAt, s.CreatedAt)
		}
		next := func() (at time.Time) {
			w.View(func(tx *db.Tx) error {
				one, _, err := w.Desk.Subscription(tx, w.Buyer(), s.ID)
				w.Must("read", err)
				list, _, err := w.Desk.Subscriptions(tx, w.Buyer(), marketplace.SubFilter{}, marketplace.Paging{Limit: 10})
				at = one.NextAt
				for _, other := range list {
					if want := map[bool]time.Time{true: at}[other.ID == s.ID]; !other.NextAt.Equal(want) {
						t.Errorf("%s in the list: %v, want %v", other.ID, other.NextAt, want)
					}
				}
				return err
			})
			return at
		}
		w.Advance(time.Second)
		if got := next(); !got.Equal(s.CreatedAt.Add(5 * time.Second)) {
			t.Errorf("after a failure it is asked at %v, made at %v", got, s.CreatedAt)
		}
		w.Advance(time.Minute)
		if got := next(); !got.IsZero() {
			t.Errorf("when it is open it is asked at %v", got)
		}
		w.CheckAll()
	})
}

func TestTheProviderThatDemarcPlaysCanBePutBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, p, _ := bought(t, d, serving(opens))
		change := func(m marketplace.Manager, id, url string) (got marketplace.Provider, err error) {
			err = w.DB.Within(t.Context(), w.ID, func(tx *db.Tx) error {
				got, err = w.Desk.ChangeProvider(tx, m, id, marketplace.ProviderChange{BaseURL: &url})
				return err
			})
			return got, err
		}
		for _, url := range []string{"https://saas.example.com", marketplace.EmbeddedURL, marketplace.EmbeddedURL} {
			if got, err := change(w.Manager(), marketplace.ExampleProvider, url); err != nil || got.BaseURL != url {
				t.Errorf("%s: %+v, %v", url, got, err)
			}
		}
		_, err := change(w.Manager(), p.ID, marketplace.EmbeddedURL)
		w.Refused(err, fault.Invalid) // it is somebody's
		earnest := w.Manager()
		earnest.Sandbox = false
		if _, err := change(w.Manager(), marketplace.ExampleProvider, "https://saas.example.com"); err != nil {
			t.Error(err)
		}
		_, err = change(earnest, marketplace.ExampleProvider, marketplace.EmbeddedURL)
		w.Refused(err, fault.Invalid)
		w.CheckAll()
	})
}
