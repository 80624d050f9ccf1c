package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"demarc/internal/audit"
	"demarc/internal/care"
	"demarc/internal/care/carecarrier"
	"demarc/internal/care/caresql"
	"demarc/internal/db"
	"demarc/internal/sandbox"
)

// CareCmd works on the billing systems that come with the program, in the database
// itself, as AppCmd does.
type CareCmd struct {
	Load   CareLoadCmd   `cmd:"" help:"Load billing accounts, from a file or made up."`
	Remove CareRemoveCmd `cmd:"" help:"Remove a billing account and its lines."`
	Count  CareCountCmd  `cmd:"" help:"Say how many billing accounts each unit has."`
}

// withCare runs fn as one unit of work in a world of the configured database.
func withCare(g *Globals, world string, fn func(tx *db.Tx) error) error {
	d, err := g.OpenDB(g.Context)
	if err != nil {
		return err
	}
	return errors.Join(noWorld(d.Within(g.Context, world, fn), world), d.Close())
}

// noWorld explains the error about a world that is not there.
func noWorld(err error, world string) error {
	if errors.Is(err, db.ErrNoWorld) {
		return fmt.Errorf("there is no world %q (the production world is called %s, and made by the first start of the server)", world, sandbox.Production)
	}
	return err
}

// CareLoadCmd loads accounts.
type CareLoadCmd struct {
	File      string `arg:"" optional:"" help:"JSON objects one after the other, as billing systems answer them (docs/operations.md); - for standard input." placeholder:"FILE"`
	World     string `help:"The world that is to hold them (default: production; made-up accounts need one named)." placeholder:"ID"`
	Synthetic int64  `help:"Make up so many accounts instead, with numbers that are nobody's." placeholder:"COUNT"`
	Unit      string `help:"The business unit that made-up accounts are of." default:"PR" enum:"PR,JM,PA,CL"`
}

// Run loads them. Loading an account again replaces it.
func (c *CareLoadCmd) Run(g *Globals) (err error) {
	if (c.File == "") == (c.Synthetic == 0) || c.Synthetic < 0 || c.Synthetic > care.MostSynthetic {
		return fmt.Errorf("name a file, or make up to %d accounts with --synthetic", care.MostSynthetic)
	}
	if c.World == "" {
		if c.Synthetic > 0 {
			return errors.New("which world is to hold made-up accounts? Name it with --world ID")
		}
		c.World = sandbox.Production
	}
	from, err := c.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	d, err := g.OpenDB(g.Context)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	accounts, problem := c.accounts(from)
	n, err := caresql.Load(g.Context, d, c.World, accounts)
	if err != nil {
		return noWorld(err, c.World)
	}
	is := "accounts are"
	if n == 1 {
		is = "account is"
	}
	if err := problem(); err != nil {
		return fmt.Errorf("%w; %d %s loaded, from before it", err, n, is)
	}
	_, err = fmt.Fprintf(g.Stdout, "%d %s loaded.\n", n, is)
	return err
}

// open opens the file, when there is to be one.
func (c *CareLoadCmd) open() (io.ReadCloser, error) {
	if c.File == "" || c.File == "-" {
		return io.NopCloser(os.Stdin), nil
	}
	file, err := os.Open(c.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s", c.File)
	}
	return file, err
}

// accounts are what is to be loaded, and, afterwards, why there are no more.
func (c *CareLoadCmd) accounts(from io.Reader) (list iter.Seq[care.Account], problem func() error) {
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
	return func(yield func(care.Account) bool) { failed = readAccounts(from, yield) }, func() error { return failed }
}

// readAccounts reads objects one after the other, on a line each or over many.
func readAccounts(from io.Reader, yield func(care.Account) bool) error {
	objects := json.NewDecoder(from)
	for n := 1; ; n++ {
		var raw json.RawMessage
		err := objects.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return nil
		}
		var a care.Account
		if err == nil {
			a, err = accountOf(raw)
		}
		if err != nil {
			return fmt.Errorf("object %d: %w", n, err)
		}
		if !yield(a) {
			return nil
		}
	}
}

func accountOf(raw []byte) (care.Account, error) {
	var wire carecarrier.WireAccount
	if err := strictJSON(raw, &wire); err != nil {
		return care.Account{}, err
	}
	a, err := wire.Account()
	if err != nil {
		return a, errors.New("a text must have at most 300 characters, and no control characters")
	}
	return a, care.CheckAccount(&a)
}

// CareRemoveCmd removes an account.
type CareRemoveCmd struct {
	Unit  string `arg:"" help:"Its business unit." enum:"PR,JM,PA,CL"`
	ID    string `arg:"" help:"The account's number."`
	World string `help:"The world that holds it." default:"production" placeholder:"ID"`
}

// Run removes it.
func (c *CareRemoveCmd) Run(g *Globals) error {
	err := withCare(g, c.World, func(tx *db.Tx) error {
		found, err := caresql.Remove(tx, c.Unit, c.ID)
		if err == nil && !found {
			err = fmt.Errorf("%s has no account %s", c.Unit, c.ID)
		}
		audit.Record(tx, audit.Event{Subject: "care/" + c.Unit + "/" + c.ID, Actor: operator, Event: "removed"})
		return err
	})
	return said(g, err, "The account %s of %s is removed.", c.ID, c.Unit)
}

// CareCountCmd counts accounts.
type CareCountCmd struct {
	World string `help:"The world." default:"production" placeholder:"ID"`
}

// Run counts them.
func (c *CareCountCmd) Run(g *Globals) error {
	var counts map[string]int64
	err := withCare(g, c.World, func(tx *db.Tx) (err error) {
		counts, err = caresql.Count(tx)
		return err
	})
	for _, u := range care.Units() {
		err = said(g, err, "%s  %d", u.Code, counts[u.Code])
	}
	return err
}
