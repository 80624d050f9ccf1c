package voice_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/lenient"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

// The rules of what is asked about numbers in service, and about orders under way.

// only makes a line say nothing but what numbers it is about, and something else.
func only(fields object) func(m, l object) {
	return func(_, l object) {
		for field := range l {
			if field != "tnList" {
				delete(l, field)
			}
		}
		maps.Copy(l, fields)
	}
}

// enhanced is only for numbers of Enhanced Local Service.
func enhanced(fields object) func(m, l object) {
	return all(only(fields), set("", "tnList", elsNumbers))
}

var elsewhere = object{"streetNumber": "1", "streetName": "State", "streetSuffix": "Ave", "city": "Alamosa", "state": "CO", "zip": "81101"}

func TestChangesThatBreakRulesAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newRuleWorld(t, d)
		here := func(r ...voice.Range) func(m, l object) { return numbersAre(voicetest.TNs(r...)...) }
		listing := func(fields object) func(m, l object) { return enhanced(object{"directoryListing": fields}) }
		cnam := func(fields object) func(m, l object) { return enhanced(object{"cnam": fields}) }
		cases := []lineCase{
			{"VOICE-ERR-1405 no such service name", top("customerServiceName", "NO-ROUTE"), []string{"1405 customerServiceName"}},
			{"VOICE-ERR-1405 another customer's", top("customerServiceName", "BACKUP-ROUTE"), []string{"1405 customerServiceName"}},
			{"VOICE-ERR-20207 another customer's route plan", top("routePlanName", "PLAN-A"), []string{"20207 routePlanName"}},
			{"VOICE-ERR-20207 an empty name of one", top("routePlanName", ""), []string{"20207 routePlanName"}},
			{"VOICE-ERR-20215 another form of a date", top("customerRequestDate", "06/20/2040"), []string{"20215 customerRequestDate"}},
			{"VOICE-ERR-20213 in 31 days", top("customerRequestDate", "2040-07-06T10:00:00Z"), []string{"20213 customerRequestDate"}},
			{"VOICE-ERR-20214 yesterday", top("customerRequestDate", "2040-06-05T04:00:00Z"), []string{"20214 customerRequestDate"}},
			{"VOICE-ERR-400001 the customer's own id is bounded", top("externalOrderId", strings.Repeat("x", 65)), []string{"400001 externalOrderId"}},
			{"VOICE-ERR-20029 no line, and what else is wrong", all(top("subscriberLines", nil), top("customerServiceName", "NO-ROUTE")), []string{"1405 customerServiceName", "20029 subscriberLines"}},
			{"VOICE-ERR-20030 an empty list", top("subscriberLines", []any{}), []string{"20030 subscriberLines"}},
			{"VOICE-ERR-20031 two lines", func(m, l object) { m["subscriberLines"] = []any{l, l} }, []string{"20031 subscriberLines"}},
			{"VOICE-ERR-20057 nothing changes", only(nil), []string{"20057 subscriberLines[0]"}},
			{"VOICE-ERR-20057 blanks are nothing", only(object{"firstName": " ", "e911Option": ""}), []string{"20057 subscriberLines[0]"}},
			{"VOICE-ERR-20057 whatever else is wrong", all(only(nil), here(w.free)), []string{"20057 subscriberLines[0]", "20042" + tnList}},
			{"VOICE-ERR-20001 a type that is none", only(object{"customerType": "X", "serviceAddress": elsewhere}), []string{"20001" + inLine + "customerType"}},
			{"VOICE-ERR-20043 a name without a type", set("", "customerType", nil), []string{"20043" + inLine + "customerType"}},
			{"VOICE-ERR-20044 a business name with R", only(object{"customerType": "R", "businessName": "Example Bakery"}), []string{"20044" + inLine + "customerType"}},
			{"VOICE-ERR-20045 a person's name with B", set("", "customerType", "B"), []string{"20045" + inLine + "customerType"}},
			{"VOICE-ERR-20046 half a person's name", set("", "lastName", ""), []string{"20046" + inLine + "firstName"}},
			{"VOICE-ERR-20006 a business with a first name", all(business, set("", "firstName", "Avery")), []string{"20006" + inLine + "firstName"}},
			{"VOICE-ERR-20210 digits in a first name", set("", "firstName", "Av3ry"), []string{"20210" + inLine + "firstName"}},
			{"VOICE-ERR-20211 digits in a last name", set("", "lastName", "3xample"), []string{"20211" + inLine + "lastName"}},
			{"VOICE-ERR-20237 an accent", only(object{"customerType": "B", "businessName": "Café"}), []string{"20237" + inLine + "businessName"}},
			{"VOICE-ERR-20007 half an address", only(object{"serviceAddress": object{"streetName": "Main", "city": "Denver", "state": "CO", "zip": "80202"}}), []string{"20007" + inAddress + "streetNumber"}},
			{"VOICE-ERR-20040 Local Inbound has no E911", only(object{"e911Option": "E911"}), []string{"20040" + inLine + "e911Option"}},
			{"VOICE-ERR-20040 an option that there is not", enhanced(object{"e911Option": "112"}), []string{"20040" + inLine + "e911Option"}},
			{"VOICE-ERR-20040 an address elsewhere, with E911", enhanced(object{"serviceAddress": elsewhere}), []string{"20040" + inLine + "e911Option"}},
			{"VOICE-ERR-20021 a third type of listing", listing(object{"directoryListingAction": "C", "directoryListingType": 3, "directoryLastName": "Example"}), []string{"20021" + inListing + "directoryListingType"}},
			{"VOICE-ERR-20051 A is for installs", listing(object{"directoryListingAction": "A", "directoryLastName": "Example"}), []string{"20051" + inListing + "directoryListingAction"}},
			{"VOICE-ERR-20051 no action", listing(object{"directoryLastName": "Example"}), []string{"20051" + inListing + "directoryListingAction"}},
			{"VOICE-ERR-20052 no name", listing(object{"directoryListingAction": "C", "directoryListingType": "2"}), []string{"20052" + inListing + "directoryFirstName"}},
			{"VOICE-ERR-400001 Local Inbound is not listed", only(object{"directoryListing": object{"directoryListingAction": "C", "directoryLastName": "Example"}}), []string{"400001" + inLine + "directoryListing"}},
			{"VOICE-ERR-20023 blocked or not", cnam(object{"cnamCustomerName": "EXAMPLE"}), []string{"20023" + inLine + "cnam.blockCustomerName"}},
			{"VOICE-ERR-20024 no name to show", cnam(object{"blockCustomerName": "n"}), []string{"20024" + inLine + "cnam.cnamCustomerName"}},
			{"VOICE-ERR-20218 16 characters", cnam(object{"blockCustomerName": "N", "cnamCustomerName": "SIXTEEN LETTERS!"}), []string{"20218" + inLine + "cnam.cnamCustomerName"}},
			{"VOICE-ERR-400001 CNAM on Local Inbound needs a subscription", only(object{"cnam": object{"blockCustomerName": "N", "cnamCustomerName": "EXAMPLE"}}), []string{"400001" + inLine + "cnam"}},
			{"VOICE-ERR-400001 of numbers of both products, too", all(only(object{"cnam": object{"blockCustomerName": "Y"}}), here(w.elsActive, w.active)), []string{"400001" + inLine + "cnam"}},
			{"VOICE-ERR-20015 no numbers", set("", "tnList", nil), []string{"20015" + tnList}},
			{"VOICE-ERR-20025 no number", numbersAre("x"), []string{"20025" + tnList + "[0]"}},
			{"VOICE-ERR-400001 1001 numbers", numbersAre(object{"startTN": 13032001000, "endTN": 13032001999}, 13032011000), []string{"400001" + tnList}},
			{"VOICE-ERR-20042 a number of the pool", here(w.free), []string{"20042" + tnList}},
			{"VOICE-ERR-20042 one that is nobody's", here(voicetest.One(portable)), []string{"20042" + tnList}},
			{"VOICE-ERR-20042 one that ages", here(w.aging), []string{"20042" + tnList}},
			{"VOICE-ERR-20041 another customer's", here(voicetest.One(3035550100)), []string{"20041" + tnList}},
			{"VOICE-ERR-1612 one that will be installed", here(w.busy), []string{"1612" + tnList}},
			{"VOICE-ERR-1612 one that is on its way in", here(voicetest.One(ported)), []string{"1612" + tnList}},
			{"each reason once, by number", here(w.active, w.free, voicetest.One(ported), voicetest.One(3035550100), voicetest.One(3035550117)), []string{"20042" + tnList, "1612" + tnList, "20041" + tnList}},
		}
		base := func() (m, l object) {
			l = object{"customerType": "R", "firstName": "Robin", "lastName": "Example", "tnList": voicetest.TNs(w.active)}
			return object{"subscriberLines": []any{l}}, l
		}
		w.refusedAll(t, cases, w.elsActive, base, func(m object) error {
			_, err := w.TryChange(voicetest.Other, m)
			return err
		})
	})
}

func TestDisconnectsThatBreakRulesAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newRuleWorld(t, d)
		here := func(r ...voice.Range) func(m, l object) { return top("tnList", voicetest.TNs(r...)) }
		date := func(at string) func(m, l object) { return top("customerRequestDate", at) }
		cases := []lineCase{
			{"VOICE-ERR-20015 no numbers", top("tnList", nil), []string{"20015 tnList"}},
			{"VOICE-ERR-20025 no number", top("tnList", []any{object{"startTN": 13032001002, "endTN": 13032001001}, 303}), []string{"20025 tnList[0]", "20025 tnList[1]"}},
			{"VOICE-ERR-400001 1001 numbers", top("tnList", []any{object{"startTN": 13032001000, "endTN": 13032001999}, 13032011000}), []string{"400001 tnList"}},
			{"VOICE-ERR-20061 a number of the pool", here(w.free), []string{"20061 tnList"}},
			{"VOICE-ERR-20061 one that is nobody's", here(w.active, voicetest.One(portable)), []string{"20061 tnList"}},
			{"VOICE-ERR-20061 one that ages", here(w.aging), []string{"20061 tnList"}},
			{"VOICE-ERR-20041 another customer's", here(voicetest.One(3035550100)), []string{"20041 tnList"}},
			{"VOICE-ERR-1612 one that is on its way in", here(voicetest.One(ported)), []string{"1612 tnList"}},
			{"VOICE-ERR-20067 no date", top("customerRequestDate", nil), []string{"20067 customerRequestDate"}},
			{"VOICE-ERR-20069 another form of it", date("tomorrow"), []string{"20069 customerRequestDate"}},
			{"VOICE-ERR-20069 parts of a second", date("2040-06-20T10:00:00.5Z"), []string{"20069 customerRequestDate"}},
			{"VOICE-ERR-20068 yesterday", date("2040-06-04T10:00:00Z"), []string{"20068 customerRequestDate"}},
			{"VOICE-ERR-20068 later today", date("2040-06-06T04:59:59Z"), []string{"20068 customerRequestDate"}},
			{"VOICE-ERR-20213 in 31 days", date("2040-07-06T05:00:00Z"), []string{"20213 customerRequestDate"}},
			{"all broken rules are listed, in document order", all(top("externalOrderId", strings.Repeat("x", 65)), date(""), top("tnList", []any{1, tnOf(portable)})),
				[]string{"400001 externalOrderId", "20067 customerRequestDate", "20025 tnList[0]", "20061 tnList"}},
		}
		base := func() (m, l object) {
			return object{"tnList": voicetest.TNs(w.active), "customerRequestDate": "2040-06-20T10:00:00Z"}, object{}
		}
		w.refusedAll(t, cases, w.elsActive, base, func(m object) error {
			p, err := w.Desk.PrepareDisconnect(t.Context(), w.Party(voicetest.Other), voicetest.Read[voice.DisconnectRequest](m))
			_, err = w.Accept(voicetest.Other, p, err)
			return err
		})
		for _, at := range []string{"2040-06-06T05:00:00Z", "2040-07-05T12:00:00Z"} { // the first day and the last
			m, _ := base()
			m["customerRequestDate"] = at
			if _, err := w.Desk.PrepareDisconnect(t.Context(), w.Party(voicetest.Other), voicetest.Read[voice.DisconnectRequest](m)); err != nil {
				t.Errorf("%s: %v", at, err)
			}
		}
	})
}

func TestSupplementsThatBreakRulesAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newRuleWorld(t, d)
		l := voicetest.Dwelling(voicetest.TNs(voicetest.One(portable)))
		m := voicetest.PortIn(l)
		els(m, l)
		l["tnList"] = voicetest.TNs(voicetest.One(portable))
		enhancedPort := w.Ordered(voicetest.Other, m).ID
		lines := func(l object) func(m, l object) { return top("subscriberLines", []any{l}) }
		id := w.port.ID
		cases := []lineCase{
			{"VOICE-ERR-20048 nothing changes", func(m, _ object) { delete(m, "customerRequestDate") }, []string{"20048 subscriberLines"}},
			{"VOICE-ERR-20069 another form of a date", top("customerRequestDate", "soon"), []string{"20069 customerRequestDate"}},
			{"VOICE-ERR-20213 in 31 days", top("customerRequestDate", "2040-07-06T10:00:00Z"), []string{"20213 customerRequestDate"}},
			{"VOICE-ERR-20214 yesterday", top("customerRequestDate", "2040-06-04T10:00:00Z"), []string{"20214 customerRequestDate"}},
			{"VOICE-ERR-20030 an empty list", top("subscriberLines", []any{}), []string{"20030 subscriberLines"}},
			{"VOICE-ERR-20029 null in it", top("subscriberLines", []any{nil}), []string{"20029 subscriberLines[0]"}},
			{"VOICE-ERR-20031 two lines", top("subscriberLines", []any{object{}, object{}}), []string{"20031 subscriberLines"}},
			{"VOICE-ERR-20001 an empty line", lines(object{}), []string{"20001" + inLine + "customerType"}},
			{"VOICE-ERR-20003 half a name", lines(object{"customerType": "R", "firstName": "Avery", "serviceAddress": elsewhere}), []string{"20003" + inLine + "firstName"}},
			{"VOICE-ERR-20010 half an address", lines(object{"serviceAddress": object{"streetNumber": 1, "streetName": "Main", "state": "CO", "zip": "80202"}}), []string{"20010" + inAddress + "city"}},
			{"VOICE-ERR-20112 an account, and the rest of what a port needs", top("lnp", object{"losingCarrierAccountNumber": "1"}), []string{"20026 lnp.loaName", "20027 lnp.loaReceived",
				"20028 lnp.loaDateTime", "20204 lnp.workingTelephoneNumber", "20112 lnp.losingCarrierAccountNumber", "20114 lnp.losingCarrierWireless"}},
			{"VOICE-ERR-20040 an address elsewhere, with E911", func(m, _ object) {
				id = enhancedPort
				m["subscriberLines"] = []any{object{"serviceAddress": elsewhere}}
			}, []string{"20040" + inLine + "e911Option"}},
			{"VOICE-ERR-20049 what cannot be an order's id", func(_, _ object) { id = "V1" }, []string{"20049 voiceOrderId"}},
			{"VOICE-ERR-20060 no such order", func(_, _ object) { id = "V100000999" }, []string{"20060 voiceOrderId"}},
			{"VOICE-ERR-20109 an install", func(_, _ object) { id = w.orderOf(voice.TypeInstall).ID }, []string{"20109 voiceOrderId"}},
		}
		base := func() (m, l object) {
			id = w.port.ID
			return object{"customerRequestDate": "2040-06-20T10:00:00Z"}, object{}
		}
		w.refusedAll(t, cases, w.elsActive, base, func(m object) error {
			_, err := w.TrySupplement(voicetest.Other, id, m)
			return err
		})
		theirs, _ := base()
		t.Run("VOICE-ERR-20060 another customer's", func(t *testing.T) {
			refused(t, w.World, func() error { _, err := w.TrySupplement(voicetest.Customer, w.port.ID, theirs); return err }, "20060 voiceOrderId")
		})
		t.Run("VOICE-LNP-01 on its day a port is not supplemented", func(t *testing.T) {
			m := voicetest.PortIn(voicetest.Dwelling(voicetest.TNs(voicetest.One(portable + 2))))
			m["customerRequestDate"] = "2040-06-14T20:00:00Z"
			o := w.Ordered(voicetest.Other, m)
			ask := func() error { _, err := w.TrySupplement(voicetest.Other, o.ID, theirs); return err }
			w.AdvanceTo(time.Date(2040, time.June, 14, 5, 0, 0, 0, time.UTC)) // it begins in Chicago
			refused(t, w.World, ask, "VOICE-LNP-01 voiceOrderId")
			is(t, w.World, o, voice.PortFOC)
		})
	})
}

// orderOf is the first order of a type.
func (w *ruleWorld) orderOf(kind string) voice.Order {
	w.T.Helper()
	for _, o := range rows(w.World).Orders {
		if o.Type == kind {
			return o
		}
	}
	w.T.Fatalf("there is no order of the type %s", kind)
	return voice.Order{}
}

// wrongMove expects a call to be refused for the state that something is in.
func wrongMove(t *testing.T, err error) {
	t.Helper()
	if !answered(err, voice.WrongMove) {
		t.Errorf("got %v", err)
	}
}

func TestPortNowIsForPortsWithADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newRuleWorld(t, d)
		for _, c := range []struct{ name, customer, id, want string }{
			{"VOICE-ERR-20049 nothing", voicetest.Other, "", "20049 voiceOrderId"},
			{"VOICE-ERR-20060 no such order", voicetest.Other, "V100000999", "20060 voiceOrderId"},
			{"VOICE-ERR-20060 another customer's", voicetest.Customer, w.port.ID, "20060 voiceOrderId"},
			{"VOICE-ERR-20109 a disconnect", voicetest.Other, w.orderOf(voice.TypeDisconnect).ID, "20109 voiceOrderId"},
		} {
			t.Run(c.name, func(t *testing.T) {
				refused(t, w.World, func() error { return w.TryPortNow(c.customer, c.id) }, c.want)
			})
		}
		fresh := w.Ordered(voicetest.Other, voicetest.PortIn(voicetest.Dwelling(voicetest.TNs(voicetest.One(portable)))))
		wrongMove(t, w.TryPortNow(voicetest.Other, fresh.ID))
		w.Worked(fresh)
		wrongMove(t, w.TryPortNow(voicetest.Other, fresh.ID))
		w.Must("port now", w.TryPortNow(voicetest.Other, w.port.ID))
		w.Advance(0)
		wrongMove(t, w.TryPortNow(voicetest.Other, w.port.ID))
	})
}

func TestCancelsThatBreakRulesAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newRuleWorld(t, d)
		supplement := func(at string) voice.Part {
			p, err := w.TrySupplement(voicetest.Other, w.port.ID, object{"customerRequestDate": at})
			w.Must("supplement", err)
			return p
		}
		applied := supplement("2040-06-20T10:00:00Z")
		w.Advance(3 * second)
		dropped := supplement("2040-06-21T10:00:00Z")
		w.Must("cancel", w.TryCancel(voicetest.Other, w.port.ID, dropped.ID))
		change, err := w.TryChange(voicetest.Other, object{"subscriberLines": []any{object{"customerType": "B", "businessName": "Example", "tnList": voicetest.TNs(w.active)}}})
		w.Must("change", err)
		w.Advance(hour)
		gone := w.Ordered(voicetest.Other, voicetest.PortIn(voicetest.Dwelling(voicetest.TNs(voicetest.One(portable)))))
		w.Must("cancel", w.TryCancel(voicetest.Other, gone.ID, ""))
		done := w.Ordered(voicetest.Other, voicetest.PortIn(voicetest.Dwelling(voicetest.TNs(voicetest.One(portable+1)))))
		w.Advance(hour)
		w.Must("port now", w.TryPortNow(voicetest.Other, done.ID))
		w.Advance(0)
		pending := w.Reserve(voicetest.Line("PUEBLO", 2), voicetest.Line("ALAMOSA", 2))
		w.Must("cancel", w.TryCancel(voicetest.Other, pending.ID, pending.ID+"-2"))
		reservation, disconnect, install := w.orderOf(voice.TypeReserve).ID, w.orderOf(voice.TypeDisconnect).ID, w.orderOf(voice.TypeInstall).ID
		for _, c := range []struct{ name, customer, id, part, want string }{
			{"VOICE-ERR-20064 no id", voicetest.Other, "", "", "20064 voiceOrderId"},
			{"VOICE-ERR-20064 what is none", voicetest.Other, "100000001", "", "20064 voiceOrderId"},
			{"VOICE-ERR-20054 no such order", voicetest.Other, "V100000999", "", "20054 voiceOrderId"},
			{"VOICE-ERR-20054 no such part", voicetest.Other, w.port.ID, w.port.ID + "-9", "20054 transactionOrderId"},
			{"VOICE-ERR-20054 another order's part", voicetest.Other, w.port.ID, pending.ID + "-1", "20054 transactionOrderId"},
			{"VOICE-ERR-20055 another customer's", voicetest.Customer, w.port.ID, "", "20055 voiceOrderId"},
			{"VOICE-ERR-20108 a second time", voicetest.Other, gone.ID, "", "20108 voiceOrderId"},
			{"VOICE-ERR-20108 a part a second time", voicetest.Other, pending.ID, pending.ID + "-2", "20108 transactionOrderId"},
			{"VOICE-ERR-20108 a supplement a second time", voicetest.Other, w.port.ID, dropped.ID, "20108 transactionOrderId"},
			{"VOICE-ERR-20070 a supplement that has been applied", voicetest.Other, w.port.ID, applied.ID, "20070 transactionOrderId"},
			{"VOICE-ERR-20065 a reservation that has brought its numbers", voicetest.Other, reservation, "", "20065 voiceOrderId"},
			{"VOICE-ERR-20065 or its part", voicetest.Other, reservation, reservation + "-1", "20065 voiceOrderId"},
			{"VOICE-ERR-20065 a change that was made", voicetest.Other, change.ID, "", "20065 voiceOrderId"},
			{"VOICE-ERR-20065 a disconnect that was made", voicetest.Other, disconnect, "", "20065 voiceOrderId"},
			{"VOICE-ERR-20238 an install that was made", voicetest.Other, install, "", "20238 voiceOrderId"},
			{"VOICE-ERR-20238 a port that was made", voicetest.Other, done.ID, "", "20238 voiceOrderId"},
		} {
			t.Run(c.name, func(t *testing.T) {
				refused(t, w.World, func() error { return w.TryCancel(c.customer, c.id, c.part) }, c.want)
			})
		}
		t.Run("what was rejected is not cancelled", func(t *testing.T) {
			o := w.Worked(w.Reserve(voicetest.Line("VAIL", 2)))
			wrongMove(t, w.TryCancel(voicetest.Other, o.ID, ""))
		})
		w.CheckAll()
	})
}

// What began in the Control Center, an application does not touch.
func TestAnotherChannelsOrdersAreNotTouched(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newRuleWorld(t, d)
		portal := w.Party(voicetest.Other)
		portal.Channel = voice.ChannelPortal
		p, err := w.Desk.PrepareOrder(t.Context(), portal, voicetest.Read[voice.OrderRequest](voicetest.PortIn(voicetest.Dwelling(voicetest.TNs(voicetest.One(portable))))))
		o, err := w.Accept(voicetest.Other, p, err)
		w.Must("order", err)
		w.Advance(hour)
		is(t, w.World, o, voice.PortFOC)
		t.Run("VOICE-ERR-20060 neither supplemented nor ported now", func(t *testing.T) {
			refused(t, w.World, func() error { return w.TryPortNow(voicetest.Other, o.ID) }, "20060 voiceOrderId")
			refused(t, w.World, func() error {
				_, err := w.TrySupplement(voicetest.Other, o.ID, object{"customerRequestDate": "2040-06-20T10:00:00Z"})
				return err
			}, "20060 voiceOrderId")
		})
		cancel := func(p voice.Party, id string) func() error {
			return unit(w.World, func(tx *db.Tx) error {
				_, err := w.Desk.Cancel(tx, p, &voice.CancelRequest{VoiceOrderID: lenient.Text(id)})
				return err
			})
		}
		t.Run("VOICE-ERR-20055 nor cancelled, nor the other way round", func(t *testing.T) {
			refused(t, w.World, cancel(w.Party(voicetest.Other), o.ID), "20055 voiceOrderId")
			refused(t, w.World, cancel(portal, w.port.ID), "20055 voiceOrderId")
		})
		w.Must("cancel it there", cancel(portal, o.ID)())
		w.CheckAll()
	})
}

func TestAReportIsAboutAProduct(t *testing.T) {
	t.Parallel()
	t.Run("VOICE-ERR-20102 which", func(t *testing.T) {
		t.Parallel()
		voicetest.Refused(t, voice.ServiceIDWrong("productID"), "20102")
	})
}
