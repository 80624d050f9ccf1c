package carecarrier

import (
	"context"

	"demarc/internal/care"
	"demarc/internal/trouble"
)

var billing = trouble.Declare("care.billing", "the billing systems of care")

// mostWaiting is how many calls a node lets wait at once for a billing system that
// its sandbox's owner wants to be slow.
const mostWaiting = 64

// Troubled is a billing system that fails in a sandbox as its owner wants it to.
type Troubled struct {
	care.Billing
	spot *trouble.Spot
}

var _ care.Billing = Troubled{}

// Trouble puts the billing systems of all business units in the hands of sandboxes'
// owners, for the questions of their sandboxes.
func Trouble(systems map[string]care.Billing, m *trouble.Maker) map[string]care.Billing {
	spot := m.Spot(billing, callDeadline, mostWaiting)
	troubled := make(map[string]care.Billing, len(systems))
	for unit, b := range systems {
		troubled[unit] = Troubled{b, spot}
	}
	return troubled
}

// Account finds one account, unless it is to fail.
func (t Troubled) Account(ctx context.Context, q care.Query) (*care.Account, error) {
	if err := t.meet(ctx, q); err != nil {
		return nil, err
	}
	return t.Billing.Account(ctx, q)
}

// Accounts finds the accounts with a number, unless it is to fail.
func (t Troubled) Accounts(ctx context.Context, q care.Query) ([]care.Account, error) {
	if err := t.meet(ctx, q); err != nil {
		return nil, err
	}
	return t.Billing.Accounts(ctx, q)
}

func (t Troubled) meet(ctx context.Context, q care.Query) error {
	if !q.Sandbox {
		return nil
	}
	err := t.spot.Meet(ctx, q.World)
	switch trouble.ModeOf(err) {
	case trouble.Unavailable, trouble.Timeout:
		return care.Down(q.Unit)
	default:
		return err
	}
}
