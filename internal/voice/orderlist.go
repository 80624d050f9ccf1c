package voice

import (
	"slices"
	"time"

	"demarc/internal/db"
	"demarc/internal/nanp"
)

// OrderFilter says which orders of a customer's are meant; what is empty does not matter.
type OrderFilter struct {
	Customer             string
	Type, State, Channel string
	Name                 string    // the order's id, or its customer's own
	TN                   nanp.TN   // the orders that the ledger names for this number
	Open                 bool      // those under way, the oldest first
	From, To             time.Time // when they were placed

	ids []string // with TN: these
}

// IDs are the orders that are meant, and whether it is these alone.
func (f OrderFilter) IDs() ([]string, bool) { return f.ids, f.TN != 0 }

// Orders lists a customer's orders of both channels, newest first.
func (d *Desk) Orders(tx *db.Tx, p Party, f OrderFilter, page Paging) ([]Order, int, error) {
	f.Customer = p.Customer
	if f.TN != 0 {
		e, err := d.entryAt(tx, p, f.TN)
		if err != nil {
			return nil, 0, err
		}
		if e == nil {
			return nil, 0, nil
		}
		f.ids = slices.DeleteFunc([]string{e.Order, e.Busy}, func(id string) bool { return id == "" })
	}
	return d.Store.OrdersOf(tx, f, page)
}

// entryAt is a customer's entry in the ledger with this number; nil when it has it not.
func (d *Desk) entryAt(tx *db.Tx, p Party, tn nanp.TN) (*Entry, error) {
	found, err := d.overlaps(tx, []Range{{tn, tn}})
	if err != nil || len(found[0]) == 0 || found[0][0].Customer != p.Customer {
		return nil, err
	}
	return &found[0][0], nil
}

// NumberOf is a number of the customer's, in its pool, in service or on its way in, with
// what it has; nil when it is none of these.
func (d *Desk) NumberOf(tx *db.Tx, p Party, tn nanp.TN) (*InService, error) {
	e, err := d.entryAt(tx, p, tn)
	if err != nil || e == nil || !slices.Contains([]string{Reserved, Active, Porting}, e.Status) {
		return nil, err
	}
	n := &InService{TN: tn, Entry: *e}
	if e.Service != "" {
		n.Service, err = d.Store.Service(tx, e.Service)
	}
	return n, err
}

// BroughtBy are the entries with the numbers that parts of a reservation have brought, as
// far as the customer has them still, lowest first.
func (d *Desk) BroughtBy(tx *db.Tx, p Party, parts []Part, page Paging) ([]Entry, int, error) {
	ids := make([]string, len(parts))
	for i, part := range parts {
		ids[i] = part.ID
	}
	return d.Store.EntriesOfParts(tx, p.Customer, ids, page)
}

// Offers are the parts of a customer's orders that wait for its word, oldest first.
func (d *Desk) Offers(tx *db.Tx, p Party, limit int) ([]Part, error) {
	return d.Store.OpenPartsOf(tx, p.Customer, PartApproval, limit)
}

// Holdings are what a customer has, by rate center.
func (d *Desk) Holdings(tx *db.Tx, p Party) ([]Holding, error) {
	return d.Store.HoldingsOf(tx, p.Customer)
}

// answerWithin is how many business days a losing carrier usually needs at most.
const answerWithin = 3

// Jeopardy is why an order may not become what its customer expects, "" when nothing
// speaks for that.
func (o Order) Jeopardy(now time.Time) string {
	switch {
	case o.Machine().Ended(o.State):
		return ""
	case o.State == OrderCredit:
		return "held until the carrier has decided about its credit"
	case o.State == PortRejected:
		return "rejected by the losing carrier: " + o.Detail.Rejection
	case o.Detail == nil:
		return ""
	case o.Type == TypePort && o.State == OrderInWork && !o.Detail.Asked.IsZero() && addBusiness(o.Detail.Asked, answerWithin).Before(day(now)):
		return "the losing carrier has not answered for more than three business days"
	case !o.Detail.Wanted.IsZero() && day(o.Detail.Wanted).Before(day(now)) && (o.FOCAt.IsZero() || day(o.FOCAt).Before(day(now))):
		return "the day that was asked for is over"
	}
	return ""
}

// Cancellable reports whether a port can still be cancelled at a moment. (VOICE-NTC-20066)
func (o Order) Cancellable(now time.Time) bool {
	return !o.Machine().Ended(o.State) && (o.State != PortFOC || now.Before(lastCancel(o.FOCAt)))
}

// Supplementable reports whether a port can be changed at a moment. (VOICE-LNP-01)
func (o Order) Supplementable(now time.Time) bool {
	return o.Type == TypePort && !o.Machine().Ended(o.State) && (o.State != PortFOC || day(now).Before(day(o.FOCAt)))
}

// Day is a calendar day of the carrier's.
func Day(t time.Time) time.Time { return day(t) }

// NoticeCodes are the codes of all notifications, in their order.
func NoticeCodes() []int {
	list := make([]int, 0, len(byCode))
	for code := range byCode {
		list = append(list, code)
	}
	slices.Sort(list)
	return list
}
