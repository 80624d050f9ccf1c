package preorder

import (
	"context"
	"time"

	"demarc/internal/db"
	"demarc/internal/timer"
)

// Kinds of due work: an order's next step, and the end of a transaction's day.
const (
	TimerOrder = "preorder.order"
	TimerPurge = "preorder.purge"
)

// How long the provider takes.
const (
	takenUpAfter = time.Hour
	selfTakes    = 2 * 24 * time.Hour
	techTakes    = 5 * 24 * time.Hour
)

// Handle registers the product's due work.
func (d *Desk) Handle(r *timer.Runner) {
	r.Handle(TimerOrder, d.work)
	r.Handle(TimerPurge, d.purge)
}

// work takes an order one step on.
func (d *Desk) work(ctx context.Context, j timer.Job) error {
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		o, err := d.Store.LockOrder(tx, j.Key)
		if err != nil {
			return err
		}
		if o == nil || OrderMachine.Ended(o.State) {
			j.Done(tx)
			return nil
		}
		event := evTaken
		if o.State == OrderInProcess {
			event = evCompleted
		}
		if err := d.move(tx, o, "provider", event); err != nil {
			return err
		}
		if event == evCompleted {
			j.Done(tx)
		} else {
			takes, err := d.takes(tx, *o)
			if err != nil {
				return err
			}
			j.Again(tx, tx.Now().Add(takes), "")
		}
		return d.notify(tx, *o)
	})
}

// takes is how long an order's installation takes.
func (d *Desk) takes(tx *db.Tx, o Order) (time.Duration, error) {
	t, err := d.Store.Transaction(tx, o.Transaction)
	if err != nil {
		return 0, err
	}
	if t != nil && t.Config != nil && t.Config.Install == Tech {
		return techTakes, nil
	}
	return selfTakes, nil
}

// purge removes the personal data of a transaction whose Central-Time day is over. Its
// decision and the last four digits stay.
func (d *Desk) purge(ctx context.Context, j timer.Job) error {
	return d.DB.Within(ctx, j.World, func(tx *db.Tx) error {
		d.Store.Forget(tx, j.Key)
		j.Done(tx)
		return nil
	})
}
