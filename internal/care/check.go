package care

import (
	"fmt"
	"slices"

	"demarc/internal/db"
)

// mostProblems bounds what an audit answers: of a million damaged accounts nobody
// reads more.
const mostProblems = 100

// Check audits the product's invariants in a world and answers what is wrong: every
// account and number has its unit's form, every amount its currency's precision, and
// every line leads to an account. It names accounts, never their owners.
func (d *Desk) Check(tx *db.Tx) ([]string, error) {
	var problems []string
	wrong := func(format string, args ...any) {
		if len(problems) < mostProblems {
			problems = append(problems, fmt.Sprintf(format, args...))
		}
	}
	err := d.Store.EachAccount(tx, func(a *Account) error {
		u, ok := UnitByCode(a.Unit)
		if !ok {
			wrong("care account %s is of the unit %q, which has no accounts", a.ID, a.Unit)
			return nil
		}
		said := *a
		if why := problem(u, &said); why != "" {
			wrong("care account %s %s: %s", a.Unit, a.ID, why)
		}
		switch {
		case !u.Customer.Fits(a.Customer):
			wrong("care account %s %s: a customer's id that none can have", a.Unit, a.ID)
		case a.Phone != "" && !u.Number.Fits(a.Phone):
			wrong("care account %s %s: a telephone number that none can have", a.Unit, a.ID)
		case len(a.Address.Postcode) != u.Postcode:
			wrong("care account %s %s: a postcode that none can have", a.Unit, a.ID)
		case !slices.Contains(u.States, a.State):
			wrong("care account %s %s: the state %q, which the unit does not know", a.Unit, a.ID, a.State)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = d.Store.EachLine(tx, func(l Line, found bool) error {
		u, ok := UnitByCode(l.Unit)
		switch {
		case !found:
			wrong("a care line of %s leads to the account %s, which is not there", l.Unit, l.Account)
		case !ok || !u.Number.Fits(l.Number):
			wrong("a care line of the account %s %s has a number that none can have", l.Unit, l.Account)
		case l.Kind != LineService && l.Kind != LineContact:
			wrong("a care line of the account %s %s is of the kind %q", l.Unit, l.Account, l.Kind)
		}
		return nil
	})
	return problems, err
}
