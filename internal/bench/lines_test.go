package bench

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"demarc/internal/db"
	"demarc/internal/voice"
)

// linesOn fills a database for the length of the test.
func linesOn(t *testing.T, database string, clients, numbers int) *lines {
	t.Helper()
	s, err := newLines(t.Context(), database, clients, numbers)
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

func TestOrdersAboutNumbersInServiceAreCompletedByANodeOnBothDatabases(t *testing.T) {
	onBoth(t, func(t *testing.T, kind, floorURL string) {
		c := &bed{kind: kind, floorURL: floorURL}
		c.floor, _ = startFloor(t, floorURL)
		res := &http.Response{StatusCode: http.StatusCreated, Header: http.Header{"Content-Type": {"application/json"}}}
		if err := teach(t.Context(), c.floor, figureOrder, res, []byte(`{}`)); err != nil {
			t.Fatal(err)
		}
		row := way{name: c.oneRow(), run: c.again(c.floor, http.StatusCreated, post(http.MethodPost, commit+figureOrder, jsonType).with(nil, `{}`))}
		s := linesOn(t, newDatabase(t, kind), 4, 3_000)
		defer s.work(t.Context())()
		var out bytes.Buffer
		r := quick(&out)
		if err := r.figures(t.Context(), kind, s.orderFigures(row), r.o.Clients); err != nil {
			t.Fatal(err)
		}
		rows := r.report.Rows
		if len(rows) != 6 || rows[1].Figure != "install of 399" || rows[3].Figure != "port of 49" || rows[5].Figure != "change of 1,000" {
			t.Fatalf("rows %+v", rows)
		}
		for _, row := range rows {
			if row.Requests == 0 || row.Against[0].Requests == 0 {
				t.Errorf("%+v", row)
			}
		}
		if err := s.audit(t.Context()); err != nil {
			t.Error(err)
		}
		// What was ordered is in service, or has changed.
		mine := s.clients[3]
		mine.changes = 25
		if _, err := s.change(t.Context(), mine); err != nil {
			t.Fatal(err)
		}
		list, ported := s.of(t, mine.party), 0
		for _, n := range list {
			if n.Ported {
				ported++
			}
			if n.TN >= mine.active.Start && n.TN <= mine.active.End && n.Service.Subscriber.First != "Avery A" {
				t.Fatalf("%+v", n)
			}
		}
		if native := len(list) - ported; ported == 0 || ported%voice.PerPort != 0 || native <= voice.PerBlock || (native-voice.PerBlock)%voice.PerInstall != 0 {
			t.Errorf("%d numbers are in service, %d of them ported", len(list), ported)
		}
	})
}

func TestPagesOfAnInventoryAreHeldToWhatThereIsOnBothDatabases(t *testing.T) {
	onBoth(t, func(t *testing.T, kind, _ string) {
		s := linesOn(t, newDatabase(t, kind), 2, 5_000)
		var out bytes.Buffer
		r := quick(&out)
		if err := r.figures(t.Context(), kind, s.pageFigures(), r.o.Clients); err != nil {
			t.Fatal(err)
		}
		rows := r.report.Rows
		if len(rows) != 8 || rows[5].Figure != "last page" || rows[5].Requests == 0 || rows[5].Against[0].Floor != "first page" || rows[5].Against[0].Verdict == "" {
			t.Errorf("rows %+v", rows)
		}
		for _, offset := range []int{0, 950, 4_900} { // the second is of two blocks
			if err := s.page(t.Context(), offset); err != nil {
				t.Error(err)
			}
		}
		s.blocks[0]++
		if err := s.page(t.Context(), 0); err == nil || !strings.Contains(fmt.Sprint(err), "100 numbers of 5000") {
			t.Errorf("err = %v", err)
		}
	})
}

// What there is nothing of ends a run of ports, and of installs without harm.
func TestAClientWithoutNumbersStops(t *testing.T) {
	t.Parallel()
	s := linesOn(t, newDatabase(t, SQLite), 1, 1_000)
	l := s.clients[0]
	l.foreign = nil
	if more, err := s.install(t.Context(), l); more || err != nil {
		t.Error(more, err)
	}
	if more, err := s.port(t.Context(), l); more || err == nil || !strings.Contains(fmt.Sprint(err), "no more numbers to port in") {
		t.Error(more, err)
	}
	// An audit that finds something wrong ends the run.
	if err := s.audit(t.Context()); err != nil {
		t.Error(err)
	}
	s.lose(t)
	if err := s.audit(t.Context()); err == nil {
		t.Error("a number that is gone is not missed")
	}
}

// of are a customer's numbers in service.
func (s *lines) of(t *testing.T, p voice.Party) (list []voice.InService) {
	t.Helper()
	err := s.d.View(t.Context(), p.World, func(tx *db.Tx) (err error) {
		list, _, err = s.desk.Details(tx, p, voice.DetailFilter{Product: voice.LocalInbound}, voice.Paging{Limit: 1_000_000})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// lose has the ledger forget some of the inventory's numbers.
func (s *lines) lose(t *testing.T) {
	t.Helper()
	first := s.number(0)
	err := s.d.Within(t.Context(), s.owner.World, func(tx *db.Tx) error {
		s.desk.Store.DropEntry(tx, voice.Entry{Range: voice.Range{Start: first, End: first + voice.PerBlock/lineEntries - 1}, Status: voice.Active})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
