package market

import (
	"slices"
	"strings"
	"time"

	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/ondemand"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/sandbox"
)

// lives are how long a key may live.
var lives = []ui.Choice{{Value: "0s", Label: "It does not expire"}, {Value: "720h", Label: "30 days"}, {Value: "2160h", Label: "90 days"}, {Value: "8760h", Label: "a year"}}

// newApp makes an application, whose key is shown in the answer and never again.
func (s *screens) newApp(v *web.Visit) error {
	v.Under("/apps")
	f := v.Form()
	if !v.Posting() {
		return s.newAppPage(v, f)
	}
	n := identity.NewApp{Org: v.User.Org, World: f.Value("world"), Name: f.Value("name"), Products: f.Values["products"]}
	mine := slices.ContainsFunc(ownWorlds(v), func(w sandbox.World) bool { return w.ID == n.World })
	if !mine {
		f.Add("world", "must be one of your worlds")
	}
	var err error
	if n.SecretTTL, err = time.ParseDuration(f.Value("ttl")); err != nil {
		f.Add("ttl", "must be one of the list")
	}
	var wanted []string
	if n.World == sandbox.Production {
		if wanted = numbers(f.Value("customers")); len(wanted) > mostAsked {
			f.Add("customers", "must be at most 20 at a time")
		}
	} else {
		n.Customers, err = []string{identity.All}, nil
	}
	if err != nil || f.Wrong() {
		return v.Refused(f, err, s.newAppPage)
	}
	app, err := s.Identity.CreateApp(v.Context(), v.Actor(), n)
	if err != nil {
		return v.Refused(f, err, s.newAppPage)
	}
	for _, number := range wanted {
		if _, err := s.Identity.AskClaim(v.Context(), v.Actor(), app.ID, number); err != nil && fault.Of(err) == nil {
			return err
		}
	}
	return s.showKey(v, app, app.Secrets[0], "Made")
}

// mostAsked is how many customers are asked for at a time.
const mostAsked = 20

// numbers are the customers in a text, each once; of more than can be asked for, one more.
func numbers(text string) (list []string) {
	for n := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" ,;\r\n\t", r) }) {
		if !slices.Contains(list, n) {
			list = append(list, n)
		}
		if len(list) > mostAsked {
			break
		}
	}
	return list
}

func (s *screens) newAppPage(v *web.Visit, f *ui.Form) error {
	var worlds, boxes []ui.Choice
	for _, w := range ownWorlds(v) {
		hint := "Approved by itself. Nothing that you do here is real."
		if w.Kind == sandbox.Production {
			hint = "Waits until the carrier's staff approves it, product by product."
		} else if !w.ExpiresAt.IsZero() {
			hint += " The world ends at " + w.ExpiresAt.UTC().Format("2 Jan 2006, 15:04") + "."
		}
		worlds = append(worlds, ui.Choice{Value: w.ID, Label: s.environmentOf(v, w.ID), Hint: hint})
	}
	for _, p := range products {
		if slices.Contains(s.Products, p.Name) {
			boxes = append(boxes, ui.Choice{Value: p.Name, Label: p.Title, Hint: p.Lead})
		}
	}
	if !v.Posting() {
		if _, given := f.Values["products"]; !given {
			f.Values["products"] = slices.Clone(s.Products)
		}
		start := worlds[0].Value
		if slices.ContainsFunc(worlds, func(c ui.Choice) bool { return c.Value == v.World.ID }) {
			start = v.World.ID
		}
		f.Default("world", start)
		f.Default("name", "My application")
		f.Default("ttl", "0s")
	}
	return v.Show("New application", ui.Head("New application", "Its key is shown once, on the next page."),
		f.Node("Create",
			ui.Input{Name: "name", Label: "Name", Hint: "For you and the carrier's staff: what calls, and what for.", Required: true, Max: 80, Focus: !f.Wrong(), Autocomplete: "off"}.In(f),
			ui.Choices{Name: "world", Label: "Environment", Choices: worlds, Required: true}.In(f),
			ui.Choices{Name: "products", Label: "Products", Choices: boxes, Many: true}.In(f),
			ui.Textarea{Name: "customers", Label: "Customers, in production", Hint: "The BusOrg numbers that it is to act for, as the carrier has given them to you, one a line. Its staff decides about each. In a sandbox it may act for all."}.In(f),
			ui.Select{Name: "ttl", Label: "The key's life", Choices: lives, Required: true, Narrow: true}.In(f)))
}

// showKey shows a key, this once, with what it takes to use it.
func (s *screens) showKey(v *web.Visit, app identity.App, key identity.Secret, done string) error {
	v.Under("/apps")
	base := v.BaseURL()
	lines := "DEMARC_URL='" + base + "'\nDEMARC_CLIENT_ID='" + app.ID + "'\nDEMARC_CLIENT_SECRET='" + key.Clear + "'"
	if app.World != sandbox.Production {
		lines += "\nDEMARC_CUSTOMER_NUMBER='" + ondemand.ExampleCustomer + "'"
	}
	notice := ui.When(app.State != identity.Approved, func() ui.Node {
		return ui.Notice(ui.Waiting, ui.P("The application waits for approval. Until then the key opens nothing. You see the carrier's decision at the application."))
	})
	ends := "It does not expire."
	if !key.ExpiresAt.IsZero() {
		ends = "It ends on " + key.ExpiresAt.UTC().Format("2 Jan 2006, 15:04") + " UTC."
	}
	return v.Show("Your key", ui.Head("Your key", done+": "+app.Name+", "+s.environmentOf(v, app.World)+"."), notice,
		ui.CodeBlock("Client id", app.ID),
		ui.Secret("Client secret", key.Clear, "It is shown this once: only its hash is kept. Put it where your program finds it and nobody else does. "+ends),
		ui.Section("Use it",
			ui.CodeBlock("As lines of an environment file", lines),
			ui.CodeBlock("For a token", "curl -u '"+app.ID+":"+key.Clear+"' \\\n  -d grant_type=client_credentials "+base+"/oauth/v2/token")),
		ui.Actions(ui.Button("/apps/"+app.ID, "I have kept it: to the application"), ui.If(app.World != sandbox.Production, ui.Quiet("/docs/", "Try it out"))))
}
