package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"demarc/internal/care"
	"demarc/internal/care/caresql"
	"demarc/internal/clock"
	"demarc/internal/db"

	"github.com/jackc/pgx/v5"
)

// Care is asked about accounts at random, out of so many that it cannot be about
// keeping them in memory. They are in a database of their own, so that the other
// figures do not depend on whether these are taken.

// The answers of care at the floor.
const (
	careByAccount = "care-account"
	careByNumber  = "care-number"
)

const (
	careUnit = "PR"
	fullCare = 1_000_000 // accounts of a full run
)

// Load is how many rows were loaded, how long that took, and how large the database
// was then.
type Load struct {
	Database string  `json:"database"`
	Part     string  `json:"part"`
	What     string  `json:"what"`
	Rows     int     `json:"rows"`
	Seconds  float64 `json:"seconds"`
	Bytes    int64   `json:"bytes"`
	full     int     // rows of a full run
}

// care loads the accounts and takes the figures.
func (r *run) care(ctx context.Context, b *bed) error {
	var known *book
	load := func(database, world string) (l Load, err error) {
		known, l, err = loadCare(ctx, database, world, r.o.Care)
		return l, err
	}
	return r.loaded(ctx, b, partCare, load, func(c *bed) error {
		if err := fillFloor(ctx, c.floorURL, r.o.Care); err != nil {
			return err
		}
		if err := c.teachCare(ctx, known); err != nil {
			return err
		}
		return r.figures(ctx, c.kind, c.careFigures(known), r.o.Clients)
	})
}

// loaded measures on a server of its own, beside the floor of b. The server is started
// for it to make its database and world, load fills these while nobody serves, and the
// server is started again.
func (r *run) loaded(ctx context.Context, b *bed, name string, load func(database, world string) (Load, error), measure func(*bed) error) (err error) {
	c := &bed{kind: b.kind, data: filepath.Join(r.dir, b.kind+"-"+name), floor: b.floor, floorURL: b.floorURL}
	defer func() {
		if c.server != nil {
			err = errors.Join(err, c.server.stop())
		}
	}()
	if c.kind == Postgres {
		if err := r.pg.Create(name); err != nil {
			return err
		}
		c.url = r.pg.URL(name)
	}
	if err := r.serveLoaded(ctx, c, name); err != nil {
		return err
	}
	world, err := c.partner.world(ctx)
	if err == nil {
		err = c.server.stop()
	}
	if err != nil {
		return err
	}
	l, err := load(c.database(), world)
	if err != nil {
		return err
	}
	l.Database = c.kind
	r.load(l)
	if err := r.serveLoaded(ctx, c, name); err != nil {
		return err
	}
	return measure(c)
}

func (r *run) serveLoaded(ctx context.Context, c *bed, name string) (err error) {
	if c.server, err = r.serve(ctx, c.kind+"-"+name, c.data, c.url, false); err != nil {
		return err
	}
	c.partner, err = newPartner(ctx, c.server.addr, c.data)
	return err
}

// database is the server's, as package db names it.
func (b *bed) database() string {
	if b.url != "" {
		return b.url
	}
	return "sqlite:" + filepath.Join(b.data, "demarc.db")
}

// world is the one that the partner works in.
func (p *partner) world(ctx context.Context) (string, error) {
	_, body, err := p.call(ctx, http.MethodGet, "/sandbox/v1/world", p.headers(), "")
	if err != nil {
		return "", err
	}
	var w struct{ ID string }
	return w.ID, json.Unmarshal(body, &w)
}

// book is the numbers of the accounts that were loaded, and of their lines.
type book struct {
	accounts       int
	numbers, lines column
}

// column is texts of one width, one behind the other: a million texts of their own
// would be much for the process that makes the load.
type column struct {
	width int
	text  []byte
}

func (c *column) add(s string) {
	c.width = len(s)
	c.text = append(c.text, s...)
}

func (c *column) at(i int) []byte { return c.text[i*c.width : (i+1)*c.width] }

// loadCare loads so many synthetic accounts into a world of a database that is not
// served meanwhile.
func loadCare(ctx context.Context, database, world string, accounts int) (*book, Load, error) {
	l, known := Load{Part: partCare, What: "accounts", Rows: accounts, full: fullCare}, &book{accounts: accounts}
	d, err := db.Open(ctx, database, db.Options{})
	if err != nil {
		return nil, l, err
	}
	took := clock.Elapsed()
	loaded, err := caresql.Load(ctx, d, world, func(yield func(care.Account) bool) {
		for i := range accounts {
			a := care.Synthetic(careUnit, int64(i))
			known.numbers.add(a.ID)
			known.lines.add(a.Services[0])
			if !yield(a) {
				return
			}
		}
	})
	if err == nil && loaded != int64(accounts) {
		err = fmt.Errorf("bench: %d accounts were loaded instead of %d", loaded, accounts)
	}
	if err = errors.Join(err, d.Close()); err != nil {
		return nil, l, err
	}
	l.Seconds = took().Seconds()
	if l.Bytes, err = sizeOf(ctx, database); err != nil {
		return nil, l, err
	}
	return known, l, nil
}

// sizeOf is how large a database is that nobody has open.
func sizeOf(ctx context.Context, database string) (n int64, err error) {
	if path, isFile := strings.CutPrefix(database, "sqlite:"); isFile {
		info, err := os.Stat(path)
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
	if err := tidy(ctx, database); err != nil {
		return 0, err
	}
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return 0, err
	}
	err = conn.QueryRow(ctx, `SELECT pg_database_size(current_database())`).Scan(&n)
	return n, errors.Join(err, conn.Close(ctx))
}

// load adds what was loaded to the report, and prints it.
func (r *run) load(l Load) {
	r.report.Loads = append(r.report.Loads, l)
	note := ""
	if l.Rows < l.full {
		note = fmt.Sprintf(" (a full run loads %s)", whole(float64(l.full)))
	}
	r.print("%s: %s %s loaded in %s s, %s a second; the database is then %s large%s", l.Part, whole(float64(l.Rows)), l.What, three(l.Seconds),
		whole(float64(l.Rows)/max(1e-9, l.Seconds)), megabytes(l.Bytes), note)
}

// careCall is one of the operations.
type careCall struct {
	title  string
	answer string // its name at the floor
	path   string
	refID  string
	refs   *column // what an account is found by
}

func careCalls(known *book) []careCall {
	return []careCall{
		{"care by account", careByAccount, "/bot-ux/v1/" + careUnit + "/balanceEnquiry", care.RefAccount, &known.numbers},
		{"care by number", careByNumber, "/bot-ux/v1/" + careUnit + "/accounts", care.RefService, &known.lines},
	}
}

// careHeaders are those of a call but for the reference.
func (p *partner) careHeaders(c careCall, more ...[2]string) [][2]string {
	return append([][2]string{{"client_id", p.env["DEMARC_CLIENT_ID"]}, {"client_secret", p.env["DEMARC_CLIENT_SECRET"]},
		{"lob", care.Fixed}, {"refid", c.refID}}, more...)
}

// teachCare makes the floor answer as the program does. All accounts' answers are of
// one size, but for the digits of their amounts.
func (b *bed) teachCare(ctx context.Context, known *book) error {
	for _, c := range careCalls(known) {
		i := known.accounts / 2
		res, body, err := b.partner.call(ctx, http.MethodGet, c.path, b.partner.careHeaders(c, [2]string{"refvalue", string(c.refs.at(i))}), "")
		if err != nil {
			return err
		}
		if err := teach(ctx, b.floor, c.answer, res, body); err != nil {
			return err
		}
	}
	return nil
}

func (b *bed) careFigures(known *book) []figure {
	var list []figure
	for _, c := range careCalls(known) {
		atFloor := func(name, prefix string) against {
			// The floor's rows are numbered; the request is as long as the program's.
			ref := func(to []byte, i int) []byte {
				digits := strconv.Itoa(i)
				return append(append(to, strings.Repeat("0", max(0, c.refs.width-len(digits)))...), digits...)
			}
			return against{way: way{name: name, run: b.atRandom(b.floor.addr, prefix+c.answer, c, known.accounts, ref, nil)}}
		}
		ref := func(to []byte, i int) []byte { return append(to, c.refs.at(i)...) }
		list = append(list, figure{
			way:    way{c.title, b.server, b.atRandom(b.server.addr, c.path, c, known.accounts, ref, &known.numbers)},
			floors: []against{atFloor("one indexed read", looked), atFloor("bare handler", bare)},
		})
	}
	return list
}

// asked is a client's account: which one it has asked about last.
type asked struct {
	draw *rand.Rand
	i    int
	_    [6]uint64 // apart, so that clients do not share a cache line
}

// atRandom is every client asking about one account after the other, at random. With
// ids each answer is held to the id of the account that was asked for.
func (b *bed) atRandom(addr, path string, c careCall, accounts int, ref func([]byte, int) []byte, ids *column) func(context.Context, int, time.Duration) (*sample, error) {
	head := bytes.TrimSuffix(get(path, b.partner.careHeaders(c, [2]string{"refvalue", ""})...).head, headEnd)
	var runs atomic.Uint64
	return func(ctx context.Context, clients int, span time.Duration) (*sample, error) {
		n := runs.Add(1)
		all := make([]asked, clients)
		for i := range all {
			all[i].draw = rand.New(rand.NewPCG(n, uint64(i)))
		}
		l := load{addr: addr, clients: clients, span: span, want: http.StatusOK, next: func(client int, b []byte) []byte {
			a := &all[client]
			a.i = a.draw.IntN(accounts)
			return append(ref(append(b, head...), a.i), headEnd...)
		}}
		if ids != nil {
			l.took = func(client int, body []byte) error { return about(body, ids.at(all[client].i)) }
		}
		return l.run(ctx)
	}
}

// about is an error when an answer does not begin with the account of an id, by
// itself or as the first of a list.
func about(body, id []byte) error {
	rest, object := bytes.CutPrefix(bytes.TrimPrefix(body, []byte("[")), []byte(`{"id":"`))
	rest, same := bytes.CutPrefix(rest, id)
	if !object || !same || !bytes.HasPrefix(rest, []byte(`"`)) {
		return fmt.Errorf("bench: asked about account %s, and answered %.200s", id, body)
	}
	return nil
}
