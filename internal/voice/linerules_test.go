package voice_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/lenient"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

type object = voicetest.Map

// lineCase is what is to be different of a request that breaks no rule, and all the rules
// that it breaks then. m is the request, l its line.
type lineCase struct {
	name   string
	change func(m, l object)
	want   []string
}

// set sets a field of a line, "" of its own or of an object in it.
func set(in, field string, value any) func(m, l object) {
	return func(_, l object) {
		if in != "" {
			l = l[in].(object)
		}
		l[field] = value
	}
}

// top sets a field of a request.
func top(field string, value any) func(m, l object) {
	return func(m, _ object) { m[field] = value }
}

// lnp sets a field of what a port needs.
func lnp(field string, value any) func(m, l object) {
	return func(m, _ object) { m["lnp"].(object)[field] = value }
}

// listed gives a line a directory listing, with what is to be different.
func listed(fields object) func(m, l object) {
	return func(_, l object) {
		listing := object{"directoryListingAction": "A", "directoryListingType": "1", "directoryFirstName": "Avery", "directoryLastName": "Example"}
		maps.Copy(listing, fields)
		l["directoryListing"] = listing
	}
}

// all does several changes.
func all(changes ...func(m, l object)) func(m, l object) {
	return func(m, l object) {
		for _, change := range changes {
			change(m, l)
		}
	}
}

// els makes a request one of Enhanced Local Service, for numbers of that product.
func els(m, l object) {
	m["productID"], l["e911Option"], l["tnList"] = voice.EnhancedLocal, "E911", elsNumbers
}

// elsNumbers stands for numbers that a request of Enhanced Local Service can be about.
const elsNumbers = "numbers of Enhanced Local Service"

// business makes a line that of a business.
func business(_, l object) {
	delete(l, "firstName")
	delete(l, "lastName")
	l["customerType"], l["businessName"] = "B", "Example Bakery"
}

const (
	inLine    = " subscriberLines[0]."
	inAddress = inLine + "serviceAddress."
	inListing = inLine + "directoryListing."
)

// namedCases are broken by whatever has a subscriber, an address, a listing or a name to
// show: installs and ports.
var namedCases = []lineCase{
	{"VOICE-ERR-20001 no customer type", set("", "customerType", nil), []string{"20001" + inLine + "customerType"}},
	{"VOICE-ERR-20001 another letter", set("", "customerType", "X"), []string{"20001" + inLine + "customerType"}},
	{"VOICE-ERR-20003 a resident without a last name", set("", "lastName", " "), []string{"20003" + inLine + "firstName"}},
	{"VOICE-ERR-20004 a business without a name", all(business, set("", "businessName", "")), []string{"20004" + inLine + "businessName"}},
	{"VOICE-ERR-20005 a resident has no business name", set("", "businessName", "Example Bakery"), []string{"20005" + inLine + "businessName"}},
	{"VOICE-ERR-20006 a business has no first name", all(business, set("", "firstName", "Avery")), []string{"20006" + inLine + "firstName"}},
	{"VOICE-ERR-20210 digits in a first name", set("", "firstName", "Av3ry"), []string{"20210" + inLine + "firstName"}},
	{"VOICE-ERR-20211 an ampersand in a last name", set("", "lastName", "Exam & ple"), []string{"20211" + inLine + "lastName"}},
	{"VOICE-ERR-20237 an accent", set("", "firstName", "André"), []string{"20237" + inLine + "firstName"}},
	{"VOICE-ERR-20237 a line break", set("", "middleInitial", "A\nB"), []string{"20237" + inLine + "middleInitial"}},
	{"VOICE-ERR-400001 a name that is too long", set("", "lastName", strings.Repeat("x", 61)), []string{"400001" + inLine + "lastName"}},
	{"VOICE-ERR-20007 no street number", set("serviceAddress", "streetNumber", ""), []string{"20007" + inAddress + "streetNumber"}},
	{"VOICE-ERR-20008 no street", set("serviceAddress", "streetName", nil), []string{"20008" + inAddress + "streetName"}},
	{"VOICE-ERR-20009 no such suffix", set("serviceAddress", "streetSuffix", "Strasse"), []string{"20009" + inAddress + "streetSuffix"}},
	{"VOICE-ERR-20010 no city", set("serviceAddress", "city", ""), []string{"20010" + inAddress + "city"}},
	{"VOICE-ERR-20011 no state", set("serviceAddress", "state", ""), []string{"20011" + inAddress + "state"}},
	{"VOICE-ERR-20011 no such state", set("serviceAddress", "state", "ZZ"), []string{"20011" + inAddress + "state"}},
	{"VOICE-ERR-20012 no ZIP code", set("serviceAddress", "zip", " "), []string{"20012" + inAddress + "zip"}},
	{"VOICE-ERR-20013 four digits", set("serviceAddress", "zip", "8020"), []string{"20013" + inAddress + "zip"}},
	{"VOICE-ERR-20013 nine digits", set("serviceAddress", "zip", "80202-1234"), []string{"20013" + inAddress + "zip"}},
	{"VOICE-ERR-20014 a secondary location of 21 characters", set("serviceAddress", "secondaryLocation", "Building 12, Floor 34"), []string{"20014" + inAddress + "secondaryLocation"}},
	{"VOICE-ERR-20237 an accent in a street", set("serviceAddress", "streetName", "Peña"), []string{"20237" + inAddress + "streetName"}},
	{"VOICE-ERR-20007 no address at all", set("", "serviceAddress", nil), []string{"20007" + inAddress + "streetNumber", "20008" + inAddress + "streetName",
		"20010" + inAddress + "city", "20011" + inAddress + "state", "20012" + inAddress + "zip"}},
	{"VOICE-ERR-20023 whether a name is blocked", all(els, set("", "cnam", object{"cnamCustomerName": "EXAMPLE"})), []string{"20023" + inLine + "cnam.blockCustomerName"}},
	{"VOICE-ERR-20023 another letter", all(els, set("", "cnam", object{"blockCustomerName": "X", "cnamCustomerName": "EXAMPLE"})), []string{"20023" + inLine + "cnam.blockCustomerName"}},
	{"VOICE-ERR-20024 no name", all(els, set("", "cnam", object{"blockCustomerName": "N"})), []string{"20024" + inLine + "cnam.cnamCustomerName"}},
	{"VOICE-ERR-20218 16 characters", all(els, set("", "cnam", object{"blockCustomerName": "N", "cnamCustomerName": "SIXTEEN LETTERS!"})), []string{"20218" + inLine + "cnam.cnamCustomerName"}},
	{"VOICE-ERR-20237 an accent in a CNAM", all(els, set("", "cnam", object{"blockCustomerName": "N", "cnamCustomerName": "CAFÉ"})), []string{"20237" + inLine + "cnam.cnamCustomerName"}},
	{"VOICE-ERR-20019 a business is listed by its name", all(els, business, listed(nil)), []string{"20019" + inListing + "directoryBusinessName"}},
	{"VOICE-ERR-20020 a resident by both names", all(els, listed(object{"directoryLastName": ""})), []string{"20020" + inListing + "directoryFirstName"}},
	{"VOICE-ERR-20021 no type of listing", all(els, listed(object{"directoryListingType": nil})), []string{"20021" + inListing + "directoryListingType"}},
	{"VOICE-ERR-20021 a third type", all(els, listed(object{"directoryListingType": 3})), []string{"20021" + inListing + "directoryListingType"}},
	{"VOICE-ERR-20022 no action", all(els, listed(object{"directoryListingAction": nil})), []string{"20022" + inListing + "directoryListingAction"}},
	{"VOICE-ERR-20022 R is for changes", all(els, listed(object{"directoryListingAction": "R"})), []string{"20022" + inListing + "directoryListingAction"}},
	{"VOICE-ERR-20232 so is C", all(els, listed(object{"directoryListingAction": "C"})), []string{"20232" + inListing + "directoryListingAction"}},
	{"VOICE-ERR-20232 and D there is not", all(els, listed(object{"directoryListingAction": "D"})), []string{"20232" + inListing + "directoryListingAction"}},
	{"VOICE-ERR-20237 an accent in a listing", all(els, listed(object{"directoryFirstName": "André"})), []string{"20237" + inListing + "directoryFirstName"}},
	{"VOICE-ERR-20000 no product", top("productID", nil), []string{"20000 productID"}},
	{"VOICE-ERR-400001 the customer's own id is bounded", top("externalOrderId", strings.Repeat("x", 65)), []string{"400001 externalOrderId"}},
	{"VOICE-ERR-20032 no service name", top("customerServiceName", nil), []string{"20032 customerServiceName"}},
	{"VOICE-ERR-20032 another customer's", top("customerServiceName", "BACKUP-ROUTE"), []string{"20032 customerServiceName"}},
	{"VOICE-ERR-20050 a day is no moment", top("customerRequestDate", "2040-06-20"), []string{"20050 customerRequestDate"}},
	{"VOICE-ERR-20050 another zone", top("customerRequestDate", "2040-06-20T10:00:00+02:00"), []string{"20050 customerRequestDate"}},
	{"VOICE-ERR-20213 in 31 days", top("customerRequestDate", "2040-07-06T10:00:00Z"), []string{"20213 customerRequestDate"}},
	{"VOICE-ERR-20029 no line", top("subscriberLines", nil), []string{"20029 subscriberLines"}},
	{"VOICE-ERR-20029 a line that is a text", top("subscriberLines", []any{"Avery"}), []string{"20029 subscriberLines[0]"}},
	{"VOICE-ERR-20029 a line that is null", top("subscriberLines", []any{nil}), []string{"20029 subscriberLines[0]"}},
	{"VOICE-ERR-20029 an address that is a text", set("", "serviceAddress", "100 Main Street"), []string{"20029 subscriberLines[0]"}},
	{"VOICE-ERR-20030 an empty list", top("subscriberLines", []any{}), []string{"20030 subscriberLines"}},
	{"VOICE-ERR-20031 two lines", func(m, l object) { m["subscriberLines"] = []any{l, l} }, []string{"20031 subscriberLines"}},
	{"VOICE-ERR-20015 no list of numbers", set("", "tnList", nil), []string{"20015" + inLine + "tnList"}},
	{"VOICE-ERR-20015 an empty one", set("", "tnList", []any{}), []string{"20015" + inLine + "tnList"}},
	{"VOICE-ERR-20040 Local Inbound has no E911", set("", "e911Option", "E911"), []string{"20040" + inLine + "e911Option"}},
	{"VOICE-ERR-20040 not even the customer's own", set("", "e911Option", "CP911"), []string{"20040" + inLine + "e911Option"}},
	{"VOICE-ERR-20040 Enhanced Local Service without one", all(els, set("", "e911Option", nil)), []string{"20040" + inLine + "e911Option"}},
	{"VOICE-ERR-20040 an option that there is not", all(els, set("", "e911Option", "112")), []string{"20040" + inLine + "e911Option"}},
	{"VOICE-ERR-20040 E911 where rate center and address do not match", all(els, set("serviceAddress", "city", "Alamosa"), set("serviceAddress", "zip", "81101")),
		[]string{"20040" + inLine + "e911Option"}},
	{"VOICE-ERR-20040 or nobody knows the address", all(els, set("serviceAddress", "city", "Atlantis")), []string{"20040" + inLine + "e911Option"}},
	{"VOICE-ERR-400001 Local Inbound is not listed", listed(nil), []string{"400001" + inLine + "directoryListing"}},
	{"VOICE-ERR-400001 CNAM on Local Inbound needs a subscription", set("", "cnam", object{"blockCustomerName": "Y"}), []string{"400001" + inLine + "cnam"}},
	{"VOICE-ERR-400001 nor is what is used elsewhere", all(els, set("", "e911Option", "CP911"), set("serviceAddress", "city", "Alamosa"), set("serviceAddress", "zip", "81101"), listed(nil)),
		[]string{"400001" + inLine + "directoryListing"}},
}

// ruleWorld is a world in which the other customer has numbers of every kind. It is
// Tuesday, June 5, 2040.
type ruleWorld struct {
	*voicetest.World
	free, elsFree     voice.Range // in its pool
	active, elsActive voice.Range // in service
	busy              voice.Range // to be installed in three weeks
	aging             voice.Range
	port              voice.Order // on its way in
}

// Numbers of Denver that other carriers have; the first is on its way in.
const ported, portable = nanp.TN(3032042000), nanp.TN(3032052000)

func newRuleWorld(t *testing.T, d *db.DB) *ruleWorld {
	t.Helper()
	w := &ruleWorld{World: voicetest.New(t, d)}
	pool := func(n int, product lenient.Text) voice.Range {
		r := voicetest.Ask(voicetest.Line("DENVER", n))
		r.ProductID = product
		o := w.Worked(w.ReserveFor(voicetest.Other, r))
		list, _ := w.Pool(voicetest.Other)
		for _, e := range list {
			if e.Order == o.ID {
				return e.Range
			}
		}
		t.Fatalf("nothing was reserved: %v", w.Codes(o.ID))
		return voice.Range{}
	}
	install := func(r voice.Range, change func(m, l object)) {
		l := voicetest.Dwelling(voicetest.TNs(r))
		m := voicetest.Install(l)
		change(m, l)
		l["tnList"] = voicetest.TNs(r)
		w.Worked(w.Ordered(voicetest.Other, m))
	}
	some := func(r voice.Range, from, to nanp.TN) voice.Range {
		return voice.Range{Start: r.Start + from, End: r.Start + to}
	}
	li, enhanced := pool(6, voice.LocalInbound), pool(4, voice.EnhancedLocal)
	w.free, w.active, w.busy, w.aging = some(li, 0, 1), some(li, 2, 3), some(li, 4, 4), some(li, 5, 5)
	w.elsFree, w.elsActive = some(enhanced, 0, 1), some(enhanced, 2, 3)
	install(w.active, func(_, _ object) {})
	install(w.aging, func(_, _ object) {})
	install(w.elsActive, els)
	x, err := w.TryDisconnect(voicetest.Other, w.Now().Add(4*day), voicetest.TNs(w.aging))
	w.Must("disconnect", err)
	w.Advance(4 * day)
	told(t, w.World, x, 901, 906, 906)
	install(w.busy, top("customerRequestDate", voicetest.Stamp(w.Now().Add(21*day))))
	w.port = w.Ordered(voicetest.Other, voicetest.PortIn(voicetest.Dwelling(voicetest.TNs(voicetest.One(ported)))))
	w.AdvanceTo(time.Date(2040, time.June, 5, 12, 0, 0, 0, time.UTC))
	is(t, w.World, w.port, voice.PortFOC)
	return w
}

// refusedAll holds requests against the rules that they break: base makes one that
// breaks none.
func (w *ruleWorld) refusedAll(t *testing.T, cases []lineCase, enhanced voice.Range, base func() (m, l object), ask func(m object) error) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, l := base()
			c.change(m, l)
			if l["tnList"] == elsNumbers {
				l["tnList"] = voicetest.TNs(enhanced)
			}
			refused(t, w.World, func() error { return ask(m) }, c.want...)
		})
	}
}

// numbersAre makes a line be about numbers.
func numbersAre(list ...any) func(m, l object) {
	return func(_, l object) { l["tnList"] = list }
}

// one number, as a request has it.
func tnOf(tn nanp.TN) any { return voicetest.TNs(voicetest.One(tn))[0] }

const tnList = inLine + "tnList"

func TestInstallsThatBreakRulesAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newRuleWorld(t, d)
		free, other := voicetest.TNs(w.free)[0], nanp.TN(3035550100)
		cases := append([]lineCase{
			{"VOICE-ERR-400001 another type of order", top("orderType", "CHANGE"), []string{"400001 orderType"}},
			{"VOICE-ERR-20214 yesterday", top("customerRequestDate", "2040-06-05T04:59:59Z"), []string{"20214 customerRequestDate"}},
			{"VOICE-ERR-20025 no number", numbersAre(free, 911), []string{"20025" + tnList + "[1]"}},
			{"VOICE-ERR-20025 half a number", numbersAre(object{"npa": 303, "nxx": 200}), []string{"20025" + tnList + "[0]"}},
			{"VOICE-ERR-20025 a range that ends before it begins", numbersAre(object{"startTN": 13032001009, "endTN": 13032001008}), []string{"20025" + tnList + "[0]"}},
			{"VOICE-ERR-10007 400 numbers", numbersAre(object{"startTN": 13032001000, "endTN": 13032001399}), []string{"10007" + tnList}},
			{"VOICE-ERR-10007 in many ranges, whatever they are", numbersAre(free, object{"startTN": 13032001100, "endTN": 13032001499}), []string{"10007" + tnList}},
			{"VOICE-ERR-20016 a number that is nobody's", numbersAre(free, tnOf(portable)), []string{"20016" + tnList}},
			{"VOICE-ERR-20016 that the carrier keeps back", numbersAre(tnOf(other + 50)), []string{"20016" + tnList}},
			{"VOICE-ERR-20016 for the other product", numbersAre(voicetest.TNs(w.elsFree)...), []string{"20016" + tnList}},
			{"VOICE-ERR-20016 in service", numbersAre(voicetest.TNs(w.active)...), []string{"20016" + tnList}},
			{"VOICE-ERR-20016 that ages", numbersAre(voicetest.TNs(w.aging)...), []string{"20016" + tnList}},
			{"VOICE-ERR-20041 another customer's", numbersAre(tnOf(other), tnOf(other+16)), []string{"20041" + tnList}},
			{"VOICE-ERR-1612 that will be installed", numbersAre(voicetest.TNs(w.busy)...), []string{"1612" + tnList}},
			{"VOICE-ERR-1612 that is on its way in", numbersAre(tnOf(ported)), []string{"1612" + tnList}},
			{"each reason once, by number", numbersAre(tnOf(other+16), tnOf(portable), tnOf(ported), tnOf(other), free), []string{"1612" + tnList, "20016" + tnList, "20041" + tnList}},
			{"all broken rules are listed, in document order", func(m, l object) {
				els(m, l)
				listed(object{"directoryListingAction": "C", "directoryFirstName": ""})(m, l)
				set("serviceAddress", "zip", "x")(m, l)
				m["productID"], m["customerServiceName"], m["customerRequestDate"], l["customerType"], l["firstName"] = 1, "", "soon", "R", "4"
				l["e911Option"], l["cnam"], l["tnList"] = "?", object{}, []any{1, tnOf(other)}
			}, []string{"20000 productID", "20032 customerServiceName", "20050 customerRequestDate", "20210" + inLine + "firstName", "20013" + inAddress + "zip",
				"20232" + inListing + "directoryListingAction", "20020" + inListing + "directoryFirstName",
				"20023" + inLine + "cnam.blockCustomerName", "20025" + tnList + "[0]", "20041" + tnList}},
		}, namedCases...)
		base := func() (m, l object) {
			l = voicetest.Dwelling([]any{free})
			return voicetest.Install(l), l
		}
		w.refusedAll(t, cases, w.elsFree, base, func(m object) error {
			_, err := w.TryOrder(voicetest.Other, m)
			return err
		})
	})
}

func TestPortsThatBreakRulesAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newRuleWorld(t, d)
		own := voice.ReferenceBlocks(nanp.Find("CO", "DENVER"))
		here := func(r voice.Range) func(m, l object) { return numbersAre(voicetest.TNs(r)...) }
		cases := append([]lineCase{
			{"VOICE-ERR-20214 and VOICE-ERR-20231 yesterday", top("customerRequestDate", "2040-06-04T10:00:00Z"), []string{"20214 customerRequestDate", "20231 customerRequestDate"}},
			{"VOICE-ERR-20231 in six days", top("customerRequestDate", "2040-06-12T04:59:59Z"), []string{"20231 customerRequestDate"}},
			{"VOICE-ERR-20048 nobody's", func(_, l object) {
				delete(l, "customerType")
				delete(l, "firstName")
				delete(l, "lastName")
			}, []string{"20001" + inLine + "customerType", "20048" + inLine + "customerType"}},
			{"VOICE-ERR-20115 no number", numbersAre(911), []string{"20115" + tnList + "[0]"}},
			{"VOICE-ERR-400001 fifty numbers", numbersAre(object{"startTN": 13032052000, "endTN": 13032052049}), []string{"400001" + tnList}},
			{"VOICE-ERR-20115 in the pool already", here(w.free), []string{"20115" + tnList}},
			{"VOICE-ERR-20115 in service already", here(w.active), []string{"20115" + tnList}},
			{"VOICE-ERR-20115 that ages", here(w.aging), []string{"20115" + tnList}},
			{"VOICE-ERR-20115 that the carrier keeps back", here(voicetest.One(3035550150)), []string{"20115" + tnList}},
			{"VOICE-ERR-20115 that is free here", here(voicetest.One(own[0].First() + 999)), []string{"20115" + tnList}},
			{"VOICE-ERR-20115 of a block that was not opened yet", here(voicetest.One(own[7].First())), []string{"20115" + tnList}},
			{"VOICE-ERR-20041 another customer's", here(voicetest.One(3035550100)), []string{"20041" + tnList}},
			{"VOICE-ERR-1612 that is on its way already", here(voicetest.One(ported)), []string{"1612" + tnList}},
			{"VOICE-ERR-20040 E911 where there is no static 911", all(els, here(voicetest.One(7192502000)), set("serviceAddress", "city", "Pueblo"), set("serviceAddress", "zip", "81003")),
				[]string{"20040" + inLine + "e911Option"}},
			{"VOICE-ERR-20026 no letter's name", lnp("loaName", " "), []string{"20026 lnp.loaName"}},
			{"VOICE-ERR-20237 an accent in it", lnp("loaName", "André"), []string{"20237 lnp.loaName"}},
			{"VOICE-ERR-20027 no word of a letter", lnp("loaReceived", nil), []string{"20027 lnp.loaReceived"}},
			{"VOICE-ERR-20027 no letter", lnp("loaReceived", "N"), []string{"20027 lnp.loaReceived"}},
			{"VOICE-ERR-20028 no date of the letter", lnp("loaDateTime", ""), []string{"20028 lnp.loaDateTime"}},
			{"VOICE-ERR-20047 another form of it", lnp("loaDateTime", "May 30, 2040"), []string{"20047 lnp.loaDateTime"}},
			{"VOICE-ERR-20204 no billing number", lnp("workingTelephoneNumber", nil), []string{"20204 lnp.workingTelephoneNumber"}},
			{"VOICE-ERR-20204 that is none", lnp("workingTelephoneNumber", "1234567890"), []string{"20204 lnp.workingTelephoneNumber"}},
			{"VOICE-ERR-20112 no account", lnp("losingCarrierAccountNumber", ""), []string{"20112 lnp.losingCarrierAccountNumber"}},
			{"VOICE-ERR-20112 two characters", lnp("losingCarrierAccountNumber", "12"), []string{"20112 lnp.losingCarrierAccountNumber"}},
			{"VOICE-ERR-20112 a blank in it", lnp("losingCarrierAccountNumber", "ACC 1234"), []string{"20112 lnp.losingCarrierAccountNumber"}},
			{"VOICE-ERR-20114 wireless or not", lnp("losingCarrierWireless", nil), []string{"20114 lnp.losingCarrierWireless"}},
			{"VOICE-ERR-20113 wireless without a PIN", lnp("losingCarrierWireless", "Y"), []string{"20113 lnp.losingCarrierPin"}},
			{"VOICE-ERR-20113 three digits", all(lnp("losingCarrierWireless", "Y"), lnp("losingCarrierPin", 123)), []string{"20113 lnp.losingCarrierPin"}},
			{"VOICE-ERR-20113 a sign in it", lnp("losingCarrierPin", "12#4"), []string{"20113 lnp.losingCarrierPin"}},
			{"nothing of what a port needs", top("lnp", nil), []string{"20026 lnp.loaName", "20027 lnp.loaReceived", "20028 lnp.loaDateTime", "20204 lnp.workingTelephoneNumber",
				"20112 lnp.losingCarrierAccountNumber", "20114 lnp.losingCarrierWireless"}},
		}, namedCases...)
		base := func() (m, l object) {
			l = voicetest.Dwelling([]any{tnOf(portable)})
			return voicetest.PortIn(l), l
		}
		w.refusedAll(t, cases, voicetest.One(portable), base, func(m object) error {
			_, err := w.TryOrder(voicetest.Other, m)
			return err
		})
	})
}
