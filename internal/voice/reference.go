package voice

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"sync"

	"demarc/internal/nanp"
)

// The stock of a sandbox: which rate centers the carrier serves there, and which
// thousands-blocks it owns. No open data says who owns what, so it is made up, over the
// real numbering plan, the same everywhere and every time. A production world has what
// its carrier has loaded, and nothing else.
//
// A rate center's blocks exist as rows from the moment that they are opened; that a
// sandbox has fifty million numbers costs nothing.

// Shares of the plan, per mille.
const (
	servedShare = 900 // rate centers that are served
	staticShare = 700 // of those, with static 911
	blockShare  = 25  // of their thousands-blocks, beside the one that each has
)

// noBackorders are the regions in which a sandbox's carrier takes no backorders.
var noBackorders = []string{"AK", "AS", "GU", "HI", "MP", "PR", "VI"}

// draw is a number from 0 to 999 that is a name's for good.
func draw(purpose, name string) int {
	h := fnv.New64a()
	_, _ = h.Write([]byte("demarc " + purpose + "\x00" + name))
	return int(mix(h.Sum64()) % 1000)
}

// mix spreads what differs in a few bits over all of them.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// owned reports whether the carrier owns a thousands-block.
func owned(b nanp.Block) bool {
	return mix(uint64(b)^0x9e3779b97f4a7c15)%1000 < blockShare // #nosec G115 -- a block is positive
}

// referenceOf is a rate center as a fresh sandbox has it.
func referenceOf(plan *nanp.RateCenter) Center {
	key := plan.Key()
	served := draw("served", key) < servedShare || slices.Contains(exampleCenters, key)
	return Center{State: plan.State, Name: plan.Name, Plan: plan, Covered: served, Open: true, Native: served,
		Static911: served && (draw("static 911", key) < staticShare || slices.Contains(exampleCenters, key))}
}

// referenceBlocks are the thousands-blocks that the carrier owns in a rate center, in
// the order in which they are opened. They are worked out once, and shared.
func referenceBlocks(plan *nanp.RateCenter) []nanp.Block {
	if known, ok := blocksOf.Load(plan); ok {
		return known.([]nanp.Block)
	}
	var list []nanp.Block
	if referenceOf(plan).Covered {
		var first nanp.Block
		n := draw("first block", plan.Key()) % 10
		for code := range plan.Codes() {
			for x := range 10 {
				b := nanp.Block(int(code)*10 + x)
				if first == 0 && x == n {
					first = b
				} else if owned(b) {
					list = append(list, b)
				}
			}
		}
		list = slices.Insert(list, 0, first)
	}
	known, _ := blocksOf.LoadOrStore(plan, list)
	return known.([]nanp.Block)
}

var blocksOf sync.Map // *nanp.RateCenter -> []nanp.Block

// ReferenceStock is how many rate centers a sandbox's carrier serves, and how many
// numbers it owns there.
func ReferenceStock() (centers, numbers int) {
	for _, plan := range nanp.RateCenters() {
		if n := len(referenceBlocks(plan)); n > 0 {
			centers++
			numbers += n * PerBlock
		}
	}
	return centers, numbers
}

// OwnsReference reports whether a sandbox's carrier owns a number from the beginning:
// in a thousands-block that has been opened, or will be.
func OwnsReference(tn nanp.TN) bool {
	plan := nanp.ByCode(tn.Code())
	return plan != nil && slices.Contains(referenceBlocks(plan), tn.Block())
}

// sources are the lists of blocks that a rate center opens, one after the other: its
// own, and of those that it has absorbed what they had not opened.
func (c Center) sources() (list []nanp.Block) {
	if c.Plan != nil {
		list = slices.Clone(referenceBlocks(c.Plan))
	}
	for _, a := range c.Absorbed {
		key, opened, _ := strings.Cut(a, ":")
		state, name, _ := strings.Cut(key, "/")
		n, _ := strconv.Atoi(opened)
		if plan := nanp.Find(state, name); plan != nil {
			if blocks := referenceBlocks(plan); n < len(blocks) {
				list = append(list, blocks[n:]...)
			}
		}
	}
	return list
}
