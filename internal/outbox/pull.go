package outbox

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// Filter says which notices a reader wants. Only App is needed.
type Filter struct {
	App      string
	After    Cursor
	Customer string
	Subject  string
	Type     string    // a type, or a pattern: ondemand.order.*
	From     time.Time // from this moment on
	To       time.Time // before this moment

	form string // only those with a body in it, and that body; "" for the standard one
}

// Entry is a notice as it was written.
type Entry struct {
	Cursor   Cursor
	Customer string
	Subject  string
	Type     string
	At       time.Time
	Body     string // {"type","timestamp","data"}
}

// ID is the notice's id, the webhook-id of its deliveries.
func (e Entry) ID() string { return e.Cursor.String() }

// List reads an application's notices in the order of their commit. A reader that
// goes on from the cursor of the last one it got misses none.
func List(tx *db.Tx, f Filter, limit int) ([]Entry, error) { return read(tx, f, settled(tx), limit) }

// read is List under a condition on which notices may be seen.
func read(tx *db.Tx, f Filter, condition string, limit int) ([]Entry, error) {
	where, args := f.where()
	body := `body`
	if f.form != "" {
		body = `bodies`
	}
	args = append(args, int64(limit))
	sql := `SELECT seq, id, customer, subject, type, at, ` + body + where + condition + ` ORDER BY seq, id LIMIT $` + strconv.Itoa(len(args)+1)
	list := []Entry{}
	err := tx.Each(func(scan func(...any) error) error {
		var e Entry
		var at int64
		err := scan(&e.Cursor.Seq, &e.Cursor.ID, &e.Customer, &e.Subject, &e.Type, &at, &e.Body)
		e.At = clock.FromMicros(at)
		if err == nil && f.form != "" {
			e.Body, err = unpackBody(e.Body, f.form)
		}
		list = append(list, e)
		return err
	}, sql, args...)
	return list, err
}

// where is the filter as SQL, with its arguments from $2 on.
func (f Filter) where() (string, []any) {
	var sql strings.Builder
	sql.WriteString(` FROM notice WHERE world = $1 AND app = $2 AND (seq, id) > ($3, $4)`)
	args := []any{f.App, f.After.Seq, f.After.ID}
	and := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(args)+1), 1)
		}
		sql.WriteString(" AND " + condition)
	}
	if f.Customer != "" {
		and(`customer = ?`, f.Customer)
	}
	if f.Subject != "" {
		and(`subject = ?`, f.Subject)
	}
	if prefix, isPattern := strings.CutSuffix(f.Type, "*"); isPattern && prefix != "" {
		and(`substr(type, 1, ?) = ?`, int64(len(prefix)), prefix)
	} else if f.Type != "" && !isPattern {
		and(`type = ?`, f.Type)
	}
	if !f.From.IsZero() {
		and(`at >= ?`, clock.Micros(f.From))
	}
	if !f.To.IsZero() {
		and(`at < ?`, clock.Micros(f.To))
	}
	if f.form != "" {
		and(`bodies LIKE ?`, hasBody(f.form))
	}
	return sql.String(), args
}

// Latest is the cursor of the application's last notice.
func Latest(tx *db.Tx, app string) (c Cursor, err error) {
	err = tx.Row(`SELECT seq, id FROM notice WHERE world = $1 AND app = $2`+settled(tx)+` ORDER BY seq DESC, id DESC LIMIT 1`, app).
		Scan(&c.Seq, &c.ID)
	if errors.Is(err, db.ErrNone) {
		err = nil
	}
	return c, err
}

// How a live stream runs, on the machine's clock.
const (
	followBatch = 100
	followBeat  = 15 * time.Second       // something is sent at least so often
	followPoll  = 500 * time.Millisecond // other nodes' commits are found so soon
	followLife  = 30 * time.Minute       // then the reader comes again, with a token that is good
)

// Follow calls emit with the application's notices after the cursor, as they are
// committed, until the context or the service ends, the stream has lived its time,
// or emit or beat fail. A nil cursor means from now on. beat is called when
// nothing has happened for a while.
func (s *Service) Follow(ctx context.Context, world, app string, after *Cursor, emit func([]Entry) error, beat func() error) error {
	key := readers.key(world, app)
	free, ok := s.seats.take(key)
	if !ok {
		f := TooManyStreams.Say("%s", TooManyStreams.Text)
		f.RetryAfter = 5 * time.Second
		return f
	}
	defer free()
	woken, leave := readers.join(key)
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, followLife)
	defer cancel()
	go func() {
		select {
		case <-s.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := s.follow(ctx, world, app, after, woken, emit, beat)
	if ctx.Err() != nil {
		return nil // it ended; nothing went wrong
	}
	return err
}

func (s *Service) follow(ctx context.Context, world, app string, after *Cursor, woken <-chan struct{}, emit func([]Entry) error, beat func() error) error {
	f := Filter{App: app}
	if after != nil {
		f.After = *after
	} else if err := s.d.View(ctx, world, func(tx *db.Tx) (err error) {
		f.After, err = Latest(tx, app)
		return err
	}); err != nil {
		return err
	}
	if err := beat(); err != nil { // the reader sees that it is connected
		return err
	}
	silent := clock.Elapsed()
	for {
		var list []Entry
		err := s.d.View(ctx, world, func(tx *db.Tx) (err error) {
			list, err = List(tx, f, followBatch)
			return err
		})
		switch {
		case err != nil:
			return err
		case len(list) > 0:
			if err := emit(list); err != nil {
				return err
			}
			f.After = list[len(list)-1].Cursor
			silent = clock.Elapsed()
		case silent() >= followBeat:
			if err := beat(); err != nil {
				return err
			}
			silent = clock.Elapsed()
		}
		if len(list) == followBatch {
			continue
		}
		wait := followBeat - silent()
		if s.d.Dialect() == db.Postgres {
			wait = min(wait, followPoll)
		}
		if !clock.Wait(ctx, max(wait, time.Millisecond), woken) {
			return ctx.Err()
		}
	}
}
