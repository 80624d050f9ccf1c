package bench

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/lenient"
	"demarc/internal/nanp"
	"demarc/internal/sandbox"
	"demarc/internal/timer"
	"demarc/internal/voice"
	"demarc/internal/voice/voicecarrier"
	"demarc/internal/voice/voicesql"
)

// node is Voice's use cases and their due work in this process, in the production world
// of a database of its own: sandboxes let two seconds pass before an order is worked.
type node struct {
	d        *db.DB
	desk     *voice.Desk
	identity *identity.Service
	app      identity.App
	secret   string

	customers int // that there are

	mu      sync.Mutex
	waiting map[string]chan string // by order: who is told what it has become
}

// nodeWorkers is how much due work the program does at once, unless it is told otherwise.
const nodeWorkers = 16

// openNode makes the production world of a new database, and an application there.
func openNode(ctx context.Context, database string) (n *node, err error) {
	if path, isFile := strings.CutPrefix(database, "sqlite:"); isFile {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
	}
	d, err := db.Open(ctx, database, db.Options{})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	n = &node{d: d, identity: identity.New(d, identity.Options{Products: []string{voice.Product}}), waiting: map[string]chan string{}}
	b := voicecarrier.Embedded(voicesql.NewSource(d))
	n.desk = &voice.Desk{DB: d, Store: watched{voicesql.Store{}, n}, Administration: b.Administration, Credit: b.Credit,
		Losing: willing{}, Providers: b.Providers, Counters: db.NewCounters(d)}
	if err := d.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := sandbox.New(sandbox.Options{DB: d}).EnsureProduction(ctx); err != nil {
		return nil, err
	}
	org, err := n.identity.CreateOrg(ctx, "Bench")
	if err != nil {
		return nil, err
	}
	made, err := n.identity.CreateApp(ctx, "bench", identity.NewApp{World: sandbox.Production, Org: org.ID, Name: "Bench", Products: []string{voice.Product}})
	if err != nil {
		return nil, err
	}
	n.secret = made.Secrets[0].Clear
	n.app, err = n.identity.ApproveApp(ctx, "bench", made.ID)
	return n, err
}

// work does the node's due work until end is called.
func (n *node) work(ctx context.Context) (end func()) {
	runner := timer.NewRunner(n.d, slog.New(slog.DiscardHandler), nodeWorkers)
	n.desk.Handle(runner)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runner.Run(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// watched tells whoever waits for an order what it has become, once that is committed.
// So nobody has to ask, which would be measured as well.
type watched struct {
	voice.Store
	n *node
}

func (w watched) SaveOrder(tx *db.Tx, o *voice.Order) {
	w.Store.SaveOrder(tx, o)
	id, state := o.ID, o.State
	if state == voice.PortFOC {
		return // it goes on by itself
	}
	tx.After(func() {
		w.n.mu.Lock()
		defer w.n.mu.Unlock()
		if waiting := w.n.waiting[id]; waiting != nil {
			waiting <- state
			delete(w.n.waiting, id)
		}
	})
}

// willing is losing carriers that let every number go at once, so that a port takes as
// long as the program does.
type willing struct{}

// Ask concurs.
func (willing) Ask(_ context.Context, q voice.Query, _ voice.Port) (voice.Reply, error) {
	return voice.Reply{State: voice.PortConcur, FOC: q.Now}, nil
}

// customer is the number of one of the node's customers.
func customer(i int) string { return fmt.Sprintf("9-B%06d", i) }

// perUnit is how many customers are made in one unit of work.
const perUnit = 500

// addCustomers makes customers until there are so many, for all of whom the application
// acts.
func (n *node) addCustomers(ctx context.Context, most int) error {
	for n.customers < most {
		to := min(n.customers+perUnit, most)
		err := n.d.Within(ctx, sandbox.Production, func(tx *db.Tx) error {
			for i := n.customers; i < to; i++ {
				identity.PutCustomer(tx, identity.Customer{Number: customer(i), Name: "Bench"})
				n.identity.GrantIn(tx, "bench", n.app.ID, customer(i))
			}
			return nil
		})
		if err != nil {
			return err
		}
		n.customers = to
	}
	return nil
}

// ticket is a reservation to be made.
type ticket struct {
	place    *place
	customer string
}

// reserve makes one, and waits until due work has completed it.
func (n *node) reserve(ctx context.Context, t ticket) error {
	p, err := n.desk.PrepareReserve(ctx, voice.Party{World: sandbox.Production, App: n.app.ID, Customer: t.customer, Name: "Bench"}, &voice.ReserveRequest{
		ProductID: voice.LocalInbound, RateCenterOrders: []voice.LineRequest{{RateCenter: lenient.Text(t.place.Name), State: lenient.Text(t.place.State),
			Quantity: lenient.Text(strconv.Itoa(voice.PerOrder))}}})
	if err != nil {
		return err
	}
	return n.placed(ctx, "reservation at "+t.place.Key(), func(tx *db.Tx) (voice.Order, error) {
		o, _, err := n.desk.Reserve(tx, p)
		return o, err
	})
}

// placed places an order, and waits until due work has completed it.
func (n *node) placed(ctx context.Context, what string, place func(tx *db.Tx) (voice.Order, error)) error {
	became := make(chan string, 1)
	var order string
	err := n.d.Within(ctx, sandbox.Production, func(tx *db.Tx) error {
		o, err := place(tx)
		order = o.ID
		n.mu.Lock()
		defer n.mu.Unlock()
		n.waiting[order] = became
		return err
	})
	if err != nil {
		return err
	}
	select {
	case state := <-became:
		if state != voice.OrderCompleted {
			return fmt.Errorf("bench: %s, %s, is %s, not %s", order, what, state, voice.OrderCompleted)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("bench: %s, %s, is not worked: %w", order, what, ctx.Err())
	}
}

// place is a rate center where reservations are made.
type place struct {
	*nanp.RateCenter
	blocks int // loaded
	made   int // reservations, each of the next customer
}

// left is how many further reservations it has numbers for.
func (p *place) left() int { return p.blocks*voice.PerBlock/voice.PerOrder - p.made }

// firstBlock is of an area code that nobody has.
const firstBlock nanp.Block = 200_2000

// carrier is a carrier's numbers, on a node of their own.
type carrier struct {
	*node
	places []*place
	block  nanp.Block // from which the next is made
	turn   int        // at which place the next run at one is
}

// newCarrier loads so many blocks into a new database, of places that have as many each.
func newCarrier(ctx context.Context, database string, places, blocks int) (*carrier, error) {
	n, err := openNode(ctx, database)
	if err != nil {
		return nil, err
	}
	s := &carrier{node: n, block: firstBlock}
	all := nanp.RateCenters()
	for i := range places {
		s.places = append(s.places, &place{RateCenter: all[i*(len(all)/places)]})
	}
	if err := s.load(ctx, s.places, blocks/places); err != nil {
		return nil, errors.Join(err, n.d.Close())
	}
	return s, nil
}

// blocks are how many were loaded.
func (s *carrier) blocks() (n int) {
	for _, p := range s.places {
		n += p.blocks
	}
	return n
}

// newBlock is the next block that nobody has.
func (s *carrier) newBlock() nanp.Block {
	for !s.block.Valid() || !nanp.ValidNXX(s.block.Code().NXX()) {
		s.block++
	}
	s.block++
	return s.block - 1
}

// load brings so many new blocks to each place.
func (s *carrier) load(ctx context.Context, places []*place, each int) error {
	var text bytes.Buffer
	lines := csv.NewWriter(&text)
	_ = lines.Write(voice.StockHeader) // to memory
	for _, p := range places {
		for range each {
			b := s.newBlock()
			_ = lines.Write([]string{p.State, p.Name, strconv.Itoa(b.Code().NPA()), strconv.Itoa(b.Code().NXX()), strconv.Itoa(b.X()), "Y"})
		}
		p.blocks += each
	}
	lines.Flush()
	n, err := s.desk.LoadStock(ctx, sandbox.Production, "bench", &text)
	if err == nil && n != len(places)*each {
		err = fmt.Errorf("bench: %d blocks were loaded instead of %d", n, len(places)*each)
	}
	return err
}

// tickets are reservations to be made, each by the first who asks.
type tickets struct {
	list []ticket
	at   atomic.Int64
	sent time.Duration // until when they were asked for, where that is not until the run ended
}

// next is one that nobody has, nil when there is none.
func (t *tickets) next() *ticket {
	if i := int(t.at.Add(1)) - 1; i < len(t.list) {
		return &t.list[i]
	}
	return nil
}

func (t *tickets) used() int { return min(int(t.at.Load()), len(t.list)) }

// count notes that those which were asked for were made.
func (t *tickets) count() {
	for _, one := range t.list[:t.used()] {
		one.place.made++
	}
}

// tickets are n reservations, at one rate center, another one each time, or over all of
// them in turn. There are numbers and customers for them.
func (s *carrier) tickets(ctx context.Context, one bool, n int) (*tickets, error) {
	places := s.places
	if one {
		places = places[s.turn%len(places):][:1]
		s.turn++
	}
	each := (n + len(places) - 1) / len(places)
	most, lack := 0, 0
	var short []*place
	for _, p := range places {
		most = max(most, p.made+each)
		if p.left() < each {
			short, lack = append(short, p), max(lack, each-p.left())
		}
	}
	if err := s.load(ctx, short, (lack*voice.PerOrder+voice.PerBlock-1)/voice.PerBlock); err != nil {
		return nil, err
	}
	if err := s.addCustomers(ctx, most); err != nil {
		return nil, err
	}
	t := &tickets{list: make([]ticket, n)}
	for i := range t.list {
		p := places[i%len(places)]
		t.list[i] = ticket{p, customer(p.made + i/len(places))}
	}
	return t, nil
}

// drained waits until all that was accepted has been worked.
func (n *node) drained(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		var left int64
		err := n.d.View(ctx, sandbox.Production, func(tx *db.Tx) (err error) {
			left, err = timer.Pending(tx, voice.TimerOrder)
			return err
		})
		if err != nil || left == 0 {
			return err
		}
		if err := clock.Sleep(ctx, 2*time.Millisecond); err != nil {
			return fmt.Errorf("bench: %d reservations are not worked: %w", left, err)
		}
	}
}

// audit holds the world to its invariants, and to what was reserved in it.
func (s *carrier) audit(ctx context.Context) (is Reserved, err error) {
	wanted := 0
	for _, p := range s.places {
		wanted += p.made
	}
	err = s.d.View(ctx, sandbox.Production, func(tx *db.Tx) error {
		problems, err := s.desk.Check(tx)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return fmt.Errorf("bench: %d things are wrong, the first: %s", len(problems), problems[0])
		}
		all, err := s.desk.Store.All(tx)
		if err != nil {
			return err
		}
		for _, e := range all.Entries {
			is.Numbers += e.Len()
		}
		is.Blocks, is.Reservations = len(all.Blocks), len(all.Orders)
		return nil
	})
	if err == nil && (is.Reservations != wanted || is.Numbers != wanted*voice.PerOrder) {
		err = fmt.Errorf("bench: %d reservations were made, and there are %d of %d numbers", wanted, is.Reservations, is.Numbers)
	}
	return is, err
}
