package voice_test

import (
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/identity"
	"demarc/internal/identity/identitytest"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// production is a production world, of a carrier that has loaded nothing yet.
func production(t *testing.T, d *db.DB) *voicetest.World {
	t.Helper()
	w := voicetest.New(t, d)
	id, org := identitytest.Production(t, d, w.Identity)
	w.ID, w.Sandbox = id, false
	app, err := w.Identity.CreateApp(t.Context(), "test", identity.NewApp{World: id, Org: org.ID, Name: "Test", Products: []string{voice.Product}})
	w.Must("an application", err)
	w.App = app.ID
	for _, number := range []string{voicetest.Customer, voicetest.Other} {
		w.AddCustomer(number)
		w.Must("grant", w.Identity.Grant(t.Context(), "test", w.App, number))
	}
	return w
}

func TestInProductionMagicWordsAreOnlyText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := production(t, d)
		if n, err := load(w, stock("CO,PUEBLO,719,206,9,Y")); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		r := voicetest.Ask(voicetest.Line("PUEBLO", 100))
		r.ExternalID = "[demarc:credit-hold] [demarc:short-supply]"
		o := w.ReserveFor(voicetest.Other, r)
		worked(t, w)
		told(t, w, o, 901, 10002, 10002)
		for _, question := range []string{voicetest.Ready, voicetest.Check} {
			for _, q := range w.Fakes.Queries(question) {
				if q.Hint != "" || q.Sandbox || q.World != w.ID {
					t.Errorf("%s was asked for %+v", question, q)
				}
			}
		}
		if got, _ := w.Order(o.ID); got.ExternalID != r.ExternalID.Trim() {
			t.Errorf("its own id has become %q", got.ExternalID)
		}
	})
}

// In a sandbox an accepted order rests, so that it can be seen; in production it is due
// at once.
func TestInProductionWorkDoesNotWait(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := production(t, d)
		before := clock.Machine()
		o := w.Reserve(voicetest.Line("PUEBLO", 100))
		var due int64
		w.View(func(tx *db.Tx) error {
			return tx.Row(`SELECT due_at FROM timer WHERE world = $1 AND kind = $2 AND key = $3`, voice.TimerOrder, o.ID).Scan(&due)
		})
		if at := clock.FromMicros(due); at.Before(before.Add(-time.Second)) || at.After(clock.Machine()) || !at.Equal(o.CreatedAt) {
			t.Errorf("an order of %v is due at %v", o.CreatedAt, at)
		}
	})
}

func TestInProductionThereIsNoReferenceStock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := production(t, d)
		w.Within(func(tx *db.Tx) error {
			_, free, err := w.Desk.Withhold(tx, "desk", "CO", "DENVER", 1000)
			if free != 0 {
				t.Errorf("%d numbers are left", free)
			}
			return err
		})
		// A block that a sandbox's carrier would own is free to be added.
		first := voice.ReferenceBlocks(nanp.Find("CO", "ALAMOSA"))[0]
		w.Within(func(tx *db.Tx) error {
			c, b, err := w.Desk.AddBlock(tx, "desk", blockRequest("ALAMOSA", first))
			if b != first || !c.Covered || !c.Native || !c.Open {
				t.Errorf("%v, %+v", b, c)
			}
			return err
		})
		if got := covered(t, w, `{"productID":2036,"tnLocZip":"81101"}`).Centers; len(got) != 1 || !got[0].OpenForOrders || !got[0].Backorders {
			t.Errorf("%+v", got)
		}
		if got := covered(t, w, `{"productID":2036,"tnLocCity":"Pueblo","tnLocState":"CO"}`).Centers; len(got) != 0 {
			t.Errorf("%+v", got)
		}
		answer := covered(t, w, `{"productID":2036,"tnList":["7192068000","7192982000"]}`).Numbers
		if !answer[0].Covered || answer[0].Carrier != "demarc" || answer[1].Carrier == "demarc" {
			t.Errorf("%+v", answer)
		}
		w.CheckAll()
	})
}
