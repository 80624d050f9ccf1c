package voice_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// stock is a stock file with some lines.
func stock(lines ...string) string {
	return "state,rate_center,npa,nxx,x,static911\n" + strings.Join(lines, "\n")
}

// load loads a stock file.
func load(w *voicetest.World, file string) (int, error) {
	return w.Desk.LoadStock(w.T.Context(), w.ID, "desk", strings.NewReader(file))
}

func TestAProductionWorldServesWhatItsCarrierHasLoaded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := production(t, d)
		if list, total := centers(w, voice.CenterFilter{}, voice.Paging{Limit: 10}); total != 0 || len(list) != 0 {
			t.Errorf("before anything is loaded, %v are served", names(list))
		}
		for _, c := range []struct {
			center string
			codes  []int
		}{{"PUEBLO", []int{901, 1303, 1303}}, {"OUR OWN", []int{901, 1304, 1304}}} {
			o := w.Reserve(voicetest.Line(c.center, 5))
			worked(t, w)
			told(t, w, o, c.codes...)
		}
		n, err := load(w, stock("CO,PUEBLO,719,206,9,Y", "co, our own ,719,395,1,N", "CO,PUEBLO,719,206,7,Y", "CO,PUEBLO,719,206,9,Y"))
		if n != 3 || err != nil {
			t.Fatalf("%d blocks were loaded: %v", n, err)
		}
		if list, _ := centers(w, voice.CenterFilter{}, voice.Paging{Limit: 10}); !slices.Equal(names(list), []string{"CO/OUR OWN", "CO/PUEBLO"}) || !list[1].Static911 || list[0].Static911 {
			t.Errorf("%+v are served", list)
		}
		for _, center := range []string{"OUR OWN", "PUEBLO"} {
			o := w.Reserve(voicetest.Line(center, 399))
			worked(t, w)
			told(t, w, o, 901, 10002, 10002)
		}
		list, _ := w.Pool(voicetest.Other)
		for _, e := range list {
			if b := e.Start.Block(); b != nanp.CodeOf(719, 395).Block(1) && b != nanp.CodeOf(719, 206).Block(7) {
				t.Errorf("%v to %v of %s is not what was loaded", e.Start, e.End, e.Center)
			}
		}
		again, err := load(w, stock("CO,PUEBLO,719,206,9,Y", "CO,OUR OWN,719,395,1,N", "CO,PUEBLO,719,206,7,Y"))
		if again != 0 || err != nil {
			t.Errorf("a second time %d were loaded: %v", again, err)
		}
		w.Within(func(tx *db.Tx) error {
			_, free, err := w.Desk.Withhold(tx, "desk", "CO", "PUEBLO", 1_000_000)
			if free != 2*voice.PerBlock-399 {
				t.Errorf("%d numbers are left: there is more than was loaded", free)
			}
			return err
		})
		w.CheckAll()
	})
}

func TestABadLineEndsTheLoad(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := production(t, d)
		good := []string{"CO,PUEBLO,719,206,0,Y", "CO,PUEBLO,719,206,1,Y"}
		for _, c := range []struct{ name, file string }{
			{"nothing", ""},
			{"no header", strings.Join(good, "\n")},
			{"another header", "state,center,npa,nxx,x,static911\n" + good[0]},
			{"no state", stock("XX,PUEBLO,719,206,2,Y")},
			{"no rate center", stock("CO, ,719,206,2,Y")},
			{"a name that is too long", stock("CO," + strings.Repeat("X", 41) + ",719,206,2,Y")},
			{"no block", stock("CO,PUEBLO,719,206,,Y")},
			{"what cannot be a block", stock("CO,PUEBLO,719,011,2,Y")},
			{"555 is for fiction", stock("CO,PUEBLO,719,555,0,Y")},
			{"neither Y nor N", stock("CO,PUEBLO,719,206,2,yes")},
			{"a field too few", stock("CO,PUEBLO,719,206,2")},
			{"a quote that does not end", stock(`CO,"PUEBLO,719,206,2,Y`)},
		} {
			if n, err := load(w, c.file); n != 0 || err == nil {
				t.Errorf("%s: %d were loaded, %v", c.name, n, err)
			}
		}
		if all := rows(w); len(all.Blocks)+len(all.Centers) != 0 {
			t.Errorf("%d blocks and %d rate centers were left behind", len(all.Blocks), len(all.Centers))
		}
		n, err := load(w, stock(good[0], good[1], "CO,PUEBLO,719,206,2,?", "CO,PUEBLO,719,206,3,Y"))
		if n != 2 || err == nil || !strings.Contains(err.Error(), "line 4") {
			t.Errorf("%d were loaded before the fourth line: %v", n, err)
		}
		n, err = load(w, stock(good[0], good[1], "CO,PUEBLO,719,206,2,N", "CO,PUEBLO,719,206,3,Y"))
		if n != 2 || err != nil || len(rows(w).Blocks) != 4 {
			t.Errorf("with the line mended %d more were loaded: %v", n, err)
		}
	})
}

func TestAStockOfManyBatchesIsLoaded(t *testing.T) {
	t.Parallel()
	w := production(t, dbtest.Open(t, dbtest.SQLite(t)))
	var lines []string
	for _, plan := range nanp.InState("CO")[:50] {
		for code := range plan.Codes() {
			for x := range 10 {
				lines = append(lines, fmt.Sprintf("CO,%s,%d,%d,%d,N", plan.Name, code.NPA(), code.NXX(), x))
			}
		}
	}
	n, err := load(w, stock(lines...))
	if n != len(lines) || err != nil || n < 2001 {
		t.Fatalf("of %d %d were loaded: %v", len(lines), n, err)
	}
	w.CheckAll()
}

func TestWhatIsLoadedGoesToWhoeverWaits(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		o := waiting(t, w, voicetest.Other, 100)
		b := spareBlocks(1)[0]
		if n, err := load(w, stock(fmt.Sprintf("CO,ALAMOSA,%d,%d,%d,Y", b.Code().NPA(), b.Code().NXX(), b.X()))); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		w.Advance(0)
		told(t, w, o, 901, 10001, 10002, 10002)
		consolidate(w, "ALAMOSA", "PUEBLO")
		if n, err := load(w, stock("CO,ALAMOSA,719,395,1,N")); n != 0 || err == nil {
			t.Errorf("what was consolidated was loaded: %d, %v", n, err)
		}
	})
}

func TestEveryWrongLineOfAStockFileIsNamed(t *testing.T) {
	t.Parallel()
	good := "CO,PUEBLO,719,206,0,Y"
	for _, c := range []struct {
		name, file string
		want       []string
	}{
		{"nothing wrong", stock(good, good), nil},
		{"no header", good, []string{"must begin with the line state"}},
		{"several", stock(good, "XX,PUEBLO,719,206,1,Y", good, "CO,PUEBLO,719,206,2", "CO,PUEBLO,719,206,3,?"), []string{"line 3: ", "line 5: ", "line 6: "}},
		{"more than are asked for", stock("A,B,1,2,3,4", "A,B,1,2,3,4", "A,B,1,2,3,4", "A,B,1,2,3,4"), []string{"line 2: ", "line 3: ", "line 4: "}},
		{"what cannot be told apart", stock(`CO,"PUEBLO,719,206,2,Y`, good), []string{"line "}},
	} {
		got := voice.CheckStock(strings.NewReader(c.file), 3)
		if len(got) != len(c.want) {
			t.Errorf("%s: %q", c.name, got)
			continue
		}
		for i, want := range c.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%s: %q, want %q", c.name, got[i], want)
			}
		}
	}
}
