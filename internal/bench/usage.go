package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"demarc/internal/clock"
)

// Usage is told by as many providers as there are clients, each of its own customer,
// with a count of one: so what each answer and each total must be is known.

const (
	updatePath = "/update-subscription/"
	market     = "/marketplace/v1"
	// repeatEvery is how often a request is sent again, with the key that it had.
	repeatEvery = 20
)

// Total is what providers told in all of a run, which the totals that buyers read
// afterwards were equal to.
type Total struct {
	Database  string `json:"database"`
	Providers int    `json:"providers"`
	Updates   int64  `json:"updates"`
	Repeats   int64  `json:"repeats"` // of updates, with the key that these had
}

// seller is one provider with its customer.
type seller struct {
	turn    int64 // so that not all repeat at the same time
	id      string
	key     string
	sku     string
	sub     string // the customer's subscription
	coid    string
	updates int64 // told so far
	repeats int64
}

// usage onboards the providers, takes the figures, and holds the totals to what was
// told.
func (r *run) usage(ctx context.Context, b *bed) error {
	sellers, err := b.partner.onboard(ctx, r.o.Sellers)
	if err != nil {
		return err
	}
	res, body, err := b.partner.call(ctx, http.MethodPost, updatePath, [][2]string{jsonType, idempotencyKey("example")}, sellers[0].update())
	if err != nil {
		return err
	}
	sellers[0].updates++
	if err := teach(ctx, b.floor, partUsage, res, body); err != nil {
		return err
	}
	if err := r.figures(ctx, b.kind, b.usageFigures(sellers), []int{len(sellers)}); err != nil {
		return err
	}
	t, err := b.partner.totals(ctx, sellers)
	if err != nil {
		return err
	}
	t.Database = b.kind
	r.total(t)
	return nil
}

// total adds what was told to the report, and prints it.
func (r *run) total(t Total) {
	r.report.Totals = append(r.report.Totals, t)
	r.print("usage: totals exact: %s updates of %d providers, %s of them sent twice with one key", whole(float64(t.Updates)), t.Providers, whole(float64(t.Repeats)))
}

func (b *bed) usageFigures(sellers []*seller) []figure {
	request := post(http.MethodPost, commit+partUsage, jsonType, idempotencyKey("bench-10-10001")).with(nil, sellers[0].update())
	floors := []against{{way: way{name: b.oneRow(), run: b.again(b.floor, http.StatusCreated, request)}}}
	return []figure{
		{way: way{"usage, with keys", b.server, told(b.server.addr, sellers, true)}, floors: floors},
		{way: way{"usage, without", b.server, told(b.server.addr, sellers, false)}, floors: floors},
	}
}

func idempotencyKey(key string) [2]string { return [2]string{"Idempotency-Key", key} }

// update is the body of each of a provider's requests.
func (s *seller) update() string {
	return `{"coid":"` + s.coid + `","expired":false,"sku":"` + s.sku + `","count":1,"providerkey":"` + s.key + `"}`
}

// teller is a client at its work for one provider.
type teller struct {
	*seller
	before, after []byte // of its requests, around the key
	last          []byte // the request that is to be sent again, or empty
}

// told is every provider telling one update after the other; keyed, each has an
// Idempotency-Key, and some are sent twice. Each answer is held to the total that its
// provider has told.
func told(addr string, sellers []*seller, keyed bool) func(context.Context, int, time.Duration) (*sample, error) {
	return func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
		if clients > len(sellers) {
			return nil, fmt.Errorf("bench: %d clients for %d providers", clients, len(sellers))
		}
		tellers := make([]*teller, clients)
		for i := range tellers {
			tellers[i] = newTeller(sellers[i], keyed)
		}
		return load{addr: addr, clients: clients, span: span, want: http.StatusCreated,
			next: func(client int, b []byte) []byte { return tellers[client].next(b, keyed) },
			took: func(client int, body []byte) error { return tellers[client].took(body) },
		}.run(ctx)
	}
}

func newTeller(s *seller, keyed bool) *teller {
	t := &teller{seller: s}
	if !keyed {
		t.before = post(http.MethodPost, updatePath, jsonType).with(nil, s.update())
		return t
	}
	const here = "*"
	whole := post(http.MethodPost, updatePath, jsonType, idempotencyKey(here)).with(nil, s.update())
	t.before, t.after, _ = bytes.Cut(whole, []byte(here+"\r\n"))
	t.before = append(bytes.Clone(t.before), "bench-"+s.id+"-"...)
	t.after = append([]byte("\r\n"), t.after...)
	return t
}

func (t *teller) next(b []byte, keyed bool) []byte {
	if len(t.last) > 0 {
		b = append(b, t.last...)
		t.last = t.last[:0]
		t.repeats++
		return b
	}
	t.updates++
	b = append(b, t.before...)
	if !keyed {
		return b
	}
	b = append(strconv.AppendInt(b, t.updates, 10), t.after...)
	if (t.updates+t.turn)%repeatEvery == 0 {
		t.last = append(t.last, b...)
	}
	return b
}

// took holds an answer to what has been told: a repeat's is the first one's.
func (t *teller) took(body []byte) error {
	_, rest, ok := bytes.Cut(body, []byte(`"total":`))
	n := int64(0)
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int64(c-'0')
	}
	if !ok || n != t.updates {
		return fmt.Errorf("bench: provider %s has told %d, and was answered %.200s", t.id, t.updates, body)
	}
	return nil
}

// totals reads, as buyers do, what each has used, which must be what its provider has
// told.
func (p *partner) totals(ctx context.Context, sellers []*seller) (t Total, err error) {
	t.Providers = len(sellers)
	for _, s := range sellers {
		var a struct {
			Usage []struct {
				SKU     string
				Total   json.Number
				Updates int64
			}
		}
		if err := p.ask(ctx, http.MethodGet, market+"/subscriptions/"+s.sub+"/usage", nil, &a); err != nil {
			return t, err
		}
		if len(a.Usage) != 1 || a.Usage[0].SKU != s.sku || a.Usage[0].Total != json.Number(strconv.FormatInt(s.updates, 10)) || a.Usage[0].Updates != s.updates {
			return t, fmt.Errorf("bench: the totals are wrong: %s has told %d of %s in as many updates, and its customer reads %+v", s.id, s.updates, s.sku, a.Usage)
		}
		t.Updates += s.updates
		t.Repeats += s.repeats
	}
	return t, nil
}

// ask calls the API with what is asked as JSON, and reads the answer.
func (p *partner) ask(ctx context.Context, method, path string, what, into any) error {
	text, headers := []byte(nil), p.headers()
	if what != nil {
		var err error
		if text, err = json.Marshal(what); err != nil {
			return err
		}
		headers = p.headers(jsonType)
	}
	_, body, err := p.call(ctx, method, path, headers, string(text))
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// onboard makes providers by the API, each with a product and a customer whose
// account this process opens, as a provider's server does.
func (p *partner) onboard(ctx context.Context, n int) (list []*seller, err error) {
	base, end, err := openAccounts(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	for i := range n {
		s, err := p.onboardOne(ctx, fmt.Sprintf("bench-%d", i+1), base)
		if err != nil {
			return nil, err
		}
		s.turn = int64(i)
		list = append(list, s)
	}
	return list, nil
}

func (p *partner) onboardOne(ctx context.Context, name, base string) (*seller, error) {
	var provider struct {
		ID  string
		Key struct{ Clear string }
	}
	if err := p.ask(ctx, http.MethodPost, market+"/providers", map[string]string{"name": name, "title": name, "baseUrl": base}, &provider); err != nil {
		return nil, err
	}
	var product struct {
		ID   string
		SKUs []struct{ SKU string }
	}
	offer := map[string]any{"name": "Bench", "skus": []map[string]string{{"name": "Requests", "unit": "request"}}}
	if err := p.ask(ctx, http.MethodPost, market+"/providers/"+provider.ID+"/products", offer, &product); err != nil {
		return nil, err
	}
	var sub struct{ ID, State, COID string }
	form := map[string]any{"productId": product.ID, "fields": map[string]string{"accountHolderName": "Bench", "emailAddress": "bench@example.com"}}
	if err := p.ask(ctx, http.MethodPost, market+"/subscriptions", form, &sub); err != nil {
		return nil, err
	}
	if len(product.SKUs) != 1 {
		return nil, fmt.Errorf("bench: product %s has %d SKUs", product.ID, len(product.SKUs))
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for sub.State != "active" {
		if err := clock.Sleep(ctx, 2*time.Millisecond); err != nil {
			return nil, fmt.Errorf("bench: subscription %s does not get active, it is %s: %w", sub.ID, sub.State, err)
		}
		if err := p.ask(ctx, http.MethodGet, market+"/subscriptions/"+sub.ID, nil, &sub); err != nil {
			return nil, err
		}
	}
	return &seller{id: provider.ID, key: provider.Key.Clear, sku: product.SKUs[0].SKU, sub: sub.ID, coid: sub.COID}, nil
}

// openAccounts is the server of all these providers, as small as one can be: it opens
// an account by giving it the order's own id.
func openAccounts(ctx context.Context) (base string, end func() error, err error) {
	var config net.ListenConfig
	ln, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]string{"coid": "CO-" + r.Header.Get("Idempotency-Key")}) // whoever called may be gone
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	return "http://" + ln.Addr().String(), func() error {
		err := server.Close()
		if s := <-served; !errors.Is(s, http.ErrServerClosed) {
			err = errors.Join(err, s)
		}
		return err
	}, nil
}
