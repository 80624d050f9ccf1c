package marketplace

import (
	"context"
	"sync"
	"time"

	"demarc/internal/gate"
)

// tests are the places for test calls, apart from those of due work: somebody who tries
// a server out holds up nobody's orders.
type tests struct {
	once sync.Once
	gate *gate.Gate
}

// testsAtOnce is how many test calls one node makes at once, half of them of providers
// that have not answered yet; of one provider, one.
const testsAtOnce = 8

func (t *tests) enter(ctx context.Context, name string) (leave func(took time.Duration), err error) {
	t.once.Do(func() { t.gate = gate.New(testsAtOnce, 1) })
	if t.gate.Enter(ctx, name, false) != nil {
		return nil, TestBusy
	}
	return func(took time.Duration) { t.gate.Leave(name, took) }, nil
}

// enter takes a place for a call to a provider, and answers how to leave it. Patient
// callers wait for one. The provider that demarc plays needs none.
func (d *Desk) enter(ctx context.Context, world string, p Provider, patient bool) (leave func(took time.Duration), err error) {
	if p.BaseURL == EmbeddedURL || d.Gate == nil {
		return func(time.Duration) {}, nil
	}
	name := placeOf(world, p)
	if err := d.Gate.Enter(ctx, name, patient); err != nil {
		return nil, err
	}
	return func(took time.Duration) { d.Gate.Leave(name, took) }, nil
}

func placeOf(world string, p Provider) string { return "provider " + world + "/" + p.ID }
