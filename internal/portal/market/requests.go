package market

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/requestlog"
)

// worldApps are the applications of the world that is looked at, so far as they are the
// visitor's organisation's; the carrier's people see all.
func (s *screens) worldApps(v *web.Visit) ([]identity.App, error) {
	org := v.User.Org
	if v.User.Carrier() {
		org = ""
	}
	return s.Identity.ListApps(v.Context(), identity.Filter{Org: org, World: v.World.ID, Limit: 1000})
}

// appOf is the application that the address names with ?app=, the first one when it names
// none.
func appOf(apps []identity.App, id string) (identity.App, error) {
	if id == "" && len(apps) > 0 {
		return apps[0], nil
	}
	i := slices.IndexFunc(apps, func(a identity.App) bool { return a.ID == id })
	if i < 0 {
		return identity.App{}, identity.AppUnknown
	}
	return apps[i], nil
}

// appChoices are applications to choose from, by their names.
func appChoices(apps []identity.App) []ui.Choice {
	choices := make([]ui.Choice, len(apps))
	for i, a := range apps {
		choices[i] = ui.Choice{Value: a.ID, Label: a.Name}
		if slices.ContainsFunc(apps, func(b identity.App) bool { return b.Name == a.Name && b.ID != a.ID }) {
			choices[i].Label += " (" + a.ID + ")"
		}
	}
	return choices
}

// noApps is shown where there is no application to look at.
func noApps(v *web.Visit, title, lead string) error {
	return v.Show(title, ui.Head(title, lead),
		ui.Empty("There is no application in this world.", "An application has the keys with which a program calls. Make one, or look at another world.", ui.Button("/apps/new", "New application"), ui.Quiet("/apps", "Applications")))
}

const requestsLead = "What your application asked for in this sandbox, and what it was answered. Secrets are taken out; entries go after 30 days."

func (s *screens) requests(v *web.Visit) error {
	apps, err := s.worldApps(v)
	if err != nil {
		return err
	}
	if len(apps) == 0 {
		return noApps(v, "Request log", requestsLead)
	}
	if !v.Sandbox() {
		return v.Show("Request log", ui.Head("Request log", requestsLead),
			ui.Empty("The requests of production are not kept.", "They are counted: how many there were, how they ended, how long they took.", ui.Button("/usage", "Usage"), ui.Quiet("/sandbox", "Sandbox")))
	}
	f := v.Form()
	app, err := appOf(apps, f.Value("app"))
	if err != nil {
		return err
	}
	f.Default("app", app.ID)
	var list []requestlog.Entry
	filter := requestlog.Filter{App: app.ID, Status: f.Value("status"), Operation: f.Value("operation"), Contains: f.Value("text"), Limit: ui.PageSize}
	filter.Before, err = strconv.ParseInt(f.Value("before"), 10, 64)
	if err != nil {
		filter.Before = 0
	}
	if err := s.Requests.Flush(v.Context()); err != nil {
		return err
	}
	err = v.View(func(tx *db.Tx) (err error) {
		list, err = s.Requests.List(tx, filter)
		return err
	})
	if err != nil && !f.Fault(err) {
		return err
	}
	older := ""
	if len(list) == ui.PageSize {
		older = strconv.FormatInt(list[len(list)-1].Seq, 10)
	}
	return v.Show("Request log", ui.Head("Request log", requestsLead, ui.Quiet("/usage?app="+app.ID, "Usage")),
		requestFilter(f, apps),
		ui.When(f.Wrong(), func() ui.Node {
			return ui.Notice(ui.Bad, ui.P("The status "+strings.Join(f.Problems()["status"], "; ")+"."))
		}),
		ui.Live("requests", ui.Table("Requests, newest first", []string{"When", "Request", "Operation", "Answer", "Took"}, requestRows(app.ID, list), noRequests(filter)),
			ui.Older("/requests", v.Query(), "before", older)))
}

func requestFilter(f *ui.Form, apps []identity.App) ui.Node {
	var operations []string
	for _, o := range contract() {
		operations = append(operations, o.ID)
	}
	return ui.Filter(f,
		ui.Select{Name: "app", Label: "Application", Choices: appChoices(apps)}.In(f),
		ui.Select{Name: "status", Label: "Answer", Blank: "All", Choices: []ui.Choice{{Value: "ok", Label: "Good"}, {Value: "failed", Label: "Failed"},
			{Value: "4xx", Label: "Failed, 4xx"}, {Value: "5xx", Label: "Failed, 5xx"}}}.In(f),
		ui.Input{Name: "operation", Label: "Operation", Suggest: operations}.In(f),
		ui.Input{Name: "text", Label: "Path, id or code", Type: "search"}.In(f))
}

// noRequests says how to get some.
func noRequests(filter requestlog.Filter) ui.Node {
	if filter.Status != "" || filter.Operation != "" || filter.Contains != "" || filter.Before != 0 {
		return ui.Empty("No request is like that.", "Choose less, or clear the filter.", ui.Quiet("/requests?app="+filter.App, "Clear"))
	}
	return ui.Empty("This application has not called yet.", "Its next call will appear here by itself. Try one in the API reference, or with a program of your own.",
		ui.Button("/docs/", "Try it out"), ui.Quiet("/products/"+products[0].Name+"/start", "A program to begin with"))
}

func requestRows(app string, list []requestlog.Entry) [][]ui.Node {
	rows := make([][]ui.Node, 0, len(list))
	for _, e := range list {
		if e.NotKept > 0 {
			rows = append(rows, []ui.Node{ui.Time(e.At), ui.Textf("About here %s requests came too fast to be kept.", ui.Count(e.NotKept)), ui.Text(""), ui.Text(""), ui.Text("")})
			continue
		}
		path, _, _ := strings.Cut(e.Path, "?")
		rows = append(rows, []ui.Node{ui.Time(e.At), ui.Link(requestPath(app, e.Seq), e.Method+" "+path), ui.Mono(e.Operation),
			ui.All(statusBadge(e.Status), ui.Text(" "), ui.When(e.Code != "", func() ui.Node { return ui.Mono(e.Code) })), ui.Text(ui.Duration(e.Took))})
	}
	return rows
}

func requestPath(app string, seq int64) string { return fmt.Sprintf("/requests/%d?app=%s", seq, app) }

func statusBadge(status int) ui.Node {
	tone := ui.Good
	if status >= http.StatusBadRequest {
		tone = ui.Bad
	}
	return ui.Badge(tone, strconv.Itoa(status))
}

func (s *screens) request(v *web.Visit) error {
	v.Under("/requests")
	apps, err := s.worldApps(v)
	if err != nil {
		return err
	}
	if id := v.Query().Get("app"); id != "" {
		app, err := appOf(apps, id)
		if err != nil {
			return err
		}
		apps = []identity.App{app}
	}
	app, e, err := s.findRequest(v, apps, v.Path("seq"))
	if err != nil {
		return err
	}
	op, known := operationByID(e.Operation)
	title := e.Method + " " + strings.SplitN(e.Path, "?", 2)[0]
	facts := []ui.Fact{{Name: "Answer", Value: statusBadge(e.Status)}, {Name: "When", Value: ui.Time(e.At)}, {Name: "Took", Value: ui.Text(ui.Duration(e.Took))},
		{Name: "Operation", Value: ui.Mono(e.Operation)}, {Name: "Application", Value: ui.Text(app.Name)}, {Name: "Request id", Value: ui.Mono(e.ID)}}
	return v.Show("Request", ui.Head(title, op.Summary, ui.When(known, func() ui.Node { return ui.Button(op.docs(), "Try again in the docs") }), ui.Quiet("/requests?app="+app.ID, "All requests")),
		ui.Facts(facts...),
		ui.When(e.Status >= http.StatusBadRequest, func() ui.Node { return whyFailed(e) }),
		ui.Section("Request", exchanged("Request", e.RequestHeaders, e.RequestBody, e.RequestSize, e.RequestCut)),
		ui.Section("Answer", exchanged("Answer", e.ResponseHeaders, e.ResponseBody, e.ResponseSize, e.ResponseCut)),
		ui.Section("The same call with curl", ui.P("What was secret is a variable here. A token comes from POST /oauth/v2/token."), ui.CodeBlock("Your shell", curlOf(v.BaseURL(), e))))
}

// findRequest finds a request of any of these applications.
func (s *screens) findRequest(v *web.Visit, apps []identity.App, id string) (app identity.App, e requestlog.Entry, err error) {
	seq, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return app, e, requestlog.RequestUnknown
	}
	if err := s.Requests.Flush(v.Context()); err != nil {
		return app, e, err
	}
	err = v.View(func(tx *db.Tx) (err error) {
		for _, app = range apps {
			if e, err = s.Requests.Get(tx, app.ID, seq); !errors.Is(err, requestlog.RequestUnknown) {
				return err
			}
		}
		return requestlog.RequestUnknown
	})
	return app, e, err
}

// whyFailed says what was wrong, by which rule, and what would have been possible.
func whyFailed(e requestlog.Entry) ui.Node {
	var rows [][]ui.Node
	for _, w := range e.Why {
		rows = append(rows, []ui.Node{ui.Mono(w.Field), ui.Text(w.Message), ui.Mono(w.Rule)})
	}
	message := e.Message
	if message == "" {
		message = "The answer was " + http.StatusText(e.Status) + "."
	}
	return ui.Section("Why did this fail?",
		ui.Notice(ui.Bad, ui.P(message), ui.When(e.Code != "", func() ui.Node { return ui.Link("/docs/errors#"+e.Code, e.Code) })),
		ui.When(len(rows) > 0, func() ui.Node {
			return ui.Table("Broken rules", []string{"Field", "What is wrong", "Rule"}, rows, nil)
		}),
		ui.When(len(e.Next) > 0, func() ui.Node {
			return ui.Facts(ui.Fact{Name: "Possible instead", Value: ui.Text(strings.Join(e.Next, ", "))})
		}),
		ui.When(simulated(e), func() ui.Node {
			return ui.All(ui.P("Perhaps something was told to fail in this sandbox: its faults say so."), ui.Actions(ui.Quiet("/sandbox/faults", "Faults")))
		}))
}

// simulated reports whether an answer is of the kind that a fault makes.
func simulated(e requestlog.Entry) bool { return e.Status >= http.StatusInternalServerError }

// exchanged is one side of an exchange.
func exchanged(side string, headers map[string][]string, body string, size int64, cut bool) ui.Node {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		for _, value := range headers[name] {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	if b.Len() == 0 {
		b.WriteString("(none)\n")
	}
	nodes := []ui.Node{ui.More("Headers", ui.CodeBlock("Headers", strings.TrimSuffix(b.String(), "\n")))}
	switch {
	case body != "":
		nodes = append(nodes, ui.CodeBlock(side+" body", readable(body)))
	case size > 0:
		nodes = append(nodes, ui.Small(fmt.Sprintf("A body of %s bytes, which is not kept.", ui.Count(size))))
	default:
		nodes = append(nodes, ui.Small("No body."))
	}
	if cut {
		nodes = append(nodes, ui.Small(fmt.Sprintf("The body had %s bytes; this is its beginning.", ui.Count(size))))
	}
	return ui.All(nodes...)
}
