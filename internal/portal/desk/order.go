package desk

import (
	"strconv"
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// voiceNames are the two products of numbers.
var voiceNames = map[string]string{voice.LocalInbound: "Local Inbound (2036)", voice.EnhancedLocal: "Enhanced Local Service (2042)"}

// order shows a voice order, with what staff can do about it.
func (s *screens) order(v *web.Visit) error { return s.orderPage(v, nil) }

func (s *screens) orderPage(v *web.Visit, f *ui.Form) error {
	v.Under("/desk/queue")
	var o voice.Order
	var parts []voice.Part
	var trail []audit.Event
	var now time.Time
	err := v.View(func(tx *db.Tx) (err error) {
		now = tx.Now()
		o, parts, trail, err = s.Voice.OrderAt(tx, v.Path("id"))
		return err
	})
	if err != nil {
		return err
	}
	title := voiceTypes[o.Type] + " " + o.ID
	return v.Show(title, ui.Head(title, "For "+o.CustomerName+", customer "+o.Customer+".", ui.Quiet("/desk/queue", "The queue")),
		orderActs(v, f, o, now),
		ui.Live("order", ui.Facts(orderFacts(o)...), partTable(parts), life(o.Machine(), o.State, trail), history(trail)))
}

func orderFacts(o voice.Order) []ui.Fact {
	channel := "API"
	if o.Channel == voice.ChannelPortal {
		channel = "Control Center"
	}
	list := []ui.Fact{{Name: "State", Value: ui.State(o.State)}, {Name: "Customer", Value: ui.Link(address("customers", o.Customer), o.Customer)},
		{Name: "Product", Value: ui.Text(voiceNames[o.Product])}, {Name: "Came from", Value: ui.Text(channel)},
		{Name: "Customer's own id", Value: ui.Text(dash(o.ExternalID))}, {Name: "Told last", Value: ui.Text(strconv.Itoa(o.Code))}}
	if o.Exception != "" {
		list = append(list, ui.Fact{Name: "TN exception", Value: ui.Mono(o.Exception)})
	}
	if d := o.Detail; d != nil {
		list = append(list, ui.Fact{Name: "Numbers", Value: ui.Text(rangesText(d.Ranges))}, ui.Fact{Name: "Wanted", Value: ui.Day(voiceDay(d.Wanted))})
		if l := d.LNP; l != nil {
			list = append(list, ui.Fact{Name: "Losing carrier", Value: ui.Text(dash(d.Carrier))}, ui.Fact{Name: "Asked", Value: ui.Time(d.Asked)},
				ui.Fact{Name: "Letter of agency", Value: ui.Text(l.LOAName)}, ui.Fact{Name: "Working number", Value: ui.Mono(l.WTN.String())},
				ui.Fact{Name: "Wireless", Value: ui.Text(yes(l.Wireless))}, ui.Fact{Name: "Firm order commitment", Value: ui.Day(voiceDay(o.FOCAt))},
				ui.Fact{Name: "Rejected because", Value: ui.Text(dash(d.Rejection))})
		}
	}
	return facts(o.CreatedAt, o.EndedAt, list...)
}

// voiceDay is the day of a moment, where the carrier is.
func voiceDay(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	return voice.Day(at)
}

// shownRanges is how many ranges are written out.
const shownRanges = 8

func rangesText(list []voice.Range) string {
	var texts []string
	for _, r := range list[:min(len(list), shownRanges)] {
		if r.Start == r.End {
			texts = append(texts, r.Start.String())
		} else {
			texts = append(texts, r.Start.String()+" to "+r.End.String())
		}
	}
	if more := len(list) - shownRanges; more > 0 {
		texts = append(texts, "and "+ui.Count(more)+" more ranges")
	}
	return dash(strings.Join(texts, ", "))
}

func partTable(parts []voice.Part) ui.Node {
	var rows [][]ui.Node
	for _, p := range parts {
		where := ui.Text("–")
		if p.Center != "" {
			where = ui.Link(centerAddress(p.State, p.Center), p.Center+", "+p.State)
		}
		wanted := ui.Text(ui.Count(p.Wish.Quantity))
		if p.Kind == voice.PartSupplement {
			wanted = ui.Text("a supplement")
		}
		rows = append(rows, []ui.Node{ui.Mono(p.ID), where, wanted, ui.Text(ui.Count(p.Held)), ui.Text(ui.Count(p.Reserved)), ui.State(p.Status), ui.Time(p.Until)})
	}
	return ui.Section("Parts", ui.Table("Parts of the order", []string{"Part", "Rate center", "Wanted", "Set aside", "Brought", "State", "Until"}, rows,
		ui.Empty("It has no parts.", "An order has one for each rate center.")))
}

// orderActs are what can be done about an order in its state.
func orderActs(v *web.Visit, f *ui.Form, o voice.Order, now time.Time) ui.Node {
	path := address("orders", o.ID)
	switch {
	case o.State == voice.OrderCredit:
		return ui.Card("On credit hold", ui.P("The credit system wants somebody to look at "+o.CustomerName+" before this order goes on."), ui.Actions(
			ui.Act(v.CSRF(), path, "Release the order", actField, "release"),
			ui.Confirm(v.CSRF(), path, "Reject…", "Reject order "+o.ID+" of "+o.CustomerName+"? Its customer is told, and it ends.", "Reject it", actField, "reject")))
	case o.Type == voice.TypePort && (o.State == voice.OrderCreated || o.State == voice.OrderInWork):
		return answerForm(v, f, o, now)
	case o.State == voice.OrderCompleted && (o.Type == voice.TypePort || o.Type == voice.TypeInstall):
		return ui.Actions(ui.Quiet("/desk/portout?numbers="+strings.ReplaceAll(numberLines(o.Detail.Ranges), "\n", "%0A"), "Port its numbers out"))
	}
	return ui.Text("")
}

// numberLines are numbers as the form of port-outs takes them.
func numberLines(list []voice.Range) string {
	lines := make([]string, len(list))
	for i, r := range list {
		lines[i] = r.Start.String()
		if r.End != r.Start {
			lines[i] += "-" + r.End.String()
		}
	}
	return strings.Join(lines, "\n")
}

// Answers of a losing carrier.
const (
	answerConfirm = "concur"
	answerReject  = "reject"
	answerSilent  = "silent"
)

func answerForm(v *web.Visit, f *ui.Form, o voice.Order, now time.Time) ui.Node {
	a := only(v, f, "answer")
	day := o.Detail.Wanted
	if day.Before(now) {
		day = voice.AddBusinessDays(now, 3)
	}
	a.Default("answer", answerConfirm)
	a.Default("focDate", voice.Day(day).Format(time.DateOnly))
	a.Default("days", "3")
	return ui.Card("Answer for "+dash(o.Detail.Carrier), a.Node("Answer", ui.Hidden(a, actField),
		ui.Choices{Name: "answer", Label: "The losing carrier", Required: true, Choices: []ui.Choice{
			{Value: answerConfirm, Label: "Confirms", Hint: "It commits to the day below (903)."},
			{Value: answerReject, Label: "Rejects", Hint: "For the reason below; its customer can supplement the order (904)."},
			{Value: answerSilent, Label: "Stays silent", Hint: "It is not asked again for the days below."}}}.In(a),
		ui.Row(ui.Input{Name: "focDate", Label: "Day of the port", Type: "date", Hint: "When it confirms."}.In(a),
			ui.Input{Name: "reason", Label: "Reason", Hint: "When it rejects.", Max: 1000, Suggest: []string{"The subscriber's name is another", "The service address is another",
				"The account number is another", "The PIN is another", "The number is not in service"}}.In(a),
			ui.Input{Name: "days", Label: "Days", Hint: "When it stays silent: 1 to 30.", Narrow: true, InputMode: "numeric"}.In(a))))
}

func (s *screens) orderAct(v *web.Visit) error {
	id := v.Path("id")
	credit := func(release bool, said string) act {
		return act{do: func(*ui.Form) (string, error) {
			return id + said, v.Within(func(tx *db.Tx) error {
				_, err := s.Voice.DecideCredit(tx, v.Actor(), id, release)
				return err
			})
		}}
	}
	return perform(v, address("orders", id), map[string]act{
		"release": credit(true, " goes on."),
		"reject":  credit(false, " was rejected."),
		"answer":  {fields: true, do: func(f *ui.Form) (string, error) { return s.answer(v, f, id) }},
	}, s.orderPage)
}

// answer answers for a losing carrier.
func (s *screens) answer(v *web.Visit, f *ui.Form, id string) (string, error) {
	if f.Value("answer") == answerSilent {
		days, _ := strconv.Atoi(f.Value("days")) // what is no number is no such span
		return "The losing carrier stays silent for " + f.Value("days") + " days.", v.Within(func(tx *db.Tx) error {
			_, err := s.Voice.Silence(tx, v.Actor(), id, days)
			return err
		})
	}
	r := voice.Reply{State: f.Value("answer")}
	said := "The losing carrier has rejected " + id + "."
	if r.State == answerConfirm {
		day, ok := moment(f, "focDate", time.DateOnly, "must be a day, such as 2026-11-21")
		if !ok {
			return "", nil
		}
		r.FOC, said = voice.Day(day.Add(18*time.Hour)), "The losing carrier has confirmed "+id+"." // noon or so, where the carrier is
	} else {
		r.Reason = f.Value("reason")
	}
	err := v.Within(func(tx *db.Tx) error {
		_, err := s.Voice.AnswerPort(tx, v.Actor(), id, r)
		return err
	})
	if err != nil && f.Fault(err) {
		to := "reason"
		if r.State == answerConfirm {
			to = "focDate"
		}
		f.Move("answer", to)
		return "", nil
	}
	return said, err
}
