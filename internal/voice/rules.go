package voice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"demarc/internal/fault"
	"demarc/internal/lenient"
	"demarc/internal/nanp"
)

// orderID is what a voice order id looks like.
var orderID = regexp.MustCompile(`^V[0-9]{9,15}$`)

// IsOrderID tells what can be a voice order's id from what cannot.
func IsOrderID(id string) bool { return orderID.MatchString(id) }

// externalLength bounds a customer's own id of an order.
const externalLength = 64

// Line is a line of a reservation that has been read.
type Line struct {
	State, Center string
	Wish          Wish
}

// checkReserve reads a reservation (source, Reserve telephone numbers).
//
//   - VOICE-ERR-20000: a product.
//   - VOICE-EXC-03: what it names is an approved TN exception of the customer's, that no
//     order has used.
//   - VOICE-ERR-20085, 20088, 20011: each line names a rate center and its state.
//   - VOICE-ERR-10011: how many numbers.
//   - VOICE-ERR-10007: 399 of a rate center at most, its lines together, unless a TN
//     exception lets this order have more.
//   - VOICE-ERR-20084: null, Y, N or how many in a row.
//   - VOICE-ERR-20082, 20083: a PBX restriction has both its halves.
func checkReserve(r *ReserveRequest, customer string, exception *Exception) ([]Line, error) {
	var wrong broken
	checkProduct(&wrong, r.ProductID)
	checkExternal(&wrong, r.ExternalID)
	if r.Exception.Trim() != "" && (exception == nil || exception.Customer != customer || exception.Status != ExceptionApproved) {
		wrong.rule("VOICE-EXC-03", "tnExceptionId", "must be an approved TN exception that no order has used")
		exception = nil
	}
	switch n := len(r.RateCenterOrders); {
	case n == 0:
		wrong.add(e20085, "rateCenterOrders")
	case n > LinesPerOrder:
		wrong.say(e400001, "rateCenterOrders", fmt.Sprintf("must have at most %d rate centers", LinesPerOrder))
		return nil, wrong.err()
	}
	lines := make([]Line, len(r.RateCenterOrders))
	sums := map[string]int{}
	for i, l := range r.RateCenterOrders {
		at := fmt.Sprintf("rateCenterOrders[%d].", i)
		lines[i].State, lines[i].Center = checkCenter(&wrong, at, l.RateCenter, l.State)
		quantity, ok := whole(l.Quantity)
		if !ok || quantity < 1 {
			wrong.add(e10011, at+"quantity")
		} else {
			key := CenterKey(lines[i].State, lines[i].Center)
			quantity = min(quantity, PerBlock*PerBlock)
			sums[key] += quantity
			if sums[key] > limitOf(exception, r, key) {
				wrong.add(e10007, at+"quantity")
			}
		}
		lines[i].Wish = Wish{Quantity: quantity, Run: checkSequence(&wrong, at, l, quantity)}
		lines[i].Wish.PBXIndex, lines[i].Wish.PBXValue = checkPBX(&wrong, at, l)
	}
	return lines, wrong.err()
}

// limitOf is how many numbers of a rate center one order may have.
func limitOf(e *Exception, r *ReserveRequest, key string) int {
	if e != nil && e.Product == r.ProductID.Trim() && CenterKey(e.State, e.Center) == key {
		return e.Quantity
	}
	return PerOrder
}

func checkProduct(wrong *broken, product lenient.Text) {
	if p := product.Trim(); p != LocalInbound && p != EnhancedLocal {
		wrong.add(e20000, "productID")
	}
}

// checkCenter reads a rate center's name and state.
func checkCenter(wrong *broken, at string, center, state lenient.Text) (st, name string) {
	name, st = strings.ToUpper(center.Trim()), strings.ToUpper(state.Trim())
	if name == "" {
		wrong.add(e20085, at+"rateCenter")
	}
	switch {
	case st == "":
		wrong.add(e20088, at+"state")
	case !nanp.IsState(st):
		wrong.add(e20011, at+"state")
	}
	return st, name
}

// checkSequence reads how many numbers are to follow each other: 0 for as they come.
func checkSequence(wrong *broken, at string, l LineRequest, quantity int) int {
	raw, field := l.Sequential, "sequentialIndicator"
	if raw == nil {
		raw, field = l.Misspelt, "sequentialIndictor"
	}
	if raw == nil || bytes.Equal(*raw, []byte("null")) {
		return 0
	}
	var text lenient.Text
	if json.Unmarshal(*raw, &text) == nil {
		switch strings.ToUpper(text.Trim()) {
		case "N":
			return 0
		case "Y":
			return max(quantity, 0)
		}
		if n, ok := whole(text); ok && n >= 2 && n <= quantity {
			return n
		}
	}
	wrong.add(e20084, at+field)
	return 0
}

// checkPBX reads the digit that numbers must not have, and where.
func checkPBX(wrong *broken, at string, l LineRequest) (index, value int) {
	if l.PBXIndex.Trim() == "" && l.PBXValue.Trim() == "" {
		return 0, 0
	}
	index, ok := whole(l.PBXIndex)
	if !ok || index < 1 || index > 10 {
		wrong.add(e20082, at+"pbxIndex")
	}
	value, ok = whole(l.PBXValue)
	if !ok || value < 0 || value > 9 || len(l.PBXValue.Trim()) != 1 {
		wrong.add(e20083, at+"pbxValue")
	}
	return index, value
}

// Actions of a customer about a short supply (source, 10001).
const (
	ActReject    = "Reject"
	ActBackorder = "Accept with backorder"
	ActAvailable = "Accept available only"
)

// checkApprove reads an approval.
//
//   - VOICE-ERR-20049: the form of an order's id.
//   - VOICE-ERR-20088, 20011: a rate center and its state.
//   - VOICE-ERR-400001 (ours): one of the three actions.
func checkApprove(r *ApproveRequest) (state, center, action string, err error) {
	var wrong broken
	if !orderID.MatchString(r.VoiceOrderID.Trim()) {
		wrong.add(e20049, "voiceOrderId")
	}
	state, center = checkNamed(&wrong, "", r.RateCenter, r.State)
	for _, a := range []string{ActReject, ActBackorder, ActAvailable} {
		if strings.EqualFold(a, r.Action.Trim()) {
			action = a
		}
	}
	if action == "" {
		wrong.say(e400001, "action", `must be "Reject", "Accept with backorder" or "Accept available only"`)
	}
	return state, center, action, wrong.err()
}

// checkNamed is checkCenter where one code stands for both that are missing (source,
// 20088).
func checkNamed(wrong *broken, at string, center, state lenient.Text) (st, name string) {
	name, st = strings.ToUpper(center.Trim()), strings.ToUpper(state.Trim())
	switch {
	case name == "":
		wrong.add(e20088, at+"rateCenter")
	case st == "":
		wrong.add(e20088, at+"state")
	case !nanp.IsState(st):
		wrong.add(e20011, at+"state")
	}
	return st, name
}

// lineFacts are what decides about a line when it is worked.
type lineFacts struct {
	now        time.Time
	product    string
	center     *Center
	profile    Profile
	older      bool // an older order or backorder of the customer for it is open
	holding    Holding
	backorders bool // its region has them
	first      *firstBlocks
}

// checkLine decides whether a line can be filled at all; everything that stands
// against it, the reason that is told first (source, push notifications).
//
//   - VOICE-NTC-1304: there is such a rate center.
//   - VOICE-NTC-1302: it is open for orders now.
//   - VOICE-NTC-1303: the product is available there; Enhanced Local Service needs
//     static 911 or a customer that provides E911 by another provider.
//   - VOICE-NTC-4011: the customer has nothing open for it already.
//   - VOICE-NTC-1648: three quarters of what it has there are in service.
func checkLine(f lineFacts) (against []*Notice) {
	if !f.center.Known() || f.center.Into != "" {
		return []*Notice{n1304}
	}
	if !f.center.Orderable(f.now) {
		against = append(against, n1302)
	}
	if !f.center.Serves(f.product, f.profile) {
		against = append(against, n1303)
	}
	if f.older {
		against = append(against, n4011)
	}
	if !f.holding.Allowed() {
		against = append(against, n1648)
	}
	return against
}

// Serves reports whether a product is available in a rate center to a customer
// (source, ELS customers must use rate centers of the "static 911" field).
func (c Center) Serves(product string, p Profile) bool {
	return c.Covered && c.Native && (product != EnhancedLocal || c.Static911 || p.CP911)
}

// say is add with a text of its own.
func (b *broken) say(code *fault.Code, field, text string) {
	if b.code == nil {
		b.code = code
	}
	b.list.Add(rules[code], field, text)
}

// checkShort decides about a line for which there are not enough numbers; nil when its
// customer is asked.
//
//   - VOICE-NTC-10015: a PBX restriction has no backorders.
//   - VOICE-NTC-10012: nor has the region.
func checkShort(w Wish, backorders bool) *Notice {
	switch {
	case w.PBXIndex > 0:
		return n10015
	case !backorders:
		return n10012
	}
	return nil
}

// checkExternal bounds a customer's own id of an order.
func checkExternal(wrong *broken, id lenient.Text) {
	if utf8.RuneCountInString(id.Trim()) > externalLength {
		wrong.say(e400001, "externalOrderId", fmt.Sprintf("must have at most %d characters", externalLength))
	}
}
