package identity

import (
	"regexp"
	"strings"
	"testing"
)

func TestAPasswordIsKeptAsArgon2idAndOnlyItselfFitsIt(t *testing.T) {
	t.Parallel()
	stored := HashPassword("correct horse")
	if !regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(stored) {
		t.Fatalf("stored as %q", stored)
	}
	if !VerifyPassword(stored, "correct horse") {
		t.Fatal("the password does not fit")
	}
	for _, wrong := range []string{"", "correct horsf", "correct horse ", strings.Repeat("x", maxPassword+1)} {
		if VerifyPassword(stored, wrong) {
			t.Errorf("%q fits", wrong)
		}
	}
	if HashPassword("correct horse") == stored {
		t.Fatal("two users with one password have one row: there is no salt")
	}
}

// The reference program's own answer, so that passwords can come from elsewhere.
func TestAPasswordOfTheReferenceProgramFits(t *testing.T) {
	t.Parallel()
	const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if !VerifyPassword(reference, "password") {
		t.Fatal("it does not")
	}
}

func TestADamagedPasswordFitsNothing(t *testing.T) {
	t.Parallel()
	for _, stored := range []string{"", "x", "$argon2id$v=19$m=19456,t=3,p=1$c2FsdHNhbHQ$", "$argon2i$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=8,t=0,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=8,t=1,p=1$???$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=18$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA"} {
		if VerifyPassword(stored, "") {
			t.Errorf("%q fits", stored)
		}
	}
}

func BenchmarkHashPassword(b *testing.B) {
	for b.Loop() {
		HashPassword("correct horse")
	}
}
