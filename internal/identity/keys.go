package identity

import (
	"context"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// addSecret queues a new secret of the application.
func (s *Service) addSecret(tx *db.Tx, app string, sandbox bool, ttl time.Duration) Secret {
	sec := Secret{ID: newID(secretPrefix, 16), Clear: newSecret(sandbox), CreatedAt: tx.Now()}
	var expires int64
	if ttl > 0 {
		sec.ExpiresAt = sec.CreatedAt.Add(ttl)
		expires = clock.Micros(sec.ExpiresAt)
	}
	hash := hashSecret(sec.Clear)
	tx.One(AppUnknown, `INSERT INTO app_secret (app, id, hash, created_at, expires_at)
		SELECT a.id, $3, $4, $5, $6 FROM app a WHERE a.world = $1 AND a.id = $2`,
		app, sec.ID, hash[:], clock.Micros(sec.CreatedAt), expires)
	return sec
}

// Rotation asks for a second secret.
type Rotation struct {
	TTL time.Duration // of the new one; 0: it does not expire
	// ExpireOld ends the present one after this while (if it does not end sooner);
	// nil leaves it until it is revoked.
	ExpireOld *time.Duration
}

// RotateSecret makes another secret, so that there are two while programs change
// from one to the other. A third is refused. (IDN-SEC-01)
func (s *Service) RotateSecret(ctx context.Context, actor, app string, r Rotation) (Secret, error) {
	var wrong fault.List
	checkTTL(&wrong, "ttl", r.TTL)
	if r.ExpireOld != nil {
		checkTTL(&wrong, "expireOld", *r.ExpireOld)
	}
	if err := wrong.As(httpkit.Invalid); err != nil {
		return Secret{}, err
	}
	var made Secret
	err := s.within(ctx, app, func(tx *db.Tx) error {
		// The lock makes two rotations at once take turns.
		a, err := readApp(tx, app, tx.ForUpdate())
		if err != nil {
			return err
		}
		if Approval.Ended(a.State) {
			f := ApprovalMove.Instead(Approval.Legal(a.State))
			f.Message = "The application is " + a.State + "; it gets no more secrets."
			return f
		}
		var kind string
		var live []string
		tx.AskOne(nil, []any{&kind}, `SELECT kind FROM world WHERE id = $1`)
		tx.Ask(func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			live = append(live, id)
			return err
		}, `SELECT s.id FROM app_secret s JOIN app a ON a.id = s.app WHERE a.world = $1 AND a.id = $2 AND s.revoked_at = 0
			AND (s.expires_at = 0 OR s.expires_at > $3) ORDER BY s.created_at, s.id`, app, clock.Micros(tx.Now()))
		if err := tx.Flush(); err != nil {
			return err
		}
		if len(live) >= liveSecrets {
			return SecretLimit.Instead(revocations(live))
		}
		if r.ExpireOld != nil {
			s.expire(tx, app, live, tx.Now().Add(*r.ExpireOld), actor)
		}
		made = s.addSecret(tx, app, kind != production, r.TTL)
		s.record(tx, app, actor, "secret rotate", "", "", made.ID)
		return nil
	})
	return made, err
}

// revocations are the moves that make room for a new secret.
func revocations(live []string) (moves []string) {
	for _, id := range live {
		moves = append(moves, "revoke "+id)
	}
	return moves
}

// expire makes secrets end at a moment, unless they end sooner.
func (s *Service) expire(tx *db.Tx, app string, secrets []string, at time.Time, actor string) {
	for _, id := range secrets {
		tx.Do(`UPDATE app_secret SET expires_at = $4 WHERE app = $2 AND id = $3 AND (expires_at = 0 OR expires_at > $4)
			AND EXISTS (SELECT 1 FROM app WHERE world = $1 AND id = $2)`, app, id, max(1, clock.Micros(at)))
		s.record(tx, app, actor, "secret expire", "", "", id+" at "+at.Format(time.RFC3339))
	}
}

// RevokeSecret ends a secret, and every token that was issued for it.
func (s *Service) RevokeSecret(ctx context.Context, actor, app, secret string) error {
	return s.within(ctx, app, func(tx *db.Tx) error {
		tx.One(SecretUnknown, `UPDATE app_secret SET revoked_at = $4 WHERE app = $2 AND id = $3 AND revoked_at = 0
			AND EXISTS (SELECT 1 FROM app WHERE world = $1 AND id = $2)`, app, secret, max(1, clock.Micros(tx.Now())))
		s.record(tx, app, actor, "secret revoke", "", "", secret)
		return nil
	})
}
