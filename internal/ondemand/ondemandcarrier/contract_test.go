package ondemandcarrier_test

import (
	"testing"
	"time"

	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandcarrier"
	"demarc/internal/ondemand/ondemandtest"
)

func TestTheEmbeddedNetworkKeepsTheContract(t *testing.T) {
	t.Parallel()
	ondemandtest.NetworkContract(t, func(*testing.T) ondemandtest.Line {
		return ondemandtest.Line{
			Network: ondemandcarrier.Reference{},
			Force:   func(c *ondemand.Change, word string) { c.Hint = "Branch [demarc:" + word + "]" },
		}
	})
}

func TestTheConnectorKeepsTheContract(t *testing.T) {
	t.Parallel()
	ondemandtest.NetworkContract(t, func(t *testing.T) ondemandtest.Line {
		c := ondemandtest.NewController(t)
		return ondemandtest.Line{
			Network: c.Connect(t),
			Force:   func(change *ondemand.Change, word string) { c.Force(change.Order, word) },
			At:      func(now time.Time) { c.Clock(func() time.Time { return now }) },
			Changes: c.Changes,
		}
	})
}
