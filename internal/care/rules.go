package care

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"demarc/internal/fault"

	"github.com/govalues/decimal"
)

// The members of the source's enumerations, in their order there.
var (
	linesOfBusiness = []string{"PREPAID", "POSTPAID", "FIXED"}
	references      = []string{RefCustomer, RefAccount, RefService, RefRUT, RefTicket, RefRUTAccount, RefContact}
)

// What a customer may be found by.
const (
	RefCustomer   = "CUSTOMER_ID"
	RefAccount    = "ACCOUNT_NO"
	RefService    = "SERVICE_NO"
	RefRUT        = "RUT_ID"
	RefTicket     = "TICKETID"
	RefRUTAccount = "RUTID$ACCTID"
	RefContact    = "CONTACT_NO"

	// Fixed is the one line of business whose customers are identified.
	Fixed = "FIXED"
)

// implemented says by what each operation finds (source: "here it is for …" of the
// header refid).
var implemented = map[Operation][]string{
	BalanceEnquiry: {RefAccount},
	Accounts:       {RefService, RefContact},
}

// Names of the parameters, as the source has them.
const (
	paramUnit     = "businessId"
	headerLine    = "lob"
	headerRefID   = "refid"
	headerRefText = "refvalue"
)

// mostRefValue bounds the reference, in characters.
const mostRefValue = 100

// asked is a request as the rules understood it.
type asked struct {
	unit                   Unit
	line, refID, reference string
}

// check decides what can be decided about a request by itself. Everything that is
// wrong with it is 400, all of it together; what is right and not done here is 501.
func check(op Operation, r *Request) (asked, error) {
	var wrong fault.List
	var a asked
	var stub bool
	a.unit, stub = checkUnit(&wrong, r.Unit)
	a.line = checkEnum(&wrong, "CARE-LOB-01", headerLine, r.Line, linesOfBusiness)
	a.refID = checkEnum(&wrong, "CARE-REF-01", headerRefID, r.RefID, references)
	a.reference = checkReference(&wrong, r.RefValue)
	if len(wrong) > 0 {
		return a, wrong.As(BadRequest)
	}
	return a, checkImplemented(op, stub, r.Unit, &a)
}

// checkUnit takes the carrier's business units and no other text (source, [400]:
// "OO is not a valid enum value").
func checkUnit(wrong *fault.List, code string) (u Unit, stub bool) {
	u, answers := UnitByCode(code)
	stub = slices.Contains(stubs, code)
	if !answers && !stub {
		said := echo(code)
		wrong.Addf("CARE-UNIT-01", paramUnit, "Invalid value '%s' for uri parameter businessId. %s is not a valid enum value", said, said)
	}
	return u, stub
}

// checkEnum takes one of an enumeration's members, in its own spelling (source: the
// headers lob and refid, both mandatory).
func checkEnum(wrong *fault.List, rule, header string, values, members []string) string {
	value, ok := single(wrong, rule, header, values)
	if ok && !slices.Contains(members, value) {
		said := echo(value)
		wrong.Addf(rule, header, "Invalid value '%s' for header %s. %s is not a valid enum value", said, header, said)
	}
	return value
}

// checkReference takes any text of a bounded length (source: refvalue is mandatory).
// It names a customer, so unlike the other headers it is never repeated.
func checkReference(wrong *fault.List, values []string) string {
	value, ok := single(wrong, "CARE-REF-03", headerRefText, values)
	if ok && utf8.RuneCountInString(value) > mostRefValue {
		wrong.Addf("CARE-REF-03", headerRefText, "Invalid value for header refvalue. It may have at most %d characters", mostRefValue)
	}
	return value
}

// single is the one value of a header. Given twice, a header must say the same
// (CARE-HDR-01): which of two readers believes which value is how requests are
// smuggled past checks.
func single(wrong *fault.List, rule, header string, values []string) (value string, ok bool) {
	for i, v := range values {
		if i > 0 && v != value {
			wrong.Addf("CARE-HDR-01", header, "Header '%s' specified more than once", header)
			return "", false
		}
		value = v
	}
	if strings.TrimSpace(value) == "" {
		wrong.Addf(rule, header, "Required header '%s' not specified", header)
		return "", false
	}
	return value, true
}

// echo is a caller's text as we repeat it: bounded, and without what a terminal or
// a log would act on.
func echo(s string) string {
	const most = 60
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most])
	}
	return s
}

// checkImplemented tells what is known and not done here: another business unit
// ("for other BUs is Stub Implementation"), another line of business or another
// reference ("here it is for …").
func checkImplemented(op Operation, stub bool, unit string, a *asked) error {
	no := func(rule, field, with string) error {
		text := fmt.Sprintf("Not implemented for Operation GET /%s%s for Business Id: %s not implemented", op, with, unit)
		f := NotImplemented.Say("%s", text)
		f.Violations = fault.List{fault.Field(rule, field, text)}
		return f
	}
	switch {
	case stub:
		return no("CARE-UNIT-02", paramUnit, "")
	case a.line != Fixed:
		return no("CARE-LOB-02", headerLine, " with lob "+a.line)
	case !slices.Contains(implemented[op], a.refID):
		return no("CARE-REF-02", headerRefID, " with refid "+a.refID)
	}
	return nil
}

// findable reports whether an account of the unit can be found by a reference. One
// that none can have is answered like one that none has (CARE-REF-04; source, [404]:
// "not properly formed"), so that a stranger cannot learn the forms.
func findable(u Unit, refID, reference string) bool {
	if refID == RefAccount {
		return u.AccountNo.Fits(reference)
	}
	return u.Number.Fits(reference)
}

// ShowsEmail decides whether an answer with so many accounts carries the e-mail
// addresses (CARE-PRIV-01; source, use case 2: "the response provides email if the
// size of listAccounts is less than or equal to 3").
func ShowsEmail(accounts int) bool { return accounts <= 3 }

// Amount is an amount with exactly the decimals of the unit's currency
// (CARE-AMT-01; the source's amounts are numbers such as 277.94 and 0.00). ok is
// false when the amount has more, and would have to be rounded.
func Amount(u Unit, d decimal.Decimal) (exact decimal.Decimal, ok bool) {
	if d.MinScale() > u.Digits {
		return d, false
	}
	exact = d.Trim(u.Digits).Pad(u.Digits)
	return exact, exact.Scale() == u.Digits
}

// amounts are all of an account's.
func (a *Account) amounts() [6]*decimal.Decimal {
	return [...]*decimal.Decimal{&a.Receivable, &a.Delinquent, &a.Paid, &a.Credit, &a.Financial.Due, &a.Plan.Amount}
}

// problem says why what a billing system answered cannot be an account of the unit,
// "" when it can; its amounts then have their currency's precision (CARE-NET-03). It
// never repeats what the account says of its owner.
func problem(u Unit, a *Account) string {
	switch {
	case a.Unit != u.Code:
		return "an account of another business unit"
	case !u.AccountNo.Fits(a.ID):
		return "an account's number that none can have"
	case a.Currency != u.Currency:
		return "an account in another currency"
	case a.Name == "":
		return "an account without a name"
	}
	for _, d := range a.amounts() {
		exact, ok := Amount(u, *d)
		if !ok {
			return "an amount with more decimals than its currency"
		}
		*d = exact
	}
	return ""
}
