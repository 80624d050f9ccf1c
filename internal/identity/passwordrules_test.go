package identity

import (
	"slices"
	"strings"
	"testing"

	"demarc/internal/fault"
)

func TestRulesOfAPasswordSayEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	const length, varied, run, names = "IDN-PWD-01", "IDN-PWD-02", "IDN-PWD-03", "IDN-PWD-04"
	for name, tc := range map[string]struct {
		password string
		want     []string
	}{
		"a good one":                             {"seven Quiet otters swim", nil},
		"another one":                            {"kV9$-rumpel-0", nil},
		"in letters of another language":         {"семь тихих выдр", nil},
		"what newPassword makes":                 {"abcqe-2f7kd-zzq4m-oplak", nil},
		"IDN-PWD-01 none":                        {"", []string{length}},
		"IDN-PWD-01 11 characters":               {"Quiet otter", []string{length}},
		"IDN-PWD-01 12 characters":               {"Quiet otters", nil},
		"IDN-PWD-01 12 of several bytes":         {"schöne Küche", nil},
		"IDN-PWD-01 128 characters":              {strings.Repeat("seven Quiet ott.", 8), nil},
		"IDN-PWD-01 129 characters":              {strings.Repeat("seven Quiet ott.", 8) + "x", []string{length}},
		"IDN-PWD-02 5 characters, often":         {"brownbrownbrown", []string{varied}},
		"IDN-PWD-02 6 characters, often":         {"brownsbrowns", nil},
		"IDN-PWD-02 large and small are one":     {"BrOwNbRoWn-bRoWn", nil}, // with the dash they are six
		"IDN-PWD-02 large and small, five":       {"BrOwNbRoWnbRoWn", []string{varied}},
		"IDN-PWD-03 the alphabet":                {"abcdefghijkl", []string{run}},
		"IDN-PWD-03 the alphabet, backwards":     {"zyxwvutsrqponm", []string{run}},
		"IDN-PWD-03 the digits":                  {"123456789012", []string{run}},
		"IDN-PWD-03 the digits, there and back":  {"1234567890987654321", []string{run}},
		"IDN-PWD-03 the keyboard":                {"qwertyuiop[]", []string{run}},
		"IDN-PWD-03 the keyboard, repeated":      {"QwertyQwerty", []string{run}},
		"IDN-PWD-03 the keyboard, row after row": {"qwertyasdfgh", []string{run}},
		"IDN-PWD-03 the keyboard, downwards":     {"1qaz2wsx3edc4rfv", []string{run}},
		"IDN-PWD-03 the keyboard, with shift":    {"!@#$%^&*()_+", []string{run}},
		"IDN-PWD-03 a German keyboard":           {"qwertzuiopqwertz", []string{run}},
		"IDN-PWD-03 a French keyboard":           {"azertyuiopqsdf", []string{run}},
		"IDN-PWD-03 pieces":                      {"abc123qwe789zyx", []string{run}},
		"IDN-PWD-03 characters in a row":         {"aaabbbcccdddeeefff", []string{run}},
		"IDN-PWD-03 one thing that is no run":    {"qwertyuiop-k7", nil},
		"IDN-PWD-03 two of a run are none":       {"abxycdwvefut", nil},
		"IDN-PWD-04 the address":                 {"i am Pat.Smith myself", []string{names}},
		"IDN-PWD-04 the organisation":            {"long live ACME networks!", []string{names}},
		"IDN-PWD-04 the organisation in one":     {"7AcmeNetworks7", []string{names}},
		"IDN-PWD-04 half of the organisation":    {"long live acme the great", nil},
		"IDN-PWD-04 demarc":                      {"let me in, Demarc", []string{names}},
		"everything at once":                     {"111111", []string{length, varied, run}},
		"the address and the organisation":       {"pat.smith@acme networks", []string{names, names}},
	} {
		var wrong fault.List
		checkPassword(&wrong, "password", tc.password, "pat.smith@example.com", "Acme  Networks")
		var got []string
		for _, v := range wrong {
			got = append(got, v.Rule)
			if v.Field != "password" || len(tc.password) > 3 && strings.Contains(v.Message, tc.password) {
				t.Errorf("%s: %+v", name, v)
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: broke %v, want %v", name, got, tc.want)
		}
	}
}

// A name that is in many words by chance does not keep people from using them.
func TestIDN_PWD_04_ShortNamesDoNotCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		email, org string
		want       int
	}{{"ann@example.com", "IT", 0}, {"anna@example.com", "IT", 1}, {"ann@example.com", "itch", 1}, {"", "", 0}, {"@", " ", 0}} {
		var wrong fault.List
		checkPassword(&wrong, "password", "my bananna has an itch", c.email, c.org)
		if len(wrong) != c.want {
			t.Errorf("%+v: %v", c, wrong)
		}
	}
}

func TestWhatNewPasswordMakesIsGood(t *testing.T) {
	t.Parallel()
	for range 200 {
		var wrong fault.List
		if checkPassword(&wrong, "password", newPassword(), "pat.smith@example.com", "Acme Networks"); len(wrong) > 0 {
			t.Fatal(wrong)
		}
	}
}

func TestANetworkIsWhatACallerCannotChangeAtWill(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "192.0.2.1:4711": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "[::ffff:192.0.2.1]:80": "192.0.2.1",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "[2001:db8:1:2::9]:80": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
		"": "", "somewhere\n": "somewhere",
	} {
		if got := network(from); got != want {
			t.Errorf("%q is of %q, want %q", from, got, want)
		}
	}
}
