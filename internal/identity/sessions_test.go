package identity_test

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
)

// later lets time pass for all sessions.
func (n node) later(t *testing.T, by time.Duration) {
	t.Helper()
	us := by.Microseconds()
	system(t, n.d, `UPDATE account_session SET created_at = created_at - $1, seen_at = seen_at - $1, proved_at = proved_at - $1`, us)
}

// unused lets time pass in which nobody was here.
func (n node) unused(t *testing.T, by time.Duration) {
	t.Helper()
	system(t, n.d, `UPDATE account_session SET seen_at = seen_at - $1`, by.Microseconds())
}

func TestIDN_SES_01_OnlyTheHashOfASessionsTokenIsKept(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		org := n.joins(t, "dev@example.com", "developer")
		token, sess := n.comes(t, " Dev@Example.com", good)
		u := sess.User
		if u.Email != "dev@example.com" || u.Org != org || u.Role != identity.RoleDeveloper || u.Carrier() || sess.OrgName != "Acme Networks" || sess.MustChange {
			t.Fatalf("%+v", sess)
		}
		if got := n.in(t, token); got != sess {
			t.Fatalf("began as %+v, is %+v", sess, got)
		}
		var kept []byte
		err := n.d.SystemView(t.Context(), func(tx *db.Tx) error {
			return tx.Row(`SELECT hash FROM account_session WHERE email = $1`, u.Email).Scan(&kept)
		})
		if want := sha256.Sum256([]byte(token)); err != nil || !bytes.Equal(kept, want[:]) {
			t.Fatalf("kept %x, %v", kept, err)
		}
		other, _ := n.comes(t, u.Email, good)
		for _, wrong := range []string{"", "x", token[:len(token)-1], token + "x", strings.ToUpper(token), string(kept), "ds_" + strings.Repeat("A", 43)} {
			n.out(t, wrong)
		}
		if err := n.End(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		n.out(t, token)
		n.in(t, other)
		for _, gone := range []string{token, "", "x"} {
			if err := n.End(t.Context(), gone); err != nil {
				t.Fatalf("signing out twice: %v", err)
			}
		}
		want := []string{"sign up by dev@example.com", "sign in by dev@example.com", "sign in by dev@example.com", "sign out by dev@example.com"}
		if got := n.told(t, u.Email); !slices.Equal(got, want) {
			t.Fatalf("the trail says %q", got)
		}
	})
}

func TestIDN_SES_02_ASessionEndsWithoutUseAndInAnyCaseAfterAWeek(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev@example.com", "developer")
		token, sess := n.comes(t, "dev@example.com", good)
		if life := sess.ExpiresAt.Sub(sess.CreatedAt); life != 12*time.Hour {
			t.Fatalf("it begins with %v", life)
		}
		n.unused(t, 12*time.Hour-time.Minute)
		if left := n.in(t, token).ExpiresAt.Sub(clock.Machine()); left < 12*time.Hour-time.Minute {
			t.Fatalf("used again, it ends in %v", left)
		}
		n.unused(t, 12*time.Hour)
		n.out(t, token)

		token, _ = n.comes(t, "dev@example.com", good)
		for day := range 13 {
			n.later(t, 12*time.Hour-time.Minute)
			if left := n.in(t, token).ExpiresAt.Sub(clock.Machine()); left > 12*time.Hour || day == 12 && left > 11*time.Hour+14*time.Minute+time.Hour {
				t.Fatalf("after %d half days it ends in %v", day+1, left)
			}
		}
		n.later(t, 12*time.Hour-time.Minute)
		n.in(t, token)
		n.later(t, 14*time.Minute)
		n.out(t, token)
	})
}

func TestIDN_SES_02_TheUseOfASessionIsWrittenDownOnceAMinute(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev@example.com", "developer")
		token, _ := n.comes(t, "dev@example.com", good)
		before := n.d.Stats().Units
		for range 50 {
			n.in(t, token)
		}
		if units := n.d.Stats().Units - before; units != 0 {
			t.Fatalf("%d writes", units)
		}
		n.later(t, 61*time.Second)
		for range 50 {
			n.in(t, token)
		}
		if units := n.d.Stats().Units - before; units != 2 { // one of them is this test's
			t.Fatalf("%d writes", units-1)
		}
	})
}

// A person who is another one than the session began with is signed out everywhere.
func TestIDN_SES_03_ASessionEndsWithItsPersonsRoleOrAccount(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		org := n.joins(t, "dev@example.com", "developer")
		token, _ := n.comes(t, "dev@example.com", good)
		u, err := n.SignIn(ctx, "dev@example.com", good, here)
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range []string{"buyer", "developer"} {
			if err := n.SetRole(ctx, "boss@example.com", org, "dev@example.com", role); err != nil {
				t.Fatal(err)
			}
			n.out(t, token)
		}
		// Who was on the way in meanwhile is not let in either, though the role is the same again.
		_, _, err = n.Begin(ctx, u, "")
		refused(t, err, identity.SessionEnded)

		token, _ = n.comes(t, "dev@example.com", good)
		if err := n.SetRole(ctx, "boss@example.com", org, "dev@example.com", "developer"); err != nil {
			t.Fatal(err)
		}
		n.in(t, token) // no other role than before
		// One that begins while its person is being changed may be left over.
		system(t, n.d, `UPDATE account_user SET version = version + 1`)
		n.out(t, token)
		if err := n.RemovePerson(ctx, "boss@example.com", org, "dev@example.com"); err != nil {
			t.Fatal(err)
		}
		n.out(t, token)
		n.joins(t, "dev@example.com", "developer")
		n.out(t, token) // the address is somebody else's now
		if rows := count(t, n.d, `SELECT count(*) FROM account_session`); rows != 0 {
			t.Fatalf("%d sessions are left", rows)
		}
	})
}

func TestIDN_SES_04_SigningInEndsTheSessionThatWasThereBefore(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev@example.com", "developer")
		n.joins(t, "mallory@example.com", "buyer")
		planted, _ := n.comes(t, "mallory@example.com", good)
		elsewhere, _ := n.comes(t, "mallory@example.com", good)
		u, err := n.SignIn(t.Context(), "dev@example.com", good, here)
		if err != nil {
			t.Fatal(err)
		}
		token, sess, err := n.Begin(t.Context(), u, planted)
		if err != nil || token == planted || sess.User.Email != "dev@example.com" {
			t.Fatalf("%+v, %v", sess, err)
		}
		n.out(t, planted)
		n.in(t, elsewhere)
	})
}

func TestWhatAPersonLooksAtStaysWithTheSession(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "buyer@example.com", "buyer")
		token, _ := n.comes(t, "buyer@example.com", good)
		other, _ := n.comes(t, "buyer@example.com", good)
		if err := n.Choose(t.Context(), token, "w_1", "1-AAA-1"); err != nil {
			t.Fatal(err)
		}
		if s := n.in(t, token); s.World != "w_1" || s.Customer != "1-AAA-1" {
			t.Fatalf("%+v", s)
		}
		if s := n.in(t, other); s.World != "" || s.Customer != "" {
			t.Fatalf("the other session looks at %+v", s)
		}
		if err := n.Choose(t.Context(), token, "", ""); err != nil {
			t.Fatal(err)
		}
		if s := n.in(t, token); s.World != "" || s.Customer != "" {
			t.Fatalf("%+v", s)
		}
		n.unused(t, 13*time.Hour)
		refused(t, n.Choose(t.Context(), token, "w_1", ""), identity.SessionEnded)
	})
}

func TestProvingTakesThePasswordAgain(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev@example.com", "developer")
		token, _ := n.comes(t, "dev@example.com", good)
		n.later(t, time.Hour)
		old := n.in(t, token)
		if age := clock.Machine().Sub(old.ProvedAt); age < time.Hour {
			t.Fatalf("proved %v ago", age)
		}
		refused(t, n.Prove(t.Context(), token, good+"x", here), identity.SignInFailed)
		if got := n.in(t, token); got.ProvedAt != old.ProvedAt {
			t.Fatal("the wrong password proves")
		}
		if err := n.Prove(t.Context(), token, good, here); err != nil {
			t.Fatal(err)
		}
		if age := clock.Machine().Sub(n.in(t, token).ProvedAt); age > time.Minute {
			t.Fatalf("proved %v ago", age)
		}
		refused(t, n.Prove(t.Context(), "x", good, here), identity.SessionEnded)
	})
}

func TestIDN_SES_03_ANewPasswordEndsEveryOtherSession(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		n.joins(t, "dev@example.com", "developer")
		token, _ := n.comes(t, "dev@example.com", good)
		lost, _ := n.comes(t, "dev@example.com", good)
		onTheWay, err := n.SignIn(ctx, "dev@example.com", good, here)
		if err != nil {
			t.Fatal(err)
		}
		const better = "nine Loud herons fish"
		if err := n.ChangePassword(ctx, token, good, better, here); err != nil {
			t.Fatal(err)
		}
		n.in(t, token)
		n.out(t, lost)
		if rows := count(t, n.d, `SELECT count(*) FROM account_session`); rows != 1 {
			t.Fatalf("%d sessions are kept", rows)
		}
		_, _, err = n.Begin(ctx, onTheWay, "")
		refused(t, err, identity.SessionEnded)
		_, err = n.SignIn(ctx, "dev@example.com", good, here)
		refused(t, err, identity.SignInFailed)
		n.comes(t, "dev@example.com", better)
		if got := n.told(t, "dev@example.com"); !slices.Contains(got, "password by dev@example.com") {
			t.Fatalf("the trail says %q", got)
		}
	})
}

func TestIDN_PWD_05_ANewPasswordComesWithTheOldOneAndIsAnother(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		ctx := t.Context()
		n.joins(t, "dev@example.com", "developer")
		token, _ := n.comes(t, "dev@example.com", good)
		breaks(t, n.ChangePassword(ctx, token, good, good, here), httpkit.Invalid, "IDN-PWD-05", "new")
		breaks(t, n.ChangePassword(ctx, token, good+"x", "nine Loud herons fish", here), httpkit.Invalid, "IDN-PWD-05", "old")
		breaks(t, n.ChangePassword(ctx, token, good, "short", here), httpkit.Invalid, "IDN-PWD-01", "new")
		breaks(t, n.ChangePassword(ctx, token, good, "we are acme networks", here), httpkit.Invalid, "IDN-PWD-04", "new")
		refused(t, n.ChangePassword(ctx, "x", good, "nine Loud herons fish", here), identity.SessionEnded)
		n.comes(t, "dev@example.com", good)
	})
}

// Of two changes at once from two sessions one is made, and the other session ends.
func TestTwoPasswordsAtOnceAreOne(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev@example.com", "developer")
		passwords := []string{"nine Loud herons fish", "three Slow snails race"}
		var tokens [2]string
		var errs [2]error
		for i := range tokens {
			tokens[i], _ = n.comes(t, "dev@example.com", good)
		}
		var wg sync.WaitGroup
		for i := range tokens {
			wg.Go(func() { errs[i] = n.ChangePassword(t.Context(), tokens[i], good, passwords[i], here) })
		}
		wg.Wait()
		won := slices.Index(errs[:], nil)
		if won < 0 {
			t.Fatal(errs)
		}
		if errs[1-won] == nil {
			t.Fatal("both were made")
		}
		n.in(t, tokens[won])
		n.out(t, tokens[1-won])
		n.comes(t, "dev@example.com", passwords[won])
	})
}
