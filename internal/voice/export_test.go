package voice

import (
	"demarc/internal/db"
	"demarc/internal/nanp"
)

// What tests of the package look at from outside.

// TakeFrom finds numbers for a wish in a rate center's blocks.
func TakeFrom(more func(run int) ([]*OpenBlock, error), open func(w Wish, run int) (*OpenBlock, error), w Wish) (Taken, error) {
	b := &blocks{more: more, open: open}
	return b.take(w)
}

// NewBlock is a block that was not open before.
func NewBlock(b nanp.Block) *OpenBlock { return &OpenBlock{Block: b, Was: newBlock} }

// ReferenceBlocks are the blocks that a sandbox's carrier owns in a rate center.
func ReferenceBlocks(plan *nanp.RateCenter) []nanp.Block { return referenceBlocks(plan) }

// ReferenceOf is a rate center as a fresh sandbox has it.
func ReferenceOf(plan *nanp.RateCenter) Center { return referenceOf(plan) }

// Sources are the blocks that a rate center opens, one after the other.
func (c Center) Sources() []nanp.Block { return c.sources() }

// Rest is what the one that absorbs a rate center may still open of it.
func (c Center) Rest() []string { return c.rest() }

// Carve makes ranges entries of their own.
func (d *Desk) Carve(tx *db.Tx, list []Range) ([]Entry, error) { return d.carve(tx, list) }
