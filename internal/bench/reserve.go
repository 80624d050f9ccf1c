package bench

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"demarc/internal/clock"
	"demarc/internal/voice"
)

// Numbers are reserved 399 at a time, the most that an order may have of a rate center,
// in a production world: at one rate center, so that all wait for the same row, and over
// a hundred in turn. A customer can order no more in a rate center before most of what
// it has is in service, so every reservation there is another customer's.
//
// A reservation is done when it is completed: accepted, and worked. Two things are
// measured. Over HTTP, the server answers that it has accepted, and works meanwhile;
// there the times are those of the answers, and the rate is that of the reservations
// that were completed, the last one included. And by a node in this process, from the
// request until the commit that completes it.

const (
	reservePath  = "/Voice/v1/Numbers/orderInventory"
	fullStock    = 50_000 // thousands-blocks of a full run
	stockPlaces  = 100
	smallStock   = 50 // thousands-blocks of the stock that a large one is compared with
	smallPlaces  = 50
	smallRun     = 100 // reservations of one run on either: the small one has numbers for so many
	stockRounds  = 3   // times as many rounds, since such runs are short
	stockAgainst = 0.9 // what the large stock's rate has to be of the small one's; the rest is noise
)

// Reserved is what was reserved in all of a run, and that an audit found nothing wrong.
type Reserved struct {
	Database     string `json:"database"`
	Blocks       int    `json:"blocks"` // of a thousand numbers
	Reservations int    `json:"reservations"`
	Numbers      int    `json:"numbers"`
}

// reserve takes the figures on a large stock, and then beside a small one.
func (r *run) reserve(ctx context.Context, b *bed) (err error) {
	c, err := r.ownDatabase(b, partReserve)
	if err != nil {
		return err
	}
	took := clock.Elapsed()
	large, err := newCarrier(ctx, c.database(), min(stockPlaces, r.o.Blocks), r.o.Blocks)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, large.d.Close()) }()
	l := Load{Database: b.kind, Part: partReserve, What: "thousands-blocks", Rows: r.o.Blocks, full: fullStock, Seconds: took().Seconds()}
	if l.Bytes, err = settle(ctx, c.database()); err != nil {
		return err
	}
	r.load(l)
	few, err := r.ownDatabase(b, partReserve+"few")
	if err != nil {
		return err
	}
	small, err := newCarrier(ctx, few.database(), smallPlaces, smallStock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, small.d.Close()) }()
	if _, err := settle(ctx, few.database()); err != nil {
		return err
	}
	return r.reserved(ctx, c, large, small)
}

// ownDatabase is a new database beside that of b, and beside its floor.
func (r *run) ownDatabase(b *bed, name string) (c *bed, err error) {
	c = &bed{kind: b.kind, data: filepath.Join(r.dir, b.kind+"-"+name), floor: b.floor, floorURL: b.floorURL}
	if c.kind == Postgres {
		err = r.pg.Create(name)
		c.url = r.pg.URL(name)
	}
	return c, err
}

// settle brings a database that is open, and idle, to rest after a load, and answers how
// large it is.
func settle(ctx context.Context, database string) (int64, error) {
	if path, isFile := strings.CutPrefix(database, "sqlite:"); isFile {
		if err := checkpoint(ctx, path); err != nil {
			return 0, err
		}
	}
	return sizeOf(ctx, database)
}

// reserved is what is measured once the stocks are loaded. They are compared first, when
// one has as much behind it as the other.
func (r *run) reserved(ctx context.Context, b *bed, large, small *carrier) error {
	if err := r.compared(ctx, b.kind, large, small, smallRun); err != nil {
		return err
	}
	row, err := r.served(ctx, b, large)
	if err != nil {
		return err
	}
	if err := r.completed(ctx, b.kind, large, row); err != nil {
		return err
	}
	return errors.Join(r.audited(ctx, b.kind, large), r.audited(ctx, b.kind, small))
}

// compared measures nodes in this process on two stocks, in runs of so many reservations.
func (r *run) compared(ctx context.Context, kind string, large, small *carrier, limit int) error {
	defer large.work(ctx)()
	defer small.work(ctx)()
	rounds := r.o.Rounds
	defer func() { r.o.Rounds = rounds }()
	r.o.Rounds *= stockRounds
	on := func(title string, one bool) figure {
		of := "of " + whole(float64(large.blocks()*voice.PerBlock)) + title
		beside := "of " + whole(float64(small.blocks()*voice.PerBlock))
		return figure{way: way{name: of, run: large.runs(one, limit, large.complete)}, floors: []against{
			{way: way{name: beside, run: small.runs(one, limit, small.complete)}, target: stockAgainst}}}
	}
	return r.figures(ctx, kind, []figure{on(", at one", true), on(", over all", false)}, r.o.Clients)
}

// served measures the server over HTTP. It answers the floor, which has learned from it.
func (r *run) served(ctx context.Context, b *bed, s *carrier) (row way, err error) {
	if err := s.addCustomers(ctx, overHTTP); err != nil {
		return row, err
	}
	if b.server, err = r.serve(ctx, b.kind+"-"+partReserve, b.data, b.url, false, "--rate", "0"); err != nil {
		return row, err
	}
	if row, err = b.teachReserve(ctx, s); err == nil {
		err = r.figures(ctx, b.kind, b.answeredFigures(s, row), r.o.Clients)
	}
	return row, errors.Join(err, b.server.stop())
}

// completed measures a node in this process.
func (r *run) completed(ctx context.Context, kind string, s *carrier, row way) error {
	defer s.work(ctx)()
	on := func(title string, one bool) figure {
		return figure{way: way{name: title, run: s.runs(one, 0, s.complete)}, floors: []against{{way: row}}}
	}
	return r.figures(ctx, kind, []figure{on("completed, at one", true), on("completed, over "+strconv.Itoa(len(s.places)), false)}, r.o.Clients)
}

// audited holds what a stock's world has in the end to what was reserved.
func (r *run) audited(ctx context.Context, kind string, s *carrier) error {
	is, err := s.audit(ctx)
	if err != nil {
		return err
	}
	is.Database = kind
	r.report.Reserved = append(r.report.Reserved, is)
	r.print("reserve: audited: %s reservations of %s numbers out of %s thousands-blocks, no number twice", whole(float64(is.Reservations)),
		whole(float64(is.Numbers)), whole(float64(is.Blocks)))
	return nil
}

// runs are runs of reservations at one rate center, or over all: for a span, or so many.
// How many a span takes is known from the run before, or from a short one.
func (s *carrier) runs(one bool, limit int, do func(ctx context.Context, clients int, span time.Duration, t *tickets) (*sample, error)) func(context.Context, int, time.Duration) (*sample, error) {
	known := map[int]float64{} // by clients, how many a second
	once := func(ctx context.Context, clients, n int, span time.Duration) (*sample, error) {
		t, err := s.tickets(ctx, one, n)
		if err != nil {
			return nil, err
		}
		spent := clock.Elapsed()
		taken, err := do(ctx, clients, span, t)
		known[clients] = float64(t.used()) / cmp.Or(t.sent, spent()).Seconds()
		t.count()
		return taken, err
	}
	return func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
		if limit > 0 {
			return once(ctx, clients, limit, patience)
		}
		if known[clients] == 0 {
			if _, err := once(ctx, clients, 5*clients+50, span); err != nil {
				return nil, err
			}
		}
		return once(ctx, clients, clients+int(1.5*known[clients]*span.Seconds()), span)
	}
}

// complete is clients of a node in this process, of whom each makes a reservation and
// waits until it is completed.
func (s *carrier) complete(ctx context.Context, clients int, span time.Duration, t *tickets) (*sample, error) {
	return together(ctx, clients, span, func(ctx context.Context, _ int) (bool, error) {
		next := t.next()
		if next == nil {
			return false, nil
		}
		return true, s.reserve(ctx, *next)
	})
}

// together is clients in this process, of whom each does one thing after the other for a
// span, or until there is no more to do.
func together(ctx context.Context, clients int, span time.Duration, do func(ctx context.Context, client int) (more bool, err error)) (*sample, error) {
	ctx, cancel := context.WithTimeout(ctx, span+patience)
	defer cancel()
	samples, errs := make([]sample, clients), make([]error, clients)
	var running sync.WaitGroup
	spent := clock.Elapsed()
	for i := range clients {
		running.Go(func() {
			for began := spent(); began < span; {
				var more bool
				if more, errs[i] = do(ctx, i); !more || errs[i] != nil {
					return
				}
				now := spent()
				samples[i].times.add(now - began)
				samples[i].done++
				began = now
			}
		})
	}
	running.Wait()
	all := &sample{spent: spent()}
	for i := range samples {
		all.done += samples[i].done
		all.times.merge(&samples[i].times)
	}
	return all, errors.Join(errs...)
}

// overHTTP is for how many customers the server knows the application to act.
const overHTTP = 2000

// teachReserve signs in, and makes the floor answer as the program answers a reservation.
func (b *bed) teachReserve(ctx context.Context, s *carrier) (row way, err error) {
	b.partner = &partner{addr: b.server.addr, env: map[string]string{"DEMARC_CLIENT_ID": s.app.ID, "DEMARC_CLIENT_SECRET": s.secret}}
	if err := b.partner.signIn(ctx); err != nil {
		return row, err
	}
	t, err := s.tickets(ctx, true, 1)
	if err != nil {
		return row, err
	}
	first := t.next()
	t.count()
	b.partner.customer = first.customer
	res, body, err := b.partner.call(ctx, http.MethodPost, reservePath, b.partner.headers(jsonType), strings.Join(first.body(), ""))
	if err != nil {
		return row, err
	}
	if err := teach(ctx, b.floor, partReserve, res, body); err != nil {
		return row, err
	}
	request := post(http.MethodPost, commit+partReserve, b.partner.headers(jsonType)...).with(nil, first.body()...)
	return way{name: b.oneRow(), run: b.again(b.floor, http.StatusAccepted, request)}, nil
}

// body is the request's, in parts.
func (t ticket) body() []string {
	return []string{`{"productID":` + voice.LocalInbound + `,"externalOrderId":"bench","rateCenterOrders":[{"rateCenter":"`, t.place.Name, `","state":"`, t.place.State,
		`","quantity":` + strconv.Itoa(voice.PerOrder) + `,"sequentialIndicator":null}]}`}
}

func (b *bed) answeredFigures(s *carrier, row way) []figure {
	on := func(title string, one bool) figure {
		return figure{way: way{title, b.server, s.runs(one, 0, b.answered(s))}, floors: []against{{way: row}}}
	}
	return []figure{on("answered, at one", true), on("answered, over "+strconv.Itoa(len(s.places)), false)}
}

// answered is clients of the server, which each reserve again as soon as they are
// answered; the run ends when all that was accepted has been worked.
func (b *bed) answered(s *carrier) func(ctx context.Context, clients int, span time.Duration, t *tickets) (*sample, error) {
	headers := slices.DeleteFunc(b.partner.headers(jsonType), func(h [2]string) bool { return h[0] == customerHeader })
	m := post(http.MethodPost, reservePath, append(headers, [2]string{customerHeader, customer(0)})...)
	at := strings.Index(string(m.head), customer(0))
	return func(ctx context.Context, clients int, span time.Duration, t *tickets) (*sample, error) {
		spent := clock.Elapsed()
		taken, err := load{addr: b.server.addr, clients: clients, span: span, want: http.StatusAccepted, next: func(_ int, to []byte) []byte {
			next := t.next()
			if next == nil {
				return nil
			}
			from := len(to)
			to = m.with(to, next.body()...)
			copy(to[from+at:], next.customer)
			return to
		}}.run(ctx)
		if err != nil {
			return nil, err
		}
		t.sent = spent()
		err = s.drained(ctx)
		taken.spent = spent()
		return taken, err
	}
}
