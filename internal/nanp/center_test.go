package nanp_test

import (
	"slices"
	"strings"
	"testing"

	"demarc/internal/nanp"
)

func TestEveryRateCenterIsFound(t *testing.T) {
	t.Parallel()
	list := nanp.RateCenters()
	if len(list) != 18_508 {
		t.Errorf("%d rate centers", len(list))
	}
	codes, rows, keys := 0, 0, map[string]bool{}
	for i, rc := range list {
		if i > 0 && (list[i-1].State > rc.State || list[i-1].State == rc.State && list[i-1].Name >= rc.Name) {
			t.Fatalf("%s comes after %s", rc.Key(), list[i-1].Key())
		}
		if nanp.Find(rc.State, rc.Name) != rc || nanp.Find(" "+strings.ToLower(rc.State)+"\t", "  "+strings.ToLower(rc.Name)+" ") != rc {
			t.Fatalf("%s is not found", rc.Key())
		}
		keys[rc.Key()] = true
		rows += len(rc.NPAs)
		if !nanp.IsState(rc.State) || len(rc.Name) > 10 || rc.Name == "" || rc.Name != strings.TrimSpace(rc.Name) || len(rc.NPAs) == 0 || !slices.IsSorted(rc.NPAs) {
			t.Fatalf("%+v", *rc)
		}
		last, npas := nanp.Code(0), map[int]bool{}
		for c := range rc.Codes() {
			if c <= last {
				t.Fatalf("%s has %s after %s", rc.Key(), c, last)
			}
			last = c
			codes++
			npas[c.NPA()] = true
			if nanp.ByCode(c) != rc {
				t.Fatalf("%s is another's than of %s", c, rc.Key())
			}
			if !nanp.ValidNPA(c.NPA()) || !nanp.ValidNXX(c.NXX()) || nanp.StateOf(c.NPA()) != rc.State || !nanp.InService(c.NPA()) || !rc.HasNPA(c.NPA()) {
				t.Fatalf("%s of %s cannot be", c, rc.Key())
			}
		}
		if len(npas) != len(rc.NPAs) || rc.CodeCount() != len(slices.Collect(rc.Codes())) {
			t.Fatalf("%s has codes of %d area codes, and says %v", rc.Key(), len(npas), rc.NPAs)
		}
	}
	// As many codes as the source has, and none is another's: no row is there twice.
	if codes != 152_064 || rows != 20_100 || len(keys) != len(list) {
		t.Errorf("%d codes in %d rows, %d keys", codes, rows, len(keys))
	}
}

func TestEveryCodeIsOfOneRateCenterOrNone(t *testing.T) {
	t.Parallel()
	used := 0
	for c := nanp.Code(-2000); c < 1_002_000; c++ {
		if rc := nanp.ByCode(c); rc != nil {
			used++
			if !rc.HasNPA(c.NPA()) {
				t.Fatalf("%s is of %s", c, rc.Key())
			}
		}
	}
	if used != 152_064 {
		t.Errorf("%d codes are in use", used)
	}
}

func TestRateCentersThatAreKnown(t *testing.T) {
	t.Parallel()
	denver := nanp.Find("CO", "DENVER")
	if denver == nil || !slices.Equal(denver.NPAs, []int{303, 720}) || denver.Key() != "CO/DENVER" || denver.LATA != "656" || denver.LATAName != "DENVER CO" {
		t.Fatalf("Denver is %+v", denver)
	}
	if denver.CodeCount() != 1075 || denver.HasNPA(719) || !denver.HasNPA(720) {
		t.Errorf("Denver has %d codes", denver.CodeCount())
	}
	for c, want := range map[nanp.Code]string{
		303_296: "CO/DENVER", 720_203: "CO/DENVER", 719_442: "CO/COLORDOSPG", 970_364: "CO/GRANBY", 212_736: "NY/NWYRCYZN01",
		907_836: "AK/AKHIOK", 312_222: "IL/CHICGOZN01", 671_472: "GU/AGANA",
	} {
		if rc := nanp.ByCode(c); rc == nil || rc.Key() != want {
			t.Errorf("%s is of %v, want %s", c, rc, want)
		}
	}
	for _, c := range []nanp.Code{0, 303_555, 303_911, 907_201, 416_200, 303_199, 999_999, 800_222, 1_303_296} {
		if rc := nanp.ByCode(c); rc != nil {
			t.Errorf("%s is of %s", c, rc.Key())
		}
	}
	for _, key := range [][2]string{{"CO", "NOWHERE"}, {"XX", "DENVER"}, {"", ""}, {"CO", ""}, {"C", "ODENVER"}, {"KS", "DENVER"}} {
		if rc := nanp.Find(key[0], key[1]); rc != nil {
			t.Errorf("%q is %s", key, rc.Key())
		}
	}
	if n := len(nanp.InState("co")); n != 211 {
		t.Errorf("Colorado has %d rate centers", n)
	}
	if nanp.InState("XX") != nil {
		t.Error("there are rate centers in no state")
	}
}

func TestLATAsAreKnownOrEmpty(t *testing.T) {
	t.Parallel()
	unknown := 0
	for _, rc := range nanp.RateCenters() {
		if rc.LATA == "" && rc.LATAName == "" {
			unknown++
		} else if len(rc.LATA) != 3 || rc.LATAName == "" {
			t.Fatalf("%s is in %q %q", rc.Key(), rc.LATA, rc.LATAName)
		}
	}
	if share := float64(unknown) / float64(len(nanp.RateCenters())); share > 0.35 {
		t.Errorf("of %.0f %% the LATA is not known", 100*share)
	}
	t.Logf("the LATA of %d is not known", unknown)
	for key, want := range map[string]string{
		"TX/DALLAS": "552 DALLAS TX", "NY/SYRACUSE": "136 SYRACUSE NY", "NY/ROCHESTER": "974 ROCHESTER NY", "CT/HARTFORD": "920 CONNECTICUT (SNET)",
		"DC/WSHNGTNZN1": "236 WASHINGTON DC", "NY/NWYRCYZN01": " ",
	} {
		state, name, _ := strings.Cut(key, "/")
		rc := nanp.Find(state, name)
		if rc == nil {
			t.Errorf("there is no %s", key)
		} else if got := rc.LATA + " " + rc.LATAName; got != want {
			t.Errorf("%s is in %q, want %q", key, got, want)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	list := nanp.RateCenters()
	for i := 0; b.Loop(); i++ {
		rc := list[i*7919%len(list)]
		if nanp.Find(rc.State, rc.Name) != rc {
			b.Fatal(rc.Key())
		}
	}
}

func BenchmarkByCode(b *testing.B) {
	list := slices.Collect(nanp.Find("CO", "DENVER").Codes())
	for i := 0; b.Loop(); i++ {
		if nanp.ByCode(list[i*61%len(list)]) == nil {
			b.Fatal(i)
		}
	}
}
