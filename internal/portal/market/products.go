package market

import (
	"net/http"
	"strconv"
	"strings"

	"demarc/internal/fault"
	"demarc/internal/ondemand"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// The pages of the five products, and what belongs to the documents: nobody need be
// signed in to read them.
func (s *screens) productRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	return []web.Route{
		{Method: get, Path: "/products", Needs: web.Anyone, Do: s.allProducts},
		{Method: get, Path: "/products/{name}", Needs: web.Anyone, Do: s.aProduct(s.overview)},
		{Method: get, Path: "/products/{name}/start", Needs: web.Anyone, Do: s.aProduct(s.gettingStarted)},
		{Method: get, Path: "/products/{name}/errors", Needs: web.Anyone, Do: s.aProduct(s.productErrors)},
		{Method: get, Path: "/changes", Needs: web.Anyone, Do: s.changeLog},
		{Method: get, Path: "/docs/errors", Needs: web.Anyone, Do: s.errorsPage},
		{Method: get, Path: "/docs/machines", Needs: web.Anyone, Do: s.machinesPage},
		{Method: get, Path: "/docs/session", Needs: web.Anyone, Do: s.docsSession},
		{Method: post, Path: "/docs/authorize", Needs: web.Build, Do: s.docsAuthorize},
		{Method: post, Path: "/docs/key", Needs: web.Build, Fresh: true, Do: s.docsKey},
	}
}

func (s *screens) allProducts(v *web.Visit) error {
	return v.Show("Products",
		ui.Head("Products", "Five families of APIs, one sign-in, one sandbox that behaves like the carrier behind them."),
		ui.Grid(ui.Each(products, func(p *product) ui.Node {
			return ui.Card(p.Title, ui.P(p.Lead), ui.Actions(ui.Quiet("/products/"+p.Name, "About "+p.Title)))
		})))
}

// aProduct is a page of the product that the address names.
func (s *screens) aProduct(page func(v *web.Visit, p *product) error) web.Handler {
	return func(v *web.Visit) error {
		p := productByName(v.Path("name"))
		if p == nil {
			return web.NoSuchPage
		}
		return page(v, p)
	}
}

// productHead is the top of each of a product's pages.
func productHead(v *web.Visit, p *product) ui.Node {
	tab := func(path, label string) ui.Tab {
		href := "/products/" + p.Name + path
		return ui.Tab{Href: href, Label: label, Current: v.URL() == href}
	}
	return ui.All(ui.Head(p.Title, p.Lead, ui.Button("/docs/?api="+p.Name, "API reference")),
		ui.Tabs(p.Title, tab("", "Overview"), tab("/start", "Getting started"), tab("/errors", "Errors"),
			ui.Tab{Href: "/changes?product=" + p.Name, Label: "Change log"}))
}

func (s *screens) overview(v *web.Visit, p *product) error {
	return v.Show(p.Title, productHead(v, p),
		ui.Section("What it does", ui.Each(p.What, ui.P), ui.When(p.Tells != "", func() ui.Node { return ui.P(p.Tells) }),
			ui.Actions(ui.Button("/products/"+p.Name+"/start", "Make the first call"), ui.Quiet("/api/"+p.Name+".yaml", "OpenAPI document"))),
		ui.Section("Operations", operationTables(p)))
}

// operationTables are a product's operations, a table for each of its parts.
func operationTables(p *product) ui.Node {
	var tags []string
	byTag := map[string][][]ui.Node{}
	also := 0
	for _, o := range contract() {
		switch {
		case o.Document != p.Name:
			continue
		case o.Also:
			also++
			continue
		}
		if byTag[o.Tag] == nil {
			tags = append(tags, o.Tag)
		}
		byTag[o.Tag] = append(byTag[o.Tag], []ui.Node{ui.Link(o.docs(), o.Summary), ui.Mono(o.Method + " " + o.Path)})
	}
	return ui.All(
		ui.Each(tags, func(tag string) ui.Node {
			return h.Section(h.H3(g.Text(tag)), ui.Table(p.Title+": "+tag, []string{"What it does", "Operation"}, byTag[tag], nil))
		}),
		ui.When(also > 0, func() ui.Node {
			return ui.Small(strconv.Itoa(also) + " further paths are other names of the same operations; the API reference has them.")
		}))
}

func (s *screens) gettingStarted(v *web.Visit, p *product) error {
	lang := languages[0]
	for _, l := range languages {
		if l.key == v.Query().Get("in") {
			lang = l
		}
	}
	keys := ui.Step{Title: "Get keys", Text: "Sign up: a sandbox is yours at once. An application in it has the keys, which are shown when you make it.", Action: ui.Button("/signup", "Sign up")}
	if v.User.Email != "" {
		keys = ui.Step{Title: "Get keys", Text: "An application of your sandbox has them. They are shown when it is made or a key is replaced, and never again.", Action: ui.Button("/apps", "Applications")}
	}
	token := "Exchange them for an access token. It lives for half an hour; ask for another when it ends."
	if !p.First.Token {
		token = "Care takes them with every call, as the headers client_id and client_secret. There is no token."
	}
	return v.Show(p.Title+": getting started", productHead(v, p),
		ui.Section("From nothing to a first answer", ui.Steps(
			keys,
			ui.Step{Title: "Put them into the environment", Text: "Keys belong into the environment of a program, not into its text."},
			ui.Step{Title: "Show who you are", Text: token},
			ui.Step{Title: "Call", Text: p.First.What + " It is the program below."},
			ui.Step{Title: "Go on in the browser", Text: "The API reference fills in a token of yours, and tries every operation against your sandbox.", Action: ui.Quiet("/docs/?api="+p.Name, "Open the API reference")},
		)),
		ui.Section("The environment", ui.CodeBlock("Your shell", environment(v.BaseURL(), ondemand.ExampleCustomer))),
		ui.Section("The first call", sampleTabs(p, lang.key),
			ui.Small("Needs "+lang.needs+", and nothing else. Save it, and run it: "+lang.run),
			ui.CodeBlock(lang.file, sample(p, lang.key))))
}

// productErrors is every error of a product.
func (s *screens) productErrors(v *web.Visit, p *product) error {
	var all []*fault.Code
	for _, c := range fault.Catalogue() {
		if c.Family == p.Name {
			all = append(all, c)
		}
	}
	first := min((ui.PageOf(v.Query())-1)*ui.PageSize, len(all))
	var rows [][]ui.Node
	for _, c := range all[first:min(first+ui.PageSize, len(all))] {
		rows = append(rows, []ui.Node{ui.Link("/docs/errors#"+c.ID, c.ID), ui.Text(strconv.Itoa(c.Status)), ui.Text(c.Text)})
	}
	return v.Show(p.Title+": errors", productHead(v, p),
		ui.Section("Errors", ui.P(errorsLead(p)),
			ui.Table("Errors of "+p.Title, []string{"Code", "Status", "What it says"}, rows,
				ui.Empty("This product has no errors of its own.", "Those of the platform are listed with all others.", ui.Quiet("/docs/errors", "All errors"))),
			ui.Pager(v.URL(), v.Query(), len(all))))
}

func errorsLead(p *product) string {
	switch p.Name {
	case "voice":
		return "An answer has the number behind voice_ as its code, and lists every broken rule with its field. Beside these come those of the platform."
	case "preorder":
		return "An answer has the number behind px_ as its code, one message for each broken rule. Beside these come those of the platform."
	case "care":
		return strings.ReplaceAll(familyHead("care"), "`", "")
	}
	return "An answer has the code as its reason, and names each field that broke a rule. Beside these come those of the platform, such as invalid_request."
}
