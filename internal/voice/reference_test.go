package voice_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

func TestTheReferenceStockIsAFewThousandRateCentersAndFiftyMillionNumbers(t *testing.T) {
	t.Parallel()
	centers, numbers := voice.ReferenceStock()
	t.Logf("%d rate centers and %d numbers", centers, numbers)
	if numbers < 50_000_000 || numbers > 52_000_000 {
		t.Errorf("%d numbers, want 50 to 52 million", numbers)
	}
	again, same := voice.ReferenceStock()
	if again != centers || same != numbers {
		t.Errorf("a second time it is %d and %d", again, same)
	}
	owner := map[nanp.Block]string{}
	served := 0
	for _, plan := range nanp.RateCenters() {
		list, c := voice.ReferenceBlocks(plan), voice.ReferenceOf(plan)
		if c.Covered != (len(list) > 0) || c.Native != c.Covered || c.Static911 && !c.Covered || !c.Open {
			t.Errorf("%s has %d blocks and is %+v", plan.Key(), len(list), c)
		}
		if c.Covered {
			served++
		}
		for _, b := range list {
			if of := nanp.ByCode(b.Code()); of != plan {
				t.Errorf("block %v of %s is of %v", b, plan.Key(), of)
			}
			if owner[b] != "" || !b.First().Valid() {
				t.Errorf("block %v of %s is also of %q, or can have no numbers", b, plan.Key(), owner[b])
			}
			owner[b] = plan.Key()
		}
	}
	if served != centers || len(owner)*voice.PerBlock != numbers {
		t.Errorf("%d are served with %d blocks", served, len(owner))
	}
	for _, key := range []string{"CO/DENVER", "CO/AURORA", "CO/VAIL", "CO/ASPEN", "AK/ANCHORAGE"} {
		if c := voice.ReferenceOf(nanp.Find(key[:2], key[3:])); !c.Covered || !c.Static911 {
			t.Errorf("%s, which the docs name, is not served", key)
		}
	}
}

// What a sandbox owns is drawn from names and numbers alone: another process, another
// machine and another release make the same of the same plan.
func TestTheReferenceStockIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"CO/ALAMOSA":   "[719-206-8 719-298-2]",
		"CO/LEADVILLE": "[719-293-3]",
		"CO/SALIDA":    "[719-207-2 719-626-0]",
	} {
		if got := fmt.Sprint(voice.ReferenceBlocks(nanp.Find(key[:2], key[3:]))); got != want {
			t.Errorf("%s has %s, want %s", key, got, want)
		}
	}
	first := voice.ReferenceBlocks(nanp.Find("CO", "LEADVILLE"))[0]
	if !voice.OwnsReference(first.First()) || !voice.OwnsReference(first.First()+999) || voice.OwnsReference(first.First()+1000) {
		t.Error("of a block, and of its neighbour, it owns the wrong one")
	}
	if voice.OwnsReference(nanp.CodeOf(303, 555).Block(0).First() + 100) {
		t.Error("it owns a number for fiction")
	}
}

// consolidated is rate centers that open blocks and absorb each other, in memory.
type consolidated struct {
	alive  []*voice.Center
	opened map[*voice.Center][]nanp.Block
}

// check expects each block in one place: opened somewhere, or to be opened.
func (c *consolidated) check(t *testing.T, seed uint64, want int) {
	t.Helper()
	at := map[nanp.Block]string{}
	for _, center := range c.alive {
		list := center.Sources()
		for _, b := range append(c.opened[center], list[min(center.Opened, len(list)):]...) {
			if at[b] != "" {
				t.Fatalf("seed %d: block %v is in %s and in %s", seed, b, at[b], center.Key())
			}
			at[b] = center.Key()
		}
	}
	if len(at) != want {
		t.Fatalf("seed %d: %d blocks, want %d", seed, len(at), want)
	}
}

func TestConsolidationsNeitherLoseNorDoubleABlock(t *testing.T) {
	t.Parallel()
	names := []string{"ALAMOSA", "LEADVILLE", "SALIDA", "PUEBLO", "DURANGO", "ANTONITO", "ASPEN", "OUR OWN", "AGATE"}
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 11))
		c := &consolidated{opened: map[*voice.Center][]nanp.Block{}}
		want := 0
		for _, name := range names {
			made := &voice.Center{State: "CO", Name: name}
			if plan := nanp.Find("CO", name); plan != nil {
				of := voice.ReferenceOf(plan)
				made = &of
				want += len(voice.ReferenceBlocks(plan))
			}
			c.alive = append(c.alive, made)
		}
		for len(c.alive) > 1 {
			random.Shuffle(len(c.alive), func(i, j int) { c.alive[i], c.alive[j] = c.alive[j], c.alive[i] })
			into, from := c.alive[0], c.alive[1]
			for _, center := range []*voice.Center{into, from} {
				list := center.Sources()
				n := random.IntN(len(list) - center.Opened + 1)
				c.opened[center] = append(c.opened[center], list[center.Opened:center.Opened+n]...)
				center.Opened += n
			}
			c.check(t, seed, want)
			if random.IntN(2) == 0 {
				into.Absorbed = append(into.Absorbed, from.Rest()...)
				c.opened[into] = append(c.opened[into], c.opened[from]...)
				c.alive = append(c.alive[:1], c.alive[2:]...)
				c.check(t, seed, want)
			}
		}
	}
}

func TestAConsolidatedRateCenterGivesTheNumbersOfAllThatItIsMadeOf(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		w.Worked(w.Reserve(voicetest.Line("SALIDA", 7)))
		addOwn(w, "OUR OWN", spareBlocks(1)[0])
		for _, into := range [][2]string{{"SALIDA", "OUR OWN"}, {"OUR OWN", "ALAMOSA"}, {"ALAMOSA", "LEADVILLE"}} {
			consolidate(w, into[0], into[1])
			w.CheckAll()
		}
		w.Within(func(tx *db.Tx) error {
			_, free, err := w.Desk.Withhold(tx, "desk", "CO", "LEADVILLE", 100_000)
			if want := (2+2+1+1)*voice.PerBlock - 7; free != want {
				t.Errorf("%d numbers are free, want %d", free, want)
			}
			return err
		})
	})
}
