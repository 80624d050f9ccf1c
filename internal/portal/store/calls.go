package store

import (
	"math"
	"strconv"
	"time"

	"demarc/internal/db"
	"demarc/internal/marketplace"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// directions are who called whom, for people.
var directions = map[string]string{marketplace.CallOut: "We called", marketplace.CallTest: "Test call", marketplace.CallIn: "It called"}

// calls is what a provider and the marketplace told each other, newest first.
func (s *screens) calls(v *web.Visit) error {
	p, _, err := s.find(v)
	if err != nil {
		return err
	}
	f, q := v.Form(), v.Query()
	before, err := strconv.ParseInt(q.Get("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	var list []marketplace.Call
	err = v.View(func(tx *db.Tx) (err error) {
		list, err = s.Marketplace.Log(tx, manager(v), marketplace.CallFilter{Provider: p.ID, Subscription: f.Value("subscription"), Direction: f.Value("direction"), Wrong: f.Has("wrong", "true")}, before, ui.PageSize+1)
		return err
	})
	if err != nil {
		return missing(err)
	}
	path, older := provHome+"/"+p.ID+"/calls", ""
	if len(list) > ui.PageSize {
		list = list[:ui.PageSize]
		older = strconv.FormatInt(list[ui.PageSize-1].N, 10)
	}
	rows := make([][]ui.Node, len(list))
	for i, c := range list {
		rows[i] = []ui.Node{ui.Link(path+"/"+strconv.FormatInt(c.N, 10), c.At.UTC().Format("2 Jan, 15:04:05")), ui.Text(directions[c.Direction]), callState(c), orDash(c.Problem), ui.Link(provHome+"/"+p.ID+"/subscriptions/"+c.Subscription, c.Subscription), took(c.Took)}
		if c.Subscription == "" {
			rows[i][4] = ui.Text("–")
		}
	}
	empty := ui.Empty("No call yet", "When somebody subscribes, the provider's server is called, and when it tells what is used, it calls. All of that stands here for 30 days, without values.")
	if f.Value("direction")+f.Value("subscription")+f.Value("wrong") != "" {
		empty = ui.Empty("Nothing fits", "No call is as asked for above.", ui.Quiet(path, "Show all"))
	}
	return v.Show("Calls of "+p.Title, ui.Head(p.Title, ""), tabs(p, "Calls"),
		ui.Filter(f, ui.Select{Name: "direction", Label: "Who called", Blank: "Any", Choices: []ui.Choice{{Value: marketplace.CallOut, Label: "We called"}, {Value: marketplace.CallTest, Label: "Test calls"}, {Value: marketplace.CallIn, Label: "It called"}}}.In(f),
			ui.Input{Name: "subscription", Label: "Subscription"}.In(f), ui.Check{Name: "wrong", Label: "Only what went wrong"}.In(f)),
		ui.Live("calls", ui.Table("Calls", []string{"At", "Call", "Answer", "Problem", "Subscription", "Took"}, rows, empty), ui.Older(path, q, "before", older)))
}

func took(d time.Duration) ui.Node {
	if d == 0 {
		return ui.Text("–")
	}
	return ui.Text(ui.Duration(d))
}

// callState is a call's answer as a badge.
func callState(c marketplace.Call) ui.Node {
	tone := ui.Good
	if c.Problem != "" || c.Status >= 400 || c.Status == 0 {
		tone = ui.Bad
	}
	return ui.Badge(tone, statusOf(c.Status))
}

// call is one entry of the log.
func (s *screens) call(v *web.Visit) error {
	p, _, err := s.find(v)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(v.Path("call"), 10, 64)
	if err != nil || n < 1 || n == math.MaxInt64 {
		return web.NoSuchPage
	}
	var list []marketplace.Call
	err = v.View(func(tx *db.Tx) (err error) {
		list, err = s.Marketplace.Log(tx, manager(v), marketplace.CallFilter{Provider: p.ID}, n+1, 1)
		return err
	})
	if err != nil {
		return missing(err)
	}
	if len(list) == 0 || list[0].N != n {
		return web.NoSuchPage
	}
	c := list[0]
	facts := []ui.Fact{{Name: "At", Value: ui.Time(c.At)}, {Name: "Call", Value: ui.Text(directions[c.Direction])}, {Name: "Answer", Value: callState(c)}, {Name: "It took", Value: took(c.Took)}}
	if c.Subscription != "" {
		facts = append(facts, ui.Fact{Name: "Subscription", Value: ui.Link(provHome+"/"+p.ID+"/subscriptions/"+c.Subscription, c.Subscription)})
	}
	problem := ui.All()
	if c.Problem != "" {
		problem = ui.Notice(ui.Bad, ui.P(c.Problem))
	}
	return v.Show("A call of "+p.Title, ui.Head(directions[c.Direction], "", ui.Quiet(provHome+"/"+p.ID+"/calls", "All calls")), tabs(p, "Calls"), problem, ui.Facts(facts...), bodies(c.Request, c.Answer))
}
