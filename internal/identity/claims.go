package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// Claim is an organisation's request that its application may act for a customer. Its
// life is an Approval: the carrier's staff grants it or declines it, and may withdraw
// what was granted.
type Claim struct {
	ID                 string
	Org, OrgName       string
	App, World         string
	Customer           string // the number that was asked for
	State              string
	Note               string // of who decided
	AskedBy, DecidedBy string
	CreatedAt          time.Time
	DecidedAt          time.Time // zero: not yet
}

const claimSQL = `SELECT c.id, a.org, o.name, c.app, a.world, c.customer, c.state, c.note, c.asked_by, c.decided_by, c.created_at, c.decided_at
	FROM customer_claim c JOIN app a ON a.id = c.app JOIN organisation o ON o.id = a.org`

func scanClaim(scan func(...any) error) (c Claim, err error) {
	var created, decided int64
	err = scan(&c.ID, &c.Org, &c.OrgName, &c.App, &c.World, &c.Customer, &c.State, &c.Note, &c.AskedBy, &c.DecidedBy, &created, &decided)
	c.CreatedAt, c.DecidedAt = clock.FromMicros(created), clock.FromMicrosOrZero(decided)
	return c, err
}

// readClaim reads a claim of the unit's world.
func readClaim(tx *db.Tx, id string) (Claim, error) {
	c, err := db.First(tx, scanClaim, claimSQL+` WHERE a.world = $1 AND c.id = $2`, id)
	if err != nil {
		return Claim{}, err
	}
	if c == nil {
		return Claim{}, ClaimUnknown
	}
	return *c, nil
}

// newClaimID grows with time, so that lists are in the order of asking.
func newClaimID() string { return fmt.Sprintf("clm_%016x", db.NextID()) + newID("", 4) }

// AskClaim asks that an application may act for a customer. (IDN-CLM-02)
func (s *Service) AskClaim(ctx context.Context, actor, app, customer string) (Claim, error) {
	var made Claim
	if !plausible(customer) || customer == All || len(customer) > 64 {
		return made, CustomerUnknown
	}
	err := s.within(ctx, app, func(tx *db.Tx) error {
		a, err := readApp(tx, app, tx.ForShare())
		if err != nil {
			return err
		}
		if Approval.Ended(a.State) {
			return appOver(a)
		}
		// Of production nobody learns here which customers there are: the staff sees what
		// was asked for.
		seen, err := FindCustomer(tx, app, customer)
		if err != nil && (a.World != production || !errors.Is(err, CustomerUnknown)) {
			return err
		}
		if seen.Granted {
			return ClaimNeedless
		}
		id := newClaimID()
		tx.One(ClaimPending, `INSERT INTO customer_claim (id, app, customer, state, asked_by, created_at)
			SELECT $2, a.id, $4, $5, $6, $7 FROM app a WHERE a.world = $1 AND a.id = $3 ON CONFLICT DO NOTHING`,
			id, app, customer, Approval.Initial, actor, clock.Micros(tx.Now()))
		s.record(tx, app, actor, "claim", "", Approval.Initial, "customer "+customer)
		made, err = readClaim(tx, id)
		return err
	})
	return made, err
}

// appOver says that an application has ended.
func appOver(a App) error {
	f := ApprovalMove.Instead(Approval.Legal(a.State))
	f.Message = "The application is " + a.State + "; it may act for nobody any more."
	return f
}

// Claims are those of an organisation, in a state, or of all and in any; oldest first,
// after the one with the given id.
func (s *Service) Claims(ctx context.Context, org, state string, after string, limit int) (list []Claim, err error) {
	if limit <= 0 {
		limit = 100
	}
	err = s.d.SystemView(ctx, func(tx *db.Tx) error {
		list, err = db.Every(tx, scanClaim, claimSQL+` WHERE c.id > $1 AND ($2 = '' OR a.org = $2) AND ($3 = '' OR c.state = $3) ORDER BY c.id LIMIT $4`,
			after, org, state, int64(min(limit, 1000)))
		return err
	})
	return list, err
}

// DecideClaim approves a claim, which grants the application its customer, or revokes
// it, which takes back what was granted. (IDN-CLM-01)
func (s *Service) DecideClaim(ctx context.Context, actor, id string, approved bool, note string) (Claim, error) {
	var wrong fault.List
	checkNote(&wrong, note)
	if err := wrong.As(httpkit.Invalid); err != nil {
		return Claim{}, err
	}
	app, err := s.claimant(ctx, id)
	if err != nil {
		return Claim{}, err
	}
	event := revoke
	if approved {
		event = approve
	}
	var c Claim
	err = s.within(ctx, app, func(tx *db.Tx) error {
		if _, err := HoldCustomers(tx); err != nil {
			return err
		}
		was, err := readClaim(tx, id)
		if err != nil {
			return err
		}
		to, err := fire("The request", was.State, event)
		if err != nil {
			return err
		}
		if err := s.settle(tx, actor, was, to); err != nil {
			return err
		}
		s.record(tx, app, actor, "claim "+event, was.State, to, "customer "+was.Customer)
		tx.One(ClaimChanged, `UPDATE customer_claim SET state = $3, note = $4, decided_by = $5, decided_at = $6
			WHERE id = $2 AND state = $7 AND EXISTS (SELECT 1 FROM app a WHERE a.world = $1 AND a.id = customer_claim.app)`,
			id, to, note, actor, clock.Micros(tx.Now()), was.State)
		c, err = readClaim(tx, id)
		return err
	})
	if errors.Is(err, AppUnknown) { // it went with its world
		err = ClaimUnknown
	}
	return c, err
}

// settle makes the application's customers what the decision says.
func (s *Service) settle(tx *db.Tx, actor string, c Claim, to string) error {
	switch {
	case to == Approved:
		a, err := readApp(tx, c.App, tx.ForShare())
		if err != nil {
			return err
		}
		if Approval.Ended(a.State) {
			return appOver(a)
		}
		if _, err := FindCustomer(tx, c.App, c.Customer); err != nil {
			return err
		}
		s.GrantIn(tx, actor, c.App, c.Customer)
		return tx.Flush()
	case c.State == Approved:
		return s.UngrantIn(tx, actor, c.App, c.Customer)
	}
	return nil
}

// claimant is the application that a claim is for.
func (s *Service) claimant(ctx context.Context, id string) (app string, err error) {
	if !plausible(id) {
		return "", ClaimUnknown
	}
	err = s.d.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Row(`SELECT app FROM customer_claim WHERE id = $1`, id).Scan(&app)
	})
	if errors.Is(err, db.ErrNone) {
		err = ClaimUnknown
	}
	return app, err
}
