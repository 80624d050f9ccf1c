package ui

import (
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Input is a field of one line.
type Input struct {
	Name, Label string
	Type        string // text unless said otherwise: email, password, number, date, url, tel
	Hint        string // one sentence below the label
	Required    bool
	Autocomplete,
	Placeholder string
	Max       int      // characters; 0: as the server says
	Suggest   []string // values to choose from, without being bound to them
	Focus     bool     // the page's first field
	Narrow    bool     // a short value: a state, a quantity
	InputMode string   // which keyboard a phone shows: numeric, tel
}

// In is the field in a form.
func (i Input) In(f *Form) Node {
	kind := i.Type
	if kind == "" {
		kind = "text"
	}
	id := fieldID(i.Name)
	value := f.Values.Get(i.Name)
	if kind == "password" {
		value = "" // a page never says one back
	}
	list := ""
	if len(i.Suggest) > 0 {
		list = id + "-list"
	}
	return f.field(i.Name, i.Label, i.Hint, i.Required, i.Narrow,
		h.Input(h.ID(id), h.Name(i.Name), h.Type(kind), g.If(value != "", h.Value(value)), g.If(i.Required, h.Required()),
			g.If(i.Autocomplete != "", h.AutoComplete(i.Autocomplete)), g.If(i.Placeholder != "", h.Placeholder(i.Placeholder)),
			g.If(i.InputMode != "", g.Attr("inputmode", i.InputMode)), g.If(i.Max > 0, g.Attr("maxlength", itoa(i.Max))),
			g.If(i.Focus, h.AutoFocus()), g.If(list != "", g.Attr("list", list)), f.described(i.Name, i.Hint)),
		g.If(list != "", h.DataList(h.ID(list), g.Map(i.Suggest, func(s string) Node { return h.Option(h.Value(s)) }))))
}

// Textarea is a field of several lines.
type Textarea struct {
	Name, Label, Hint string
	Rows              int
	Required          bool
}

// In is the field in a form.
func (t Textarea) In(f *Form) Node {
	return f.field(t.Name, t.Label, t.Hint, t.Required, false,
		h.Textarea(h.ID(fieldID(t.Name)), h.Name(t.Name), h.Rows(itoa(max(t.Rows, 3))), g.If(t.Required, h.Required()),
			f.described(t.Name, t.Hint), g.Text(f.Values.Get(t.Name))))
}

// Choice is one value that can be chosen.
type Choice struct{ Value, Label, Hint string }

// Of are choices whose labels are their values.
func Of(values ...string) []Choice {
	list := make([]Choice, len(values))
	for i, v := range values {
		list[i] = Choice{Value: v, Label: strings.ReplaceAll(v, "_", " ")}
	}
	return list
}

// Select is a field with one of several values.
type Select struct {
	Name, Label, Hint string
	Choices           []Choice
	Blank             string // what stands for no value; "": there is no such choice
	Required, Narrow  bool
}

// In is the field in a form.
func (s Select) In(f *Form) Node {
	chosen := f.Values.Get(s.Name)
	return f.field(s.Name, s.Label, s.Hint, s.Required, s.Narrow,
		h.Select(h.ID(fieldID(s.Name)), h.Name(s.Name), g.If(s.Required, h.Required()), f.described(s.Name, s.Hint),
			g.If(s.Blank != "", h.Option(h.Value(""), g.Text(s.Blank))),
			g.Map(s.Choices, func(c Choice) Node {
				return h.Option(h.Value(c.Value), g.If(c.Value == chosen && chosen != "", h.Selected()), g.Text(c.Label))
			})))
}

// Choices is a group of which one (radio) or any number (boxes) can be chosen.
type Choices struct {
	Name, Label, Hint string
	Choices           []Choice
	Many, Required    bool
}

// In is the group in a form.
func (c Choices) In(f *Form) Node {
	f.labels[c.Name] = c.Label
	kind := "radio"
	if c.Many {
		kind = "checkbox"
	}
	id := fieldID(c.Name)
	return h.FieldSet(h.ID(id), h.Class("choices"), h.TabIndex("-1"), f.describedGroup(c.Name, c.Hint), h.Legend(g.Text(c.Label), optional(c.Required || c.Many)), hint(id, c.Hint), f.wrong(c.Name),
		g.Map(c.Choices, func(o Choice) Node {
			return h.Label(h.Class("choice"), h.Input(h.Type(kind), h.Name(c.Name), h.Value(o.Value), g.If(f.Has(c.Name, o.Value), h.Checked())),
				h.Span(g.Text(o.Label), g.If(o.Hint != "", h.Small(g.Text(o.Hint)))))
		}))
}

// Check is one box; its value is "true".
type Check struct{ Name, Label, Hint string }

// In is the box in a form.
func (c Check) In(f *Form) Node {
	f.labels[c.Name] = c.Label
	return h.Div(h.Class("field"), f.wrong(c.Name), h.Label(h.Class("choice"),
		h.Input(h.ID(fieldID(c.Name)), h.Type("checkbox"), h.Name(c.Name), h.Value("true"), g.If(f.Has(c.Name, "true"), h.Checked()), f.described(c.Name, "")),
		h.Span(g.Text(c.Label), g.If(c.Hint != "", h.Small(g.Text(c.Hint))))))
}

// File is a field for a file; Accept says of which kinds: ".csv".
type File struct{ Name, Label, Hint, Accept string }

// In is the field in a form.
func (i File) In(f *Form) Node {
	f.files = true
	return f.field(i.Name, i.Label, i.Hint, false, false, h.Input(h.ID(fieldID(i.Name)), h.Name(i.Name), h.Type("file"), g.If(i.Accept != "", h.Accept(i.Accept)),
		f.described(i.Name, i.Hint)))
}

// Hidden is a value that the form carries along.
func Hidden(f *Form, name string) Node {
	return h.Input(h.Type("hidden"), h.Name(name), h.Value(f.Values.Get(name)))
}

// Group is a part of a form under a legend.
func Group(legend, text string, fields ...Node) Node {
	return h.FieldSet(h.Class("group"), h.Legend(g.Text(legend)), g.If(text != "", Small(text)), g.Group(fields))
}

// Row lays fields side by side where there is room.
func Row(fields ...Node) Node { return h.Div(h.Class("row"), g.Group(fields)) }

// field is a labelled input with its hint and what is wrong with it.
func (f *Form) field(name, label, text string, required, narrow bool, input ...Node) Node {
	f.labels[name] = label
	id := fieldID(name)
	class := "field"
	if narrow {
		class += " narrow"
	}
	return h.Div(h.Class(class), h.Label(h.For(id), g.Text(label), optional(required)), hint(id, text), f.wrong(name), g.Group(input))
}

func optional(required bool) Node {
	return g.If(!required, h.Span(h.Class("optional"), g.Text(" (optional)")))
}

func hint(id, text string) Node {
	return g.If(text != "", h.P(h.Class("hint"), h.ID(id+"-hint"), g.Text(text)))
}

// wrong is what is wrong with a field.
func (f *Form) wrong(name string) Node {
	list := f.errors[name]
	return g.If(len(list) > 0, h.P(h.Class("wrong"), h.ID(fieldID(name)+"-wrong"), g.Text(about(f.labels[name], list, " "))))
}

// describedGroup does for a group what described does for an input; a group as such is
// never invalid.
func (f *Form) describedGroup(name, text string) Node {
	id := fieldID(name)
	var by []string
	if text != "" {
		by = append(by, id+"-hint")
	}
	if len(f.errors[name]) > 0 {
		by = append(by, id+"-wrong")
	}
	return g.If(len(by) > 0, h.Aria("describedby", strings.Join(by, " ")))
}

// described ties an input to its hint and to what is wrong with it.
func (f *Form) described(name, text string) Node {
	id, by := fieldID(name), ""
	if text != "" {
		by = id + "-hint"
	}
	if len(f.errors[name]) > 0 {
		return g.Group{h.Aria("describedby", strings.TrimSpace(by+" "+id+"-wrong")), h.Aria("invalid", "true")}
	}
	return g.If(by != "", h.Aria("describedby", by))
}
