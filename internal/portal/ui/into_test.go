package ui_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/fault"
	"demarc/internal/portal/ui"

	"github.com/google/go-cmp/cmp"
)

type address struct {
	Street string  `json:"street"`
	Floor  *int    `json:"floor"`
	Lat    float64 `json:"lat"`
}

// common is in several requests.
type common struct {
	Customer string `json:"customer"`
	Name     string `json:"name"`
}

// Reference is embedded by its address.
type Reference struct {
	PO string `json:"po"`
}

type line struct {
	Center   string   `json:"center"`
	Quantity int      `json:"quantity"`
	Numbers  []number `json:"numbers"`
}

type number struct {
	TN string `json:"tn"`
}

type level string

func (l *level) UnmarshalText(text []byte) error {
	if string(text) != "low" && string(text) != "high" {
		return fault.Invalid.With()
	}
	*l = level(strings.ToUpper(string(text)))
	return nil
}

// money comes as a number or as a text.
type money int64

func (m *money) UnmarshalJSON(data []byte) error {
	var n int64
	if err := json.Unmarshal([]byte(strings.Trim(string(data), `"`)), &n); err != nil {
		return err
	}
	*m = money(n)
	return nil
}

type request struct {
	common
	*Reference
	Name   string     `json:"name"` // before that of common
	Yes    bool       `json:"yes"`
	No     *bool      `json:"no"`
	Small  int8       `json:"small"`
	Count  uint16     `json:"count"`
	Price  float32    `json:"price"`
	At     *address   `json:"at"`
	Lines  []line     `json:"lines"`
	Days   []string   `json:"days"`
	Sizes  []*int     `json:"sizes"`
	Level  level      `json:"level"`
	Money  *money     `json:"money"`
	Start  time.Time  `json:"start"`
	End    *time.Time `json:"end"`
	Any    any        `json:"any"`
	Secret string     `json:"-"`
	NoTag  string
	Never  chan int `json:"never"`
}

func TestAFormBecomesARequest(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		values url.Values
		want   request
	}{
		{"nothing", nil, request{}},
		{"blank", url.Values{"name": {"  "}, "small": {""}, "lines[0].center": {""}, "days": {"", " "}}, request{}},
		{"the kinds", url.Values{"name": {" n "}, "yes": {"true"}, "no": {"false"}, "small": {"-128"}, "count": {"65535"}, "price": {"1.5"}, "any": {"x"}, "level": {"high"}, "money": {"12"}, "notag": {"y"}},
			request{Name: "n", Yes: true, No: new(false), Small: -128, Count: 65535, Price: 1.5, Any: "x", Level: "HIGH", Money: new(money(12)), NoTag: "y"}},
		{"embedded", url.Values{"customer": {"c"}, "po": {"7"}, "name": {"n"}}, request{common: common{Customer: "c"}, Reference: &Reference{PO: "7"}, Name: "n"}},
		{"nested", url.Values{"at.street": {"Main"}, "at.floor": {"3"}, "at.lat": {"-41.5"}}, request{At: &address{Street: "Main", Floor: new(3), Lat: -41.5}}},
		{"lists", url.Values{"lines[0].center": {"A"}, "lines[1].quantity": {"5"}, "lines[1].numbers[0].tn": {"x"}, "lines[1].numbers[1].tn": {"y"}},
			request{Lines: []line{{Center: "A"}, {Quantity: 5, Numbers: []number{{"x"}, {"y"}}}}}},
		{"rows left empty", url.Values{"lines[0].center": {""}, "lines[2].center": {"B"}, "lines[7].numbers[3].tn": {"z"}, "lines[10].center": {"C"}},
			request{Lines: []line{{Center: "B"}, {Numbers: []number{{"z"}}}, {Center: "C"}}}},
		{"boxes", url.Values{"days": {"", "mon", "fri"}, "sizes": {"1", "2"}}, request{Days: []string{"mon", "fri"}, Sizes: []*int{new(1), new(2)}}},
		{"days and hours", url.Values{"start": {"2026-03-14"}, "end": {"2026-03-14T09:30"}}, request{Start: day, End: new(day.Add(9*time.Hour + 30*time.Minute))}},
		{"what is not of the request", url.Values{"-": {"s"}, "secret": {"s"}, "unknown": {"u"}, "name.first": {"f"}, "_csrf": {"t"}, "at": {""}}, request{}},
	} {
		var got request
		f := ui.NewForm(c.values)
		if !f.Into(&got) || f.Wrong() {
			t.Errorf("%s: %v", c.name, f.Problems())
		}
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(request{})); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestWhatCannotBeReadIsSaidBesideItsField(t *testing.T) {
	t.Parallel()
	unreadable := url.Values{"yes": {"maybe"}, "small": {"128"}, "count": {"-1"}, "price": {"NaN"}, "at.lat": {"1e999"}, "at.floor": {"two"}, "lines[0].quantity": {"1.5"}, "lines[x].center": {"A"}, "lines.3": {"A"}, "lines[4": {"A"}, "lines[1000].center": {"A"}, "sizes": {"1", "b"},
		"level": {"middle"}, "money": {"[1,"}, "start": {"tomorrow"}, "never": {"1"}, "at": {"here"}}
	f := ui.NewForm(maps.Clone(unreadable))
	f.Add("name", "is taken") // said before; it is not Into's
	var r request
	if f.Into(&r) {
		t.Error("Into says that all is well")
	}
	problems := f.Problems()
	delete(problems, "name")
	for name := range unreadable {
		if !slices.Equal(problems[name], []string{"cannot be read"}) {
			t.Errorf("%s: %q", name, problems[name])
		}
		delete(problems, name)
	}
	if len(problems) > 0 {
		t.Errorf("also wrong: %v", problems)
	}
	good := ui.NewForm(url.Values{"name": {"n"}})
	good.Add("name", "is taken")
	if !good.Into(&r) {
		t.Error("Into faults a form for what was wrong with it before")
	}
}

// The rows that a form has and those that its request has are not the same ones when some
// were left empty. What a rule says of a row stands at the one that was meant.
func TestAFaultFindsTheRowThatWasMeant(t *testing.T) {
	t.Parallel()
	f := ui.NewForm(url.Values{"lines[1].center": {"A"}, "lines[4].numbers[2].tn": {"x"}, "lines[4].center": {""}})
	var r request
	if !f.Into(&r) || len(r.Lines) != 2 {
		t.Fatalf("%+v", r)
	}
	f.Fault(fault.Invalid.With(fault.Field("X", "lines[0].center", "a"), fault.Field("X", "lines[1].numbers[0].tn", "b"), fault.Field("X", "lines[1].numbers[5].tn", "c"), fault.Field("X", "lines[9]", "d"), fault.Field("X", "name", "e"), fault.Field("X", "lines", "f")))
	want := map[string][]string{"lines[1].center": {"a"}, "lines[4].numbers[2].tn": {"b"}, "lines[4].numbers[5].tn": {"c"}, "lines[9]": {"d"}, "name": {"e"}, "lines": {"f"}}
	if diff := cmp.Diff(want, f.Problems()); diff != "" {
		t.Error(diff)
	}
}

// Whatever comes in, there is a request or there are problems, and never a panic.
func FuzzInto(f *testing.F) {
	for _, s := range []string{"name=a", "lines[0].center=a&lines[2].quantity=x", "lines[999].numbers[999].tn=1", "lines[1000].center=1", "[[[.].=1", "at.floor.x=1", "lines[0][0]=1", "money=%5B&any=%00", "days[0]=x&days=y", "lines[-1].center=1", "lines[00].center=a&lines[0].center=b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil || len(values) > 20 {
			return
		}
		form := ui.NewForm(values)
		var r request
		if good := form.Into(&r); good == form.Wrong() {
			t.Errorf("Into answers %v, and what is wrong is %v", good, form.Problems())
		}
		if len(r.Lines) > len(values) {
			t.Errorf("%d rows of %d values", len(r.Lines), len(values))
		}
		for name := range form.Problems() {
			if !values.Has(name) {
				t.Errorf("%q is wrong, which was not sent", name)
			}
		}
	})
}
