package care

import (
	"fmt"
	"time"

	"github.com/govalues/decimal"
)

// MostSynthetic is how many synthetic accounts a unit can have.
const MostSynthetic = 10_000_000

// sharing is how many synthetic accounts have one contact number: more than an
// answer may carry e-mail addresses for.
const sharing = 5

// Synthetic makes the n-th of up to MostSynthetic accounts of a unit, for load. It is
// a pure function: the same n, the same account. The accounts come by id when n
// grows, which is the order in which a table is filled fastest.
//
// None of the numbers can be anybody's. Carriers do not give account numbers that
// begin with a zero. In North America (PR, JM) no exchange, the three digits behind
// the area code, begins with 0 or 1; those of the accounts' lines begin with 0, those
// of their owners with 1. In Panama and Chile no subscriber's number begins with 0 or
// 1 either. Chile's taxpayers have not come to thirty million yet.
//
// A line is shared when there are fewer numbers than accounts; a contact number is
// always shared by five accounts.
func Synthetic(unit string, n int64) Account {
	u, ok := UnitByCode(unit)
	if !ok || n < 0 || n >= MostSynthetic {
		return Account{}
	}
	day := time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n%1500))
	a := Account{
		Unit: u.Code, ID: fmt.Sprintf("%0*d", u.AccountNo.Digits, n), Kind: Residential, Name: fmt.Sprintf("SYNTHETIC CUSTOMER %d", n),
		State: u.States[0], PaymentStatus: "A", Customer: syntheticCustomer(u, n), Party: fmt.Sprintf("%d", 10_000+n%1000),
		PhoneType: "Home", Email: fmt.Sprintf("CUSTOMER%d@EXAMPLE.COM", n), Currency: u.Currency,
		Receivable: cents(u, n*37%50_000), Delinquent: cents(u, 0), Paid: cents(u, n*53%40_000), Credit: cents(u, 10_000),
		Financial: Financial{ID: fmt.Sprintf("%d", 2000+n%5000), Due: cents(u, n*37%50_000)},
		Plan:      Plan{Type: "Auto Pay Enable", Every: "01", Amount: cents(u, 0)}, Media: "Email", CycleShift: int(n%28) + 1,
		PaidAt: day.AddDate(0, 0, 20), ModifiedAt: day.AddDate(0, 0, 40), OpenedAt: day, PeriodFrom: day.AddDate(0, 0, 30), PeriodTo: day.AddDate(0, 0, 59),
	}
	if n%10 == 9 {
		a.Kind, a.PhoneType = Business, "Work"
	}
	place := exampleAddresses[u.Code][n%int64(len(exampleAddresses[u.Code]))]
	place.Street = fmt.Sprintf("%d %s", n%997+1, place.Street)
	a.Address = place
	line, contact := syntheticNumber(u, '0', n), syntheticNumber(u, '1', n/sharing)
	a.Phone, a.Services, a.Contacts = line, []string{line}, []string{contact}
	return a
}

// syntheticNumber is the n-th number whose first digit, behind the area code if
// there is one, is the given one; behind the last comes the first again.
func syntheticNumber(u Unit, first byte, n int64) string {
	area := ""
	digits := u.Number.Digits - 1
	if len(u.Number.Prefixes) > 0 {
		area = u.Number.Prefixes[n/1_000_000%int64(len(u.Number.Prefixes))]
		digits -= len(area)
	}
	most := int64(1)
	for range digits {
		most *= 10
	}
	return fmt.Sprintf("%s%c%0*d", area, first, digits, n%most)
}

func syntheticCustomer(u Unit, n int64) string {
	if u.Customer.fits != nil {
		return RUT(30_000_000 + n)
	}
	return fmt.Sprintf("%0*d", u.Customer.Digits, n)
}

// cents is an amount from its smallest parts.
func cents(u Unit, n int64) decimal.Decimal {
	d, err := decimal.New(n, u.Digits)
	if err != nil {
		return decimal.Decimal{} // no currency has so many decimals
	}
	return d
}
