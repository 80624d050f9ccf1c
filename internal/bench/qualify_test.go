package bench

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"demarc/internal/postal"
)

func TestAddressesThatWereLoadedAreQualifiedOnBothDatabases(t *testing.T) {
	onBoth(t, func(t *testing.T, kind, floor string) {
		b := startProgram(t, kind, floor)
		const addresses = 960 // of two ZIP codes
		known, l, err := loadHomes(t.Context(), b.database(), addresses)
		if err != nil {
			t.Fatal(err)
		}
		if l.Rows != addresses || l.Seconds <= 0 || l.Bytes < 1<<16 || len(known.misspelt) != addresses {
			t.Errorf("loaded %+v, of which %d are misspelt", l, len(known.misspelt))
		}
		if err := fillFloor(t.Context(), floor, addresses); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		r := quick(&out)
		r.load(l)
		if err := r.qualified(t.Context(), b, known); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "qualify: 960 addresses loaded in") || !strings.Contains(out.String(), "missing directional") {
			t.Errorf("printed\n%s", &out)
		}
		if rows := r.report.Rows; len(rows) != 4 || rows[3].Figure != "qualify, near match" || rows[3].Clients != 4 || rows[3].Requests == 0 ||
			len(rows[3].Against) != 2 || rows[3].Against[0].Floor != "one indexed read" || rows[3].Against[0].Requests == 0 {
			t.Errorf("rows %+v", rows)
		}
		near := r.report.Near
		if len(near) != len(slips)+2 {
			t.Fatalf("found %+v", near)
		}
		all, meanwhile := near[len(slips)], near[len(slips)+1]
		if all.Asked != addresses || all.First < addresses*9/10 || all.Listed < all.First || meanwhile.Asked == 0 || meanwhile.First == 0 || all.Database != kind {
			t.Errorf("found %+v, %+v", all, meanwhile)
		}
		// An address that is not there is another answer, and ends the run.
		b.endsTheRun(t, known, r.o.Span)
	})
}

// endsTheRun holds answers to addresses that the book has not, and to mistakes that are
// none.
func (b *bed) endsTheRun(t *testing.T, known *homes, span time.Duration) {
	t.Helper()
	more := *known
	more.count = 1_000_000
	if _, err := b.exactly(&more)(t.Context(), 1, span); err == nil || !strings.Contains(fmt.Sprint(err), "bench: qualified address AD-") {
		t.Errorf("an address that is not there: %v", err)
	}
	a, err := known.draw(t.Context(), rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	none := &homes{count: 1, misspelt: []misspelling{{"none", written(a), a.ID()}}}
	if _, err := b.nearly(none)(t.Context(), 1, span); err == nil || !strings.Contains(fmt.Sprint(err), "which is misspelt") {
		t.Errorf("a mistake that is none: %v", err)
	}
	if _, err := b.quality(t.Context(), none); err == nil || !strings.Contains(fmt.Sprint(err), "which is misspelt") {
		t.Errorf("a mistake that is none: %v", err)
	}
}

func TestAnAnswerIsHeldToTheAddressThatWasMeant(t *testing.T) {
	t.Parallel()
	m := misspelling{meant: "AD-7"}
	for body, want := range map[string]string{
		`{"transactionId":"PX-1","status":"NEAR_MATCHES","nearMatches":[{"addressDetailId":"AD-7","score":1}]}`:                          "first, listed",
		`{"transactionId":"PX-1","status":"NEAR_MATCHES","nearMatches":[{"addressDetailId":"AD-77"},{"addressDetailId":"AD-7"}]}`:        "listed",
		`{"transactionId":"PX-1","status":"NEAR_MATCHES","nearMatches":[{"addressDetailId":"AD-77"},{"addressDetailId":"AD-17"}]}`:       "",
		`{"transactionId":"PX-1","status":"NEAR_MATCHES","nearMatches":[]}`:                                                              "",
		`{"transactionId":"PX-1","status":"NO_MATCH","messages":[{"code":"2096","field":"address","message":"TxID PX-1"}]}`:              "",
		`{"transactionId":"PX-1","status":"QUALIFIED","address":{"zip":"71203"},"addressDetailId":"AD-7","loop":{"technology":"VDSL2"}}`: "wrong",
		`{"transactionId":"PX-1"`: "wrong",
		``:                        "wrong",
	} {
		first, listed, err := m.matches([]byte(body))
		got := map[[2]bool]string{{true, true}: "first, listed", {false, true}: "listed", {true, false}: "first"}[[2]bool{first, listed}]
		if err != nil {
			got = "wrong"
		}
		if got != want {
			t.Errorf("%s is %q, not %q", body, got, want)
		}
	}
}

// Every kind of mistake changes the address, and leaves one that can be read.
func TestEveryMistakeIsOne(t *testing.T) {
	t.Parallel()
	draw := rand.New(rand.NewPCG(1, 2))
	for _, s := range slips {
		for range 200 {
			m := misspell(draw, 100_000, s)
			a, bad := postal.Parse(m.in)
			if bad != 0 || a.ID() == m.meant && s.kind != "another city" || m.kind != s.kind {
				t.Errorf("%s: %+v is read as %s, which is what was meant, or nothing (%d)", s.kind, m.in, a, bad)
			}
		}
	}
	// Without a mistake it is the address itself.
	for i := range int64(5000) {
		a := postal.Synthetic(i * 1999)
		if got, bad := postal.Parse(written(a)); got != a || bad != 0 {
			t.Errorf("%+v is read as %+v", written(a), got)
		}
	}
}
