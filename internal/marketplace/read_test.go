package marketplace_test

import (
	"slices"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/marketplace"
	"demarc/internal/marketplace/marketplacecarrier"
	"demarc/internal/marketplace/marketplacetest"

	"github.com/google/go-cmp/cmp"
)

// newKeyOf makes a key of a provider's.
func newKeyOf(t *testing.T, w *marketplacetest.World, provider string) string {
	t.Helper()
	key, err := w.Desk.PrepareKey(t.Context(), w.ID)
	w.Must("name a key", err)
	w.Within(func(tx *db.Tx) error {
		_, err := w.Desk.RotateKey(tx, w.Manager(), provider, key, nil)
		return err
	})
	return key.Clear
}

func TestTheShopIsSearched(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := marketplacetest.New(t, d, marketplacecarrier.Embedded{})
		mine := w.Onboard("testware", "https://testware.example.com")
		drive := w.Offer(mine.ID, "SKU-RIDES")
		for _, c := range []struct {
			f    marketplace.OfferFilter
			want []string
		}{
			{marketplace.OfferFilter{Text: "GIGABYTE"}, []string{marketplace.ExampleOffer}},
			{marketplace.OfferFilter{Text: "example"}, []string{marketplace.ExampleOffer, marketplace.ExampleFullOffer}},
			{marketplace.OfferFilter{Provider: mine.ID}, []string{drive.ID}},
			{marketplace.OfferFilter{Provider: mine.ID, Text: "example"}, nil},
			{marketplace.OfferFilter{Text: "_"}, nil},
		} {
			w.View(func(tx *db.Tx) error {
				list, total, err := w.Desk.Shop(tx, c.f, marketplace.Paging{Limit: 10})
				var got []string
				for _, s := range list {
					got = append(got, s.Offer.ID)
				}
				if diff := cmp.Diff(c.want, got); diff != "" || total != len(c.want) {
					t.Errorf("%+v: %d (-want +got):\n%s", c.f, total, diff)
				}
				return err
			})
		}
		w.View(func(tx *db.Tx) error {
			list, err := w.Desk.Sellers(tx)
			if len(list) != 2 || list[0].ID != marketplace.ExampleProvider || list[1].ID != mine.ID {
				t.Errorf("the sellers are %+v", list)
			}
			return err
		})
	})
}

func TestUsageIsReportedByDayAndMonthToBothSides(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := marketplacetest.New(t, d, marketplacecarrier.Embedded{})
		key := newKeyOf(t, w, marketplace.ExampleProvider)
		tell := func(count any) {
			w.Update(key, marketplace.ExampleCOID, marketplace.ExampleSKU, count)
		}
		tell(1)
		tell("2.5")
		w.Advance(23*time.Hour + 59*time.Minute)
		tell(4)
		w.Advance(time.Minute)
		tell(8)
		w.Advance(40 * 24 * time.Hour)
		tell(16)
		first := w.Now().Add(-41 * 24 * time.Hour)
		party, m := w.Buyer(), w.Manager()
		w.View(func(tx *db.Tx) error {
			r, err := w.Desk.Report(tx, party, marketplace.ExampleSubscription, first)
			if err != nil {
				return err
			}
			day := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, time.UTC)
			want := []marketplace.DayUsage{{SKU: marketplace.ExampleSKU, Day: day, Total: 7_500_000}, {SKU: marketplace.ExampleSKU, Day: day.AddDate(0, 0, 1), Total: 8_000_000}}
			if diff := cmp.Diff(want, r.Days); diff != "" || len(r.Months) != 2 || r.Months[0].Total.Amount() != 15.5 || r.Months[1].Total.Amount() != 16 || len(r.SKUs) != 2 {
				t.Errorf("reported are %+v and (-want +got):\n%s", r, diff)
			}
			sub, theirs, err := w.Desk.ProviderReport(tx, m, marketplace.ExampleProvider, marketplace.ExampleSubscription, time.Time{})
			if len(theirs.Days) != 1 || sub.COID != marketplace.ExampleCOID || sub.Values != nil || sub.Customer != "" || err != nil {
				t.Errorf("the provider is told %+v of %+v: %v", theirs, sub, err)
			}
			foreign := party
			foreign.Customer = "1-WXYZ9"
			_, err = w.Desk.Report(tx, foreign, marketplace.ExampleSubscription, first)
			w.Refused(err, marketplace.SubUnknown)
			_, _, err = w.Desk.ProviderReport(tx, m, marketplace.ExampleProvider, "SUB-9", first)
			w.Refused(err, marketplace.SubUnknown)
			return nil
		})
	})
}

func TestTheLogIsFiltered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := marketplacetest.New(t, d, marketplacecarrier.Embedded{})
		key := newKeyOf(t, w, marketplace.ExampleProvider)
		refused := w.Subscribe(marketplace.ExampleOffer, "[demarc:provider-refuses]")
		w.Advance(time.Minute)
		if _, err := w.Desk.TestCall(t.Context(), w.Manager(), marketplace.ExampleProvider, marketplace.ExampleOffer); err != nil {
			t.Fatal(err)
		}
		w.Update(key, marketplace.ExampleCOID, marketplace.ExampleSKU, 1)
		for _, c := range []struct {
			f    marketplace.CallFilter
			want []string
		}{
			{marketplace.CallFilter{}, []string{"in", "test", "out"}},
			{marketplace.CallFilter{Direction: marketplace.CallIn}, []string{"in"}},
			{marketplace.CallFilter{Direction: marketplace.CallTest}, []string{"test"}},
			{marketplace.CallFilter{Direction: marketplace.CallOut}, []string{"out"}},
			{marketplace.CallFilter{Wrong: true}, []string{"out"}},
			{marketplace.CallFilter{Wrong: true, Direction: marketplace.CallIn}, nil},
			{marketplace.CallFilter{Subscription: refused.ID}, []string{"out"}},
			{marketplace.CallFilter{Subscription: marketplace.ExampleSubscription}, []string{"in"}},
		} {
			w.View(func(tx *db.Tx) error {
				c.f.Provider = marketplace.ExampleProvider
				list, err := w.Desk.Log(tx, w.Manager(), c.f, 0, 10)
				var got []string
				for _, call := range list {
					got = append(got, call.Direction)
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("%+v: %v, want %v", c.f, got, c.want)
				}
				return err
			})
		}
		w.View(func(tx *db.Tx) error {
			stranger := w.Manager()
			stranger.Org = "org_other"
			mine := w.Manager()
			_, err := w.Desk.Log(tx, stranger, marketplace.CallFilter{Provider: "PRV-9"}, 0, 10)
			w.Refused(err, marketplace.ProviderUnknown)
			o, p, trail, err := w.Desk.ProviderOffer(tx, mine, marketplace.ExampleProvider, marketplace.ExampleOffer)
			if o.ID != marketplace.ExampleOffer || p.ID != marketplace.ExampleProvider || len(trail) != 0 || err != nil {
				t.Errorf("the product is %+v of %+v with %+v: %v", o, p, trail, err)
			}
			_, trail, err = w.Desk.ProviderTrail(tx, mine, marketplace.ExampleProvider)
			if len(trail) != 1 || trail[0].Event != "key rotated" {
				t.Errorf("the provider's history is %+v", trail)
			}
			return err
		})
	})
}
