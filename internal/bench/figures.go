package bench

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// The figures.
const (
	figureRead  = "read"
	figureToken = "token"
	figureQuote = "quote"
	figureOrder = "order"
)

var figureNames = []string{figureRead, figureToken, figureQuote, figureOrder}

// answerNames are the answers that the floor repeats.
var answerNames = append(slices.Clone(figureNames), careByAccount, careByNumber, qualifyExact, qualifyNear, partUsage, partReserve)

// Targets. A public simulator of the product answers about a thousand requests a
// second on two such processors, in memory.
const (
	readOfFloor    = 0.5
	orderOfFloor   = 0.3
	readRate       = 15_000
	tokenRate      = 15_000
	orderRate      = 5_000
	groupOverAlone = 2
	restTarget     = 80 << 20
)

// way is one thing whose rate is taken.
type way struct {
	name   string
	server *process // whose profile is taken, when one is wanted; nil for floors
	run    func(ctx context.Context, clients int, span time.Duration) (*sample, error)
}

// against is what a figure is compared with, and how much of it is aimed at; a
// target of zero is none. most limits the target to the largest number of clients.
type against struct {
	way
	target float64
	most   bool
}

// figure is one line of the table for each number of clients.
type figure struct {
	way
	database string
	rate     float64 // aimed at with the most clients, 0: none
	floors   []against
}

// figures takes them one after the other, each with every number of clients.
func (r *run) figures(ctx context.Context, kind string, list []figure, clients []int) error {
	for _, f := range list {
		f.database = kind
		for i, n := range clients {
			if err := r.measure(ctx, f, n, i == len(clients)-1); err != nil {
				return fmt.Errorf("%s, %d clients: %w", f.name, n, err)
			}
		}
	}
	return nil
}

// figuresOf is what is measured on a database.
func (r *run) figuresOf(b *bed) []figure {
	p := b.partner
	var list []figure
	if r.wants(figureRead) {
		list = append(list, figure{
			way:  way{"read one service", b.server, b.again(b.server, http.StatusOK, p.inventory())},
			rate: readRate,
			floors: []against{
				{way: b.atFloor("bare handler", http.MethodGet, bare+figureRead, http.StatusOK), target: readOfFloor},
			},
		})
	}
	if r.wants(figureToken) {
		list = append(list, figure{
			way:  way{"issue a token", b.server, b.again(b.server, http.StatusOK, p.tokenRequest())},
			rate: tokenRate,
			floors: []against{
				{way: b.atFloor("bare handler", http.MethodPost, bare+figureToken, http.StatusOK)},
				{way: b.atFloor(b.oneRow(), http.MethodPost, commit+figureToken, http.StatusOK)},
			},
		})
	}
	if r.wants(figureQuote) {
		list = append(list, figure{
			way: way{"quote a price", b.server, func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
				return load{addr: p.addr, clients: clients, span: span, want: http.StatusOK, next: p.quoteRequests(clients)}.run(ctx)
			}},
			floors: []against{{way: b.atFloor(b.oneRow(), http.MethodPost, commit+figureQuote, http.StatusOK)}},
		})
	}
	if r.wants(figureOrder) {
		list = append(list, b.orders()...)
	}
	return list
}

// oneRow names the floor of whatever is committed.
func (b *bed) oneRow() string {
	if b.kind == SQLite {
		return "one row, in group commits"
	}
	return "one row, autocommit"
}

// orders are the orders over all data centers, and at one.
func (b *bed) orders() []figure {
	floors := []against{{way: b.atFloor(b.oneRow(), http.MethodPost, commit+figureOrder, http.StatusCreated), target: orderOfFloor, most: true}}
	spread := figure{way: way{fmt.Sprintf("order, at %d sites", len(b.partner.sites)), b.server, orderRun(b.partner, true)}, rate: orderRate, floors: floors}
	if b.single != nil {
		spread.floors = append(spread.floors,
			against{way: b.atFloor("one row, one by one", http.MethodPost, onebyone+figureOrder, http.StatusCreated)},
			against{way: way{"the same orders one by one", nil, orderRun(b.single, true)}, target: groupOverAlone, most: true})
	}
	one := figure{way: way{"order, at one site", b.server, orderRun(b.partner, false)}, rate: orderRate, floors: floors}
	return []figure{spread, one}
}

// again is one request over and over.
func (b *bed) again(p *process, want int, request []byte) func(context.Context, int, time.Duration) (*sample, error) {
	return func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
		return load{addr: p.addr, clients: clients, span: span, want: want, next: same(request)}.run(ctx)
	}
}

// atFloor sends the floor a request of the figure's size. It reads none of it.
func (b *bed) atFloor(name, method, path string, want int) way {
	headers := b.partner.headers()
	request := get(path, headers...).with(nil)
	switch {
	case method == http.MethodGet:
	case path == bare+figureToken, path == commit+figureToken:
		request = post(method, path, b.partner.basic(), formType).with(nil, tokenForm)
	case path == commit+figureQuote:
		request = post(method, path, b.partner.headers(jsonType)...).with(nil, b.partner.quoteBody(oneSite, b.partner.one))
	default:
		request = post(method, path, b.partner.headers(jsonType)...).with(nil, orderHead, "NaaS-10001", orderTail)
	}
	return way{name: name, run: b.again(b.floor, want, request)}
}

// orderRun is orders for a span, each with a fresh quote that was made before. How
// many quotes that takes is known from the run before, or from a short one.
func orderRun(p *partner, spread bool) func(context.Context, int, time.Duration) (*sample, error) {
	known := map[int]float64{} // rate by clients
	once := func(ctx context.Context, clients, quotes int, span time.Duration) (*sample, error) {
		if err := p.prepare(ctx, spread, quotes); err != nil {
			return nil, err
		}
		s, err := load{addr: p.addr, clients: clients, span: span, want: http.StatusCreated, next: p.orderRequests(spread)}.run(ctx)
		if err == nil {
			known[clients] = s.rate()
		}
		return s, err
	}
	return func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
		if known[clients] == 0 {
			if _, err := once(ctx, clients, 5*clients+50, span); err != nil {
				return nil, err
			}
		}
		return once(ctx, clients, clients+int(1.5*known[clients]*span.Seconds()), span)
	}
}

// measure takes a figure and its floors in turns, and adds the line.
func (r *run) measure(ctx context.Context, f figure, clients int, last bool) error {
	ways := []way{f.way}
	for _, a := range f.floors {
		ways = append(ways, a.way)
	}
	for _, w := range ways { // not counted: caches fill, connections and statements are made
		if _, err := w.run(ctx, clients, r.o.Span/4); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	taken := make([][]*sample, len(ways))
	for round := range r.o.Rounds {
		for i := range ways {
			if round%2 == 1 {
				i = len(ways) - 1 - i // what follows what differs from round to round
			}
			s, err := r.once(ctx, ways[i], clients)
			if err != nil {
				return fmt.Errorf("%s: %w", ways[i].name, err)
			}
			taken[i] = append(taken[i], s)
		}
	}
	r.line(rowOf(f, clients, last, taken))
	return nil
}

// once takes one sample, with a profile when one is wanted.
func (r *run) once(ctx context.Context, w way, clients int) (*sample, error) {
	if r.o.Profile == "" || w.server == nil {
		return w.run(ctx, clients, r.o.Span)
	}
	if err := w.server.profile(); err != nil {
		return nil, err
	}
	s, err := w.run(ctx, clients, r.o.Span)
	if stopErr := w.server.profile(); err == nil {
		err = stopErr
	}
	return s, err
}
