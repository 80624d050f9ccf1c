package ondemandsql

import (
	"context"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/ondemand"
)

const quoteColumns = `id, customer, site, partner, uni, mbps, speed, hourly, created_at, expires_at, used_by`

func scanQuote(scan scanner) (q ondemand.Quote, id string, err error) {
	var hourly string
	var created, expires int64
	err = scan(&q.ID, &q.Customer, &q.Site, &q.Partner, &q.UNI, &q.Speed.Mbps, &q.Speed.Text, &hourly, &created, &expires, &q.UsedBy)
	q.Hourly, q.CreatedAt, q.ExpiresAt = price(hourly), clock.FromMicros(created), clock.FromMicros(expires)
	return q, q.ID, err
}

// FindQuote reads one quote, together with everybody else who reads one now.
func (s *Store) FindQuote(ctx context.Context, world, id string) (*ondemand.Quote, error) {
	q, _, err := s.quotes.Get(ctx, key{world, id})
	return q, err
}

// AddQuote writes a new quote.
func (s *Store) AddQuote(tx *db.Tx, q ondemand.Quote) {
	tx.Do(`INSERT INTO od_quote (world, `+quoteColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		q.ID, q.Customer, q.Site, q.Partner, q.UNI, int64(q.Speed.Mbps), q.Speed.String(), q.Hourly.String(),
		clock.Micros(q.CreatedAt), clock.Micros(q.ExpiresAt), q.UsedBy)
}

// UseQuote promotes a quote once.
func (s *Store) UseQuote(tx *db.Tx, id, order string, now time.Time, used error) {
	tx.One(used, `UPDATE od_quote SET used_by = $3 WHERE world = $1 AND id = $2 AND used_by = '' AND expires_at > $4`,
		id, order, clock.Micros(now))
}

const accountColumns = `id, customer, name, street, city, state, postcode, country, country_code, hq_country, currency, entitled`

func scanAccount(scan scanner) (a ondemand.Account, id string, err error) {
	var entitled int64
	err = scan(&a.ID, &a.Customer, &a.Name, &a.Street, &a.City, &a.State, &a.Postcode, &a.Country, &a.CountryCode, &a.HQCountry, &a.Currency, &entitled)
	a.Entitled = entitled != 0
	return a, a.ID, err
}

// FindAccount reads one billing account, together with everybody else who reads one
// now.
func (s *Store) FindAccount(ctx context.Context, world, id string) (*ondemand.Account, error) {
	a, _, err := s.accounts.Get(ctx, key{world, id})
	return a, err
}

// Account reads one billing account.
func (s *Store) Account(tx *db.Tx, id string) (*ondemand.Account, error) {
	return first(tx, scanAccount, `SELECT `+accountColumns+` FROM billing_account WHERE world = $1 AND id = $2`, id)
}

// Accounts lists billing accounts by id.
func (s *Store) Accounts(tx *db.Tx, f ondemand.AccountFilter, page ondemand.Paging) ([]ondemand.Account, int, error) {
	w := inWorld("")
	w.and("customer", f.Customer)
	w.and("country_code", f.CountryCode)
	w.and("currency", f.Currency)
	w.entitled("entitled = ", f.Entitled)
	return listed(tx, scanAccount, accountColumns, "billing_account", "id", w, page)
}

// AddAccount writes a billing account.
func (s *Store) AddAccount(tx *db.Tx, a ondemand.Account) {
	tx.Do(`INSERT INTO billing_account (world, `+accountColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		a.ID, a.Customer, a.Name, a.Street, a.City, a.State, a.Postcode, a.Country, a.CountryCode, a.HQCountry, a.Currency, flag(a.Entitled))
}

// CountChange counts a change order of the customer's day.
func (s *Store) CountChange(tx *db.Tx, customer string, day int64, limit int, full error) {
	tx.One(full, `INSERT INTO od_quota (world, customer, day, used) VALUES ($1, $2, $3, 1)
		ON CONFLICT (world, customer, day) DO UPDATE SET used = od_quota.used + 1 WHERE od_quota.used < $4`,
		customer, day, int64(limit))
}
