// Package ui is the portal's design system: the components that every page is put
// together from, their style sheet and the one small script.
//
// A component is a function that returns a node of HTML, or a struct with fields for
// what it shows. Pages nest them; no page writes classes of its own. What a component
// is given is text and is escaped; nothing here takes HTML from a caller.
//
//	nodes.go    text, time, lists of facts, badges, notices, empty states, code
//	form.go     a form with its values and what is wrong with them
//	fields.go   the inputs of a form
//	into.go     from a form's values to a use case's request
//	table.go    tables, pages of them, filters
//	shell.go    the document around a page: bars, navigation, theme
//	diagram.go  a state machine drawn, with the present state marked
//	layout.go   where its states, its labels and its edges go
//	settle.go   how far up or down in their columns
//	plot.go     figures over time
//	timeaxis.go which moments are named below them
//	assets.go   the style sheet, the script, the icon, each under a name that changes with it
package ui
