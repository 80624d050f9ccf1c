// Package inbox receives webhooks for those who have no server yet: each application of
// a sandbox can have one address here, which takes whatever is sent to it, and shows it
// to the application's owner. It can be told to refuse the next few, so that retries can
// be watched.
//
// Anybody who knows the address may send to it, so it has 160 random bits; what comes is
// bounded in size, rate, number and age. Begin at Open, which makes an address, and
// Receive, which takes what comes.
package inbox

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"net/textproto"
	"strings"
	"sync"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"

	"golang.org/x/time/rate"
)

// Bounds of an address.
const (
	BodyMost = 256 << 10
	KeptMost = 50             // requests of one address
	KeptFor  = 24 * time.Hour // on the machine's clock
	FailMost = 20             // that are refused in a row

	perSecond = 20
	burst     = 100
)

// What can be wrong with what comes.
var (
	ErrUnknown = errors.New("inbox: there is no such address")
	ErrOften   = errors.New("inbox: too many requests came at once")
)

// errProduction: what production's notices are about is nobody's toy.
var errProduction = errors.New("inbox: only an application of a sandbox has one")

// Box is the address of an application.
type Box struct {
	App     string
	Token   string // the secret part of the address
	Failing int64  // how many of the next requests are refused
	Status  int    // what these are answered
	MadeAt  time.Time
}

// Request is what came to an address.
type Request struct {
	ID     int64 // grows with time
	At     time.Time
	Method string
	Status int // what it was answered
	Header map[string][]string
	Size   int64
	Body   []byte // not in a list
}

// Service is the addresses of one node.
type Service struct {
	d      *db.DB
	limits sync.Map // token -> *rate.Limiter
}

// New makes a service.
func New(d *db.DB) *Service { return &Service{d: d} }

// Open is the address of an application of the unit's sandbox; it is made when there is
// none.
func (s *Service) Open(tx *db.Tx, app string) (Box, error) {
	b, err := s.Find(tx, app)
	if err != nil || b != nil {
		return deref(b), err
	}
	var random [20]byte
	_, _ = rand.Read(random[:])
	made := Box{App: app, Token: strings.ToLower(base32.StdEncoding.EncodeToString(random[:])), MadeAt: tx.Machine()}
	tx.One(errProduction, `INSERT INTO portal_inbox (world, app, token, made_at)
		SELECT a.world, a.id, $3, $4 FROM app a JOIN world w ON w.id = a.world WHERE a.world = $1 AND a.id = $2 AND w.kind = 'sandbox'`,
		app, made.Token, clock.Micros(made.MadeAt))
	return made, tx.Flush()
}

func deref(b *Box) Box {
	if b == nil {
		return Box{}
	}
	return *b
}

const boxColumns = `app, token, made_at, failing, status`

func scanBox(scan func(...any) error) (b Box, err error) {
	var made int64
	err = scan(&b.App, &b.Token, &made, &b.Failing, &b.Status)
	b.MadeAt = clock.FromMicros(made)
	return b, err
}

// Find is the address of an application of the unit's world; nil when it has none.
func (s *Service) Find(tx *db.Tx, app string) (*Box, error) {
	return db.First(tx, scanBox, `SELECT `+boxColumns+` FROM portal_inbox WHERE world = $1 AND app = $2`, app)
}

// FailNext makes an address refuse the next n requests with a status.
func (s *Service) FailNext(tx *db.Tx, app string, n, status int) {
	tx.Do(`UPDATE portal_inbox SET failing = $3, status = $4 WHERE world = $1 AND app = $2`, app, int64(max(0, min(n, FailMost))), int64(status))
}

// Empty forgets what came to an address.
func (s *Service) Empty(tx *db.Tx, app string) {
	tx.Do(`DELETE FROM portal_inbox_request WHERE world = $1 AND app = $2`, app)
}

const requestColumns = `id, at, method, status, size, header`

func scanRequest(scan func(...any) error, more ...any) (r Request, err error) {
	var at int64
	var header string
	if err := scan(append([]any{&r.ID, &at, &r.Method, &r.Status, &r.Size, &header}, more...)...); err != nil {
		return r, err
	}
	r.At = clock.FromMicros(at)
	return r, json.Unmarshal([]byte(header), &r.Header)
}

// Requests is what came to an address, the newest first, without bodies.
func (s *Service) Requests(tx *db.Tx, app string) ([]Request, error) {
	return db.Every(tx, func(scan func(...any) error) (Request, error) { return scanRequest(scan) },
		`SELECT `+requestColumns+` FROM portal_inbox_request WHERE world = $1 AND app = $2 ORDER BY id DESC LIMIT $3`, app, int64(KeptMost))
}

// Request is one of them with its body; nil when it is not there any more.
func (s *Service) Request(tx *db.Tx, app string, id int64) (*Request, error) {
	return db.First(tx, func(scan func(...any) error) (r Request, err error) {
		var body []byte
		r, err = scanRequest(scan, &body)
		r.Body = body
		return r, err
	}, `SELECT `+requestColumns+`, body FROM portal_inbox_request WHERE world = $1 AND app = $2 AND id = $3`, app, id)
}

// accepted is what a request is answered when nothing was said about failing.
const accepted = 204

// Receive takes what was sent to an address, and answers with which status it is to be
// answered.
func (s *Service) Receive(ctx context.Context, token, method string, header map[string][]string, body []byte) (status int, err error) {
	kept, err := json.Marshal(shown(header))
	if err != nil {
		return 0, err
	}
	if err := s.known(ctx, token); err != nil {
		return 0, err
	}
	err = s.d.System(ctx, func(tx *db.Tx) error {
		var world string
		b, err := db.First(tx, func(scan func(...any) error) (Box, error) {
			return scanBox(func(into ...any) error { return scan(append(into, &world)...) })
		}, `SELECT `+boxColumns+`, world FROM portal_inbox WHERE token = $1`+tx.ForUpdate(), token)
		if err != nil {
			return err
		}
		if b == nil {
			return ErrUnknown
		}
		if status = accepted; b.Failing > 0 {
			status = b.Status
			tx.Do(`UPDATE portal_inbox SET failing = failing - 1 WHERE token = $1`, token)
		}
		if body == nil {
			body = []byte{}
		}
		tx.Do(`INSERT INTO portal_inbox_request (world, app, id, at, method, status, header, size, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			world, b.App, db.NextID(), clock.Micros(tx.Machine()), method, int64(status), string(kept), int64(len(body)), body)
		tx.Do(`DELETE FROM portal_inbox_request WHERE world = $1 AND app = $2 AND id IN
			(SELECT id FROM portal_inbox_request WHERE world = $1 AND app = $2 ORDER BY id DESC LIMIT $4 OFFSET $3)`, world, b.App, int64(KeptMost), int64(sweepMost))
		return nil
	})
	return status, err
}

// known lets through what comes at a bearable rate to an address that there is.
func (s *Service) known(ctx context.Context, token string) error {
	l, had := s.limits.Load(token)
	if !had {
		err := s.d.SystemView(ctx, func(tx *db.Tx) error {
			b, err := db.First(tx, scanBox, `SELECT `+boxColumns+` FROM portal_inbox WHERE token = $1`, token)
			if err == nil && b == nil {
				err = ErrUnknown
			}
			return err
		})
		if err != nil {
			return err
		}
		l, _ = s.limits.LoadOrStore(token, rate.NewLimiter(perSecond, burst))
	}
	if !l.(*rate.Limiter).Allow() {
		return ErrOften
	}
	return nil
}

// shown is what is kept of headers: not what proves who sent it.
func shown(header map[string][]string) map[string][]string {
	kept := map[string][]string{}
	for name, values := range header {
		name = textproto.CanonicalMIMEHeaderKey(name)
		switch name {
		case "Authorization", "Proxy-Authorization":
			scheme, _, _ := strings.Cut(strings.Join(values, " "), " ")
			kept[name] = []string{scheme + " (not kept)"}
		case "Cookie":
			kept[name] = []string{"(not kept)"}
		default:
			kept[name] = values
		}
	}
	return kept
}

// sweepMost is how many rows one unit of work removes: units that wait behind it must
// not notice.
const sweepMost = 500

// Sweep forgets what is older than it may be.
func (s *Service) Sweep(ctx context.Context) error {
	s.limits.Clear()                                            // of addresses that are gone, too
	before := clock.Micros(clock.Machine().Add(-KeptFor)) << 10 // see db.NextID
	for {
		var n int64
		err := s.d.System(ctx, func(tx *db.Tx) (err error) {
			n, err = tx.Exec(`DELETE FROM portal_inbox_request WHERE (world, app, id) IN
				(SELECT world, app, id FROM portal_inbox_request WHERE id < $1 ORDER BY id LIMIT $2`+tx.SkipLocked()+`)`, before, int64(sweepMost))
			return err
		})
		if err != nil || n < sweepMost {
			return err
		}
		if err := clock.Sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}
