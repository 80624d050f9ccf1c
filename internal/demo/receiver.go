package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Notification is one that arrived.
type Notification struct {
	ID      string // the same for every attempt
	Type    string
	Subject string          // what it is about: order/…, subscription/…
	Data    json.RawMessage // of one in a product's own form: all of it
}

// receiver is a webhook's other end on this machine. It believes nothing whose
// signature does not fit: it uses the Standard Webhooks library, as any receiver
// could, and none of demarc's own code.
type receiver struct {
	server *http.Server
	url    string
	ended  chan error
	read   func(req *http.Request, body []byte) (Notification, error) // reads what is signed
	known  chan struct{}                                              // closed when the secret is

	mu     sync.Mutex
	check  *standardwebhooks.Webhook
	list   []Notification
	seen   map[string]bool
	forged error         // the first that did not fit
	news   chan struct{} // closed, and replaced, with every arrival
}

// newReceiver receives notifications in the standard form.
func newReceiver(ctx context.Context) (*receiver, error) {
	return openReceiver(ctx, "/webhooks", readStandard)
}

func openReceiver(ctx context.Context, path string, read func(*http.Request, []byte) (Notification, error)) (*receiver, error) {
	var config net.ListenConfig
	ln, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{url: "http://" + ln.Addr().String() + path, ended: make(chan error, 1), read: read, known: make(chan struct{}),
		seen: map[string]bool{}, news: make(chan struct{})}
	r.server = &http.Server{Handler: http.HandlerFunc(r.receive), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second}
	go func() { r.ended <- r.server.Serve(ln) }()
	return r, nil
}

func (r *receiver) close() error {
	err := r.server.Close()
	if served := <-r.ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// expect makes the secret known that everything must be signed with.
func (r *receiver) expect(secret string) error {
	check, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.check = check
	close(r.known)
	return nil
}

func (r *receiver) receive(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(io.LimitReader(req.Body, 1<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	select {
	case <-r.known:
	case <-req.Context().Done(): // what tries an endpoint may be faster than the answer that has its secret
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		close(r.news)
		r.news = make(chan struct{})
	}()
	if err := r.keep(req, body); err != nil {
		r.forged = err
		w.WriteHeader(http.StatusForbidden)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// keep adds a notification whose signature fits; one that came before is no news.
func (r *receiver) keep(req *http.Request, body []byte) error {
	if err := r.check.Verify(body, req.Header); err != nil {
		return fmt.Errorf("the signature of a webhook does not fit: %w", err)
	}
	n, err := r.read(req, body)
	if err != nil {
		return fmt.Errorf("a webhook cannot be read: %w", err)
	}
	n.ID = req.Header.Get("webhook-id")
	if !r.seen[n.ID] {
		r.seen[n.ID] = true
		r.list = append(r.list, n)
	}
	return nil
}

func readStandard(_ *http.Request, body []byte) (n Notification, err error) {
	if err := json.Unmarshal(body, &n); err != nil {
		return n, err
	}
	var about struct {
		OrderID        string `json:"orderId"`
		OrderNumber    string `json:"orderNumber"`
		SubscriptionID string `json:"subscriptionId"`
	}
	if err := json.Unmarshal(n.Data, &about); err != nil {
		return n, err
	}
	n.Subject = "order/" + cmp.Or(about.OrderID, about.OrderNumber)
	if about.SubscriptionID != "" {
		n.Subject = "subscription/" + about.SubscriptionID
	}
	return n, nil
}

// about is what has arrived about a subject, and a signal of more.
func (r *receiver) about(subject string) (list []Notification, news <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.list {
		if n.Subject == subject {
			list = append(list, n)
		}
	}
	return list, r.news, r.forged
}
