package voice

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"demarc/internal/fault"
	"demarc/internal/lenient"
	"demarc/internal/nanp"
	"demarc/internal/postal"
)

// Forms of moments and days.
const dateForm = "2006-01-02T15:04:05Z"

// Windows of customerRequestDate (source, 20213, 20214, 20231, 20068).
const (
	mostDaysAhead = 30
	portDaysAhead = 7
)

const (
	secondaryLength = 20
	cnamLength      = 15
	nameLength      = 60 // ours
)

// checkDate reads a customerRequestDate; zero when there is none.
//
//   - VOICE-ERR-20050 (orders), 20069 (supplements and disconnects), 20215 (changes):
//     its form.
//   - VOICE-ERR-20214: not before today. VOICE-ERR-20213: within thirty days.
func checkDate(wrong *broken, form *fault.Code, text lenient.Text, now time.Time) time.Time {
	if text.Trim() == "" {
		return time.Time{}
	}
	at, ok := moment(text)
	switch {
	case !ok:
		wrong.add(form, "customerRequestDate")
		return time.Time{}
	case day(at).Before(day(now)):
		wrong.add(e20214, "customerRequestDate")
	case day(at).After(day(now).AddDate(0, 0, mostDaysAhead)):
		wrong.add(e20213, "customerRequestDate")
	}
	return at
}

// moment reads a moment in the source's form, which has no parts of a second.
func moment(text lenient.Text) (at time.Time, ok bool) {
	at, err := time.Parse(dateForm, text.Trim())
	return at, err == nil && len(text.Trim()) == len(dateForm)
}

// basic reports whether a text is Basic Latin, and says so if it is not.
// (VOICE-ERR-20237)
func basic(wrong *broken, field string, t lenient.Text) bool {
	for _, r := range t.Trim() {
		if r < ' ' || r > '~' {
			wrong.add(e20237, field)
			return false
		}
	}
	if len(t.Trim()) > nameLength {
		wrong.say(e400001, field, "must have at most 60 characters")
		return false
	}
	return true
}

// checkName reads a person's name. (VOICE-ERR-20210, 20211)
func checkName(wrong *broken, code *fault.Code, field string, t lenient.Text) {
	if basic(wrong, field, t) && strings.ContainsFunc(t.Trim(), func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(" -'.", r) }) {
		wrong.add(code, field)
	}
}

// at is where a subscriber line's fields are.
const lineAt = "subscriberLines[0]."

// checkSubscriber reads whose numbers they are to be.
//
//   - VOICE-ERR-20001: B or R.
//   - VOICE-ERR-20003, 20005: a residential customer has first and last name, and no
//     business name.
//   - VOICE-ERR-20004, 20006: a business has a business name, and no other.
func checkSubscriber(wrong *broken, l *LineOrder) Subscriber {
	s := Subscriber{Type: strings.ToUpper(l.CustomerType.Trim()), First: l.First.Trim(), Last: l.Last.Trim(), Middle: l.Middle.Trim(), Business: l.Business.Trim()}
	switch s.Type {
	case Residential:
		if s.First == "" || s.Last == "" {
			wrong.add(e20003, lineAt+"firstName")
		}
		if s.Business != "" {
			wrong.add(e20005, lineAt+"businessName")
		}
	case Business:
		if s.Business == "" {
			wrong.add(e20004, lineAt+"businessName")
		}
		if s.First != "" || s.Last != "" {
			wrong.add(e20006, lineAt+"firstName")
		}
	default:
		wrong.add(e20001, lineAt+"customerType")
	}
	checkNames(wrong, l)
	return s
}

func checkNames(wrong *broken, l *LineOrder) {
	checkName(wrong, e20210, lineAt+"firstName", l.First)
	checkName(wrong, e20211, lineAt+"lastName", l.Last)
	basic(wrong, lineAt+"middleInitial", l.Middle)
	basic(wrong, lineAt+"businessName", l.Business)
}

// checkAddress reads a service address.
//
//   - VOICE-ERR-20007, 20008: street number and name. VOICE-ERR-20009: a suffix of
//     Publication 28, if any. VOICE-ERR-20014: a secondary location of 20 characters.
//   - VOICE-ERR-20010, 20011: city and state. VOICE-ERR-20012, 20013: a ZIP code of five
//     digits.
func checkAddress(wrong *broken, r *AddressRequest) Address {
	if r == nil {
		r = &AddressRequest{}
	}
	const at = lineAt + "serviceAddress."
	need := func(code *fault.Code, field string, t lenient.Text) {
		if t.Trim() == "" {
			wrong.add(code, at+field)
		}
		basic(wrong, at+field, t)
	}
	a := Address{Number: r.Number.Trim(), Name: r.Name.Trim(), Secondary: r.Secondary.Trim(), City: r.City.Trim(),
		State: strings.ToUpper(r.State.Trim()), ZIP: r.ZIP.Trim()}
	need(e20007, "streetNumber", r.Number)
	need(e20008, "streetName", r.Name)
	if r.Suffix.Trim() != "" {
		var ok bool
		if a.Suffix, ok = postal.Suffix(string(r.Suffix)); !ok {
			wrong.add(e20009, at+"streetSuffix")
		}
	}
	if basic(wrong, at+"secondaryLocation", r.Secondary) && len(a.Secondary) > secondaryLength {
		wrong.add(e20014, at+"secondaryLocation")
	}
	need(e20010, "city", r.City)
	if !nanp.IsState(a.State) {
		wrong.add(e20011, at+"state")
	}
	switch {
	case a.ZIP == "":
		wrong.add(e20012, at+"zip")
	case !isZIP(a.ZIP):
		wrong.add(e20013, at+"zip")
	}
	return a
}

// checkListing reads a directory listing of a new install.
//
//   - VOICE-ERR-20022: the action A. VOICE-ERR-20232: not C or D.
//   - VOICE-ERR-20021: type 1 or 2.
//   - VOICE-ERR-20019, 20020: the names of its kind of customer.
func checkListing(wrong *broken, r *ListingRequest, customerType string) *Listing {
	if r == nil {
		return nil
	}
	const at = lineAt + "directoryListing."
	switch strings.ToUpper(r.Action.Trim()) {
	case "A":
	case "C", "D":
		wrong.add(e20232, at+"directoryListingAction")
	default:
		wrong.add(e20022, at+"directoryListingAction")
	}
	if t := r.Type.Trim(); t != "1" && t != "2" {
		wrong.add(e20021, at+"directoryListingType")
	}
	switch customerType {
	case Business:
		if r.Business.Trim() == "" {
			wrong.add(e20019, at+"directoryBusinessName")
		}
	case Residential:
		if r.First.Trim() == "" || r.Last.Trim() == "" {
			wrong.add(e20020, at+"directoryFirstName")
		}
	}
	return listingOf(wrong, r)
}

func listingOf(wrong *broken, r *ListingRequest) *Listing {
	const at = lineAt + "directoryListing."
	basic(wrong, at+"directoryFirstName", r.First)
	basic(wrong, at+"directoryLastName", r.Last)
	basic(wrong, at+"directoryBusinessName", r.Business)
	return &Listing{Type: r.Type.Trim(), First: r.First.Trim(), Last: r.Last.Trim(), Business: r.Business.Trim()}
}

// checkCNAM reads what others are to see.
//
//   - VOICE-ERR-20023: Y or N. VOICE-ERR-20024: a name, unless it is blocked.
//   - VOICE-ERR-20218: of 15 characters.
func checkCNAM(wrong *broken, r *CNAMRequest) *CNAM {
	if r == nil {
		return nil
	}
	const at = lineAt + "cnam."
	c := &CNAM{Blocked: strings.EqualFold(r.Block.Trim(), "Y"), Name: r.Name.Trim()}
	switch {
	case !c.Blocked && !strings.EqualFold(r.Block.Trim(), "N"):
		wrong.add(e20023, at+"blockCustomerName")
	case !c.Blocked && c.Name == "":
		wrong.add(e20024, at+"cnamCustomerName")
	}
	if basic(wrong, at+"cnamCustomerName", r.Name) && len(c.Name) > cnamLength {
		wrong.add(e20218, at+"cnamCustomerName")
	}
	return c
}

// productFacts are what the options of a line depend on.
type productFacts struct {
	product string
	profile Profile
	centers []Center // of the numbers
}

// checkOptions decides about what a product lets its numbers have (source, Local
// Inbound and Enhanced Local Service).
//
//   - VOICE-ERR-20040: Local Inbound has no E911 option. Enhanced Local Service has the
//     carrier's, or the customer's own provider; the carrier's only where the rate center
//     has static 911 and is the address's.
//   - VOICE-ERR-400001 (ours): Local Inbound has no directory listing, and CNAM only with
//     an approved subscription; there is no listing where rate center and address do not
//     match.
func checkOptions(wrong *broken, s Service, f productFacts) {
	here := true
	for _, c := range f.centers {
		here = here && (!s.Address.whole() || c.at(s.Address)) // what is wrong with the address is said elsewhere
	}
	switch f.product {
	case LocalInbound:
		if s.E911 != "" {
			wrong.add(e20040, lineAt+"e911Option")
		}
		if s.Listing != nil {
			wrong.say(e400001, lineAt+"directoryListing", "is not supported for Local Inbound")
		}
		if s.CNAM != nil && !f.profile.CNAM {
			wrong.say(e400001, lineAt+"cnam", "needs an approved subscription of CNAM")
		}
	case EnhancedLocal:
		checkEnhanced(wrong, s, f, here)
	}
}

// checkEnhanced is checkOptions of Enhanced Local Service; here says whether rate center
// and address match.
func checkEnhanced(wrong *broken, s Service, f productFacts, here bool) {
	static := true
	for _, c := range f.centers {
		static = static && c.Static911
	}
	switch {
	case s.E911 == E911Customer:
	case s.E911 != E911Standard, !static, !here:
		wrong.add(e20040, lineAt+"e911Option")
	}
	if s.Listing != nil && !here {
		wrong.say(e400001, lineAt+"directoryListing", "is not supported where rate center and address do not match")
	}
}

// whole reports whether an address has what tells where it is.
func (a Address) whole() bool {
	return a.City != "" && nanp.IsState(a.State) && isZIP(a.ZIP)
}

// isZIP reports five digits.
func isZIP(s string) bool {
	return len(s) == 5 && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// at reports whether an address lies in a rate center. Where nobody can tell, its state
// decides.
func (c Center) at(a Address) bool {
	if c.State != a.State {
		return false
	}
	if c.Plan == nil || !c.Plan.Placed() {
		return true
	}
	serving, known := nanp.Serving(nanp.Place{City: a.City, State: a.State, ZIP: a.ZIP})
	if !known {
		return false
	}
	return slices.Contains(serving, c.Plan)
}

// checkLNP reads what a port needs.
//
//   - VOICE-ERR-20026, 20027, 20028, 20047: the letter of authorization: its name, that
//     it is there, and when it was signed.
//   - VOICE-ERR-20204: the losing carrier's billing number. VOICE-ERR-20112: the account
//     there. VOICE-ERR-20114: wireless or not. VOICE-ERR-20113: the PIN of a wireless one.
func checkLNP(wrong *broken, r *LNPRequest) *LNP {
	if r == nil {
		r = &LNPRequest{}
	}
	const at = "lnp."
	l := &LNP{LOAName: r.LOAName.Trim(), Account: r.Account.Trim(), PIN: r.PIN.Trim(), Wireless: strings.EqualFold(r.Wireless.Trim(), "Y")}
	if l.LOAName == "" {
		wrong.add(e20026, at+"loaName")
	}
	basic(wrong, at+"loaName", r.LOAName)
	if !strings.EqualFold(r.LOAReceived.Trim(), "Y") {
		wrong.add(e20027, at+"loaReceived")
	}
	var ok bool
	if r.LOADateTime.Trim() == "" {
		wrong.add(e20028, at+"loaDateTime")
	} else if l.LOAAt, ok = moment(r.LOADateTime); !ok {
		wrong.add(e20047, at+"loaDateTime")
	}
	if l.WTN, ok = nanp.ParseTN(r.WTN.Trim()); !ok {
		wrong.add(e20204, at+"workingTelephoneNumber")
	}
	if !accountForm(l.Account, 3, 20) {
		wrong.add(e20112, at+"losingCarrierAccountNumber")
	}
	if !l.Wireless && !strings.EqualFold(r.Wireless.Trim(), "N") {
		wrong.add(e20114, at+"losingCarrierWireless")
	}
	if l.Wireless && !accountForm(l.PIN, 4, 10) || l.PIN != "" && !accountForm(l.PIN, 1, 10) {
		wrong.add(e20113, at+"losingCarrierPin")
	}
	return l
}

// accountForm reports whether a text is letters and digits, so many of them.
func accountForm(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-'
	})
}

// checkChanged reads what is to change of a line.
//
//   - VOICE-ERR-20043: names come with a customer type. VOICE-ERR-20044: a business name
//     with B; VOICE-ERR-20045: a person's with R; VOICE-ERR-20046: both of them.
//   - VOICE-ERR-20051: a listing is changed (C) or removed (R). VOICE-ERR-20052: some name
//     of it changes. VOICE-ERR-20021: its type is 1 or 2, if it changes.
func checkChanged(wrong *broken, l *LineOrder) (c Change) {
	first, last, business, kind := l.First.Trim(), l.Last.Trim(), l.Business.Trim(), strings.ToUpper(l.CustomerType.Trim())
	switch {
	case first == "" && last == "" && business == "":
		if kind != "" && kind != Business && kind != Residential {
			wrong.add(e20001, lineAt+"customerType")
		}
	case kind == "":
		wrong.add(e20043, lineAt+"customerType")
	case business != "" && kind != Business:
		wrong.add(e20044, lineAt+"customerType")
	case business == "" && kind != Residential:
		wrong.add(e20045, lineAt+"customerType")
	case business != "" && (first != "" || last != ""):
		wrong.add(e20006, lineAt+"firstName")
	case business == "" && (first == "" || last == ""):
		wrong.add(e20046, lineAt+"firstName")
	default:
		c.Subscriber = &Subscriber{Type: kind, First: first, Last: last, Middle: l.Middle.Trim(), Business: business}
	}
	checkNames(wrong, l)
	if l.Address != nil {
		a := checkAddress(wrong, l.Address)
		c.Address = &a
	}
	if option := strings.ToUpper(l.E911.Trim()); option != "" {
		c.E911 = &option
	}
	if r := l.Listing; r != nil {
		const at = lineAt + "directoryListing."
		action := strings.ToUpper(r.Action.Trim())
		if t := r.Type.Trim(); t != "" && t != "1" && t != "2" {
			wrong.add(e20021, at+"directoryListingType")
		}
		switch {
		case action == "R":
			c.Unlist = true
		case action != "C":
			wrong.add(e20051, at+"directoryListingAction")
		case r.First.Trim() == "" && r.Last.Trim() == "" && r.Business.Trim() == "":
			wrong.add(e20052, at+"directoryFirstName")
		default:
			c.Listing = listingOf(wrong, r)
		}
	}
	c.CNAM = checkCNAM(wrong, l.CNAM)
	return c
}

// silent reports whether a line names numbers, and says nothing about them.
func (l *LineOrder) silent() bool {
	return l.First.Trim()+l.Last.Trim()+l.Business.Trim()+l.E911.Trim() == "" && l.Address == nil && l.Listing == nil && l.CNAM == nil
}

// provided reports whether the providers must be told of a change.
func (c Change) provided() bool {
	return c.Address != nil || c.E911 != nil || c.Listing != nil || c.CNAM != nil
}

// empty reports whether nothing is to change. (VOICE-ERR-20057)
func (c Change) empty() bool {
	return c.Subscriber == nil && c.Address == nil && c.E911 == nil && c.Listing == nil && !c.Unlist && c.CNAM == nil && c.RouteName == nil && c.RoutePlan == nil
}

// standingOf decides whether an order may be about a number, as the ledger has it: nil
// when it may. e is nil when nobody has it; product is empty when nobody knows it.
//
//   - VOICE-ERR-20041: it is no other customer's. VOICE-ERR-1612: nothing is under way
//     with it.
//   - VOICE-ERR-20016: what is installed is in the customer's pool, for this product.
//   - VOICE-ERR-20042: what changes is in service. VOICE-ERR-20061: so is what ends.
//   - VOICE-ERR-20115: what is ported in is not here already.
func standingOf(kind, customer, product string, e *Entry) *fault.Code {
	mine := e != nil && e.Customer == customer
	switch {
	case e != nil && e.Customer != "" && !mine && e.Status != Aging:
		return e20041
	case mine && e.Busy != "":
		return e1612
	case kind == TypeInstall && !(mine && e.Status == Reserved && (product == "" || e.Product == product)):
		return e20016
	case kind == TypeChange && !(mine && e.Status == Active):
		return e20042
	case kind == TypeDisconnect && !(mine && e.Status == Active):
		return e20061
	case kind == TypePort && e != nil:
		return e20115
	}
	return nil
}
