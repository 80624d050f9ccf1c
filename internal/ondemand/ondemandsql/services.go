package ondemandsql

import (
	"context"
	"errors"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/ondemand"
)

// A row that was there a moment ago, under a lock, and is not any more.
var errGone = errors.New("ondemandsql: a locked row is gone")

const serviceColumns = `id, customer, account, account_name, name, site, port, partner, vlan, prefix, bits, mbps, speed, hourly, status, in_flight, holds, created_at`

func scanService(scan scanner) (s ondemand.Service, id string, err error) {
	var hourly string
	var holds, created int64
	err = scan(&s.ID, &s.Customer, &s.Account, &s.AccountName, &s.Name, &s.Site, &s.Port, &s.Partner, &s.VLAN, &s.Prefix, &s.Bits,
		&s.Speed.Mbps, &s.Speed.Text, &hourly, &s.Status, &s.InFlight, &holds, &created)
	s.Hourly, s.Holds, s.CreatedAt = price(hourly), holds != 0, clock.FromMicros(created)
	return s, s.ID, err
}

// FindService reads one service, together with everybody else who reads one now.
func (s *Store) FindService(ctx context.Context, world, id string) (*ondemand.Service, error) {
	v, _, err := s.services.Get(ctx, key{world, id})
	return v, err
}

// LockService reads one service for change.
func (s *Store) LockService(tx *db.Tx, id string) (*ondemand.Service, error) {
	return first(tx, scanService, `SELECT `+serviceColumns+` FROM od_service WHERE world = $1 AND id = $2`+tx.ForUpdate(), id)
}

// Services lists services by id.
func (s *Store) Services(tx *db.Tx, f ondemand.ServiceFilter, page ondemand.Paging) ([]ondemand.Service, int, error) {
	w := inWorld("")
	w.and("customer", f.Customer)
	w.and("id", f.ID)
	w.and("account", f.Account)
	w.and("status", f.Status)
	w.and("site", f.Site)
	w.contains(f.Text, "name", "id")
	w.entitled("(SELECT a.entitled FROM billing_account a WHERE a.world = $1 AND a.id = account) = ", f.Entitled)
	return listed(tx, scanService, serviceColumns, "od_service", "id", w, page)
}

// AddService writes a new service. The unique indexes on its VLAN and prefix
// guarantee what the allocation has seen to.
func (s *Store) AddService(tx *db.Tx, v ondemand.Service) {
	tx.Do(`INSERT INTO od_service (world, `+serviceColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		v.ID, v.Customer, v.Account, v.AccountName, v.Name, v.Site, v.Port, v.Partner, int64(v.VLAN), v.Prefix, int64(v.Bits),
		int64(v.Speed.Mbps), v.Speed.String(), v.Hourly.String(), v.Status, v.InFlight, flag(v.Holds), clock.Micros(v.CreatedAt))
}

// SaveService writes what may change of a service that is locked.
func (s *Store) SaveService(tx *db.Tx, v ondemand.Service) {
	tx.One(errGone, `UPDATE od_service SET name = $3, mbps = $4, speed = $5, hourly = $6, status = $7, in_flight = $8, holds = $9
		WHERE world = $1 AND id = $2`,
		v.ID, v.Name, int64(v.Speed.Mbps), v.Speed.String(), v.Hourly.String(), v.Status, v.InFlight, flag(v.Holds))
}

// StartRun starts a service's meter at a speed and price.
func (s *Store) StartRun(tx *db.Tx, service string, r ondemand.Run) {
	tx.Do(`INSERT INTO od_run (world, service, from_at, to_at, mbps, hourly) VALUES ($1, $2, $3, $4, $5, $6)`,
		service, clock.Micros(r.From), clock.MicrosOrZero(r.To), int64(r.Mbps), r.Hourly.String())
}

// EndRun stops the meter that runs.
func (s *Store) EndRun(tx *db.Tx, service string, at time.Time) {
	tx.One(errGone, `UPDATE od_run SET to_at = $3 WHERE world = $1 AND service = $2 AND to_at = 0`, service, clock.Micros(at))
}

// EachRun walks runs that touch a span, service by service.
func (s *Store) EachRun(tx *db.Tx, f ondemand.RunFilter, from, to time.Time, fn func(service string, r ondemand.Run) error) error {
	w := inWorld("s.")
	w.and("s.customer", f.Customer)
	w.and("s.account", f.Account)
	if f.First != "" {
		w.args = append(w.args, f.First, f.Last)
		n := len(w.args)
		w.parts = append(w.parts, "s.id >= "+placeholder(n)+" AND s.id <= "+placeholder(n+1))
	}
	w.args = append(w.args, clock.Micros(to), clock.Micros(from))
	n := len(w.args)
	w.parts = append(w.parts, "r.from_at < "+placeholder(n)+" AND (r.to_at = 0 OR r.to_at > "+placeholder(n+1)+")")
	return tx.Each(func(scan func(...any) error) error {
		var r ondemand.Run
		var service, hourly string
		var from, to int64
		if err := scan(&service, &from, &to, &r.Mbps, &hourly); err != nil {
			return err
		}
		r.From, r.To, r.Hourly = clock.FromMicrosOrZero(from), clock.FromMicrosOrZero(to), price(hourly)
		return fn(service, r)
	}, `SELECT r.service, r.from_at, r.to_at, r.mbps, r.hourly FROM od_run r JOIN od_service s ON s.world = r.world AND s.id = r.service
		WHERE r.world = $1 AND `+w.text()+` ORDER BY r.service, r.from_at`, w.args...)
}
