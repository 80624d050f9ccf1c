package market

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/outbox"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

func deliveryPath(d outbox.Delivery, app string) string {
	return "/hooks/deliveries/" + d.ID + "?app=" + app
}

// delivery is one delivery with each of its attempts.
func (s *screens) delivery(v *web.Visit) error {
	v.Under("/hooks")
	app, err := s.appOfDelivery(v)
	if err != nil {
		return err
	}
	var d outbox.Delivery
	var body string
	var attempts []outbox.Attempt
	var e outbox.Endpoint
	there := false
	err = v.View(func(tx *db.Tx) (err error) {
		if d, body, attempts, err = s.Outbox.Delivery(tx, app.ID, v.Path("id")); err != nil {
			return err
		}
		e, err = s.Outbox.Endpoint(tx, app.ID, d.Endpoint)
		there = err == nil
		if fault.Of(err) != nil { // it was deleted
			err = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	to := ui.Text("a webhook that was deleted")
	if there {
		to = ui.Link(hookPath(e), e.URL)
	}
	slices.Reverse(attempts)
	var tries []ui.Node
	for _, a := range attempts {
		tries = append(tries, attemptCard(a))
	}
	facts := ui.Facts(
		ui.Fact{Name: "To", Value: to},
		ui.Fact{Name: "State", Value: ui.State(d.State)},
		ui.Fact{Name: "About", Value: ui.Mono(d.Subject)},
		ui.Fact{Name: "Made", Value: ui.Time(d.CreatedAt)},
		ui.Fact{Name: "Next attempt", Value: ui.Time(d.NextAt)},
		ui.Fact{Name: "Ended", Value: ui.Time(d.EndedAt)})
	return v.Show("Delivery", ui.Head("Delivery", d.Type,
		ui.If(there, ui.Act(v.CSRF(), "/hooks/deliveries/"+d.ID+"/replay?app="+app.ID, "Replay"))),
		ui.Live("state", facts),
		ui.Section("The request", ui.CodeBlock("Headers", requestHeaders(d)), ui.CodeBlock("Body", pretty(body))),
		ui.Section("Attempts", ui.Live("attempts", ui.When(len(tries) == 0, func() ui.Node {
			return ui.Empty("Not tried yet.", "The first attempt is made at once; those of one order come one after the other.")
		}), ui.All(tries...))))
}

// requestHeaders are those of every attempt; the moment and the signature are made anew
// for each of them.
func requestHeaders(d outbox.Delivery) string {
	method, kind := "POST", "application/json"
	for _, f := range outbox.Forms() {
		if f.Name == d.Form {
			method, kind = f.Method, f.ContentType
		}
	}
	return method + "\nContent-Type: " + kind + "\nWebhook-Id: " + d.Message +
		"\nWebhook-Timestamp: (the moment of the attempt)\nWebhook-Signature: v1,(of id, timestamp and body)"
}

// pretty is JSON indented; anything else as it is.
func pretty(body string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(body), "", "  ") != nil {
		return body
	}
	return b.String()
}

func attemptCard(a outbox.Attempt) ui.Node {
	tone, answer := ui.Bad, "no answer"
	if a.Status > 0 {
		answer = strings.TrimSpace("answered " + ui.Count(a.Status))
	}
	if a.Status >= 200 && a.Status < 300 {
		tone = ui.Good
	}
	return ui.Card("Attempt "+ui.Count(a.N),
		ui.All(ui.Badge(tone, answer), ui.Text(" "), ui.Time(a.At), ui.Text(" after "+ui.Duration(a.Took))),
		ui.If(a.Problem != "", ui.P(a.Problem)),
		ui.When(a.Answer != "", func() ui.Node { return ui.CodeBlock("The beginning of the answer", a.Answer) }))
}

// appOfDelivery is the application that a delivery is of: the one that the address
// names, or whichever of the visitor's has it.
func (s *screens) appOfDelivery(v *web.Visit) (identity.App, error) {
	wanted := v.Query().Get("app")
	list, chosen, err := s.hookApps(v, wanted)
	if err != nil {
		return identity.App{}, err
	}
	if wanted != "" {
		return *chosen, nil
	}
	var found identity.App
	err = v.View(func(tx *db.Tx) error {
		for _, a := range list {
			if _, _, _, err := s.Outbox.Delivery(tx, a.ID, v.Path("id")); err == nil {
				found = a
				return nil
			}
		}
		return outbox.DeliveryNotFound
	})
	return found, err
}

// replayDelivery sends one delivery again.
func (s *screens) replayDelivery(v *web.Visit) error {
	app, err := s.appOfDelivery(v)
	if err != nil {
		return err
	}
	back := "/hooks/deliveries/" + v.Path("id") + "?app=" + app.ID
	err = v.Within(func(tx *db.Tx) error {
		d, _, _, err := s.Outbox.Delivery(tx, app.ID, v.Path("id"))
		if err != nil {
			return err
		}
		if _, err = s.Outbox.ReplayDelivery(tx, app.ID, d.ID); err == nil {
			byPerson(tx, v, d.Endpoint, "replay_delivery")
		}
		return err
	})
	if err != nil {
		return v.Failed(back, err)
	}
	return v.Done(back, "It is sent again.")
}
