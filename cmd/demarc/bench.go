package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"
	"syscall"
	"time"

	"demarc/internal/bench"
)

// BenchCmd measures the program beside its floors.
type BenchCmd struct {
	On      string   `help:"Which database: sqlite, postgres or both." enum:"sqlite,postgres,both" default:"both"`
	Clients []int    `help:"How many clients at once." default:"1,16,64"`
	Seconds float64  `help:"How long each figure is measured, in all its rounds." default:"2.5"`
	Rounds  int      `help:"In how many rounds." default:"5"`
	Quick   bool     `help:"A short run: shorter and fewer rounds, fewer orders, a tenth of the accounts, addresses and numbers."`
	Full    bool     `help:"100,000 orders on PostgreSQL too, before memory is looked at."`
	Only    []string `help:"Parts: read, token, quote, order, care, qualify, usage, reserve, lines, syncs, memory, start, size." placeholder:"PART"`
	Dir     string   `help:"Directory, on a disk, in which the run makes its databases." default:"build"`
	JSON    string   `name:"json" help:"File for the results." default:"build/bench.json" placeholder:"FILE"`
	Profile string   `help:"Directory for CPU profiles of the server while figures are taken." placeholder:"DIR"`

	Accounts  int `hidden:"" help:"Accounts that care is asked about (default: 1,000,000; with --quick 100,000)."`
	Addresses int `hidden:"" help:"Addresses that are qualified (default: 1,000,000; with --quick 100,000)."`
	Blocks    int `hidden:"" help:"Thousands-blocks in stock (default: 50,000; with --quick 5,000)."`
	Lines     int `hidden:"" help:"Numbers in service whose inventory is read (default: 1,000,000; with --quick 50,000)."`

	// The run starts this program again, as the servers that it measures.
	As string `hidden:"" enum:",server,one-by-one,floor" default:""`
}

// Run measures, or is one of the servers.
func (c *BenchCmd) Run(g *Globals) error {
	switch c.As {
	case "server", "one-by-one":
		return c.server(g)
	case "floor":
		return c.floor(g)
	}
	o, err := c.options(g)
	if err != nil {
		return err
	}
	return bench.Run(g.Context, o)
}

func (c *BenchCmd) options(g *Globals) (bench.Options, error) {
	program, err := os.Executable()
	if err != nil {
		return bench.Options{}, err
	}
	if c.Rounds < 1 || c.Seconds <= 0 || len(c.Clients) == 0 || slices.Min(c.Clients) < 1 || slices.Max(c.Clients) > 1000 {
		return bench.Options{}, errors.New("--rounds, --seconds and --clients must be positive, and at most 1,000 clients")
	}
	slices.Sort(c.Clients)
	o := bench.Options{Program: program, Version: g.Config.Version, On: []string{c.On}, Clients: slices.Compact(c.Clients), Rounds: c.Rounds,
		Orders: 100_000, Fewer: 20_000, Synced: 2_000, Starts: 5, Care: 1_000_000, Addresses: 1_000_000, Sellers: 64, Blocks: 50_000, Lines: 1_000_000, Only: c.Only, Dir: c.Dir, JSON: c.JSON, Profile: c.Profile, Out: g.Stdout}
	if c.On == "both" {
		o.On = []string{bench.SQLite, bench.Postgres}
	}
	if c.Full {
		o.Fewer = o.Orders
	}
	if c.Quick {
		c.Seconds, o.Rounds, o.Orders, o.Fewer, o.Synced, o.Starts, o.Care, o.Addresses, o.Blocks, o.Lines = 0.6, 3, 10_000, 5_000, 500, 3, 100_000, 100_000, 5_000, 50_000
	}
	if c.Accounts > 0 {
		o.Care = c.Accounts
	}
	if c.Addresses > 0 {
		o.Addresses = c.Addresses
	}
	if c.Blocks > 0 {
		o.Blocks = c.Blocks
	}
	if c.Lines > 0 {
		o.Lines = c.Lines
	}
	o.Span = time.Duration(c.Seconds / float64(o.Rounds) * float64(time.Second))
	o.Serve = func(oneByOne bool, profile string) []string {
		switch {
		case oneByOne:
			return []string{"bench", "--as=one-by-one"}
		case profile != "":
			return []string{"bench", "--as=server", "--profile", profile}
		}
		return []string{"serve"}
	}
	o.Floor = func(database string) []string { return []string{"bench", "--as=floor", "--db", database} }
	return o, nil
}

// server is demarc serve, as the bench needs it.
func (c *BenchCmd) server(g *Globals) error {
	g.Config.NoGroup = c.As == "one-by-one"
	if c.Profile != "" {
		defer profileOnSignal(g.Context, c.Profile, g.Stderr)()
	}
	return (&ServeCmd{}).Run(g)
}

// floor serves what the figures are held against.
func (c *BenchCmd) floor(g *Globals) error {
	var config net.ListenConfig
	ln, err := config.Listen(g.Context, "tcp", g.Config.Listen)
	if err != nil {
		return err
	}
	return bench.ServeFloor(g.Context, ln, g.Config.DB)
}

// profileOnSignal begins a CPU profile at one SIGUSR1 and ends it at the next, in
// files that are numbered after path. The function that it answers ends it all.
func profileOnSignal(ctx context.Context, path string, problems io.Writer) (end func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var file *os.File
		for n := 1; ; {
			select {
			case <-ctx.Done():
				pprof.StopCPUProfile()
				return
			case <-signals:
			}
			if file != nil {
				pprof.StopCPUProfile()
				_ = file.Close()
				file = nil
				continue
			}
			var err error
			if file, err = os.Create(fmt.Sprintf("%s-%03d.pprof", path, n)); err == nil {
				err = pprof.StartCPUProfile(file)
			}
			if err != nil {
				fmt.Fprintln(problems, "no profile:", err)
			}
			n++
		}
	}()
	return func() {
		signal.Stop(signals)
		cancel()
		<-ended
	}
}
