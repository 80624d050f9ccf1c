package control

import (
	"net/url"
	"strconv"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

const exceptionsAt = "/control/exceptions"

// exceptionState is how a request is going; one that was used has done its work.
func exceptionState(status string) ui.Node {
	tones := map[string]ui.Tone{voice.ExceptionOpen: ui.Waiting, voice.ExceptionApproved: ui.Good, voice.ExceptionRejected: ui.Bad}
	if tones[status] == "" {
		return ui.Badge(ui.Plain, status)
	}
	return ui.Badge(tones[status], status)
}

func (s *screens) exceptions(v *web.Visit) error {
	f := v.Form()
	var list []voice.Exception
	var total int
	err := v.View(func(tx *db.Tx) (err error) {
		list, total, err = s.Voice.Store.Exceptions(tx, v.Customer.Number, f.Value("status"), paging(ui.PageOf(v.Query())))
		return err
	})
	if err != nil {
		return err
	}
	rows := make([][]ui.Node, len(list))
	for i, e := range list {
		rows[i] = []ui.Node{ui.Link(exceptionsAt+"/"+e.ID, e.ID), ui.Text(e.Center + ", " + e.State), ui.Text(ui.Count(e.Quantity)), ui.Text(productShort(e.Product)), exceptionState(e.Status), orderLink(e.Order), ui.Time(e.CreatedAt)}
	}
	empty := ui.Empty("No exception", "One order has at most 399 numbers of a rate center. Ask for an exception when you need more; the carrier decides about it.", ui.Button(exceptionsAt+"/new", "Ask for an exception"))
	if f.Value("status") != "" {
		empty = ui.Empty("No such exception", "None is in that state.", ui.Quiet(exceptionsAt, "All exceptions"))
	}
	return v.Show("Exceptions", ui.Head("TN exceptions", "For one order with more than 399 numbers of a rate center.", ui.Button(exceptionsAt+"/new", "Ask for an exception")),
		ui.Filter(f, ui.Select{Name: "status", Label: "State", Blank: "All", Choices: ui.Of(voice.ExceptionMachine.States()...)}.In(f)),
		ui.Table("TN exceptions", []string{"Exception", "Rate center", "Numbers", "Product", "State", "Used by", "Asked for"}, rows, empty),
		ui.Pager(v.URL(), v.Query(), total))
}

func (s *screens) exception(v *web.Visit) error {
	v.Under(exceptionsAt)
	var e voice.Exception
	var trail []audit.Event
	err := v.View(func(tx *db.Tx) (err error) {
		if e, err = s.Voice.ExceptionOf(tx, party(v), v.Path("id")); err != nil {
			return err
		}
		trail, err = audit.Page(tx, "voice/exception/"+e.ID, 0, mostTrail)
		return err
	})
	if err != nil {
		return missing(err, voice.ExceptionUnknown)
	}
	facts := []ui.Fact{
		{Name: "State", Value: exceptionState(e.Status)},
		{Name: "Rate center", Value: ui.Text(e.Center + ", " + e.State)},
		{Name: "Numbers", Value: ui.Text(ui.Count(e.Quantity))},
		{Name: "Product", Value: ui.Text(productName(e.Product))},
		{Name: "Reason", Value: ui.Text(e.Reason)},
		{Name: "Asked for", Value: ui.Time(e.CreatedAt)},
	}
	if e.Note != "" {
		facts = append(facts, ui.Fact{Name: "The carrier says", Value: ui.Text(e.Note)})
	}
	if e.Order != "" {
		facts = append(facts, ui.Fact{Name: "Used by", Value: orderLink(e.Order)})
	}
	next := ui.Text("")
	switch e.Status {
	case voice.ExceptionOpen:
		next = ui.Notice(ui.Waiting, ui.P("The carrier decides about it. This page follows what happens."))
	case voice.ExceptionApproved:
		next = ui.Notice(ui.Good, ui.P("One order may have so many numbers."), ui.Link(reserveWith(e), "Reserve them"))
	}
	return v.Show("Exception "+e.ID, ui.Head("Exception "+e.ID, v.Customer.Name+", "+v.Customer.Number), ui.Live("exception", next,
		ui.Split(ui.All(ui.Section("State", web.Life(voice.ExceptionMachine, e.Status, trail)), ui.Section("History", web.Trail(trail))),
			ui.Card("The request", ui.Facts(facts...)))))
}

// reserveWith is the form of the order that an exception is for.
func reserveWith(e voice.Exception) string {
	return "/control/numbers/reserve?" + url.Values{"productID": {e.Product}, "tnExceptionId": {e.ID}, centers + "[0].state": {e.State},
		centers + "[0].rateCenter": {e.Center}, centers + "[0].quantity": {strconv.Itoa(e.Quantity)}}.Encode()
}

func (s *screens) exceptionForm(v *web.Visit) error { return s.exceptionPage(v, v.Form()) }

func (s *screens) exceptionPage(v *web.Visit, f *ui.Form) error {
	v.Under(exceptionsAt)
	names, err := s.centerNames(v, f.Value("productID"), f.Value("state"))
	if err != nil {
		return err
	}
	return v.Show("Ask for an exception", ui.Head("Ask for an exception", "For one order with more than 399 numbers of a rate center. The carrier's staff decides about it."),
		f.Node("Ask", productField(f, ""),
			ui.Row(ui.Input{Name: "state", Label: "State", Required: true, Narrow: true, Max: 2, Placeholder: "CO", Autocomplete: "off"}.In(f),
				ui.Input{Name: "rateCenter", Label: "Rate center", Required: true, Placeholder: "DENVER", Suggest: names, Autocomplete: "off", Max: 40}.In(f),
				ui.Input{Name: "quantity", Label: "How many", Hint: "400 to 100,000.", Required: true, Narrow: true, InputMode: "numeric", Max: 7, Autocomplete: "off"}.In(f)),
			ui.Textarea{Name: "reason", Label: "Reason", Hint: "What you need them for, in at most 1,000 characters.", Required: true, Rows: 4}.In(f)))
}

func (s *screens) askException(v *web.Visit) error {
	f := v.Form()
	e, err := s.askedException(v, f)
	if err != nil {
		return v.Refused(f, refusal(err), s.exceptionPage)
	}
	return v.Done(exceptionsAt+"/"+e.ID, "The exception "+e.ID+" was asked for.")
}

func (s *screens) askedException(v *web.Visit, f *ui.Form) (e voice.Exception, err error) {
	var r voice.ExceptionRequest
	if err := fill(f, &r); err != nil {
		return e, err
	}
	p, err := s.acting(v)
	if err != nil {
		return e, err
	}
	if e, err = s.Voice.PrepareException(v.Context(), p, &r); err != nil {
		return e, err
	}
	return e, v.Within(func(tx *db.Tx) error {
		s.Voice.FileException(tx, p, e)
		return nil
	})
}
