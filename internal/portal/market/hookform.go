package market

import (
	"fmt"
	"strings"

	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/outbox"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// newHook registers an address. Its signing secret is shown in the answer, once.
func (s *screens) newHook(v *web.Visit) error {
	v.Under("/hooks")
	f := v.Form()
	list, app, err := s.hookApps(v, f.Value("app"))
	if err != nil {
		return err
	}
	if app == nil {
		return noApp(v, "New webhook")
	}
	page := func(v *web.Visit, f *ui.Form) error { return s.newHookPage(v, f, list, *app) }
	if !v.Posting() {
		return page(v, f)
	}
	e := outbox.Endpoint{App: app.ID, URL: f.Value("url"), Form: f.Value("form"), Events: strings.Fields(f.Value("events")), Customer: f.Value("customer"),
		Description: f.Value("description"), Auth: authOf(f)}
	secret := ""
	err = v.Within(func(tx *db.Tx) (err error) {
		if e, secret, err = s.Outbox.Create(tx, e, acts(tx, app.ID)); err == nil {
			byPerson(tx, v, e.ID, "create")
		}
		return err
	})
	if err != nil {
		return v.Refused(f, besideHook(f, err), page)
	}
	return s.showHookSecret(v, e, secret, "The webhook is made. Deliveries to "+e.URL+" are signed with this secret.")
}

// besideHook puts what the outbox refuses beside the fields of the form, which has one
// field for all events. It answers an error that is a mistake of ours.
func besideHook(f *ui.Form, err error) error {
	if !f.Fault(err) {
		return err
	}
	for i := range strings.Fields(f.Value("events")) {
		f.Move(fmt.Sprintf("events[%d]", i), "events")
	}
	return nil
}

// authOf reads how the receiver wants to be authenticated to.
func authOf(f *ui.Form) outbox.Auth {
	return outbox.Auth{Type: f.Value("auth.type"), Username: f.Value("auth.username"), Password: f.Values.Get("auth.password"), TokenURL: f.Value("auth.tokenUrl"),
		ClientID: f.Value("auth.clientId"), ClientSecret: f.Values.Get("auth.clientSecret"), Scope: f.Value("auth.scope")}
}

func (s *screens) newHookPage(v *web.Visit, f *ui.Form, list []identity.App, app identity.App) error {
	f.Default("app", app.ID)
	f.Default("form", outbox.FormStandard)
	f.Default("events", "*")
	f.Default("auth.type", outbox.AuthNone)
	apps := make([]ui.Choice, len(list))
	for i, a := range list {
		apps[i] = ui.Choice{Value: a.ID, Label: a.Name}
	}
	var forms []ui.Choice
	for _, form := range outbox.Forms() {
		forms = append(forms, ui.Choice{Value: form.Name, Label: form.Name, Hint: form.Text + " " + form.Method + ", " + form.ContentType + "."})
	}
	if v.Sandbox() && !v.Posting() && f.Value("url") != "" && !s.Outbox.Reaches(f.Value("url")) {
		f.Add("url", "cannot be called from this server: it is in a private network, and the operator has not allowed webhooks there (--allow-webhooks-to)")
	}
	return v.Show("New webhook", ui.Head("New webhook", "Where "+app.Name+" wants to be told what happens."),
		ui.When(v.Sandbox() && f.Value("url") == "", func() ui.Node {
			return ui.Card("No server yet?", ui.P("This portal can receive for you: see what comes, check its signature, and have it refused on demand."),
				ui.Act(f.CSRF, "/hooks/inbox", "Use a receiver of this portal", "app", app.ID, "then", "hook"))
		}),
		f.Node("Create",
			ui.If(len(apps) > 1, ui.Select{Name: "app", Label: "Application", Choices: apps, Required: true}.In(f)),
			ui.If(len(apps) < 2, ui.Hidden(f, "app")),
			ui.Input{Name: "url", Label: "Address", Type: "url", Hint: "Absolute, http or https: https://example.com/demarc", Required: true, Autocomplete: "url", Max: 2048, Focus: !f.Wrong()}.In(f),
			ui.Choices{Name: "form", Label: "Form", Choices: forms, Required: true}.In(f),
			s.hookFields(f)))
}

// hookFields are those that can be changed later.
func (s *screens) hookFields(f *ui.Form) ui.Node {
	return ui.All(
		ui.Textarea{Name: "events", Label: "Events", Hint: "Types or patterns, one a line: * for all, voice.* for all of Voice, ondemand.order.completed for one.", Required: true}.In(f),
		ui.Input{Name: "customer", Label: "Customer", Hint: "Only what is about this one; empty for all that the application acts for.", Autocomplete: "off", Max: 64}.In(f),
		ui.Input{Name: "description", Label: "What for", Hint: "For yourself.", Autocomplete: "off", Max: 255}.In(f),
		ui.Choices{Name: "auth.type", Label: "How the receiver wants to be authenticated to", Required: true, Choices: []ui.Choice{
			{Value: outbox.AuthNone, Label: "Not at all", Hint: "The signature shows who sends."},
			{Value: outbox.AuthBasic, Label: "Basic", Hint: "User name and password, below."},
			{Value: outbox.AuthOAuth2, Label: "OAuth 2.0 client credentials", Hint: "A token is fetched first, with what is below."}}}.In(f),
		credentials(f))
}

// credentials are open where they are needed.
func credentials(f *ui.Form) ui.Node {
	fields := []ui.Node{
		ui.Row(ui.Input{Name: "auth.username", Label: "User name", Autocomplete: "off", Max: 255}.In(f), ui.Input{Name: "auth.password", Label: "Password", Type: "password", Autocomplete: "new-password", Max: 255}.In(f)),
		ui.Input{Name: "auth.tokenUrl", Label: "Token address", Type: "url", Autocomplete: "off", Max: 2048}.In(f),
		ui.Row(ui.Input{Name: "auth.clientId", Label: "Client id", Autocomplete: "off", Max: 255}.In(f), ui.Input{Name: "auth.clientSecret", Label: "Client secret", Type: "password", Autocomplete: "new-password", Max: 255}.In(f)),
		ui.Input{Name: "auth.scope", Label: "Scope", Autocomplete: "off", Max: 255}.In(f),
	}
	const title, text = "Credentials for Basic or OAuth 2.0", "Passwords and secrets are kept sealed and never shown."
	if f.Value("auth.type") == outbox.AuthNone {
		return ui.More(title, append(fields, ui.Small(text))...)
	}
	return ui.Group(title, text, fields...)
}

// showHookSecret shows a signing secret, this once.
func (s *screens) showHookSecret(v *web.Visit, e outbox.Endpoint, secret, text string) error {
	v.Under("/hooks")
	return v.Show("Signing secret", ui.Head("Signing secret", text),
		ui.Secret("Signing secret", secret, "It is shown this once. Your receiver checks webhook-signature with it: HMAC-SHA256 over webhook-id.webhook-timestamp.body."),
		ui.Actions(ui.Button(hookPath(e), "I have kept it: to the webhook")))
}

// editHook changes an endpoint.
func (s *screens) editHook(v *web.Visit) error {
	v.Under("/hooks")
	app, e, err := s.hookOf(v)
	if err != nil {
		return err
	}
	f := v.Form()
	page := func(v *web.Visit, f *ui.Form) error { return s.editHookPage(v, f, e) }
	if !v.Posting() {
		for name, value := range map[string]string{"url": e.URL, "events": strings.Join(e.Events, "\n"), "customer": e.Customer, "description": e.Description,
			"auth.type": e.Auth.Type, "auth.username": e.Auth.Username, "auth.tokenUrl": e.Auth.TokenURL, "auth.clientId": e.Auth.ClientID, "auth.scope": e.Auth.Scope} {
			f.Default(name, value)
		}
		return page(v, f)
	}
	auth := kept(f, e)
	if f.Wrong() {
		return v.Refused(f, nil, page)
	}
	address, customer, description, events := f.Value("url"), f.Value("customer"), f.Value("description"), strings.Fields(f.Value("events"))
	err = v.Within(func(tx *db.Tx) error {
		_, err := s.Outbox.Update(tx, app.ID, e.ID, outbox.Change{URL: &address, Events: &events, Customer: &customer, Description: &description, Auth: &auth}, acts(tx, app.ID))
		if err == nil {
			byPerson(tx, v, e.ID, "update")
		}
		return err
	})
	if err != nil {
		return v.Refused(f, besideHook(f, err), page)
	}
	return v.Done(hookPath(e), "The webhook is changed.")
}

// kept takes the secrets from before where none were given: but not to another server,
// which has not been told them yet.
func kept(f *ui.Form, e outbox.Endpoint) outbox.Auth {
	now, before := authOf(f), e.Auth
	if now.Type != before.Type {
		return now
	}
	moved := web.ServerOf(f.Value("url")) != web.ServerOf(e.URL) || web.ServerOf(now.TokenURL) != web.ServerOf(before.TokenURL)
	keep := func(field string, value *string, was string) {
		switch {
		case *value != "" || was == "":
		case moved:
			f.Add(field, "must be given again: it would go to another server")
		default:
			*value = was
		}
	}
	keep("auth.password", &now.Password, before.Password)
	keep("auth.clientSecret", &now.ClientSecret, before.ClientSecret)
	return now
}

func (s *screens) editHookPage(v *web.Visit, f *ui.Form, e outbox.Endpoint) error {
	return v.Show("Change the webhook", ui.Head("Change the webhook", e.URL, ui.Quiet(hookPath(e), "Back")),
		f.Node("Change",
			ui.Input{Name: "url", Label: "Address", Type: "url", Hint: "Absolute, http or https: https://example.com/demarc", Required: true, Autocomplete: "url", Max: 2048}.In(f),
			s.hookFields(f), ui.Small("A password or secret that is left empty stays what it is.")))
}
