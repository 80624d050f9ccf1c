package voice_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// shelf is a rate center's blocks the slow way.
type shelf struct {
	random *rand.Rand
	table  map[nanp.Block]*slow
	open   []nanp.Block // the most used first
	spare  []nanp.Block // to be opened, in this order
	page   int
}

// newShelf fills some blocks: evenly, in stretches, nearly wholly or not at all.
func newShelf(random *rand.Rand) *shelf {
	s := &shelf{random: random, table: map[nanp.Block]*slow{}, page: 1 + random.IntN(3)}
	code := nanp.CodeOf(303, 225)
	for _, x := range random.Perm(10)[:random.IntN(7)] {
		b := code.Block(x)
		s.table[b] = &slow{}
		if random.IntN(3) == 0 {
			s.spare = append(s.spare, b)
			continue
		}
		s.open = append(s.open, b)
		share, stretch := random.IntN(11), 1+random.IntN(80)
		for i := 0; i < voice.PerBlock; i += stretch {
			taken := random.IntN(10) < share
			for j := i; taken && j < min(i+stretch, voice.PerBlock); j++ {
				s.table[b][j] = true
			}
		}
	}
	slices.SortFunc(s.open, func(a, b nanp.Block) int {
		return cmp.Or(cmp.Compare(s.table[a].free(), s.table[b].free()), cmp.Compare(a, b))
	})
	return s
}

// fast is a block as the product has it.
func (s *shelf) fast(b nanp.Block) *voice.OpenBlock {
	o := voice.NewBlock(b)
	for i, taken := range s.table[b] {
		if taken && !o.Taken.Set(i, i) {
			panic("a number is taken twice")
		}
	}
	if slices.Contains(s.open, b) {
		o.Was = s.table[b].free()
	}
	return o
}

// take has numbers found for a wish, with the blocks in pages as the store has them.
func (s *shelf) take(w voice.Wish) (voice.Taken, error) {
	read := map[nanp.Block]bool{}
	at := map[int]int{}
	var seen []nanp.Block
	more := func(run int) (page []*voice.OpenBlock, err error) {
		for at[run] < len(s.open) && len(page) < s.page {
			b := s.open[at[run]]
			at[run]++
			if s.table[b].free() > 0 && s.table[b].longest() >= run && !read[b] {
				read[b] = true
				page = append(page, s.fast(b))
			}
		}
		return page, nil
	}
	open := func(w voice.Wish, run int) (*voice.OpenBlock, error) {
		for _, b := range s.spare {
			if slices.Contains(seen, b) || s.most(b, w) < run {
				continue
			}
			seen = append(seen, b)
			return s.fast(b), nil
		}
		return nil, nil
	}
	return voice.TakeFrom(more, open, w)
}

// fits reports whether a wish may have a number.
func fits(tn nanp.TN, w voice.Wish) bool {
	return w.PBXIndex == 0 || tn.Digit(w.PBXIndex) != w.PBXValue
}

// stretches are the free numbers of a block that fit, as lengths by where they begin.
func (s *shelf) stretches(b nanp.Block, w voice.Wish) map[int]int {
	list := map[int]int{}
	from := -1
	for i, taken := range s.table[b] {
		if taken || !fits(b.First()+nanp.TN(i), w) {
			from = -1
			continue
		}
		if from < 0 {
			from = i
		}
		list[from]++
	}
	return list
}

func (s *shelf) most(b nanp.Block, w voice.Wish) (most int) {
	for _, n := range s.stretches(b, w) {
		most = max(most, n)
	}
	return most
}

func (s *shelf) fit(b nanp.Block, w voice.Wish) (sum int) {
	for _, n := range s.stretches(b, w) {
		sum += n
	}
	return sum
}

// mark takes a range, or says why it must not be.
func (s *shelf) mark(r voice.Range, w voice.Wish) error {
	table := s.table[r.Start.Block()]
	if table == nil || r.End < r.Start || r.End.Block() != r.Start.Block() {
		return fmt.Errorf("%v to %v is of no block", r.Start, r.End)
	}
	for tn := r.Start; tn <= r.End; tn++ {
		if i := int(tn - tn.Block().First()); table[i] || !fits(tn, w) {
			return fmt.Errorf("%v is taken already: %v, or does not fit", tn, table[i])
		}
		table[int(tn-tn.Block().First())] = true
	}
	return nil
}

// aWish draws what may be asked for.
func aWish(random *rand.Rand) voice.Wish {
	w := voice.Wish{Quantity: 1 + random.IntN(1+random.IntN(1200))}
	switch random.IntN(4) {
	case 0:
		w.Run = w.Quantity
	case 1:
		w.Run = min(2+random.IntN(60), w.Quantity)
	}
	if random.IntN(2) == 0 {
		w.PBXIndex, w.PBXValue = 1+random.IntN(10), random.IntN(10)
	}
	return w
}

func TestTakenNumbersAreAsASlowModelSays(t *testing.T) {
	t.Parallel()
	var short, broken, whole, restricted int
	for seed := range uint64(3000) {
		random := rand.New(rand.NewPCG(seed, 7))
		s, w := newShelf(random), aWish(random)
		have := 0
		for b := range s.table {
			have += s.fit(b, w)
		}
		taken, err := s.take(w)
		if err == nil {
			err = s.check(w, taken, have)
		}
		if err != nil {
			t.Fatalf("seed %d, %+v of %d: %v", seed, w, have, err)
		}
		switch {
		case taken.Short > 0:
			short++
		case taken.Broken:
			broken++
		case w.Run > 1 && w.Quantity > w.Run:
			whole++
		}
		if w.PBXIndex > 6 {
			restricted++
		}
	}
	if min(short, broken, whole, restricted) < 50 {
		t.Errorf("%d short, %d broken, %d in several runs, %d restricted: too few to prove anything", short, broken, whole, restricted)
	}
}

// check holds what was taken against the model.
func (s *shelf) check(w voice.Wish, taken voice.Taken, have int) error {
	if want := max(0, w.Quantity-have); taken.Short != want {
		return fmt.Errorf("%d short, want %d", taken.Short, want)
	}
	before := map[nanp.Block]int{}
	for b, table := range s.table {
		before[b] = table.free()
	}
	rest, left, err := s.checkRuns(w, taken)
	if err != nil {
		return err
	}
	for i, r := range rest {
		if w.Run == 0 && i > 0 && r.Start.Block() != rest[i-1].Start.Block() {
			if n := s.fit(rest[i-1].Start.Block(), w); n != 0 {
				return fmt.Errorf("block %v was begun while %v has %d", r.Start.Block(), rest[i-1].Start.Block(), n)
			}
		}
		if w.Run == 0 {
			if other := s.sooner(r.Start.Block(), func(b nanp.Block) bool { return s.fit(b, w) > 0 }); other != 0 {
				return fmt.Errorf("%v comes before %v", other, r.Start.Block())
			}
		}
		if err := s.mark(r, w); err != nil {
			return err
		}
		left -= r.Len()
	}
	if left != taken.Short {
		return fmt.Errorf("%d were not taken, and %d are short", left, taken.Short)
	}
	for _, o := range taken.Blocks {
		if s.fast(o.Block).Taken != o.Taken {
			return fmt.Errorf("block %v is not as its numbers were taken", o.Block)
		}
		if before[o.Block] == s.table[o.Block].free() {
			return fmt.Errorf("block %v has not changed", o.Block)
		}
		delete(before, o.Block)
	}
	for b, n := range before {
		if n != s.table[b].free() {
			return fmt.Errorf("block %v has changed and is not saved", b)
		}
	}
	return nil
}

// checkRuns holds what was taken in sequence against the model, as far as it is one. It
// answers the ranges that are not, and how many numbers they are for.
func (s *shelf) checkRuns(w voice.Wish, taken voice.Taken) (rest []voice.Range, left int, err error) {
	rest, left = taken.Ranges, w.Quantity
	for w.Run > 0 && left > 0 {
		n := min(w.Run, left)
		if len(rest) == 0 || rest[0].Len() != n {
			for b := range s.table {
				if s.most(b, w) >= n {
					return nil, 0, fmt.Errorf("%v has %d in a row, and they were not taken", b, n)
				}
			}
			if !taken.Broken {
				return nil, 0, fmt.Errorf("%d are not in a row, and nobody says so", left)
			}
			return rest, left, nil
		}
		r := rest[0]
		block := r.Start.Block()
		if other := s.sooner(block, func(b nanp.Block) bool { return s.most(b, w) >= n }); other != 0 && n == w.Run {
			return nil, 0, fmt.Errorf("%v has %d in a row and comes before %v", other, n, block)
		}
		list := s.stretches(block, w)
		for from, length := range list {
			if length >= n && length < list[int(r.Start-block.First())] {
				return nil, 0, fmt.Errorf("%d were taken of a stretch of %d, and there was one of %d at %d", n, list[int(r.Start-block.First())], length, from)
			}
		}
		if err := s.mark(r, w); err != nil {
			return nil, 0, err
		}
		rest, left = rest[1:], left-n
	}
	if taken.Broken {
		return nil, 0, fmt.Errorf("all are in a row, and it says that they are not")
	}
	return rest, left, nil
}

// sooner is a block that numbers are taken from before another, if it has what is asked
// for; 0 when there is none.
func (s *shelf) sooner(than nanp.Block, has func(nanp.Block) bool) nanp.Block {
	for _, b := range slices.Concat(s.open, s.spare) {
		if b == than {
			return 0
		}
		if has(b) {
			return b
		}
	}
	return 0
}
