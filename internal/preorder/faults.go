package preorder

import (
	"demarc/internal/fault"
)

// Errors beside the source's messages: what it has no code for.
var (
	BackendUnavailable = fault.New(Product, "preorder_backend_unavailable", 503, "A service behind this call does not answer; try again.")
	OrderUnknown       = fault.New(Product, "preorder_order_unknown", 404, "This partner has no such order.")
	OrderMove          = fault.New(Product, "preorder_order_wrong_move", 409, "That is not possible in the order's present state.")
	PartnerUnbound     = fault.New(Product, "preorder_partner_unbound", 403, "This application is bound to no partner.")
)

// messages gathers what is wrong with a request: coded messages, in document order.
type messages struct {
	d    *Desk
	tx   string
	code *fault.Code // the first one's, whose status is answered
	list []fault.Violation
}

// add appends a message about a field. values fill the text's other places.
func (m *messages) add(code *fault.Code, rule, field string, values ...string) {
	m.addWith(field, code, rule, field, values...)
}

// addWith is add of a message in which <B> is not the field's name.
func (m *messages) addWith(b string, code *fault.Code, rule, field string, values ...string) {
	if m.code == nil {
		m.code = code
	}
	m.list = append(m.list, fault.Field(rule, field, m.d.Wording.fill(code.Text, b, m.tx, values...)))
}

// inconstant says that a partner's order id and a transaction do not belong together.
func (m *messages) inconstant(partnerOrderID string) {
	m.addWith(m.tx, m2131, "PX-CFG-2131", "partnerOrderId", partnerOrderID)
}

// err is nil when nothing was added.
func (m *messages) err() error {
	if m.code == nil {
		return nil
	}
	f := m.code.With(m.list...)
	f.Message = m.list[0].Message
	return f
}

// said is one coded message.
func (d *Desk) said(code *fault.Code, rule, field, tx string, values ...string) error {
	m := messages{d: d, tx: tx}
	m.add(code, rule, field, values...)
	return m.err()
}

// inconstant is the one message that a partner's order id and a transaction do not
// belong together.
func (d *Desk) inconstant(tx, partnerOrderID string) error {
	m := messages{d: d, tx: tx}
	m.inconstant(partnerOrderID)
	return m.err()
}
