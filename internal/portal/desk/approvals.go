package desk

import (
	"strings"

	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// approvals leads to what the visitor may decide about.
func (s *screens) approvals(v *web.Visit) error {
	if v.May(web.Staff) {
		return v.Go("/desk/approvals/applications")
	}
	return v.Go("/desk/approvals/exceptions")
}

// approvalTabs are the kinds of what is decided about.
func approvalTabs(v *web.Visit, current string) ui.Node {
	v.Under("/desk/approvals")
	tab := func(path, label string) ui.Tab {
		return ui.Tab{Href: "/desk/approvals/" + path, Label: label, Current: path == current}
	}
	tabs := []ui.Tab{tab("exceptions", "TN exceptions")}
	if v.May(web.Staff) {
		tabs = append([]ui.Tab{tab("applications", "Applications"), tab("customers", "Customers asked for")}, tabs...)
	}
	return ui.Tabs("What is decided about", tabs...)
}

// noteOf is the field of a decision's note; a page has one for each of its rows.
func noteOf(id string) string { return "note-" + id }

// decision is the form in which one of a list's rows is decided about: opened by its row,
// with what it is about by name.
func decision(v *web.Visit, f *ui.Form, id, about, yes, no string) ui.Node {
	mine := only(v, f, "decide "+id)
	open := func(n ui.Node) ui.Node { return ui.More("Decide…", n) }
	if mine.Wrong() {
		open = func(n ui.Node) ui.Node { return n }
	}
	return open(mine.With([]ui.Node{ui.Submit("decision", "yes", yes), ui.Submit("decision", "no", no)},
		ui.Hidden(mine, actField), ui.Small(about),
		ui.Textarea{Name: noteOf(id), Label: "Note", Hint: "Why, for those who asked.", Rows: 3}.In(mine)))
}

// decide reads which row is decided about, and how. A note that is refused is said beside
// its field.
func decide(v *web.Visit, f *ui.Form, back string, page func(v *web.Visit, f *ui.Form) error,
	do func(id string, yes bool, note string) (said string, err error),
) error {
	id, ok := cutAct(f, "decide ")
	if !ok {
		return web.NoSuchPage
	}
	said, err := do(id, f.Value("decision") == "yes", f.Value(noteOf(id)))
	if err == nil {
		return v.Done(back, said)
	}
	if !f.Fault(err) {
		return err
	}
	f.Move("note", noteOf(id))
	return v.Refused(f, nil, page)
}

// cutAct is what a form's act is about.
func cutAct(f *ui.Form, verb string) (id string, ok bool) {
	return strings.CutPrefix(f.Value(actField), verb)
}
