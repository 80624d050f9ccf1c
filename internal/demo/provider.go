package demo

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Words that make a Provider misbehave, written anywhere in a field of the form that
// it is sent; the account holder's name is the usual place.
const (
	WordFailOnce = "[fail-once]" // the first call for an account is answered 500
	WordNoCOID   = "[no-coid]"   // 201, but without a customer id
	WordRefuse   = "[refuse]"    // 400, with a message for the buyer
)

// Provider is a small provider's server, to try the marketplace with: it opens
// accounts in memory, one for each Idempotency-Key, and forgets them when it ends. It
// writes a line about each call, which holds nothing that a buyer wrote and no secret.
type Provider struct {
	URL string

	server *http.Server
	ended  chan error

	mu       sync.Mutex
	log      io.Writer
	requests map[string]*accountRequest // by Idempotency-Key
}

// accountRequest is all calls under one Idempotency-Key.
type accountRequest struct {
	n     int // from 1, in the order of their first calls
	calls int
	coid  string // of the account, once it is open
}

// Bounds of a call.
const (
	mostCall     = 64 << 10
	mostKey      = 255
	readPatience = 10 * time.Second
)

// OpenProvider starts a provider's server at an address, until Close; port 0 is any
// that is free. The first line of its log is its URL.
func OpenProvider(ctx context.Context, address string, log io.Writer) (*Provider, error) {
	var config net.ListenConfig
	ln, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	p := &Provider{URL: "http://" + ln.Addr().String(), ended: make(chan error, 1), log: log, requests: map[string]*accountRequest{}}
	if _, err := fmt.Fprintln(log, p.URL); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	p.server = &http.Server{Handler: http.HandlerFunc(p.serve), ReadHeaderTimeout: readPatience, ReadTimeout: readPatience}
	go func() { p.ended <- p.server.Serve(ln) }()
	return p, nil
}

// ownProvider is a provider's server in this process.
func ownProvider(ctx context.Context) (Neighbour, error) {
	p, err := OpenProvider(ctx, "127.0.0.1:0", io.Discard)
	if err != nil {
		return Neighbour{}, err
	}
	return Neighbour{URL: p.URL, End: p.Close}, nil
}

// Close ends the server.
func (p *Provider) Close() error {
	err := p.server.Close()
	if served := <-p.ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// provisionPath is where accounts are opened; its middle is the name under which the
// provider was onboarded.
var provisionPath = regexp.MustCompile(`^/[a-z0-9-]{2,40}-provision-account/$`)

// reply is what a call is answered, and what the log says of it.
type reply struct {
	status int
	body   map[string]string
	about  string
}

func refusal(status int, message string) reply {
	return reply{status, map[string]string{"message": message}, message}
}

func (p *Provider) serve(w http.ResponseWriter, r *http.Request) {
	a := p.answer(w, r)
	body, err := json.Marshal(a.body)
	if err != nil {
		panic(err) // texts always encode
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(append(body, '\n')) // whoever called may be gone
}

// answer decides about a call and writes its line before the caller hears of it.
func (p *Provider) answer(w http.ResponseWriter, r *http.Request) reply {
	fields, a := read(w, r)
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.status == 0 {
		a = p.decide(r, fields)
	}
	path := "to another path"
	if provisionPath.MatchString(r.URL.Path) {
		path = r.URL.Path
	}
	_, _ = fmt.Fprintf(p.log, "call %s: %d, %s\n", path, a.status, a.about)
	return a
}

// read reads a call's form; what is wrong with the call is an answer already.
func read(w http.ResponseWriter, r *http.Request) (fields map[string]string, wrong reply) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	key := r.Header.Get("Idempotency-Key")
	switch {
	case r.Method != http.MethodPost || !provisionPath.MatchString(r.URL.Path):
		return nil, refusal(http.StatusNotFound, "There is only POST /{name}-provision-account/ here.")
	case err != nil || kind != "application/json":
		return nil, refusal(http.StatusUnsupportedMediaType, "The body must be JSON, and say so.")
	case key == "" || len(key) > mostKey:
		return nil, refusal(http.StatusBadRequest, "There must be an Idempotency-Key of at most 255 characters.")
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostCall)).Decode(&fields); err != nil || len(fields) == 0 {
		return nil, refusal(http.StatusBadRequest, "The body must be a JSON object of texts, of at most 64 KiB.")
	}
	return fields, reply{}
}

// decide opens the account that is asked for, or does as a word in the form says.
func (p *Provider) decide(r *http.Request, fields map[string]string) reply {
	if r.Header.Get("Demarc-Test") == "true" {
		return reply{http.StatusCreated, map[string]string{"coid": "CO-TEST-" + rand.Text()[:6]}, "a test; nothing is kept"}
	}
	key := r.Header.Get("Idempotency-Key")
	q := p.requests[key]
	if q == nil {
		q = &accountRequest{n: len(p.requests) + 1}
		p.requests[key] = q
	}
	q.calls++
	about := fmt.Sprintf("request %d, attempt %d: ", q.n, q.calls)
	switch {
	case says(fields, WordFailOnce) && q.calls == 1:
		return reply{http.StatusInternalServerError, map[string]string{"message": "Something went wrong; please try again."}, about + "fails once"}
	case says(fields, WordRefuse):
		return reply{http.StatusBadRequest, map[string]string{"message": "We open no account for this company."}, about + "refused"}
	case says(fields, WordNoCOID):
		return reply{http.StatusCreated, map[string]string{"message": "Welcome."}, about + "without a coid"}
	case q.coid != "":
		return reply{http.StatusCreated, map[string]string{"coid": q.coid}, about + "the account " + q.coid + " is open already"}
	}
	// A coid is never given twice, also not by the next process.
	q.coid = "CO-" + rand.Text()[:10]
	return reply{http.StatusCreated, map[string]string{"coid": q.coid}, about + "the account " + q.coid + " is open"}
}

// says reports whether a word stands in a form.
func says(fields map[string]string, word string) bool {
	for _, v := range fields {
		if strings.Contains(v, word) {
			return true
		}
	}
	return false
}

// Accounts are the ids of the accounts that are open.
func (p *Provider) Accounts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for _, q := range p.requests {
		if q.coid != "" {
			list = append(list, q.coid)
		}
	}
	return list
}
