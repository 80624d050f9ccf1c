package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
)

// line is a key file's line with a key of 32 equal bytes.
func line(id string, fill byte) string {
	return id + " " + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, keySize)) + "\n"
}

func parse(t testing.TB, text string) *Ring {
	t.Helper()
	r, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatIsSealedOpensForItsPurposeAndNoOther(t *testing.T) {
	t.Parallel()
	r := parse(t, line("new", 1)+line("old", 2))
	for _, plain := range []string{"", "x", "a reseller's key", strings.Repeat("ä", 5000)} {
		sealed := r.Seal("provider.key 7", []byte(plain))
		if plain != "" && len(plain) > 1 && bytes.Contains(sealed, []byte(plain)) {
			t.Fatalf("%q is not sealed", plain)
		}
		if got, err := r.Open("provider.key 7", sealed); err != nil || string(got) != plain {
			t.Errorf("%q opens as %q, %v", plain, got, err)
		}
		for _, purpose := range []string{"", "provider.key 8", "provider.key", "provider.key 7 "} {
			if got, err := r.Open(purpose, sealed); !errors.Is(err, ErrBroken) || got != nil {
				t.Errorf("for %q it opens as %q, %v", purpose, got, err)
			}
		}
		if bytes.Equal(sealed, r.Seal("provider.key 7", []byte(plain))) {
			t.Error("sealed twice alike")
		}
	}
}

func TestWhatWasAlteredDoesNotOpen(t *testing.T) {
	t.Parallel()
	// The ids are one bit apart, so that a flip also makes one of the other.
	r := parse(t, line("key-a", 1)+line("key-c", 2))
	sealed := r.Seal("p", []byte("secret"))
	for i := range sealed {
		for bit := range 8 {
			altered := bytes.Clone(sealed)
			altered[i] ^= 1 << bit
			if got, err := r.Open("p", altered); err == nil || !errors.Is(err, ErrBroken) && !errors.Is(err, ErrNoKey) {
				t.Fatalf("bit %d of byte %d flipped: %q, %v", bit, i, got, err)
			}
		}
	}
	for n := range sealed {
		if _, err := r.Open("p", sealed[:n]); err == nil {
			t.Errorf("the first %d bytes open", n)
		}
	}
	if _, err := r.Open("p", append(bytes.Clone(sealed), 0)); err == nil {
		t.Error("it opens with a byte more")
	}
}

func TestAKeyIsChangedWithoutLosingWhatItSealed(t *testing.T) {
	t.Parallel()
	before := parse(t, line("old", 1))
	between := parse(t, line("old", 1)+line("new", 2))
	after := parse(t, line("new", 2)+line("old", 1))
	byOld, byNew := before.Seal("p", []byte("1")), after.Seal("p", []byte("2"))
	for what, r := range map[string]*Ring{"between": between, "after": after} {
		for want, sealed := range map[string][]byte{"1": byOld, "2": byNew} {
			if got, err := r.Open("p", sealed); err != nil || string(got) != want {
				t.Errorf("%s: %q, %v", what, got, err)
			}
		}
	}
	if !after.Stale(byOld) || after.Stale(byNew) || between.Stale(byOld) || !between.Stale(byNew) || !after.Stale(nil) || !after.Stale([]byte{1, 9, 'x'}) {
		t.Error("Stale errs")
	}
	if _, err := before.Open("p", byNew); !errors.Is(err, ErrNoKey) || !strings.Contains(err.Error(), "new") {
		t.Errorf("a key that is not there: %v", err)
	}
	if _, err := parse(t, line("old", 3)).Open("p", byOld); !errors.Is(err, ErrBroken) {
		t.Errorf("another key of that name: %v", err)
	}
}

func TestARingPrintsNoKeys(t *testing.T) {
	t.Parallel()
	r := parse(t, line("new", 171)+line("old", 205))
	const want = "seal.Ring(new, old)"
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if a, b := fmt.Sprintf(verb, r), fmt.Sprintf(verb, *r); a != want || b != want {
			t.Errorf("%s: %s and %s", verb, a, b)
		}
		if got := fmt.Sprintf(verb, struct{ Ring *Ring }{r}); strings.Count(got, want) != 1 || len(got) > 60 {
			t.Errorf("%s within a struct: %s", verb, got)
		}
	}
	if got := fmt.Sprintf("%+v", struct{ ring Ring }{*r}); !regexp.MustCompile(`^\{ring:\{in:0x[0-9a-f]+\}\}$`).MatchString(got) {
		t.Errorf("hidden in a struct: %s", got)
	}
	var out bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("x", "ring", r, "value", *r, "inside", struct{ R *Ring }{r})
	}
	if s := out.String(); strings.Count(s, want) < 4 || strings.Contains(s, "171") || strings.Contains(s, "205") || len(s) > 400 {
		t.Errorf("logged: %s", s)
	}
	if got := fmt.Sprint((*Ring)(nil), Ring{}); got != "<nil> seal.Ring()" {
		t.Errorf("empty: %s", got)
	}
}

// Whatever is there to be opened, nothing panics and nothing opens but what was
// sealed, which opens for its purpose.
func FuzzOpen(f *testing.F) {
	r := parse(f, line("a", 1)+line("b", 2))
	f.Add("p", []byte("secret"), r.Seal("p", []byte("x")), uint(3))
	f.Add("", []byte{}, []byte{1, 1, 'a'}, uint(0))
	f.Add("p", []byte("s"), []byte{1, 255}, uint(99))
	f.Fuzz(func(t *testing.T, purpose string, plain, foreign []byte, at uint) {
		sealed := r.Seal(purpose, plain)
		if got, err := r.Open(purpose, sealed); err != nil || !bytes.Equal(got, plain) || r.Stale(sealed) {
			t.Fatalf("%q: %q, %v", plain, got, err)
		}
		if _, err := r.Open(purpose+"x", sealed); err == nil {
			t.Fatal("opens for another purpose")
		}
		sealed[at%uint(len(sealed))] ^= byte(at%255) + 1
		if _, err := r.Open(purpose, sealed); err == nil {
			t.Fatal("opens altered")
		}
		if got, err := r.Open(purpose, foreign); err == nil && !(purpose == "p" && string(got) == "x") {
			t.Fatalf("%x opens", foreign)
		}
		r.Stale(foreign)
	})
}
