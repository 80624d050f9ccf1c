package identity

import (
	"errors"

	"demarc/internal/machine"
)

// The states of an approval.
const (
	Pending  = "pending"
	Approved = "approved"
	Revoked  = "revoked"
)

// The events of an approval.
const (
	approve = "approve"
	revoke  = "revoke"
)

// Approval is the life of an application, and of each product it asks for.
var Approval = machine.Table{
	Name:    "approval",
	Title:   "An application, and each product that it asks for, is approved by the carrier's staff; in a sandbox at once.",
	Initial: Pending,
	Final:   []string{Revoked},
	Rows: []machine.Row{
		{From: Pending, Event: approve, To: Approved, Why: "staff approves; a sandbox approves by itself"},
		{From: Pending, Event: revoke, To: Revoked, Why: "staff declines"},
		{From: Approved, Event: revoke, To: Revoked, Why: "staff withdraws; its tokens end"},
	},
}

// fire moves an approval, or answers the fault that lists the legal moves.
func fire(what, state, event string) (string, error) {
	to, err := Approval.Fire(state, event)
	if wrong, ok := errors.AsType[*machine.WrongMove](err); ok {
		f := ApprovalMove.Instead(wrong.Legal)
		f.Message = what + " is " + state + "; " + event + " is not possible."
		return "", f
	}
	return to, err
}
