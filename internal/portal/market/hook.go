package market

import (
	"fmt"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/outbox"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// hook is one address, and what became of the deliveries to it.
func (s *screens) hook(v *web.Visit) error {
	f := ui.NewForm(nil)
	f.CSRF = v.CSRF()
	return s.hookPage(v, f)
}

// hookPage is that page; replay is its form to send again what was sent.
func (s *screens) hookPage(v *web.Visit, replay *ui.Form) error {
	v.Under("/hooks")
	app, e, err := s.hookOf(v)
	if err != nil {
		return err
	}
	f := ui.NewForm(v.Query())
	state := f.Value("state")
	if state != outbox.Pending && state != outbox.Delivered && state != outbox.Failed {
		state = ""
	}
	var list []outbox.Delivery
	var total int64
	var now time.Time
	err = v.View(func(tx *db.Tx) (err error) {
		now = tx.Now()
		offset := int64(ui.PageOf(v.Query())-1) * ui.PageSize
		list, total, err = s.Outbox.Deliveries(tx, outbox.DeliveryFilter{App: app.ID, Endpoint: e.ID, State: state}, offset, ui.PageSize)
		return err
	})
	if err != nil {
		return err
	}
	rows := make([][]ui.Node, len(list))
	for i, d := range list {
		next := ui.Time(d.EndedAt)
		if d.State == outbox.Pending {
			next = ui.Time(d.NextAt)
		}
		rows[i] = []ui.Node{ui.Link(deliveryPath(d, app.ID), d.Type), ui.State(d.State), ui.Textf("%d", d.Attempts), ui.Mono(d.Subject), ui.Time(d.CreatedAt), next}
	}
	back, csrf := hookPath(e), v.CSRF()
	empty := ui.Empty("Nothing yet.", "Send a test, or let something happen.", ui.Act(csrf, "/hooks/"+e.ID+"/test?app="+app.ID, "Send test"))
	if len(v.Query()) > 1 {
		empty = ui.Empty("Nothing like that.", "Clear the filter to see everything.", ui.Quiet(back, "Clear"))
	}
	return v.Show("Webhook", ui.Head("Webhook", e.URL, hookActions(csrf, e)...),
		ui.Live("state", hookNotice(e), ui.Facts(
			ui.Fact{Name: "Application", Value: ui.Link("/apps/"+app.ID, app.Name)},
			ui.Fact{Name: "State", Value: ui.State(e.State)},
			ui.Fact{Name: "Form", Value: ui.Text(e.Form)},
			ui.Fact{Name: "Events", Value: ui.Text(strings.Join(e.Events, ", "))},
			ui.Fact{Name: "Customer", Value: orElse(e.Customer, "all")},
			ui.Fact{Name: "Authentication", Value: ui.Text(e.Auth.Type)},
			ui.Fact{Name: "What for", Value: orElse(e.Description, "–")},
			ui.Fact{Name: "Made", Value: ui.Time(e.CreatedAt)})),
		ui.Section("Deliveries",
			ui.Filter(f, ui.Hidden(f, "app"), ui.Select{Name: "state", Label: "State", Choices: ui.Of(outbox.Pending, outbox.Delivered, outbox.Failed), Blank: "All"}.In(f)),
			ui.Live("deliveries", ui.Table("Deliveries", []string{"Event", "State", "Attempts", "About", "Made", "Ended, or next attempt"}, rows, empty), ui.Pager("/hooks/"+e.ID, v.Query(), int(total)))),
		replaySince(replay, e, now),
		ui.Section("More", ui.Actions(
			ui.Confirm(csrf, "/hooks/"+e.ID+"/secret?app="+app.ID, "New signing secret…", "Make another signing secret for "+e.URL+"? The present one signs beside it for a day, and ends then.", "Make another"),
			ui.Confirm(csrf, "/hooks/"+e.ID+"/delete?app="+app.ID, "Delete…", "Delete the webhook "+e.URL+"? What waits for it is not delivered any more.", "Delete "+e.ID))))
}

func orElse(text, instead string) ui.Node {
	if text == "" {
		text = instead
	}
	return ui.Text(text)
}

func hookActions(csrf string, e outbox.Endpoint) []ui.Node {
	at := func(act string) string { return "/hooks/" + e.ID + "/" + act + "?app=" + e.App }
	edit := ui.Quiet("/hooks/edit?id="+e.ID+"&app="+e.App, "Change")
	if e.State == outbox.Disabled {
		return []ui.Node{ui.Act(csrf, at("state"), "Enable", "state", outbox.Enabled), edit}
	}
	return []ui.Node{ui.Act(csrf, at("test"), "Send test"), ui.Act(csrf, at("state"), "Disable", "state", outbox.Disabled), edit}
}

func hookNotice(e outbox.Endpoint) ui.Node {
	switch {
	case e.State == outbox.Disabled:
		return ui.Notice(ui.Bad, ui.P("It is disabled: "+e.Why+". Nothing is sent until it is enabled. What happens meanwhile can be replayed then."))
	case !e.FailingSince.IsZero():
		return ui.Notice(ui.Waiting, ui.All(ui.P("The last attempt failed. It is tried again by itself; after five days of nothing but failures the webhook is disabled.")))
	}
	return ui.All()
}

func replaySince(f *ui.Form, e outbox.Endpoint, now time.Time) ui.Node {
	if e.State != outbox.Enabled {
		return ui.All()
	}
	f.Action = "/hooks/" + e.ID + "/replay?app=" + e.App
	now = now.UTC().Truncate(time.Minute) // so that the page does not change every second
	f.Default("since", now.Add(-time.Hour).Format(time.RFC3339))
	return ui.Section("Replay", ui.P("Sends again everything that it subscribes to since a moment of the world's clock, delivered or not."),
		f.Node("Replay", ui.Input{Name: "since", Label: "Since", Hint: "In UTC, such as 2026-11-21T08:00:00Z. The world's clock shows " + now.Format("2 Jan 2006, 15:04") + ".", Required: true, Autocomplete: "off"}.In(f)))
}

// hookAct does something to an endpoint in one unit, and says it in the trail.
func (s *screens) hookAct(v *web.Visit, what string, act func(tx *db.Tx, e outbox.Endpoint) (said string, err error)) error {
	app, e, err := s.hookOf(v)
	if err != nil {
		return err
	}
	said := ""
	err = v.Within(func(tx *db.Tx) error {
		if said, err = act(tx, e); err != nil {
			return err
		}
		byPerson(tx, v, e.ID, what)
		return nil
	})
	e.App = app.ID
	if err != nil {
		return v.Failed(hookPath(e), err)
	}
	if what == "delete" {
		return v.Done("/hooks?app="+app.ID, said)
	}
	if v.Form().Value("then") == "inbox" {
		return v.Done("/hooks/inbox?app="+app.ID, said)
	}
	return v.Done(hookPath(e), said)
}

func (s *screens) hookState(v *web.Visit) error {
	state := v.Form().Value("state")
	return s.hookAct(v, "state", func(tx *db.Tx, e outbox.Endpoint) (string, error) {
		_, err := s.Outbox.Update(tx, e.App, e.ID, outbox.Change{State: &state}, acts(tx, e.App))
		return "The webhook is " + state + ".", err
	})
}

func (s *screens) testHook(v *web.Visit) error {
	return s.hookAct(v, "test", func(tx *db.Tx, e outbox.Endpoint) (string, error) {
		_, err := s.Outbox.Test(tx, e.App, e.ID)
		return "A test is on its way.", err
	})
}

func (s *screens) deleteHook(v *web.Visit) error {
	return s.hookAct(v, "delete", func(tx *db.Tx, e outbox.Endpoint) (string, error) {
		return "The webhook is deleted.", s.Outbox.Delete(tx, e.App, e.ID)
	})
}

func (s *screens) replayHook(v *web.Visit) error {
	f := v.Form()
	since, err := time.Parse(time.RFC3339, f.Value("since"))
	if err != nil || since.Year() < 1970 || since.Year() > 9999 {
		f.Add("since", "must be a moment such as 2026-11-21T08:00:00Z")
		return v.Refused(f, nil, s.hookPage)
	}
	return s.hookAct(v, "replay", func(tx *db.Tx, e outbox.Endpoint) (string, error) {
		r, err := s.Outbox.Replay(tx, e.App, e.ID, since.UTC())
		return fmt.Sprintf("%s will be sent again.", count(r.Queued, "notification")), err
	})
}

// count is a number of things.
func count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return ui.Count(n) + " " + thing + "s"
}

// rotateHook makes another signing secret, which is shown in the answer.
func (s *screens) rotateHook(v *web.Visit) error {
	app, e, err := s.hookOf(v)
	if err != nil {
		return err
	}
	var secret string
	var until time.Time
	err = v.Within(func(tx *db.Tx) (err error) {
		if secret, until, err = s.Outbox.Rotate(tx, app.ID, e.ID); err == nil {
			byPerson(tx, v, e.ID, "rotate_secret")
		}
		return err
	})
	if err != nil {
		return v.Failed(hookPath(e), err)
	}
	return s.showHookSecret(v, e, secret, "Deliveries carry two signatures until "+until.UTC().Format("2 Jan 2006, 15:04")+" UTC of the world's clock: with this secret, and with the one before.")
}
