package ui

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"demarc/internal/fault"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Form is a form's values, and what is wrong with them. Names of fields are paths into
// a use case's request ("rateCenterOrders[0].quantity"), so that what a rule says about
// a field stands beside it.
type Form struct {
	Action string // where it is sent; "" for the page's own address
	CSRF   string // proves that the form is from this session's page
	Once   string // the form's number: sent twice, it is acted upon once
	Values url.Values

	errors map[string][]string // by field
	order  []string            // of the fields with errors
	top    []string            // what concerns no field
	labels map[string]string   // of the fields that are on the page
	files  bool                // it has a field for a file
	rows   map[string][]int    // of each list of the request, which rows of the form they are
}

// The names of the kit's own inputs.
const (
	// CSRFField carries the form's proof that it is from a page of this session.
	CSRFField = "_csrf"
	// OnceField carries the form's number.
	OnceField = "_once"
	// MoreField names the list that is to have one more row.
	MoreField = "_more"
)

// NewForm is a form with these values.
func NewForm(values url.Values) *Form {
	if values == nil {
		values = url.Values{}
	}
	return &Form{Values: values, errors: map[string][]string{}, labels: map[string]string{}}
}

// Value is the first value of a field, without spaces around it.
func (f *Form) Value(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

// Default sets a value where there is none.
func (f *Form) Default(name, value string) {
	if _, ok := f.Values[name]; !ok {
		f.Values.Set(name, value)
	}
}

// Has reports whether a field has a value among its values: a box that is ticked.
func (f *Form) Has(name, value string) bool { return slices.Contains(f.Values[name], value) }

// Rows is how many rows of a list the form has: at least least, one more where the
// person asked for one.
func (f *Form) Rows(list string, least int) int {
	n := least
	for name := range f.Values {
		if rest, ok := strings.CutPrefix(name, list+"["); ok {
			if index, _, ok := strings.Cut(rest, "]"); ok {
				if i, err := strconv.Atoi(index); err == nil && i < maxRows {
					n = max(n, i+1)
				}
			}
		}
	}
	if f.Values.Get(MoreField) == list {
		n++
	}
	return n
}

// WantsMore reports whether the person asked for one more row rather than to have the
// form acted upon: it is to be shown again.
func (f *Form) WantsMore() bool { return f.Values.Get(MoreField) != "" }

// Add says what is wrong with a field, to follow its name: "must be …". With no field
// it is about the whole form, a sentence.
func (f *Form) Add(field, message string) {
	if field == "" {
		f.top = append(f.top, message)
		return
	}
	if len(f.errors[field]) == 0 {
		f.order = append(f.order, field)
	}
	f.errors[field] = append(f.errors[field], message)
}

// Wrong reports whether anything is wrong.
func (f *Form) Wrong() bool { return len(f.top) > 0 || len(f.errors) > 0 }

// Fault takes what a use case refuses into the form: what concerns a field beside it, the
// rest above. It answers false when the error is no fault but a mistake of ours.
func (f *Form) Fault(err error) bool {
	e := fault.Of(err)
	if e == nil || e.Code.Status >= 500 {
		return false
	}
	if len(e.Violations) == 0 || e.Message != fault.Invalid.Text {
		f.top = append(f.top, e.Message)
	}
	for _, v := range e.Violations {
		f.Add(f.inForm(v.Field), v.Message)
	}
	if len(e.Next) > 0 {
		f.top = append(f.top, "Possible now: "+strings.Join(e.Next, ", ")+".")
	}
	return true
}

// Move puts what was said about one field to another: where a page asks in its own way.
func (f *Form) Move(from, to string) {
	if list, ok := f.errors[from]; ok {
		delete(f.errors, from)
		f.order = slices.DeleteFunc(f.order, func(s string) bool { return s == from })
		for _, m := range list {
			f.Add(to, m)
		}
	}
}

// fieldID is the id of a field's input.
func fieldID(name string) string {
	return "f-" + strings.NewReplacer("[", "-", "]", "", ".", "-").Replace(name)
}

// Node is the form: what is wrong, the fields, and a button that says what happens.
func (f *Form) Node(submit string, fields ...Node) Node {
	// Enter presses a form's first button: not the one that asks for one more row.
	first := h.Button(h.Type("submit"), h.Class("hidden"), h.TabIndex("-1"), h.Aria("hidden", "true"))
	return f.With([]Node{h.Button(h.Type("submit"), h.Class("button"), g.Text(submit))}, append([]Node{first}, fields...)...)
}

// With is Node with buttons of one's own: see Submit.
func (f *Form) With(buttons []Node, fields ...Node) Node {
	return h.Form(h.Class("form"), h.Method("post"), g.If(f.Action != "", h.Action(f.Action)), g.If(f.files, h.EncType("multipart/form-data")), g.Attr("novalidate"),
		f.hidden(), f.summary(), g.Group(fields), Actions(buttons...))
}

// Ask is a form that asks and changes nothing: what it asks is a part of the address.
func (f *Form) Ask(submit string, fields ...Node) Node {
	return h.Form(h.Class("form"), h.Method("get"), g.Attr("novalidate"), f.summary(), g.Group(fields),
		Actions(h.Button(h.Type("submit"), h.Class("button"), g.Text(submit))))
}

// Submit is a button of a form that says which of several things is to happen.
func Submit(name, value, text string) Node {
	return h.Button(h.Type("submit"), h.Class("button"), h.Name(name), h.Value(value), g.Text(text))
}

// MoreRows is a button that asks for one more row of a list.
func MoreRows(list, text string) Node {
	return h.Button(h.Type("submit"), h.Class("button quiet"), h.Name(MoreField), h.Value(list), g.Text(text))
}

func (f *Form) hidden() Node {
	return g.Group{h.Input(h.Type("hidden"), h.Name(CSRFField), h.Value(f.CSRF)),
		g.If(f.Once != "", h.Input(h.Type("hidden"), h.Name(OnceField), h.Value(f.Once)))}
}

// summary lists everything that is wrong, with a way to each field.
func (f *Form) summary() Node {
	if !f.Wrong() {
		return g.Text("")
	}
	return h.Div(h.Class("notice bad"), h.Role("alert"), h.TabIndex("-1"), g.Attr("data-focus"), h.ID("errors"),
		h.H2(g.Text("That did not work")),
		h.Ul(g.Map(f.top, func(m string) Node { return h.Li(g.Text(m)) }),
			g.Map(f.order, func(field string) Node {
				label, here := f.labels[field]
				if !here {
					return h.Li(g.Text(about(field, f.errors[field], ": ")))
				}
				return h.Li(h.A(h.Href("#"+fieldID(field)), g.Text(about(label, f.errors[field], ": "))))
			})))
}

// about says what is wrong with a field. A message follows the field's name ("must be …")
// unless it is a sentence of its own, which comes behind apart.
func about(label string, messages []string, apart string) string {
	text := strings.Join(messages, "; ")
	switch first, _ := utf8.DecodeRuneInString(text); {
	case !unicode.IsUpper(first):
		return label + " " + text
	case apart == " ": // beside its field
		return text
	}
	return label + apart + text
}

// Problems is what is wrong, for tests: field to messages, "" for the form as a whole.
func (f *Form) Problems() map[string][]string {
	all := maps.Clone(f.errors)
	if len(f.top) > 0 {
		all[""] = f.top
	}
	return all
}

// Act is a form of one button for an act that needs no question.
func Act(csrf, action, label string, values ...string) Node {
	return h.Form(h.Class("act"), h.Method("post"), h.Action(action), h.Input(h.Type("hidden"), h.Name(CSRFField), h.Value(csrf)),
		pairs(values), h.Button(h.Type("submit"), h.Class("button quiet"), g.Text(label)))
}

// Confirm is an act that destroys something: it asks once, and names what it is about.
// label is on the closed button ("Revoke…"), question asks about the object by name, yes
// is the verb on the button that does it.
func Confirm(csrf, action, label, question, yes string, values ...string) Node {
	return h.Details(h.Class("confirm"), h.Summary(h.Class("button quiet"), g.Text(label)),
		h.Form(h.Method("post"), h.Action(action), h.Input(h.Type("hidden"), h.Name(CSRFField), h.Value(csrf)), pairs(values),
			h.P(g.Text(question)), h.Button(h.Type("submit"), h.Class("button danger"), g.Text(yes))))
}

// pairs are hidden inputs: name, value, name, value.
func pairs(values []string) Node {
	var list g.Group
	for i := 0; i+1 < len(values); i += 2 {
		list = append(list, h.Input(h.Type("hidden"), h.Name(values[i]), h.Value(values[i+1])))
	}
	return list
}
