package bench

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"demarc/internal/pgtest"
	"demarc/internal/voice"
)

// carrierOn loads a stock for the length of the test.
func carrierOn(t *testing.T, database string, places, blocks int) *carrier {
	t.Helper()
	s, err := newCarrier(t.Context(), database, places, blocks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.d.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// newDatabase names a new one of a kind.
func newDatabase(t *testing.T, kind string) string {
	t.Helper()
	if kind == Postgres {
		return pgtest.URL(t)
	}
	return "sqlite:" + filepath.Join(t.TempDir(), "deep", "demarc.db")
}

func TestReservationsAreAnsweredOverHTTPAndThenWorkedOnBothDatabases(t *testing.T) {
	onBoth(t, func(t *testing.T, kind, floor string) {
		b := startProgram(t, kind, floor)
		s := carrierOn(t, b.database(), 4, 40)
		if err := s.addCustomers(t.Context(), 600); err != nil {
			t.Fatal(err)
		}
		row, err := b.teachReserve(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		r := quick(&out)
		if err := r.figures(t.Context(), kind, b.answeredFigures(s, row), r.o.Clients); err != nil {
			t.Fatal(err)
		}
		rows := r.report.Rows
		if len(rows) != 4 || rows[3].Figure != "answered, over 4" || rows[3].Clients != 4 || rows[3].Requests == 0 || rows[3].Against[0].Requests == 0 {
			t.Errorf("rows %+v", rows)
		}
		// All that was answered has been worked, and the numbers are there.
		if err := r.audited(t.Context(), kind, s); err != nil {
			t.Error(err)
		}
		if is := r.report.Reserved; len(is) != 1 || is[0].Reservations < rows[3].Requests || is[0].Numbers != 399*is[0].Reservations ||
			is[0].Database != kind || !strings.Contains(out.String(), "no number twice") {
			t.Errorf("audited %+v\n%s", is, &out)
		}
		// Fewer than there are is as wrong as more.
		for _, wrong := range []int{1, -1} {
			s.places[0].made += wrong
			if _, err := s.audit(t.Context()); err == nil || !strings.Contains(fmt.Sprint(err), "reservations were made") {
				t.Errorf("%+d: err = %v", wrong, err)
			}
			s.places[0].made -= wrong
		}
	})
}

func TestReservationsAreCompletedByANodeFromALargeStockAndASmallOneOnBothDatabases(t *testing.T) {
	onBoth(t, func(t *testing.T, kind, floorURL string) {
		c := &bed{kind: kind, floorURL: floorURL}
		c.floor, _ = startFloor(t, floorURL)
		res := &http.Response{StatusCode: http.StatusAccepted, Header: http.Header{"Content-Type": {"application/json"}}}
		if err := teach(t.Context(), c.floor, partReserve, res, []byte(`{}`)); err != nil {
			t.Fatal(err)
		}
		row := way{name: c.oneRow(), run: c.again(c.floor, http.StatusAccepted, post(http.MethodPost, commit+partReserve, jsonType).with(nil, `{}`))}
		database := newDatabase(t, kind)
		large, small := carrierOn(t, database, 3, 60), carrierOn(t, newDatabase(t, kind), 5, 5)
		if n, err := settle(t.Context(), database); err != nil || n < 1<<16 {
			t.Errorf("%d bytes, %v", n, err)
		}
		var out bytes.Buffer
		r := quick(&out)
		if err := r.compared(t.Context(), kind, large, small, 12); err != nil {
			t.Fatal(err)
		}
		if err := r.completed(t.Context(), kind, large, row); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(r.audited(t.Context(), kind, large), r.audited(t.Context(), kind, small)); err != nil {
			t.Fatal(err)
		}
		rows := r.report.Rows
		if len(rows) != 8 || rows[3].Figure != "of 60,000, over all" || rows[3].Requests != 12*stockRounds || rows[3].Against[0].Floor != "of 5,000" ||
			rows[3].Against[0].Requests != 12*stockRounds || rows[7].Requests == 0 || rows[7].Against[0].Requests == 0 {
			t.Errorf("rows %+v", rows)
		}
		// The small one was refilled, each time before it ran out.
		if is := r.report.Reserved; len(is) != 2 || is[1].Blocks <= 5 || is[1].Reservations != 12*(stockRounds+1)*4 {
			t.Errorf("audited %+v", is)
		}
	})
}

// A reservation that gets less than it asks for ends the run.
func TestAReservationThatIsNotCompletedEndsTheRunOnBothDatabases(t *testing.T) {
	onBoth(t, func(t *testing.T, kind, _ string) {
		s := carrierOn(t, newDatabase(t, kind), 1, 1)
		defer s.work(t.Context())()
		s.places[0].blocks += 10 // of which it has none
		few := s.runs(true, 3, s.complete)
		if _, err := few(t.Context(), 1, 0); err == nil || !strings.Contains(fmt.Sprint(err), " is "+voice.OrderInWork+", not completed") {
			t.Errorf("err = %v", err)
		}
		if _, err := s.audit(t.Context()); err == nil {
			t.Error("the audit finds as many numbers as if it had been completed")
		}
	})
}

func TestEveryTicketIsAnotherCustomersAtItsRateCenter(t *testing.T) {
	t.Parallel()
	s := carrierOn(t, newDatabase(t, SQLite), 2, 2)
	seen := map[string]bool{}
	for _, one := range []bool{false, true, true, false, true} {
		list, err := s.tickets(t.Context(), one, 5)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 { // one is left, and is nobody's
			next := list.next()
			key := next.place.Key() + " " + next.customer
			if seen[key] {
				t.Errorf("%s twice", key)
			}
			seen[key] = true
		}
		list.count()
		for _, p := range s.places {
			if p.left() < 0 {
				t.Errorf("%s has numbers for %d", p.Key(), p.left())
			}
		}
	}
	if len(seen) != 20 || s.customers < 10 || s.customers > 14 {
		t.Errorf("%d tickets of %d customers", len(seen), s.customers)
	}
	if list, err := s.tickets(t.Context(), true, 1); err != nil || list.next() == nil || list.next() != nil || list.used() != 1 {
		t.Error("more tickets than there are:", err)
	}
}
