package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// How long a session lives. (IDN-SES-02)
const (
	sessionIdle = 12 * time.Hour
	sessionLife = 7 * 24 * time.Hour
	sessionSeen = time.Minute // how seldom its use is written down
)

// Session is a signed-in person.
type Session struct {
	User       User
	OrgName    string
	MustChange bool // the password, before anything else: it is the one that was given

	World, Customer string // what the person chose to look at; "": nothing yet

	CreatedAt time.Time
	ProvedAt  time.Time // when the password was last given
	ExpiresAt time.Time // unless it is used
}

// A session's token is its prefix and 256 random bits.
const sessionPrefix = "ds_"

// newSession is a token and the hash that it is kept under. (IDN-SES-01)
func newSession() (token string, hash [32]byte) {
	var random [32]byte
	_, _ = rand.Read(random[:])
	token = sessionPrefix + base64.RawURLEncoding.EncodeToString(random[:])
	return token, sha256.Sum256([]byte(token))
}

// sessionHash is false for what no session's token looks like.
func sessionHash(token string) (hash [32]byte, ok bool) {
	if len(token) != len(sessionPrefix)+43 || token[:len(sessionPrefix)] != sessionPrefix {
		return hash, false
	}
	return sha256.Sum256([]byte(token)), true
}

// Begin signs a person in: the user that SignIn answered. The session of the token that
// the caller had before, if any, ends, so that nobody is signed in with a token that
// another person planted. (IDN-SES-04)
func (s *Service) Begin(ctx context.Context, u User, oldToken string) (token string, sess Session, err error) {
	token, hash := newSession()
	old, had := sessionHash(oldToken)
	err = s.d.System(ctx, func(tx *db.Tx) error {
		if had {
			tx.Do(`DELETE FROM account_session WHERE hash = $1`, old[:])
		}
		// Whoever was changed since the password was checked does not get in.
		tx.One(SessionEnded, `INSERT INTO account_session (hash, email, version, created_at, seen_at, proved_at)
			SELECT $1, u.email, u.version, $5, $5, $5 FROM account_user u
			WHERE u.email = $2 AND u.org = $3 AND u.role = $4 AND (CAST($6 AS BIGINT) = 0 OR u.version = $6)`,
			hash[:], u.Email, u.Org, u.Role, clock.Micros(tx.Now()), u.version)
		trail(tx, audit.Event{Subject: u.Email, Actor: u.Email, Event: "sign in"})
		sess, _, err = readSession(tx, hash)
		return err
	})
	if err != nil {
		return "", Session{}, err
	}
	return token, sess, nil
}

// readSession reads a live session and when it was last seen.
func readSession(tx *db.Tx, hash [32]byte) (sess Session, seen time.Time, err error) {
	var created, seenAt, proved, must int64
	sess.User, err = scanUser(func(dst ...any) error {
		return tx.Row(`SELECT `+userColumns+`, u.must_change, o.name, s.chosen_world, s.chosen_customer, s.created_at, s.seen_at, s.proved_at
			FROM account_session s JOIN account_user u ON u.email = s.email AND u.version = s.version JOIN organisation o ON o.id = u.org
			WHERE s.hash = $1`, hash[:]).Scan(dst...)
	}, &must, &sess.OrgName, &sess.World, &sess.Customer, &created, &seenAt, &proved)
	if errors.Is(err, db.ErrNone) {
		return Session{}, seen, SessionEnded
	}
	if err != nil {
		return Session{}, seen, err
	}
	sess.MustChange = must == 1
	sess.CreatedAt, sess.ProvedAt, seen = clock.FromMicros(created), clock.FromMicros(proved), clock.FromMicros(seenAt)
	sess.ExpiresAt = expiry(sess.CreatedAt, seen)
	if !tx.Now().Before(sess.ExpiresAt) {
		return Session{}, seen, SessionEnded
	}
	return sess, seen, nil
}

// expiry is when a session ends that is not used again. (IDN-SES-02)
func expiry(created, seen time.Time) time.Time {
	idle, life := seen.Add(sessionIdle), created.Add(sessionLife)
	if idle.Before(life) {
		return idle
	}
	return life
}

// Session answers who is signed in with this token, and notes that they were here.
func (s *Service) Session(ctx context.Context, token string) (Session, error) {
	hash, ok := sessionHash(token)
	if !ok {
		return Session{}, SessionEnded
	}
	var sess Session
	var seen, now time.Time
	err := s.d.SystemView(ctx, func(tx *db.Tx) (err error) {
		sess, seen, err = readSession(tx, hash)
		now = tx.Now()
		return err
	})
	if err != nil || now.Sub(seen) < sessionSeen {
		return sess, err
	}
	err = s.d.System(ctx, func(tx *db.Tx) error {
		// Of requests at the same time, the first one writes.
		tx.Do(`UPDATE account_session SET seen_at = $2 WHERE hash = $1 AND seen_at <= $3`,
			hash[:], clock.Micros(now), clock.Micros(now.Add(-sessionSeen)))
		return nil
	})
	sess.ExpiresAt = expiry(sess.CreatedAt, now)
	return sess, err
}

// live answers a session with its hash and the stored form of its person's password.
func (s *Service) live(ctx context.Context, token string) (sess Session, hash [32]byte, stored string, err error) {
	sess, err = s.Session(ctx, token)
	if err != nil {
		return sess, hash, "", err
	}
	hash, _ = sessionHash(token)
	u, stored, err := s.person(ctx, sess.User.Email)
	if errors.Is(err, PersonUnknown) || err == nil && u.version != sess.User.version {
		err = SessionEnded
	}
	return sess, hash, stored, err
}

// Prove takes the password again, before something that a borrowed screen must not do.
// Wrong ones count as they do when signing in. (IDN-SES-05)
func (s *Service) Prove(ctx context.Context, token, password, from string) error {
	sess, hash, stored, err := s.live(ctx, token)
	if err != nil {
		return err
	}
	right, err := s.guess(ctx, provenBounds(sess.User.Email, from), stored, password)
	if err != nil {
		return err
	}
	if !right {
		return SignInFailed
	}
	return s.d.System(ctx, func(tx *db.Tx) error {
		tx.One(SessionEnded, `UPDATE account_session SET proved_at = $3 WHERE hash = $1 AND version = $2`,
			hash[:], sess.User.version, clock.Micros(tx.Now()))
		trail(tx, audit.Event{Subject: sess.User.Email, Actor: sess.User.Email, Event: "prove"})
		return nil
	})
}

// Choose keeps what the person looks at. Whether they may is for the caller to know,
// then and each time it is used: grants and worlds come and go.
func (s *Service) Choose(ctx context.Context, token, world, customer string) error {
	if _, err := s.Session(ctx, token); err != nil {
		return err
	}
	hash, _ := sessionHash(token)
	return s.d.System(ctx, func(tx *db.Tx) error {
		tx.One(SessionEnded, `UPDATE account_session SET chosen_world = $2, chosen_customer = $3 WHERE hash = $1`, hash[:], world, customer)
		return nil
	})
}

// End signs a person out. A session that is over already stays so.
func (s *Service) End(ctx context.Context, token string) error {
	hash, ok := sessionHash(token)
	if !ok {
		return nil
	}
	return s.d.System(ctx, func(tx *db.Tx) error {
		var email string
		err := tx.Row(`SELECT email FROM account_session WHERE hash = $1`+tx.ForUpdate(), hash[:]).Scan(&email)
		if errors.Is(err, db.ErrNone) {
			return nil
		}
		if err != nil {
			return err
		}
		tx.Do(`DELETE FROM account_session WHERE hash = $1`, hash[:])
		trail(tx, audit.Event{Subject: email, Actor: email, Event: "sign out"})
		return nil
	})
}

// ChangePassword gives the person another password, and ends every other session of
// theirs. (IDN-PWD-05, IDN-SES-03)
func (s *Service) ChangePassword(ctx context.Context, token, old, password, from string) error {
	sess, hash, stored, err := s.live(ctx, token)
	if err != nil {
		return err
	}
	u := sess.User
	var wrong fault.List
	checkPassword(&wrong, "new", password, u.Email, sess.OrgName)
	if password == old {
		wrong.Add(ruleChange, "new", "must be another password than the present one")
	}
	if err := wrong.As(httpkit.Invalid); err != nil {
		return err
	}
	right, err := s.guess(ctx, provenBounds(u.Email, from), stored, old)
	if err != nil {
		return err
	}
	if !right {
		return httpkit.Invalid.With(fault.Field(ruleChange, "old", "must be the present password"))
	}
	made, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.d.System(ctx, func(tx *db.Tx) error {
		version := db.NextID()
		tx.One(SessionEnded, `UPDATE account_user SET password = $3, version = $4, must_change = 0 WHERE email = $1 AND version = $2`,
			u.Email, u.version, made, version)
		tx.Do(`DELETE FROM account_session WHERE email = $1 AND hash <> $2`, u.Email, hash[:])
		tx.One(SessionEnded, `UPDATE account_session SET version = $3, proved_at = $4 WHERE hash = $1 AND email = $2`,
			hash[:], u.Email, version, clock.Micros(tx.Now()))
		trail(tx, audit.Event{Subject: u.Email, Actor: u.Email, Event: "password"})
		return nil
	})
}
