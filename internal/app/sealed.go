package app

import (
	"slices"

	"demarc/internal/marketplace"
	"demarc/internal/outbox"
	"demarc/internal/preorder"
	"demarc/internal/seal"
	"demarc/internal/voice"
)

// SealedColumns is everything in the database that is sealed, for a change of keys.
func SealedColumns() []seal.Column {
	return slices.Concat(outbox.SealedColumns(), marketplace.SealedColumns(), preorder.SealedColumns(), voice.SealedColumns())
}
