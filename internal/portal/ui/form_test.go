package ui_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/fault"
	"demarc/internal/portal/ui"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

// page is a node as the browser has it.
func page(t *testing.T, n ui.Node) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(rendered(t, n)))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func rendered(t *testing.T, n ui.Node) string {
	t.Helper()
	var b strings.Builder
	if err := n.Render(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// elements are those of this name, "" for all, that have the attribute with this value;
// an attribute "" is no matter.
func elements(root *html.Node, name, attribute, value string) []*html.Node {
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && (name == "" || n.Data == name) && (attribute == "" || slices.Contains(strings.Fields(of(n, attribute)), value) || of(n, attribute) == value) {
			all = append(all, n)
		}
	}
	return all
}

// of is an attribute's value.
func of(n *html.Node, attribute string) string {
	for _, a := range n.Attr {
		if a.Key == attribute {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, attribute string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == attribute })
}

// textOf is what an element says.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// one is the only element that there is.
func one(t *testing.T, root *html.Node, name, attribute, value string) *html.Node {
	t.Helper()
	all := elements(root, name, attribute, value)
	if len(all) != 1 {
		t.Fatalf("%d elements <%s %s=%q>, want one", len(all), name, attribute, value)
	}
	return all[0]
}

func TestAFormKeepsWhatWasEnteredButNoPassword(t *testing.T) {
	t.Parallel()
	f := ui.NewForm(url.Values{"name": {` a "b" <c> `}, "secret": {"hunter2"}, "note": {"line 1\nline 2"}, "state": {"CO"}, "kind": {"port"}, "days": {"mon", "fri"}, "terms": {"true"}, "id": {"x 1"}})
	f.CSRF = "proof"
	root := page(t, f.Node("Save",
		ui.Input{Name: "name", Label: "Name"}.In(f), ui.Input{Name: "secret", Label: "Password", Type: "password"}.In(f), ui.Textarea{Name: "note", Label: "Note"}.In(f),
		ui.Select{Name: "state", Label: "State", Choices: ui.Of("IL", "CO"), Blank: "Any"}.In(f), ui.Hidden(f, "id"),
		ui.Choices{Name: "kind", Label: "Kind", Choices: ui.Of("reserve", "port")}.In(f), ui.Choices{Name: "days", Label: "Days", Many: true, Choices: ui.Of("mon", "tue", "fri")}.In(f),
		ui.Check{Name: "terms", Label: "Terms"}.In(f)))
	got := map[string][]string{}
	for _, n := range elements(root, "input", "", "") {
		if kind := of(n, "type"); kind != "radio" && kind != "checkbox" || has(n, "checked") {
			got[of(n, "name")] = append(got[of(n, "name")], of(n, "value"))
		}
	}
	got["note"] = []string{one(t, root, "textarea", "", "").FirstChild.Data}
	for _, n := range elements(root, "option", "", "") {
		if has(n, "selected") {
			got["state"] = append(got["state"], of(n, "value"))
		}
	}
	want := map[string][]string{"_csrf": {"proof"}, "name": {` a "b" <c> `}, "secret": {""}, "note": {"line 1\nline 2"}, "state": {"CO"}, "id": {"x 1"}, "kind": {"port"}, "days": {"mon", "fri"}, "terms": {"true"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if out := rendered(t, f.Node("Save")); strings.Contains(out, "hunter2") {
		t.Error("the password is said back")
	}
}

// What is wrong with a field stands beside it, is tied to it, and is in the summary with
// a link that leads to it.
func TestWhatIsWrongIsBesideTheFieldAndInTheSummary(t *testing.T) {
	t.Parallel()
	f := ui.NewForm(nil)
	f.Add("rows[0].quantity", "must be between 1 and 500")
	f.Add("rows[0].quantity", "must be a number")
	f.Add("kind", "must be chosen")
	f.Add("terms", "must be accepted")
	f.Add("state", "is not served")
	f.Add("note", "is too long")
	f.Add("elsewhere", "is missing")
	f.Add("", "Come back tomorrow.")
	root := page(t, f.Node("Save",
		ui.Input{Name: "rows[0].quantity", Label: "Quantity", Hint: "How many."}.In(f), ui.Choices{Name: "kind", Label: "Kind", Hint: "Of order.", Choices: ui.Of("a", "b")}.In(f),
		ui.Check{Name: "terms", Label: "Terms"}.In(f), ui.Select{Name: "state", Label: "State", Choices: ui.Of("IL")}.In(f), ui.Textarea{Name: "note", Label: "Note"}.In(f)))
	summary := one(t, root, "div", "id", "errors")
	if !has(summary, "data-focus") || of(summary, "role") != "alert" || of(summary, "tabindex") != "-1" {
		t.Error("the summary cannot be focused, or is no alert")
	}
	var said []string
	for _, li := range elements(summary, "li", "", "") {
		said = append(said, textOf(li))
	}
	want := []string{"Come back tomorrow.", "Quantity must be between 1 and 500; must be a number", "Kind must be chosen", "Terms must be accepted", "State is not served", "Note is too long", "elsewhere is missing"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
	links := elements(summary, "a", "", "")
	if len(links) != 5 {
		t.Errorf("%d links in the summary, want one for each field that is on the page", len(links))
	}
	for _, a := range links {
		target := one(t, root, "", "id", strings.TrimPrefix(of(a, "href"), "#"))
		told := false
		for id := range strings.FieldsSeq(of(target, "aria-describedby")) {
			told = told || textOf(one(t, root, "", "id", id)) == textOf(a)
		}
		if !told {
			t.Errorf("%s is not described by %q but by %q", of(a, "href"), textOf(a), of(target, "aria-describedby"))
		}
		if focusable := slices.Contains([]string{"input", "select", "textarea"}, target.Data) || of(target, "tabindex") == "-1"; !focusable {
			t.Errorf("%s leads to a <%s>, which cannot be focused", of(a, "href"), target.Data)
		}
		if invalid := of(target, "aria-invalid") == "true"; invalid != (target.Data != "fieldset") {
			t.Errorf("%s: aria-invalid is %v on a <%s>", of(a, "href"), invalid, target.Data)
		}
	}
	for _, label := range elements(root, "label", "", "") {
		if id := of(label, "for"); has(label, "for") {
			one(t, root, "", "id", id)
		}
	}
}

var tooMany = fault.New("platform", "ui_test_too_many", 409, "There are too many.")

func TestAFaultGoesIntoTheForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		err   error
		taken bool
		want  map[string][]string
	}{
		{"rules broken", fault.Invalid.With(fault.Field("X-1", "name", "must be given"), fault.Field("X-2", "rows[1].quantity", "is too high")), true,
			map[string][]string{"name": {"must be given"}, "rows[1].quantity": {"is too high"}}},
		{"a refusal", tooMany.With(), true, map[string][]string{"": {"There are too many."}}},
		{"a refusal about a field", tooMany.With(fault.Field("X-3", "name", "is taken")), true, map[string][]string{"": {"There are too many."}, "name": {"is taken"}}},
		{"a wrong move", tooMany.Instead([]string{"cancel", "wait"}), true, map[string][]string{"": {"There are too many.", "Possible now: cancel, wait."}}},
		{"a mistake of ours", errors.New("no such table"), false, map[string][]string{}},
	} {
		f := ui.NewForm(nil)
		if taken := f.Fault(c.err); taken != c.taken || f.Wrong() != c.taken {
			t.Errorf("%s: taken %v, wrong %v", c.name, taken, f.Wrong())
		}
		if diff := cmp.Diff(c.want, f.Problems()); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	f := ui.NewForm(nil)
	f.Add("service.id", "is unknown")
	f.Move("service.id", "service")
	f.Move("absent", "service")
	if diff := cmp.Diff(map[string][]string{"service": {"is unknown"}}, f.Problems()); diff != "" {
		t.Error(diff)
	}
}

func TestRowsOfAForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values url.Values
		want   int
	}{
		{nil, 1},
		{url.Values{"rows[0].a": {""}}, 1},
		{url.Values{"rows[2].a": {"x"}}, 3},
		{url.Values{"rows[2].a": {"x"}, "_more": {"rows"}}, 4},
		{url.Values{"_more": {"others"}}, 1},
		{url.Values{"rows[-4].a": {"x"}, "rows[x]": {""}, "rows[": {""}, "rowsy[7]": {""}, "rows[1000000]": {""}}, 1},
	} {
		f := ui.NewForm(c.values)
		if got := f.Rows("rows", 1); got != c.want {
			t.Errorf("%v: %d rows, want %d", c.values, got, c.want)
		}
		if f.WantsMore() != (c.values.Get("_more") != "") {
			t.Errorf("%v: WantsMore is wrong", c.values)
		}
	}
	f := ui.NewForm(url.Values{"kept": {""}})
	f.Default("kept", "a")
	f.Default("new", " b ")
	if f.Values.Get("kept") != "" || f.Value("new") != "b" {
		t.Errorf("after Default: %v", f.Values)
	}
}

const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;]]>` + "\x00\u202e"

// Whatever a component is given comes out as text.
func TestNothingThatAComponentIsGivenBecomesMarkup(t *testing.T) {
	t.Parallel()
	x := hostile
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	f := ui.NewForm(url.Values{x: {x}, "a": {x}, "b": {x}})
	f.Action, f.CSRF = x, x
	f.Add(x, x)
	f.Add("", x)
	f.Add("a", x)
	choices := []ui.Choice{{Value: x, Label: x, Hint: x}}
	shell := ui.Shell{Title: x, Brand: x, Areas: []ui.Item{{Href: x, Label: x}}, Side: []ui.Item{{Href: x, Label: x}}, Theme: x, Email: x, OrgName: x, CSRF: x, World: x, Worlds: choices, Customer: x, Customers: choices, Back: x}
	root := page(t, ui.Document(shell,
		ui.Head(x, x, ui.Button(x, x), ui.Quiet(x, x), ui.Link(x, x)), ui.Section(x, ui.P(x), ui.Pf("%s", x), ui.Textf("%s", x), ui.Strong(x), ui.Mono(x)), ui.Live(x, ui.Text(x)), ui.Card(x, ui.Small(x)),
		ui.Facts(ui.Fact{Name: x, Value: ui.Text(x)}), ui.Stats(ui.Stat(x, x, x), ui.Stat(x, x, "")), ui.State(x), ui.Badge(ui.Tone(x), x), ui.Notice(ui.Tone(x), ui.Text(x)), ui.Empty(x, x),
		ui.CodeBlock(x, x), ui.Secret(x, x, x), ui.Steps(ui.Step{Title: x, Text: x}), ui.Tabs(x, ui.Tab{Href: x, Label: x}), ui.More(x, ui.Text(x)), ui.History(ui.Entry{At: at, Who: x, What: x, From: x, To: x, Note: x}),
		ui.Table(x, []string{x}, [][]ui.Node{{ui.Text(x), ui.Text(x)}}, nil), ui.Pager(x, url.Values{x: {x}, "page": {"2"}}, 1000), ui.Older(x, url.Values{x: {x}}, x, x), ui.Filter(f),
		f.With([]ui.Node{ui.Submit(x, x, x), ui.MoreRows(x, x)}, ui.Input{Name: x, Label: x, Type: x, Hint: x, Autocomplete: x, Placeholder: x, Suggest: []string{x}, InputMode: x}.In(f),
			ui.Textarea{Name: "a", Label: x, Hint: x}.In(f), ui.Select{Name: "b", Label: x, Hint: x, Choices: choices, Blank: x}.In(f), ui.Choices{Name: "c", Label: x, Hint: x, Choices: choices}.In(f),
			ui.Check{Name: "d", Label: x, Hint: x}.In(f), ui.Hidden(f, "a"), ui.Group(x, x)),
		ui.Act(x, x, x, x, x), ui.Confirm(x, x, x, x, x, x, x),
		ui.Diagram(hostileMachine(x), x, []string{x}),
		ui.Plot{Title: x, Unit: x, Times: []time.Time{at}, Series: []ui.Series{{Name: x, Values: []float64{1}}, {Name: x, Values: []float64{2}, Tone: ui.Tone(x)}}}.Node()))
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "img" || n.Data == "script" && of(n, "src") != ui.Asset("demarc.js") {
			t.Errorf("a <%s> of a stranger in <%s class=%q>", n.Data, n.Parent.Data, of(n.Parent, "class"))
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("<%s> has the attribute %s", n.Data, a.Key)
			}
		}
	}
}
