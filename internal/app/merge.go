package app

import (
	"demarc/internal/db"
	"demarc/internal/voice/voicesql"
)

// ownedTables are the products' tables whose rows are a customer's, by its number.
var ownedTables = []string{"billing_account", "od_quote", "od_port", "od_service", "od_order", "mk_subscription", "endpoint"}

// Merged moves what a customer owns to the one that it goes by from now on.
func Merged(tx *db.Tx, from, into string) {
	for _, table := range ownedTables {
		tx.Do(`UPDATE `+table+` SET customer = $3 WHERE world = $1 AND customer = $2`, from, into)
	}
	voicesql.Merged(tx, from, into)
}
