package care

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"demarc/internal/db"
	"demarc/internal/magic"

	"github.com/govalues/decimal"
)

// The examples of the source, which every fresh world holds under their numbers, so
// that a request pasted from it works.
const (
	ExampleAccount = "8211990010013290" // of the balance enquiry: JOHN DOE
	ExampleNumber  = "7879900001"       // of the accounts call: the one account of JANE DOE1
	ExampleOther   = "8211990010126498" // that account
	ExampleThree   = "7879900003"       // exactly as many accounts as may show e-mail addresses
	ExampleFour    = "7879900004"       // one more
	ExampleContact = "7875550103"       // at which JOHN DOE is reached
	exampleAbsent  = "7875550199"
)

// The inputs of a fresh world that do something special. All are SERVICE_NO of the
// accounts call, or ACCOUNT_NO of the balance enquiry, unless they say otherwise.
var _ = []magic.Value{
	magic.Example(Product, "refvalue of GET /bot-ux/v1/PR/balanceEnquiry", ExampleAccount, "the published example: JOHN DOE"),
	magic.Example(Product, "refvalue of GET /bot-ux/v1/PR/accounts", ExampleNumber, "the published example: the one account of JANE DOE1"),
	magic.Example(Product, "refvalue of GET /bot-ux/v1/PR/accounts", ExampleThree, "three accounts, with their e-mail addresses"),
	magic.Example(Product, "refvalue of GET /bot-ux/v1/PR/accounts", ExampleFour, "four accounts, which is too many to show e-mail addresses"),
	magic.Example(Product, "refvalue of GET /bot-ux/v1/PR/accounts", exampleAbsent, "nobody's: 404"),
	magic.Example(Product, "refvalue of GET /bot-ux/v1/PR/accounts", ExampleContact, "with the refid CONTACT_NO: JOHN DOE, who is reached there"),
	magic.Example(Product, "refvalue of GET /bot-ux/v1/JM/accounts", "8765550101, 8765550104", "one account (200500101) and four"),
	magic.Example(Product, "refvalue of GET /bot-ux/v1/JM/accounts", "8765550110", "with the refid CONTACT_NO: the account 200500101"),
	magic.Example(Product, "refvalue of GET /bot-ux/v1/PA/accounts", "5550101, 5550104", "one account (20050101) and four"),
	magic.Example(Product, "refvalue of GET /bot-ux/v1/PA/accounts", "5550110", "with the refid CONTACT_NO: the account 20050101"),
	magic.Example(Product, "refvalue of GET /bot-ux/v1/CL/accounts", "225550101, 225550104", "one account (2000500101) and four"),
	magic.Example(Product, "refvalue of GET /bot-ux/v1/CL/accounts", "225550110", "with the refid CONTACT_NO: the account 2000500101"),
}

// exampleAddresses are places of each unit, for customers that do not exist.
var exampleAddresses = map[string][]Address{
	"PR": {
		{"279 AVE PONCE DE LEON B2C FIBER ECOMMERCE TEST 2", "SAN JUAN", "PR", "009170000"},
		{"100 CALLE EJEMPLO", "PONCE", "PR", "007300000"}, {"200 AVE FICTICIA", "MAYAGUEZ", "PR", "006800000"},
	},
	"JM": {
		{"1 SAMPLE ROAD", "KINGSTON", "ST. ANDREW", ""}, {"2 SAMPLE ROAD", "MONTEGO BAY", "ST. JAMES", ""},
		{"3 SAMPLE ROAD", "MANDEVILLE", "MANCHESTER", ""}, {"4 SAMPLE ROAD", "SPANISH TOWN", "ST. CATHERINE", ""},
	},
	"PA": {
		{"CALLE EJEMPLO 1", "SAN FRANCISCO, PANAMA", "PANAMA", ""}, {"CALLE EJEMPLO 2", "BARRIO SUR, COLON", "COLON", ""},
		{"CALLE EJEMPLO 3", "DAVID, DAVID", "CHIRIQUI", ""}, {"CALLE EJEMPLO 4", "PENONOME, PENONOME", "COCLE", ""},
	},
	"CL": {
		{"AVENIDA EJEMPLO 1", "PROVIDENCIA", "METROPOLITANA DE SANTIAGO", "7500000"}, {"AVENIDA EJEMPLO 2", "VALPARAISO", "VALPARAISO", "2340000"},
		{"AVENIDA EJEMPLO 3", "CONCEPCION", "BIOBIO", "4030000"}, {"AVENIDA EJEMPLO 4", "TEMUCO", "LA ARAUCANIA", "4780000"},
	},
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// johnDoe is the account of the source's balance enquiry.
func johnDoe(u Unit) Account {
	return Account{
		Unit: u.Code, ID: ExampleAccount, Kind: Residential, Name: "JOHN DOE", State: "Chard Off", PaymentStatus: "Z",
		Customer: "1101521435631", Party: "9999", Address: Address{"LIBERTY TOWER APT 2020", "SAN JUAN", "PR", "009170000"},
		Phone: ExampleContact, PhoneType: "Home", Email: "JOHN.DOE@EXAMPLE.COM", Currency: u.Currency,
		Receivable: cents(u, 27794), Delinquent: cents(u, 27794), Paid: cents(u, 0), Credit: cents(u, 10000),
		Financial: Financial{ID: "2063", Due: cents(u, 100)}, Plan: Plan{Type: "Auto Pay Disable", Every: "01", Amount: cents(u, 0)},
		Media: "Email", CycleShift: 1, Location: "00917000000914", Dunning: "090", DelinquencyDays: 882,
		ModifiedAt: date(2021, time.April, 30), OpenedAt: date(2021, time.April, 6), ClosedAt: date(2021, time.April, 30),
		PeriodFrom: date(2023, time.June, 29), PeriodTo: date(2023, time.July, 28), Contacts: []string{ExampleContact},
	}
}

// puertoRican is one more account there, with the number that it is found by.
func puertoRican(u Unit, id, name, email, customer, number string) Account {
	a := johnDoe(u)
	a.ID, a.Name, a.State, a.PaymentStatus, a.Email, a.Customer = id, name, u.States[0], "A", email, customer
	a.Address, a.Phone = exampleAddresses[u.Code][0], number
	a.Receivable, a.Delinquent, a.Paid, a.DelinquencyDays, a.Dunning = cents(u, 6499), cents(u, 0), cents(u, 6499), 0, "000"
	a.PaidAt, a.ClosedAt = date(2023, time.June, 15), time.Time{}
	a.Services, a.Contacts = []string{number}, []string{number}
	return a
}

// elsewhere are the four accounts of another unit: the number that ends in 0101 is
// the first one's alone, the one that ends in 0104 is all four's.
func elsewhere(u Unit, firstID int64, firstCustomer func(i int64) string, number string) []Account {
	var list []Account
	for i := range int64(4) {
		a := Account{
			Unit: u.Code, ID: fmt.Sprint(firstID + i), Kind: Residential, Name: fmt.Sprintf("%s EXAMPLE %d", u.Code, i+1), State: u.States[0],
			PaymentStatus: "A", Customer: firstCustomer(i + 1), Party: fmt.Sprint(101 + i), Address: exampleAddresses[u.Code][i],
			Phone: number + "0104", PhoneType: "Home", Email: fmt.Sprintf("%s.EXAMPLE%d@EXAMPLE.COM", u.Code, i+1), Currency: u.Currency,
			Receivable: cents(u, 459_900+i*12_345), Delinquent: cents(u, 0), Paid: cents(u, 459_900), Credit: cents(u, 1_000_000),
			Financial: Financial{ID: fmt.Sprint(3001 + i), Due: cents(u, 459_900+i*12_345)}, Media: "Email", CycleShift: 1,
			PaidAt: date(2023, time.June, 15), ModifiedAt: date(2023, time.June, 15), OpenedAt: date(2021, time.April, 6),
			PeriodFrom: date(2023, time.June, 1), PeriodTo: date(2023, time.June, 30),
			Services: []string{number + "0104"}, Contacts: []string{fmt.Sprintf("%s01%02d", number, 10+i)},
		}
		switch i {
		case 0:
			a.Phone, a.Services = number+"0101", append(a.Services, number+"0101")
		case 1:
			a.Kind, a.PhoneType, a.Media = Business, "Work", "Paper"
			a.Plan = Plan{Type: "Auto Pay Enable", Every: "01", Amount: a.Receivable}
		case 2:
			a.State, a.PaymentStatus, a.Paid, a.PaidAt = u.States[1], "D", decimal.Decimal{}, time.Time{}
			a.Delinquent, a.Dunning, a.DelinquencyDays = a.Receivable, "030", 34
		}
		list = append(list, a)
	}
	return list
}

// exampleAccounts are the accounts of a fresh world.
var exampleAccounts = sync.OnceValue(func() []Account {
	pr, _ := UnitByCode("PR")
	jm, _ := UnitByCode("JM")
	pa, _ := UnitByCode("PA")
	cl, _ := UnitByCode("CL")
	john, jane := johnDoe(pr), puertoRican(pr, ExampleOther, "JANE DOE1", "JANE.DOE1@EXAMPLE.COM", "1901507893327", ExampleNumber)
	jane.Contacts = []string{"7875550101"}
	list := []Account{john, jane}
	for i := range int64(3) {
		list = append(list, puertoRican(pr, fmt.Sprint(8211990010300001+i), fmt.Sprintf("THREE EXAMPLE %d", i+1),
			fmt.Sprintf("THREE.EXAMPLE%d@EXAMPLE.COM", i+1), fmt.Sprint(1901500000301+i), ExampleThree))
	}
	for i := range int64(4) {
		list = append(list, puertoRican(pr, fmt.Sprint(8211990010400001+i), fmt.Sprintf("FOUR EXAMPLE %d", i+1),
			fmt.Sprintf("FOUR.EXAMPLE%d@EXAMPLE.COM", i+1), fmt.Sprint(1901500000401+i), ExampleFour))
	}
	numbered := func(first int64) func(int64) string { return func(i int64) string { return fmt.Sprint(first + i) } }
	list = append(list, elsewhere(jm, 200500101, numbered(1200500100), "876555")...)
	list = append(list, elsewhere(pa, 20050101, numbered(800500100), "555")...)
	return append(list, elsewhere(cl, 2000500101, func(i int64) string { return RUT(39_900_000 + i) }, "22555")...)
})

// Examples are the accounts that every fresh world holds.
func Examples() []Account { return slices.Clone(exampleAccounts()) }

// Seed fills a fresh world.
func (d *Desk) Seed(tx *db.Tx) error {
	d.Store.Add(tx, exampleAccounts())
	return nil
}
