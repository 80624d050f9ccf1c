package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"demarc/internal/app"
	"demarc/internal/db"
	"demarc/internal/seal"
)

// KeyCmd works on the keys that seal secrets in the database.
type KeyCmd struct {
	List   KeyListCmd   `cmd:"" help:"The keys of the key file, and how many values each has sealed."`
	New    KeyNewCmd    `cmd:"" help:"Print the line of a new key, to be put into the key file."`
	Reseal KeyResealCmd `cmd:"" help:"Seal with the first key what others have sealed."`
	Forget KeyForgetCmd `cmd:"" help:"Forget a key that seals nothing any more; then it may leave the key file."`
}

// withKeys runs fn on the configured database and its keys.
func withKeys(g *Globals, fn func(d *db.DB, keys *seal.Ring) error) error {
	d, err := g.OpenDB(g.Context)
	if err != nil {
		return err
	}
	keys, err := g.Config.KeyRing(g.Context, d)
	if err == nil {
		err = fn(d, keys)
	}
	return errors.Join(err, d.Close())
}

// KeyListCmd lists the keys.
type KeyListCmd struct{}

// Run lists them.
func (KeyListCmd) Run(g *Globals) error {
	return withKeys(g, func(d *db.DB, keys *seal.Ring) error {
		counts, err := seal.Count(g.Context, d, app.SealedColumns())
		if err != nil {
			return err
		}
		for i, id := range keys.Keys() {
			role := "opens"
			if i == 0 {
				role = "seals"
			}
			fmt.Fprintf(g.Stdout, "%s  %s  %d values\n", id, role, counts[id])
			delete(counts, id)
		}
		for _, id := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(g.Stdout, "%s  is missing  %d values cannot be opened\n", id, counts[id])
		}
		return nil
	})
}

// KeyNewCmd prints a new key.
type KeyNewCmd struct{}

// Run prints it.
func (KeyNewCmd) Run(g *Globals) error {
	_, err := fmt.Fprintln(g.Stdout, seal.NewLine())
	return err
}

// KeyResealCmd seals again.
type KeyResealCmd struct{}

// Run seals again.
func (KeyResealCmd) Run(g *Globals) error {
	return withKeys(g, func(d *db.DB, keys *seal.Ring) error {
		n, err := keys.Reseal(g.Context, d, app.SealedColumns())
		return said(g, err, "%d values are sealed with %s now.", n, keys.Keys()[0])
	})
}

// KeyForgetCmd forgets a key.
type KeyForgetCmd struct {
	ID string `arg:"" help:"The key."`
}

// Run forgets it.
func (c KeyForgetCmd) Run(g *Globals) error {
	return withKeys(g, func(d *db.DB, keys *seal.Ring) error {
		err := keys.Forget(g.Context, d, app.SealedColumns(), c.ID)
		return said(g, err, "%s is forgotten; take it out of every node's key file before they start again.", c.ID)
	})
}
