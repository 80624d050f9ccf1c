package voice_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"

	"github.com/google/go-cmp/cmp"
)

// ruleCase is a request, and all the rules that it breaks.
type ruleCase struct {
	name, body string
	want       []string
}

// line is a line of a reservation that breaks no rule, with what is to be different.
func line(fields string) string {
	body := `{"productID":"2036","rateCenterOrders":[{"rateCenter":"DENVER","state":"CO","quantity":25`
	return body + fields + `}]}`
}

var reserveCases = []ruleCase{
	{"VOICE-ERR-20000 no product", `{"rateCenterOrders":[{"rateCenter":"DENVER","state":"CO","quantity":25}]}`, []string{"20000 productID"}},
	{"VOICE-ERR-20000 a product that is none of the two", `{"productID":"2037","rateCenterOrders":[{"rateCenter":"DENVER","state":"CO","quantity":25}]}`, []string{"20000 productID"}},
	{"VOICE-ERR-20000 null", `{"productID":null,"rateCenterOrders":[{"rateCenter":"DENVER","state":"CO","quantity":25}]}`, []string{"20000 productID"}},
	{"VOICE-ERR-20085 no rate center at all", `{"productID":"2036"}`, []string{"20085 rateCenterOrders"}},
	{"VOICE-ERR-20085 an empty list", `{"productID":"2036","rateCenterOrders":[]}`, []string{"20085 rateCenterOrders"}},
	{"VOICE-ERR-20085 a line without one", `{"productID":"2036","rateCenterOrders":[{"state":"CO","quantity":25}]}`, []string{"20085 rateCenterOrders[0].rateCenter"}},
	{"VOICE-ERR-20085 blanks are no name", `{"productID":"2036","rateCenterOrders":[{"rateCenter":"  ","state":"CO","quantity":25}]}`, []string{"20085 rateCenterOrders[0].rateCenter"}},
	{"VOICE-ERR-20088 a line without a state", `{"productID":"2036","rateCenterOrders":[{"rateCenter":"DENVER","quantity":25}]}`, []string{"20088 rateCenterOrders[0].state"}},
	{"VOICE-ERR-20011 no such state", `{"productID":"2036","rateCenterOrders":[{"rateCenter":"DENVER","state":"ZZ","quantity":25}]}`, []string{"20011 rateCenterOrders[0].state"}},
	{"VOICE-ERR-20011 a state is two letters", `{"productID":"2036","rateCenterOrders":[{"rateCenter":"DENVER","state":"Colorado","quantity":25}]}`, []string{"20011 rateCenterOrders[0].state"}},
	{"VOICE-ERR-10011 no quantity", `{"productID":"2036","rateCenterOrders":[{"rateCenter":"DENVER","state":"CO"}]}`, []string{"10011 rateCenterOrders[0].quantity"}},
	{"VOICE-ERR-10011 zero", line(`,"quantity":0`), []string{"10011 rateCenterOrders[0].quantity"}},
	{"VOICE-ERR-10011 less than zero", line(`,"quantity":-1`), []string{"10011 rateCenterOrders[0].quantity"}},
	{"VOICE-ERR-10011 half a number", line(`,"quantity":1.5`), []string{"10011 rateCenterOrders[0].quantity"}},
	{"VOICE-ERR-10011 a word", line(`,"quantity":"many"`), []string{"10011 rateCenterOrders[0].quantity"}},
	{"VOICE-ERR-10007 400 are one too many", line(`,"quantity":400`), []string{"10007 rateCenterOrders[0].quantity"}},
	{"VOICE-ERR-10007 more than there are anywhere", line(`,"quantity":9000000000`), []string{"10007 rateCenterOrders[0].quantity"}},
	{"VOICE-ERR-10007 the lines of one rate center count together, however it is spelt", `{"productID":"2036","rateCenterOrders":[
		{"rateCenter":"DENVER","state":"CO","quantity":200},{"rateCenter":"AURORA","state":"CO","quantity":399},
		{"rateCenter":" denver","state":"co","quantity":199},{"rateCenter":"Denver","state":"CO","quantity":1}]}`, []string{"10007 rateCenterOrders[3].quantity"}},
	{"VOICE-ERR-20084 zero in a row", line(`,"sequentialIndicator":0`), []string{"20084 rateCenterOrders[0].sequentialIndicator"}},
	{"VOICE-ERR-20084 one is no sequence", line(`,"sequentialIndicator":1`), []string{"20084 rateCenterOrders[0].sequentialIndicator"}},
	{"VOICE-ERR-20084 more in a row than are ordered", line(`,"sequentialIndicator":26`), []string{"20084 rateCenterOrders[0].sequentialIndicator"}},
	{"VOICE-ERR-20084 another letter", line(`,"sequentialIndicator":"X"`), []string{"20084 rateCenterOrders[0].sequentialIndicator"}},
	{"VOICE-ERR-20084 an empty text is not null", line(`,"sequentialIndicator":""`), []string{"20084 rateCenterOrders[0].sequentialIndicator"}},
	{"VOICE-ERR-20084 true", line(`,"sequentialIndicator":true`), []string{"20084 rateCenterOrders[0].sequentialIndicator"}},
	{"VOICE-ERR-20084 a list", line(`,"sequentialIndicator":[5]`), []string{"20084 rateCenterOrders[0].sequentialIndicator"}},
	{"VOICE-ERR-20084 as the source's example misspells it", line(`,"sequentialIndictor":"X"`), []string{"20084 rateCenterOrders[0].sequentialIndictor"}},
	{"VOICE-ERR-20082 a PBX value without an index", line(`,"pbxValue":0`), []string{"20082 rateCenterOrders[0].pbxIndex"}},
	{"VOICE-ERR-20082 there is no eleventh digit", line(`,"pbxIndex":11,"pbxValue":0`), []string{"20082 rateCenterOrders[0].pbxIndex"}},
	{"VOICE-ERR-20082 digits are counted from one", line(`,"pbxIndex":0,"pbxValue":0`), []string{"20082 rateCenterOrders[0].pbxIndex"}},
	{"VOICE-ERR-20082 a word", line(`,"pbxIndex":"last","pbxValue":0`), []string{"20082 rateCenterOrders[0].pbxIndex"}},
	{"VOICE-ERR-20083 a PBX index without a value", line(`,"pbxIndex":10`), []string{"20083 rateCenterOrders[0].pbxValue"}},
	{"VOICE-ERR-20083 two digits", line(`,"pbxIndex":10,"pbxValue":10`), []string{"20083 rateCenterOrders[0].pbxValue"}},
	{"VOICE-ERR-20083 two digits that are one number", line(`,"pbxIndex":10,"pbxValue":"07"`), []string{"20083 rateCenterOrders[0].pbxValue"}},
	{"VOICE-ERR-20083 no digit", line(`,"pbxIndex":10,"pbxValue":"+"`), []string{"20083 rateCenterOrders[0].pbxValue"}},
	{"VOICE-ERR-400001 the customer's own id is bounded", `{"productID":"2036","externalOrderId":"` + strings.Repeat("é", 65) + `","rateCenterOrders":[
		{"rateCenter":"DENVER","state":"CO","quantity":25}]}`, []string{"400001 externalOrderId"}},
	{"VOICE-ERR-400001 a hundred lines are enough", `{"productID":"1","rateCenterOrders":[` + strings.Repeat(`{},`, 100) + `{}]}`, []string{"20000 productID", "400001 rateCenterOrders"}},
	{"all broken rules are listed, in document order", `{"externalOrderId":"` + strings.Repeat("x", 65) + `","tnExceptionId":"X1","rateCenterOrders":[
		{"state":"ZZ","quantity":0,"sequentialIndicator":"?","pbxIndex":12},
		{"rateCenter":"DENVER","quantity":500,"pbxValue":"x"},
		{"rateCenter":"DENVER","state":"CO","quantity":5}]}`, []string{
		"20000 productID", "400001 externalOrderId", "VOICE-EXC-03 tnExceptionId",
		"20085 rateCenterOrders[0].rateCenter", "20011 rateCenterOrders[0].state", "10011 rateCenterOrders[0].quantity",
		"20084 rateCenterOrders[0].sequentialIndicator", "20082 rateCenterOrders[0].pbxIndex", "20083 rateCenterOrders[0].pbxValue",
		"20088 rateCenterOrders[1].state", "10007 rateCenterOrders[1].quantity", "20082 rateCenterOrders[1].pbxIndex", "20083 rateCenterOrders[1].pbxValue",
	}},
}

func TestReservationsThatBreakRulesAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := voicetest.New(t, d)
		for _, c := range reserveCases {
			t.Run(c.name, func(t *testing.T) {
				refused(t, w, func() error {
					_, err := w.TryReserve(voicetest.Other, from[voice.ReserveRequest](t, c.body))
					return err
				}, c.want...)
			})
		}
		if o := w.Reserve(voicetest.Line("DENVER", 399)); o.ID != "V100000001" {
			t.Errorf("refused requests have used up numbers: the first order is %s", o.ID)
		}
	})
}

func TestReservationsAreReadLeniently(t *testing.T) {
	w := voicetest.New(t, dbtest.Open(t, dbtest.SQLite(t)))
	for _, c := range []struct {
		name, body string
		want       voice.Part
	}{
		{"numbers as texts", `{"productID":"2036","rateCenterOrders":[{"rateCenter":"DENVER","state":"CO","quantity":"25","sequentialIndicator":"5","pbxIndex":"10","pbxValue":"7"}]}`,
			voice.Part{State: "CO", Center: "DENVER", Wish: voice.Wish{Quantity: 25, Run: 5, PBXIndex: 10, PBXValue: 7}}},
		{"texts as numbers", `{"productID":2036,"externalOrderId":77,"rateCenterOrders":[{"rateCenter":"DENVER","state":"CO","quantity":25,"sequentialIndicator":5,"pbxIndex":1,"pbxValue":0}]}`,
			voice.Part{State: "CO", Center: "DENVER", Wish: voice.Wish{Quantity: 25, Run: 5, PBXIndex: 1}}},
		{"the case of rate centers, and blanks", `{"productID":" 2042 ","rateCenterOrders":[{"rateCenter":" Denver ","state":"co","quantity":" 3 "}]}`,
			voice.Part{State: "CO", Center: "DENVER", Wish: voice.Wish{Quantity: 3}}},
		{"null is as they come", `{"productID":"2036","rateCenterOrders":[{"rateCenter":"DENVER","state":"CO","quantity":399,"sequentialIndicator":null,"pbxIndex":null,"pbxValue":""}]}`,
			voice.Part{State: "CO", Center: "DENVER", Wish: voice.Wish{Quantity: 399}}},
		{"N is as they come", line(`,"sequentialIndicator":"n"`), voice.Part{State: "CO", Center: "DENVER", Wish: voice.Wish{Quantity: 25}}},
		{"Y is all in a row", line(`,"sequentialIndicator":" y "`), voice.Part{State: "CO", Center: "DENVER", Wish: voice.Wish{Quantity: 25, Run: 25}}},
		{"sequentialIndictor, as the source's example has it", line(`,"sequentialIndictor":"Y"`), voice.Part{State: "CO", Center: "DENVER", Wish: voice.Wish{Quantity: 25, Run: 25}}},
		{"of both spellings the right one", line(`,"sequentialIndictor":"Y","sequentialIndicator":2`), voice.Part{State: "CO", Center: "DENVER", Wish: voice.Wish{Quantity: 25, Run: 2}}},
		{"an id is as long as its characters are many", `{"productID":"2036","externalOrderId":"` + strings.Repeat("é", 64) + `","rateCenterOrders":[{"rateCenter":"DENVER","state":"CO","quantity":1}]}`,
			voice.Part{State: "CO", Center: "DENVER", Wish: voice.Wish{Quantity: 1}}},
		{"a rate center that there is not is told of later", line(`,"rateCenter":"atlantis"`), voice.Part{State: "CO", Center: "ATLANTIS", Wish: voice.Wish{Quantity: 25}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := w.ReserveFor(voicetest.Other, from[voice.ReserveRequest](t, c.body))
			_, parts := w.Order(o.ID)
			if len(parts) != 1 || parts[0].State != c.want.State || parts[0].Center != c.want.Center || parts[0].Wish != c.want.Wish {
				t.Errorf("it was read as %+v", parts)
			}
		})
	}
}

var approveCases = []ruleCase{
	{"VOICE-ERR-20049 no order id", `{"rateCenter":"ALAMOSA","state":"CO","action":"Reject"}`, []string{"20049 voiceOrderId"}},
	{"VOICE-ERR-20049 what cannot be one", `{"voiceOrderId":"V1","rateCenter":"ALAMOSA","state":"CO","action":"Reject"}`, []string{"20049 voiceOrderId"}},
	{"VOICE-ERR-20060 no such order", `{"voiceOrderId":"V999999999","rateCenter":"ALAMOSA","state":"CO","action":"Reject"}`, []string{"20060 voiceOrderId"}},
	{"VOICE-ERR-20088 no rate center", `{"voiceOrderId":"V100000001","state":"CO","action":"Reject"}`, []string{"20088 rateCenter"}},
	{"VOICE-ERR-20088 no state", `{"voiceOrderId":"V100000001","rateCenter":"ALAMOSA","action":"Reject"}`, []string{"20088 state"}},
	{"VOICE-ERR-20011 no such state", `{"voiceOrderId":"V100000001","rateCenter":"ALAMOSA","state":"XX","action":"Reject"}`, []string{"20011 state"}},
	{"VOICE-ERR-20089 not of this order", `{"voiceOrderId":"V100000001","rateCenter":"DENVER","state":"CO","action":"Reject"}`, []string{"20089 rateCenter"}},
	{"VOICE-ERR-20089 that name in another state", `{"voiceOrderId":"V100000001","rateCenter":"ALAMOSA","state":"TX","action":"Reject"}`, []string{"20089 rateCenter"}},
	{"VOICE-ERR-20089 not even known", `{"voiceOrderId":"V100000001","rateCenter":"ATLANTIS","state":"CO","action":"Reject"}`, []string{"20089 rateCenter"}},
	{"VOICE-ERR-400001 none of the three actions", `{"voiceOrderId":"V100000001","rateCenter":"ALAMOSA","state":"CO","action":"Accept"}`, []string{"400001 action"}},
	{"all of it is wrong", `{}`, []string{"20049 voiceOrderId", "20088 rateCenter", "400001 action"}},
}

func TestApprovalsThatBreakRulesAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := voicetest.New(t, d)
		w.Supply("ALAMOSA", 30)
		o := w.Worked(w.Reserve(voicetest.Line("ALAMOSA", 100)))
		approve := func(p voice.Party, channel, body string, version int) func() error {
			return unit(w, func(tx *db.Tx) error {
				_, err := w.Desk.Approve(tx, p, channel, from[voice.ApproveRequest](t, body), version)
				return err
			})
		}
		for _, c := range approveCases {
			t.Run(c.name, func(t *testing.T) {
				refused(t, w, approve(w.Party(voicetest.Other), voice.ChannelAPI, c.body, 0), c.want...)
			})
		}
		good := `{"voiceOrderId":"` + o.ID + `","rateCenter":" alamosa ","state":"co","action":"ACCEPT AVAILABLE ONLY"}`
		t.Run("VOICE-ERR-20060 another customer's order", func(t *testing.T) {
			refused(t, w, approve(w.Party(voicetest.Customer), voice.ChannelAPI, good, 0), "20060 voiceOrderId")
		})
		t.Run("VOICE-ERR-20060 what the API has begun, the portal does not change", func(t *testing.T) {
			refused(t, w, approve(w.Party(voicetest.Other), voice.ChannelPortal, good, 0), "20060 voiceOrderId")
		})
		for _, version := range []int{o.Version - 1, o.Version + 1} {
			t.Run(fmt.Sprintf("VOICE-ERR-409001 %d is not the version that there is", version), func(t *testing.T) {
				before := rows(w)
				err := approve(w.Party(voicetest.Other), voice.ChannelAPI, good, version)()
				if f := fault.Of(err); f == nil || voice.CodeOf(f.Code) != "409001" || f.Code.Status != 409 {
					t.Errorf("answered %v", err)
				}
				if diff := cmp.Diff(before.Orders, rows(w).Orders); diff != "" {
					t.Error(diff)
				}
			})
		}
		w.Within(func(tx *db.Tx) error {
			got, err := w.Desk.Approve(tx, w.Party(voicetest.Other), voice.ChannelAPI, from[voice.ApproveRequest](t, good), o.Version)
			if err != nil || got.State != voice.OrderCompleted || got.Version != o.Version+1 || got.Code != 10002 {
				t.Errorf("answered %+v, %v", got, err)
			}
			return err
		})
		w.CheckAll()
	})
}

func TestOrdersAreSeenByTheirOwnCustomer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := voicetest.New(t, d)
		o := w.Worked(w.Reserve(voicetest.Line("DENVER", 5), voicetest.Line("PUEBLO", 6)))
		w.View(func(tx *db.Tx) error {
			got, parts, err := w.Desk.Status(tx, w.Party(voicetest.Other), voice.ChannelAPI, o.ID)
			if err != nil || got.State != voice.OrderCompleted || len(parts) != 2 || parts[1].Reserved != 6 || parts[1].ID != o.ID+"-2" {
				t.Errorf("%+v, %+v, %v", got, parts, err)
			}
			return err
		})
		for _, c := range []struct{ name, customer, channel, id, want string }{
			{"VOICE-ERR-20049 what cannot be an order's id", voicetest.Other, voice.ChannelAPI, "100000001", "20049 voiceOrderId"},
			{"VOICE-ERR-20049 nothing", voicetest.Other, voice.ChannelAPI, "", "20049 voiceOrderId"},
			{"VOICE-ERR-20060 no such order", voicetest.Other, voice.ChannelAPI, "V100000999", "20060 voiceOrderId"},
			{"VOICE-ERR-20060 another customer's order", voicetest.Customer, voice.ChannelAPI, o.ID, "20060 voiceOrderId"},
			{"VOICE-ERR-20060 another channel's order", voicetest.Other, voice.ChannelPortal, o.ID, "20060 voiceOrderId"},
		} {
			t.Run(c.name, func(t *testing.T) {
				refused(t, w, func() error {
					return d.View(t.Context(), w.ID, func(tx *db.Tx) error {
						_, _, err := w.Desk.Status(tx, w.Party(c.customer), c.channel, c.id)
						return err
					})
				}, c.want)
				if c.id == "" {
					return // that is all of them
				}
				refused(t, w, func() error {
					return d.View(t.Context(), w.ID, func(tx *db.Tx) error {
						_, _, err := w.Desk.Notifications(tx, w.Party(c.customer), c.channel, voice.ToldFilter{Order: c.id}, voice.Paging{Limit: 10})
						return err
					})
				}, c.want)
			})
		}
	})
}

var utilizationCases = []ruleCase{
	{"VOICE-ERR-20000 a product", `{"rateCenters":[{"rateCenter":"DENVER","state":"CO"}]}`, []string{"20000 productID"}},
	{"VOICE-ERR-20088 no rate centers", `{"productID":2036}`, []string{"20088 rateCenters"}},
	{"VOICE-ERR-20088 each has a name and a state", `{"productID":2036,"rateCenters":[{"rateCenter":"DENVER"},{"state":"CO"},{}]}`,
		[]string{"20088 rateCenters[0].state", "20088 rateCenters[1].rateCenter", "20088 rateCenters[2].rateCenter"}},
	{"VOICE-ERR-20011 no such state", `{"productID":2036,"rateCenters":[{"rateCenter":"DENVER","state":"XX"}]}`, []string{"20011 rateCenters[0].state"}},
	{"VOICE-ERR-400001 a thousand are enough", `{"rateCenters":[` + strings.Repeat(`{},`, 1000) + `{}]}`, []string{"20000 productID", "400001 rateCenters"}},
}

var coverageCases = []ruleCase{
	{"VOICE-ERR-20000 a product", `{"tnLocZip":"81101"}`, []string{"20000 productID"}},
	{"VOICE-ERR-20090 numbers or a place", `{"productID":2036,"tnList":["3032250000"],"tnLocZip":"81101"}`, []string{"20090 tnList"}},
	{"VOICE-ERR-20090 even if there is no number", `{"tnList":[],"tnLocState":"CO"}`, []string{"20000 productID", "20090 tnList"}},
	{"VOICE-ERR-20015 an empty list", `{"productID":2036,"tnList":[]}`, []string{"20015 tnList"}},
	{"VOICE-ERR-20025 each must be one", `{"productID":2036,"tnList":["3032250000","911",{"npa":"303","nxx":"225"},{"startTN":3032250100,"endTN":3032250099},{},
		{"startTN":"3032250100","npa":"303","nxx":"225","line":"0100"},{"endTN":3032250100},{"startTN":3032250000,"endTN":3032251000},"3035550099"]}`,
		[]string{"20025 tnList[1]", "20025 tnList[2]", "20025 tnList[3]", "20025 tnList[4]", "20025 tnList[5]", "20025 tnList[6]", "20025 tnList[7]", "20025 tnList[8]"}},
	{"VOICE-ERR-400001 a thousand numbers are enough", `{"productID":2036,"tnList":[{"startTN":3032250000,"endTN":3032250999},"3032260000"]}`, []string{"400001 tnList"}},
	{"VOICE-ERR-20093 no place at all", `{"productID":2036}`, []string{"20093 tnLocCity"}},
	{"VOICE-ERR-20093 null is no list", `{"productID":2036,"tnList":null}`, []string{"20093 tnLocCity"}},
	{"VOICE-ERR-20093 a city without its state", `{"productID":2036,"tnLocCity":"Denver"}`, []string{"20093 tnLocState"}},
	{"VOICE-ERR-20093 a state without a city", `{"productID":2036,"tnLocState":"CO"}`, []string{"20093 tnLocCity"}},
	{"VOICE-ERR-20091 an NPA without an NXX", `{"productID":2036,"tnLocNpa":"303"}`, []string{"20091 tnLocNpa"}},
	{"VOICE-ERR-20091 an NXX without an NPA", `{"productID":2036,"tnLocNxx":"225"}`, []string{"20091 tnLocNpa"}},
	{"VOICE-ERR-20091 what cannot be an NXX", `{"productID":2036,"tnLocNpa":"303","tnLocNxx":"011"}`, []string{"20091 tnLocNpa"}},
	{"VOICE-ERR-20092 no such city", `{"productID":2036,"tnLocCity":"Nowhere","tnLocState":"CO"}`, []string{"20092 tnLocCity"}},
	{"VOICE-ERR-20092 a ZIP code of another city", `{"productID":2036,"tnLocCity":"Denver","tnLocState":"CO","tnLocZip":"81101"}`, []string{"20092 tnLocCity"}},
}

func TestQuestionsThatBreakRulesAreRefused(t *testing.T) {
	w := voicetest.New(t, dbtest.Open(t, dbtest.SQLite(t)))
	for _, c := range utilizationCases {
		t.Run("utilization "+c.name, func(t *testing.T) {
			refused(t, w, func() error {
				return w.DB.View(t.Context(), w.ID, func(tx *db.Tx) error {
					_, err := w.Desk.Utilization(tx, w.Party(voicetest.Other), from[voice.UtilizationRequest](t, c.body))
					return err
				})
			}, c.want...)
		})
	}
	for _, c := range coverageCases {
		t.Run("coverage "+c.name, func(t *testing.T) {
			refused(t, w, func() error {
				_, err := w.Desk.Coverage(t.Context(), w.Party(voicetest.Other), from[voice.CoverageRequest](t, c.body))
				return err
			}, c.want...)
			if n := w.Fakes.Asked(voicetest.Lookup); n != 0 {
				t.Errorf("the number administration was asked %d times", n)
			}
		})
	}
	for _, c := range [][2]string{{"", "225"}, {"911", ""}, {"30", ""}, {"303", "22"}, {"303", "911"}, {"x", "y"}} {
		t.Run("inventory VOICE-ERR-20091 prefix "+c[0]+"-"+c[1], func(t *testing.T) {
			refused(t, w, func() error {
				_, _, err := voice.PrefixOf(c[0], c[1])
				return err
			}, "20091 NPA")
		})
	}
	for _, c := range []struct {
		npa, nxx string
		from, to nanp.TN
	}{{"", "", 0, 0}, {"303", "", 3030000000, 3039999999}, {"303", "225", 3032250000, 3032259999}, {"303", "555", 3035550000, 3035559999}} {
		if from, to, err := voice.PrefixOf(c.npa, c.nxx); from != c.from || to != c.to || err != nil {
			t.Errorf("%s-%s is from %v to %v, %v", c.npa, c.nxx, from, to, err)
		}
	}
}

func TestABackendThatFailsIsToldApart(t *testing.T) {
	w := voicetest.New(t, dbtest.Open(t, dbtest.SQLite(t)))
	ask := func() error {
		_, err := w.Desk.Coverage(t.Context(), w.Party(voicetest.Other), from[voice.CoverageRequest](t, `{"productID":2036,"tnList":[3032250000]}`))
		return err
	}
	for _, c := range []struct{ name, how, want string }{
		{"VOICE-ERR-504002 a backend is late", voice.HowLate, "504002"},
		{"VOICE-ERR-503001 a backend is down", voice.HowDown, "503001"},
		{"VOICE-ERR-503001 a backend makes no sense", voice.HowWrong, "503001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.Fakes.FailTimes(voicetest.Lookup, c.how, 1)
			if f := fault.Of(ask()); f == nil || voice.CodeOf(f.Code) != c.want || fmt.Sprint(f.Code.Status) != c.want[:3] {
				t.Errorf("answered %v", f)
			}
			w.Must("once more", ask())
		})
	}
	own := errors.New("a mistake of ours")
	w.Fakes.Fail(voicetest.Lookup, voicetest.Fault{Err: own})
	if err := ask(); !errors.Is(err, own) || fault.Of(err) != nil {
		t.Errorf("answered %v", err)
	}
}

func TestCodesAndRulesNameEachOther(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"10007", "20000", "1403", "503001", "400001"} {
		if row := voice.Coded(code); voice.CodeOf(row) != code {
			t.Errorf("%s is the code of %s", voice.CodeOf(row), code)
		}
	}
	if voice.CodeOf(fault.Invalid) != "" || voice.CodeOfRule("VOICE-EXC-01") != "" || voice.CodeOfRule("VOICE-ERR-20011") != "20011" {
		t.Error("a rule of our own has a code of the source's, or one of the source's has none")
	}
	defer func() {
		if recover() == nil {
			t.Error("a code that there is not was found")
		}
	}()
	voice.Coded("1")
}
