package voice

import "demarc/internal/nanp"

// Wish is what a line of a reservation asks of the numbers.
type Wish struct {
	Quantity int
	Run      int // so many in a row, again and again; 0: as they come
	PBXIndex int // the digit, 1 to 10 from the left, that must not be PBXValue; 0: none
	PBXValue int
}

// unfit are the numbers of a block that a wish cannot have, free or not.
func (w Wish) unfit(block nanp.Block) (b Bits) {
	if w.PBXIndex == 0 {
		return b
	}
	first := block.First()
	for i := range PerBlock {
		if (first + nanp.TN(i)).Digit(w.PBXIndex) == w.PBXValue {
			b[i/64] |= 1 << (i % 64)
		}
	}
	return b
}

// OpenBlock is a thousands-block that numbers are taken from.
type OpenBlock struct {
	Block nanp.Block
	Taken Bits
	Was   int // how many were free when it was read; PerBlock+1: it is new
}

// newBlock is the mark of a block that was not open before.
const newBlock = PerBlock + 1

// pick takes up to n numbers of the block that fit the wish, lowest first, as they
// come, and adds them to what was taken.
func (o *OpenBlock) pick(w Wish, n int, taken []Range) (left int, all []Range) {
	avail := o.Taken
	unfit := w.unfit(o.Block)
	for i := range avail {
		avail[i] |= unfit[i]
	}
	for r := range avail.runs {
		if n == 0 {
			break
		}
		r.n = min(r.n, n)
		if !o.Taken.Set(r.from, r.from+r.n-1) {
			panic("voice: a free number is taken") // runs gives free ones
		}
		n -= r.n
		taken = append(taken, rangeOf(o.Block, r))
	}
	return n, taken
}

// pickRun takes so many numbers in a row: from the shortest stretch that has them, so
// that long ones stay whole.
func (o *OpenBlock) pickRun(w Wish, n int) (Range, bool) {
	avail := o.Taken
	unfit := w.unfit(o.Block)
	for i := range avail {
		avail[i] |= unfit[i]
	}
	best := run{n: newBlock}
	for r := range avail.runs {
		if r.n >= n && r.n < best.n {
			best = r
		}
	}
	if best.n == newBlock || !o.Taken.Set(best.from, best.from+n-1) {
		return Range{}, false
	}
	return rangeOf(o.Block, run{best.from, n}), true
}

// blocks are a rate center's, as far as a unit of work has looked at them.
type blocks struct {
	// more are further open blocks that have a run of so many free numbers, the most used
	// first; nil when there are none.
	more func(run int) ([]*OpenBlock, error)
	// open opens the rate center's next block that has such a run for the wish; nil when
	// it has no other.
	open func(w Wish, run int) (*OpenBlock, error)

	seen []*OpenBlock
}

// Taken is what was found for a wish.
type Taken struct {
	Ranges []Range
	Blocks []*OpenBlock // those that have changed
	Short  int          // how many numbers there were not
	Broken bool         // a run was asked for, and it is not all runs
}

// take finds numbers for a wish: from the block that is open and most used until that
// is exhausted, and only then from another (source, Specific telephone number
// requests). For a run, a block may be opened before the others are exhausted: no
// other way meets the request.
func (b *blocks) take(w Wish) (t Taken, err error) {
	left := w.Quantity
	for w.Run > 0 && left > 0 {
		n := min(w.Run, left)
		r, ok, err := b.takeRun(w, n)
		if err != nil {
			return t, err
		}
		if !ok {
			t.Broken = true
			break
		}
		t.Ranges = append(t.Ranges, r)
		left -= n
	}
	tried := map[nanp.Block]bool{}
	for left > 0 {
		o, err := b.next(w, tried)
		if err != nil {
			return t, err
		}
		if o == nil {
			break
		}
		left, t.Ranges = o.pick(w, left, t.Ranges)
	}
	t.Short = left
	for _, o := range b.seen {
		if o.Taken.Free() != o.Was {
			t.Blocks = append(t.Blocks, o)
		}
	}
	return t, nil
}

// next is the next block to take numbers from as they come.
func (b *blocks) next(w Wish, tried map[nanp.Block]bool) (*OpenBlock, error) {
	for {
		for _, o := range b.seen {
			if !tried[o.Block] {
				tried[o.Block] = true
				return o, nil
			}
		}
		found, err := b.look(w, 1)
		if err != nil || !found {
			return nil, err
		}
	}
}

// takeRun takes n numbers in a row.
func (b *blocks) takeRun(w Wish, n int) (Range, bool, error) {
	tried := map[nanp.Block]bool{}
	for {
		for _, o := range b.seen {
			if tried[o.Block] {
				continue
			}
			tried[o.Block] = true
			if r, ok := o.pickRun(w, n); ok {
				return r, true, nil
			}
		}
		found, err := b.look(w, n)
		if err != nil || !found {
			return Range{}, false, err
		}
	}
}

// look sees to further blocks with a run of so many free numbers: open ones, or else
// one that it opens.
func (b *blocks) look(w Wish, run int) (bool, error) {
	more, err := b.more(run)
	if err != nil {
		return false, err
	}
	if len(more) > 0 {
		b.seen = append(b.seen, more...)
		return true, nil
	}
	o, err := b.open(w, run)
	if err != nil || o == nil {
		return false, err
	}
	b.seen = append(b.seen, o)
	return true, nil
}
