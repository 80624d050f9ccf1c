package postal_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"demarc/internal/postal"
)

func TestTheDataSetIsRead(t *testing.T) {
	t.Parallel()
	ids, buildings := map[string]postal.Address{}, map[string]bool{}
	digest := sha256.New()
	for a := range postal.DataSet() {
		settled(t, a)
		id := a.ID()
		if was, ok := ids[id]; ok {
			t.Errorf("%s and %s are one", a, was)
		}
		ids[id], buildings[a.Building().ID()] = a, true
		digest.Write([]byte(a.String() + "\n"))
	}
	file, err := os.ReadFile("data/us_addresses.csv")
	if err != nil {
		t.Fatal(err)
	}
	if rows := strings.Count(string(file), "\n") - 1; len(buildings) != rows || rows != 3217 {
		t.Errorf("%d buildings of %d rows", len(buildings), rows)
	}
	if len(ids) < 5000 || len(ids) > 8000 {
		t.Errorf("%d addresses", len(ids))
	}
	if version := hex.EncodeToString(digest.Sum(nil)[:6]); version != postal.DataSetVersion {
		t.Errorf("the data set is %s now: put that into DataSetVersion", version)
	}
}

func TestSyntheticAddressesDiffer(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool, 200_000)
	check := func(n int64) {
		a := postal.Synthetic(n)
		if n%7 == 0 {
			settled(t, a)
		}
		if !postal.Footprint(a.ZIP) {
			t.Fatalf("%s is not served", a)
		}
		id := a.ID()
		if seen[id] {
			t.Fatalf("the %d-th, %s, was there before", n, a)
		}
		seen[id] = true
	}
	for n := range int64(60_000) {
		check(n)
	}
	for n := int64(60_000); n < postal.SyntheticAddresses; n += 99_991 {
		for i := range min(600, postal.SyntheticAddresses-n) { // a ZIP code, and the beginning of the next
			check(n + i)
		}
	}
	if a := postal.Synthetic(12345); a != postal.Synthetic(12345) || a != postal.Synthetic(12345+postal.SyntheticAddresses) || a != postal.Synthetic(12345-postal.SyntheticAddresses) {
		t.Error("the same number makes other addresses")
	}
}
