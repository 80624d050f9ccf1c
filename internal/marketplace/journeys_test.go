package marketplace_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/marketplace"
	"demarc/internal/marketplace/marketplacetest"
	"demarc/internal/setting"
)

// shelf is a server whose answers a test puts there, one after the other; the last
// stays.
type shelf struct {
	mu      sync.Mutex
	answers []func(marketplace.Order) (marketplace.Reply, error)
	asked   []marketplace.Order
}

func serving(answers ...func(marketplace.Order) (marketplace.Reply, error)) *shelf {
	return &shelf{answers: answers}
}

func (s *shelf) Provision(_ context.Context, o marketplace.Order) (marketplace.Reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, o)
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return answer(o)
}

func says(status int, body string) func(marketplace.Order) (marketplace.Reply, error) {
	return func(marketplace.Order) (marketplace.Reply, error) {
		return marketplace.Reply{Status: status, Body: []byte(body), Took: time.Millisecond}, nil
	}
}

func silent(marketplace.Order) (marketplace.Reply, error) {
	return marketplace.Reply{}, errors.New("no answer within 15s")
}

// opens gives each key an account of its own.
func opens(o marketplace.Order) (marketplace.Reply, error) {
	return marketplace.Reply{Status: 201, Body: []byte(`{"coid":"CO-` + o.Key + `"}`)}, nil
}

// bought onboards a provider with one product in a world and subscribes to it.
func bought(t *testing.T, d *db.DB, server marketplace.Server) (*marketplacetest.World, marketplace.Provider, marketplace.Subscription) {
	t.Helper()
	w := marketplacetest.New(t, d, server)
	p := w.Onboard("acme", "https://acme.example.com/api")
	return w, p, w.Subscribe(w.Offer(p.ID, "SKU-A").ID, "Ada Buyer")
}

func TestMKT_OUT_01_ACreatedAccountMakesTheSubscriptionActive(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := serving(says(201, `{"coid":"C-77","welcome":true}`))
		w, p, s := bought(t, d, server)
		if s.State != marketplace.SubProvisioning {
			t.Fatalf("it begins as %s", s.State)
		}
		w.Advance(time.Second)
		got := w.Sub(s.ID)
		if got.State != marketplace.SubActive || got.COID != "C-77" || got.Attempts != 1 || got.ActiveAt.IsZero() || got.Secrets != nil {
			t.Fatalf("%+v", got)
		}
		o := server.asked[0]
		if string(o.Body) != `{"resellerkey":"reseller-of-acme","name":"Ada Buyer","email":"buyer@example.com"}` {
			t.Errorf("the source's example form was sent as %s", o.Body)
		}
		if o.BaseURL != "https://acme.example.com/api" || o.Name != "acme" || o.Key != w.ID+"-"+s.ID || o.Test {
			t.Errorf("asked %+v", o)
		}
		if told := w.Told("subscription/" + s.ID); !slices.Equal(told, []string{marketplace.NoticeActive}) {
			t.Errorf("told %v", told)
		}
		w.View(func(tx *db.Tx) error {
			calls, err := w.Desk.Store.Calls(tx, marketplace.CallFilter{Provider: p.ID}, 0, 10)
			if len(calls) != 1 || calls[0].Status != 201 || strings.Contains(calls[0].Request, "Ada") || strings.Contains(calls[0].Request, "reseller-of") {
				t.Errorf("logged %+v", calls)
			}
			return err
		})
		w.CheckAll()
	})
}

// A provider that repeats what the buyer filled in is heard by the buyer, and not by
// who reads the call log.
func TestTheCallLogNamesNoBuyerEvenIfTheProviderDoes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, p, s := bought(t, d, serving(says(400, `{"message":"Ada Buyer (buyer@example.com) has an account."}`)))
		w.Advance(time.Second)
		if got := w.Sub(s.ID); got.Failure != "Ada Buyer (buyer@example.com) has an account." {
			t.Errorf("the buyer is told %q", got.Failure)
		}
		w.View(func(tx *db.Tx) error {
			calls, err := w.Desk.Store.Calls(tx, marketplace.CallFilter{Provider: p.ID}, 0, 10)
			if len(calls) != 1 || calls[0].Problem != "[redacted] ([redacted]) has an account." || strings.Contains(calls[0].Answer, "Ada") {
				t.Errorf("logged %+v", calls)
			}
			return err
		})
	})
}

func TestMKT_OUT_02_ARefusalIsShownToTheBuyerAndNotRetried(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := serving(says(400, `{"message":"We do not serve reseller-of-acme in your country."}`))
		w, _, s := bought(t, d, server)
		w.Advance(48 * time.Hour)
		got := w.Sub(s.ID)
		if got.State != marketplace.SubFailed || got.Failure != "We do not serve [redacted] in your country." || got.Attempts != 1 {
			t.Fatalf("%+v", got)
		}
		if told := w.Told("subscription/" + s.ID); !slices.Equal(told, []string{marketplace.NoticeFailed}) {
			t.Errorf("told %v", told)
		}
		w.CheckAll()
	})
}

func TestMKT_OUT_03_AFailureIsRetriedUnderTheSameKeyAndNeverOpensTwo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := serving(says(500, "oops"), silent, says(429, ""), opens)
		w, _, s := bought(t, d, server)
		w.Advance(time.Hour)
		got := w.Sub(s.ID)
		if got.State != marketplace.SubActive || got.Attempts != 4 || got.COID != "CO-"+w.ID+"-"+s.ID {
			t.Fatalf("%+v", got)
		}
		for _, o := range server.asked {
			if o.Key != server.asked[0].Key || string(o.Body) != string(server.asked[0].Body) {
				t.Errorf("another key or body: %+v", o)
			}
		}
		w.CheckAll()
	})
}

func TestMKT_OUT_04_A201WithoutACustomerIdNamesTheProvider(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, lie := range []func(marketplace.Order) (marketplace.Reply, error){says(201, `{}`), says(201, `ok`), says(201, `{"coid":""}`), says(200, `{"coid":"C-1"}`)} {
			w, _, s := bought(t, d, serving(lie))
			w.Advance(48 * time.Hour)
			if got := w.Sub(s.ID); got.State != marketplace.SubFailed || !strings.Contains(got.Failure, "Provider acme") || got.COID != "" || got.Attempts != 1 {
				t.Errorf("%+v", got)
			}
			w.CheckAll()
		}
		// The reseller key comes back as the customer's id: it is kept nowhere.
		w, p, s := bought(t, d, serving(says(201, `{"coid":"C-reseller-of-acme"}`)))
		w.Advance(time.Second)
		if got := w.Sub(s.ID); got.State != marketplace.SubFailed || got.COID != "" || got.Failure != "Provider acme answered 201 with a customer id that repeats what it was sent." {
			t.Errorf("%+v", got)
		}
		w.View(func(tx *db.Tx) error {
			calls, err := w.Desk.Store.Calls(tx, marketplace.CallFilter{Provider: p.ID}, 0, 10)
			if text := fmt.Sprint(calls); len(calls) != 1 || strings.Contains(text, "reseller-of-acme") {
				t.Errorf("logged %s", text)
			}
			return err
		})
		w.CheckAll()
	})
}

func TestMKT_OUT_05_AProviderThatStaysSilentIsGivenUpAfterADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		server := serving(silent)
		w := marketplacetest.New(t, d, server)
		s, err := w.TrySubscribe(w.Buyer(), marketplace.ExampleFullOffer, map[string]string{marketplace.FieldUsername: "ada", marketplace.FieldPassword: "open sesame",
			marketplace.FieldHolder: "Ada", marketplace.FieldEmail: "ada@example.com"})
		w.Must("subscribe", err)
		w.Advance(23*time.Hour + 59*time.Minute)
		if got := w.Sub(s.ID); got.State != marketplace.SubProvisioning || got.Secrets == nil {
			t.Fatalf("given up early: %+v", got)
		}
		w.Advance(2 * time.Minute)
		got := w.Sub(s.ID)
		if got.State != marketplace.SubFailed || !strings.Contains(got.Failure, "Given up after a day") || got.Secrets != nil {
			t.Fatalf("%+v", got)
		}
		if n := len(server.asked); n < 10 || n > 20 {
			t.Errorf("asked %d times in a day", n)
		}
		w.CheckAll()
	})
}

func TestMKT_OUT_06_ACustomerIdThatWasGivenBeforeIsARefusal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, p, first := bought(t, d, serving(says(201, `{"coid":"C-1"}`)))
		w.Advance(time.Second)
		second := w.Subscribe(w.Sub(first.ID).Offer, "Bob Buyer")
		w.Advance(time.Second)
		if got := w.Sub(second.ID); got.State != marketplace.SubFailed || !strings.Contains(got.Failure, "given before") {
			t.Fatalf("%+v", got)
		}
		if got := w.Sub(first.ID); got.State != marketplace.SubActive {
			t.Fatalf("the first one: %+v", got)
		}
		if a := w.Update(p.Keys[0].Clear, "C-1", "SKU-A", 1); a.Subscription.ID != first.ID {
			t.Errorf("usage went to %s", a.Subscription.ID)
		}
		w.CheckAll()
	})
}

// Two workers with the same attempt (a node that stalled past its lease, and another):
// the later answer changes nothing.
func TestAnAnswerThatComesTooLateChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		release, entered := make(chan struct{}), make(chan struct{})
		var once sync.Once
		server := serving(func(o marketplace.Order) (marketplace.Reply, error) {
			return marketplace.Reply{Status: 201, Body: []byte(`{"coid":"C-fast"}`)}, nil
		})
		slow := slowServer{inner: server, hold: func() { once.Do(func() { close(entered); <-release }) }, coid: "C-slow"}
		w, _, s := bought(t, d, &slow)
		done := make(chan error, 1)
		go func() {
			_, err := w.TryAdvance(context.WithoutCancel(t.Context()), time.Second)
			done <- err
		}()
		<-entered
		// While the first attempt hangs, the subscription is settled by another.
		w.Within(func(tx *db.Tx) error {
			v, err := w.Desk.Store.LockSubscription(tx, s.ID)
			if err != nil {
				return err
			}
			v.Attempts++
			w.Desk.Store.MoveSubscription(tx, v.State, *v)
			return nil
		})
		close(release)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if got := w.Sub(s.ID); got.COID == "C-slow" {
			t.Fatalf("the late answer was taken: %+v", got)
		}
		w.Advance(time.Hour)
		if got := w.Sub(s.ID); got.State != marketplace.SubActive || got.COID != "C-fast" {
			t.Fatalf("%+v", got)
		}
		w.CheckAll()
	})
}

// slowServer holds its first answer.
type slowServer struct {
	inner marketplace.Server
	hold  func()
	coid  string
	mu    sync.Mutex
	calls int
}

func (s *slowServer) Provision(ctx context.Context, o marketplace.Order) (marketplace.Reply, error) {
	s.mu.Lock()
	s.calls++
	first := s.calls == 1
	s.mu.Unlock()
	if first {
		s.hold()
		return marketplace.Reply{Status: 201, Body: []byte(`{"coid":"` + s.coid + `"}`)}, nil
	}
	return s.inner.Provision(ctx, o)
}

func TestMKT_PRV_05_NobodyIsOnboardedWhileOnboardingIsClosed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := marketplacetest.New(t, d, serving(opens))
		p := w.Onboard("early", "https://early.example.com")
		w.Within(func(tx *db.Tx) error { return setting.Put(tx, "carrier", "marketplace.v1.onboarding", "closed") })
		_, err := w.TryOnboard(marketplace.ProviderRequest{Name: "late", Title: "Late", BaseURL: "https://late.example.com"})
		w.Refused(err, marketplace.OnboardingClosed)
		// MKT-PRD-08: nor are products offered; what runs goes on.
		_, err = w.TryOffer(p.ID, marketplace.OfferRequest{Name: "New", SKUs: []marketplace.SKU{{Name: "Seats", Unit: "seat"}}})
		w.Refused(err, marketplace.OnboardingClosed)
		if s := w.Subscribe(marketplace.ExampleOffer, "Ada"); s.State != marketplace.SubProvisioning {
			t.Errorf("a product that is there is not sold: %+v", s)
		}
		w.Within(func(tx *db.Tx) error { return setting.Put(tx, "carrier", "marketplace.v1.onboarding", "open") })
		_, err = w.TryOnboard(marketplace.ProviderRequest{Name: "late", Title: "Late", BaseURL: "https://late.example.com"})
		w.Must("onboard again", err)
		w.CheckAll()
	})
}

func TestMKT_PRD_08_ASKUIsOneProductsAndAProvidersNameOneProviders(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := marketplacetest.New(t, d, serving(opens))
		p := w.Onboard("acme", "https://acme.example.com")
		w.Offer(p.ID, "SKU-A")
		_, err := w.TryOffer(p.ID, marketplace.OfferRequest{Name: "Again", SKUs: []marketplace.SKU{{ID: "SKU-A", Name: "Seats", Unit: "seat"}}})
		w.Refused(err, marketplace.SKUTaken)
		_, err = w.TryOnboard(marketplace.ProviderRequest{Name: "acme", Title: "Other", BaseURL: "https://other.example.com"})
		w.Refused(err, marketplace.ProviderTaken)
		// Another organisation's provider is not there for this one.
		stranger := w.Manager()
		stranger.Org = "org_other"
		w.View(func(tx *db.Tx) error {
			_, err := w.Desk.Provider(tx, stranger, p.ID)
			w.Refused(err, marketplace.ProviderUnknown)
			list, total, err := w.Desk.Providers(tx, stranger, marketplace.Paging{Limit: 10})
			if total != 1 || len(list) != 1 || list[0].ID != marketplace.ExampleProvider {
				t.Errorf("a stranger sees %+v", list)
			}
			return err
		})
		w.CheckAll()
	})
}

func TestMKT_SUB_05_OnlyWhatIsListedOfAProviderThatSellsCanBeBought(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := marketplacetest.New(t, d, serving(opens))
		p := w.Onboard("acme", "https://acme.example.com")
		o := w.Offer(p.ID, "SKU-A")
		fields := map[string]string{marketplace.FieldHolder: "Ada", marketplace.FieldEmail: "ada@example.com"}
		change := func(c marketplace.OfferChange) {
			w.Within(func(tx *db.Tx) error { _, err := w.Desk.ChangeOffer(tx, w.Manager(), p.ID, o.ID, &c); return err })
		}
		withdrawn, listed := marketplace.OfferWithdrawn, marketplace.OfferListed
		change(marketplace.OfferChange{State: &withdrawn})
		_, err := w.TrySubscribe(w.Buyer(), o.ID, fields)
		w.Refused(err, marketplace.ProductWithdrawn, "MKT-SUB-05")
		change(marketplace.OfferChange{State: &listed})
		w.Within(func(tx *db.Tx) error {
			_, err := w.Desk.MoveProvider(tx, "carrier", p.ID, marketplace.EventSuspend)
			return err
		})
		_, err = w.TrySubscribe(w.Buyer(), o.ID, fields)
		w.Refused(err, marketplace.ProviderInactive, "MKT-SUB-05")
		_, err = w.TrySubscribe(w.Buyer(), "PRD-nothing", fields)
		w.Refused(err, marketplace.ProductUnknown)
		w.Sandbox = false // in production a provider waits to be approved
		pending := w.Offer(w.Onboard("nimbus", "https://nimbus.example.com").ID, "SKU-N")
		_, err = w.TrySubscribe(w.Buyer(), pending.ID, fields)
		w.Refused(err, marketplace.ProductUnknown)
		w.View(func(tx *db.Tx) error {
			list, _, err := w.Desk.Catalogue(tx, marketplace.Paging{Limit: 10})
			for _, o := range list {
				if o.Provider.ID == p.ID {
					t.Errorf("a suspended provider's product is in the catalogue")
				}
			}
			return err
		})
		w.CheckAll()
	})
}

func TestMKT_SUB_06_ABuyersEndIsFinalWithTheProvidersLastUpdateOrAfter30Days(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := marketplacetest.New(t, d, serving(opens))
		p := w.Onboard("acme", "https://acme.example.com")
		o := w.Offer(p.ID, "SKU-A")
		end := func(s marketplace.Subscription) (err error) {
			return w.DB.Within(t.Context(), w.ID, func(tx *db.Tx) error { _, err = w.Desk.End(tx, w.Buyer(), s.ID); return err })
		}
		told, lapsed := w.Subscribe(o.ID, "Ada"), w.Subscribe(o.ID, "Bob")
		early := end(told) // not before it is open
		w.Refused(early, marketplace.SubMove)
		if next := fault.Of(early).Next; next == nil || len(next) > 0 {
			t.Errorf("instead the buyer can %q", next)
		}
		w.Advance(time.Second)
		w.Must("end", end(told))
		w.Must("end", end(lapsed))
		w.Refused(end(told), marketplace.SubMove)
		w.Update(p.Keys[0].Clear, w.Sub(told.ID).COID, "SKU-A", "3")
		_, err := w.TryUpdate(map[string]any{"coid": w.Sub(told.ID).COID, "expired": "True", "expired-date": "2040-06-01", "sku": "SKU-A", "providerkey": p.Keys[0].Clear})
		w.Must("last update", err)
		if got := w.Sub(told.ID); got.State != marketplace.SubExpired || got.ExpiredAt.Format(time.DateOnly) != "2040-06-01" {
			t.Errorf("%+v", got)
		}
		w.Advance(29 * 24 * time.Hour)
		if got := w.Sub(lapsed.ID); got.State != marketplace.SubEnding {
			t.Errorf("%+v", got)
		}
		w.Advance(25 * time.Hour)
		if got := w.Sub(lapsed.ID); got.State != marketplace.SubExpired || !got.ExpiredAt.Equal(got.EndAskedAt) {
			t.Errorf("%+v", got)
		}
		_, err = w.TryUpdate(map[string]any{"coid": w.Sub(lapsed.ID).COID, "expired": false, "sku": "SKU-A", "count": 1, "providerkey": p.Keys[0].Clear})
		w.Refused(err, marketplace.UpdateExpired, "MKT-UPD-07")
		w.CheckAll()
	})
}

func TestMKT_SUB_07_AnothersSubscriptionIsNotKnownToBeThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, _, s := bought(t, d, serving(opens))
		stranger := w.Buyer()
		stranger.Customer = marketplacetest.Other
		w.View(func(tx *db.Tx) error {
			_, _, err := w.Desk.Subscription(tx, stranger, s.ID)
			w.Refused(err, marketplace.SubUnknown)
			_, _, err = w.Desk.Usage(tx, stranger, s.ID, "", "")
			w.Refused(err, marketplace.SubUnknown)
			list, total, err := w.Desk.Subscriptions(tx, stranger, marketplace.SubFilter{}, marketplace.Paging{Limit: 10})
			if total != 0 || len(list) != 0 {
				t.Errorf("a stranger sees %+v", list)
			}
			return err
		})
		err := w.DB.Within(t.Context(), w.ID, func(tx *db.Tx) error { _, err := w.Desk.End(tx, stranger, s.ID); return err })
		w.Refused(err, marketplace.SubUnknown)
	})
}

func TestUsageIsSummedBySKUAndBillingMonth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, p, s := bought(t, d, serving(opens))
		w.Advance(time.Second)
		key, coid := p.Keys[0].Clear, w.Sub(s.ID).COID
		for _, count := range []any{1, "2.5", 0.25, "0"} {
			w.Update(key, coid, "SKU-A", count)
		}
		w.AdvanceTo(time.Date(2040, 7, 1, 0, 0, 0, 0, time.UTC))
		if a := w.Update(key, coid, "SKU-A", 7); a.Usage.Total.String() != "7" || a.Usage.Month != "2040-07" {
			t.Errorf("the new month begins with %+v", a.Usage)
		}
		w.View(func(tx *db.Tx) error {
			usage, _, err := w.Desk.Usage(tx, w.Buyer(), s.ID, "", "")
			got := ""
			for _, u := range usage {
				got += fmt.Sprintf("%s %s %s by %d; ", u.Month, u.SKU, u.Total, u.Updates)
			}
			if want := "2040-06 SKU-A 3.75 by 4; 2040-07 SKU-A 7 by 1; "; got != want {
				t.Errorf("used %s, want %s", got, want)
			}
			return err
		})
		if told := w.Told("subscription/" + s.ID); len(told) != 6 || told[5] != marketplace.NoticeUpdated {
			t.Errorf("told %v", told)
		}
		w.CheckAll()
	})
}

func TestMKT_UPD_05_06_UpdatesAreForTheProvidersOwnCustomersAndSKUs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, p, s := bought(t, d, serving(opens))
		w.Advance(time.Second)
		other := w.Onboard("other", "https://other.example.com")
		w.Offer(other.ID, "SKU-B")
		w.Offer(p.ID, "SKU-C")
		coid := w.Sub(s.ID).COID
		try := func(key, coid, sku string) error {
			_, err := w.TryUpdate(map[string]any{"coid": coid, "expired": "false", "sku": sku, "count": 1, "providerkey": key})
			return err
		}
		w.Refused(try("pk_nothing", coid, "SKU-A"), marketplace.UpdateKeyUnknown)
		w.Refused(try(other.Keys[0].Clear, coid, "SKU-B"), marketplace.UpdateCOIDUnknown, "MKT-UPD-05")
		w.Refused(try(p.Keys[0].Clear, "C-nobody", "SKU-A"), marketplace.UpdateCOIDUnknown, "MKT-UPD-05")
		w.Refused(try(p.Keys[0].Clear, coid, "SKU-B"), marketplace.UpdateSKUUnknown, "MKT-UPD-06")
		w.Refused(try(p.Keys[0].Clear, coid, "SKU-C"), marketplace.UpdateSKUUnknown, "MKT-UPD-06")
		w.View(func(tx *db.Tx) error {
			usage, _, err := w.Desk.Usage(tx, w.Buyer(), s.ID, "", "")
			if len(usage) != 0 {
				t.Errorf("refused updates were counted: %+v", usage)
			}
			return err
		})
		w.CheckAll()
	})
}

func TestAProviderChangesItsKeyWithoutAPause(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, p, s := bought(t, d, serving(opens))
		w.Advance(time.Second)
		coid := w.Sub(s.ID).COID
		rotate := func(expireOld *time.Duration) (marketplace.Key, error) {
			key, err := w.Desk.PrepareKey(t.Context(), w.ID)
			w.Must("prepare a key", err)
			err = w.DB.Within(t.Context(), w.ID, func(tx *db.Tx) error {
				key, err = w.Desk.RotateKey(tx, w.Manager(), p.ID, key, expireOld)
				return err
			})
			return key, err
		}
		hour := time.Hour
		second, err := rotate(&hour)
		w.Must("rotate", err)
		_, err = rotate(nil)
		w.Refused(err, marketplace.KeyLimit)
		w.Update(p.Keys[0].Clear, coid, "SKU-A", 1)
		w.Update(second.Clear, coid, "SKU-A", 1)
		w.Advance(hour)
		_, err = w.TryUpdate(map[string]any{"coid": coid, "expired": false, "sku": "SKU-A", "providerkey": p.Keys[0].Clear})
		w.Refused(err, marketplace.UpdateKeyUnknown)
		w.Update(second.Clear, coid, "SKU-A", 1)
		w.Within(func(tx *db.Tx) error { return w.Desk.RevokeKey(tx, w.Manager(), p.ID, second.ID) })
		_, err = w.TryUpdate(map[string]any{"coid": coid, "expired": false, "sku": "SKU-A", "providerkey": second.Clear})
		w.Refused(err, marketplace.UpdateKeyUnknown)
		err = w.DB.Within(t.Context(), w.ID, func(tx *db.Tx) error { return w.Desk.RevokeKey(tx, w.Manager(), p.ID, second.ID) })
		w.Refused(err, marketplace.KeyUnknown)
		w.CheckAll()
	})
}

// Sixty-four tell of one customer's usage at once: the total is exact.
func TestConcurrentUpdatesAreAllCountedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, p, s := bought(t, d, serving(opens))
		w.Advance(time.Second)
		key, coid := p.Keys[0].Clear, w.Sub(s.ID).COID
		const tellers, each = 64, 10
		var all sync.WaitGroup
		errs := make(chan error, tellers*each)
		for range tellers {
			all.Go(func() {
				for range each {
					_, err := w.TryUpdate(map[string]any{"coid": coid, "expired": false, "sku": "SKU-A", "count": "1.5", "providerkey": key})
					errs <- err
				}
			})
		}
		all.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		w.View(func(tx *db.Tx) error {
			usage, _, err := w.Desk.Usage(tx, w.Buyer(), s.ID, "", "")
			if len(usage) != 1 || usage[0].Total.String() != "960" || usage[0].Updates != tellers*each {
				t.Errorf("used %+v", usage)
			}
			return err
		})
		w.CheckAll()
	})
}

// A server that does not answer keeps one test call waiting, not as many as are asked for.
func TestASecondTestCallOfAProviderIsRefusedAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		entered, release := make(chan struct{}), make(chan struct{})
		w := marketplacetest.New(t, d, serving(func(o marketplace.Order) (marketplace.Reply, error) {
			close(entered)
			<-release
			return opens(o)
		}, opens))
		p := w.Onboard("acme", "https://acme.example.com")
		o := w.Offer(p.ID, "SKU-A")
		first := make(chan error, 1)
		go func() {
			_, err := w.Desk.TestCall(context.WithoutCancel(t.Context()), w.Manager(), p.ID, o.ID)
			first <- err
		}()
		<-entered
		_, err := w.Desk.TestCall(t.Context(), w.Manager(), p.ID, o.ID)
		w.Refused(err, marketplace.TestBusy)
		close(release)
		w.Must("the first one", <-first)
		tried, err := w.Desk.TestCall(t.Context(), w.Manager(), p.ID, o.ID)
		w.Must("another one", err)
		if tried.Status != 201 || tried.COID == "" {
			t.Errorf("%+v", tried)
		}
		w.CheckAll()
	})
}

// A key that was revoked stays so, wherever the world's clock is set back to.
func TestARevokedKeyIsRevokedForGood(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, p, s := bought(t, d, serving(opens))
		w.Advance(24 * time.Hour)
		key, coid := p.Keys[0].Clear, w.Sub(s.ID).COID
		w.Update(key, coid, "SKU-A", 1)
		w.Within(func(tx *db.Tx) error { return w.Desk.RevokeKey(tx, w.Manager(), p.ID, p.Keys[0].ID) })
		_, err := w.Runner.Change(t.Context(), w.ID, func(tx *db.Tx) (clock.State, error) { return clock.State{Sandbox: true}, nil })
		w.Must("set the clock back", err)
		if _, err = w.TryUpdate(map[string]any{"coid": coid, "expired": false, "sku": "SKU-A", "count": 1, "providerkey": key}); err == nil {
			t.Error("a revoked key opens again")
		}
	})
}
