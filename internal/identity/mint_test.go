package identity

import (
	"regexp"
	"strings"
	"testing"
)

func TestWhatIsMintedHasItsDocumentedForm(t *testing.T) {
	token, key := newToken()
	for what, tc := range map[string]struct{ got, want string }{
		"application":    {newID(appPrefix, 20), `^app_[a-z2-7]{20}$`},
		"sandbox secret": {newSecret(true), `^sk_sandbox_[A-Za-z0-9_-]{43}$`},
		"live secret":    {newSecret(false), `^sk_live_[A-Za-z0-9_-]{43}$`},
		"token":          {token, `^dt_[A-Za-z0-9_-]{54}$`},
		"password":       {newPassword(), `^([a-z2-7]{5}-){3}[a-z2-7]{5}$`},
	} {
		if !regexp.MustCompile(tc.want).MatchString(tc.got) {
			t.Errorf("%s %q is not %s", what, tc.got, tc.want)
		}
	}
	if back, ok := keyOf(token); !ok || back != key {
		t.Fatal("a token does not find its key")
	}
}

func TestNoTwoMintedTokensAreAlike(t *testing.T) {
	seen := map[tokenKey]bool{}
	for range 10_000 {
		_, key := newToken()
		if seen[key] {
			t.Fatal("a token came twice")
		}
		seen[key] = true
	}
}

func TestWhatIsNoTokenHasNoKey(t *testing.T) {
	token, _ := newToken()
	for _, s := range []string{"", "dt_", token[1:], token + "A", "xx_" + token[3:], token[:20] + "*" + token[21:],
		token[:20] + "\n" + token[20:], strings.Repeat("A", tokenLen)} {
		if _, ok := keyOf(s); ok {
			t.Errorf("%q has a key", s)
		}
	}
}

func FuzzTokenKey(f *testing.F) {
	token, _ := newToken()
	f.Add(token)
	f.Add("dt_")
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := keyOf(s)
		if b, again := keyOf(s); again != ok || a != b {
			t.Fatal("one text, two keys")
		}
		if ok && len(s) != tokenLen {
			t.Fatalf("%q has a key", s)
		}
	})
}
