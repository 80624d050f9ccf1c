package care_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"demarc/internal/care"
	"demarc/internal/care/caretest"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
)

func TestTheExamplesAreFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := caretest.New(t, d)
		a, err := w.Enquire("PR", care.ExampleAccount)
		if err != nil || a.Name != "JOHN DOE" || a.Receivable.String() != "277.94" || a.Paid.String() != "0.00" {
			t.Fatalf("%+v, %v", a, err)
		}
		for _, c := range []struct {
			unit, number, first string
			count               int
		}{
			{"PR", care.ExampleNumber, care.ExampleOther, 1}, {"PR", care.ExampleThree, "8211990010300001", 3}, {"PR", care.ExampleFour, "8211990010400001", 4},
			{"JM", "8765550101", "200500101", 1}, {"JM", "8765550104", "200500101", 4},
			{"PA", "5550101", "20050101", 1}, {"PA", "5550104", "20050101", 4},
			{"CL", "225550101", "2000500101", 1}, {"CL", "225550104", "2000500101", 4},
		} {
			list, err := w.List(c.unit, c.number)
			if err != nil || len(list) != c.count || list[0].ID != c.first {
				t.Errorf("%s %s: %d accounts, %v", c.unit, c.number, len(list), err)
				continue
			}
			for i := range list {
				if i > 0 && list[i-1].ID >= list[i].ID {
					t.Errorf("%s %s: %s comes before %s", c.unit, c.number, list[i-1].ID, list[i].ID)
				}
				if _, err := w.Enquire(c.unit, list[i].ID); err != nil {
					t.Errorf("%s %s: %v", c.unit, list[i].ID, err)
				}
			}
		}
		// Seeded again, as a world is that is made from another, nothing changes.
		if err := d.Within(t.Context(), w.ID, w.Desk.Seed); err != nil {
			t.Fatal(err)
		}
		if list, err := w.List("PR", care.ExampleFour); err != nil || len(list) != 4 {
			t.Errorf("after another seeding: %d, %v", len(list), err)
		}
		w.CheckAll()
	})
}

func TestNobodyFindsWhatIsNotThere(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t))
	w, other := caretest.New(t, d), dbtest.World(t, d)
	absent := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, care.NotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := w.Enquire("PR", "8211990010013291")
	absent("an account that there is not", err)
	_, err = w.Enquire("JM", care.ExampleAccount)
	absent("CARE-REF-04 another unit's account", err)
	_, err = w.List("PR", "7875550199")
	absent("a number that there is not", err)
	_, err = w.List("PR", care.ExampleContact)
	absent("a contact asked for as a line", err)
	_, err = w.List("PR", "7879900001\xff")
	absent("no text", err)
	w.ID = other
	_, err = w.Enquire("PR", care.ExampleAccount)
	absent("another world's account", err)
	_, err = w.List("PR", care.ExampleNumber)
	absent("another world's number", err)
}

func TestMagicWordsForceAFailureInSandboxesOnly(t *testing.T) {
	t.Parallel()
	w := caretest.New(t, dbtest.Open(t, dbtest.SQLite(t)))
	for _, value := range []string{care.ExampleAccount + "[demarc:billing-unavailable]", "[demarc:billing-unavailable]", "x [DEMARC:billing-unavailable]"} {
		if _, err := w.Enquire("PR", value); !errors.Is(err, care.NotAvailable) ||
			!strings.Contains(err.Error(), "HTTP POST on resource 'http://billing/v1/PR/billingAccount/' failed: service unavailable (503).") {
			t.Errorf("CARE-NET-01 %s: %v", value, err)
		}
	}
	if _, err := w.List("CL", "225550101 [demarc:billing-wrong]"); err == nil || errors.Is(err, care.NotAvailable) || errors.Is(err, care.NotFound) {
		t.Errorf("CARE-NET-02: %v", err)
	}
	if a, err := w.Enquire("PR", care.ExampleAccount+" [demarc:unknown]"); err != nil || a.ID != care.ExampleAccount {
		t.Errorf("a word that means nothing: %v", err)
	}
	w.Sandbox = false
	for _, value := range []string{care.ExampleAccount + "[demarc:billing-unavailable]", "[demarc:billing-wrong]"} {
		if _, err := w.Enquire("PR", value); !errors.Is(err, care.NotFound) {
			t.Errorf("in production %s: %v", value, err)
		}
	}
	if _, err := w.Enquire("PR", care.ExampleAccount); err != nil {
		t.Error(err)
	}
}

// liar answers whatever it is told to.
type liar struct{ accounts []care.Account }

func (l liar) Account(context.Context, care.Query) (*care.Account, error) { return &l.accounts[0], nil }
func (l liar) Accounts(context.Context, care.Query) ([]care.Account, error) {
	return l.accounts, nil
}

func TestCARE_NET_03_AnotherAccountThanTheOneAskedForIsNeverAnswered(t *testing.T) {
	t.Parallel()
	w := caretest.New(t, dbtest.Open(t, dbtest.SQLite(t)))
	examples := care.Examples()
	w.Desk.Billing = map[string]care.Billing{"PR": liar{examples[1:2]}}
	if a, err := w.Enquire("PR", care.ExampleAccount); err == nil || a != nil {
		t.Errorf("another account: %+v", a)
	}
	w.Desk.Billing = map[string]care.Billing{"PR": liar{examples}} // some of them are other units'
	if list, err := w.List("PR", care.ExampleNumber); err == nil || list != nil {
		t.Errorf("other units' accounts: %d", len(list))
	}
	if _, err := w.Enquire("JM", "200500101"); err == nil || errors.Is(err, care.NotFound) {
		t.Errorf("a unit without a billing system: %v", err)
	}
}

// The audit must see each kind of damage.
func TestTheAuditSeesDamage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := caretest.New(t, d)
		undo := errors.New("undone")
		for what, damage := range map[string]string{
			"which has no accounts":  `UPDATE care_account SET unit = 'TT' WHERE world = $1 AND id = '200500101'`,
			"which is not there":     `DELETE FROM care_account WHERE world = $1 AND id = '200500101'`,
			"account's number":       `UPDATE care_account SET id = '1' WHERE world = $1 AND id = '200500101'`,
			"another currency":       `UPDATE care_account SET currency = 'USD' WHERE world = $1 AND id = '200500101'`,
			"without a name":         `UPDATE care_account SET name = '' WHERE world = $1 AND id = '200500101'`,
			"more decimals":          `UPDATE care_account SET receivable = '1.5' WHERE world = $1 AND id = '2000500101'`,
			"a customer's id":        `UPDATE care_account SET customer = '12345678-6' WHERE world = $1 AND id = '2000500101'`,
			"a telephone number":     `UPDATE care_account SET phone = '1' WHERE world = $1 AND id = '200500101'`,
			"a postcode":             `UPDATE care_account SET postcode = '1' WHERE world = $1 AND id = '200500101'`,
			"does not know":          `UPDATE care_account SET state = 'Chard Off' WHERE world = $1 AND id = '200500101'`,
			"a number that none can": `UPDATE care_line SET number = '1' WHERE world = $1 AND account = '200500101' AND number = '8765550101'`,
			"of the kind":            `UPDATE care_line SET kind = 'FAX' WHERE world = $1 AND account = '200500101' AND number = '8765550101'`,
		} {
			var found []string
			err := d.Within(t.Context(), w.ID, func(tx *db.Tx) (err error) {
				tx.Do(damage)
				if found, err = w.Desk.Check(tx); err != nil {
					return err
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Fatalf("%s: %v", damage, err)
			}
			if !strings.Contains(strings.Join(found, "\n"), what) {
				t.Errorf("after %s\nit finds %q, and nothing with %q", damage, found, what)
			}
		}
		w.CheckAll() // all damage was undone
	})
}

// A fresh world is made in a few milliseconds; this is what the product adds.
func BenchmarkSeed(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b))
	w := caretest.New(b, d)
	worlds := make([]string, b.N)
	for i := range worlds {
		worlds[i] = dbtest.World(b, d)
	}
	b.ResetTimer()
	for _, world := range worlds {
		if err := d.Within(b.Context(), world, w.Desk.Seed); err != nil {
			b.Fatal(err)
		}
	}
}
