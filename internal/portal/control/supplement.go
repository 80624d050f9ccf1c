package control

import (
	"time"

	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

func (s *screens) supplementForm(v *web.Visit) error {
	x, err := s.seen(v, v.Path("id"))
	if err != nil {
		return noSuchOrder(err)
	}
	f := v.Form()
	present(f, x.order)
	return supplementPage(x.order, x.now)(v, f)
}

// present puts what an order asks for by now into its form.
func present(f *ui.Form, o voice.Order) {
	for name, value := range presentValues(o) {
		f.Default(name, value)
	}
}

func presentValues(o voice.Order) map[string]string {
	d := o.Detail
	if o.Type != voice.TypePort || d == nil || d.Service == nil || d.LNP == nil {
		return nil
	}
	s, a, l := d.Service.Subscriber, d.Service.Address, d.LNP
	wireless := "N"
	if l.Wireless {
		wireless = "Y"
	}
	return map[string]string{
		dateName:              dayOf(d.Wanted),
		line + "customerType": s.Type, line + "businessName": s.Business, line + "firstName": s.First, line + "middleInitial": s.Middle, line + "lastName": s.Last,
		address + "streetNumber": a.Number, address + "streetName": a.Name, address + "streetSuffix": a.Suffix, address + "secondaryLocation": a.Secondary,
		address + "city": a.City, address + "state": a.State, address + "zip": a.ZIP,
		lnp + "loaName": l.LOAName, lnp + "loaReceived": "Y", lnp + "loaDateTime": dayOf(l.LOAAt), lnp + "workingTelephoneNumber": l.WTN.String(),
		lnp + "losingCarrierAccountNumber": l.Account, lnp + "losingCarrierWireless": wireless,
	}
}

// supplementPage is the form that changes a port under way.
func supplementPage(o voice.Order, now time.Time) func(v *web.Visit, f *ui.Form) error {
	return func(v *web.Visit, f *ui.Form) error {
		v.Under("/control/orders")
		title := "Supplement " + o.ID
		back := ui.Quiet("/control/orders/"+o.ID, "Back to the order")
		switch {
		case o.Channel != voice.ChannelPortal:
			return v.Show(title, ui.Head(title, "", back), ui.Notice(ui.Plain, ui.P("This order was made by API. It is changed there.")))
		case !o.Supplementable(now):
			return v.Show(title, ui.Head(title, "", back), ui.Notice(ui.Plain, ui.P("This order cannot be supplemented: only a port under way can, until the day of its firm order commitment.")))
		}
		for _, at := range []string{"subscriberLines", "subscriberLines[0]", "voiceOrderId"} {
			f.Move(at, dateName)
		}
		rejected := ui.Text("")
		if d := o.Detail; d.Rejection != "" {
			rejected = ui.Notice(ui.Bad, ui.P("The losing carrier rejected the port: "+d.Rejection+". Mend what it says, and it is asked again."))
		}
		return v.Show(title, ui.Head(title, "The losing carrier is asked again with what you change; a firm order commitment is set anew.", back), rejected,
			f.Node("Supplement", ui.Group("When", "", dateField(f, "Day", "Today or later, up to 30 days ahead. What is no business day is moved on to the next.", false)),
				subscriberGroup(f, "As the losing carrier has it.", true),
				addressGroup(f, "As the losing carrier has it.", true),
				losingGroup(f, "Leave it empty when nothing else of the losing carrier changes; when something does, give it again.")))
	}
}

func (s *screens) supplement(v *web.Visit) error {
	id, f := v.Path("id"), v.Form()
	x, err := s.seen(v, id)
	if err != nil {
		return noSuchOrder(err)
	}
	page := supplementPage(x.order, x.now)
	to, err := s.prepareSupplement(v, changed(f, x.order))
	if err == nil {
		err = v.Within(func(tx *db.Tx) error {
			_, _, err := s.Voice.Supplement(tx, party(v), id, to)
			return err
		})
	}
	if err != nil {
		return v.Refused(f, refusal(err), page)
	}
	return v.Done("/control/orders/"+id, "The order "+id+" was supplemented. The losing carrier is asked again.")
}

// changed is a form without those of its parts that are as the order has them.
func changed(f *ui.Form, o voice.Order) *ui.Form {
	to := ui.NewForm(map[string][]string{})
	was := presentValues(o)
	differs := func(name string) bool { return plain(name, f.Value(name)) != plain(name, was[name]) }
	for _, group := range []string{dateName, line, lnp} {
		names := []string{}
		other := false
		for name := range f.Values {
			if name == group || len(name) > len(group) && name[:len(group)] == group {
				names = append(names, name)
				other = other || differs(name)
			}
		}
		for _, name := range names {
			if other {
				to.Values[name] = f.Values[name]
			}
		}
	}
	return to
}

func (s *screens) prepareSupplement(v *web.Visit, f *ui.Form) (*voice.Detail, error) {
	var r voice.SupplementRequest
	if err := fill(f, &r); err != nil {
		return nil, err
	}
	return s.Voice.PrepareSupplement(v.Context(), party(v), &r)
}
