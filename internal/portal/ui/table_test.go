package ui_test

import (
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"demarc/internal/portal/ui"

	"golang.org/x/net/html"
)

func TestWithChangesOneValueOfAnAddress(t *testing.T) {
	t.Parallel()
	query := url.Values{"state": {"failed"}, "page": {"3"}, "tag": {"a", "b"}}
	before := query.Encode()
	for _, c := range []struct{ name, value, want string }{
		{"page", "4", "/x?page=4&state=failed&tag=a&tag=b"},
		{"page", "", "/x?state=failed&tag=a&tag=b"},
		{"state", "sent", "/x?state=sent&tag=a&tag=b"}, // from the first page on
		{"state", "", "/x?tag=a&tag=b"},
		{"tag", "c", "/x?state=failed&tag=c"},
		{"new", "a&b=c d", "/x?new=a%26b%3Dc+d&state=failed&tag=a&tag=b"},
	} {
		if got := ui.With("/x", query, c.name, c.value); got != c.want {
			t.Errorf("%s=%s: %s, want %s", c.name, c.value, got, c.want)
		}
	}
	if got := ui.With("/x", nil, "a", ""); got != "/x" {
		t.Errorf("with nothing: %s", got)
	}
	if query.Encode() != before {
		t.Error("the page's own query is changed")
	}
}

func TestPagerLeadsThroughThePages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		page       string
		total      int
		says       string
		prev, next string
	}{
		{"", 0, "0 in all", "", ""},
		{"", 50, "50 in all", "", ""},
		{"", 51, "Page 1 of 2, 51 in all", "", "/x?page=2"},
		{"2", 51, "Page 2 of 2, 51 in all", "/x?page=1", ""},
		{"2", 1234567, "Page 2 of 24692, 1,234,567 in all", "/x?page=1", "/x?page=3"},
		{"9", 120, "Page 9 of 3, 120 in all", "/x?page=3", ""},
		{"9", 0, "Page 9 of 1, 0 in all", "/x?page=1", ""},
		{"-1", 120, "Page 1 of 3, 120 in all", "", "/x?page=2"},
		{"x", 120, "Page 1 of 3, 120 in all", "", "/x?page=2"},
		{"99999999999999999999", 120, "Page 1 of 3, 120 in all", "", "/x?page=2"},
	} {
		query := url.Values{}
		if c.page != "" {
			query.Set("page", c.page)
		}
		root := page(t, ui.Pager("/x", query, c.total))
		if !strings.Contains(textOf(root), c.says) {
			t.Errorf("page %q of %d says %q, want %q", c.page, c.total, textOf(root), c.says)
		}
		for rel, want := range map[string]string{"prev": c.prev, "next": c.next} {
			got := ""
			for _, a := range elements(root, "a", "rel", rel) {
				got = of(a, "href")
			}
			if got != want {
				t.Errorf("page %q of %d: %s leads to %q, want %q", c.page, c.total, rel, got, want)
			}
		}
	}
}

func TestOlderGoesOnAndBackToTheNewest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at, from string
		want     []string
	}{
		{"", "", nil},
		{"", "e9", []string{"/x?from=e9&q=a"}},
		{"e9", "e5", []string{"/x?q=a", "/x?from=e5&q=a"}},
		{"e9", "", []string{"/x?q=a"}},
	} {
		query := url.Values{"q": {"a"}}
		if c.at != "" {
			query.Set("from", c.at)
		}
		var got []string
		if n := ui.Older("/x", query, "from", c.from); n != nil {
			for _, a := range elements(page(t, n), "a", "", "") {
				got = append(got, of(a, "href"))
			}
		}
		if strings.Join(got, " ") != strings.Join(c.want, " ") {
			t.Errorf("at %q, going on at %q: %q, want %q", c.at, c.from, got, c.want)
		}
	}
}

func TestATableNamesItsCellsAndStandsAsideWhenItIsEmpty(t *testing.T) {
	t.Parallel()
	root := page(t, ui.Table("Orders", []string{"Id", "State"}, [][]ui.Node{{ui.Mono("o1"), ui.State("in_progress")}, {ui.Mono("o2"), nil, ui.Text("one too many")}}, ui.P("none")))
	var labels []string
	for _, td := range elements(root, "td", "", "") {
		labels = append(labels, of(td, "data-label")+"="+textOf(td))
	}
	if got, want := strings.Join(labels, " "), "Id=o1 State=in progress Id=o2 State= =one too many"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	region := one(t, root, "div", "role", "region")
	if of(region, "tabindex") != "0" || of(region, "aria-label") != "Orders" || textOf(one(t, root, "caption", "", "")) != "Orders" {
		t.Error("the table has no name, or cannot be scrolled by keys")
	}
	if got := rendered(t, ui.Table("Orders", []string{"Id"}, nil, ui.P("none"))); got != "<p>none</p>" {
		t.Errorf("an empty table is %s", got)
	}
}

func TestFiguresForPeople(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", -1: "-1", -999: "-999", -1000: "-1,000", 1234567: "1,234,567", math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "-9,223,372,036,854,775,808"} {
		if got := ui.Count(n); got != want {
			t.Errorf("Count(%d) = %s, want %s", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0 ms", 2300 * time.Microsecond: "2.3 ms", 4 * time.Second: "4 s", 12345 * time.Millisecond: "12.3 s", 61 * time.Second: "1 min 1 s",
		200 * time.Minute: "3 h 20 min", 122 * time.Hour: "5 d 2 h",
	} {
		if got := ui.Duration(d); got != want {
			t.Errorf("Duration(%d) = %s, want %s", d, got, want)
		}
	}
	if got := rendered(t, ui.Time(time.Time{})) + rendered(t, ui.Day(time.Time{})); got != "––" {
		t.Errorf("no time is %q", got)
	}
	zone := time.FixedZone("far", 9*3600)
	if got := textOf(page(t, ui.Time(time.Date(2026, 3, 15, 1, 2, 3, 0, zone)))); got != "14 Mar 2026, 16:02:03" {
		t.Errorf("a time of elsewhere is %q", got)
	}
}

func TestToneOfAState(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]ui.Tone{
		"completed": ui.Good, "COMPLETED": ui.Good, "In progress": ui.Waiting, "in-progress": ui.Waiting, "inProgress": ui.Waiting, "PROVIDER IN PROCESS": ui.Waiting, "half-open": ui.Waiting,
		"pending credit check": ui.Waiting, "credit check rejected": ui.Bad, "rejected by the losing carrier": ui.Bad, "Disconnect pending": ui.Waiting, "FOC scheduled": ui.Waiting,
		"given up": ui.Bad, "given_up": ui.Bad, "withdrawn": ui.Plain, "": ui.Plain, " ": ui.Plain, "not available": ui.Plain, "in": ui.Plain,
	} {
		if got := ui.ToneOf(state); got != want {
			t.Errorf("%q sounds %s, want %s", state, got, want)
		}
	}
}

// Ids on the gallery's pages are given once, and everything that points to one finds it.
func TestTheGalleryIsWellFormed(t *testing.T) {
	t.Parallel()
	for name, node := range galleryPages("light") {
		root := page(t, node)
		ids := map[string]int{}
		for _, n := range elements(root, "", "", "") {
			if id := of(n, "id"); id != "" {
				ids[id]++
			}
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("%s: %d elements are called %s", name, n, id)
			}
		}
		for _, n := range elements(root, "", "", "") {
			for _, key := range []string{"for", "aria-describedby", "list"} {
				for id := range strings.FieldsSeq(of(n, key)) {
					if ids[id] == 0 {
						t.Errorf("%s: <%s %s=%q> leads nowhere", name, n.Data, key, id)
					}
				}
			}
			if n.Type == html.ElementNode && has(n, "style") {
				t.Errorf("%s: <%s> has a style of its own, which the policy forbids", name, n.Data)
			}
		}
	}
}
