package identity

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"sync"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// CarrierOrg is the organisation of the carrier's own staff.
const CarrierOrg = "org_carrier"

// administrator may do everything.
const administrator = "administrator"

// User is a person with a password.
type User struct {
	Email string
	Org   string
	Role  string // administrator, staff, developer, buyer, provider
}

// EnsureAdmin makes the first administrator, with a password that is answered
// once and kept only as its hash. When there is an administrator already it does
// nothing.
func (s *Service) EnsureAdmin(ctx context.Context, email string) (password string, created bool, err error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
		return "", false, httpkit.Invalid.With(fault.Field("IDN-USR-01", "email", "must be an e-mail address"))
	}
	const admins = `SELECT 1 FROM account_user WHERE role = 'administrator' LIMIT 1`
	var found bool
	var one int64
	err = s.d.SystemView(ctx, func(tx *db.Tx) error {
		tx.AskOne(&found, []any{&one}, admins)
		return tx.Flush()
	})
	if err != nil || found {
		return "", false, err
	}
	password = newPassword()
	hash, err := s.hash(ctx, password)
	if err != nil {
		return "", false, err
	}
	err = s.d.System(ctx, func(tx *db.Tx) error {
		created, found = false, false
		now := clock.Micros(tx.Now())
		tx.Do(`INSERT INTO organisation (id, name, created_at) VALUES ($1, 'Carrier', $2) ON CONFLICT DO NOTHING`, CarrierOrg, now)
		// Nodes that start together take turns on this row.
		tx.Ask(func(scan func(...any) error) error { return scan(&one) }, `SELECT created_at FROM organisation WHERE id = $1`+tx.ForUpdate(), CarrierOrg)
		tx.AskOne(&found, []any{&one}, admins)
		if err := tx.Flush(); err != nil || found {
			return err
		}
		n, err := tx.Exec(`INSERT INTO account_user (email, org, role, password, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			email, CarrierOrg, administrator, hash, now)
		created = n == 1
		return err
	})
	if err != nil || !created {
		return "", false, err
	}
	return password, true, nil
}

// nobody is what the password of an unknown address is compared with, so that it
// takes as long as that of a known one.
var nobody = sync.OnceValue(func() string { return HashPassword(newPassword()) })

// SignIn answers the user with this address and password.
func (s *Service) SignIn(ctx context.Context, email, password string) (User, error) {
	u := User{Email: strings.ToLower(strings.TrimSpace(email))}
	stored := ""
	err := s.d.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Row(`SELECT org, role, password FROM account_user WHERE email = $1`, u.Email).Scan(&u.Org, &u.Role, &stored)
	})
	known := err == nil
	if err != nil && !errors.Is(err, db.ErrNone) {
		return User{}, err
	}
	if !known {
		stored = nobody()
	}
	if err := s.room(ctx); err != nil {
		return User{}, err
	}
	defer func() { <-s.hashes }()
	if !VerifyPassword(stored, password) || !known {
		return User{}, SignInFailed
	}
	return u, nil
}

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	if err := s.room(ctx); err != nil {
		return "", err
	}
	defer func() { <-s.hashes }()
	return HashPassword(password), nil
}

// room waits until there is memory for one more password check.
func (s *Service) room(ctx context.Context) error {
	select {
	case s.hashes <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
