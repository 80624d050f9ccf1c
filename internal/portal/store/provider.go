package store

import (
	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/marketplace"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// providerState is a provider's or a product's state as a badge.
func providerState(state string) ui.Node {
	tone := map[string]ui.Tone{marketplace.ProviderPending: ui.Waiting, marketplace.ProviderActive: ui.Good, marketplace.ProviderSuspended: ui.Bad,
		marketplace.OfferListed: ui.Good, marketplace.OfferWithdrawn: ui.Waiting}[state]
	return ui.Badge(tone, state)
}

func (s *screens) providers(v *web.Visit) error {
	var list []marketplace.Provider
	var total int
	err := v.View(func(tx *db.Tx) (err error) {
		list, total, err = s.Marketplace.Providers(tx, manager(v), paging(v.Query()))
		return err
	})
	if err != nil {
		return err
	}
	rows := make([][]ui.Node, len(list))
	for i, p := range list {
		rows[i] = []ui.Node{ui.Link(provHome+"/"+p.ID, p.Title), ui.Mono(p.ID), providerState(p.State), ui.Text(server(p)), ui.Text(ui.Count(len(p.Keys))), ui.Day(p.CreatedAt)}
	}
	return v.Show("Providers",
		ui.Head("Providers", "Companies of yours that sell software here. Their servers open accounts when a buyer subscribes, and tell what is used.", ui.Button(provHome+"/new", "Onboard a provider")),
		ui.Table("Providers", []string{"Provider", "Id", "State", "Its server", "Keys", "Since"}, rows,
			ui.Empty("No provider yet", "Onboard one: it gets a key, offers products, and is called when somebody subscribes.", ui.Button(provHome+"/new", "Onboard a provider"))),
		ui.Pager(provHome, v.Query(), total))
}

// server is where a provider's server is.
func server(p marketplace.Provider) string {
	if p.BaseURL == marketplace.EmbeddedURL {
		return "played by this sandbox"
	}
	return p.BaseURL
}

// find reads the provider that the page is about.
func (s *screens) find(v *web.Visit) (p marketplace.Provider, trail []audit.Event, err error) {
	v.Under(provHome)
	err = v.View(func(tx *db.Tx) (err error) {
		p, trail, err = s.Marketplace.ProviderTrail(tx, manager(v), v.Path("id"))
		return err
	})
	return p, trail, missing(err)
}

// tabs lead through what there is about a provider.
func tabs(p marketplace.Provider, current string) ui.Node {
	path := provHome + "/" + p.ID
	var list []ui.Tab
	for _, t := range [][2]string{{"", "Overview"}, {"/products", "Products"}, {"/calls", "Calls"}, {"/subscriptions", "Subscriptions"}, {"/integration", "Integration"}} {
		list = append(list, ui.Tab{Href: path + t[0], Label: t[1], Current: t[1] == current})
	}
	return ui.Tabs(p.Title, list...)
}

func (s *screens) provider(v *web.Visit) error {
	p, trail, err := s.find(v)
	if err != nil {
		return err
	}
	now, err := worldNow(v)
	if err != nil {
		return err
	}
	path := provHome + "/" + p.ID
	facts := []ui.Fact{{Name: "State", Value: providerState(p.State)}, {Name: "Provider id", Value: ui.Mono(p.ID)}, {Name: "Name in paths", Value: ui.Mono(p.Name)}, {Name: "Its server", Value: ui.Text(server(p))}}
	if url := p.ProvisionURL(); url != "" {
		facts = append(facts, ui.Fact{Name: "Accounts are opened at", Value: ui.Mono(url)})
	}
	reseller := "none"
	if p.Reseller != nil {
		reseller = "set; it is never shown"
	}
	facts = append(facts, ui.Fact{Name: "Reseller key", Value: ui.Text(reseller)}, ui.Fact{Name: "It tells of usage at", Value: ui.Mono(v.BaseURL() + s.UpdatePath)}, ui.Fact{Name: "Since", Value: ui.Time(p.CreatedAt)})
	var rows [][]ui.Node
	for _, k := range p.Keys {
		ends := ui.Text("when it is revoked")
		if !k.ExpiresAt.IsZero() {
			ends = ui.Time(k.ExpiresAt)
		}
		if k.Live(now) {
			rows = append(rows, []ui.Node{ui.Mono(k.ID), ui.Time(k.CreatedAt), ends,
				ui.Confirm(v.CSRF(), path+"/keys/"+k.ID+"/revoke", "Revoke…", "Revoke key "+k.ID+" of "+p.Title+"? What is sent with it is refused from now on.", "Revoke "+k.ID)})
		}
	}
	waiting := ui.All()
	if p.State == marketplace.ProviderPending {
		waiting = ui.Notice(ui.Waiting, ui.P("The carrier's staff decides about this provider. Buyers see its products then."))
	}
	f := v.Form()
	f.Action = path + "/keys"
	f.Default("expireOld", "P1D")
	until, made := ui.Select{Name: "expireOld", Label: "The present one goes on working", Required: true, Choices: []ui.Choice{
		{Value: "PT1H", Label: "for an hour"}, {Value: "P1D", Label: "for a day"}, {Value: "P7D", Label: "for a week"}, {Value: "P30D", Label: "for 30 days"}, {Value: "never", Label: "until it is revoked"}}}.In(f), "Make another key"
	if len(rows) == 0 {
		until, made = ui.Hidden(f, "expireOld"), "Make a key"
	}
	return v.Show(p.Title, ui.Head(p.Title, "", ui.Quiet(path+"/change", "Change")), tabs(p, "Overview"), waiting, ui.Section("The provider", ui.Facts(facts...)),
		ui.Section("Keys", ui.Small("A key proves that an update is this provider's. It may have two at once, to change from one to the other without a pause."),
			ui.Table("Keys", []string{"Key", "Made", "Ends", ""}, rows, ui.Empty("No key", "Without one, the provider cannot tell of anything. Make one.")),
			f.Node(made, until)),
		ui.Section("Its states", web.Life(marketplace.ProviderMachine, p.State, trail)), ui.Section("History", web.Trail(trail)))
}

func (s *screens) onboardPage(v *web.Visit) error { return s.onboardForm(v, v.Form()) }

func (s *screens) onboardForm(v *web.Visit, f *ui.Form) error {
	return v.Show("Onboard a provider",
		ui.Head("Onboard a provider", "Say where its server is. It gets a key, which is shown once; then offer its products."),
		f.With([]ui.Node{ui.Submit("", "", "Onboard"), ui.Quiet(provHome, "Back")},
			ui.Input{Name: "title", Label: "Name for people", Hint: "As buyers read it: Example Software.", Required: true, Max: 100, Focus: true}.In(f),
			ui.Input{Name: "name", Label: "Name in paths", Hint: "2 to 40 letters a to z, digits and single hyphens: example-software. Accounts are opened at {base URL}/example-software-provision-account/. It stays.", Required: true, Max: 40, Autocomplete: "off"}.In(f),
			baseURL(f), resellerKey(f, "The key by which the provider knows this marketplace, if it gave one. It is kept sealed and never shown.")))
}

func baseURL(f *ui.Form) ui.Node {
	return ui.Input{Name: "baseUrl", Label: "Base URL of its server", Type: "url", Hint: "https://provider.example.com/api", Required: true, Autocomplete: "off"}.In(f)
}

func resellerKey(f *ui.Form, hint string) ui.Node {
	return ui.Input{Name: "resellerKey", Label: "Reseller key", Type: "password", Hint: hint, Autocomplete: "off", Max: 255}.In(f)
}

func (s *screens) onboard(v *web.Visit) error {
	f := v.Form()
	m := manager(v)
	prepared, err := s.Marketplace.PrepareProvider(v.Context(), m, &marketplace.ProviderRequest{Name: f.Value("name"), Title: f.Value("title"), BaseURL: f.Value("baseUrl"), ResellerKey: f.Value("resellerKey")})
	if err != nil {
		return v.Refused(f, err, s.onboardForm)
	}
	var p marketplace.Provider
	if err := v.Within(func(tx *db.Tx) (err error) {
		p, err = s.Marketplace.Onboard(tx, m, *prepared)
		return err
	}); err != nil {
		return v.Refused(f, err, s.onboardForm)
	}
	v.Under(provHome)
	return v.Show(p.Title+" was onboarded",
		ui.Head(p.Title+" was onboarded", "Copy its key now: it is shown this once."),
		ui.Secret("Provider key "+p.Keys[0].ID, p.Keys[0].Clear, "The provider's server sends it as providerkey with each update."),
		ui.Steps(ui.Step{Title: "The provider is onboarded", Text: "It is " + p.State + ".", Done: true},
			ui.Step{Title: "Offer a product", Text: "What it is called, what its form asks for, what is counted.", Action: ui.Button(provHome+"/"+p.ID+"/products/new", "Offer a product")},
			ui.Step{Title: "Test the provider's server", Text: "With sample values, at the product. Nothing is opened."}))
}

func (s *screens) changePage(v *web.Visit) error { return s.changeForm(v, v.Form()) }

func (s *screens) changeForm(v *web.Visit, f *ui.Form) error {
	p, _, err := s.find(v)
	if err != nil {
		return err
	}
	f.Default("title", p.Title)
	f.Default("baseUrl", p.BaseURL)
	title := "Change " + p.Title
	return v.Show(title, ui.Head(title, "Its name in paths stays: its server has it in its address."),
		f.With([]ui.Node{ui.Submit("", "", "Save"), ui.Quiet(provHome+"/"+p.ID, "Leave it as it is")},
			ui.Input{Name: "title", Label: "Name for people", Required: true, Max: 100}.In(f), baseURL(f), resellerKey(f, "Left empty, it stays as it is. It is never shown.")))
}

func (s *screens) change(v *web.Visit) error {
	f := v.Form()
	title, base, reseller := f.Value("title"), f.Value("baseUrl"), f.Value("resellerKey")
	c := marketplace.ProviderChange{Title: &title, BaseURL: &base}
	was, _, err := s.find(v)
	if err != nil {
		return err
	}
	switch {
	case reseller != "":
		c.ResellerKey = &reseller
	case was.Reseller != nil && web.ServerOf(base) != web.ServerOf(was.BaseURL):
		f.Add("resellerKey", "must be given again: it would go to another server")
		return v.Refused(f, nil, s.changeForm)
	}
	if err := v.Within(func(tx *db.Tx) error {
		_, err := s.Marketplace.ChangeProvider(tx, manager(v), v.Path("id"), c)
		return err
	}); err != nil {
		return v.Refused(f, missing(err), s.changeForm)
	}
	return v.Done(provHome+"/"+v.Path("id"), "It was changed.")
}

// rotate makes another key, which is shown this once.
func (s *screens) rotate(v *web.Visit) error {
	p, _, err := s.find(v)
	if err != nil {
		return err
	}
	path := provHome + "/" + p.ID
	var r marketplace.KeyRequest
	if after := v.Form().Value("expireOld"); after != "never" {
		r.ExpireOld = &after
	}
	expire, err := r.Expiry()
	if err != nil {
		return v.Failed(path, err)
	}
	key, err := s.Marketplace.PrepareKey(v.Context(), v.World.ID)
	if err != nil {
		return err
	}
	if err := v.Within(func(tx *db.Tx) (err error) {
		key, err = s.Marketplace.RotateKey(tx, manager(v), p.ID, key, expire)
		return err
	}); err != nil {
		return v.Failed(path, err)
	}
	return v.Show("Another key of "+p.Title, ui.Head("Another key of "+p.Title, "Copy it now: it is shown this once."),
		ui.Secret("Provider key "+key.ID, key.Clear, "Put it into the provider's server before the present one ends."), ui.Actions(ui.Button(path, "Done")))
}

func (s *screens) revoke(v *web.Visit) error {
	path, key := provHome+"/"+v.Path("id"), v.Path("key")
	if err := v.Within(func(tx *db.Tx) error { return s.Marketplace.RevokeKey(tx, manager(v), v.Path("id"), key) }); err != nil {
		return v.Failed(path, err)
	}
	return v.Done(path, "Key "+key+" was revoked.")
}
