// Package carecarrier asks billing systems: Embedded is the one that comes with the
// program, HTTP the connector to a real one. Both satisfy care.Billing and its
// contract suite in caretest.
package carecarrier

import (
	"context"
	"errors"
	"time"

	"demarc/internal/care"
	"demarc/internal/clock"
	"demarc/internal/magic"
)

// Embedded is the billing system that comes with the program: rows of the world,
// which a sandbox holds from its start and an operator may load. In a sandbox it
// fails as its caller's magic word says.
type Embedded struct{ Store care.Store }

var _ care.Billing = Embedded{}

// slowly is how long a billing system takes that is to be slow, on the machine's
// clock: it is the caller's own deadlines that are tried.
const slowly = 2 * time.Second

var errUnread = errors.New("carecarrier: the billing system's answer cannot be read")

// Account finds one account.
func (e Embedded) Account(ctx context.Context, q care.Query) (*care.Account, error) {
	if err := obey(ctx, q); err != nil || q.Value == "" {
		return nil, err
	}
	return e.Store.FindAccount(ctx, q.World, q.Unit, q.Value)
}

// Accounts finds the accounts with a number.
func (e Embedded) Accounts(ctx context.Context, q care.Query) ([]care.Account, error) {
	if err := obey(ctx, q); err != nil || q.Value == "" {
		return nil, err
	}
	kind := care.LineService
	if q.RefID == care.RefContact {
		kind = care.LineContact
	}
	return e.Store.FindByNumber(ctx, q.World, q.Unit, kind, q.Value)
}

// obey does what a magic word says. (Sandboxes only.)
func obey(ctx context.Context, q care.Query) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case !q.Sandbox || q.Hint == "":
		return nil
	case magic.Has(q.Hint, care.WordUnavailable):
		return care.Down(q.Unit)
	case magic.Has(q.Hint, care.WordWrong):
		return errUnread
	case magic.Has(q.Hint, care.WordSlow):
		return clock.Sleep(ctx, slowly)
	case magic.Has(q.Hint, care.WordTimeout):
		if err := clock.Sleep(ctx, callDeadline); err != nil {
			return err
		}
		return care.Down(q.Unit)
	}
	return nil
}
