package market

import (
	"strings"

	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// contains is whether a text has a part, whatever their case.
func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// pageOf is the part of a list that is in memory anyway which the visitor looks at.
func pageOf[T any](v *web.Visit, list []T) []T {
	from := min((ui.PageOf(v.Query())-1)*ui.PageSize, len(list))
	return list[from:min(from+ui.PageSize, len(list))]
}

// filterOf is a filter of one field, where there is something to filter.
func filterOf(v *web.Visit, name, label string, useful bool) ui.Node {
	return ui.When(useful, func() ui.Node {
		f := v.Form()
		return ui.Filter(f, ui.Input{Name: name, Label: label}.In(f))
	})
}
