package desk

import (
	"unicode/utf8"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// exceptions lists requests for more numbers than an order may have.
func (s *screens) exceptions(v *web.Visit) error { return s.exceptionsPage(v, nil) }

func (s *screens) exceptionsPage(v *web.Visit, f *ui.Form) error {
	q := v.Query()
	status := q.Get("status")
	if !q.Has("status") {
		status = voice.ExceptionOpen
	}
	var list []voice.Exception
	var total int
	err := v.View(func(tx *db.Tx) (err error) {
		list, total, err = s.Voice.Store.Exceptions(tx, "", status, voice.Paging{Offset: int64(offset(v)), Limit: ui.PageSize})
		return err
	})
	if err != nil {
		return err
	}
	var rows [][]ui.Node
	for _, e := range list {
		done := ui.Small(dash(e.Note))
		if e.Status == voice.ExceptionOpen {
			done = decision(v, f, e.ID, "Customer "+e.Customer+" wants "+ui.Count(e.Quantity)+" numbers of "+e.Center+", "+e.State+", in one order.", "Approve", "Reject")
		}
		rows = append(rows, []ui.Node{ui.All(ui.Mono(e.ID), ui.Small(e.CreatedAt.UTC().Format("2 Jan 2006, 15:04"))), ui.Link(address("customers", e.Customer), e.Customer),
			ui.All(ui.Text(ui.Count(e.Quantity)+" of "), ui.Link(centerAddress(e.State, e.Center), e.Center+", "+e.State), ui.Small(e.Reason)), ui.All(ui.State(e.Status), done)})
	}
	filter := v.Form()
	filter.Default("status", status)
	return v.Show("Approvals", ui.Head("Approvals", "Requests for more than 399 numbers of a rate center in one order."), approvalTabs(v, "exceptions"),
		ui.Filter(filter, ui.Select{Name: "status", Label: "State", Blank: "any", Choices: ui.Of(voice.ExceptionMachine.States()...), Narrow: true}.In(filter)),
		ui.Table("TN exceptions", []string{"Request", "Customer", "Numbers", "Decision"}, rows,
			ui.Empty("No request is here.", "Customers ask in the Control Center, under Exceptions, or by the API.")),
		ui.If(total > 0, ui.Pager(v.URL(), q, total)))
}

// exceptionNote bounds the note of a decision. (VOICE-DSK-11)
const exceptionNote = 1000

func (s *screens) exceptionsAct(v *web.Visit) error {
	return decide(v, v.Form(), v.URL(), s.exceptionsPage, func(id string, yes bool, note string) (said string, err error) {
		if utf8.RuneCountInString(note) > exceptionNote {
			return "", fault.Invalid.With(fault.Field("VOICE-DSK-11", "note", "must have at most 1,000 characters"))
		}
		err = v.Within(func(tx *db.Tx) error {
			e, err := s.Voice.DecideException(tx, v.Actor(), id, yes, note)
			said = e.ID + " was " + e.Status + "."
			return err
		})
		return said, err
	})
}
