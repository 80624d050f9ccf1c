package seal

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAKeyFileIsReadAsItIsMeant(t *testing.T) {
	t.Parallel()
	r := parse(t, "# a comment\r\n\r\n  \t# another\n"+line("2026-a", 1)+"  "+strings.ReplaceAll(line("b", 2), " ", " \t ")+strings.TrimSpace(line(strings.Repeat("x", 32), 3)))
	if got, want := r.String(), "seal.Ring(2026-a, b, "+strings.Repeat("x", 32)+")"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAKeyFileThatIsWrongIsRefusedWithoutTellingWhatIsInIt(t *testing.T) {
	t.Parallel()
	const secret = "q83vq83vEjRWeJq83vq83vq83vEjRWeJq83vq83vEjQ="
	if _, err := Parse("a " + secret); err != nil {
		t.Fatal(err)
	}
	if _, err := base64.StdEncoding.DecodeString(secret); err != nil {
		t.Fatal(err)
	}
	for what, tc := range map[string]struct{ text, want string }{
		"empty":               {"", "no key"},
		"only comments":       {"# " + secret + "\n\n", "no key"},
		"no id":               {secret + "\n", "line 1 of the key file must be an id and a key"},
		"the other way round": {"# \n" + secret + " a", "line 2 of the key file must begin with an id"},
		"three words":         {"a " + secret + " " + secret, "line 1 of the key file must be an id"},
		"a comment behind":    {"a " + secret + " # mine", "line 1 of the key file must be an id"},
		"an id in capitals":   {"A " + secret, "must begin with an id"},
		"an id too long":      {strings.Repeat("a", 33) + " " + secret, "must begin with an id"},
		"a key cut":           {"a " + secret[:40], "must be 32 bytes in base64"},
		"a key too long":      {"a " + secret[:43] + secret, "must be 32 bytes in base64"},
		"no base64":           {"a " + strings.Replace(secret, "q", "?", 1), "must be 32 bytes in base64"},
		"base64 with slack":   {"a " + secret[:42] + "R=", "must be 32 bytes in base64"},
		"an id twice":         {"a " + secret + "\n" + line("a", 1), "line 2 of the key file has the id of line 1"},
		"a key twice":         {"a " + secret + "\n\nb " + secret, "line 3 of the key file has the key of line 1"},
	} {
		r, err := Parse(tc.text)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, %v", what, r, err)
			continue
		}
		for i := range len(secret) - 5 {
			if strings.Contains(err.Error(), secret[i:i+6]) {
				t.Errorf("%s: the error tells of the key: %v", what, err)
			}
		}
	}
}

func TestGeneratedFilesAreGoodAndDiffer(t *testing.T) {
	t.Parallel()
	a, b := Generate(), Generate()
	sealed := parse(t, a).Seal("p", []byte("x"))
	if got, err := parse(t, a).Open("p", sealed); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := parse(t, b).Open("p", sealed); !errors.Is(err, ErrNoKey) {
		t.Errorf("with another file: %v", err)
	}
	if !strings.Contains(a, "LOSES") {
		t.Error("it does not say what losing it means")
	}
}

func TestAKeyFileIsMadeOnceAndPrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "demarc.key")
	const nodes = 16
	rings, errs := make([]*Ring, nodes), make([]error, nodes)
	start, done := make(chan struct{}), make(chan struct{})
	for i := range nodes {
		go func() {
			<-start
			rings[i], errs[i] = OpenFile(path)
			done <- struct{}{}
		}()
	}
	close(start)
	for range nodes {
		<-done
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	sealed := rings[0].Seal("p", []byte("x"))
	for _, r := range rings {
		if got, err := r.Open("p", sealed); err != nil || string(got) != "x" {
			t.Fatalf("another key: %v", err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAKeyFileThatOthersCanReadIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "demarc.key")
	if err := os.WriteFile(path, []byte(Generate()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o644, 0o620, 0o660} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenFile(path); err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("%o: %v", mode, err)
		}
	}
	for _, mode := range []fs.FileMode{0o600, 0o400} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenFile(path); err != nil {
			t.Errorf("%o: %v", mode, err)
		}
	}
}

func TestAKeyFileThatCannotBeUsedIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken, long, dangling := filepath.Join(dir, "broken"), filepath.Join(dir, "long"), filepath.Join(dir, "dangling")
	if err := errors.Join(os.WriteFile(broken, nil, 0o600), os.WriteFile(long, make([]byte, maxFile+1), 0o600),
		os.Symlink(filepath.Join(dir, "nowhere"), dangling)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		broken: broken + ": seal: there is no key", long: "longer than", dangling: "cannot be read",
		dir: "no regular file", filepath.Join(dir, "none", "x"): "cannot be made",
	} {
		if _, err := OpenFile(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 3 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if text, err := os.ReadFile(broken); err != nil || len(text) > 0 {
		t.Errorf("written to: %s, %v", text, err)
	}
}

// Whatever the text, nothing panics, and a ring that is made of it works.
func FuzzParse(f *testing.F) {
	f.Add(Generate())
	f.Add(line("a", 1) + "#\r\n\n" + line("b", 2))
	f.Add("a b c")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if err != nil {
			if r != nil {
				t.Fatal("a ring and an error")
			}
			return
		}
		if got, err := r.Open("p", r.Seal("p", []byte("x"))); err != nil || string(got) != "x" {
			t.Fatalf("%q, %v", got, err)
		}
	})
}
