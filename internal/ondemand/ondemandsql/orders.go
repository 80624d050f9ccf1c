package ondemandsql

import (
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/ondemand"
)

const orderColumns = `id, app, customer, service, action, state, external_id, quote, mbps, speed, hourly, name, request, network_ref, failure, created_at, ended_at`

func scanOrder(scan scanner) (o ondemand.Order, id string, err error) {
	var hourly, request string
	var created, ended int64
	err = scan(&o.ID, &o.App, &o.Customer, &o.Service, &o.Action, &o.State, &o.ExternalID, &o.Quote, &o.Speed.Mbps, &o.Speed.Text,
		&hourly, &o.Name, &request, &o.NetworkRef, &o.Failure, &created, &ended)
	o.Hourly, o.Request, o.CreatedAt, o.EndedAt = price(hourly), []byte(request), clock.FromMicros(created), clock.FromMicrosOrZero(ended)
	return o, o.ID, err
}

// Order reads one order.
func (s *Store) Order(tx *db.Tx, id string) (*ondemand.Order, error) {
	return first(tx, scanOrder, `SELECT `+orderColumns+` FROM od_order WHERE world = $1 AND id = $2`, id)
}

// LockOrder reads one order for change.
func (s *Store) LockOrder(tx *db.Tx, id string) (*ondemand.Order, error) {
	return first(tx, scanOrder, `SELECT `+orderColumns+` FROM od_order WHERE world = $1 AND id = $2`+tx.ForUpdate(), id)
}

// Orders lists orders, newest first.
func (s *Store) Orders(tx *db.Tx, f ondemand.OrderFilter, page ondemand.Paging) ([]ondemand.Order, int, error) {
	w := inWorld("")
	w.and("customer", f.Customer)
	w.and("service", f.Service)
	w.and("state", f.State)
	w.and("external_id", f.ExternalID)
	w.and("app", f.App)
	return listed(tx, scanOrder, orderColumns, "od_order", "created_at DESC, id", w, page)
}

// AddOrder writes a new order.
func (s *Store) AddOrder(tx *db.Tx, o ondemand.Order) {
	speed := ""
	if o.Speed.Mbps > 0 {
		speed = o.Speed.String()
	}
	tx.Do(`INSERT INTO od_order (world, `+orderColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		o.ID, o.App, o.Customer, o.Service, o.Action, o.State, o.ExternalID, o.Quote, int64(o.Speed.Mbps), speed,
		o.Hourly.String(), o.Name, string(o.Request), o.NetworkRef, o.Failure, clock.Micros(o.CreatedAt), clock.MicrosOrZero(o.EndedAt))
}

// MoveOrder saves an order that is still in the state from.
func (s *Store) MoveOrder(tx *db.Tx, from string, o ondemand.Order) {
	tx.One(errGone, `UPDATE od_order SET state = $4, network_ref = $5, failure = $6, ended_at = $7 WHERE world = $1 AND id = $2 AND state = $3`,
		o.ID, from, o.State, o.NetworkRef, o.Failure, clock.MicrosOrZero(o.EndedAt))
}

// All reads every row of the world.
func (s *Store) All(tx *db.Tx) (*ondemand.Everything, error) {
	all := &ondemand.Everything{OpenRuns: map[string]int{}, Resting: map[string]bool{}, Waiting: map[string]bool{}, Told: map[string]int{},
		Noticed: map[string]int{}, Running: map[string]ondemand.Run{}, Largest: map[int64]int{}}
	every(tx, &all.Services, scanService, `SELECT `+serviceColumns+` FROM od_service WHERE world = $1`)
	every(tx, &all.Orders, scanOrder, `SELECT `+orderColumns+` FROM od_order WHERE world = $1`)
	every(tx, &all.Ports, scanPort, `SELECT `+portColumns+` FROM od_port WHERE world = $1`)
	every(tx, &all.Blocks, scanBlock, `SELECT n, taken FROM od_block WHERE world = $1`)
	every(tx, &all.Quotes, scanQuote, `SELECT `+quoteColumns+` FROM od_quote WHERE world = $1`)
	tx.Ask(func(scan func(...any) error) error {
		var service, hourly string
		var from int64
		var r ondemand.Run
		err := scan(&service, &from, &r.Mbps, &hourly)
		r.From, r.Hourly = clock.FromMicros(from), price(hourly)
		all.OpenRuns[service]++
		all.Running[service] = r
		return err
	}, `SELECT service, from_at, mbps, hourly FROM od_run WHERE world = $1 AND to_at = 0`)
	tx.Ask(func(scan func(...any) error) error {
		var n int64
		var largest int
		err := scan(&n, &largest)
		all.Largest[n] = largest
		return err
	}, `SELECT n, largest FROM od_block WHERE world = $1`)
	counted(tx, all.Told, `SELECT substr(subject, length($2) + 1), count(*) FROM audit
		WHERE world = $1 AND substr(subject, 1, length($2)) = $2 GROUP BY subject`, ondemand.SubjectOrder)
	counted(tx, all.Noticed, `SELECT substr(subject, length($2) + 1), count(*) FROM notice
		WHERE world = $1 AND substr(subject, 1, length($2)) = $2 GROUP BY subject`, ondemand.SubjectOrder)
	err := tx.Each(func(scan func(...any) error) error {
		var kind, key string
		err := scan(&kind, &key)
		if kind == ondemand.TimerRest {
			all.Resting[key] = true
		} else {
			all.Waiting[key] = true
		}
		return err
	}, `SELECT kind, key FROM timer WHERE world = $1 AND kind IN ($2, $3)`, ondemand.TimerOrder, ondemand.TimerRest)
	return all, err
}

func counted(tx *db.Tx, into map[string]int, sql string, args ...any) {
	tx.Ask(func(scan func(...any) error) error {
		var key string
		var n int
		err := scan(&key, &n)
		into[key] = n
		return err
	}, sql, args...)
}

func every[T any](tx *db.Tx, into *[]T, scan func(scanner) (T, string, error), sql string) {
	tx.Ask(func(s func(...any) error) error {
		v, _, err := scan(s)
		*into = append(*into, v)
		return err
	}, sql)
}
