package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"demarc/internal/contract"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// receiver is the other end of a test's webhooks.
type receiver struct {
	*httptest.Server

	mu      sync.Mutex
	got     []received
	answers []reply
	secrets []string
	news    chan struct{} // closed, and replaced, with every arrival
	hold    chan struct{} // while it is not nil, nobody is answered until it is closed
}

// received is one request that arrived. XML is read as the JSON that it would be.
type received struct {
	ID      string            `json:"id"`
	Type    string            `json:"type"`
	Path    string            `json:"path"`
	Body    json.RawMessage   `json:"body"`
	Headers map[string]string `json:"headers"`
	Problem string            `json:"problem"` // what is wrong with it

	unsigned func(secrets []string) string // what is wrong with its signature; nil once it was judged
}

// reply is what the receiver answers.
type reply struct {
	status int
	header [2]string
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{news: make(chan struct{})}
	r.Server = httptest.NewServer(http.HandlerFunc(r.receive))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) receive(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the sender was killed while it sent
	}
	r.mu.Lock()
	r.got = append(r.got, r.look(req, body))
	answer := reply{status: http.StatusNoContent}
	if len(r.answers) > 0 {
		answer, r.answers = r.answers[0], r.answers[1:]
	}
	close(r.news)
	r.news = make(chan struct{})
	hold := r.hold
	r.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-req.Context().Done():
		}
	}
	if answer.header[0] != "" {
		w.Header().Set(answer.header[0], answer.header[1])
	}
	w.WriteHeader(answer.status)
}

// look reads what arrived and says what is wrong with it.
func (r *receiver) look(req *http.Request, body []byte) received {
	header := req.Header
	got := received{ID: header.Get("webhook-id"), Path: req.URL.Path, Headers: map[string]string{}}
	for name := range header {
		got.Headers[strings.ToLower(name)] = header.Get(name)
	}
	var err error
	if isXML(header) {
		got.Type, got.Body, err = partnerBody(req.Method, body)
		covered.pushed(body)
	} else {
		got.Type, got.Body, err = standardBody(req.Method, body)
	}
	if err != nil {
		got.Problem = err.Error()
		return got
	}
	got.unsigned = func(secrets []string) string {
		for _, secret := range secrets {
			if check, err := standardwebhooks.NewWebhook(secret); err == nil && check.Verify(body, header) == nil {
				return ""
			}
		}
		return "no signature fits: " + header.Get("webhook-signature")
	}
	return got
}

// standardBody reads a notification in JSON.
func standardBody(method string, body []byte) (typed string, asJSON json.RawMessage, err error) {
	var told struct{ Type string }
	if err = json.Unmarshal(body, &told); err == nil {
		err = contract.CheckNotification(body)
	}
	if err == nil && method != http.MethodPost {
		err = fmt.Errorf("it came with %s", method)
	}
	return told.Type, body, err
}

// all is what has arrived so far, and a signal of more. A signature is judged when it is
// first looked at: an endpoint's first webhook may be here before the secret is.
func (r *receiver) all() ([]received, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.got {
		if got := &r.got[i]; got.unsigned != nil && len(r.secrets) > 0 {
			got.Problem = got.unsigned(r.secrets)
		}
		r.got[i].unsigned = nil
	}
	return append([]received{}, r.got...), r.news
}

// answer sets what the receiver says next: "500, 503 Retry-After=60".
func (r *receiver) answer(text string) error {
	var list []reply
	for part := range strings.SplitSeq(text, ",") {
		status, header, _ := strings.Cut(strings.TrimSpace(part), " ")
		n, err := strconv.Atoi(status)
		if err != nil {
			return fmt.Errorf("%q is no status", status)
		}
		name, value, _ := strings.Cut(header, "=")
		list = append(list, reply{n, [2]string{name, value}})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers = list
	return nil
}

// verify makes every signature that was not looked at yet have to fit one of the secrets.
func (r *receiver) verify(secrets []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = secrets
}

// holdAll keeps senders waiting until the function that is answered is called.
func (r *receiver) holdAll() (release func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	hold := make(chan struct{})
	r.hold = hold
	return sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.hold = nil
		close(hold)
	})
}
