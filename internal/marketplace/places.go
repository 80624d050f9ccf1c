package marketplace

import (
	"context"
	"sync"
	"time"

	"demarc/internal/gate"
)

// placesOnce shares this node's workers between providers, so that one that does not
// answer holds up nobody but itself.
type placesOnce struct {
	once sync.Once
	gate *gate.Gate
}

// Places for calls to providers on one node: in all, and for one provider.
const (
	placesInAll   = 12
	placesForEach = 4
)

// enter takes a place for a call to a provider, and answers how to leave it. Patient
// callers wait for one.
func (d *Desk) enter(ctx context.Context, world, provider string, patient bool) (leave func(took time.Duration), err error) {
	d.places.once.Do(func() { d.places.gate = gate.New(placesInAll, placesForEach) })
	name := world + "/" + provider
	if err := d.places.gate.Enter(ctx, name, patient); err != nil {
		return nil, err
	}
	return func(took time.Duration) { d.places.gate.Leave(name, took) }, nil
}
