package identity

import (
	"context"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// NewPerson is somebody who signs up, with an organisation.
type NewPerson struct {
	Email, Password string
	Role            string // developer, buyer, provider
	OrgName         string
	From            string // the network address that it comes from
}

// SignUp makes an organisation with its first person. An address that is known already
// makes nothing, and made is false: whoever asked is told the same, after the same
// work, since only its owner may learn that it is known. The owner finds it in the
// trail. (IDN-SUP-01, IDN-SUP-02, IDN-SUP-03)
func (s *Service) SignUp(ctx context.Context, n NewPerson) (org string, made bool, err error) {
	n.Email = normal(n.Email)
	var wrong fault.List
	checkAddress(&wrong, n.Email)
	checkPassword(&wrong, "password", n.Password, n.Email, n.OrgName)
	checkName(&wrong, "organisation", n.OrgName)
	checkNewcomer(&wrong, n.Role)
	if err := wrong.As(httpkit.Invalid); err != nil {
		return "", false, err
	}
	if err := s.take(ctx, SignUpThrottled, newBound(mostOfNetwork, "sign-up from", network(n.From))); err != nil {
		return "", false, err
	}
	hash, err := s.hash(ctx, n.Password)
	if err != nil {
		return "", false, err
	}
	org = newID(orgPrefix, 20)
	err = s.d.System(ctx, func(tx *db.Tx) error {
		made, err = addUser(tx, User{Email: n.Email, Org: org, Role: n.Role}, hash, false)
		if err != nil {
			return err
		}
		if !made {
			trail(tx, audit.Event{Subject: n.Email, Actor: n.Email, Event: "sign up again"})
			return nil
		}
		tx.Do(`INSERT INTO organisation (id, name, created_at) VALUES ($1, $2, $3)`, org, n.OrgName, clock.Micros(tx.Now()))
		trail(tx, audit.Event{Subject: n.Email, Actor: n.Email, Event: "sign up", To: n.Role, Note: org})
		return nil
	})
	if err != nil || !made {
		return "", false, err
	}
	return org, true, nil
}
