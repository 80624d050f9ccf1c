package marketplace

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"demarc/internal/fault"
	"demarc/internal/httpkit"

	"github.com/google/go-cmp/cmp"
)

// update reads a body as the edge does.
func update(t *testing.T, body string) *UpdateRequest {
	t.Helper()
	var r UpdateRequest
	if err := httpkit.DecodeJSON([]byte(body), &r); err != nil {
		t.Fatalf("the body is refused: %v\n%s", err, body)
	}
	return &r
}

// The source's example with its elements filled in.
const soundUpdate = `{"coid": "CO-1001", "expired": "False", "expired-date": "", "sku": "SKU-SEATS", "count": "12.5", "providerkey": "pk_x"}`

// instead is the sound update with another value of an element; "" takes it away.
func instead(t *testing.T, element, value string) string {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(soundUpdate), &fields); err != nil {
		t.Fatal(err)
	}
	delete(fields, element)
	if value != "" {
		fields[element] = json.RawMessage(value)
	}
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	return string(body)
}

func TestMKT_UPD_01_TheSourcesExampleNamesEveryRequiredElement(t *testing.T) {
	t.Parallel()
	// As printed; its quotes are those of a programming language, JSON's are double.
	example := strings.ReplaceAll(`{
	"coid": '',
    "expired": '',
    "expired-date": '',
    "sku": '',
    "count": '',
    "providerkey": ''
}`, "'", `"`)
	for _, body := range []string{example, `{}`, strings.ReplaceAll(example, `""`, "null"), strings.ReplaceAll(example, `""`, `" \t "`)} {
		told, wrong := CheckUpdate(update(t, body))
		broken(t, wrong, "MKT-UPD-01 coid", "MKT-UPD-01 expired", "MKT-UPD-01 sku", "MKT-UPD-01 providerkey")
		for _, v := range wrong {
			if v.Message != "must be given" {
				t.Errorf("%s %s", v.Field, v.Message)
			}
		}
		if told != (Told{}) {
			t.Errorf("nothing is understood as %+v", told)
		}
	}
}

func TestAnUpdateIsUnderstood(t *testing.T) {
	t.Parallel()
	sound := Told{COID: "CO-1001", SKU: "SKU-SEATS", Key: "pk_x", Count: 12_500_000, Counted: true}
	with := func(f func(*Told)) Told { told := sound; f(&told); return told }
	ended := with(func(told *Told) { told.Expired, told.ExpiredOn = true, time.Date(2017, 3, 31, 0, 0, 0, 0, time.UTC) })
	count := func(c Count) Told { return with(func(told *Told) { told.Count = c }) }
	none := with(func(told *Told) { told.Count, told.Counted = 0, false })
	coid := func(text string) Told { return with(func(told *Told) { told.COID = text }) }
	for _, c := range []struct {
		why, element, value string
		want                Told
	}{
		{"as the source has it", "count", `"12.5"`, sound},
		{"MKT-UPD-01 a coid as a number", "coid", `1001`, coid("1001")},
		{"MKT-UPD-01 a coid as a negative number", "coid", `-7`, coid("-7")},
		{"MKT-UPD-01 a coid as a number beyond floats", "coid", `900719925474099312345`, coid("900719925474099312345")},
		{"MKT-UPD-01 a coid as the text of a number", "coid", `"01001"`, coid("01001")},
		{"MKT-UPD-01 a coid in spaces", "coid", `" CO-1001\t"`, sound},
		{"MKT-UPD-01 a coid of zero", "coid", `0`, coid("0")},
		{"MKT-UPD-01 a coid of another script", "coid", `"顧客 42"`, coid("顧客 42")},
		{"MKT-UPD-01 the longest coid", "coid", `"` + strings.Repeat("c", maxCOID) + `"`, coid(strings.Repeat("c", maxCOID))},
		{"MKT-UPD-01 a sku as a number", "sku", `42`, with(func(told *Told) { told.SKU = "42" })},
		{"MKT-UPD-01 a key as a number", "providerkey", `42`, with(func(told *Told) { told.Key = "42" })},
		{"MKT-UPD-02 false", "expired", `false`, sound},
		{"MKT-UPD-02 the text false", "expired", `"false"`, sound},
		{"MKT-UPD-02 the text FALSE", "expired", `"FALSE"`, sound},
		{"MKT-UPD-02 the text fAlSe in spaces", "expired", `" fAlSe "`, sound},
		{"MKT-UPD-03 a date although it is not expired", "expired-date", `"2017-03-31"`, sound},
		{"MKT-UPD-03 a date of null", "expired-date", `null`, sound},
		{"MKT-UPD-03 no date", "expired-date", ``, sound},
		{"MKT-UPD-04 a count as a number", "count", `12.5`, sound},
		{"MKT-UPD-04 a count in spaces", "count", `" 12.5 "`, sound},
		{"MKT-UPD-04 a count of zero", "count", `0`, count(0)},
		{"MKT-UPD-04 a count with an exponent", "count", `1.25E1`, sound},
		{"MKT-UPD-04 a count as floats are written", "count", `1.2345678E7`, count(12_345_678_000_000)},
		{"MKT-UPD-04 the largest count", "count", `1000000000`, count(MaxCount)},
		{"MKT-UPD-04 the smallest count", "count", `"0.000001"`, count(1)},
		{"MKT-UPD-04 no count", "count", ``, none},
		{"MKT-UPD-04 an empty count", "count", `""`, none},
		{"MKT-UPD-04 a count of null", "count", `null`, none},
		{"MKT-UPD-04 a blank count", "count", `"  "`, none},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			told, wrong := CheckUpdate(update(t, instead(t, c.element, c.value)))
			broken(t, wrong)
			if diff := cmp.Diff(c.want, told); diff != "" {
				t.Errorf("understood otherwise (-want +got):\n%s", diff)
			}
		})
	}
	for _, spelling := range []string{`true`, `"true"`, `"True"`, `"TRUE"`, `"tRuE"`, `" true\n"`} {
		for _, date := range []string{`"2017-03-31"`, `" 2017-03-31 "`, `"2017-03-31T00:00:00Z"`, `"2017-03-31T00:00:00"`, `"2017-03-31T00:00:00.000"`,
			`"2017-03-31T02:00:00.000+02:00"`, `"2017-03-30T18:00:00-06:00"`} {
			t.Run("MKT-UPD-02 MKT-UPD-03 expired is "+spelling+" on "+date, func(t *testing.T) {
				t.Parallel()
				body := strings.NewReplacer(`"False"`, spelling, `"expired-date": ""`, `"expired-date": `+date).Replace(soundUpdate)
				told, wrong := CheckUpdate(update(t, body))
				broken(t, wrong)
				if diff := cmp.Diff(ended, told); diff != "" {
					t.Errorf("understood otherwise (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestAnUpdateIsRefusedWithTheRuleThatItBreaks(t *testing.T) {
	t.Parallel()
	text := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	for _, c := range []struct{ rule, why, element, value string }{
		{"MKT-UPD-01", "no coid", "coid", ``},
		{"MKT-UPD-01", "a coid too long", "coid", text(maxCOID + 1)},
		{"MKT-UPD-01", "a coid as a number too long", "coid", strings.Repeat("1", maxCOID+1)},
		{"MKT-UPD-01", "a coid of two lines", "coid", `"a\nb"`},
		{"MKT-UPD-01", "a coid with a control character", "coid", `"a\u0007b"`},
		{"MKT-UPD-01", "a coid of true", "coid", `true`},
		{"MKT-UPD-01", "a coid as a list", "coid", `["CO-1001"]`},
		{"MKT-UPD-01", "a coid as an object", "coid", `{"id":"CO-1001"}`},
		{"MKT-UPD-01", "no sku", "sku", `null`},
		{"MKT-UPD-01", "a sku too long", "sku", text(maxSKU + 1)},
		{"MKT-UPD-01", "no key", "providerkey", `" "`},
		{"MKT-UPD-01", "a key too long", "providerkey", text(maxKey + 1)},
		{"MKT-UPD-01", "a key as an object", "providerkey", `{}`},
		{"MKT-UPD-01", "expired is missing", "expired", ``},
		{"MKT-UPD-01", "expired is null", "expired", `null`},
		{"MKT-UPD-02", "expired is yes", "expired", `"yes"`},
		{"MKT-UPD-02", "expired is t", "expired", `"t"`},
		{"MKT-UPD-02", "expired is 1", "expired", `1`},
		{"MKT-UPD-02", "expired is 0", "expired", `0`},
		{"MKT-UPD-02", "expired is the text 1", "expired", `"1"`},
		{"MKT-UPD-02", "expired is a list", "expired", `[true]`},
		{"MKT-UPD-02", "expired is an object", "expired", `{}`},
		{"MKT-UPD-02", "expired is a word with true in it", "expired", `"true or false"`},
		{"MKT-UPD-03", "a date that is none", "expired-date", `"soon"`},
		{"MKT-UPD-03", "a day that there is not", "expired-date", `"2017-02-30"`},
		{"MKT-UPD-03", "another order of the date", "expired-date", `"03/31/2017"`},
		{"MKT-UPD-03", "a date as a number", "expired-date", `1490918400`},
		{"MKT-UPD-03", "a date of true", "expired-date", `true`},
		{"MKT-UPD-03", "a date as an object", "expired-date", `{}`},
		{"MKT-UPD-03", "a year of five digits", "expired-date", `"12017-03-31"`},
		{"MKT-UPD-03", "the year nought", "expired-date", `"0000-01-01"`},
		{"MKT-UPD-03", "a date before there were computers", "expired-date", `"1969-12-31"`},
		{"MKT-UPD-03", "the same by its zone", "expired-date", `"1970-01-01T00:00:00+14:00"`},
		{"MKT-UPD-03", "a date after all", "expired-date", `"3000-01-01"`},
		{"MKT-UPD-03", "the same, by its zone", "expired-date", `"2999-12-31T23:59:59-12:00"`},
		{"MKT-UPD-04", "a negative count", "count", `-1`},
		{"MKT-UPD-04", "a negative count as a text", "count", `"-0.5"`},
		{"MKT-UPD-04", "a negative count with an exponent", "count", `-1e3`},
		{"MKT-UPD-04", "a count beyond the largest", "count", `1000000000.000001`},
		{"MKT-UPD-04", "a huge count", "count", `1e300`},
		{"MKT-UPD-04", "a count that has no end", "count", strings.Repeat("9", 1000)},
		{"MKT-UPD-04", "a count of seven decimals", "count", `0.0000001`},
		{"MKT-UPD-04", "a tiny count", "count", `1e-300`},
		{"MKT-UPD-04", "a count in words", "count", `"twelve"`},
		{"MKT-UPD-04", "a count with its thousands parted", "count", `"1,000"`},
		{"MKT-UPD-04", "a count with its unit", "count", `"12 GB"`},
		{"MKT-UPD-04", "a count of true", "count", `true`},
		{"MKT-UPD-04", "a count as a list", "count", `[12]`},
		{"MKT-UPD-04", "a count as an object", "count", `{"seats":12}`},
		{"MKT-UPD-04", "a count that is no number", "count", `"NaN"`},
		{"MKT-UPD-04", "a count without end", "count", `"Infinity"`},
	} {
		t.Run(c.rule+" "+c.why, func(t *testing.T) {
			t.Parallel()
			told, wrong := CheckUpdate(update(t, instead(t, c.element, c.value)))
			broken(t, wrong, c.rule+" "+c.element)
			if told.Count != 0 && c.element == "count" || told.COID != "" && c.element == "coid" {
				t.Errorf("understood as %+v all the same", told)
			}
			if inside := strings.Trim(c.value, `"`); len(inside) > 4 && c.element != "expired" && strings.Contains(fmt.Sprint(wrong), inside) {
				t.Errorf("the value is repeated: %v", wrong)
			}
		})
	}
	for _, date := range []string{``, `""`, `null`, `" "`} {
		t.Run("MKT-UPD-03 expired without a date: "+date, func(t *testing.T) {
			t.Parallel()
			r := update(t, instead(t, "expired", `"True"`))
			r.ExpiredDate = json.RawMessage(date)
			_, wrong := CheckUpdate(r)
			broken(t, wrong, "MKT-UPD-03 expired-date")
			if len(wrong) == 1 && wrong[0].Message != "must be given when expired is true" {
				t.Error(wrong[0].Message)
			}
		})
	}
	t.Run("MKT-UPD-01 to MKT-UPD-04 at once", func(t *testing.T) {
		t.Parallel()
		_, wrong := CheckUpdate(update(t, `{"coid":{},"expired":"maybe","expired-date":"soon","sku":[],"count":-1,"providerkey":"\u0001"}`))
		broken(t, wrong, "MKT-UPD-01 coid", "MKT-UPD-02 expired", "MKT-UPD-03 expired-date", "MKT-UPD-01 sku", "MKT-UPD-04 count", "MKT-UPD-01 providerkey")
	})
	t.Run("MKT-UPD-03 a date that is wrong though expired is not understood", func(t *testing.T) {
		t.Parallel()
		_, wrong := CheckUpdate(&UpdateRequest{COID: json.RawMessage(`1`), SKU: json.RawMessage(`1`), ProviderKey: json.RawMessage(`1`), ExpiredDate: json.RawMessage(`7`)})
		broken(t, wrong, "MKT-UPD-01 expired", "MKT-UPD-03 expired-date")
	})
}

func TestAWellFormedUpdateIsDecidedAbout(t *testing.T) {
	t.Parallel()
	now := time.Date(2040, 6, 15, 12, 0, 0, 0, time.UTC)
	facts := func(state string) *UpdateFacts {
		return &UpdateFacts{Subscription: &Subscription{ID: "SUB-1", Offer: "PRD-1", State: state}, SKU: &SKU{ID: "SKU-SEATS"}, SKUOffer: "PRD-1", Month: "2040-06"}
	}
	usage := Told{COID: "CO-1001", SKU: "SKU-SEATS", Count: 1, Counted: true}
	end := func(on time.Time) Told { return Told{COID: "CO-1001", SKU: "SKU-SEATS", Expired: true, ExpiredOn: on} }
	full := func(total Count) *UpdateFacts { f := facts(SubActive); f.Total = total; return f }
	ofOther := facts(SubActive)
	ofOther.SKUOffer = "PRD-2"
	noSKU := facts(SubActive)
	noSKU.SKU, noSKU.SKUOffer = nil, ""
	all := Told{Count: MaxCount, Counted: true}
	for _, c := range []struct {
		why   string
		told  Told
		facts *UpdateFacts
		state string
		code  *fault.Code
		rule  string
	}{
		{"usage", usage, facts(SubActive), SubActive, nil, ""},
		{"usage after the buyer has ended it", usage, facts(SubEnding), SubEnding, nil, ""},
		{"neither usage nor an end", Told{}, facts(SubActive), SubActive, nil, ""},
		{"an end", end(now), facts(SubActive), SubExpired, nil, ""},
		{"an end that the buyer asked for", end(now), facts(SubEnding), SubExpired, nil, ""},
		{"MKT-UPD-05 another provider's coid, or none", usage, &UpdateFacts{SKU: &SKU{}, SKUOffer: "PRD-1"}, "", UpdateCOIDUnknown, "MKT-UPD-05 coid"},
		{"MKT-UPD-05 comes before the sku", usage, &UpdateFacts{}, "", UpdateCOIDUnknown, "MKT-UPD-05 coid"},
		{"MKT-UPD-06 a sku that there is not", usage, noSKU, "", UpdateSKUUnknown, "MKT-UPD-06 sku"},
		{"MKT-UPD-06 a sku of another product", usage, ofOther, "", UpdateSKUUnknown, "MKT-UPD-06 sku"},
		{"MKT-UPD-07 usage after the end", usage, facts(SubExpired), "", UpdateExpired, "MKT-UPD-07 coid"},
		{"MKT-UPD-07 an end after the end", end(now), facts(SubExpired), "", UpdateExpired, "MKT-UPD-07 coid"},
		{"MKT-UPD-07 before what is wrong with the date", end(now.AddDate(1, 0, 0)), facts(SubExpired), "", UpdateExpired, "MKT-UPD-07 coid"},
		{"MKT-UPD-08 an end in the past", end(now.AddDate(-10, 0, 0)), facts(SubActive), SubExpired, nil, ""},
		{"MKT-UPD-08 an end at the end of the day, east of us", end(now.Add(24 * time.Hour)), facts(SubActive), SubExpired, nil, ""},
		{"MKT-UPD-08 the date of tomorrow", end(time.Date(2040, 6, 16, 0, 0, 0, 0, time.UTC)), facts(SubActive), SubExpired, nil, ""},
		{"MKT-UPD-08 the date after tomorrow", end(time.Date(2040, 6, 17, 0, 0, 0, 0, time.UTC)), facts(SubActive), "", UpdateInvalid, "MKT-UPD-08 expired-date"},
		{"MKT-UPD-08 more than a day ahead", end(now.Add(24*time.Hour + time.Microsecond)), facts(SubActive), "", UpdateInvalid, "MKT-UPD-08 expired-date"},
		{"the month's most, exactly", all, full(MaxTotal - MaxCount), SubActive, nil, ""},
		{"more than the month's most", all, full(MaxTotal - MaxCount + 1), "", UpdateTotal, ""},
		{"a little more than the month's most", usage, full(MaxTotal), "", UpdateTotal, ""},
		{"nothing more than the month's most", Told{Counted: true}, full(MaxTotal), SubActive, nil, ""},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			state, err := checkTold(c.told, c.facts, now)
			if state != c.state {
				t.Errorf("it becomes %q, want %q", state, c.state)
			}
			if c.code == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, c.code) {
				t.Fatalf("refused with %v, want %v", err, c.code)
			}
			f := fault.Of(err)
			want := []string{}
			if c.rule != "" {
				want = append(want, c.rule)
			}
			broken(t, f.Violations, want...)
			if c.code == UpdateExpired && (f.Next == nil || len(f.Next) > 0) {
				t.Errorf("the legal next moves are said to be %q", f.Next)
			}
		})
	}
	for code, want := range map[*fault.Code]int{UpdateInvalid: 400, UpdateTotal: 400, UpdateKeyUnknown: 401, UpdateCOIDUnknown: 404, UpdateSKUUnknown: 404, UpdateExpired: 409} {
		if code.Status != want {
			t.Errorf("%s is answered with %d, want %d", code.ID, code.Status, want)
		}
	}
}

func TestTheBillingMonthIsThatOfGMT(t *testing.T) {
	t.Parallel()
	denver := time.FixedZone("", -6*3600)
	for want, at := range map[string]time.Time{
		"2040-06": time.Date(2040, 6, 30, 23, 59, 59, 999_999_999, time.UTC),
		"2040-07": time.Date(2040, 7, 1, 0, 0, 0, 0, time.UTC),
		"2041-01": time.Date(2040, 12, 31, 18, 0, 0, 0, denver),
		"2040-12": time.Date(2040, 12, 31, 17, 59, 59, 0, denver),
	} {
		if got := monthOf(at); got != want {
			t.Errorf("%v is in %s, want %s", at, got, want)
		}
	}
}

// Nothing panics, and what is accepted is in bounds.
func FuzzCheckUpdate(f *testing.F) {
	for _, body := range []string{soundUpdate, `{}`, `{"coid":1,"expired":true,"expired-date":"2017-03-31","sku":-1.5e3,"count":1e3,"providerkey":"x"}`,
		`{"coid":{},"expired":[],"expired-date":0,"sku":"\ud800","count":"-","providerkey":null}`} {
		f.Add([]byte(body), []byte(`"x"`))
	}
	f.Add([]byte(`{}`), []byte(`t`))
	f.Fuzz(func(t *testing.T, body, raw []byte) {
		// Elements that no decoder would leave so must not panic, either.
		CheckUpdate(&UpdateRequest{COID: raw, Expired: raw, ExpiredDate: raw, SKU: raw, Count: raw, ProviderKey: raw})
		var r UpdateRequest
		if httpkit.DecodeJSON(body, &r) != nil {
			return
		}
		told, wrong := CheckUpdate(&r)
		if len(wrong) > 0 {
			if slices.ContainsFunc(wrong, func(v fault.Violation) bool {
				return !strings.HasPrefix(v.Rule, "MKT-UPD-0") || v.Field == "" || v.Message == ""
			}) {
				t.Fatalf("%s: %v", body, wrong)
			}
			return
		}
		for text, most := range map[string]int{told.COID: maxCOID, told.SKU: maxSKU, told.Key: maxKey} {
			if text == "" || len(text) > most || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text {
				t.Fatalf("%s: %q is accepted", body, text)
			}
		}
		if told.Count < 0 || told.Count > MaxCount || !told.Counted && told.Count != 0 || told.Expired == told.ExpiredOn.IsZero() ||
			told.Expired && (told.ExpiredOn.Year() < 1970 || told.ExpiredOn.Year() > 2999 || told.ExpiredOn.Location() != time.UTC) {
			t.Fatalf("%s: %+v is accepted", body, told)
		}
	})
}
