// Package caresql keeps the rows of the embedded billing system, with one SQL text
// for both databases: accounts, and the numbers that they are found by.
//
// Load fills a world with many accounts at once; the rest implements care.Store.
package caresql

import (
	"context"

	"demarc/internal/care"
	"demarc/internal/clock"
	"demarc/internal/db"

	"github.com/govalues/decimal"
)

// Store implements care.Store.
type Store struct {
	accounts db.Group[accountKey, *care.Account]
	lines    db.Group[lineKey, []care.Account]
}

var _ care.Store = (*Store)(nil)

type accountKey struct{ world, unit, id string }

type lineKey struct{ world, unit, kind, number string }

// New makes the store of one database.
func New(d *db.DB) *Store {
	return &Store{
		accounts: db.Group[accountKey, *care.Account]{Load: func(ctx context.Context, keys []accountKey) (map[accountKey]*care.Account, error) {
			return loadAccounts(ctx, d, keys)
		}},
		lines: db.Group[lineKey, []care.Account]{Load: func(ctx context.Context, keys []lineKey) (map[lineKey][]care.Account, error) {
			return loadLines(ctx, d, keys)
		}},
	}
}

// FindAccount reads one account, together with everybody else who reads one now.
func (s *Store) FindAccount(ctx context.Context, world, unit, id string) (*care.Account, error) {
	a, _, err := s.accounts.Get(ctx, accountKey{world, unit, id})
	return a, err
}

// FindByNumber reads the accounts with a line, together with everybody else who
// reads some now.
func (s *Store) FindByNumber(ctx context.Context, world, unit, kind, number string) ([]care.Account, error) {
	list, _, err := s.lines.Get(ctx, lineKey{world, unit, kind, number})
	return list, err
}

// The columns of an account beside its world, and how many there are.
const (
	accountColumns = `unit, id, kind, name, state, payment_status, customer, party, street, city, region, postcode, phone, phone_type, email,
		currency, receivable, delinquent, last_payment, credit_limit, financial, financial_due, plan, plan_every, plan_amount,
		media, cycle_shift, location, dunning, delinquency_days, paid_at, modified_at, opened_at, closed_at, period_from, period_to`
	accountWidth = 36

	// Of many accounts only what says whose they are is read; a column costs as much as
	// finding the row.
	ownerColumns = `unit, id, kind, name, state, customer, street, city, region, postcode, phone, phone_type, email, currency`
)

func scanAccount(scan func(...any) error) (a care.Account, err error) {
	var receivable, delinquent, paid, credit, due, plan string
	var paidAt, modifiedAt, openedAt, closedAt, from, to int64
	err = scan(&a.Unit, &a.ID, &a.Kind, &a.Name, &a.State, &a.PaymentStatus, &a.Customer, &a.Party,
		&a.Address.Street, &a.Address.City, &a.Address.Region, &a.Address.Postcode, &a.Phone, &a.PhoneType, &a.Email,
		&a.Currency, &receivable, &delinquent, &paid, &credit, &a.Financial.ID, &due, &a.Plan.Type, &a.Plan.Every, &plan,
		&a.Media, &a.CycleShift, &a.Location, &a.Dunning, &a.DelinquencyDays, &paidAt, &modifiedAt, &openedAt, &closedAt, &from, &to)
	if err != nil {
		return a, err
	}
	a.PaidAt, a.ModifiedAt, a.OpenedAt, a.ClosedAt, a.PeriodFrom, a.PeriodTo = clock.FromMicrosOrZero(paidAt), clock.FromMicrosOrZero(modifiedAt), clock.FromMicrosOrZero(openedAt),
		clock.FromMicrosOrZero(closedAt), clock.FromMicrosOrZero(from), clock.FromMicrosOrZero(to)
	for _, amount := range [...]struct {
		text string
		into *decimal.Decimal
	}{{receivable, &a.Receivable}, {delinquent, &a.Delinquent}, {paid, &a.Paid}, {credit, &a.Credit}, {due, &a.Financial.Due}, {plan, &a.Plan.Amount}} {
		if *amount.into, err = decimal.Parse(amount.text); err != nil {
			return a, err
		}
	}
	return a, nil
}

func scanOwner(scan func(...any) error) (a care.Account, err error) {
	err = scan(&a.Unit, &a.ID, &a.Kind, &a.Name, &a.State, &a.Customer, &a.Address.Street, &a.Address.City, &a.Address.Region,
		&a.Address.Postcode, &a.Phone, &a.PhoneType, &a.Email, &a.Currency)
	return a, err
}

func loadAccounts(ctx context.Context, d *db.DB, keys []accountKey) (map[accountKey]*care.Account, error) {
	type place struct{ world, unit string }
	ids := map[place][]string{}
	for _, k := range keys {
		at := place{k.world, k.unit}
		ids[at] = append(ids[at], k.id)
	}
	found := make(map[accountKey]*care.Account, len(keys))
	err := d.SystemView(ctx, func(tx *db.Tx) error {
		for at, ids := range ids {
			row := func(scan func(...any) error) error {
				a, err := scanAccount(scan)
				found[accountKey{at.world, a.Unit, a.ID}] = &a
				return err
			}
			const many = `SELECT ` + accountColumns + ` FROM care_account WHERE world = $1 AND unit = $2 AND id `
			if len(ids) == 1 {
				tx.Ask(row, many+`= $3`, at.world, at.unit, ids[0])
			} else {
				in, arg := tx.AnyOf(3, ids)
				tx.Ask(row, many+in, at.world, at.unit, arg)
			}
		}
		return nil
	})
	return found, err
}

// loadLines asks for each number by itself, in one round trip: so the accounts of
// each can be bounded.
func loadLines(ctx context.Context, d *db.DB, keys []lineKey) (map[lineKey][]care.Account, error) {
	found := make(map[lineKey][]care.Account, len(keys))
	err := d.SystemView(ctx, func(tx *db.Tx) error {
		for _, k := range keys {
			tx.Ask(func(scan func(...any) error) error {
				a, err := scanOwner(scan)
				found[k] = append(found[k], a)
				return err
			}, `SELECT `+ownerColumns+` FROM care_account WHERE world = $1 AND unit = $2 AND id IN (
				SELECT account FROM care_line WHERE world = $1 AND unit = $2 AND number = $3 AND kind = $4 ORDER BY account LIMIT $5) ORDER BY id`,
				k.world, k.unit, k.number, k.kind, int64(care.MostAccounts))
		}
		return nil
	})
	return found, err
}

// EachAccount walks all accounts of the world.
func (s *Store) EachAccount(tx *db.Tx, fn func(a *care.Account) error) error {
	return tx.Each(func(scan func(...any) error) error {
		a, err := scanAccount(scan)
		if err != nil {
			return err
		}
		return fn(&a)
	}, `SELECT `+accountColumns+` FROM care_account WHERE world = $1 ORDER BY unit, id`)
}

// EachLine walks all lines of the world.
func (s *Store) EachLine(tx *db.Tx, fn func(l care.Line, found bool) error) error {
	return tx.Each(func(scan func(...any) error) error {
		var l care.Line
		var found int64
		if err := scan(&l.Unit, &l.Number, &l.Kind, &l.Account, &found); err != nil {
			return err
		}
		return fn(l, found != 0)
	}, `SELECT l.unit, l.number, l.kind, l.account, CASE WHEN a.id IS NULL THEN 0 ELSE 1 END
		FROM care_line l LEFT JOIN care_account a ON a.world = l.world AND a.unit = l.unit AND a.id = l.account
		WHERE l.world = $1 ORDER BY l.unit, l.number, l.kind, l.account`)
}
