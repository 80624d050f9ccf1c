package voicesql

import (
	"context"

	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// Source is what the embedded backends know from the rows.
type Source struct{ d *db.DB }

// NewSource makes the source of one database.
func NewSource(d *db.DB) Source { return Source{d} }

// Profile is what is known of a customer.
func (s Source) Profile(ctx context.Context, world, customer string) (p voice.Profile, err error) {
	err = s.d.View(ctx, world, func(tx *db.Tx) error {
		Store{}.AskProfile(tx, customer, &p)
		return tx.Flush()
	})
	return p, err
}

// Ours are those of some numbers that are in an open block of the world's, and where.
func (s Source) Ours(ctx context.Context, world string, list []nanp.TN) (map[nanp.TN]voice.BlockAt, error) {
	at := map[nanp.Block]voice.BlockAt{}
	asked := map[nanp.Block]bool{}
	err := s.d.View(ctx, world, func(tx *db.Tx) error {
		for _, tn := range list {
			if b := tn.Block(); !asked[b] {
				asked[b] = true
				Store{}.askBlockAt(tx, b, at)
			}
		}
		return tx.Flush()
	})
	ours := map[nanp.TN]voice.BlockAt{}
	for _, tn := range list {
		if where, open := at[tn.Block()]; open {
			ours[tn] = where
		}
	}
	return ours, err
}
