package care

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/govalues/decimal"
)

// What is loaded into the embedded billing system is held to what Check audits, and
// whoever loads it is told which field is wrong, by the name that files have for it.

// CheckAccount says what keeps an account from being loaded, by field; the account's
// amounts have their currency's precision afterwards. It never repeats what the account
// says of its owner.
func CheckAccount(a *Account) error {
	u, ok := UnitByCode(a.Unit)
	if !ok {
		codes := make([]string, len(units))
		for i, u := range units {
			codes[i] = u.Code
		}
		return fmt.Errorf("unit must be one of %s", strings.Join(codes, ", "))
	}
	switch {
	case !u.AccountNo.Fits(a.ID):
		return fmt.Errorf("id must have %s, as accounts of %s have", u.AccountNo, u.Code)
	case a.Currency != u.Currency:
		return fmt.Errorf("currency must be %s", u.Currency)
	case a.Name == "":
		return errors.New("name must be given")
	case !u.Customer.Fits(a.Customer):
		return fmt.Errorf("customerId must have %s, as customers of %s have", u.Customer, u.Code)
	case a.Phone != "" && !u.Number.Fits(a.Phone):
		return fmt.Errorf("phone must have %s, as numbers of %s have", u.Number, u.Code)
	case len(a.Address.Postcode) != u.Postcode && u.Postcode == 0:
		return fmt.Errorf("address.postcode must be left out: %s has none", u.Code)
	case len(a.Address.Postcode) != u.Postcode:
		return fmt.Errorf("address.postcode must have %d digits", u.Postcode)
	case !slices.Contains(u.States, a.State):
		return fmt.Errorf("state must be one of %s, as %s calls them", strings.Join(u.States, ", "), u.Code)
	}
	if err := checkNumbers(u, a); err != nil {
		return err
	}
	for _, f := range []struct {
		name   string
		amount *decimal.Decimal
	}{{"receivable", &a.Receivable}, {"delinquent", &a.Delinquent}, {"lastPayment", &a.Paid}, {"creditLimit", &a.Credit},
		{"financialAccount.receivable", &a.Financial.Due}, {"paymentPlan.amount", &a.Plan.Amount}} {
		exact, ok := Amount(u, *f.amount)
		if !ok {
			return fmt.Errorf("%s must be an amount in %s, with at most %d decimals", f.name, u.Currency, u.Digits)
		}
		*f.amount = exact
	}
	return nil
}

func checkNumbers(u Unit, a *Account) error {
	for _, list := range []struct {
		name    string
		numbers []string
	}{{"serviceNumbers", a.Services}, {"contactNumbers", a.Contacts}} {
		for i, n := range list.numbers {
			if !u.Number.Fits(n) {
				return fmt.Errorf("%s[%d] must have %s, as numbers of %s have", list.name, i, u.Number, u.Code)
			}
		}
	}
	return nil
}

// String says what has the form: "10 digits, the first of them 787 or 939".
func (f Form) String() string {
	switch {
	case f.fits != nil:
		return "the form of a RUT, such as 12345678-5"
	case len(f.Prefixes) > 0:
		return strconv.Itoa(f.Digits) + " digits, the first of them " + strings.Join(f.Prefixes, " or ")
	}
	return strconv.Itoa(f.Digits) + " digits"
}
