package preorder

import (
	"fmt"

	"demarc/internal/db"
)

// Check audits the product's invariants in a world.
func (d *Desk) Check(tx *db.Tx) ([]string, error) {
	all, err := d.Store.All(tx)
	if err != nil {
		return nil, err
	}
	var problems []string
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	pairs := map[[2]string]string{}
	configured := map[string]bool{}
	for _, t := range all.Transactions {
		configured[t.ID] = t.Config != nil
		switch {
		case (t.State == TxQualified) != (t.Address != nil):
			wrong("transaction %s is %s with the address %v", t.ID, t.State, t.Address)
		case t.State == TxQualified && len(t.Offers) == 0:
			wrong("transaction %s is qualified for nothing", t.ID)
		case t.Config != nil && (t.PartnerOrderID == "" || t.State != TxQualified):
			wrong("transaction %s is %s, configured as %q", t.ID, t.State, t.PartnerOrderID)
		case all.Sealed[t.ID] && (t.Config == nil || !all.Purges[t.ID]):
			wrong("transaction %s holds personal data that nothing will remove", t.ID)
		}
		if t.PartnerOrderID == "" {
			continue
		}
		pair := [2]string{t.SalesCode, t.PartnerOrderID}
		if other, twice := pairs[pair]; twice {
			wrong("%s %s is of transaction %s and of %s", pair[0], pair[1], other, t.ID)
		}
		pairs[pair] = t.ID
	}
	placed := map[string]string{}
	for _, o := range all.Orders {
		open := !OrderMachine.Ended(o.State)
		switch {
		case !configured[o.Transaction]:
			wrong("order %s is of transaction %s, which was not configured", o.Number, o.Transaction)
		case open != all.Waiting[o.Number]:
			wrong("order %s is %s and its next step is due: %v", o.Number, o.State, all.Waiting[o.Number])
		case open && all.Held[o.DetailID] != o.Number:
			wrong("order %s is %s, its address %s is held by %q", o.Number, o.State, o.DetailID, all.Held[o.DetailID])
		case all.Told[o.Number] != o.State:
			wrong("order %s is %s, its history ends in %q", o.Number, o.State, all.Told[o.Number])
		case (o.State == OrderCancelled || o.State == OrderCompleted) == o.EndedAt.IsZero():
			wrong("order %s is %s and ended at %v", o.Number, o.State, o.EndedAt)
		}
		if other, twice := placed[o.Transaction]; twice {
			wrong("transaction %s became order %s and %s", o.Transaction, other, o.Number)
		}
		placed[o.Transaction] = o.Number
	}
	return problems, nil
}
