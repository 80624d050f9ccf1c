package bench

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// What the partner calls.
const (
	tokenPath     = "/oauth/v2/token" //nolint:gosec // a path
	inventoryPath = "/ProductInventory/v1/inventory?serviceId=77133831778"
	quotePath     = "/Product/v1/priceRequest"
	orderPath     = "/Customer/v3/Ordering/orderRequest"
	// oneSite is the published example's, where the variant orders that does not
	// spread.
	oneSite = "PL0001247634"
	// orderSpeed is small, so that a site has room for many.
	orderSpeed = "10 Mbps"

	customerHeader = "x-customer-number"
)

// partner is the client that knows the API: it has a token of the server's first
// sandbox, whose clock stands still, so that quotes stay valid and no order is
// activated while orders are measured.
type partner struct {
	addr     string
	env      map[string]string
	token    string
	customer string
	sites    [][2]string // masterSiteId and partnerId
	one      string      // the partnerId of oneSite
	quotes   [2]stock    // spread over the sites, and at one site
	placed   atomic.Int64
}

// stock is quotes that wait for their orders.
type stock struct {
	mu  sync.Mutex
	ids []string
}

func (s *stock) put(ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids = append(s.ids, ids...)
}

func (s *stock) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ids) == 0 {
		return ""
	}
	id := s.ids[len(s.ids)-1]
	s.ids = s.ids[:len(s.ids)-1]
	return id
}

func (s *stock) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ids)
}

// newPartner signs in with the keys that the first start has written, and stops
// the world's clock.
func newPartner(ctx context.Context, addr, data string) (*partner, error) {
	p := &partner{addr: addr, env: map[string]string{}}
	text, err := os.ReadFile(filepath.Join(data, "quickstart.env"))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			p.env[name] = strings.Trim(value, "'")
		}
	}
	p.customer = p.env["DEMARC_CUSTOMER_NUMBER"]
	if err := p.signIn(ctx); err != nil {
		return nil, err
	}
	if _, _, err := p.call(ctx, http.MethodPost, "/sandbox/v1/clock/freeze", p.headers(), ""); err != nil {
		return nil, err
	}
	return p, p.locate(ctx)
}

// signIn gets a token.
func (p *partner) signIn(ctx context.Context) error {
	var token struct {
		Token string `json:"access_token"`
	}
	_, body, err := p.call(ctx, http.MethodPost, tokenPath, [][2]string{p.basic(), formType}, tokenForm)
	if err != nil {
		return err
	}
	err = json.Unmarshal(body, &token)
	p.token = token.Token
	return err
}

const tokenForm = "grant_type=client_credentials"

var (
	formType = [2]string{"Content-Type", "application/x-www-form-urlencoded"}
	jsonType = [2]string{"Content-Type", "application/json"}
)

func (p *partner) basic() [2]string {
	pair := p.env["DEMARC_CLIENT_ID"] + ":" + p.env["DEMARC_CLIENT_SECRET"]
	return [2]string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))}
}

func (p *partner) headers(more ...[2]string) [][2]string {
	return append([][2]string{{"Authorization", "Bearer " + p.token}, {customerHeader, p.customer}}, more...)
}

// call is for what is not measured.
func (p *partner) call(ctx context.Context, method, path string, headers [][2]string, body string) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+p.addr+path, strings.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	for _, h := range headers {
		req.Header.Set(h[0], h[1])
	}
	res, err := (&http.Client{Timeout: patience}).Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode > 299 {
		err = fmt.Errorf("bench: %s %s answered %d: %.300s", method, path, res.StatusCode, answer)
	}
	return res, answer, err
}

// locate finds the data centers to order at.
func (p *partner) locate(ctx context.Context) error {
	var providers struct {
		List []struct{ ID string } `json:"listPartners"`
	}
	_, body, err := p.call(ctx, http.MethodGet, "/Network/v1/provider", p.headers(), "")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, &providers); err != nil {
		return err
	}
	for _, provider := range providers.List {
		var page struct {
			Location []struct {
				ID string `json:"masterSiteId"`
			} `json:"location"`
		}
		_, body, err := p.call(ctx, http.MethodGet, "/Network/v1/location?pageSize=100&partnerId="+provider.ID, p.headers(), "")
		if err != nil {
			return err
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return err
		}
		for _, l := range page.Location {
			p.sites = append(p.sites, [2]string{l.ID, provider.ID})
			if l.ID == oneSite {
				p.one = provider.ID
			}
		}
	}
	if len(p.sites) == 0 || p.one == "" {
		return errors.New("bench: the server lists no data center to order at")
	}
	return nil
}

func (p *partner) inventory() []byte {
	return get(inventoryPath, p.headers()...).with(nil)
}

func (p *partner) tokenRequest() []byte {
	return post(http.MethodPost, tokenPath, p.basic(), formType).with(nil, tokenForm)
}

// quoteBody asks for a price at a site.
func (p *partner) quoteBody(site, provider string) string {
	return `{"sourceSystem":"NaaS ExternalAPI","customerPriceRequestDescription":"bench","customerNumber":"` + p.customer +
		`","currencyCode":"USD","masterSiteId":"` + site + `","productCode":"718","productName":"NaaS Internet","speed":"` + orderSpeed +
		`","partnerId":"` + provider + `"}`
}

// quoteRequests is every client asking for prices at one site after the other.
func (p *partner) quoteRequests(clients int) func(int, []byte) []byte {
	m := post(http.MethodPost, quotePath, p.headers(jsonType)...)
	bodies := make([]string, len(p.sites))
	for i, s := range p.sites {
		bodies[i] = p.quoteBody(s[0], s[1])
	}
	at := make([]int, clients*16) // apart, so that clients do not share a cache line
	return func(client int, b []byte) []byte {
		at[client*16]++
		return m.with(b, bodies[(client+at[client*16])%len(bodies)])
	}
}

// prepare fills the stock of quotes up to n, outside of what is timed.
func (p *partner) prepare(ctx context.Context, spread bool, n int) error {
	s := p.stock(spread)
	if n -= s.size(); n <= 0 {
		return nil
	}
	const clients = 64
	next := p.quoteRequests(clients)
	if !spread {
		request := post(http.MethodPost, quotePath, p.headers(jsonType)...).with(nil, p.quoteBody(oneSite, p.one))
		next = same(request)
	}
	var left atomic.Int64
	left.Store(int64(n))
	found := make([][]string, clients)
	l := load{addr: p.addr, clients: clients, want: http.StatusOK,
		next: func(client int, b []byte) []byte {
			if left.Add(-1) < 0 {
				return nil
			}
			return next(client, b)
		},
		took: func(client int, body []byte) error {
			id, err := idOf(body)
			found[client] = append(found[client], id)
			return err
		}}
	if _, err := l.run(ctx); err != nil {
		return err
	}
	for _, ids := range found {
		s.put(ids)
	}
	return nil
}

func (p *partner) stock(spread bool) *stock {
	if spread {
		return &p.quotes[0]
	}
	return &p.quotes[1]
}

// idOf is the id that an answer begins with.
func idOf(body []byte) (string, error) {
	_, rest, ok := bytes.Cut(body, []byte(`"id":"`))
	id, _, whole := bytes.Cut(rest, []byte(`"`))
	if !ok || !whole {
		return "", fmt.Errorf("bench: no id in %.200s", body)
	}
	return string(id), nil
}

// The parts of an order around its quote.
const (
	orderHead = `{"externalId":"bench","billingAccount":{"id":"5-RHQBGCGK","name":"Company or account name"},` +
		`"channel":[{"id":"99","name":"NaaS ExternalAPI"}],"note":[{"text":"An order of the bench"}],` +
		`"productOrderItem":[{"id":"1","quantity":1,"action":"add","product":{"productCharacteristic":[` +
		`{"name":"Customer Service Name","valueType":"String","value":"Bench"},` +
		`{"name":"VLAN Assignment","valueType":"String","value":"Auto Assign"},` +
		`{"name":"IPV4 Block Size","valueType":"String","value":"/30"},` +
		`{"name":"Routing Options","valueType":"String","value":"Static"}],` +
		`"productSpecification":{"id":"5001","name":"NaaS Internet"}},` +
		`"productOffering":{"id":"718","name":"NaaS Internet On-Demand"}}],"quote":[{"id":"`
	orderTail = `","name":"bench"}],"relatedContactInformation":[{"number":"+16155550123","emailAddress":"ada@example.com",` +
		`"role":"Order Contact","organization":"Example","name":"Ada Lovelace","numberExtension":""}]}`
)

// orderRequests is every client placing orders, each with a quote of its own from
// the stock, until that is empty.
func (p *partner) orderRequests(spread bool) func(int, []byte) []byte {
	m := post(http.MethodPost, orderPath, p.headers(jsonType)...)
	s := p.stock(spread)
	return func(_ int, b []byte) []byte {
		quote := s.take()
		if quote == "" {
			return nil
		}
		p.placed.Add(1)
		return m.with(b, orderHead, quote, orderTail)
	}
}

// example asks once and answers what came back, for the floor to repeat.
func (p *partner) example(ctx context.Context, figure string) (*http.Response, []byte, error) {
	switch figure {
	case figureRead:
		return p.call(ctx, http.MethodGet, inventoryPath, p.headers(), "")
	case figureToken:
		return p.call(ctx, http.MethodPost, tokenPath, [][2]string{p.basic(), formType}, tokenForm)
	case figureQuote:
		return p.call(ctx, http.MethodPost, quotePath, p.headers(jsonType), p.quoteBody(p.sites[0][0], p.sites[0][1]))
	}
	_, body, err := p.call(ctx, http.MethodPost, quotePath, p.headers(jsonType), p.quoteBody(p.sites[0][0], p.sites[0][1]))
	if err != nil {
		return nil, nil, err
	}
	quote, err := idOf(body)
	if err != nil {
		return nil, nil, err
	}
	p.placed.Add(1)
	return p.call(ctx, http.MethodPost, orderPath, p.headers(jsonType), orderHead+quote+orderTail)
}

// answerHeader carries the headers of an answer to the floor.
const answerHeader = "X-Answer-"

// teach makes the floor answer as the program did.
func teach(ctx context.Context, floor *process, name string, res *http.Response, body []byte) error {
	url := "http://" + floor.addr + "/answer/" + name + "?status=" + strconv.Itoa(res.StatusCode)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for header, values := range res.Header {
		if header != "Date" && header != "Content-Length" {
			req.Header[answerHeader+header] = values
		}
	}
	told, err := (&http.Client{Timeout: patience}).Do(req)
	if err != nil {
		return err
	}
	defer told.Body.Close()
	if told.StatusCode != http.StatusOK {
		return fmt.Errorf("bench: the floor would not learn %s: %s", name, told.Status)
	}
	return nil
}
