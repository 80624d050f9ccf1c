package magic

import "testing"

func TestAWordIsFoundInAnyCaseAndOnlyInItsBrackets(t *testing.T) {
	for text, want := range map[string]bool{
		"My NaaS [demarc:fails]": true,
		"[DEMARC:Fails] x":       true,
		"[a] [demarc:fails]":     true,
		"[[demarc:fails]]":       true,
		"demarc:fails":           false,
		"[demarc:fails":          false,
		"[demarc:failsafe]":      false,
		"[other:fails]":          false,
		"":                       false,
	} {
		if got := Has(text, "fails"); got != want {
			t.Errorf("Has(%q) = %v", text, got)
		}
	}
}
