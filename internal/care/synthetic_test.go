package care

import (
	"reflect"
	"testing"
)

func TestSyntheticAccountsAreOfTheirUnitAndNobodys(t *testing.T) {
	t.Parallel()
	for _, u := range Units() {
		last := ""
		for _, n := range []int64{0, 1, 4, 5, 9, 999, 999_999, 1_000_000, 1_999_999, 2_000_000, 4_000_000, MostSynthetic - 1} {
			a := Synthetic(u.Code, n)
			if !reflect.DeepEqual(a, Synthetic(u.Code, n)) {
				t.Fatalf("%s %d differs from time to time", u.Code, n)
			}
			if why := problem(u, &a); why != "" {
				t.Errorf("%s %d: %s", u.Code, n, why)
			}
			if a.ID <= last || a.ID[0] != '0' {
				t.Errorf("%s %d has the number %s behind %s", u.Code, n, a.ID, last)
			}
			last = a.ID
			if !u.Customer.Fits(a.Customer) || len(a.Address.Postcode) != u.Postcode {
				t.Errorf("%s %d: customer %s, postcode %q", u.Code, n, a.Customer, a.Address.Postcode)
			}
			area := 0
			if len(u.Number.Prefixes) > 0 {
				area = 3
			}
			if s, c := a.Services[0], a.Contacts[0]; !u.Number.Fits(s) || !u.Number.Fits(c) || s[area] != '0' || c[area] != '1' {
				t.Errorf("%s %d has the lines %s and %s", u.Code, n, s, c)
			}
		}
		if a := Synthetic(u.Code, MostSynthetic); a.ID != "" {
			t.Errorf("%s has one more: %+v", u.Code, a)
		}
	}
	if a := Synthetic("TT", 1); a.ID != "" {
		t.Errorf("a stub has %+v", a)
	}
	a, b, c := Synthetic("PR", 5), Synthetic("PR", 9), Synthetic("PR", 10)
	if a.Contacts[0] != b.Contacts[0] || b.Contacts[0] == c.Contacts[0] {
		t.Errorf("contacts are shared by %s, %s, %s", a.Contacts, b.Contacts, c.Contacts)
	}
}
