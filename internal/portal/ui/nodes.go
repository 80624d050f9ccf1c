package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Node is a piece of a page.
type Node = g.Node

// Text is text.
func Text(s string) Node { return g.Text(s) }

// Textf is text put together as by fmt.
func Textf(format string, args ...any) Node { return g.Textf(format, args...) }

// All is several nodes one after the other.
func All(nodes ...Node) Node { return g.Group(nodes) }

// If is the node when the condition holds, else nothing. Where the node cannot be made
// otherwise, use When.
func If(condition bool, n Node) Node { return g.If(condition, n) }

// When makes the node only when the condition holds.
func When(condition bool, n func() Node) Node { return g.Iff(condition, n) }

// Each makes a node of every element.
func Each[T any](list []T, n func(T) Node) Node { return g.Map(list, n) }

// P is a paragraph.
func P(text string) Node { return h.P(g.Text(text)) }

// Pf is a paragraph put together as by fmt.
func Pf(format string, args ...any) Node { return h.P(g.Textf(format, args...)) }

// Lead is the sentence below a page's heading.
func Lead(text string) Node { return h.P(h.Class("lead"), g.Text(text)) }

// Small is what is said in passing.
func Small(text string) Node { return h.P(h.Class("small"), g.Text(text)) }

// Strong is text that matters.
func Strong(text string) Node { return h.Strong(g.Text(text)) }

// Mono is an id, a number, a code: something to be read letter by letter.
func Mono(text string) Node { return h.Code(g.Text(text)) }

// Link is a link.
func Link(href, text string) Node { return h.A(h.Href(href), g.Text(text)) }

// Button is a link that looks like what it is: the next thing to do.
func Button(href, text string) Node { return h.A(h.Class("button"), h.Href(href), g.Text(text)) }

// Quiet is a link that looks like a button of less weight.
func Quiet(href, text string) Node { return h.A(h.Class("button quiet"), h.Href(href), g.Text(text)) }

// Actions are buttons beside each other.
func Actions(nodes ...Node) Node { return h.Div(h.Class("actions"), g.Group(nodes)) }

// Head is the top of a page: its heading, one sentence, and what can be done.
func Head(title, lead string, actions ...Node) Node {
	return h.Header(h.Class("head"), h.Div(h.H1(g.Text(title)), g.If(lead != "", Lead(lead))),
		g.If(len(actions) > 0, Actions(actions...)))
}

// Section is a part of a page with a heading of its own.
func Section(title string, nodes ...Node) Node {
	return h.Section(h.Class("section"), h.H2(g.Text(title)), g.Group(nodes))
}

// Live is a part of a page that follows what happens while the page is open. The id
// names it on its page. See web.Route.Live.
func Live(id string, nodes ...Node) Node {
	return h.Div(h.ID(id), g.Attr("data-live"), g.Group(nodes))
}

// Card is a surface for something that stands for itself; title may be "".
func Card(title string, nodes ...Node) Node {
	return h.Div(h.Class("card"), g.If(title != "", h.H3(g.Text(title))), g.Group(nodes))
}

// Grid lays cards side by side, as many as there is room for.
func Grid(nodes ...Node) Node { return h.Div(h.Class("grid"), g.Group(nodes)) }

// Split is two columns, the first one wider, where there is room.
func Split(wide, narrow Node) Node {
	return h.Div(h.Class("split"), h.Div(wide), h.Div(narrow))
}

// Fact is a name and what is to be said of it.
type Fact struct {
	Name  string
	Value Node
}

// Facts is a list of facts.
func Facts(facts ...Fact) Node {
	return h.Dl(h.Class("facts"), g.Map(facts, func(f Fact) Node {
		return h.Div(h.Dt(g.Text(f.Name)), h.Dd(f.Value))
	}))
}

// Stat is one figure with its name; href may be "".
func Stat(figure, name, href string) Node {
	body := g.Group{h.Span(h.Class("figure"), g.Text(figure)), h.Span(g.Text(name))}
	if href == "" {
		return h.Div(h.Class("stat"), body)
	}
	return h.A(h.Class("stat"), h.Href(href), body)
}

// Stats is figures side by side.
func Stats(nodes ...Node) Node { return h.Div(h.Class("stats"), g.Group(nodes)) }

// Tone is how something is going.
type Tone string

// The tones.
const (
	Plain   Tone = "plain"
	Good    Tone = "good"
	Waiting Tone = "waiting"
	Bad     Tone = "bad"
)

// tones are those of the states that there are, of all products.
var tones = map[Tone]string{
	Good: ` approved active completed enabled delivered succeeded success closed in_service healthy accepted confirmed provisioned live ok available published firm `,
	Waiting: ` pending acknowledged in_progress inprogress held created waiting retrying slow half_open change_pending disconnect_pending
		backorder backordered short_supply submitted requested aging reserved partial draft assessing foc
		awaiting provider_in_process provisioning ending `,
	Bad: ` revoked failed rejected cancelled canceled disabled disconnected suspended unavailable expired declined open error timeout abandoned terminated ended dead jeopardy given_up credit_check_rejected `,
}

// ToneOf is how a state sounds: as a whole, or else its first word ("rejected by the
// losing carrier").
func ToneOf(state string) Tone {
	whole := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(state)))
	first, _, _ := strings.Cut(whole, "_")
	for _, key := range []string{whole, first} {
		for _, t := range []Tone{Good, Waiting, Bad} {
			if key != "" && slices.Contains(strings.Fields(tones[t]), key) {
				return t
			}
		}
	}
	return Plain
}

// State is a state as a badge.
func State(state string) Node { return Badge(ToneOf(state), strings.ReplaceAll(state, "_", " ")) }

// Badge is a word in a tone.
func Badge(t Tone, text string) Node {
	return h.Span(h.Class("badge "+string(t)), g.Text(text))
}

// Notice tells the reader something; role says whether it interrupts.
func Notice(t Tone, nodes ...Node) Node {
	role := "status"
	if t == Bad {
		role = "alert"
	}
	return h.Div(h.Class("notice "+string(t)), h.Role(role), g.Group(nodes))
}

// Empty is what is shown where there is nothing yet: what it would be, and what to do next.
func Empty(title, text string, actions ...Node) Node {
	return h.Div(h.Class("empty"), h.P(h.Strong(g.Text(title))), h.P(g.Text(text)), g.If(len(actions) > 0, Actions(actions...)))
}

// Time is a moment, in UTC; the zero moment is a dash.
func Time(t time.Time) Node {
	if t.IsZero() {
		return g.Text("–")
	}
	t = t.UTC()
	return h.Time(h.DateTime(t.Format(time.RFC3339)), h.Title(t.Format("Monday, 2 January 2006, 15:04:05.000 UTC")), g.Text(t.Format("2 Jan 2006, 15:04:05")))
}

// Day is a day; the zero day is a dash.
func Day(t time.Time) Node {
	if t.IsZero() {
		return g.Text("–")
	}
	return h.Time(h.DateTime(t.Format(time.DateOnly)), g.Text(t.Format("2 Jan 2006")))
}

// Duration is a span for people: 2.3 ms, 4 s, 3 h 20 min, 5 d 2 h.
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatFloat(float64(d.Microseconds())/1000, 'g', 3, 64) + " ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'g', 3, 64) + " s"
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
}

// Count is a number with its thousands apart: 1,234,567.
func Count[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// CodeBlock is text to be read as it is, with a button that copies it where there is a script.
func CodeBlock(label, text string) Node {
	return h.Figure(h.Class("code"), h.FigCaption(h.Span(g.Text(label)), h.Button(h.Type("button"), h.Class("copy"), g.Attr("data-copy"), g.Attr("hidden"), g.Text("Copy"))),
		h.Pre(h.TabIndex("0"), g.Attr("aria-label", label), h.Code(g.Text(text))))
}

// Secret is a secret that is shown this once.
func Secret(label, value, after string) Node {
	return h.Div(h.Class("secret"), CodeBlock(label, value), Small(after))
}

// Steps is a list of things to do in order, some of them done.
func Steps(steps ...Step) Node {
	return h.Ol(h.Class("steps"), g.Map(steps, func(s Step) Node {
		class := "todo"
		if s.Done {
			class = "done"
		}
		return h.Li(h.Class(class), h.Div(h.Strong(g.Text(s.Title)), g.If(s.Done, h.Span(h.Class("hidden"), g.Text(" (done)"))), h.P(g.Text(s.Text)),
			g.If(s.Action != nil && !s.Done, s.Action)))
	}))
}

// Step is one thing to do.
type Step struct {
	Title, Text string
	Done        bool
	Action      Node // may be nil
}

// Tab is one of several views of a thing.
type Tab struct {
	Href, Label string
	Current     bool
}

// Tabs lead to several views of a thing.
func Tabs(label string, tabs ...Tab) Node {
	return h.Nav(h.Class("tabs"), h.Aria("label", label), h.Ul(g.Map(tabs, func(t Tab) Node {
		return h.Li(h.A(h.Href(t.Href), g.If(t.Current, h.Aria("current", "page")), g.Text(t.Label)))
	})))
}

// More hides what few readers want behind its title.
func More(title string, nodes ...Node) Node {
	return h.Details(h.Class("more"), h.Summary(g.Text(title)), g.Group(nodes))
}

// Entry is one entry of a history.
type Entry struct {
	At             time.Time
	Who            string
	What, From, To string
	Note           string
}

// History is who did what and when, in the order given.
func History(entries ...Entry) Node {
	return h.Ol(h.Class("history"), g.Map(entries, func(e Entry) Node {
		return h.Li(h.Div(Time(e.At), g.Text(" "), h.Strong(g.Text(strings.ReplaceAll(e.What, "_", " "))), g.If(e.To != "", g.Group{g.Text(" "), State(e.To)})),
			h.P(h.Class("small"), g.Text(strings.TrimSuffix("by "+e.Who+" · "+e.Note, " · "))))
	}))
}
