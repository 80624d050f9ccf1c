package bench

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/lenient"
	"demarc/internal/nanp"
	"demarc/internal/sandbox"
	"demarc/internal/voice"
)

// Numbers come into service, and are changed, by a node in this process, in a production
// world: there nothing waits, and losing carriers are willing. Each client has a customer
// and a rate center of its own. Beside them, one further customer has so many numbers in
// service that its inventory cannot be read as a whole.

const (
	fullLines    = 1_000_000 // numbers in service of a full run
	linePage     = 100
	lineEntries  = 4       // ranges with a service of their own in a thousands-block in service
	linesPerUnit = 50      // blocks that are written in one unit of work
	pageOfFirst  = 1 / 1.5 // what the last page's rate has to be of the first one's
	mostPorts    = 10_000  // that a client has numbers for
	lineRoute    = "BENCH"
)

var errOpen = errors.New("bench: a new block is open already")

// lines is a node with customers that have numbers in service.
type lines struct {
	*carrier
	clients []*liner
	owner   voice.Party // of the inventory
	blocks  []nanp.Block
}

// liner is a client, which places its orders one after the other.
type liner struct {
	party   voice.Party
	place   *place
	stock   []voice.Range // reserved, each for an install
	foreign []voice.Range // of other carriers, each for a port
	active  voice.Range   // in service, for changes
	changes int
}

// lines takes the figures.
func (r *run) lines(ctx context.Context, b *bed) (err error) {
	c, err := r.ownDatabase(b, partLines)
	if err != nil {
		return err
	}
	took := clock.Elapsed()
	s, err := newLines(ctx, c.database(), slices.Max(r.o.Clients), r.o.Lines)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.d.Close()) }()
	l := Load{Database: b.kind, Part: partLines, What: "numbers in service", Rows: s.total(), full: fullLines, Seconds: took().Seconds()}
	if l.Bytes, err = settle(ctx, c.database()); err != nil {
		return err
	}
	r.load(l)
	defer s.work(ctx)()
	row := b.atFloor(b.oneRow(), http.MethodPost, commit+figureOrder, http.StatusCreated)
	if err := r.figures(ctx, b.kind, append(s.pageFigures(), s.orderFigures(row)...), r.o.Clients); err != nil {
		return err
	}
	return s.audit(ctx)
}

// newLines fills a new database.
func newLines(ctx context.Context, database string, clients, numbers int) (*lines, error) {
	n, err := openNode(ctx, database)
	if err != nil {
		return nil, err
	}
	s := &lines{carrier: &carrier{node: n, block: firstBlock}}
	if err := s.fill(ctx, clients, numbers); err != nil {
		return nil, errors.Join(err, n.d.Close())
	}
	return s, nil
}

// fill makes the clients, at the rate centers that have the most numbers of other
// carriers, and the owner of the inventory, who has some in all of them.
func (s *lines) fill(ctx context.Context, clients, numbers int) error {
	if err := s.addCustomers(ctx, clients+1); err != nil {
		return err
	}
	party := func(i int) voice.Party {
		return voice.Party{World: sandbox.Production, App: s.app.ID, Customer: customer(i), Name: "Bench"}
	}
	large := slices.SortedStableFunc(slices.Values(nanp.RateCenters()), func(a, b *nanp.RateCenter) int { return cmp.Compare(b.CodeCount(), a.CodeCount()) })
	for i := range clients {
		l := &liner{party: party(i), place: &place{RateCenter: large[i]}}
		s.clients, s.places = append(s.clients, l), append(s.places, l.place)
		if err := s.findForeign(ctx, l); err != nil {
			return err
		}
	}
	s.owner = party(clients)
	if err := s.load(ctx, s.places, 1); err != nil { // so that the carrier serves them
		return err
	}
	err := s.inUnits(ctx, clients, func(tx *db.Tx, i int) {
		l := s.clients[i]
		s.desk.Store.PutRoute(tx, voice.Route{Customer: l.party.Customer, Kind: voice.RouteName, Name: lineRoute})
		first := s.put(tx, l.place, l.party.Customer, voice.Active, lineEntries, voice.PerBlock/lineEntries)[0].Start
		l.active = voice.Range{Start: first, End: first + voice.PerBlock - 1}
	})
	if err != nil {
		return err
	}
	return s.inUnits(ctx, numbers/voice.PerBlock, func(tx *db.Tx, i int) {
		made := s.put(tx, s.places[i%len(s.places)], s.owner.Customer, voice.Active, lineEntries, voice.PerBlock/lineEntries)
		s.blocks = append(s.blocks, made[0].Start.Block())
	})
}

// total is how many numbers the inventory has.
func (s *lines) total() int { return len(s.blocks) * voice.PerBlock }

// inUnits does something n times, several in a unit of work.
func (s *lines) inUnits(ctx context.Context, n int, do func(tx *db.Tx, i int)) error {
	for at := 0; at < n; at += linesPerUnit {
		err := s.d.Within(ctx, sandbox.Production, func(tx *db.Tx) error {
			for i := at; i < min(at+linesPerUnit, n); i++ {
				do(tx, i)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// put makes numbers of a new block a customer's: so many ranges of a length.
func (s *lines) put(tx *db.Tx, p *place, customer, status string, ranges, each int) (made []voice.Range) {
	o := voice.OpenBlock{Block: s.newBlock()}
	o.Taken.Set(0, ranges*each-1)
	store, h := s.desk.Store, voice.Holding{Customer: customer, Product: voice.LocalInbound, State: p.State, Center: p.Name}
	store.AddBlock(tx, voice.Center{State: p.State, Name: p.Name}, o, errOpen)
	for i := range ranges {
		start := o.Block.First() + nanp.TN(i*each)
		e := voice.Entry{Range: voice.Range{Start: start, End: start + nanp.TN(each) - 1}, Status: status, Customer: customer, Product: voice.LocalInbound,
			State: p.State, Center: p.Name, At: tx.Now()}
		if status == voice.Active {
			e.Service, e.RouteName = "bench-"+start.String(), lineRoute
			store.AddService(tx, voice.Service{ID: e.Service, Customer: customer, RouteName: lineRoute,
				Subscriber: voice.Subscriber{Type: voice.Residential, First: "Avery", Last: "Example"},
				Address:    voice.Address{Number: "100", Name: "MAIN", Suffix: "ST", City: "Denver", State: "CO", ZIP: "80202"}})
			store.AddActive(tx, e, each)
			h.Active += each
		} else {
			h.Reserved += each
		}
		store.AddEntries(tx, []voice.Entry{e})
		made = append(made, e.Range)
	}
	store.AddHolding(tx, h)
	return made
}

// findForeign finds what a client can port in: whole ranges of codes whose carrier lets
// them go.
func (s *lines) findForeign(ctx context.Context, l *liner) error {
	for code := range l.place.Codes() {
		known, err := s.desk.Administration.Lookup(ctx, voice.Query{World: sandbox.Production}, []nanp.TN{code.Block(0).First()})
		if err != nil {
			return err
		}
		if !known[0].Portable {
			continue
		}
		for x := range 10 {
			first := code.Block(x).First()
			for at := 0; at+voice.PerPort <= voice.PerBlock; at += voice.PerPort {
				l.foreign = append(l.foreign, voice.Range{Start: first + nanp.TN(at), End: first + nanp.TN(at+voice.PerPort-1)})
			}
		}
		if len(l.foreign) >= mostPorts {
			break
		}
	}
	return nil
}

// orderFigures are those of orders.
func (s *lines) orderFigures(row way) []figure {
	on := func(title string, run func(context.Context, int, time.Duration) (*sample, error)) figure {
		return figure{way: way{name: title, run: run}, floors: []against{{way: row}}}
	}
	return []figure{
		on(fmt.Sprintf("install of %d", voice.PerInstall), s.installs()),
		on(fmt.Sprintf("port of %d", voice.PerPort), s.each(s.port)),
		on(fmt.Sprintf("change of %s", whole(voice.PerChange)), s.each(s.change)),
	}
}

// each is a run of clients that place orders.
func (s *lines) each(order func(context.Context, *liner) (bool, error)) func(context.Context, int, time.Duration) (*sample, error) {
	return func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
		return together(ctx, clients, span, func(ctx context.Context, i int) (bool, error) { return order(ctx, s.clients[i]) })
	}
}

// installs are runs that begin with as many reserved numbers as they may need.
func (s *lines) installs() func(context.Context, int, time.Duration) (*sample, error) {
	known := map[int]float64{} // by clients, how many a second
	return func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
		need := 50 + int(2*known[clients]*span.Seconds())/clients
		const perBlock = voice.PerBlock / voice.PerInstall
		for _, l := range s.clients[:clients] {
			lack := max(0, need-len(l.stock))
			err := s.inUnits(ctx, (lack+perBlock-1)/perBlock, func(tx *db.Tx, _ int) {
				l.stock = append(l.stock, s.put(tx, l.place, l.party.Customer, voice.Reserved, perBlock, voice.PerInstall)...)
			})
			if err != nil {
				return nil, err
			}
		}
		taken, err := s.each(s.install)(ctx, clients, span)
		if err == nil {
			known[clients] = max(known[clients], taken.rate())
		}
		return taken, err
	}
}

// take takes the first of some ranges; ok is false when there is none.
func take(list *[]voice.Range) (r voice.Range, ok bool) {
	if len(*list) == 0 {
		return r, false
	}
	r, *list = (*list)[0], (*list)[1:]
	return r, true
}

func (s *lines) install(ctx context.Context, l *liner) (bool, error) {
	r, ok := take(&l.stock)
	if !ok {
		return false, nil
	}
	p, err := s.desk.PrepareOrder(ctx, l.party, orderOf(voice.TypeInstall, r))
	return true, s.accepted(ctx, l, voice.TypeInstall, p, err)
}

func (s *lines) port(ctx context.Context, l *liner) (bool, error) {
	r, ok := take(&l.foreign)
	if !ok {
		return false, fmt.Errorf("bench: %s has no more numbers to port in", l.place.Key())
	}
	m := orderOf(voice.TypePort, r)
	m.LNP = &voice.LNPRequest{LOAName: "Avery Example", LOAReceived: "Y", LOADateTime: "2026-01-02T10:00:00Z", WTN: lenient.Text(r.Start.String()),
		Account: "ACC-1234", Wireless: "N"}
	p, err := s.desk.PrepareOrder(ctx, l.party, m)
	return true, s.accepted(ctx, l, voice.TypePort, p, err)
}

// change gives the same numbers another name each time.
func (s *lines) change(ctx context.Context, l *liner) (bool, error) {
	l.changes++
	name := "Avery " + string(rune('A'+l.changes%26))
	p, err := s.desk.PrepareChange(ctx, l.party, &voice.ChangeRequest{SubscriberLines: lineWith(name, "", l.active)})
	return true, s.accepted(ctx, l, voice.TypeChange, p, err)
}

// accepted places an order that is prepared, and waits until it is completed.
func (s *lines) accepted(ctx context.Context, l *liner, kind string, p *voice.Prepared, err error) error {
	if err != nil {
		return err
	}
	return s.placed(ctx, kind+" at "+l.place.Key(), func(tx *db.Tx) (voice.Order, error) {
		o, _, err := s.desk.Accept(tx, l.party, p)
		return o, err
	})
}

func orderOf(kind string, r voice.Range) *voice.OrderRequest {
	const address = `"serviceAddress":{"streetNumber":"100","streetName":"Main","streetSuffix":"Street","city":"Denver","state":"CO","zip":"80202"},`
	return &voice.OrderRequest{ProductID: voice.LocalInbound, OrderType: lenient.Text(kind), ExternalID: "bench", RouteName: lineRoute,
		SubscriberLines: lineWith("Avery", address, r)}
}

// lineWith is a request's line.
func lineWith(name, more string, r voice.Range) *[]json.RawMessage {
	tns := `[{"startTN":` + strconv.FormatInt(r.Start.E164(), 10) + `,"endTN":` + strconv.FormatInt(r.End.E164(), 10) + `}]`
	return &[]json.RawMessage{[]byte(`{"customerType":"R","firstName":"` + name + `","lastName":"Example",` + more + `"tnList":` + tns + `}`)}
}

// pageFigures are those of the inventory's pages, which are held against the first.
func (s *lines) pageFigures() []figure {
	last := s.total() - linePage
	at := func(title string, offset func() int) way {
		return way{name: title, run: func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
			return together(ctx, clients, span, func(ctx context.Context, _ int) (bool, error) { return true, s.page(ctx, offset()) })
		}}
	}
	fixed := func(n int) func() int { return func() int { return n } }
	row := way{name: "one row, by its key", run: func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
		return together(ctx, clients, span, func(ctx context.Context, _ int) (bool, error) { return true, s.row(ctx) })
	}}
	begin := at("first page", fixed(0))
	beside := []against{{way: begin}}
	random := at("random pages", func() int { return rand.IntN(last + 1) })
	return []figure{
		{way: begin, floors: []against{{way: row}}},
		{way: at("middle page", fixed(s.total()/2)), floors: beside},
		{way: at("last page", fixed(last)), floors: []against{{way: begin, target: pageOfFirst}}},
		{way: random, floors: beside},
	}
}

// number is one of the inventory's.
func (s *lines) number(i int) nanp.TN {
	return s.blocks[i/voice.PerBlock].First() + nanp.TN(i%voice.PerBlock)
}

// page reads a page of the inventory, and holds it to what there is.
func (s *lines) page(ctx context.Context, offset int) error {
	return s.d.View(ctx, sandbox.Production, func(tx *db.Tx) error {
		list, total, err := s.desk.Details(tx, s.owner, voice.DetailFilter{Product: voice.LocalInbound}, voice.Paging{Offset: int64(offset), Limit: linePage})
		if err != nil {
			return err
		}
		if len(list) != linePage || total != s.total() || list[0].TN != s.number(offset) || list[linePage-1].TN != s.number(offset+linePage-1) ||
			list[linePage-1].Service.RouteName != lineRoute {
			return fmt.Errorf("bench: %d numbers of %d are on the page from %d", len(list), total, offset)
		}
		return nil
	})
}

// row reads one row by its key.
func (s *lines) row(ctx context.Context) error {
	return s.d.View(ctx, sandbox.Production, func(tx *db.Tx) error {
		_, err := s.desk.Store.Service(tx, "bench-"+s.number(0).String())
		return err
	})
}

// audit holds the world to its invariants.
func (s *lines) audit(ctx context.Context) error {
	return s.d.View(ctx, sandbox.Production, func(tx *db.Tx) error {
		problems, err := s.desk.Check(tx)
		if err == nil && len(problems) > 0 {
			err = fmt.Errorf("bench: %d things are wrong, the first: %s", len(problems), problems[0])
		}
		return err
	})
}
