package caretest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"demarc/internal/care"
)

// Bench is a billing system under its contract, and what the contract must be able
// to do to it. It holds the example accounts of the unit PR.
type Bench struct {
	Billing care.Billing
	World   string
	// Force makes the system treat a question as a magic word says.
	Force func(q *care.Query, word string)
}

func (b Bench) ask(refID, value string) care.Query {
	return care.Query{World: b.World, Unit: "PR", Sandbox: true, Line: care.Fixed, RefID: refID, Value: value, Correlation: "corr-1"}
}

// BillingContract is what every billing system must do, whatever is behind it. open
// makes one for each part of the contract.
func BillingContract(t *testing.T, open func(t *testing.T) Bench) {
	t.Run("finds one account by its number, with all that is known of it", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		a, err := b.Billing.Account(t.Context(), b.ask(care.RefAccount, care.ExampleAccount))
		if err != nil || a == nil {
			t.Fatalf("it answers %+v, %v", a, err)
		}
		want := care.Examples()[0]
		a.Services, a.Contacts, want.Services, want.Contacts = nil, nil, nil, nil
		if !sameAccount(*a, want) {
			t.Errorf("it answers\n%+v, want\n%+v", *a, want)
		}
	})
	t.Run("finds the accounts with a number, by id", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		for refID, numbers := range map[string]map[string]int{
			care.RefService: {care.ExampleNumber: 1, care.ExampleThree: 3, care.ExampleFour: 4, care.ExampleContact: 0, "7875550199": 0},
			care.RefContact: {care.ExampleContact: 1, care.ExampleThree: 3, care.ExampleFour: 4, care.ExampleNumber: 0, "7875550199": 0},
		} {
			for number, want := range numbers {
				list, err := b.Billing.Accounts(t.Context(), b.ask(refID, number))
				if err != nil || len(list) != want {
					t.Errorf("%s %s: %d accounts, %v; want %d", refID, number, len(list), err, want)
				}
				if !slices.IsSortedFunc(list, func(a, b care.Account) int { return compare(a.ID, b.ID) }) {
					t.Errorf("%s %s: not by id", refID, number)
				}
				for _, a := range list {
					if a.Unit != "PR" || a.Name == "" || a.Phone == "" || a.Email == "" || a.Customer == "" || a.Address.City == "" || a.Currency != "USD" || a.State == "" {
						t.Errorf("%s %s: the account is %+v", refID, number, a)
					}
				}
			}
		}
	})
	t.Run("says that there is none", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		for _, id := range []string{"8211990010013291", "2000500101", ""} {
			if a, err := b.Billing.Account(t.Context(), b.ask(care.RefAccount, id)); err != nil || a != nil {
				t.Errorf("about %q it answers %+v, %v", id, a, err)
			}
		}
	})
	t.Run("CARE-NET-01 says that it cannot be reached, without its own address", func(t *testing.T) {
		t.Parallel()
		fails(t, open(t), care.WordUnavailable, true)
	})
	t.Run("CARE-NET-02 answers nothing when its answer cannot be read", func(t *testing.T) {
		t.Parallel()
		fails(t, open(t), care.WordWrong, false)
	})
	t.Run("gives up with its caller", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if a, err := b.Billing.Account(ctx, b.ask(care.RefAccount, care.ExampleAccount)); !errors.Is(err, context.Canceled) || a != nil {
			t.Errorf("it answers %+v, %v", a, err)
		}
	})
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// sameAccount compares accounts whose amounts may be written with other scales.
func sameAccount(a, b care.Account) bool {
	same := a.Receivable.Equal(b.Receivable) && a.Delinquent.Equal(b.Delinquent) && a.Paid.Equal(b.Paid) && a.Credit.Equal(b.Credit) &&
		a.Financial.Due.Equal(b.Financial.Due) && a.Plan.Amount.Equal(b.Plan.Amount)
	return same && a.Unit == b.Unit && a.ID == b.ID && a.Kind == b.Kind && a.Name == b.Name && a.State == b.State && a.PaymentStatus == b.PaymentStatus &&
		a.Customer == b.Customer && a.Party == b.Party && a.Address == b.Address && a.Phone == b.Phone && a.PhoneType == b.PhoneType &&
		a.Email == b.Email && a.Currency == b.Currency && a.Financial.ID == b.Financial.ID && a.Plan.Type == b.Plan.Type && a.Plan.Every == b.Plan.Every &&
		a.Media == b.Media && a.CycleShift == b.CycleShift && a.Location == b.Location && a.Dunning == b.Dunning && a.DelinquencyDays == b.DelinquencyDays &&
		a.PaidAt.Equal(b.PaidAt) && a.ModifiedAt.Equal(b.ModifiedAt) && a.OpenedAt.Equal(b.OpenedAt) && a.ClosedAt.Equal(b.ClosedAt) &&
		a.PeriodFrom.Equal(b.PeriodFrom) && a.PeriodTo.Equal(b.PeriodTo)
}

// fails expects both questions to fail, down or otherwise.
func fails(t *testing.T, b Bench, word string, down bool) {
	t.Helper()
	check := func(what string, err error) {
		var u *care.Unavailable
		switch {
		case err == nil || errors.As(err, &u) != down:
			t.Errorf("%s is answered with %v", what, err)
		case down && *u != *care.Down("PR"):
			t.Errorf("%s: it says %q", what, u)
		}
	}
	q := b.ask(care.RefAccount, care.ExampleAccount)
	b.Force(&q, word)
	a, err := b.Billing.Account(t.Context(), q)
	if a != nil {
		t.Errorf("with the error comes %+v", a)
	}
	check("an account", err)
	q = b.ask(care.RefService, care.ExampleNumber)
	b.Force(&q, word)
	list, err := b.Billing.Accounts(t.Context(), q)
	if list != nil {
		t.Errorf("with the error comes %+v", list)
	}
	check("a number", err)
}
