package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/pgtest"
)

// The databases.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Options are what to measure and how. Every field is needed but those that say
// otherwise.
type Options struct {
	Program   string   // the program's path; it serves itself and, told so, the floor
	Version   string   // its version
	On        []string // SQLite, Postgres
	Clients   []int    // how many at once, ascending
	Rounds    int
	Span      time.Duration // of one round of one figure
	Only      []string      // parts of Parts(); none: all
	Orders    int           // on SQLite, before memory is looked at for the second time
	Fewer     int           // the same on PostgreSQL
	Synced    int           // orders whose syncs are counted
	Starts    int           // starts of the program, for the median of how long one takes
	Care      int           // accounts that care is asked about
	Addresses int           // addresses that are qualified
	Sellers   int           // providers that tell of usage at once
	Blocks    int           // thousands-blocks of the stock that numbers are reserved from
	Lines     int           // numbers in service of the customer whose inventory is read
	Dir       string        // where databases are made, on a disk
	JSON      string        // file for the results, "" for none
	Profile   string        // directory for CPU profiles of the server while figures are taken, "" for none
	Out       io.Writer

	// Serve is the arguments that start the server under test, without its address
	// and database: oneByOne commits each unit of work by itself, and profile, when
	// it is not empty, is where SIGUSR1 begins and ends CPU profiles.
	Serve func(oneByOne bool, profile string) []string
	// Floor is the arguments that make the program call ServeFloor.
	Floor func(database string) []string
}

// The parts of a run that are not figures of figures.go.
const (
	partCare    = "care"
	partQualify = "qualify"
	partUsage   = "usage"
	partReserve = "reserve"
	partLines   = "lines"
	partSyncs   = "syncs"
	partMemory  = "memory"
	partStart   = "start"
	partSize    = "size"
)

// Parts lists what a run can be narrowed to.
func Parts() []string {
	return append(slices.Clone(figureNames), partCare, partQualify, partUsage, partReserve, partLines, partSyncs, partMemory, partStart, partSize)
}

// run is one run of the bench.
type run struct {
	o      Options
	dir    string
	report Report
	pg     *pgtest.Server
}

// Run measures, prints the table as it goes, and writes the JSON. A target that is
// missed is no error; a request that is answered wrongly is.
func Run(ctx context.Context, o Options) (err error) {
	for _, part := range o.Only {
		if !slices.Contains(Parts(), part) {
			return fmt.Errorf("there is no %q to measure; there are %s", part, strings.Join(Parts(), ", "))
		}
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil { //nolint:gosec // PostgreSQL's own account passes through it
		return err
	}
	r := &run{o: o}
	if r.dir, err = os.MkdirTemp(o.Dir, "bench-"); err != nil {
		return err
	}
	//nolint:gosec // PostgreSQL's own account passes through it
	if err := os.Chmod(r.dir, 0o755); err != nil {
		return err
	}
	defer func() {
		if r.pg != nil {
			r.pg.Stop()
		}
		if err == nil {
			err = os.RemoveAll(r.dir)
		}
	}()
	spent, before := clock.Elapsed(), readBusy()
	r.report.Version, r.report.Machine = o.Version, thisMachine()
	r.open()
	for _, kind := range o.On {
		if err := r.database(ctx, kind); err != nil {
			return fmt.Errorf("on %s: %w", kind, err)
		}
	}
	if r.wants(partSize) {
		r.size(ctx)
	}
	r.report.Machine.LoadAfter, r.report.Machine.Elsewhere = loadAverage(), elsewhere(before, readBusy())
	r.report.Seconds = spent().Seconds()
	r.close()
	return r.report.write(o.JSON)
}

func (r *run) wants(parts ...string) bool {
	return len(r.o.Only) == 0 || slices.ContainsFunc(parts, func(p string) bool { return slices.Contains(r.o.Only, p) })
}

// bed is one database with the servers on it.
type bed struct {
	kind     string
	data     string // the server's directory
	url      string // "" on SQLite
	server   *process
	partner  *partner
	oneByOne *process // SQLite: a server that commits each unit by itself
	single   *partner // its client
	floor    *process
	floorURL string // its database
}

// database measures on one of them.
func (r *run) database(ctx context.Context, kind string) (err error) {
	b := &bed{kind: kind}
	defer func() {
		for _, p := range []*process{b.server, b.oneByOne, b.floor} {
			if p != nil {
				err = errors.Join(err, p.stop())
			}
		}
	}()
	if err := r.openDatabase(ctx, b); err != nil {
		return err
	}
	r.heading(kind)
	if err := r.figures(ctx, b.kind, r.figuresOf(b), r.o.Clients); err != nil {
		return err
	}
	for _, part := range []struct {
		name    string
		measure func(context.Context, *bed) error
	}{{partCare, r.care}, {partQualify, r.qualify}, {partUsage, r.usage}, {partReserve, r.reserve}, {partLines, r.lines},
		{partSyncs, r.syncs}, {partMemory, r.fill}, {partStart, r.starts}} {
		if !r.wants(part.name) {
			continue
		}
		if err := part.measure(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// openDatabase starts the server on a database of its own, and the floor on
// another one beside it.
func (r *run) openDatabase(ctx context.Context, b *bed) (err error) {
	b.floorURL = "sqlite:" + filepath.Join(r.dir, "floor.db")
	if b.kind == Postgres {
		if err := r.startPostgres(); err != nil {
			return err
		}
		for _, name := range []string{"demarc", "floor"} {
			if err := r.pg.Create(name); err != nil {
				return err
			}
		}
		b.url, b.floorURL = r.pg.URL("demarc"), r.pg.URL("floor")
	}
	b.data = filepath.Join(r.dir, b.kind)
	if b.server, err = r.serve(ctx, b.kind, b.data, b.url, false); err != nil {
		return err
	}
	if b.partner, err = newPartner(ctx, b.server.addr, b.data); err != nil {
		return err
	}
	now, _ := b.server.memory()
	if r.wants(partMemory) {
		r.body(Body{Database: b.kind, What: "memory at rest, after the first calls", Bytes: now, Most: restTarget})
	}
	if b.floor, err = r.start(ctx, b.kind+"-floor", r.o.Floor(b.floorURL)...); err != nil {
		return err
	}
	for _, name := range figureNames {
		res, body, err := b.partner.example(ctx, name)
		if err != nil {
			return err
		}
		if err := teach(ctx, b.floor, name, res, body); err != nil {
			return err
		}
	}
	if b.kind == SQLite && r.wants(figureOrder, partSyncs) {
		data := filepath.Join(r.dir, "one-by-one")
		if b.oneByOne, err = r.serve(ctx, "one-by-one", data, "", true); err != nil {
			return err
		}
		b.single, err = newPartner(ctx, b.oneByOne.addr, data)
	}
	return err
}

// serve starts the program as a server.
func (r *run) serve(ctx context.Context, name, data, url string, oneByOne bool, more ...string) (*process, error) {
	profile := ""
	if r.o.Profile != "" {
		profile = filepath.Join(r.o.Profile, name)
	}
	args := append(r.o.Serve(oneByOne, profile), "--data", data, "--log-level", "warn")
	if url != "" {
		args = append(args, "--db", url)
	}
	return r.start(ctx, name, append(args, more...)...)
}

// startPostgres starts one that flushes every commit to disk, in the run's
// directory if PostgreSQL's own account can reach that.
func (r *run) startPostgres() (err error) {
	if r.pg != nil {
		return nil
	}
	if r.pg, err = pgtest.Start(filepath.Join(r.dir, "pg"), true); err != nil {
		r.pg, err = pgtest.Start("", true)
	}
	return err
}
