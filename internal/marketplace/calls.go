package marketplace

import (
	"cmp"
	"fmt"
	"slices"

	"demarc/internal/db"
)

// Calls is a part of what a provider and the marketplace told each other, newest
// first, before the entry with the given number (0: from the newest): our calls to its
// server, its updates, and those that were refused.
func (d *Desk) Calls(tx *db.Tx, m Manager, provider string, before int64, limit int) ([]Call, error) {
	return d.Log(tx, m, CallFilter{Provider: provider}, before, limit)
}

// Log is those of a provider's Calls that are asked for.
func (d *Desk) Log(tx *db.Tx, m Manager, f CallFilter, before int64, limit int) ([]Call, error) {
	if _, err := d.Provider(tx, m, f.Provider); err != nil {
		return nil, err
	}
	list, err := d.Store.Calls(tx, f, before, limit)
	if err != nil || f.Wrong || f.Direction != "" && f.Direction != CallIn {
		return list, err // what was accepted came in, and nothing was wrong with it
	}
	updates, err := d.Store.Updates(tx, f, before, limit)
	if err != nil {
		return nil, err
	}
	for _, u := range updates {
		list = append(list, callOf(u))
	}
	slices.SortFunc(list, func(a, b Call) int { return cmp.Compare(b.N, a.N) })
	return list[:min(len(list), limit)], nil
}

// created is the status of an accepted update.
const created = 201

// callOf is an accepted update as an entry of the call log. What it said is the
// provider's own, and in the ledger; its key is not.
func callOf(u Update) Call {
	said := "coid " + u.COID + ", sku " + u.SKU
	if u.Counted {
		said += ", count " + u.Count.String()
	}
	return Call{N: u.N, Provider: u.Provider, Subscription: u.Subscription, Direction: CallIn, At: u.At, Status: created,
		Request: fmt.Sprintf("%s, expired %v", said, u.Expired)}
}

// ProviderSubscriptions lists the subscriptions to a provider's products for its
// manager, those in a state when one is given.
func (d *Desk) ProviderSubscriptions(tx *db.Tx, m Manager, provider, state string, page Paging) ([]Subscription, int, error) {
	if _, err := d.Provider(tx, m, provider); err != nil {
		return nil, 0, err
	}
	return d.Store.Subscriptions(tx, SubFilter{Provider: provider, State: state}, page)
}
