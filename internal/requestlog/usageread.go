package requestlog

import (
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// Point is the usage within one step of time.
type Point struct {
	At             time.Time // its begin
	N              int64
	Client, Server int64 // of these answered 4xx and 5xx
	P50, P95, P99  time.Duration
}

// OperationUsage is the usage of one operation.
type OperationUsage struct {
	Operation      string
	N              int64
	Client, Server int64
	P50, P99       time.Duration
}

// sums adds rows up, on either database as whole numbers.
const sums = `CAST(sum(n) AS BIGINT), CAST(sum(client) AS BIGINT), CAST(sum(server) AS BIGINT),
	CAST(sum(b0) AS BIGINT), CAST(sum(b1) AS BIGINT), CAST(sum(b2) AS BIGINT), CAST(sum(b3) AS BIGINT),
	CAST(sum(b4) AS BIGINT), CAST(sum(b5) AS BIGINT), CAST(sum(b6) AS BIGINT), CAST(sum(b7) AS BIGINT),
	CAST(sum(b8) AS BIGINT), CAST(sum(b9) AS BIGINT), CAST(sum(b10) AS BIGINT), CAST(sum(b11) AS BIGINT),
	CAST(sum(b12) AS BIGINT), CAST(sum(b13) AS BIGINT), CAST(sum(b14) AS BIGINT), CAST(sum(b15) AS BIGINT)`

func scanSums(scan func(...any) error, first any) (t tally, err error) {
	into := []any{first, &t.n, &t.client, &t.server}
	for i := range t.histogram {
		into = append(into, &t.histogram[i])
	}
	return t, scan(into...)
}

// steps are whole minutes, and begin where they would if there had always been some.
func steps(since time.Time, step time.Duration) (from time.Time, each time.Duration) {
	each = max(step.Truncate(time.Minute), time.Minute)
	if oldest := clock.Machine().Add(-KeptFor); since.Before(oldest) {
		since = oldest
	}
	return since.UTC().Truncate(each), each
}

// of is the condition that rows are those of an application, in $2, or with "" of all.
// One that held for both would leave the database no index to go by.
func of(app string) string {
	if app == "" {
		return `$2 = ''`
	}
	return `app = $2`
}

// Usage is how much was asked since a moment, a point for each step of time until now,
// on the machine's clock. It is of one application of the unit's world, or with app ""
// of all; of one operation, or with operation "" of all. What is older than two days is
// known by the hour.
func (l *Log) Usage(tx *db.Tx, app, operation string, since time.Time, step time.Duration) ([]Point, error) {
	from, each := steps(since, step)
	var points []Point
	for at := from; !at.After(clock.Machine()); at = at.Add(each) {
		points = append(points, Point{At: at})
	}
	err := tx.Each(func(scan func(...any) error) error {
		var i int64
		t, err := scanSums(scan, &i)
		if err != nil || i < 0 || i >= int64(len(points)) {
			return err // of a node whose clock is ahead of this one's
		}
		p := &points[i]
		p.N, p.Client, p.Server = t.n, t.client, t.server
		p.P50, p.P95, p.P99 = t.percentile(0.50), t.percentile(0.95), t.percentile(0.99)
		return nil
	}, `SELECT (at - $4) / $5, `+sums+` FROM request_usage WHERE world = $1 AND `+of(app)+` AND ($3 = '' OR operation = $3) AND at >= $4
		GROUP BY 1`, app, operation, clock.Micros(from), each.Microseconds())
	return points, err
}

// Operations is which operations were asked for since a moment, the most used first.
func (l *Log) Operations(tx *db.Tx, app string, since time.Time) ([]OperationUsage, error) {
	from, _ := steps(since, time.Minute)
	return db.Every(tx, func(scan func(...any) error) (o OperationUsage, err error) {
		t, err := scanSums(scan, &o.Operation)
		o.N, o.Client, o.Server, o.P50, o.P99 = t.n, t.client, t.server, t.percentile(0.50), t.percentile(0.99)
		return o, err
	}, `SELECT operation, `+sums+` FROM request_usage WHERE world = $1 AND `+of(app)+` AND at >= $3
		GROUP BY operation ORDER BY sum(n) DESC, operation`, app, clock.Micros(from))
}
