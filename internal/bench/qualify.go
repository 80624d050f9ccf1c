package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/postal"
	"demarc/internal/postal/postalsql"
	"demarc/internal/preorder"
	"demarc/internal/preorder/preordercarrier"
)

// Addresses are qualified at random, out of so many that it cannot be about keeping
// them in memory, as they are and misspelt. Each qualification is a transaction, which
// is committed before it is answered.

// The answers to qualifications at the floor.
const (
	qualifyExact = "qualify-exact"
	qualifyNear  = "qualify-near"
)

const (
	qualifyPath  = "/Product/v1/pxQualify"
	fullQualify  = 1_000_000 // addresses of a full run
	mostMisspelt = 20_000    // misspelt addresses, made before the time is taken
	qualityOver  = 2_000     // of them, of which each is asked about once
	qualityBy    = 4         // clients
	misspeltSeed = 28
)

// Found is how many misspelt addresses of a kind were asked about, and of how many of
// them the one that was meant was the first answer, and among the answers.
type Found struct {
	Database string `json:"database"`
	Kind     string `json:"kind"`
	Asked    int    `json:"asked"`
	First    int    `json:"first"`
	Listed   int    `json:"listed"`
}

func (f *Found) add(first, listed bool) {
	f.Asked++
	if first {
		f.First++
	}
	if listed {
		f.Listed++
	}
}

// homes are the first so many synthetic addresses, and some that are misspelt.
type homes struct {
	count    int
	misspelt []misspelling
	found    Found // while the figures were taken
}

// qualify loads the addresses, takes the figures, and looks at what near matches are
// good for.
func (r *run) qualify(ctx context.Context, b *bed) error {
	var known *homes
	load := func(database, _ string) (l Load, err error) {
		known, l, err = loadHomes(ctx, database, r.o.Addresses)
		return l, err
	}
	return r.loaded(ctx, b, partQualify, load, func(c *bed) error {
		if err := fillFloor(ctx, c.floorURL, r.o.Addresses); err != nil {
			return err
		}
		return r.qualified(ctx, c, known)
	})
}

// qualified is what is measured once the addresses are loaded.
func (r *run) qualified(ctx context.Context, b *bed, known *homes) error {
	if err := b.teachQualify(ctx, known); err != nil {
		return err
	}
	if err := r.figures(ctx, b.kind, b.qualifyFigures(known), r.o.Clients); err != nil {
		return err
	}
	list, err := b.quality(ctx, known)
	if err != nil {
		return err
	}
	known.found.Kind = "while the figures were taken"
	r.near(b.kind, append(list, known.found))
	return nil
}

// near adds what was found to the report, and prints it.
func (r *run) near(kind string, list []Found) {
	r.print("qualify: %-30s %9s %8s %8s", "misspelt addresses", "asked", "first", "listed")
	for _, f := range list {
		f.Database = kind
		r.report.Near = append(r.report.Near, f)
		part := func(n int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(max(1, f.Asked))) }
		r.print("         %-30s %9s %8s %8s", f.Kind, whole(float64(f.Asked)), part(f.First), part(f.Listed))
	}
}

// loadHomes loads so many synthetic addresses into the book of a database that is not
// served meanwhile, and makes the misspelt ones.
func loadHomes(ctx context.Context, database string, count int) (*homes, Load, error) {
	l, known := Load{Part: partQualify, What: "addresses", Rows: count, full: fullQualify}, &homes{count: count}
	d, err := db.Open(ctx, database, db.Options{})
	if err != nil {
		return nil, l, err
	}
	took := clock.Elapsed()
	err = postalsql.Load(ctx, d, func(yield func(postal.Address) bool) {
		for i := range count {
			if !yield(postal.Synthetic(int64(i))) {
				return
			}
		}
	})
	l.Seconds = took().Seconds()
	if err == nil {
		err = known.misspell(ctx, postalsql.New(d), min(count, mostMisspelt))
	}
	if err = errors.Join(err, d.Close()); err != nil {
		return nil, l, err
	}
	l.Bytes, err = sizeOf(ctx, database)
	return known, l, err
}

// misspell makes n misspelt addresses, of each kind as many. What a mistake has made
// into another known address is left out: nobody could tell.
func (h *homes) misspell(ctx context.Context, book *postalsql.Book, n int) error {
	draw := rand.New(rand.NewPCG(misspeltSeed, uint64(n)))
	for len(h.misspelt) < n {
		m := misspell(draw, h.count, slips[len(h.misspelt)%len(slips)])
		a, bad := postal.Parse(m.in)
		if bad != 0 {
			return fmt.Errorf("bench: %+v is no address", m.in)
		}
		known, err := book.Exact(ctx, a)
		if err != nil {
			return err
		}
		if known == nil {
			h.misspelt = append(h.misspelt, m)
		}
	}
	return nil
}

// The parts of a qualification's body around the address.
const (
	qualifyHead = `{"salesCode":"` + preorder.ExampleSalesCode + `","agentId":"` + preorder.ExampleAgent + `","partnerId":"` + preorder.ExamplePartner +
		`","marketSegment":"` + preorder.Consumer + `","qualForVideo":false,"address":{"streetAddress":"`
	qualifyCity  = `","city":"`
	qualifyState = `","state":"`
	qualifyZIP   = `","zip":"`
	qualifyTail  = `"}}`
)

// parts are a qualification's body about an address, which has nothing in it that JSON
// would write otherwise.
func parts(in postal.Input) []string {
	return []string{qualifyHead, in.StreetAddress, qualifyCity, in.City, qualifyState, in.State, qualifyZIP, in.ZIP, qualifyTail}
}

// qualification appends the request about an address.
func (p *partner) qualification() func(b []byte, in postal.Input) []byte {
	m := post(http.MethodPost, qualifyPath, p.headers(jsonType)...)
	return func(b []byte, in postal.Input) []byte {
		return m.with(b, parts(in)...)
	}
}

// draw is one of the addresses that have a line; at the others there is nothing to be
// sold, which is another answer.
func (h *homes) draw(ctx context.Context, r *rand.Rand) (postal.Address, error) {
	for {
		a := postal.Synthetic(r.Int64N(int64(h.count)))
		line, err := preordercarrier.EmbeddedLoopQual{}.Loop(ctx, preorder.Query{}, preorder.Address{Address: a})
		if err != nil || line.Technology != "" {
			return a, err
		}
	}
}

// teachQualify makes the floor answer as the program does.
func (b *bed) teachQualify(ctx context.Context, known *homes) error {
	a, err := known.draw(ctx, rand.New(rand.NewPCG(0, 0)))
	if err != nil {
		return err
	}
	for name, in := range map[string]postal.Input{qualifyExact: written(a), qualifyNear: known.misspelt[0].in} {
		res, body, err := b.partner.call(ctx, http.MethodPost, qualifyPath, b.partner.headers(jsonType), bodyOf(in))
		if err != nil {
			return err
		}
		if err := teach(ctx, b.floor, name, res, body); err != nil {
			return err
		}
	}
	return nil
}

func bodyOf(in postal.Input) string { return strings.Join(parts(in), "") }

func (b *bed) qualifyFigures(known *homes) []figure {
	one := func(title, answer string, run func(context.Context, int, time.Duration) (*sample, error)) figure {
		body := bodyOf(known.misspelt[0].in)
		row := post(http.MethodPost, commit+answer, b.partner.headers(jsonType)...).with(nil, body)
		return figure{way: way{title, b.server, run}, floors: []against{
			{way: way{name: "one indexed read", run: b.readAtFloor(answer, body, known.count)}},
			{way: way{name: b.oneRow(), run: b.again(b.floor, http.StatusOK, row)}},
		}}
	}
	return []figure{one("qualify, exact", qualifyExact, b.exactly(known)), one("qualify, near match", qualifyNear, b.nearly(known))}
}

// readAtFloor is every client asking the floor for one of its rows after the other, in
// requests as long as the program's.
func (b *bed) readAtFloor(answer, body string, rows int) func(context.Context, int, time.Duration) (*sample, error) {
	const here = "*"
	request := post(http.MethodPost, looked+answer, b.partner.headers(jsonType, [2]string{"refvalue", here})...).with(nil, body)
	before, after, _ := bytes.Cut(request, []byte(here+"\r\n"))
	after = append([]byte("\r\n"), after...)
	var runs atomic.Uint64
	return func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
		draws := drawsOf(clients, runs.Add(1))
		return load{addr: b.floor.addr, clients: clients, span: span, want: http.StatusOK, next: func(client int, to []byte) []byte {
			to = strconv.AppendInt(append(to, before...), draws[client].Int64N(int64(rows)), 10)
			return append(to, after...)
		}}.run(ctx)
	}
}

// drawsOf are the draws of each client in a run.
func drawsOf(clients int, run uint64) []*rand.Rand {
	list := make([]*rand.Rand, clients)
	for i := range list {
		list[i] = rand.New(rand.NewPCG(run, uint64(i)))
	}
	return list
}

// exactly is every client qualifying one address after the other, at random. Each
// answer is held to the address.
func (b *bed) exactly(known *homes) func(context.Context, int, time.Duration) (*sample, error) {
	request := b.partner.qualification()
	var runs atomic.Uint64
	return func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
		draws, meant, errs := drawsOf(clients, runs.Add(1)), make([]string, clients), make([]error, clients+1)
		var s *sample
		s, errs[clients] = load{addr: b.server.addr, clients: clients, span: span, want: http.StatusOK, next: func(client int, to []byte) []byte {
			a, err := known.draw(ctx, draws[client])
			if err != nil {
				errs[client] = err
				return nil
			}
			meant[client] = a.ID()
			return request(to, written(a))
		}, took: func(client int, body []byte) error {
			if is, id := first(body); is != preorder.TxQualified || string(id) != meant[client] {
				return fmt.Errorf("bench: qualified address %s, and answered %.300s", meant[client], body)
			}
			return nil
		}}.run(ctx)
		return s, errors.Join(errs...)
	}
}

// nearly is every client qualifying one misspelt address after the other, at random.
// How often the one that was meant is answered is counted.
func (b *bed) nearly(known *homes) func(context.Context, int, time.Duration) (*sample, error) {
	request := b.partner.qualification()
	var runs atomic.Uint64
	return func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
		draws, asked, found := drawsOf(clients, runs.Add(1)), make([]*misspelling, clients), make([]Found, clients)
		s, err := load{addr: b.server.addr, clients: clients, span: span, want: http.StatusOK, next: func(client int, to []byte) []byte {
			asked[client] = &known.misspelt[draws[client].IntN(len(known.misspelt))]
			return request(to, asked[client].in)
		}, took: func(client int, body []byte) error {
			first, listed, err := asked[client].matches(body)
			found[client].add(first, listed)
			return err
		}}.run(ctx)
		for _, f := range found {
			known.found.Asked, known.found.First, known.found.Listed = known.found.Asked+f.Asked, known.found.First+f.First, known.found.Listed+f.Listed
		}
		return s, err
	}
}

// quality asks once about so many misspelt addresses, and counts by their kinds.
func (b *bed) quality(ctx context.Context, known *homes) ([]Found, error) {
	list := known.misspelt[:min(len(known.misspelt), qualityOver)]
	request, results := b.partner.qualification(), make([][2]bool, len(list))
	var next atomic.Int64
	at := make([]int, qualityBy)
	_, err := load{addr: b.server.addr, clients: qualityBy, want: http.StatusOK, next: func(client int, to []byte) []byte {
		if at[client] = int(next.Add(1)) - 1; at[client] >= len(list) {
			return nil
		}
		return request(to, list[at[client]].in)
	}, took: func(client int, body []byte) (err error) {
		i := at[client]
		results[i][0], results[i][1], err = list[i].matches(body)
		return err
	}}.run(ctx)
	if err != nil {
		return nil, err
	}
	found := make([]Found, len(slips)+1)
	found[len(slips)].Kind = "all of these"
	for i, m := range list {
		kind := i % len(slips)
		found[kind].Kind = m.kind
		for _, k := range []int{kind, len(slips)} {
			found[k].add(results[i][0], results[i][1])
		}
	}
	return found, nil
}

var (
	statusKey = []byte(`"status":"`)
	detailKey = []byte(`"addressDetailId":"`)
)

// first is the status of a qualification's answer, and the first address in it.
func first(body []byte) (status string, id []byte) {
	_, rest, _ := bytes.Cut(body, statusKey)
	is, rest, _ := bytes.Cut(rest, []byte(`"`))
	_, rest, _ = bytes.Cut(rest, detailKey)
	id, _, _ = bytes.Cut(rest, []byte(`"`))
	return string(is), id
}

// matches is whether the address that was meant is the first of an answer's near matches,
// and whether it is among them. An answer that takes the mistake for an address is
// wrong.
func (m *misspelling) matches(body []byte) (isFirst, listed bool, err error) {
	switch status, id := first(body); status {
	case preorder.TxNear:
		return string(id) == m.meant, bytes.Contains(body, []byte(string(detailKey)+m.meant+`"`)), nil
	case preorder.TxNoMatch:
		return false, false, nil
	}
	return false, false, fmt.Errorf("bench: qualified %+v, which is misspelt, and answered %.300s", m.in, body)
}
