package identity

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// CarrierOrg is the organisation of the carrier's own staff.
const CarrierOrg = "org_carrier"

// What people are.
const (
	RoleAdministrator = "administrator" // may do everything
	RoleStaff         = "staff"         // does the carrier's work
	RoleDeveloper     = "developer"
	RoleBuyer         = "buyer"
	RoleProvider      = "provider"
)

var (
	carrierRoles = []string{RoleAdministrator, RoleStaff}
	otherRoles   = []string{RoleDeveloper, RoleBuyer, RoleProvider}
)

// User is a person with a password. Beyond the address nothing personal is kept.
type User struct {
	Email     string
	Org       string
	Role      string
	CreatedAt time.Time

	version int64 // another one with each password and role; 0: not known
}

// Carrier reports whether the person is one of the carrier's own.
func (u User) Carrier() bool { return slices.Contains(carrierRoles, u.Role) }

const userColumns = `u.email, u.org, u.role, u.created_at, u.version`

func scanUser(scan func(...any) error, more ...any) (u User, err error) {
	var created int64
	err = scan(append([]any{&u.Email, &u.Org, &u.Role, &created, &u.version}, more...)...)
	u.CreatedAt = clock.FromMicros(created)
	return u, err
}

// staffWorld is the world whose trail tells what was done to people's accounts, which
// are no world's: the production world's is where staff looks.
const staffWorld = "production"

// trail records, in a system unit, what somebody did to a person's account.
func trail(tx *db.Tx, e audit.Event) {
	tx.Do(`INSERT INTO audit (world, subject, id, at, actor, event, was, became, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		staffWorld, "person/"+e.Subject, db.NextID(), clock.Micros(tx.Now()), e.Actor, e.Event, e.From, e.To, e.Note)
}

// addUser adds a person, unless the address is taken.
func addUser(tx *db.Tx, u User, hash string, mustChange bool) (made bool, err error) {
	var must int64
	if mustChange {
		must = 1
	}
	n, err := tx.Exec(`INSERT INTO account_user (email, org, role, password, created_at, version, must_change)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		u.Email, u.Org, u.Role, hash, clock.Micros(tx.Now()), db.NextID(), must)
	return n == 1, err
}

// holdAdmins lets one unit at a time change who is an administrator, and asks for their
// addresses, which are there after the next flush.
func holdAdmins(tx *db.Tx, emails *[]string) {
	var created int64
	tx.Ask(func(scan func(...any) error) error { return scan(&created) }, `SELECT created_at FROM organisation WHERE id = $1`+tx.ForUpdate(), CarrierOrg)
	tx.Ask(func(scan func(...any) error) error {
		var email string
		err := scan(&email)
		*emails = append(*emails, email)
		return err
	}, `SELECT email FROM account_user WHERE role = $1 ORDER BY email`, RoleAdministrator)
}

// EnsureAdmin makes the first administrator, with a password that is answered
// once and kept only as its hash, and is to be changed at the first sign-in. When
// there is an administrator already it does nothing.
func (s *Service) EnsureAdmin(ctx context.Context, email string) (password string, created bool, err error) {
	email = normal(email)
	if !isAddress(email) {
		return "", false, httpkit.Invalid.With(fault.Field(ruleAddress, "email", badAddress))
	}
	var found bool
	var one int64
	err = s.d.SystemView(ctx, func(tx *db.Tx) error {
		tx.AskOne(&found, []any{&one}, `SELECT 1 FROM account_user WHERE role = $1 LIMIT 1`, RoleAdministrator)
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
		created = false
		tx.Do(`INSERT INTO organisation (id, name, created_at) VALUES ($1, 'Carrier', $2) ON CONFLICT DO NOTHING`, CarrierOrg, clock.Micros(tx.Now()))
		// Nodes that start together take turns.
		var admins []string
		holdAdmins(tx, &admins)
		if err := tx.Flush(); err != nil || len(admins) > 0 {
			return err
		}
		var err error
		created, err = addUser(tx, User{Email: email, Org: CarrierOrg, Role: RoleAdministrator}, hash, true)
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

// SignIn answers the user with this address and password, which comes from a network
// address. Too many wrong ones are refused for a while, whether there is such a person
// or not. (IDN-SES-05)
func (s *Service) SignIn(ctx context.Context, email, password, from string) (User, error) {
	email = normal(email)
	u, stored, err := s.person(ctx, email)
	known := err == nil
	if errors.Is(err, PersonUnknown) {
		stored, err = nobody(), nil
	}
	if err != nil {
		return User{}, err
	}
	right, err := s.guess(ctx, guessBounds(email, from), stored, password)
	if err != nil {
		return User{}, err
	}
	if !right || !known {
		return User{}, SignInFailed
	}
	return u, nil
}

// person reads a person and the stored form of the password.
func (s *Service) person(ctx context.Context, email string) (u User, stored string, err error) {
	if !isAddress(email) { // nobody's, and perhaps no text that a database takes
		return u, "", PersonUnknown
	}
	err = s.d.SystemView(ctx, func(tx *db.Tx) error {
		u, err = scanUser(func(dst ...any) error {
			return tx.Row(`SELECT `+userColumns+`, u.password FROM account_user u WHERE u.email = $1`, email).Scan(dst...)
		}, &stored)
		return err
	})
	if errors.Is(err, db.ErrNone) {
		err = PersonUnknown
	}
	return u, stored, err
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

// People are an organisation's, by address.
func (s *Service) People(ctx context.Context, org string) (people []User, err error) {
	err = s.d.SystemView(ctx, func(tx *db.Tx) error {
		people, err = db.Every(tx, func(scan func(...any) error) (User, error) { return scanUser(scan) },
			`SELECT `+userColumns+` FROM account_user u WHERE u.org = $1 ORDER BY u.email`, org)
		return err
	})
	return people, err
}

// AddPerson adds somebody to an organisation, and answers a password that is shown
// only here: whoever signs in with it must change it first. (IDN-USR-02, IDN-USR-05)
func (s *Service) AddPerson(ctx context.Context, actor, org, email, role string) (password string, err error) {
	email = normal(email)
	var wrong fault.List
	checkAddress(&wrong, email)
	checkRole(&wrong, org, role)
	if err := wrong.As(httpkit.Invalid); err != nil {
		return "", err
	}
	if _, err := s.Organisation(ctx, org); err != nil { // none is ever removed
		return "", err
	}
	// Whether an address is known shows, so it is not to be asked about many.
	if err := s.take(ctx, SignUpThrottled, newBound(mostAdded, "people of", org)); err != nil {
		return "", err
	}
	password = newPassword()
	hash, err := s.hash(ctx, password)
	if err != nil {
		return "", err
	}
	err = s.d.System(ctx, func(tx *db.Tx) error {
		made, err := addUser(tx, User{Email: email, Org: org, Role: role}, hash, true)
		if err != nil {
			return err
		}
		if !made {
			return PersonKnown
		}
		trail(tx, audit.Event{Subject: email, Actor: actor, Event: "add", To: role, Note: org})
		return nil
	})
	if err != nil {
		return "", err
	}
	return password, nil
}

// RemovePerson removes somebody, whose sessions end with that. (IDN-USR-03, IDN-USR-04)
func (s *Service) RemovePerson(ctx context.Context, actor, org, email string) error {
	email = normal(email)
	if email == normal(actor) {
		return PersonStays.With(fault.Field("IDN-USR-04", "email", "must be somebody else's: nobody removes themselves"))
	}
	return s.changePerson(ctx, org, email, func(tx *db.Tx, was User, last bool) error {
		if last {
			return lastAdmin("email", "must not be the last administrator's")
		}
		tx.Do(`DELETE FROM account_user WHERE email = $1`, email)
		trail(tx, audit.Event{Subject: email, Actor: actor, Event: "remove", From: was.Role, Note: org})
		return nil
	})
}

// SetRole gives somebody another role. Their sessions, which began with the old one,
// end. (IDN-USR-02, IDN-USR-03, IDN-SES-03)
func (s *Service) SetRole(ctx context.Context, actor, org, email, role string) error {
	var wrong fault.List
	checkRole(&wrong, org, role)
	if err := wrong.As(httpkit.Invalid); err != nil {
		return err
	}
	email = normal(email)
	return s.changePerson(ctx, org, email, func(tx *db.Tx, was User, last bool) error {
		if last && role != RoleAdministrator {
			return lastAdmin("role", "must stay administrator: there is no other one")
		}
		if was.Role == role {
			return nil
		}
		tx.Do(`UPDATE account_user SET role = $2, version = $3 WHERE email = $1`, email, role, db.NextID())
		trail(tx, audit.Event{Subject: email, Actor: actor, Event: "role", From: was.Role, To: role, Note: org})
		return nil
	})
}

func lastAdmin(field, message string) error {
	return PersonStays.With(fault.Field("IDN-USR-03", field, message))
}

// changePerson changes one of an organisation's people, one change at a time among the
// carrier's. last says that the person is the only administrator.
func (s *Service) changePerson(ctx context.Context, org, email string, change func(tx *db.Tx, was User, last bool) error) error {
	if !isAddress(email) {
		return PersonUnknown
	}
	return s.d.System(ctx, func(tx *db.Tx) error {
		var admins []string
		if org == CarrierOrg {
			holdAdmins(tx, &admins)
		}
		was, err := scanUser(func(dst ...any) error {
			return tx.Row(`SELECT `+userColumns+` FROM account_user u WHERE u.email = $1 AND u.org = $2`+tx.ForUpdate(), email, org).Scan(dst...)
		})
		if errors.Is(err, db.ErrNone) {
			return PersonUnknown
		}
		if err != nil {
			return err
		}
		if err := change(tx, was, len(admins) == 1 && admins[0] == email); err != nil {
			return err
		}
		tx.Do(`DELETE FROM account_session WHERE email = $1 AND NOT EXISTS
			(SELECT 1 FROM account_user u WHERE u.email = $1 AND u.version = account_session.version)`, email)
		return nil
	})
}

// normal is an address as it is kept.
func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
