package voice

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/nanp"
)

// CenterFilter says which rate centers are meant; what is empty does not matter.
type CenterFilter struct {
	Product     string
	State, Name string
	NPA         int
}

// Listed is a rate center as customers see it.
type Listed struct {
	Center
	OpenForOrders bool
	Backorders    bool
}

// RateCenters lists the rate centers where a product is served to a customer (source,
// GET /Number/rateCenters).
func (d *Desk) RateCenters(tx *db.Tx, p Party, f CenterFilter, page Paging) (list []Listed, total int, err error) {
	var profile Profile
	d.Store.AskProfile(tx, p.Customer, &profile)
	changed, err := d.Store.Centers(tx, f.State)
	if err != nil {
		return nil, 0, err
	}
	regions, err := d.Store.Regions(tx)
	if err != nil {
		return nil, 0, err
	}
	own := make(map[string]Center, len(changed))
	for _, c := range changed {
		own[c.Key()] = c
	}
	for _, c := range allCenters(p.Sandbox, f.State, own) {
		switch {
		case f.State != "" && c.State != f.State, f.Name != "" && c.Name != f.Name, c.Into != "",
			!c.Serves(f.Product, profile), f.NPA != 0 && (c.Plan == nil || !slices.Contains(c.Plan.NPAs, f.NPA)):
			continue
		}
		if total++; int64(total) > page.Offset && len(list) < page.Limit {
			list = append(list, listedOf(c, tx.Now(), regions, p.Sandbox))
		}
	}
	return list, total, nil
}

func listedOf(c Center, now time.Time, regions map[string]bool, sandbox bool) Listed {
	backorders, said := regions[c.State]
	if !said {
		backorders = takesBackorders(sandbox, c.State)
	}
	return Listed{Center: c, OpenForOrders: c.Orderable(now), Backorders: backorders}
}

// allCenters are the numbering plan's rate centers and the world's own, of a state or of
// all, in the order of their keys, as the world has them.
func allCenters(sandbox bool, state string, own map[string]Center) []Center {
	plans := nanp.RateCenters()
	if state != "" {
		plans = nanp.InState(state)
	}
	list := make([]Center, 0, len(own))
	if sandbox {
		list = make([]Center, 0, len(plans)+len(own))
		for _, plan := range plans {
			if _, has := own[plan.Key()]; !has {
				list = append(list, referenceOf(plan))
			}
		}
	}
	list = slices.AppendSeq(list, maps.Values(own))
	slices.SortFunc(list, func(a, b Center) int { return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(a.Name, b.Name)) })
	return list
}

// Covered is what a customer is told of a number.
type Covered struct {
	Number
	Covered bool
}

// CoverageAnswer is what a customer is told of numbers, or of a place.
type CoverageAnswer struct {
	Numbers []Covered
	Centers []Listed // of the place
}

// MostAsked is how many numbers one question about coverage may be about.
const MostAsked = 1000

// Coverage answers where a product is served and what can be ported (source, /Numbers/
// coverage). The number administration is asked; so it is no unit of work.
//
//   - VOICE-ERR-20000: a product.
//   - VOICE-ERR-20090: numbers or a place, not both.
//   - VOICE-ERR-20015: some number. VOICE-ERR-20025: each of them well-formed.
//   - VOICE-ERR-20093: a place is NPA and NXX, city and state, or a ZIP code.
//   - VOICE-ERR-20091: an NPA and an NXX. VOICE-ERR-20092: a place that there is.
//   - VOICE-ERR-504002: the number administration answers in time.
func (d *Desk) Coverage(ctx context.Context, p Party, r *CoverageRequest) (answer CoverageAnswer, err error) {
	var wrong broken
	checkProduct(&wrong, r.ProductID)
	place := r.NPA.Trim() + r.NXX.Trim() + r.City.Trim() + r.State.Trim() + r.ZIP.Trim()
	var tns []nanp.TN
	var centers []*nanp.RateCenter
	switch {
	case r.TNList != nil && place != "":
		wrong.add(e20090, "tnList")
	case r.TNList != nil:
		tns = checkAsked(&wrong, *r.TNList)
	default:
		centers = checkPlace(&wrong, r)
	}
	if err := wrong.err(); err != nil {
		return answer, err
	}
	product := r.ProductID.Trim()
	if r.TNList == nil {
		return d.placeCoverage(ctx, p, product, centers)
	}
	numbers, err := d.Administration.Lookup(ctx, Query{World: p.World, Sandbox: p.Sandbox, Customer: p.Customer}, tns)
	if err != nil {
		return answer, backendFault(err)
	}
	var keys []string
	for _, n := range numbers {
		if n.Known {
			keys = append(keys, CenterKey(n.State, n.Center))
		}
	}
	s, err := d.seeCenters(ctx, p, keys)
	if err != nil {
		return answer, err
	}
	for _, n := range numbers {
		covered := false
		if n.Known {
			c := s.now(CenterKey(n.State, n.Center))
			n.State, n.Center = c.State, c.Name
			covered = c.Serves(product, s.profile)
		}
		n.Portable = n.Portable && covered
		answer.Numbers = append(answer.Numbers, Covered{n, covered})
	}
	return answer, nil
}

// placeCoverage answers which rate centers of a place serve a product.
func (d *Desk) placeCoverage(ctx context.Context, p Party, product string, plans []*nanp.RateCenter) (answer CoverageAnswer, err error) {
	keys := make([]string, len(plans))
	for i, plan := range plans {
		keys[i] = plan.Key()
	}
	s, err := d.seeCenters(ctx, p, keys)
	if err != nil {
		return answer, err
	}
	listed := map[string]bool{}
	for _, key := range keys {
		if c := s.now(key); c.Serves(product, s.profile) && !listed[c.Key()] {
			listed[c.Key()] = true
			answer.Centers = append(answer.Centers, listedOf(c, s.at, s.regions, p.Sandbox))
		}
	}
	return answer, nil
}

// seen is some rate centers as a customer sees them.
type seen struct {
	at      time.Time
	profile Profile
	regions map[string]bool
	centers map[string]*Center // by key
}

// now is what a rate center is by now, others having absorbed it.
func (s seen) now(key string) Center {
	c := s.centers[key]
	for c.Into != "" {
		c = s.centers[c.Into]
	}
	return *c
}

// seeCenters reads rate centers, and those that have absorbed them.
func (d *Desk) seeCenters(ctx context.Context, p Party, keys []string) (s seen, err error) {
	err = d.DB.View(ctx, p.World, func(tx *db.Tx) (err error) {
		s = seen{at: tx.Now(), centers: map[string]*Center{}}
		d.Store.AskProfile(tx, p.Customer, &s.profile)
		for next := keys; len(next) > 0; {
			var asked []*Center
			for _, key := range next {
				if s.centers[key] == nil {
					state, name, _ := strings.Cut(key, "/")
					c := center(p.Sandbox, state, name)
					d.Store.AskCenter(tx, c)
					s.centers[key], asked = c, append(asked, c)
				}
			}
			if err := tx.Flush(); err != nil {
				return err
			}
			next = nil
			for _, c := range asked {
				if c.Into != "" {
					next = append(next, c.Into)
				}
			}
		}
		s.regions, err = d.Store.Regions(tx)
		return err
	})
	return s, err
}

// backendFault is what a caller is answered who waits for a backend that failed.
func backendFault(err error) error {
	b, ok := errors.AsType[*Backend](err)
	switch {
	case !ok:
		return err
	case b.How == HowLate:
		return e504002.With()
	}
	return e503001.With()
}

func checkAsked(wrong *broken, list []TNRequest) (tns []nanp.TN) {
	if len(list) == 0 {
		wrong.add(e20015, "tnList")
	}
	for i, t := range list {
		r, ok := t.Range()
		if !ok {
			wrong.add(e20025, "tnList["+countText(i)+"]")
			continue
		}
		for tn := r.Start; tn <= r.End; tn++ {
			if len(tns) == MostAsked {
				wrong.say(e400001, "tnList", "must have at most 1000 telephone numbers")
				return nil
			}
			tns = append(tns, tn)
		}
	}
	return tns
}

func checkPlace(wrong *broken, r *CoverageRequest) []*nanp.RateCenter {
	npa, nxx := r.NPA.Trim(), r.NXX.Trim()
	city, state, zip := r.City.Trim(), strings.ToUpper(r.State.Trim()), r.ZIP.Trim()
	switch {
	case npa != "" || nxx != "":
		first, ok := nanp.FromParts(npa, nxx, "0100")
		if !ok {
			wrong.add(e20091, "tnLocNpa")
			return nil
		}
		plan := nanp.ByCode(first.Block().Code())
		if plan == nil {
			return nil
		}
		return []*nanp.RateCenter{plan}
	case zip == "" && city != "" && state == "":
		wrong.add(e20093, "tnLocState")
		return nil
	case zip == "" && (city == "" || state == ""):
		wrong.add(e20093, "tnLocCity")
		return nil
	}
	list, known := nanp.Serving(nanp.Place{City: city, State: state, ZIP: zip})
	if !known && city == "" {
		wrong.add(e20092, "tnLocZip")
	} else if !known {
		wrong.add(e20092, "tnLocCity")
	}
	return list
}

// Used is how much of a holding is in service.
type Used struct {
	Holding
	Allowed bool
}

// Utilization answers how much of what a customer has in rate centers is in service
// (source, POST /Numbers/rateCenters/utilization).
//
//   - VOICE-ERR-20000: a product. VOICE-ERR-20088: each rate center and its state.
func (d *Desk) Utilization(tx *db.Tx, p Party, r *UtilizationRequest) ([]Used, error) {
	var wrong broken
	checkProduct(&wrong, r.ProductID)
	if len(r.RateCenters) == 0 {
		wrong.add(e20088, "rateCenters")
	}
	if len(r.RateCenters) > MostAsked {
		wrong.say(e400001, "rateCenters", "must have at most 1000 rate centers")
		return nil, wrong.err()
	}
	list := make([]Used, len(r.RateCenters))
	for i, c := range r.RateCenters {
		h := &list[i].Holding
		h.Customer, h.Product = p.Customer, r.ProductID.Trim()
		h.State, h.Center = checkNamed(&wrong, "rateCenters["+countText(i)+"].", c.RateCenter, c.State)
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	var profile Profile
	d.Store.AskProfile(tx, p.Customer, &profile)
	centers := make([]*Center, len(list))
	for i := range list {
		h := &list[i].Holding
		d.Store.AskHolding(tx, h)
		centers[i] = center(p.Sandbox, h.State, h.Center)
		d.Store.AskCenter(tx, centers[i])
	}
	err := tx.Flush()
	for i, c := range centers {
		h := list[i].Holding
		list[i].Allowed = err == nil && len(checkLine(lineFacts{now: tx.Now(), product: h.Product, center: c, profile: profile, holding: h})) == 0
	}
	return list, err
}

// Status reads an order of the customer's, with its parts (source, GET /orderStatus).
func (d *Desk) Status(tx *db.Tx, p Party, channel, id string) (Order, []Part, error) {
	o, err := d.visible(tx, p, channel, id)
	if err != nil {
		return Order{}, nil, err
	}
	parts, err := d.Store.Parts(tx, o.ID)
	return *o, parts, err
}

// visible reads an order of the customer's.
//
//   - VOICE-ERR-20049: the form of an order's id.
//   - VOICE-ERR-20060: an order of the customer's, from this channel, or from any.
func (d *Desk) visible(tx *db.Tx, p Party, channel, id string) (*Order, error) {
	var wrong broken
	if !orderID.MatchString(id) {
		wrong.add(e20049, "voiceOrderId")
		return nil, wrong.err()
	}
	o, err := d.Store.Order(tx, id)
	if err != nil {
		return nil, err
	}
	if o == nil || o.Customer != p.Customer || channel != ChannelAny && o.Channel != channel {
		wrong.add(e20060, "voiceOrderId")
	}
	return o, wrong.err()
}

// Notifications are what a customer was told, newest first (source, GET
// /notifications): of an order, or of all, within the last 180 days.
func (d *Desk) Notifications(tx *db.Tx, p Party, channel string, f ToldFilter, page Paging) ([]Told, int, error) {
	if f.Order != "" {
		if _, err := d.visible(tx, p, channel, f.Order); err != nil {
			return nil, 0, err
		}
	}
	f.Customer = p.Customer
	if oldest := tx.Now().Add(-KeptFor); f.From.Before(oldest) {
		f.From = oldest
	}
	if f.Latest {
		page = Paging{Limit: 1}
	}
	return d.Store.ToldOf(tx, f, page)
}

// Sweep forgets a batch of notifications that cannot be asked for any more. It reports
// whether there may be others.
func (d *Desk) Sweep(tx *db.Tx) (more bool, err error) {
	n, err := d.Store.SweepTold(tx, tx.Now().Add(-KeptFor))
	return n > 0, err
}

// PoolOf reads a customer's reserved numbers (source, GET /Numbers/inventory).
func (d *Desk) PoolOf(tx *db.Tx, p Party, f PoolFilter, page Paging) ([]Entry, int, error) {
	f.Customer = p.Customer
	return d.Store.Pool(tx, f, page)
}

// PrefixOf are the numbers of an area code, or of a prefix of it.
//
//   - VOICE-ERR-20091: an NPA, and an NXX only with it.
func PrefixOf(npa, nxx string) (from, to nanp.TN, err error) {
	if npa == "" && nxx == "" {
		return 0, 0, nil
	}
	prefix := nxx
	if prefix == "" {
		prefix = "555"
	}
	first, ok := nanp.FromParts(npa, prefix, "0100")
	if !ok {
		var wrong broken
		wrong.add(e20091, "NPA")
		return 0, 0, wrong.err()
	}
	if nxx == "" {
		from = nanp.TN(first.NPA()) * 10_000_000
		return from, from + 9_999_999, nil
	}
	from = first.Block().First() / 10_000 * 10_000
	return from, from + 9_999, nil
}

// Faults of the edge, for the handlers.
var (
	ProductWrong = func(field string) error { return one(e20000, field) }
	StateWrong   = func(field string) error { return one(e20011, field) }
	PageWrong    = func(field string) error { return one(e20103, field) }
	SizeWrong    = func(field string) error { return one(e20104, field) }
	OrderIDWrong = func(field string) error { return one(e20049, field) }
	RequestWrong = say
	// ServiceIDWrong: an inventory report says for which product. (VOICE-ERR-20102)
	ServiceIDWrong = func(field string) error { return one(e20102, field) }
)

func one(code *fault.Code, field string) error {
	var wrong broken
	wrong.add(code, field)
	return wrong.err()
}

func say(field, text string) error {
	var wrong broken
	wrong.say(e400001, field, text)
	return wrong.err()
}
