package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"demarc/internal/care"
	"demarc/internal/care/carecarrier"
	"demarc/internal/care/caresql"
	"demarc/internal/db"
	"demarc/internal/sandbox"
)

// CareCmd works on the billing systems that come with the program, in the database
// itself, as AppCmd does.
type CareCmd struct {
	Load CareLoadCmd `cmd:"" help:"Load billing accounts, from a file or made up."`
}

// CareLoadCmd loads accounts.
type CareLoadCmd struct {
	File      string `arg:"" optional:"" help:"One JSON object a line, as billing systems answer them (docs/operations.md); - for standard input." placeholder:"FILE"`
	World     string `help:"The world that is to hold them." default:"production" placeholder:"ID"`
	Synthetic int64  `help:"Make up so many accounts instead, with numbers that are nobody's." placeholder:"COUNT"`
	Unit      string `help:"The business unit that made-up accounts are of." default:"PR" enum:"PR,JM,PA,CL"`
}

// Run loads them. Loading an account again replaces it.
func (c *CareLoadCmd) Run(g *Globals) (err error) {
	if (c.File == "") == (c.Synthetic == 0) || c.Synthetic < 0 || c.Synthetic > care.MostSynthetic {
		return fmt.Errorf("name a file, or make up to %d accounts with --synthetic", care.MostSynthetic)
	}
	d, err := g.OpenDB(g.Context)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	accounts, problem := c.accounts()
	n, err := caresql.Load(g.Context, d, c.World, accounts)
	switch {
	case errors.Is(err, db.ErrNoWorld):
		return fmt.Errorf("there is no world %q (the production world is called %s, and made by the first start of the server)", c.World, sandbox.Production)
	case err != nil:
		return err
	}
	if err := problem(); err != nil {
		return fmt.Errorf("%w; what came before it is loaded", err)
	}
	_, err = fmt.Fprintf(g.Stdout, "%d accounts are loaded.\n", n)
	return err
}

// accounts are what is to be loaded, and, afterwards, why there are no more.
func (c *CareLoadCmd) accounts() (list iter.Seq[care.Account], problem func() error) {
	if c.File == "" {
		return func(yield func(care.Account) bool) {
			for n := range c.Synthetic {
				if !yield(care.Synthetic(c.Unit, n)) {
					return
				}
			}
		}, func() error { return nil }
	}
	var failed error
	return func(yield func(care.Account) bool) { failed = c.read(yield) }, func() error { return failed }
}

// longestLine is the longest account that is read.
const longestLine = 1 << 20

func (c *CareLoadCmd) read(yield func(care.Account) bool) error {
	var from io.Reader = os.Stdin
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer file.Close()
		from = file
	}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longestLine)
	for n := 1; lines.Scan(); n++ {
		var wire carecarrier.WireAccount
		err := json.Unmarshal(lines.Bytes(), &wire)
		var a care.Account
		if err == nil {
			a, err = wire.Account()
		}
		if err == nil {
			err = care.CheckAccount(&a)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if !yield(a) {
			return nil
		}
	}
	return lines.Err()
}
