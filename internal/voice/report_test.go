package voice_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicesql"
	"demarc/internal/voice/voicetest"

	"github.com/google/go-cmp/cmp"
)

// centers lists rate centers for the other customer.
func centers(w *voicetest.World, f voice.CenterFilter, page voice.Paging) (list []voice.Listed, total int) {
	w.T.Helper()
	if f.Product == "" {
		f.Product = voice.LocalInbound
	}
	w.View(func(tx *db.Tx) (err error) {
		list, total, err = w.Desk.RateCenters(tx, w.Party(voicetest.Other), f, page)
		return err
	})
	return list, total
}

func names(list []voice.Listed) (names []string) {
	for _, c := range list {
		names = append(names, c.Key())
	}
	return names
}

func TestRateCentersAreListedInPages(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		served, _ := voice.ReferenceStock()
		whole, total := centers(w, voice.CenterFilter{}, voice.Paging{Limit: 100_000})
		if total != served || len(whole) != served {
			t.Errorf("%d and %d are listed, %d are served", total, len(whole), served)
		}
		if !slices.IsSortedFunc(whole, func(a, b voice.Listed) int { return strings.Compare(a.State+"\x00"+a.Name, b.State+"\x00"+b.Name) }) {
			t.Error("they are in no order")
		}
		for _, page := range []voice.Paging{{Limit: 10}, {Offset: 10, Limit: 1}, {Offset: int64(served) - 3, Limit: 10}, {Offset: int64(served), Limit: 10}, {Offset: 1 << 40, Limit: 10}} {
			list, total := centers(w, voice.CenterFilter{}, page)
			from := min(page.Offset, int64(served))
			want := names(whole[from:min(from+int64(page.Limit), int64(served))])
			if diff := cmp.Diff(want, names(list)); diff != "" || total != served {
				t.Errorf("%+v: %d in all, %s", page, total, diff)
			}
		}
	})
}

func TestRateCentersAreFiltered(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		all := voice.Paging{Limit: 100_000}
		addOwn(w, "OUR OWN", spareBlocks(1)[0])
		list, _ := centers(w, voice.CenterFilter{State: "CO"}, all)
		if got := names(list); !slices.Contains(got, "CO/OUR OWN") || !slices.Contains(got, "CO/DENVER") || slices.Contains(got, "CO/ANTONITO") || !slices.IsSorted(got) {
			t.Errorf("of Colorado it lists %v", got)
		}
		for _, c := range []struct {
			name string
			f    voice.CenterFilter
			want []string
		}{
			{"one", voice.CenterFilter{State: "CO", Name: "DENVER"}, []string{"CO/DENVER"}},
			{"one that this carrier alone knows", voice.CenterFilter{Name: "OUR OWN"}, []string{"CO/OUR OWN"}},
			{"which the plan has no area codes of", voice.CenterFilter{Name: "OUR OWN", NPA: 719}, nil},
			{"one that is not served", voice.CenterFilter{State: "CO", Name: "ANTONITO"}, nil},
			{"one that there is not", voice.CenterFilter{State: "CO", Name: "ATLANTIS"}, nil},
			{"by area code", voice.CenterFilter{State: "CO", Name: "ALAMOSA", NPA: 719}, []string{"CO/ALAMOSA"}},
			{"by another", voice.CenterFilter{State: "CO", Name: "ALAMOSA", NPA: 303}, nil},
			{"for whom 911 is static", voice.CenterFilter{State: "CO", Name: "PUEBLO", Product: voice.EnhancedLocal}, nil},
		} {
			if list, total := centers(w, c.f, all); fmt.Sprint(names(list)) != fmt.Sprint(c.want) || total != len(c.want) {
				t.Errorf("%s: %v, want %v", c.name, names(list), c.want)
			}
		}
		only, _ := centers(w, voice.CenterFilter{NPA: 719}, all)
		for _, c := range only {
			if c.State != "CO" || !slices.Contains(c.Plan.NPAs, 719) {
				t.Errorf("%s is among those of 719", c.Key())
			}
		}
		w.Within(func(tx *db.Tx) error {
			_, err := w.Desk.PutProfile(tx, "desk", voicetest.Other, func(p *voice.Profile) { p.CP911 = true })
			return err
		})
		if list, _ := centers(w, voice.CenterFilter{State: "CO", Name: "PUEBLO", Product: voice.EnhancedLocal}, all); len(list) != 1 {
			t.Error("a customer that provides E911 itself is served nowhere else than others")
		}
	})
}

func TestARateCenterIsListedAsItIs(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		look := func(key string) voice.Listed {
			t.Helper()
			list, _ := centers(w, voice.CenterFilter{State: key[:2], Name: key[3:]}, voice.Paging{Limit: 1})
			if len(list) != 1 {
				t.Fatalf("%s is not listed", key)
			}
			return list[0]
		}
		for _, c := range []struct {
			key              string
			open, backorders bool
		}{{"CO/DENVER", true, true}, {"CO/VAIL", false, true}, {"CO/ASPEN", false, true}, {"AK/ANCHORAGE", true, false}} {
			if got := look(c.key); got.OpenForOrders != c.open || got.Backorders != c.backorders {
				t.Errorf("%s: open %v, backorders %v", c.key, got.OpenForOrders, got.Backorders)
			}
		}
		w.Advance(30 * 24 * time.Hour)
		w.Within(func(tx *db.Tx) error {
			no := false
			_, err := w.Desk.ChangeCenter(tx, "desk", "CO", "DENVER", voice.CenterChange{Open: &no})
			if err == nil {
				err = w.Desk.PutRegion(tx, "desk", "CO", false)
			}
			return err
		})
		if got := look("CO/ASPEN"); !got.OpenForOrders || got.Backorders {
			t.Errorf("Aspen after a month: %+v", got)
		}
		if look("CO/DENVER").OpenForOrders {
			t.Error("Denver is closed, and listed as open")
		}
		consolidate(w, "ALAMOSA", "DENVER")
		if list, _ := centers(w, voice.CenterFilter{State: "CO", Name: "ALAMOSA"}, voice.Paging{Limit: 1}); len(list) != 0 {
			t.Error("what became part of another is listed")
		}
	})
}

// covered asks about coverage for the other customer.
func covered(t *testing.T, w *voicetest.World, body string) voice.CoverageAnswer {
	t.Helper()
	answer, err := w.Desk.Coverage(t.Context(), w.Party(voicetest.Other), from[voice.CoverageRequest](t, body))
	w.Must("coverage", err)
	return answer
}

func TestCoverageOfPlaces(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		for _, c := range []struct {
			name, body string
			want       []string
		}{
			{"a ZIP code", `{"productID":2036,"tnLocZip":"81101"}`, []string{"CO/ALAMOSA"}},
			{"a ZIP code as a number, with its city", `{"productID":2036,"tnLocZip":81101,"tnLocCity":"alamosa","tnLocState":"co"}`, []string{"CO/ALAMOSA"}},
			{"a city", `{"productID":2036,"tnLocCity":"Denver","tnLocState":"CO"}`, []string{"CO/DENVER", "CO/DENVERSLVN"}},
			{"a code", `{"productID":"2036","tnLocNpa":719,"tnLocNxx":"206"}`, []string{"CO/ALAMOSA"}},
			{"a code that is not in use", `{"productID":"2036","tnLocNpa":"719","tnLocNxx":"555"}`, nil},
			{"where the product is not", `{"productID":"2042","tnLocCity":"Pueblo","tnLocState":"CO"}`, nil},
			{"where nobody is served", `{"productID":"2036","tnLocCity":"Antonito","tnLocState":"CO"}`, nil},
		} {
			if got := names(covered(t, w, c.body).Centers); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
		if n := w.Fakes.Asked(voicetest.Lookup); n != 0 {
			t.Errorf("for places the number administration was asked %d times", n)
		}
		consolidate(w, "ALAMOSA", "SALIDA")
		consolidate(w, "SALIDA", "LEADVILLE")
		if got := names(covered(t, w, `{"productID":2036,"tnLocZip":"81101"}`).Centers); fmt.Sprint(got) != "[CO/LEADVILLE]" {
			t.Errorf("after consolidations Alamosa is of %v", got)
		}
	})
}

func TestCoverageOfNumbers(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		w.Worked(w.Reserve(voicetest.Line("ALAMOSA", 3))) // opens 719-206-8
		addOwn(w, "OUR OWN", spareBlocks(1)[0])
		own := spareBlocks(1)[0].First()
		body := fmt.Sprintf(`{"productID":2036,"tnList":[{"startTN":17192068000,"endTN":"7192068002"},"+17192982000",{"npa":"719","nxx":"207","line":"2000"},%d,"2125550100",{"npa":"719","nxx":"206","line":"0000","endLine":"0001"}]}`, own)
		show := func() (list []string) {
			for _, n := range covered(t, w, body).Numbers {
				list = append(list, fmt.Sprintf("%v %s covered %v ours %v portable %v", n.TN, voice.CenterKey(n.State, n.Center), n.Covered, n.Carrier == "demarc", n.Portable))
			}
			return list
		}
		want := []string{
			"7192068000 CO/ALAMOSA covered true ours true portable true", "7192068001 CO/ALAMOSA covered true ours true portable true", "7192068002 CO/ALAMOSA covered true ours true portable true",
			"7192982000 CO/ALAMOSA covered true ours true portable true", "7192072000 CO/SALIDA covered true ours true portable true",
			own.String() + " CO/OUR OWN covered true ours true portable true", "2125550100 / covered false ours false portable false",
			"7192060000 CO/ALAMOSA covered true ours false portable true", "7192060001 CO/ALAMOSA covered true ours false portable true",
		}
		if diff := cmp.Diff(want, show()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		consolidate(w, "ALAMOSA", "SALIDA")
		consolidate(w, "SALIDA", "LEADVILLE")
		for i := range want {
			want[i] = strings.NewReplacer("CO/ALAMOSA", "CO/LEADVILLE", "CO/SALIDA", "CO/LEADVILLE").Replace(want[i])
		}
		if diff := cmp.Diff(want, show()); diff != "" {
			t.Errorf("after consolidations (-want +got):\n%s", diff)
		}
		no := false
		w.Within(func(tx *db.Tx) error {
			_, err := w.Desk.ChangeCenter(tx, "desk", "CO", "LEADVILLE", voice.CenterChange{Native: &no})
			return err
		})
		if got := covered(t, w, `{"productID":2036,"tnList":["7192060000"]}`).Numbers[0]; got.Covered || got.Portable || !got.Known {
			t.Errorf("where nobody is served it is %+v", got)
		}
	})
}

func TestUtilizationCountsWhatIsInService(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		ask := func(customer, product string) (list []voice.Used) {
			r := from[voice.UtilizationRequest](t, `{"rateCenters":[{"rateCenter":"denver","state":"co"},{"rateCenter":"AURORA","state":"CO"},{"rateCenter":"ATLANTIS","state":"CO"}]}`)
			r.ProductID = from[voice.UtilizationRequest](t, `{"productID":`+product+`}`).ProductID
			w.View(func(tx *db.Tx) (err error) {
				list, err = w.Desk.Utilization(tx, w.Party(customer), r)
				return err
			})
			return list
		}
		for _, c := range []struct {
			customer, product string
			want              string
		}{
			{voicetest.Customer, `2036`, "DENVER 4+16 80% true, AURORA 6+4 40% false, ATLANTIS 0+0 100% false, "},
			{voicetest.Customer, `"2042"`, "DENVER 0+0 100% true, AURORA 0+0 100% true, ATLANTIS 0+0 100% false, "},
			{voicetest.Other, `"2036"`, "DENVER 0+0 100% true, AURORA 0+0 100% true, ATLANTIS 0+0 100% false, "},
		} {
			got := ""
			for _, u := range ask(c.customer, c.product) {
				got += fmt.Sprintf("%s %d+%d %d%% %v, ", u.Center, u.Reserved, u.Active, u.Percent(), u.Allowed)
			}
			if got != c.want {
				t.Errorf("%s %s: %s", c.customer, c.product, got)
			}
		}
	})
	for reserved, want := range map[int]bool{1: true, 33: true, 34: false} {
		if got := (voice.Holding{Reserved: reserved, Active: 100}).Allowed(); got != want {
			t.Errorf("100 of %d in service: %v", 100+reserved, got)
		}
	}
}

func TestThePoolIsFiltered(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		r := voicetest.Ask(voicetest.Line("DENVER", 10), voicetest.Line("ALAMOSA", 20))
		r.ExternalID = "PO 1"
		first := w.Worked(w.ReserveFor(voicetest.Other, r))
		second := w.Worked(w.Reserve(voicetest.Line("PUEBLO", 30)))
		whole, _ := w.Pool(voicetest.Other)
		alamosa := whole[slices.IndexFunc(whole, func(e voice.Entry) bool { return e.Center == "ALAMOSA" })].Start
		from719, to719, err := voice.PrefixOf("719", "")
		w.Must("prefix", err)
		fromCode, toCode, err := voice.PrefixOf("719", fmt.Sprint(alamosa.NXX()))
		w.Must("prefix", err)
		for _, c := range []struct {
			name string
			f    voice.PoolFilter
			want int
		}{
			{"all", voice.PoolFilter{}, 60},
			{"whoever is named in the filter, it is the caller's", voice.PoolFilter{Customer: voicetest.Customer}, 60},
			{"an order", voice.PoolFilter{Order: first.ID}, 30},
			{"another", voice.PoolFilter{Order: second.ID}, 30},
			{"the customer's own id", voice.PoolFilter{ExternalID: "PO 1"}, 30},
			{"none has it", voice.PoolFilter{ExternalID: "PO 2"}, 0},
			{"an area code", voice.PoolFilter{From: from719, To: to719}, 50},
			{"a prefix", voice.PoolFilter{From: fromCode, To: toCode}, 20},
			{"a state", voice.PoolFilter{State: "CO"}, 60},
			{"another state", voice.PoolFilter{State: "TX"}, 0},
			{"a rate center", voice.PoolFilter{State: "CO", Center: "DENVER"}, 10},
			{"all of it at once", voice.PoolFilter{Order: first.ID, ExternalID: "PO 1", From: fromCode, To: toCode, State: "CO", Center: "ALAMOSA"}, 20},
		} {
			w.View(func(tx *db.Tx) error {
				list, total, err := w.Desk.PoolOf(tx, w.Party(voicetest.Other), c.f, voice.Paging{Limit: 100})
				n := 0
				for _, e := range list {
					n += e.Len()
				}
				if n != c.want || total != len(list) {
					t.Errorf("%s: %d numbers in %d of %d ranges, want %d", c.name, n, len(list), total, c.want)
				}
				return err
			})
		}
		w.View(func(tx *db.Tx) error {
			list, total, err := w.Desk.PoolOf(tx, w.Party(voicetest.Other), voice.PoolFilter{}, voice.Paging{Offset: 1, Limit: 1})
			if total != 3 || len(list) != 1 || list[0].Start != whole[1].Start {
				t.Errorf("the second of %d is %+v", total, list)
			}
			return err
		})
	})
}

func TestNotificationsAreKeptForHalfAYear(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		read := func(f voice.ToldFilter, page voice.Paging) (codes []int, total int) {
			t.Helper()
			w.View(func(tx *db.Tx) error {
				list, n, err := w.Desk.Notifications(tx, w.Party(voicetest.Other), voice.ChannelAPI, f, page)
				for _, told := range list {
					codes = append(codes, told.Code)
				}
				total = n
				return err
			})
			return codes, total
		}
		expect := func(f voice.ToldFilter, page voice.Paging, want []int, all int) {
			t.Helper()
			if got, total := read(f, page); !slices.Equal(got, want) || total != all {
				t.Errorf("%+v %+v: %v of %d, want %v of %d", f, page, got, total, want, all)
			}
		}
		all := voice.Paging{Limit: 100}
		start := w.Now()
		old := w.Worked(w.Reserve(voicetest.Line("DENVER", 5)))
		w.Worked(w.ReserveFor(voicetest.Customer, voicetest.Ask(voicetest.Line("PUEBLO", 5))))
		w.AdvanceTo(start.Add(100 * 24 * time.Hour))
		w.Worked(w.Reserve(voicetest.Line("VAIL", 5)))
		expect(voice.ToldFilter{}, all, []int{1302, 1302, 901, 10002, 10002, 901}, 6)
		expect(voice.ToldFilter{Customer: voicetest.Customer}, all, []int{1302, 1302, 901, 10002, 10002, 901}, 6)
		expect(voice.ToldFilter{}, voice.Paging{Offset: 2, Limit: 2}, []int{901, 10002}, 6)
		expect(voice.ToldFilter{Order: old.ID}, all, []int{10002, 10002, 901}, 3)
		expect(voice.ToldFilter{Order: old.ID, Latest: true}, all, []int{10002}, 3)
		expect(voice.ToldFilter{Latest: true}, voice.Paging{Offset: 3, Limit: 50}, []int{1302}, 6)
		expect(voice.ToldFilter{From: start.Add(time.Second), To: start.Add(100 * 24 * time.Hour)}, all, []int{901, 10002, 10002}, 3)

		sweep := func() (more bool) {
			w.Within(func(tx *db.Tx) (err error) {
				more, err = w.Desk.Sweep(tx)
				return err
			})
			return more
		}
		w.AdvanceTo(start.Add(voice.KeptFor))
		if sweep() {
			t.Error("what can still be asked for is forgotten")
		}
		expect(voice.ToldFilter{Order: old.ID}, all, []int{10002, 10002, 901}, 3)
		w.AdvanceTo(start.Add(voice.KeptFor + time.Microsecond))
		expect(voice.ToldFilter{Order: old.ID}, all, []int{10002, 10002}, 2)
		w.AdvanceTo(start.Add(voice.KeptFor + time.Hour))
		expect(voice.ToldFilter{Order: old.ID}, all, nil, 0)
		expect(voice.ToldFilter{From: start}, all, []int{1302, 1302, 901}, 3)

		if !sweep() || sweep() {
			t.Error("it was swept never, or for ever")
		}
		if n := len(rows(w).Told); n != 3 {
			t.Errorf("%d notifications are left", n)
		}
		w.CheckAll() // what was forgotten is not missed
		if got, parts := w.Order(old.ID); got.Code != 10002 || len(parts) != 1 {
			t.Errorf("the order itself is %+v", got)
		}
	})
}

func TestAMergedCustomerBringsAllThatItHas(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		w.Worked(w.Reserve(voicetest.Line("DENVER", 7)))
		w.Supply("ALAMOSA", 3)
		offered := w.Worked(w.Reserve(voicetest.Line("ALAMOSA", 5)))
		e := filed(t, w, 500)
		merge(w, voicetest.Other, voicetest.Customer)
		w.CheckAll()
		if _, n := w.Pool(voicetest.Customer); n != 4+6+7 {
			t.Errorf("%d numbers", n)
		}
		got, _ := w.Order(offered.ID)
		w.Approve(got, "ALAMOSA", voice.ActAvailable)
		told(t, w, got, 901, 10001, 10002, 10002)
		w.View(func(tx *db.Tx) error {
			_, err := w.Desk.ExceptionOf(tx, w.Party(voicetest.Customer), e.ID)
			return err
		})
		denver := rows(w).Holdings[slices.IndexFunc(rows(w).Holdings, func(h voice.Holding) bool { return h.Center == "DENVER" })]
		if denver.Reserved != 4+7 || denver.Active != 16 || denver.Customer != voicetest.Customer {
			t.Errorf("in Denver it has %+v", denver)
		}
	})
}

// merge makes a customer's number go by another's.
func merge(w *voicetest.World, number, into string) {
	w.T.Helper()
	w.Within(func(tx *db.Tx) error {
		identity.PutCustomer(tx, identity.Customer{Number: number, GoesBy: into, Name: "Customer " + number})
		voicesql.Merged(tx, number, into)
		return nil
	})
}

// All numbers of a fresh sandbox that somebody has are for fiction.
func TestNumbersOfAFreshWorldAreForFiction(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		list, n := w.Pool(voicetest.Customer)
		for _, e := range list {
			for tn := e.Start; tn <= e.End; tn++ {
				if tn.NXX() != 555 || tn.Line() < 100 || tn.Line() > 199 || !nanp.ValidNPA(tn.NPA()) {
					t.Errorf("%v is in the pool", tn)
				}
			}
		}
		if n != 4+6 {
			t.Errorf("%d numbers", n)
		}
	})
}
