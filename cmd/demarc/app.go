package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"demarc/internal/app"
	"demarc/internal/clock"
	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/sandbox"
)

// AppCmd works on applications, in the database itself: it needs no running
// server, and a running one sees the change within two seconds.
type AppCmd struct {
	Create  AppCreateCmd  `cmd:"" help:"Make an application; prints its secret, once."`
	Approve AppApproveCmd `cmd:"" help:"Approve an application, and the products it asked for."`
	Rotate  AppRotateCmd  `cmd:"" help:"Make an application's second secret; prints it, once."`
	Revoke  AppRevokeCmd  `cmd:"" help:"Revoke an application, some of its products, or one of its secrets."`
	Grant   AppGrantCmd   `cmd:"" help:"Let an application act for a customer."`
	List    AppListCmd    `cmd:"" help:"List applications."`
}

// operator is who the audit trail names for what is done here.
const operator = "operator"

// iso is a duration of the command line, in ISO 8601 as everywhere.
type iso time.Duration

// UnmarshalText reads PT24H.
func (d *iso) UnmarshalText(text []byte) error {
	span, err := clock.ParseDuration(string(text))
	*d = iso(span)
	return err
}

// withIdentity runs fn on the configured database.
func withIdentity(g *Globals, fn func(s *identity.Service) error) error {
	d, err := g.OpenDB(g.Context)
	if err != nil {
		return err
	}
	err = explained(fn(identity.New(d, identity.Options{Products: app.Products, Merged: app.Merged})))
	return errors.Join(err, d.Close())
}

// explained says everything that a fault knows: each broken rule, and what is
// possible instead.
func explained(err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	lines := []string{f.Message}
	for _, v := range f.Violations {
		lines = append(lines, fmt.Sprintf("  %s %s (%s)", v.Field, v.Message, v.Rule))
	}
	if len(f.Next) > 0 {
		lines = append(lines, "  possible: "+strings.Join(f.Next, ", "))
	}
	return errors.New(strings.Join(lines, "\n"))
}

// AppCreateCmd makes an application.
type AppCreateCmd struct {
	Name      string   `arg:"" help:"What people call it."`
	World     string   `help:"The world it lives in: production, or a sandbox." default:"production" placeholder:"ID"`
	Org       string   `help:"The organisation it belongs to; a sandbox's own, in a sandbox." xor:"org" placeholder:"ID"`
	NewOrg    string   `help:"Make an organisation of this name for it." xor:"org" placeholder:"NAME"`
	Products  []string `help:"Products that it asks for (default: all)." placeholder:"NAME,..."`
	Customers []string `help:"Numbers of the customers it may act for; * for all, in a sandbox." placeholder:"NUMBER,..."`
	SecretTTL iso      `name:"secret-ttl" help:"How long its secret lives, ISO 8601; it does not expire otherwise." placeholder:"P90D"`
}

// Run makes it.
func (c AppCreateCmd) Run(g *Globals) error {
	if c.World == sandbox.Production && c.Org == "" && c.NewOrg == "" {
		return errors.New("whose is it? Name its organisation with --org ID, or make one with --new-org NAME")
	}
	if len(c.Products) == 0 {
		c.Products = app.Products
	}
	return withIdentity(g, func(s *identity.Service) error {
		a, err := s.CreateApp(g.Context, operator, identity.NewApp{Org: c.Org, NewOrg: c.NewOrg, World: c.World, Name: c.Name,
			Products: c.Products, Customers: c.Customers, SecretTTL: time.Duration(c.SecretTTL)})
		if c.World == sandbox.Production && errors.Is(err, identity.WorldUnknown) {
			return errors.New("the production world is made by the first demarc serve; start that once")
		}
		if err != nil {
			return err
		}
		printApp(g, a)
		fmt.Fprintf(g.Stdout, "\nclient id      %s\nclient secret  %s\n\nThe secret is not shown again.\n", a.ID, a.Secrets[0].Clear)
		if a.State == identity.Pending {
			fmt.Fprintf(g.Stdout, "It works once it is approved: demarc app approve %s\n", a.ID)
		}
		return nil
	})
}

// AppApproveCmd approves an application.
type AppApproveCmd struct {
	ID       string   `arg:"" help:"The application."`
	Products []string `arg:"" optional:"" help:"Only these of its products; otherwise all that wait."`
}

// Run approves it.
func (c AppApproveCmd) Run(g *Globals) error {
	return withIdentity(g, func(s *identity.Service) error {
		a, err := s.ApproveApp(g.Context, operator, c.ID, c.Products...)
		if err == nil {
			printApp(g, a)
		}
		return err
	})
}

// AppRotateCmd makes a second secret.
type AppRotateCmd struct {
	ID        string `arg:"" help:"The application."`
	ExpireOld *iso   `help:"End the present secret after this while, ISO 8601; otherwise it works until it is revoked." placeholder:"PT24H"`
	TTL       iso    `name:"ttl" help:"How long the new one lives, ISO 8601; it does not expire otherwise." placeholder:"P90D"`
}

// Run makes it.
func (c AppRotateCmd) Run(g *Globals) error {
	return withIdentity(g, func(s *identity.Service) error {
		made, err := s.RotateSecret(g.Context, operator, c.ID, identity.Rotation{TTL: time.Duration(c.TTL), ExpireOld: (*time.Duration)(c.ExpireOld)})
		if err != nil {
			return err
		}
		fmt.Fprintf(g.Stdout, "client id      %s\nclient secret  %s\nits id         %s\n\nThe secret is not shown again. Both secrets work now; end the old one with\ndemarc app revoke %s --secret ID\n",
			c.ID, made.Clear, made.ID, c.ID)
		return nil
	})
}

// AppRevokeCmd revokes an application, products of it, or a secret.
type AppRevokeCmd struct {
	ID       string   `arg:"" help:"The application."`
	Products []string `arg:"" optional:"" help:"Only its approval for these products."`
	Secret   string   `help:"Only this secret, and the tokens that were issued for it." placeholder:"ID"`
}

// Run revokes it.
func (c AppRevokeCmd) Run(g *Globals) error {
	if c.Secret != "" && len(c.Products) > 0 {
		return errors.New("revoke a secret or products, one at a time")
	}
	return withIdentity(g, func(s *identity.Service) error {
		if c.Secret != "" {
			err := s.RevokeSecret(g.Context, operator, c.ID, c.Secret)
			if err == nil {
				fmt.Fprintln(g.Stdout, c.Secret, "is revoked.")
			}
			return err
		}
		a, err := s.RevokeApp(g.Context, operator, c.ID, c.Products...)
		if err == nil {
			printApp(g, a)
		}
		return err
	})
}

// AppGrantCmd lets an application act for a customer.
type AppGrantCmd struct {
	ID       string `arg:"" help:"The application."`
	Customer string `arg:"" help:"The customer's number; * for all, in a sandbox."`
	Remove   bool   `help:"Take the grant back."`
}

// Run grants it.
func (c AppGrantCmd) Run(g *Globals) error {
	return withIdentity(g, func(s *identity.Service) error {
		grant, said := s.Grant, "may act for"
		if c.Remove {
			grant, said = s.Ungrant, "has no grant any more for"
		}
		err := grant(g.Context, operator, c.ID, c.Customer)
		if err == nil {
			fmt.Fprintln(g.Stdout, c.ID, said, c.Customer+".")
		}
		return err
	})
}

// AppListCmd lists applications.
type AppListCmd struct {
	Org   string `help:"Only this organisation's." placeholder:"ID"`
	World string `help:"Only this world's." placeholder:"ID"`
}

// Run lists them.
func (c AppListCmd) Run(g *Globals) error {
	return withIdentity(g, func(s *identity.Service) error {
		for after := ""; ; {
			page, err := s.ListApps(g.Context, identity.Filter{Org: c.Org, World: c.World, After: after})
			if err != nil || len(page) == 0 {
				return err
			}
			for _, a := range page {
				printApp(g, a)
			}
			after = page[len(page)-1].ID
		}
	})
}

// printApp prints an application, and its secrets without their text.
func printApp(g *Globals, a identity.App) {
	products := make([]string, len(a.Products))
	for i, p := range a.Products {
		products[i] = p.Name + " (" + p.State + ")"
	}
	fmt.Fprintf(g.Stdout, "%s  %s  %q\n", a.ID, a.State, a.Name)
	w := tabwriter.NewWriter(g.Stdout, 0, 0, 2, ' ', 0)
	defer func() { _ = w.Flush() }() // a terminal that is gone needs no error
	fmt.Fprintf(w, "  organisation\t%s\n  world\t%s\n  products\t%s\n", a.Org, a.World, strings.Join(products, ", "))
	if len(a.Customers) > 0 {
		fmt.Fprintf(w, "  customers\t%s\n", strings.Join(a.Customers, ", "))
	}
	for _, s := range a.Secrets {
		fmt.Fprintf(w, "  secret\t%s\tmade %s, expires %s, last used %s\n", s.ID, moment(s.CreatedAt), moment(s.ExpiresAt), moment(s.LastUsedAt))
	}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format(time.RFC3339)
}
