package marketplace

import "demarc/internal/seal"

// SealedColumns is where the product keeps what is sealed, for a change of keys.
func SealedColumns() []seal.Column {
	return []seal.Column{
		{Table: "mk_provider", ID: "id", Name: "reseller", Purpose: resellerPurpose},
		{Table: "mk_subscription", ID: "id", Name: "secrets", Purpose: secretsPurpose},
	}
}
