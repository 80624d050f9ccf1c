package marketplacesql

import (
	"encoding/json"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/marketplace"
)

const subColumns = `id, provider, product, app, customer, state, coid, fields, secrets, failure, attempts, created_at, active_at, end_asked_at, expired_at`

func scanSub(scan scanner) (s marketplace.Subscription, err error) {
	var fields string
	var created, active, ending, expired int64
	if err = scan(&s.ID, &s.Provider, &s.Offer, &s.App, &s.Customer, &s.State, &s.COID, &fields, &s.Secrets, &s.Failure, &s.Attempts,
		&created, &active, &ending, &expired); err != nil {
		return s, err
	}
	if len(s.Secrets) == 0 {
		s.Secrets = nil
	}
	s.CreatedAt, s.ActiveAt, s.EndAskedAt, s.ExpiredAt = clock.FromMicros(created), clock.FromMicrosOrZero(active), clock.FromMicrosOrZero(ending), clock.FromMicrosOrZero(expired)
	return s, json.Unmarshal([]byte(fields), &s.Values)
}

// Subscription reads one subscription.
func (s *Store) Subscription(tx *db.Tx, id string) (*marketplace.Subscription, error) {
	return db.First(tx, scanSub, `SELECT `+subColumns+` FROM mk_subscription WHERE world = $1 AND id = $2`, id)
}

// LockSubscription reads one subscription for change.
func (s *Store) LockSubscription(tx *db.Tx, id string) (*marketplace.Subscription, error) {
	return db.First(tx, scanSub, `SELECT `+subColumns+` FROM mk_subscription WHERE world = $1 AND id = $2`+tx.ForUpdate(), id)
}

// Subscriptions lists subscriptions by id.
func (s *Store) Subscriptions(tx *db.Tx, f marketplace.SubFilter, page marketplace.Paging) ([]marketplace.Subscription, int, error) {
	w := inWorld().and("customer = ", f.Customer).and("provider = ", f.Provider).and("product = ", f.Offer).and("state = ", f.State)
	return listed(tx, scanSub, subColumns, "mk_subscription", w, page)
}

// AddSubscription writes a new subscription.
func (s *Store) AddSubscription(tx *db.Tx, v marketplace.Subscription) {
	tx.Do(`INSERT INTO mk_subscription (world, `+subColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		v.ID, v.Provider, v.Offer, v.App, v.Customer, v.State, v.COID, asJSON(v.Values), v.Secrets, v.Failure, int64(v.Attempts),
		clock.Micros(v.CreatedAt), clock.MicrosOrZero(v.ActiveAt), clock.MicrosOrZero(v.EndAskedAt), clock.MicrosOrZero(v.ExpiredAt))
}

// MoveSubscription writes what may change of a subscription that was in a state. The
// unique index on its coid guarantees what the rule has seen to.
func (s *Store) MoveSubscription(tx *db.Tx, from string, v marketplace.Subscription) {
	tx.One(errChanged, `UPDATE mk_subscription SET state = $3, coid = $4, secrets = $5, failure = $6, attempts = $7, active_at = $8,
		end_asked_at = $9, expired_at = $10 WHERE world = $1 AND id = $2 AND state = $11`,
		v.ID, v.State, v.COID, v.Secrets, v.Failure, int64(v.Attempts), clock.MicrosOrZero(v.ActiveAt), clock.MicrosOrZero(v.EndAskedAt), clock.MicrosOrZero(v.ExpiredAt), from)
}

// COIDHolder is the subscription that has the provider's coid.
func (s *Store) COIDHolder(tx *db.Tx, provider, coid string) (id string, err error) {
	var found bool
	tx.AskOne(&found, []any{&id}, `SELECT id FROM mk_subscription WHERE world = $1 AND provider = $2 AND coid = $3`, provider, coid)
	return id, tx.Flush()
}

// NextAttempts is when the provisionings of subscriptions are due.
func (s *Store) NextAttempts(tx *db.Tx, subscriptions []string) (map[string]time.Time, error) {
	next := make(map[string]time.Time, len(subscriptions))
	in, keys := tx.AnyOf(3, subscriptions)
	err := tx.Each(func(scan func(...any) error) error {
		var key string
		var due int64
		err := scan(&key, &due)
		next[key] = clock.FromMicros(due)
		return err
	}, `SELECT key, due_at FROM timer WHERE world = $1 AND kind = $2 AND key `+in, marketplace.TimerProvision, keys)
	return next, err
}

// AskUpdate queues the reads of an update: its subscription, locked, and then, of the
// SKU, what it is part of and the last month in which it was used.
func (s *Store) AskUpdate(tx *db.Tx, provider, coid, sku string) *marketplace.UpdateFacts {
	var f marketplace.UpdateFacts
	tx.Ask(func(scan func(...any) error) error {
		v, err := scanSub(scan)
		f.Subscription = &v
		return err
	}, `SELECT `+subColumns+` FROM mk_subscription WHERE world = $1 AND provider = $2 AND coid = $3`+tx.ForUpdate(), provider, coid)
	tx.Ask(func(scan func(...any) error) error {
		f.SKU = &marketplace.SKU{}
		return scan(&f.SKU.ID, &f.SKU.Name, &f.SKU.Unit, &f.SKUOffer, &f.Month, (*int64)(&f.Total), &f.Updates)
	}, `SELECT k.sku, k.name, k.unit, k.product, COALESCE(u.month, ''), COALESCE(u.total, 0), COALESCE(u.updates, 0) FROM mk_sku k
		LEFT JOIN mk_usage u ON u.world = k.world AND u.sku = k.sku AND u.subscription =
			(SELECT s.id FROM mk_subscription s WHERE s.world = $1 AND s.provider = $2 AND s.coid = $3)
		WHERE k.world = $1 AND k.sku = $4 AND k.provider = $2 ORDER BY u.month DESC LIMIT 1`, provider, coid, sku)
	return &f
}

// CountUsage writes a month's new total.
func (s *Store) CountUsage(tx *db.Tx, u marketplace.Usage, add marketplace.Count) {
	tx.Do(`INSERT INTO mk_usage (world, subscription, sku, month, total, updates) VALUES ($1, $2, $3, $4, $5, 1)
		ON CONFLICT (world, subscription, sku, month) DO UPDATE SET total = mk_usage.total + excluded.total, updates = mk_usage.updates + 1`,
		u.Subscription, u.SKU, u.Month, int64(add))
}

// Usage lists months and SKUs of a subscription.
func (s *Store) Usage(tx *db.Tx, f marketplace.UsageFilter) ([]marketplace.Usage, error) {
	w := inWorld().and("subscription = ", f.Subscription).and("month >= ", f.From).and("month <= ", f.To)
	return db.Every(tx, scanUsage, `SELECT `+usageColumns+` FROM mk_usage WHERE world = $1 AND `+w.text()+` ORDER BY month, sku`, w.args...)
}

// DailyUsage sums updates up by SKU and day.
func (s *Store) DailyUsage(tx *db.Tx, subscription string, from, to time.Time) ([]marketplace.DayUsage, error) {
	return db.Every(tx, func(scan scanner) (u marketplace.DayUsage, err error) {
		var day int64
		err = scan(&u.SKU, &day, (*int64)(&u.Total))
		u.Day = clock.FromMicros(day * microsPerDay)
		return u, err
	}, `SELECT sku, day, CAST(sum(count) AS BIGINT) FROM (SELECT sku, at / $5 AS day, count FROM mk_update
		WHERE world = $1 AND subscription = $2 AND counted = 1 AND at >= $3 AND at < $4) u GROUP BY sku, day ORDER BY sku, day`,
		subscription, clock.Micros(from), clock.Micros(to), microsPerDay)
}

const microsPerDay = int64(24 * time.Hour / time.Microsecond)

const usageColumns = `subscription, sku, month, total, updates`

func scanUsage(scan scanner) (u marketplace.Usage, err error) {
	err = scan(&u.Subscription, &u.SKU, &u.Month, (*int64)(&u.Total), &u.Updates)
	return u, err
}

const updateColumns = `n, provider, subscription, coid, sku, month, count, counted, expired, at`

// AddUpdate writes to the ledger.
func (s *Store) AddUpdate(tx *db.Tx, u marketplace.Update) {
	tx.Do(`INSERT INTO mk_update (world, `+updateColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		u.N, u.Provider, u.Subscription, u.COID, u.SKU, u.Month, int64(u.Count), flag(u.Counted), flag(u.Expired), clock.Micros(u.At))
}

// Updates is a part of the ledger, newest first.
func (s *Store) Updates(tx *db.Tx, f marketplace.CallFilter, before int64, limit int) ([]marketplace.Update, error) {
	return newest(tx, "mk_update", updateColumns, f, before, limit, func(scan scanner) (u marketplace.Update, err error) {
		var at, counted, expired int64
		err = scan(&u.N, &u.Provider, &u.Subscription, &u.COID, &u.SKU, &u.Month, (*int64)(&u.Count), &counted, &expired, &at)
		u.Counted, u.Expired, u.At = counted != 0, expired != 0, clock.FromMicros(at)
		return u, err
	})
}

// newest lists what providers and we told each other, before an entry; 0: from the
// newest.
func newest[T any](tx *db.Tx, table, columns string, f marketplace.CallFilter, before int64, limit int, scan func(scanner) (T, error)) ([]T, error) {
	if before <= 0 {
		before = clock.Never
	}
	w := inWorld().and("provider = ", f.Provider).and("subscription = ", f.Subscription)
	if table == "mk_call" {
		w.and("direction = ", f.Direction)
		if f.Wrong {
			w.parts = append(w.parts, "problem <> ''")
		}
	}
	than, most := w.next(), w.next()
	w.args = append(w.args, before, int64(limit))
	return db.Every(tx, scan, `SELECT `+columns+` FROM `+table+` WHERE `+w.text()+` AND n < `+than+` ORDER BY n DESC LIMIT `+most, w.args...)
}

const callColumns = `n, provider, subscription, direction, at, status, problem, request, answer, took_us`

// AddCall writes to the call log.
func (s *Store) AddCall(tx *db.Tx, c marketplace.Call) {
	tx.Do(`INSERT INTO mk_call (world, `+callColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		c.N, c.Provider, c.Subscription, c.Direction, clock.Micros(c.At), int64(c.Status), c.Problem, c.Request, c.Answer, c.Took.Microseconds())
}

// Calls is a part of the call log, newest first.
func (s *Store) Calls(tx *db.Tx, f marketplace.CallFilter, before int64, limit int) ([]marketplace.Call, error) {
	return newest(tx, "mk_call", callColumns, f, before, limit, func(scan scanner) (c marketplace.Call, err error) {
		var at, took int64
		err = scan(&c.N, &c.Provider, &c.Subscription, &c.Direction, &at, &c.Status, &c.Problem, &c.Request, &c.Answer, &took)
		c.At, c.Took = clock.FromMicros(at), time.Duration(took)*time.Microsecond
		return c, err
	})
}

// sweepBatch is how many entries of the log one unit deletes.
const sweepBatch = 1000

// SweepCalls deletes a batch of old entries; they grow with time, so the oldest come
// first.
func (s *Store) SweepCalls(tx *db.Tx, before time.Time) (more bool, err error) {
	n, err := tx.Exec(`DELETE FROM mk_call WHERE world = $1 AND at < $2 AND n IN
		(SELECT n FROM mk_call WHERE world = $1 ORDER BY n LIMIT $3)`, clock.Micros(before), int64(sweepBatch))
	return n == sweepBatch, err
}

// All is every row of the world.
func (s *Store) All(tx *db.Tx) (*marketplace.Everything, error) {
	all := &marketplace.Everything{Waiting: map[string]bool{}, Lapsing: map[string]bool{}, Told: map[string]string{}}
	var err error
	if all.Providers, err = db.Every(tx, scanProvider, `SELECT `+providerColumns+` FROM mk_provider WHERE world = $1`); err != nil {
		return nil, err
	}
	if all.Offers, err = db.Every(tx, scanOffer, `SELECT `+offerColumns+` FROM mk_product WHERE world = $1`); err != nil {
		return nil, err
	}
	if all.Subscriptions, err = db.Every(tx, scanSub, `SELECT `+subColumns+` FROM mk_subscription WHERE world = $1 ORDER BY id`); err != nil {
		return nil, err
	}
	if all.Usage, err = db.Every(tx, scanUsage, `SELECT `+usageColumns+` FROM mk_usage WHERE world = $1 ORDER BY subscription, sku, month`); err != nil {
		return nil, err
	}
	if all.Counted, err = db.Every(tx, scanUsage, `SELECT subscription, sku, month, CAST(sum(count) AS BIGINT), count(*) FROM mk_update
		WHERE world = $1 AND counted = 1 GROUP BY subscription, sku, month`); err != nil {
		return nil, err
	}
	tx.Ask(func(scan func(...any) error) error {
		var kind, key string
		err := scan(&kind, &key)
		if kind == marketplace.TimerProvision {
			all.Waiting[key] = true
		} else {
			all.Lapsing[key] = true
		}
		return err
	}, `SELECT kind, key FROM timer WHERE world = $1 AND kind IN ($2, $3)`, marketplace.TimerProvision, marketplace.TimerLapse)
	tx.Ask(func(scan func(...any) error) error {
		var subject, became string
		err := scan(&subject, &became)
		all.Told[subject[len(marketplace.SubjectSubscription):]] = became
		return err
	}, `SELECT subject, became FROM audit WHERE world = $1 AND subject LIKE $2 AND became <> '' ORDER BY subject, id`, marketplace.SubjectSubscription+"%")
	return all, tx.Flush()
}
