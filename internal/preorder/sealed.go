package preorder

import "demarc/internal/seal"

// SealedColumns is where the product keeps what is sealed, for a change of keys.
func SealedColumns() []seal.Column {
	return []seal.Column{{Table: "px_transaction", ID: "id", Name: "customer", Purpose: sealedFor}}
}
