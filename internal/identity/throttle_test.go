package identity_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/identity"
)

const throttleWindow = 15 * time.Minute

// pass lets time pass for what is counted.
func (n node) pass(t *testing.T, by time.Duration) {
	t.Helper()
	system(t, n.d, `UPDATE throttle SET ends_at = ends_at - $1`, by.Microseconds())
}

// throttled wants a fault that says when to come back.
func throttled(t *testing.T, err error, code *fault.Code) {
	t.Helper()
	refused(t, err, code)
	if f := fault.Of(err); f.RetryAfter <= 0 || f.RetryAfter > throttleWindow || f.Code.Status != 429 {
		t.Fatalf("come back after %v, %d", f.RetryAfter, f.Code.Status)
	}
}

// wrong guesses a password.
func (n node) wrong(t *testing.T, email, from string) error {
	t.Helper()
	_, err := n.SignIn(t.Context(), email, "not the password", from)
	if err == nil {
		t.Fatal("a wrong password signs in")
	}
	return err
}

func TestIDN_SES_05_AfterTenWrongPasswordsAPersonIsRefusedFromThere(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev@example.com", "developer")
		for _, email := range []string{"dev@example.com", "nobody@example.com"} { // both look the same
			for range 10 {
				refused(t, n.wrong(t, email, "198.51.100.7:4711"), identity.SignInFailed)
			}
			throttled(t, n.wrong(t, email, "198.51.100.7:4712"), identity.SignInThrottled)
		}
		_, err := n.SignIn(t.Context(), "dev@example.com", good, "198.51.100.7")
		throttled(t, err, identity.SignInThrottled)
		token, _ := n.comes(t, "dev@example.com", good) // who is elsewhere is not locked out
		throttled(t, n.Prove(t.Context(), token, good, "198.51.100.7"), identity.SignInThrottled)
		throttled(t, n.ChangePassword(t.Context(), token, good, "nine Loud herons fish", "198.51.100.7"), identity.SignInThrottled)

		n.pass(t, throttleWindow)
		refused(t, n.wrong(t, "dev@example.com", "198.51.100.7"), identity.SignInFailed) // the count begins anew
		if _, err := n.SignIn(t.Context(), "dev@example.com", good, "198.51.100.7"); err != nil {
			t.Fatal(err)
		}
	})
}

func TestIDN_SES_05_TheRightPasswordClearsWhatItsOwnerMistyped(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev@example.com", "developer")
		for range 2 {
			for range 6 {
				refused(t, n.wrong(t, "dev@example.com", here), identity.SignInFailed)
			}
			n.comes(t, "dev@example.com", good)
		}
		// What bounds guessing from one address at many people stays.
		if c := count(t, n.d, `SELECT count(*) FROM throttle WHERE hits = 12`); c != 2 {
			t.Fatalf("%d of the two wide counts are 12", c)
		}
	})
}

func TestIDN_SES_05_AHundredWrongPasswordsFromAnywhereLockAPerson(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev@example.com", "developer")
		refused(t, n.wrong(t, "dev@example.com", "198.51.100.7"), identity.SignInFailed)
		refused(t, n.wrong(t, "dev@example.com", "198.51.100.8"), identity.SignInFailed)
		system(t, n.d, `UPDATE throttle SET hits = 99 WHERE hits = 2`)
		refused(t, n.wrong(t, "dev@example.com", "198.51.100.9"), identity.SignInFailed)
		throttled(t, n.wrong(t, "dev@example.com", "198.51.100.10"), identity.SignInThrottled)
		refused(t, n.wrong(t, "other@example.com", "198.51.100.10"), identity.SignInFailed)
	})
}

func TestIDN_SES_05_FiftyWrongPasswordsFromOneNetworkAddressCloseIt(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev@example.com", "developer")
		// One network has as many addresses of IPv6 as it likes, and as many ports.
		refused(t, n.wrong(t, "a@example.com", "2001:db8::1"), identity.SignInFailed)
		refused(t, n.wrong(t, "b@example.com", "[2001:db8::ffff:2]:4711"), identity.SignInFailed)
		system(t, n.d, `UPDATE throttle SET hits = 49 WHERE hits = 2`)
		refused(t, n.wrong(t, "c@example.com", "2001:db8::3%eth0"), identity.SignInFailed)
		throttled(t, n.wrong(t, "d@example.com", "2001:db8::4"), identity.SignInThrottled)
		_, err := n.SignIn(t.Context(), "dev@example.com", good, "2001:db8::5")
		throttled(t, err, identity.SignInThrottled)
		refused(t, n.wrong(t, "d@example.com", "2001:db8:0:1::4"), identity.SignInFailed)
	})
}

// All nodes count together, and guesses at the same time pass the bound by no more than
// there are places for password checks: two on each node.
func TestIDN_SES_05_GuessesAtTheSameTimeStayWithinTheBound(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url)
		nodes := []node{{identity.New(d, identity.Options{}), d}}
		if d.Dialect() == db.Postgres { // a file has one node
			other := dbtest.Open(t, url)
			nodes = append(nodes, node{identity.New(other, identity.Options{}), other})
		}
		nodes[0].joins(t, "dev@example.com", "developer")
		var wg sync.WaitGroup
		answers := make(chan error, 32)
		for i := range cap(answers) {
			wg.Go(func() {
				_, err := nodes[i%len(nodes)].SignIn(t.Context(), "dev@example.com", "not the password", here)
				answers <- err
			})
		}
		wg.Wait()
		close(answers)
		tried := 0
		for err := range answers {
			if errors.Is(err, identity.SignInFailed) {
				tried++
				continue
			}
			throttled(t, err, identity.SignInThrottled)
		}
		if most := 10 + 2*len(nodes) - 1; tried < 10 || tried > most {
			t.Fatalf("%d guesses were tried, want 10 to %d", tried, most)
		}
		if c := count(t, d, `SELECT min(hits) FROM throttle WHERE hits > 1`); c != int64(tried) {
			t.Fatalf("%d guesses were tried, %d were counted", tried, c)
		}
	})
}

// Who hangs up before the answer has guessed all the same.
func TestIDN_SES_05_AGuessCountsWithoutItsAnswer(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev@example.com", "developer")
		before := count(t, n.d, `SELECT count(*) FROM throttle`)
		guessing := 0
		within(t, time.Minute, "no guess was under way when its caller went", func() bool {
			ctx, hangUp := context.WithTimeout(t.Context(), time.Duration(5+guessing)*time.Millisecond)
			defer hangUp()
			guessing++
			_, err := n.SignIn(ctx, "dev@example.com", "not the password", here)
			return ctx.Err() != nil && errors.Is(err, identity.SignInFailed)
		})
		if after := count(t, n.d, `SELECT count(*) FROM throttle`); after != before+3 {
			t.Fatalf("%d counts, then %d", before, after)
		}
	})
}

func TestSessionsAndCountsThatAreOverAreRemoved(t *testing.T) {
	each(t, func(t *testing.T, n node) {
		n.joins(t, "dev@example.com", "developer")
		old, _ := n.comes(t, "dev@example.com", good)
		refused(t, n.wrong(t, "dev@example.com", here), identity.SignInFailed)
		n.unused(t, 12*time.Hour+time.Second)
		n.pass(t, throttleWindow+time.Second)
		young, _ := n.comes(t, "dev@example.com", good)
		refused(t, n.wrong(t, "nobody@example.com", "198.51.100.7"), identity.SignInFailed)
		var rows []string
		for i := range 600 {
			rows = append(rows, string(rune('a'+i%26)))
		}
		for i, r := range rows {
			system(t, n.d, `INSERT INTO throttle (key, ends_at, hits) VALUES ($1, $2, 1)`, []byte(r+time.Duration(i).String()), clock.Micros(clock.Machine())-1)
		}
		removed, err := n.Purge(t.Context())
		if err != nil || removed != 1+4+600 { // a sign-up, and the three of a guess
			t.Fatalf("%d, %v", removed, err)
		}
		n.out(t, old)
		n.in(t, young)
		if c := count(t, n.d, `SELECT count(*) FROM throttle`); c != 3 {
			t.Fatalf("%d counts are left of three", c)
		}
	})
}
