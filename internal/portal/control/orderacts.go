package control

import (
	"fmt"
	"slices"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/lenient"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// refusalCode is the code of Voice that an error has, "" for none.
func refusalCode(err error) string {
	if f := fault.Of(err); f != nil {
		return voice.CodeOf(f.Code)
	}
	return ""
}

func at(o voice.Order, act string) string { return "/control/orders/" + o.ID + "/" + act }

// offers are the short supplies that wait for the customer's word.
func (x shown) offers(v *web.Visit) ui.Node {
	var list []ui.Node
	for _, p := range x.parts {
		if p.Status == voice.PartApproval {
			list = append(list, offer(v, p, x.here()))
		}
	}
	return ui.All(list...)
}

// offer says what there is of what was asked for, and asks what to do.
func offer(v *web.Visit, p voice.Part, here bool) ui.Node {
	nodes := []ui.Node{ui.P(fmt.Sprintf("%s, %s has %d of the %d numbers that you asked for. They are set aside for you until the moment below; then the order ends without them.", p.Center, p.State, p.Held, p.Wish.Quantity)),
		ui.Facts(ui.Fact{Name: "Answer by", Value: ui.Time(p.Until)})}
	if !here {
		return ui.Notice(ui.Waiting, append(nodes, ui.P("The order was made by API and is answered there."))...)
	}
	act := func(label, action string) ui.Node {
		return ui.Act(v.CSRF(), "/control/orders/"+p.Order+"/approve", label, "rateCenter", p.Center, "state", p.State, "action", action)
	}
	acts := []ui.Node{}
	if p.Held > 0 {
		acts = append(acts, act(fmt.Sprintf("Take these %d", p.Held), voice.ActAvailable))
		acts = append(acts, act(fmt.Sprintf("Take these %d, backorder %d", p.Held, p.Wish.Quantity-p.Held), voice.ActBackorder))
	} else {
		acts = append(acts, act(fmt.Sprintf("Backorder all %d", p.Wish.Quantity), voice.ActBackorder))
	}
	acts = append(acts, ui.Confirm(v.CSRF(), "/control/orders/"+p.Order+"/approve", "Take none…",
		fmt.Sprintf("Take none of the numbers of %s, %s that %s asked for?", p.Center, p.State, p.Order), "Take none", "rateCenter", p.Center, "state", p.State, "action", voice.ActReject))
	return ui.Notice(ui.Waiting, append(nodes, ui.Actions(acts...))...)
}

// moves are what can be done with the order now.
func (x shown) moves(v *web.Visit) ui.Node {
	o := x.order
	if o.Machine().Ended(o.State) {
		return ui.Text("")
	}
	if !x.here() {
		return ui.Notice(ui.Plain, ui.P("This order was made by API. It is changed there: the Control Center changes what was made in the Control Center."))
	}
	var acts []ui.Node
	if o.Supplementable(x.now) {
		acts = append(acts, ui.Quiet(at(o, "supplement"), "Supplement"))
	}
	if o.State == voice.PortFOC {
		acts = append(acts, ui.Act(v.CSRF(), at(o, "portnow"), "Port now"))
	}
	if o.Cancellable(x.now) {
		acts = append(acts, ui.Confirm(v.CSRF(), at(o, "cancel"), "Cancel the order…", "Cancel "+o.ID+", with all of its parts that have not ended?", "Cancel "+o.ID))
		acts = append(acts, x.partCancels(v)...)
	}
	return ui.When(len(acts) > 0, func() ui.Node { return ui.Section("What you can do now", ui.Actions(acts...)) })
}

// mostPartCancels bounds the parts that can be cancelled each from the page.
const mostPartCancels = 20

// partCancels are ways to cancel single parts, where there is more than one.
func (x shown) partCancels(v *web.Visit) (acts []ui.Node) {
	open := slices.DeleteFunc(slices.Clone(x.parts), func(p voice.Part) bool { return voice.PartMachine.Ended(p.Status) })
	if len(open) < 2 && len(x.parts) < 2 {
		return nil
	}
	for _, p := range open[:min(len(open), mostPartCancels)] {
		name := p.Center + ", " + p.State
		if p.Kind == voice.PartSupplement {
			name = "the supplement"
		}
		acts = append(acts, ui.Confirm(v.CSRF(), at(x.order, "cancel"), "Cancel "+p.ID+"…", "Cancel only "+p.ID+", "+name+"?", "Cancel "+p.ID, "transactionOrderId", p.ID))
	}
	return acts
}

func (s *screens) approve(v *web.Visit) error {
	f, id := v.Form(), v.Path("id")
	back := "/control/orders/" + id
	r := &voice.ApproveRequest{VoiceOrderID: lenient.Text(id), RateCenter: lenient.Text(f.Value("rateCenter")), State: lenient.Text(f.Value("state")), Action: lenient.Text(f.Value("action"))}
	waits := false
	err := v.Within(func(tx *db.Tx) error {
		p := party(v)
		_, parts, err := s.Voice.Status(tx, p, voice.ChannelPortal, id)
		if err != nil {
			return err
		}
		waits = slices.ContainsFunc(parts, func(part voice.Part) bool {
			return part.Status == voice.PartApproval && part.Center == r.RateCenter.Trim() && part.State == r.State.Trim()
		})
		if !waits {
			return nil
		}
		_, err = s.Voice.Approve(tx, p, voice.ChannelPortal, r, 0)
		return err
	})
	switch {
	case err != nil:
		return v.Failed(back, refusal(err))
	case !waits:
		return v.Failed(back, noOffer)
	}
	return v.Done(back, "Your answer was taken: "+f.Value("action")+".")
}

// noOffer is what a person is told who answers too late, or twice.
var noOffer = fault.New("portal", "portal_no_offer", 409, "Nothing waits for your answer there any more.")

func (s *screens) cancel(v *web.Visit) error {
	f, id := v.Form(), v.Path("id")
	back := "/control/orders/" + id
	part := f.Value("transactionOrderId")
	var o voice.Order
	err := v.Within(func(tx *db.Tx) (err error) {
		o, err = s.Voice.Cancel(tx, party(v), &voice.CancelRequest{VoiceOrderID: lenient.Text(id), Transaction: lenient.Text(part)})
		return err
	})
	switch {
	case err != nil:
		return v.Failed(back, refusal(err))
	case o.Code == tooLate:
		return v.Failed(back, cancelTooLate)
	case part != "":
		return v.Done(back, "The part "+part+" was cancelled.")
	}
	return v.Done(back, "The order "+id+" was cancelled.")
}

// tooLate is the notification of a cancel that comes less than a business day before a port.
const tooLate = 20066

var cancelTooLate = fault.New("portal", "portal_cancel_too_late", 409, "A port can be cancelled up to one business day before its firm order commitment (20066).")

func (s *screens) portNow(v *web.Visit) error {
	id := v.Path("id")
	err := v.Within(func(tx *db.Tx) error {
		_, err := s.Voice.PortNow(tx, party(v), id)
		return err
	})
	if err != nil {
		return v.Failed("/control/orders/"+id, refusal(err))
	}
	return v.Done("/control/orders/"+id, "The numbers are being ported now.")
}
