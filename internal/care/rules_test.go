package care

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"demarc/internal/fault"

	"github.com/govalues/decimal"
)

func good(op Operation) *Request {
	return &Request{Unit: "PR", Line: []string{"FIXED"}, RefID: []string{implemented[op][0]}, RefValue: []string{"x"}}
}

// broke lists what a request breaks: "CARE-LOB-01 lob".
func broke(t *testing.T, err error, code *fault.Code) (rules, texts []string) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Fatalf("got %v, want %s", err, code.ID)
	}
	for _, v := range fault.Of(err).Violations {
		rules, texts = append(rules, v.Rule+" "+v.Field), append(texts, v.Message)
	}
	return rules, texts
}

func TestRequestsAreRefusedWithTheRuleThatTheyBreak(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 101)
	for _, c := range []struct {
		name  string
		spoil func(r *Request)
		code  *fault.Code
		field string
		text  string
	}{
		{"CARE-UNIT-01 a unit that is none", func(r *Request) { r.Unit = "OO" }, BadRequest, "businessId",
			"Invalid value 'OO' for uri parameter businessId. OO is not a valid enum value"},
		{"CARE-UNIT-01 units are spelt in capitals", func(r *Request) { r.Unit = "pr" }, BadRequest, "businessId",
			"Invalid value 'pr' for uri parameter businessId. pr is not a valid enum value"},
		{"CARE-UNIT-01 what is echoed is bounded and without control characters", func(r *Request) { r.Unit = "a\x1b[31m\n" + strings.Repeat("é", 90) }, BadRequest, "businessId",
			"Invalid value 'a[31m" + strings.Repeat("é", 55) + "' for uri parameter businessId. a[31m" + strings.Repeat("é", 55) + " is not a valid enum value"},
		{"CARE-UNIT-02 a stub", func(r *Request) { r.Unit = "TT" }, NotImplemented, "businessId",
			"Not implemented for Operation GET /balanceEnquiry for Business Id: TT not implemented"},
		{"CARE-LOB-01 no line of business", func(r *Request) { r.Line = nil }, BadRequest, "lob", "Required header 'lob' not specified"},
		{"CARE-LOB-01 an empty one", func(r *Request) { r.Line = []string{" "} }, BadRequest, "lob", "Required header 'lob' not specified"},
		{"CARE-LOB-01 one that is none", func(r *Request) { r.Line = []string{"Fixed"} }, BadRequest, "lob",
			"Invalid value 'Fixed' for header lob. Fixed is not a valid enum value"},
		{"CARE-LOB-02 another line of business", func(r *Request) { r.Line = []string{"PREPAID"} }, NotImplemented, "lob",
			"Not implemented for Operation GET /balanceEnquiry with lob PREPAID for Business Id: PR not implemented"},
		{"CARE-REF-01 no reference", func(r *Request) { r.RefID = nil }, BadRequest, "refid", "Required header 'refid' not specified"},
		{"CARE-REF-01 one that is none", func(r *Request) { r.RefID = []string{"PHONE"} }, BadRequest, "refid",
			"Invalid value 'PHONE' for header refid. PHONE is not a valid enum value"},
		{"CARE-REF-02 another reference", func(r *Request) { r.RefID = []string{"CUSTOMER_ID"} }, NotImplemented, "refid",
			"Not implemented for Operation GET /balanceEnquiry with refid CUSTOMER_ID for Business Id: PR not implemented"},
		{"CARE-REF-02 the other operation's reference", func(r *Request) { r.RefID = []string{"SERVICE_NO"} }, NotImplemented, "refid",
			"Not implemented for Operation GET /balanceEnquiry with refid SERVICE_NO for Business Id: PR not implemented"},
		{"CARE-REF-03 no value", func(r *Request) { r.RefValue = []string{""} }, BadRequest, "refvalue", "Required header 'refvalue' not specified"},
		{"CARE-REF-03 a value of any length, which is not repeated", func(r *Request) { r.RefValue = []string{long} }, BadRequest, "refvalue",
			"Invalid value for header refvalue. It may have at most 100 characters"},
		{"CARE-HDR-01 a header that says two things", func(r *Request) { r.Line = []string{"FIXED", "PREPAID"} }, BadRequest, "lob",
			"Header 'lob' specified more than once"},
		{"CARE-HDR-01 two values", func(r *Request) { r.RefValue = []string{"1", "2"} }, BadRequest, "refvalue", "Header 'refvalue' specified more than once"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := good(BalanceEnquiry)
			c.spoil(r)
			_, err := check(BalanceEnquiry, r)
			rules, texts := broke(t, err, c.code)
			rule, _, _ := strings.Cut(c.name, " ")
			if !slices.Equal(rules, []string{rule + " " + c.field}) || !slices.Equal(texts, []string{c.text}) {
				t.Errorf("it breaks %q: %q, want %q", rules, texts, c.text)
			}
		})
	}
}

func TestCARE_HDR_01_AHeaderThatSaysTheSameTwiceSaysIt(t *testing.T) {
	t.Parallel()
	r := good(Accounts)
	r.Line = []string{"FIXED", "FIXED"}
	if _, err := check(Accounts, r); err != nil {
		t.Error(err)
	}
}

func TestEverythingThatIsWrongIsSaidAtOnceAndBeforeWhatIsNotDone(t *testing.T) {
	t.Parallel()
	_, err := check(Accounts, &Request{Unit: "OO", Line: []string{"X"}})
	rules, _ := broke(t, err, BadRequest)
	if want := []string{"CARE-UNIT-01 businessId", "CARE-LOB-01 lob", "CARE-REF-01 refid", "CARE-REF-03 refvalue"}; !slices.Equal(rules, want) {
		t.Errorf("it breaks %q, want %q", rules, want)
	}
	_, err = check(Accounts, &Request{Unit: "TT", Line: []string{"PREPAID"}, RefID: []string{"X"}, RefValue: []string{"1"}})
	if rules, _ := broke(t, err, BadRequest); !slices.Equal(rules, []string{"CARE-REF-01 refid"}) {
		t.Errorf("it breaks %q", rules)
	}
}

func TestCARE_UNIT_02_EveryOtherUnitOfTheCarrierIsAStub(t *testing.T) {
	t.Parallel()
	if len(stubs) != 15 {
		t.Errorf("there are %d stubs", len(stubs))
	}
	for _, op := range []Operation{BalanceEnquiry, Accounts} {
		for _, unit := range stubs {
			r := good(op)
			r.Unit = unit
			_, err := check(op, r)
			if rules, _ := broke(t, err, NotImplemented); !slices.Equal(rules, []string{"CARE-UNIT-02 businessId"}) {
				t.Errorf("%s: %q", unit, rules)
			}
		}
		for _, u := range Units() {
			r := good(op)
			r.Unit = u.Code
			if _, err := check(op, r); err != nil {
				t.Errorf("%s: %v", u.Code, err)
			}
		}
	}
}

func TestCARE_REF_02_AccountsAreFoundByTheirLinesAndTheirContacts(t *testing.T) {
	t.Parallel()
	for _, refID := range references {
		r := good(Accounts)
		r.RefID = []string{refID}
		_, err := check(Accounts, r)
		if done := refID == "SERVICE_NO" || refID == "CONTACT_NO"; done != (err == nil) {
			t.Errorf("%s: %v", refID, err)
		}
	}
}

func TestCARE_REF_04_AValueThatNoAccountCanHaveFindsNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unit, refID, value string
		can                bool
	}{
		{"PR", RefAccount, "8211990010013290", true}, {"PR", RefAccount, "821199001001329", false}, {"PR", RefAccount, "82119900100132901", false},
		{"PR", RefAccount, "821199001001329O", false}, {"PR", RefAccount, "", false}, {"PR", RefAccount, "８211990010013290", false},
		{"PR", RefService, "7879900001", true}, {"PR", RefContact, "9399900001", true}, {"PR", RefService, "8769900001", false},
		{"JM", RefAccount, "200500101", true}, {"JM", RefService, "8765550101", true}, {"JM", RefService, "6585550101", true}, {"JM", RefService, "7875550101", false},
		{"PA", RefAccount, "20050101", true}, {"PA", RefService, "5550101", true}, {"PA", RefService, "65550101", false},
		{"CL", RefAccount, "2000500101", true}, {"CL", RefService, "225550101", true}, {"CL", RefService, "+56225550101", false},
	} {
		u, _ := UnitByCode(c.unit)
		if got := findable(u, c.refID, c.value); got != c.can {
			t.Errorf("%s %s %q: %v", c.unit, c.refID, c.value, got)
		}
	}
}

func TestCARE_PRIV_01_UpToThreeAccountsShowTheirEmailAddresses(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{0: true, 1: true, 3: true, 4: false, 100: false} {
		if got := ShowsEmail(n); got != want {
			t.Errorf("with %d accounts: %v", n, got)
		}
	}
}

func TestCARE_AMT_01_AnAmountHasItsCurrencysPrecision(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unit, from, to string
	}{
		{"PR", "277.94", "277.94"}, {"PR", "0", "0.00"}, {"PR", "100", "100.00"}, {"PR", "1.500", "1.50"}, {"PR", "-12.3", "-12.30"}, {"PR", "1.005", ""},
		{"JM", "4599", "4599.00"}, {"PA", "0.1", "0.10"}, {"CL", "27990", "27990"}, {"CL", "27990.00", "27990"}, {"CL", "27990.5", ""},
		{"PR", "9999999999999999999", ""}, // has no room for cents
	} {
		u, _ := UnitByCode(c.unit)
		got, ok := Amount(u, decimal.MustParse(c.from))
		if ok != (c.to != "") || ok && got.String() != c.to {
			t.Errorf("%s of %s is %s, %v; want %q", c.from, c.unit, got, ok, c.to)
		}
	}
}

func TestCARE_NET_03_WhatCannotBeAnAccountOfTheUnitIsNotAnswered(t *testing.T) {
	t.Parallel()
	u, _ := UnitByCode("PR")
	for why, spoil := range map[string]func(a *Account){
		"":              func(*Account) {},
		"business unit": func(a *Account) { a.Unit = "JM" },
		"number":        func(a *Account) { a.ID = "1" },
		"currency":      func(a *Account) { a.Currency = "JMD" },
		"name":          func(a *Account) { a.Name = "" },
		"decimals":      func(a *Account) { a.Plan.Amount = decimal.MustParse("0.001") },
	} {
		a := johnDoe(u)
		spoil(&a)
		got := problem(u, &a)
		if (why == "") != (got == "") || !strings.Contains(got, why) || strings.Contains(got, "DOE") {
			t.Errorf("%q: %q", why, got)
		}
	}
}

func TestARUTHasItsCheckDigit(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"12345678-5", "11111111-1", "30686957-4", "1000005-K", "6000005-0"} {
		n := strings.IndexByte(good, '-')
		if fits := fitsRUT(good); !fits {
			t.Errorf("%s is refused; its check digit would be %s", good, RUT(mustInt(t, good[:n])))
		}
	}
	for _, bad := range []string{"", "12345678", "12345678-6", "12345678-", "-5", "012345678-5", "123456789-2", "123456-0", "1234567a-5", "12345678-55", "1000005-k"} {
		if fitsRUT(bad) {
			t.Errorf("%s is taken", bad)
		}
	}
}

func mustInt(t *testing.T, s string) (n int64) {
	t.Helper()
	for _, c := range s {
		n = n*10 + int64(c-'0')
	}
	return n
}
