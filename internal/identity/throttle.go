package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/netip"
	"slices"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
)

// Bounds within one window. A person has one for each network address that guesses,
// and a much wider one for all together, so that nobody can easily lock another
// person out from elsewhere. (IDN-SES-05, IDN-SUP-03)
const (
	throttleWindow = 15 * time.Minute
	mostOfPerson   = 10  // wrong passwords for one person from one network address
	mostOfAnyone   = 100 // wrong passwords for one person
	mostOfNetwork  = 50  // wrong passwords, or sign-ups, from one network address
	mostAdded      = 30  // people that one organisation adds
)

// bound counts something in windows that begin with the first hit. The count is in the
// database, so that all nodes count together, under a hash of what is counted.
type bound struct {
	key  [32]byte
	most int64
}

func newBound(most int64, what ...string) bound {
	return bound{sha256.Sum256([]byte(strings.Join(what, "\x00"))), most}
}

// guessBounds are the bounds on passwords that are given for a person. The first is
// the one that the right password clears.
//
// Who is signed in is not kept from a page by what others guess from the same address:
// for them, provenBounds are all.
func guessBounds(email, from string) []bound {
	from = network(from)
	return []bound{
		newBound(mostOfPerson, "guess of a person from", email, from),
		newBound(mostOfAnyone, "guess of a person", email),
		newBound(mostOfNetwork, "guess from", from),
	}
}

// provenBounds are the bounds on passwords that somebody gives who is signed in already.
func provenBounds(email, from string) []bound { return guessBounds(email, from)[:1] }

// network is the part of a caller's address that it cannot change at will: whoever has
// one address of IPv6 has at least 2^64 of them.
func network(from string) string {
	from = strings.TrimSpace(from)
	if with, err := netip.ParseAddrPort(from); err == nil {
		from = with.Addr().String()
	}
	a, err := netip.ParseAddr(from)
	if err != nil {
		return from
	}
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	p, _ := a.Prefix(64) // 64 bits are always right for IPv6
	return p.String()
}

// unthrottled refuses, until the window's end, what has reached a bound; some tells
// whether the first of them counts anything now.
func (s *Service) unthrottled(ctx context.Context, code *fault.Code, bounds ...bound) (some bool, err error) {
	var wait time.Duration
	err = s.d.SystemView(ctx, func(tx *db.Tx) error {
		now := clock.Micros(tx.Now())
		for i, b := range bounds {
			tx.Ask(func(scan func(...any) error) error {
				var ends, hits int64
				if err := scan(&ends, &hits); err != nil {
					return err
				}
				some = some || i == 0
				if hits >= b.most {
					wait = max(wait, time.Duration(ends-now)*time.Microsecond)
				}
				return nil
			}, `SELECT ends_at, hits FROM throttle WHERE key = $1 AND ends_at > $2`, b.key[:], now)
		}
		return tx.Flush()
	})
	if err == nil && wait > 0 {
		err = throttled(code, wait)
	}
	return some, err
}

func throttled(code *fault.Code, wait time.Duration) error {
	f := code.With()
	f.RetryAfter = wait
	return f
}

// hit queues one more of what the bounds count. Units that count the same do it in one
// order, and cannot deadlock.
func hit(tx *db.Tx, bounds ...bound) {
	now := tx.Now()
	sorted := slices.SortedFunc(slices.Values(bounds), func(a, b bound) int { return bytes.Compare(a.key[:], b.key[:]) })
	for _, b := range sorted {
		tx.Do(`INSERT INTO throttle (key, ends_at, hits) VALUES ($1, $2, 1) ON CONFLICT (key) DO UPDATE SET
			hits = CASE WHEN throttle.ends_at <= $3 THEN 1 ELSE throttle.hits + 1 END,
			ends_at = CASE WHEN throttle.ends_at <= $3 THEN excluded.ends_at ELSE throttle.ends_at END`,
			b.key[:], clock.Micros(now.Add(throttleWindow)), clock.Micros(now))
	}
}

// take counts one more, or refuses it when the bound has been reached: those who ask at
// the same time take turns. What is refused writes nothing, but in a race.
func (s *Service) take(ctx context.Context, code *fault.Code, b bound) error {
	if _, err := s.unthrottled(ctx, code, b); err != nil {
		return err
	}
	var ends, hits int64
	var wait time.Duration
	err := s.d.System(ctx, func(tx *db.Tx) error {
		hit(tx, b)
		err := tx.Row(`SELECT ends_at, hits FROM throttle WHERE key = $1`, b.key[:]).Scan(&ends, &hits)
		wait = clock.FromMicros(ends).Sub(tx.Now())
		return err
	})
	if err == nil && hits > b.most {
		err = throttled(code, wait)
	}
	return err
}

// guess says whether a password that somebody gives for a person is the stored one.
// What is wrong is counted before the next one may use this place, so that guesses at
// the same time pass a bound by no more than there are places for password checks.
func (s *Service) guess(ctx context.Context, bounds []bound, stored, password string) (bool, error) {
	if _, err := s.unthrottled(ctx, SignInThrottled, bounds...); err != nil { // nor keeps others waiting
		return false, err
	}
	if err := s.room(ctx); err != nil {
		return false, err
	}
	defer func() { <-s.hashes }()
	failed, err := s.unthrottled(ctx, SignInThrottled, bounds...)
	if err != nil {
		return false, err
	}
	right := VerifyPassword(stored, password)
	if right && !failed {
		return true, nil
	}
	// Who goes away before the answer has guessed all the same.
	return right, s.d.System(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		if right {
			tx.Do(`DELETE FROM throttle WHERE key = $1`, bounds[0].key[:])
		} else {
			hit(tx, bounds...)
		}
		return nil
	})
}
