package requestlog

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// sweepMost is how many rows one unit of work removes: units that wait behind it must
// not notice.
const sweepMost = 500

// breath is what others have the database for between two of them.
const breath = 5 * time.Millisecond

// seqAt is the least Seq of what came at a moment or later; see db.NextID.
func seqAt(t time.Time) int64 { return clock.Micros(t) << 10 }

// batches runs units of work, each of which says whether it found as much as it may
// take.
func (l *Log) batches(ctx context.Context, unit func(tx *db.Tx) (more bool, err error)) error {
	for {
		more := false
		err := l.d.System(ctx, func(tx *db.Tx) (err error) {
			more, err = unit(tx)
			return err
		})
		if err != nil || !more {
			return err
		}
		if err := clock.Sleep(ctx, breath); err != nil {
			return err
		}
	}
}

// forget removes what an application asked for up to one of its requests.
func (l *Log) forget(ctx context.Context, world, app string, upTo int64) error {
	return l.batches(ctx, func(tx *db.Tx) (bool, error) {
		n, err := tx.Exec(`DELETE FROM request_log WHERE world = $1 AND app = $2 AND seq IN (
			SELECT seq FROM request_log WHERE world = $1 AND app = $2 AND seq <= $3 ORDER BY seq LIMIT $4`+tx.SkipLocked()+`)`,
			world, app, upTo, int64(sweepMost))
		return n == sweepMost, err
	})
}

// trim cuts what this node has written to down to the length of a log.
func (l *Log) trim(ctx context.Context) (err error) {
	l.apps.Range(func(_, v any) bool {
		w := v.(*writer)
		n := w.written.Swap(0)
		if n == 0 {
			return true
		}
		if err = l.cut(ctx, w.world, w.app); err != nil {
			w.written.Add(n)
		}
		return err == nil
	})
	return err
}

// cut forgets what an application has more in the log than it may have.
func (l *Log) cut(ctx context.Context, world, app string) error {
	var first int64
	err := l.d.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Row(`SELECT seq FROM request_log WHERE world = $1 AND app = $2 ORDER BY seq DESC LIMIT 1 OFFSET $3`, world, app, int64(KeptMost)).Scan(&first)
	})
	if errors.Is(err, db.ErrNone) {
		return nil
	}
	return errors.Join(err, l.forget(ctx, world, app, first))
}

// Sweep forgets what is older than it may be, and folds minutes of usage into hours. It
// goes from application to application through the index, and of one that has nothing
// old it reads one row.
func (l *Log) Sweep(ctx context.Context) error {
	now := clock.Machine()
	oldest := now.Add(-KeptFor)
	for world, app := "", ""; ; {
		var seq int64
		err := l.d.SystemView(ctx, func(tx *db.Tx) error {
			return tx.Row(`SELECT world, app, seq FROM request_log WHERE (world, app) > ($1, $2) ORDER BY world, app, seq LIMIT 1`, world, app).Scan(&world, &app, &seq)
		})
		if errors.Is(err, db.ErrNone) {
			break
		}
		if err == nil && seq < seqAt(oldest) {
			err = l.forget(ctx, world, app, seqAt(oldest)-1)
		}
		if err != nil {
			return err
		}
	}
	for world := ""; ; {
		var at int64
		err := l.d.SystemView(ctx, func(tx *db.Tx) error {
			return tx.Row(`SELECT world, at FROM request_usage WHERE world > $1 ORDER BY world, at LIMIT 1`, world).Scan(&world, &at)
		})
		switch {
		case errors.Is(err, db.ErrNone):
			return nil
		case err != nil:
			return err
		case at < clock.Micros(oldest):
			err = l.forgetUsage(ctx, world, oldest)
		}
		if err = errors.Join(err, l.fold(ctx, world, now)); err != nil {
			return err
		}
	}
}

func (l *Log) forgetUsage(ctx context.Context, world string, before time.Time) error {
	return l.batches(ctx, func(tx *db.Tx) (bool, error) {
		n, err := tx.Exec(`DELETE FROM request_usage WHERE (world, app, at, operation) IN (
			SELECT world, app, at, operation FROM request_usage WHERE world = $1 AND at < $2 ORDER BY at LIMIT $3`+tx.SkipLocked()+`)`,
			world, clock.Micros(before), int64(sweepMost))
		return n == sweepMost, err
	})
}

// foldWithin is how far back minutes are looked for. What stays unfolded, because no
// node ran for so long, is forgotten in time as it is.
const foldWithin = 24 * time.Hour

// fold adds minutes of usage of a world to their hours. What two nodes fold at the same
// time they have locked, and so each minute is added once.
func (l *Log) fold(ctx context.Context, world string, now time.Time) error {
	to := now.Add(-MinutesTo).Truncate(time.Hour)
	return l.batches(ctx, func(tx *db.Tx) (bool, error) {
		hours, minutes := map[use]*tally{}, 0
		err := tx.Each(func(scan func(...any) error) error {
			k, t := use{world: world}, &tally{}
			into := []any{&k.app, &k.at, &k.operation, &t.n, &t.client, &t.server, &t.took}
			for i := range t.histogram {
				into = append(into, &t.histogram[i])
			}
			if err := scan(into...); err != nil {
				return err
			}
			minutes++
			tx.Do(`DELETE FROM request_usage WHERE world = $1 AND app = $2 AND at = $3 AND operation = $4`, world, k.app, k.at, k.operation)
			k.at -= k.at % time.Hour.Microseconds()
			if have := hours[k]; have != nil {
				have.add(t)
			} else {
				hours[k] = t
			}
			return nil
		}, `SELECT app, at, operation, n, client, server, took_us, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15
			FROM request_usage WHERE world = $1 AND at >= $2 AND at < $3 AND at % 3600000000 <> 0 ORDER BY at, app, operation LIMIT $4`+tx.SkipLocked(),
			world, clock.Micros(to.Add(-foldWithin)), clock.Micros(to), int64(sweepMost))
		if err != nil {
			return false, err
		}
		for _, k := range sorted(hours) {
			addTo(tx, k, hours[k])
		}
		return minutes == sweepMost, nil
	})
}

// sorted is the rows in the order in which all nodes write them, so that they cannot
// deadlock.
func sorted(uses map[use]*tally) []use {
	keys := make([]use, 0, len(uses))
	for key := range uses {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b use) int {
		return cmp.Or(cmp.Compare(a.world, b.world), cmp.Compare(a.app, b.app), cmp.Compare(a.at, b.at), cmp.Compare(a.operation, b.operation))
	})
	return keys
}

// addTo adds to a row of usage, of a world that is still there.
func addTo(tx *db.Tx, k use, t *tally) {
	args := []any{k.world, k.app, k.at, k.operation, t.n, t.client, t.server, t.took}
	for _, n := range t.histogram {
		args = append(args, n)
	}
	tx.Do(addUsage, args...)
}
