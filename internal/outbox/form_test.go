package outbox

import (
	"strings"
	"testing"
)

func TestAFormThatIsMalformedOrTakenIsRefusedAtStart(t *testing.T) {
	t.Parallel()
	fine := Form{Name: "inner-1", Method: "PUT", ContentType: "application/xml; charset=utf-8", Path: "/a/b", Text: "For this test."}
	if got := DeclareForm(fine); got.Name != fine.Name {
		t.Fatalf("%+v", got)
	}
	var names []string
	for _, f := range Forms() {
		if names = append(names, f.Name); f.Text == "" || f.Method == "" || f.ContentType == "" {
			t.Errorf("%+v", f)
		}
	}
	if all := " " + strings.Join(names, " ") + " "; !strings.Contains(all, " inner-1 ") || !strings.Contains(all, " standard ") {
		t.Errorf("the forms are%s", all)
	}
	for want, change := range map[string]func(*Form){
		"two forms are called inner-1":  func(*Form) {},
		"two forms are called standard": func(f *Form) { f.Name = FormStandard },
		`"" is no name`:                 func(f *Form) { f.Name = "" },
		`"Inner" is no name`:            func(f *Form) { f.Name = "Inner" },
		`"in_ner" is no name`:           func(f *Form) { f.Name = "in_ner" }, // a wildcard of LIKE
		`"aaaaaaaa`:                     func(f *Form) { f.Name = strings.Repeat("a", maxFormName+1) },
		`the method "GET"`:              func(f *Form) { f.Name, f.Method = "inner-2", "GET" },
		`the content type ""`:           func(f *Form) { f.Name, f.ContentType = "inner-2", "" },
		`the path "a"`:                  func(f *Form) { f.Name, f.Path = "inner-2", "a" },
		`the path "/a?b"`:               func(f *Form) { f.Name, f.Path = "inner-2", "/a?b" },
		"does not say what it is":       func(f *Form) { f.Name, f.Text = "inner-2", "" },
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, want) {
					t.Errorf("%q, want %q", got, want)
				}
			}()
			bad := fine
			change(&bad)
			DeclareForm(bad)
		}()
	}
}

func TestAnAddressWithoutAPathGetsTheFormsOwn(t *testing.T) {
	t.Parallel()
	f := Form{Path: "/voice/notifications"}
	for address, want := range map[string]string{
		"https://a.example":              "https://a.example/voice/notifications",
		"https://a.example/":             "https://a.example/voice/notifications",
		"http://a.example:8080/?key=%2F": "http://a.example:8080/voice/notifications?key=%2F",
		"https://a.example/own":          "https://a.example/own",
		"https://a.example//":            "https://a.example//",
		"https:a.example":                "https:a.example", // the rules say what is wrong with these
		"https:///":                      "https:///",
		"a.example":                      "a.example",
		"http://[::1":                    "http://[::1",
	} {
		if got := f.pathed(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
		if got := (Form{}).pathed(address); got != address {
			t.Errorf("%s: %s of a form without a path", address, got)
		}
	}
}
