package ondemand_test

import (
	"slices"
	"strings"
	"testing"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/machine"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandtest"
)

const (
	refused = " [demarc:activation-refused]"
	fails   = " [demarc:activation-fails]"
	slow    = " [demarc:activation-slow]"
)

func TestTheTablesAreSound(t *testing.T) {
	t.Parallel()
	for _, m := range ondemand.Machines() {
		for _, problem := range m.Check() {
			t.Error(problem)
		}
	}
}

// trail is every move that the world's trail shows, as rows of tables.
func trail(t *testing.T, w *ondemandtest.World, subject string) []machine.Row {
	t.Helper()
	var rows []machine.Row
	w.View(func(tx *db.Tx) error {
		list, err := audit.Page(tx, "", 0, 10_000)
		for _, e := range list {
			if strings.HasPrefix(e.Subject, subject) && e.From != "" {
				rows = append(rows, machine.Row{From: e.From, Event: e.Event, To: e.To})
			}
		}
		return err
	})
	return rows
}

func TestOrdersWalkEveryRowOfBothTablesAndNoOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		// Adds: refused, failed, completed.
		w.Add("100 Mbps", "a"+refused)
		w.Add("100 Mbps", "b"+fails)
		s := w.Active("100 Mbps", "c")
		// Changes: completed, refused, failed; and a name, which needs no network.
		for _, change := range []struct{ speed, name string }{{"1 Gbps", ""}, {"2 Gbps", refused}, {"2 Gbps", fails}, {"", "d" + refused}} {
			w.Modify(s.ID, change.speed, change.name)
			w.Settle()
		}
		// Ends: refused, failed, completed.
		w.Delete(s.ID)
		w.Settle()
		w.Modify(s.ID, "", "e"+fails)
		w.Settle()
		w.Delete(s.ID)
		w.Settle()
		w.Modify(s.ID, "", "f")
		w.Settle()
		w.Delete(s.ID)
		w.Settle()
		w.CheckAll()
		for subject, table := range map[string]*machine.Table{"order/": ondemand.OrderMachine, "service/": ondemand.ServiceMachine} {
			walked := trail(t, w, subject)
			for _, r := range table.Rows {
				r.Why = ""
				if !slices.Contains(walked, r) {
					t.Errorf("no order walked %q -- %s --> %q", r.From, r.Event, r.To)
				}
			}
			for _, r := range walked {
				if to, err := table.Fire(r.From, r.Event); err != nil || to != r.To {
					t.Errorf("%q -- %s --> %q is no row of the table", r.From, r.Event, r.To)
				}
			}
		}
	})
}

func TestOND_ORD_23_AMoveThatTheTableDoesNotHaveIsRefusedWithTheLegalOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		w.Delete(ondemand.ExampleService)
		w.Settle()
		before := w.Everything()
		for why, r := range map[string]*ondemand.OrderRequest{
			"a new bandwidth": w.ModifyRequest(ondemand.ExampleService, w.Quote("1 Gbps").ID, ""),
			"a new name":      w.ModifyRequest(ondemand.ExampleService, "", "again"),
			"another end":     w.DeleteRequest(ondemand.ExampleService),
		} {
			_, err := w.Place(r)
			f := wantFault(t, why, err, ondemand.ServiceState, "OND-ORD-23")
			if f != nil && !slices.Equal(f.Next, ondemand.ServiceMachine.Legal(ondemand.StatusDisconnected)) {
				t.Errorf("%s: the legal next moves are said to be %q", why, f.Next)
			}
		}
		if after := w.Everything(); len(after.Orders) != len(before.Orders) {
			t.Errorf("%d orders were placed", len(after.Orders)-len(before.Orders))
		}
		w.CheckAll()
	})
}
