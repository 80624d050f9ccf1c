package ondemandcarrier_test

import (
	"context"
	"errors"
	"testing"

	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandcarrier"
)

var errReal = errors.New("the real network was asked")

type realNetwork struct{}

func (realNetwork) Start(context.Context, ondemand.Change) (ondemand.Ticket, error) {
	return ondemand.Ticket{}, errReal
}

func (realNetwork) Status(context.Context, ondemand.Change, string) (ondemand.Progress, error) {
	return ondemand.Progress{}, errReal
}

func TestOrdersOfSandboxesNeverReachTheRealNetwork(t *testing.T) {
	t.Parallel()
	n := ondemandcarrier.Split{Production: realNetwork{}, Sandbox: ondemandcarrier.Reference{}}
	ticket, err := n.Start(t.Context(), ondemand.Change{Order: "a", Sandbox: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Status(t.Context(), ondemand.Change{Order: "a", Sandbox: true}, ticket.Ref); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Start(t.Context(), ondemand.Change{Order: "a"}); !errors.Is(err, errReal) {
		t.Fatalf("production was answered with %v", err)
	}
	if _, err := n.Status(t.Context(), ondemand.Change{Order: "a"}, "x"); !errors.Is(err, errReal) {
		t.Fatalf("production was answered with %v", err)
	}
}
