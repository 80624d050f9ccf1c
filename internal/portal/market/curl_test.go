package market

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"demarc/internal/portal/ui"
	"demarc/internal/requestlog"
)

// A shell that runs the line gets the request as it was, with variables for its secrets.
func TestARequestBecomesALineOfAShell(t *testing.T) {
	t.Parallel()
	line := curlOf("http://127.0.0.1:8080", requestlog.Entry{Method: "POST", Path: "/Product/v1/pxQualify?note=it's", RequestBody: `{"name":"O'Hara $HOME"}`,
		RequestHeaders: map[string][]string{"Authorization": {"…"}, "Content-Type": {"application/json"}, "User-Agent": {"curl/8"}, "Client_secret": {"…"}, "Sec-Fetch-Mode": {"cors"}}})
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `curl() { for a in "$@"; do printf '<%s>' "$a"; done; }; TOKEN=t0 DEMARC_CLIENT_SECRET=s0; `+line).Output()
	want := `<--include><--request><POST><http://127.0.0.1:8080/Product/v1/pxQualify?note=it's><--header><Authorization: Bearer t0><--header><Client_secret: s0>` +
		`<--header><Content-Type: application/json><--data-raw><{"name":"O'Hara $HOME"}>`
	if err != nil || string(out) != want {
		t.Errorf("%v\n got %s\nwant %s\nfrom %s", err, out, want, line)
	}
}

func TestABodyIsReadable(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{`{"a":[1]}`: "{\n  \"a\": [\n    1\n  ]\n}", "<x/>": "<x/>", `{"a":`: `{"a":`} {
		if got := readable(body); got != want {
			t.Errorf("%s reads %s", body, got)
		}
	}
}

// Each product is presented whole: samples, changes, operations.
func TestEachProductIsPresentedWhole(t *testing.T) {
	t.Parallel()
	for _, p := range products {
		operations, changed := 0, 0
		for _, o := range contract() {
			if o.Document == p.Name && !o.Also {
				operations++
			}
		}
		for _, c := range changes {
			if _, err := time.Parse(time.DateOnly, c.day); err != nil {
				t.Error(err)
			}
			if c.product == p.Name {
				changed++
			}
		}
		if operations < 2 || changed == 0 {
			t.Errorf("%s has %d operations and %d changes", p.Name, operations, changed)
		}
		for _, l := range languages {
			if text := sample(p, l.key); !strings.Contains(text, p.First.What) || strings.Contains(text, "{{") {
				t.Errorf("the sample of %s in %s is %s", p.Name, l.key, text)
			}
		}
	}
	if sample(productByName("care"), "go") == "" || strings.Contains(sample(productByName("care"), "go"), "oauth") {
		t.Error("care takes a token")
	}
}

// The clock goes by a span or to a moment: by one of them.
func TestWhereTheClockGoesIsSaidOnce(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct{ by, to, field, want string }{
		{"PT1H", "", "", "2026-11-21T10:00:00Z"},
		{"", "2026-12-01T00:00:00Z", "", "2026-12-01T00:00:00Z"},
		{"", "", "by", ""}, {"PT1H", "2026-12-01T00:00:00Z", "to", ""}, {"an hour", "", "by", ""}, {"", "tomorrow", "to", ""}, {"", "2126-12-01T00:00:00Z", "to", ""},
	} {
		f := ui.NewForm(map[string][]string{"by": {c.by}, "to": {c.to}})
		move := target(f)
		switch {
		case (move == nil) != f.Wrong() || c.field != "" && len(f.Problems()[c.field]) != 1:
			t.Errorf("%q %q: %v", c.by, c.to, f.Problems())
		case move != nil && move(now).Format(time.RFC3339) != c.want:
			t.Errorf("%q %q leads to %v", c.by, c.to, move(now))
		}
	}
	for d, want := range map[time.Duration]string{-2 * time.Second: "It is behind by 2 s", 100 * time.Millisecond: "Not at all", 30*24*time.Hour - time.Millisecond: "30 d 0 h"} {
		if got := ahead(d); got != want {
			t.Errorf("%v ahead reads %q", d, got)
		}
	}
}
