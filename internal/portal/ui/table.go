package ui

import (
	"maps"
	"net/url"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Table is a table with a caption for those who cannot see it. Where a screen is narrow
// each row becomes a card. empty stands in its place when there are no rows.
func Table(caption string, columns []string, rows [][]Node, empty Node) Node {
	if len(rows) == 0 {
		return empty
	}
	return h.Div(h.Class("table"), h.TabIndex("0"), h.Role("region"), g.Attr("aria-label", caption), h.Table(h.Caption(h.Class("hidden"), g.Text(caption)),
		h.THead(h.Tr(g.Map(columns, func(c string) Node { return h.Th(h.Scope("col"), heading(c)) }))),
		h.TBody(g.Map(rows, func(row []Node) Node {
			var cells g.Group
			for i, cell := range row {
				label := ""
				if i < len(columns) {
					label = columns[i]
				}
				cells = append(cells, h.Td(g.Attr("data-label", label), cell))
			}
			return h.Tr(cells)
		}))))
}

// heading is a column's name. A column of buttons needs none to be seen.
func heading(name string) Node {
	if name == "" {
		return h.Span(h.Class("hidden"), g.Text("What can be done"))
	}
	return g.Text(name)
}

// PageSize is how many rows a table has before there is a next page.
const PageSize = 50

// PageOf reads which page a person wants: 1 and on.
func PageOf(query url.Values) int {
	n, err := strconv.Atoi(query.Get("page"))
	if err != nil || n < 1 || n > 1_000_000 {
		return 1
	}
	return n
}

// Pager leads through the pages of a list of total rows; query is the page's own.
func Pager(path string, query url.Values, total int) Node {
	page, last := PageOf(query), max(1, (total+PageSize-1)/PageSize)
	if last == 1 && page == 1 {
		return h.P(h.Class("small pager"), g.Text(Count(total)+" in all"))
	}
	to := func(n int) string { return With(path, query, "page", itoa(n)) }
	return h.Nav(h.Class("pager"), h.Aria("label", "Pages of the list"),
		g.If(page > 1, h.A(h.Class("button quiet"), h.Rel("prev"), h.Href(to(min(page-1, last))), g.Text("Previous"))),
		h.Span(g.Textf("Page %d of %d, %s in all", page, last, Count(total))),
		g.If(page < last, h.A(h.Class("button quiet"), h.Rel("next"), h.Href(to(page+1)), g.Text("Next"))))
}

// Older leads to what is older in a list that is read from its newest end; name is the
// parameter that says where to go on, "" at its end.
func Older(path string, query url.Values, name, from string) Node {
	if from == "" {
		return g.If(query.Get(name) != "", h.Nav(h.Class("pager"), h.Aria("label", "Pages of the list"), Quiet(With(path, query, name, ""), "Newest")))
	}
	return h.Nav(h.Class("pager"), h.Aria("label", "Pages of the list"),
		g.If(query.Get(name) != "", Quiet(With(path, query, name, ""), "Newest")), Quiet(With(path, query, name, from), "Older"))
}

// With is an address whose query has one value changed, or removed where it is "".
func With(path string, query url.Values, name, value string) string {
	q := url.Values{}
	maps.Copy(q, query)
	q.Del(name)
	if name != "page" {
		q.Del("page")
	}
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Filter is a form that chooses rows; it is part of the address, so that it can be kept.
func Filter(f *Form, fields ...Node) Node {
	return h.Form(h.Class("filter"), h.Method("get"), h.Role("search"), g.Group(fields),
		h.Div(h.Class("actions"), h.Button(h.Type("submit"), h.Class("button quiet"), g.Text("Filter")), h.A(h.Href("?"), g.Text("Clear"))))
}
