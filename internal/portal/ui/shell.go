package ui

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Item is an entry of the navigation.
type Item struct {
	Href, Label string
	Current     bool
}

// Shell is what is around a page.
type Shell struct {
	Title string // of the page; the carrier's name follows it in the window's title
	Brand string
	Areas []Item // the parts of the portal that this person has
	Side  []Item // the pages of the present part
	Theme string // light, dark; "": as the device is set

	Email     string // who is signed in; "": nobody
	OrgName   string
	CSRF      string
	World     string // the id of the world that is looked at
	Worlds    []Choice
	Customer  string
	Customers []Choice // in the Control Center and the storefront: on whose behalf
	Sandbox   bool     // the world is one: that is always to be seen
	Back      string   // the page's own address, to come back to
	Live      bool     // the page follows what happens
}

// Document is a whole page.
func Document(s Shell, main ...Node) Node {
	return h.Doctype(h.HTML(h.Lang("en"), g.If(s.Theme != "", h.Data("theme", s.Theme)),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.TitleEl(g.Text(s.Title+" · "+s.Brand)),
			h.Link(h.Rel("stylesheet"), h.Href(Asset("demarc.css"))),
			h.Link(h.Rel("icon"), h.Href(Asset("icon.svg")), h.Type("image/svg+xml")),
			h.Script(h.Src(Asset("demarc.js")), h.Defer()),
		),
		h.Body(
			h.A(h.Class("skip"), h.Href("#main"), g.Text("Skip to the page")),
			s.bar(),
			h.Div(h.Class("frame"), g.If(len(s.Side) > 0, s.side()),
				h.Main(h.ID("main"), h.TabIndex("-1"), g.If(s.Live, g.Attr("data-stream")), g.Group(main))),
			s.foot(),
		)))
}

func (s Shell) bar() Node {
	return h.Header(h.Class("bar"),
		h.A(h.Class("brand"), h.Href("/"), mark(), h.Span(g.Text(s.Brand))),
		g.If(len(s.Areas) > 0, h.Nav(h.Class("areas"), h.Aria("label", "Parts of the portal"), items(s.Areas))),
		h.Div(h.Class("tools"), s.chooser(), s.person()))
}

// mark is the point where two networks meet.
func mark() Node {
	return g.El("svg", h.Class("mark"), g.Attr("viewBox", "0 0 32 32"), h.Aria("hidden", "true"),
		g.El("path", g.Attr("d", "M3 16h9M20 16h9")), g.El("circle", g.Attr("cx", "16"), g.Attr("cy", "16"), g.Attr("r", "4")),
		g.El("path", g.Attr("d", "M16 4v5M16 23v5")))
}

func items(list []Item) Node {
	return h.Ul(g.Map(list, func(i Item) Node {
		return h.Li(h.A(h.Href(i.Href), g.If(i.Current, h.Aria("current", "page")), g.Text(i.Label)))
	}))
}

func (s Shell) side() Node { return h.Nav(h.Class("side"), h.Aria("label", "Pages"), items(s.Side)) }

// chooser says which world is looked at, and on whose behalf, and changes it.
func (s Shell) chooser() Node {
	if s.Email == "" || len(s.Worlds) == 0 {
		return g.Text("")
	}
	kind := "Production"
	if s.Sandbox {
		kind = "Sandbox"
	}
	return h.Form(h.Class("chooser"), h.Method("post"), h.Action("/choose"), h.Input(h.Type("hidden"), h.Name(CSRFField), h.Value(s.CSRF)),
		h.Input(h.Type("hidden"), h.Name("back"), h.Value(s.Back)),
		h.Span(h.Class("badge kind"), g.Text(kind)),
		pick("world", "World", s.World, s.Worlds),
		g.If(len(s.Customers) > 0, pick("customer", "Customer", s.Customer, s.Customers)),
		h.Button(h.Type("submit"), h.Class("button quiet"), g.Text("Go")))
}

func pick(name, label, chosen string, choices []Choice) Node {
	return h.Select(h.Name(name), h.Aria("label", label), g.Attr("data-submit"), g.Map(choices, func(c Choice) Node {
		return h.Option(h.Value(c.Value), g.If(c.Value == chosen, h.Selected()), g.Text(c.Label))
	}))
}

func (s Shell) person() Node {
	theme := func(value, label string) Node {
		return h.Button(h.Type("submit"), h.Name("theme"), h.Value(value), g.If(s.Theme == value, h.Aria("pressed", "true")), g.Text(label))
	}
	themes := h.Form(h.Class("themes"), h.Method("post"), h.Action("/theme"), h.Input(h.Type("hidden"), h.Name(CSRFField), h.Value(s.CSRF)),
		h.Input(h.Type("hidden"), h.Name("back"), h.Value(s.Back)),
		h.FieldSet(h.Legend(g.Text("Colours")), theme("light", "Light"), theme("dark", "Dark"), theme("", "As the device")))
	if s.Email == "" {
		return h.Div(h.Class("person"), h.A(h.Href("/signin"), g.Text("Sign in")), h.A(h.Class("button"), h.Href("/signup"), g.Text("Sign up")))
	}
	return h.Details(h.Class("menu"), h.Summary(g.Text(s.Email)), h.Div(
		Small(s.OrgName), h.A(h.Href("/account"), g.Text("Account")), themes,
		h.Form(h.Method("post"), h.Action("/signout"), h.Input(h.Type("hidden"), h.Name(CSRFField), h.Value(s.CSRF)),
			h.Button(h.Type("submit"), h.Class("button quiet"), g.Text("Sign out")))))
}

func (s Shell) foot() Node {
	return h.Footer(h.Class("foot"), h.Nav(h.Aria("label", "More"), items([]Item{
		{Href: "/products", Label: "Products"}, {Href: "/docs/", Label: "API reference"}, {Href: "/docs/errors", Label: "Errors"},
		{Href: "/docs/machines", Label: "State machines"}, {Href: "/changes", Label: "Change log"},
	})))
}
