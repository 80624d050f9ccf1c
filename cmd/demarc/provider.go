package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"demarc/internal/app"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/marketplace"
	"demarc/internal/sandbox"
)

// ProviderCmd works on the marketplace's providers, in the database itself, as AppCmd
// does: it is how a carrier onboards those that do not do it by API.
type ProviderCmd struct {
	Add     ProviderAddCmd     `cmd:"" help:"Onboard a provider; prints its provider key, once."`
	List    ProviderListCmd    `cmd:"" help:"List providers, their keys and products."`
	Approve ProviderApproveCmd `cmd:"" help:"Let a provider sell."`
	Suspend ProviderSuspendCmd `cmd:"" help:"Stop a provider's sales; running subscriptions go on."`
	Resume  ProviderResumeCmd  `cmd:"" help:"Let a suspended provider sell again."`
	Rotate  ProviderRotateCmd  `cmd:"" help:"Make a provider's second key; prints it, once."`
	Revoke  ProviderRevokeCmd  `cmd:"" help:"End one of a provider's keys at once."`
	Offer   ProviderOfferCmd   `cmd:"" help:"Offer a product of a provider, from a JSON file."`
	Run     ProviderRunCmd     `cmd:"" help:"Run a small provider's server, to try the marketplace with."`
}

// inMarket is where a command works: the use cases, and who acts.
type inMarket struct {
	desk *marketplace.Desk
	m    marketplace.Manager
}

// withMarket runs fn on the marketplace of a world of the configured database.
func withMarket(g *Globals, world, org string, fn func(in inMarket) error) error {
	d, err := g.OpenDB(g.Context)
	if err != nil {
		return err
	}
	keys, err := g.Config.KeyRing(g.Context, d)
	if err != nil {
		return errors.Join(err, d.Close())
	}
	// What may be called is decided when it is called: by the server, which knows its
	// private ranges.
	desk := app.NewMarketplace(d, keys, db.NewCounters(d), nil, func(netip.Addr) bool { return true })
	err = explained(fn(inMarket{desk, marketplace.Manager{World: world, Org: org, Actor: operator, Sandbox: world != sandbox.Production}}))
	return errors.Join(noWorld(err, world), d.Close())
}

// unit runs fn as one unit of work in the world.
func (in inMarket) unit(g *Globals, fn func(tx *db.Tx) error) error {
	return in.desk.DB.Within(g.Context, in.m.World, fn)
}

// as makes the command act for the organisation that a provider belongs to.
func (in *inMarket) as(g *Globals, provider string) error {
	return in.unit(g, func(tx *db.Tx) error {
		p, err := in.desk.Store.Provider(tx, provider)
		if err == nil && p == nil {
			err = marketplace.ProviderUnknown
		}
		if err == nil {
			in.m.Org = p.Org
		}
		return err
	})
}

// ProviderAddCmd onboards a provider.
type ProviderAddCmd struct {
	Name     string `arg:"" help:"Its name in paths: POST {url}/{name}-provision-account/."`
	URL      string `arg:"" name:"url" help:"Base URL of its server."`
	Title    string `help:"What people call it (default: its name)." placeholder:"TEXT"`
	Org      string `help:"The organisation whose applications manage it." placeholder:"ID"`
	World    string `help:"The world it sells in." default:"production" placeholder:"ID"`
	Reseller string `name:"reseller-key-file" help:"File with the reseller key that it gave us; - for standard input." placeholder:"FILE"`
}

// Run onboards it.
func (c ProviderAddCmd) Run(g *Globals) error {
	if c.Org == "" && c.World == sandbox.Production {
		return errors.New("whose is it? Name the organisation whose applications manage it with --org ID")
	}
	if c.Title == "" {
		c.Title = c.Name
	}
	reseller, err := readSecret(c.Reseller)
	if err != nil {
		return err
	}
	return withMarket(g, c.World, c.Org, func(in inMarket) error {
		prepared, err := in.desk.PrepareProvider(g.Context, in.m, &marketplace.ProviderRequest{Name: c.Name, Title: c.Title, BaseURL: c.URL, ResellerKey: reseller})
		if err != nil {
			return err
		}
		var p marketplace.Provider
		err = in.unit(g, func(tx *db.Tx) error {
			if err := identity.OrgThere(tx, c.Org); err != nil && c.Org != "" {
				return err
			}
			var err error
			p, err = in.desk.Onboard(tx, in.m, *prepared)
			return err
		})
		if err != nil {
			return err
		}
		printProvider(g, p)
		fmt.Fprintf(g.Stdout, "\nprovider key   %s\n\nIt is not shown again. The provider sends it with every update, to %s%s\n"+
			"(as this command's own --update-path or --config says; the server's must be the same).\n", p.Keys[0].Clear, g.Config.PublicURL, g.Config.UpdatePath)
		if p.State == marketplace.ProviderPending {
			fmt.Fprintf(g.Stdout, "It sells once it is approved: demarc provider approve %s\n", p.ID)
		}
		return nil
	})
}

// readSecret reads a secret from a file or standard input, since a command line is
// seen by others.
func readSecret(path string) (string, error) {
	var text []byte
	var err error
	switch path {
	case "":
		return "", nil
	case "-":
		text, err = io.ReadAll(io.LimitReader(os.Stdin, 4096))
	default:
		text, err = os.ReadFile(path)
	}
	return strings.TrimSpace(string(text)), err
}

// ProviderListCmd lists providers.
type ProviderListCmd struct {
	World string `help:"The world." default:"production" placeholder:"ID"`
}

// Run lists them.
func (c ProviderListCmd) Run(g *Globals) error {
	return withMarket(g, c.World, "", func(in inMarket) error {
		const page = 100
		for at := int64(0); ; at += page {
			var list []marketplace.Provider
			offers := map[string][]marketplace.Offer{}
			err := in.unit(g, func(tx *db.Tx) (err error) {
				list, _, err = in.desk.Store.Providers(tx, marketplace.ProviderFilter{}, marketplace.Paging{Offset: at, Limit: page})
				for i := 0; err == nil && i < len(list); i++ {
					offers[list[i].ID], _, err = in.desk.Store.Offers(tx, marketplace.OfferFilter{Provider: list[i].ID}, marketplace.Paging{Limit: page})
				}
				return err
			})
			if err != nil || len(list) == 0 {
				return err
			}
			for _, p := range list {
				printProvider(g, p)
				for _, o := range offers[p.ID] {
					skus := make([]string, len(o.SKUs))
					for i, s := range o.SKUs {
						skus[i] = s.ID
					}
					fmt.Fprintf(g.Stdout, "  product  %s  %s  %q  (%s)\n", o.ID, o.State, o.Name, strings.Join(skus, ", "))
				}
			}
		}
	})
}

func printProvider(g *Globals, p marketplace.Provider) {
	fmt.Fprintf(g.Stdout, "%s  %s  %q\n", p.ID, p.State, p.Title)
	w := tabwriter.NewWriter(g.Stdout, 0, 0, 2, ' ', 0)
	defer func() { _ = w.Flush() }() // a terminal that is gone needs no error
	fmt.Fprintf(w, "  organisation\t%s\n  server\t%s\n", p.Org, p.ProvisionURL())
	for _, k := range p.Keys {
		fmt.Fprintf(w, "  key\t%s\tmade %s, ends %s\n", k.ID, moment(k.CreatedAt), moment(k.ExpiresAt))
	}
}

// providerMove is a command that moves a provider by one event.
type providerMove struct {
	ID    string `arg:"" help:"The provider."`
	World string `help:"Its world." default:"production" placeholder:"ID"`
}

func (c providerMove) run(g *Globals, event string) error {
	return withMarket(g, c.World, "", func(in inMarket) error {
		return in.unit(g, func(tx *db.Tx) error {
			p, err := in.desk.MoveProvider(tx, operator, c.ID, event)
			if err == nil {
				tx.After(func() { printProvider(g, p) })
			}
			return err
		})
	})
}

// ProviderApproveCmd approves a provider.
type ProviderApproveCmd struct{ providerMove }

// Run approves it.
func (c ProviderApproveCmd) Run(g *Globals) error { return c.run(g, marketplace.EventApprove) }

// ProviderSuspendCmd suspends a provider.
type ProviderSuspendCmd struct{ providerMove }

// Run suspends it.
func (c ProviderSuspendCmd) Run(g *Globals) error { return c.run(g, marketplace.EventSuspend) }

// ProviderResumeCmd lets a provider sell again.
type ProviderResumeCmd struct{ providerMove }

// Run resumes it.
func (c ProviderResumeCmd) Run(g *Globals) error { return c.run(g, marketplace.EventResume) }

// ProviderRotateCmd makes another key.
type ProviderRotateCmd struct {
	ID        string `arg:"" help:"The provider."`
	World     string `help:"Its world." default:"production" placeholder:"ID"`
	ExpireOld *iso   `help:"End the present key after this while, ISO 8601; otherwise it works until it is revoked." placeholder:"PT24H"`
}

// Run makes it.
func (c ProviderRotateCmd) Run(g *Globals) error {
	return withMarket(g, c.World, "", func(in inMarket) error {
		if err := in.as(g, c.ID); err != nil {
			return err
		}
		key, err := in.desk.PrepareKey(g.Context, c.World)
		if err != nil {
			return err
		}
		var p marketplace.Provider
		err = in.unit(g, func(tx *db.Tx) (err error) {
			if _, err = in.desk.RotateKey(tx, in.m, c.ID, key, (*time.Duration)(c.ExpireOld)); err == nil {
				p, err = in.desk.Provider(tx, in.m, c.ID)
			}
			return err
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(g.Stdout, "provider       %s\nprovider key   %s\nits id         %s\n\nThe key is not shown again.\n", c.ID, key.Clear, key.ID)
		for _, old := range p.Keys {
			switch {
			case old.ID == key.ID:
			case old.ExpiresAt.IsZero():
				fmt.Fprintf(g.Stdout, "The old key %s works, too, until it is ended with\ndemarc provider revoke %s %s\n", old.ID, c.ID, old.ID)
			default:
				fmt.Fprintf(g.Stdout, "The old key %s works, too, and ends at %s.\n", old.ID, moment(old.ExpiresAt))
			}
		}
		return nil
	})
}

// ProviderRevokeCmd ends a key.
type ProviderRevokeCmd struct {
	ID    string `arg:"" help:"The provider."`
	Key   string `arg:"" help:"The key's id."`
	World string `help:"Its world." default:"production" placeholder:"ID"`
}

// Run ends it.
func (c ProviderRevokeCmd) Run(g *Globals) error {
	return withMarket(g, c.World, "", func(in inMarket) error {
		if err := in.as(g, c.ID); err != nil {
			return err
		}
		err := in.unit(g, func(tx *db.Tx) error { return in.desk.RevokeKey(tx, in.m, c.ID, c.Key) })
		return said(g, err, "%s is revoked.", c.Key)
	})
}

// ProviderOfferCmd offers a product.
type ProviderOfferCmd struct {
	ID    string `arg:"" help:"The provider."`
	File  string `arg:"" help:"JSON as POST /marketplace/v1/providers/{id}/products takes it." type:"existingfile"`
	World string `help:"Its world." default:"production" placeholder:"ID"`
}

// Run offers it.
func (c ProviderOfferCmd) Run(g *Globals) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	var r marketplace.OfferRequest
	if err := strictJSON(text, &r); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return withMarket(g, c.World, "", func(in inMarket) error {
		if err := in.as(g, c.ID); err != nil {
			return err
		}
		prepared, err := in.desk.PrepareOffer(g.Context, in.m, &r)
		if err != nil {
			return err
		}
		var o marketplace.Offer
		err = in.unit(g, func(tx *db.Tx) (err error) {
			o, err = in.desk.Offer(tx, in.m, c.ID, prepared)
			return err
		})
		if err != nil {
			return err
		}
		skus := make([]string, len(o.SKUs))
		for i, s := range o.SKUs {
			skus[i] = s.ID
		}
		return said(g, nil, "%s is listed; its SKUs are %s.", o.ID, strings.Join(skus, ", "))
	})
}
