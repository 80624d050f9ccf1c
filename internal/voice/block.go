package voice

import (
	"encoding/binary"
	"errors"
	"math/bits"

	"demarc/internal/nanp"
)

// PerBlock is how many numbers a thousands-block has.
const PerBlock = 1000

// Bits are the numbers of a thousands-block: bit i is set while its number with the
// last three digits i is not free. The zero Bits are a block that is wholly free.
type Bits [16]uint64

// bitsLength is how long a block is as bytes.
const bitsLength = PerBlock / 8

// tail are the bits of the last word that stand for no number.
const tail = ^(uint64(1)<<(PerBlock%64) - 1)

var errBits = errors.New("voice: a block is 125 bytes")

// ParseBits reads a block as it is stored.
func ParseBits(stored []byte) (b Bits, err error) {
	if len(stored) != bitsLength {
		return b, errBits
	}
	var padded [128]byte
	copy(padded[:], stored)
	for i := range b {
		b[i] = binary.LittleEndian.Uint64(padded[8*i:])
	}
	return b, nil
}

// Bytes is the block as it is stored.
func (b *Bits) Bytes() []byte {
	var padded [128]byte
	for i, w := range b {
		binary.LittleEndian.PutUint64(padded[8*i:], w)
	}
	return padded[:bitsLength]
}

// Has reports whether a number is taken.
func (b *Bits) Has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// Set takes the numbers from to to, both included. It is refused, and nothing is taken,
// when one of them is taken already: the same number would be given out twice.
func (b *Bits) Set(from, to int) bool { return b.turn(from, to, 0, ^uint64(0)) }

// Clear frees the numbers from to to. It is refused when one of them is free.
func (b *Bits) Clear(from, to int) bool { return b.turn(from, to, ^uint64(0), ^uint64(0)) }

// turn inverts a run whose bits are all what they are expected to be.
func (b *Bits) turn(from, to int, are, invert uint64) bool {
	if from < 0 || to >= PerBlock || from > to {
		return false
	}
	next := *b
	for i := from; i <= to; {
		w, at := i/64, i%64
		n := min(64-at, to-i+1)
		mask := ^uint64(0) >> (64 - n) << at
		if next[w]&mask != are&mask {
			return false
		}
		next[w] ^= invert & mask
		i += n
	}
	*b = next
	return true
}

// Free is how many numbers are free.
func (b *Bits) Free() int {
	used := 0
	for _, w := range b {
		used += bits.OnesCount64(w)
	}
	return PerBlock - used
}

// nextFree is the first free number from i on, PerBlock when there is none.
func (b *Bits) nextFree(i int) int {
	for w := i / 64; w < len(b); w++ {
		free := ^b[w]
		if w == len(b)-1 {
			free &^= tail
		}
		if w == i/64 {
			free &= ^uint64(0) << (i % 64)
		}
		if free != 0 {
			return 64*w + bits.TrailingZeros64(free)
		}
	}
	return PerBlock
}

// nextTaken is the first taken number from i on, PerBlock when there is none.
func (b *Bits) nextTaken(i int) int {
	for w := i / 64; w < len(b); w++ {
		taken := b[w]
		if w == i/64 {
			taken &= ^uint64(0) << (i % 64)
		}
		if taken != 0 {
			return min(64*w+bits.TrailingZeros64(taken), PerBlock)
		}
	}
	return PerBlock
}

// run is some numbers in a row.
type run struct{ from, n int }

// runs are the stretches of free numbers, in order.
func (b *Bits) runs(yield func(run) bool) {
	for i := b.nextFree(0); i < PerBlock; {
		end := b.nextTaken(i)
		if !yield(run{i, end - i}) || end == PerBlock {
			return
		}
		i = b.nextFree(end)
	}
}

// Longest is how many free numbers there are in a row, at most.
func (b *Bits) Longest() int {
	most := 0
	for r := range b.runs {
		most = max(most, r.n)
	}
	return most
}

// Range is numbers in a row, of one thousands-block.
type Range struct{ Start, End nanp.TN }

// Len is how many numbers a range has.
func (r Range) Len() int { return int(r.End-r.Start) + 1 }

// places are where in its block a range begins and ends.
func (r Range) places() (block nanp.Block, from, to int) {
	block = r.Start.Block()
	first := block.First()
	return block, int(r.Start - first), int(r.End - first)
}

// rangeOf is a run of a block's.
func rangeOf(block nanp.Block, r run) Range {
	start := block.First() + nanp.TN(r.from)
	return Range{start, start + nanp.TN(r.n-1)}
}
