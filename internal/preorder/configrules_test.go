package preorder

import (
	"strings"
	"testing"
	"time"

	"demarc/internal/fault"
)

// testNow is in the evening of May 31 in Chicago, and on June 1 in UTC.
var testNow = time.Date(2040, time.June, 1, 3, 0, 0, 0, time.UTC)

func install(s string) *Text {
	t := Text(s)
	return &t
}

// goodConfig is a Config of a technician's 100 Mbps, on a line over copper.
func goodConfig() (*ConfigureRequest, configFacts) {
	return &ConfigureRequest{TransactionID: testTx, SalesCode: ExampleSalesCode, PartnerID: ExamplePartner, PartnerOrderID: "PO-1_a.b c", ConfigType: "Config", DetailID: "AD-1",
			ProductCode: "HSI-100-POST", BillType: Postpaid, Install: install(Tech), Customer: &CustomerRequest{First: "Avery", Last: "Example", SSN: "123-45-6789", DOB: "05/31/2022"}},
		configFacts{partner: testPartner, now: testNow, tx: &Transaction{ID: testTx, Partner: ExamplePartner, SalesCode: ExampleSalesCode, State: TxQualified,
			Address: &Address{DetailID: "AD-1", Address: testAddress}, Loop: Loop{Technology: TechVDSL, MaxDown: 100, MaxUp: 20}, CreatedAt: testNow.Add(-20 * time.Hour),
			Offers: []string{"LOCAL-PRE", "LOCAL-POST", "LD-POST", "HSI-20-PRE", "HSI-20-POST", "HSI-100-PRE", "HSI-100-POST", "BUNDLE-20-POST"}}}
}

// goodReconfig changes that to 20 Mbps, by oneself.
func goodReconfig() (*ConfigureRequest, configFacts) {
	r, f := goodConfig()
	r.ConfigType, r.Customer, r.ProductCode, r.Install = "Reconfig", nil, "HSI-20-POST", install(Self)
	f.tx.PartnerOrderID, f.pairTx = "PO-1_a.b c", testTx
	f.tx.Config = &Configuration{ProductCode: "HSI-100-POST", BillType: Postpaid, Credit: CreditDecision{Decision: DecisionDeposit, Class: 2}}
	return r, f
}

type spoil = func(r *ConfigureRequest, f *configFacts)

func TestConfigs(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		spoil spoil
		want  []string
	}{
		"all is well":                              {func(*ConfigureRequest, *configFacts) {}, nil},
		"PX-CFG-2106 no type":                      {func(r *ConfigureRequest, _ *configFacts) { r.ConfigType = "" }, []string{"PX-CFG-2106"}},
		"PX-CFG-2106 a third type":                 {func(r *ConfigureRequest, _ *configFacts) { r.ConfigType = "ReConfig" }, []string{"PX-CFG-2106"}},
		"PX-CFG-2000 another partner's sales code": {func(r *ConfigureRequest, f *configFacts) { r.SalesCode, f.tx = otherSalesCode, nil }, []string{"PX-CFG-2000", "PX-CFG-2070"}},
		"PX-CFG-2030 another partner":              {func(r *ConfigureRequest, _ *configFacts) { r.PartnerID = OtherPartner }, []string{"PX-CFG-2030"}},
		"PX-CFG-2030 no partner":                   {func(r *ConfigureRequest, _ *configFacts) { r.PartnerID = "" }, []string{"PX-CFG-2030"}},
		"PX-CFG-2070 nobody's transaction":         {func(_ *ConfigureRequest, f *configFacts) { f.tx = nil }, []string{"PX-CFG-2070"}},
		"PX-CFG-2070 no transaction":               {func(r *ConfigureRequest, f *configFacts) { r.TransactionID, f.tx = "", nil }, []string{"PX-CFG-2070"}},
		"PX-CFG-2070 one that waits":               {func(_ *ConfigureRequest, f *configFacts) { f.tx.State, f.tx.Address = TxNear, nil }, []string{"PX-CFG-2070"}},
		"PX-CFG-2070 one under another sales code": {func(r *ConfigureRequest, _ *configFacts) { r.SalesCode = "SC10002" }, []string{"PX-CFG-2070"}},
		"PX-CFG-2200 of the day before":            {func(_ *ConfigureRequest, f *configFacts) { f.tx.CreatedAt = testNow.Add(-23 * time.Hour) }, []string{"PX-CFG-2200"}},
		"PX-CFG-2025 no address":                   {func(r *ConfigureRequest, _ *configFacts) { r.DetailID = "" }, []string{"PX-CFG-2025"}},
		"PX-CFG-2025 another address":              {func(r *ConfigureRequest, _ *configFacts) { r.DetailID = "AD-2" }, []string{"PX-CFG-2025"}},
		"PX-CFG-2105 an order id of 51 signs":      {func(r *ConfigureRequest, _ *configFacts) { r.PartnerOrderID = Text(strings.Repeat("x", 51)) }, []string{"PX-CFG-2105"}},
		"an order id of 50 signs":                  {func(r *ConfigureRequest, _ *configFacts) { r.PartnerOrderID = Text(strings.Repeat("x", 50)) }, nil},
		"PX-CFG-2225 no order id":                  {func(r *ConfigureRequest, _ *configFacts) { r.PartnerOrderID = "" }, []string{"PX-CFG-2225"}},
		"PX-CFG-2225 an order id with a hash sign": {func(r *ConfigureRequest, _ *configFacts) { r.PartnerOrderID = "PO#1" }, []string{"PX-CFG-2225"}},
		"PX-CFG-2225 an order id with a bracket":   {func(r *ConfigureRequest, _ *configFacts) { r.PartnerOrderID = "<>" }, []string{"PX-CFG-2225"}},
		"PX-CFG-2225 an order id with an umlaut":   {func(r *ConfigureRequest, _ *configFacts) { r.PartnerOrderID = "PO Köln" }, []string{"PX-CFG-2225"}},
		"PX-CFG-2225 an order id of two lines":     {func(r *ConfigureRequest, _ *configFacts) { r.PartnerOrderID = "PO\n1" }, []string{"PX-CFG-2225"}},
		"PX-CFG-2130 the pair is an order's":       {func(_ *ConfigureRequest, f *configFacts) { f.pairTx, f.pairOrder = "PX-OTHER", true }, []string{"PX-CFG-2130"}},
		"PX-CFG-2130 the transaction has become an order": {func(_ *ConfigureRequest, f *configFacts) {
			f.tx.PartnerOrderID, f.pairTx, f.pairOrder = "PO-1_a.b c", testTx, true
		}, []string{"PX-CFG-2130"}},
		"PX-CFG-2131 the pair is another transaction's": {func(_ *ConfigureRequest, f *configFacts) { f.pairTx = "PX-OTHER" }, []string{"PX-CFG-2131"}},
		"PX-CFG-2131 the transaction has another one":   {func(_ *ConfigureRequest, f *configFacts) { f.tx.PartnerOrderID = "PO-1" }, []string{"PX-CFG-2131"}},
		"the transaction has this one":                  {func(_ *ConfigureRequest, f *configFacts) { f.tx.PartnerOrderID, f.pairTx = "PO-1_a.b c", testTx }, nil},
		"PX-CFG-2120 no product":                        {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode = "" }, []string{"PX-CFG-2120"}},
		"PX-CFG-2120 no product and no transaction":     {func(r *ConfigureRequest, f *configFacts) { r.ProductCode, f.tx = "", nil }, []string{"PX-CFG-2070", "PX-CFG-2120"}},
		"PX-CFG-2110 a product that was not offered":    {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode = "HSI-940-POST" }, []string{"PX-CFG-2110"}},
		"PX-CFG-2110 no product of that code":           {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode = "hsi-100-post" }, []string{"PX-CFG-2110"}},
		"PX-CFG-2140 no bill type":                      {func(r *ConfigureRequest, _ *configFacts) { r.BillType = "" }, []string{"PX-CFG-2140"}},
		"PX-CFG-2140 the other bill type":               {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode = "HSI-100-PRE" }, []string{"PX-CFG-2140"}},
		"PX-CFG-2100 a promotion of another segment":    {func(r *ConfigureRequest, _ *configFacts) { r.PromoCode = "BIZ20" }, []string{"PX-CFG-2100"}},
		"PX-CFG-2100 no such promotion":                 {func(r *ConfigureRequest, _ *configFacts) { r.PromoCode = "FREE" }, []string{"PX-CFG-2100"}},
		"PX-CFG-2180 a promotion of another product":    {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode, r.PromoCode = "HSI-20-POST", "NOSETUP" }, []string{"PX-CFG-2180"}},
		"a promotion of the product":                    {func(r *ConfigureRequest, _ *configFacts) { r.PromoCode = "NOSETUP" }, nil},
		"PX-CFG-2160 nobody installs broadband":         {func(r *ConfigureRequest, _ *configFacts) { r.Install = nil }, []string{"PX-CFG-2160"}},
		"PX-CFG-2160 an empty text installs broadband":  {func(r *ConfigureRequest, _ *configFacts) { r.Install = install("") }, []string{"PX-CFG-2160"}},
		"PX-CFG-2160 a neighbour installs it":           {func(r *ConfigureRequest, _ *configFacts) { r.Install = install("NEIGHBOUR") }, []string{"PX-CFG-2160"}},
		"PX-CFG-2160 oneself where a technician must":   {func(r *ConfigureRequest, _ *configFacts) { r.Install = install(Self) }, []string{"PX-CFG-2160"}},
		"PX-CFG-2160 a technician for voice":            {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode = "LOCAL-POST" }, []string{"PX-CFG-2160"}},
		"null for voice":                                {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode, r.Install = "LOCAL-POST", nil }, nil},
		"oneself at a speed that one may":               {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode, r.Install = "HSI-20-POST", install(Self) }, nil},
		"a technician all the same":                     {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode = "HSI-20-POST" }, nil},
		"PX-CFG-MODEM none of that name":                {func(r *ConfigureRequest, _ *configFacts) { r.ModemOption = "RENT" }, []string{"PX-CFG-MODEM"}},
		"PX-CFG-MODEM one's own with a technician":      {func(r *ConfigureRequest, _ *configFacts) { r.ModemOption = "OWN" }, []string{"PX-CFG-MODEM"}},
		"PX-CFG-MODEM one for voice": {func(r *ConfigureRequest, _ *configFacts) {
			r.ProductCode, r.Install, r.ModemOption = "LOCAL-POST", nil, "LEASE"
		}, []string{"PX-CFG-MODEM"}},
		"one's own modem": {func(r *ConfigureRequest, _ *configFacts) {
			r.ProductCode, r.Install, r.ModemOption = "HSI-20-POST", install(Self), "OWN"
		}, nil},
		"PX-CFG-ADDON none of that name": {func(r *ConfigureRequest, _ *configFacts) { r.AddOns = []Text{"JACK", "SPOON"} }, []string{"PX-CFG-ADDON"}},
		"PX-CFG-ADDON one twice":         {func(r *ConfigureRequest, _ *configFacts) { r.AddOns = []Text{"JACK", "JACK"} }, []string{"PX-CFG-ADDON"}},
		"PX-CFG-ADDON for broadband only": {func(r *ConfigureRequest, _ *configFacts) {
			r.ProductCode, r.Install, r.AddOns = "LOCAL-POST", nil, []Text{"EASE-STD"}
		}, []string{"PX-CFG-ADDON"}},
		"all add-ons": {func(r *ConfigureRequest, _ *configFacts) {
			r.AddOns = []Text{"LINEGUARD", "EASE-ADV", "EASE-STD", " JACK "}
		}, nil},
		"PX-CFG-1040 no first name":                   {func(r *ConfigureRequest, _ *configFacts) { r.Customer.First = " " }, []string{"PX-CFG-1040"}},
		"PX-CFG-1040 a first name with a digit":       {func(r *ConfigureRequest, _ *configFacts) { r.Customer.First = "Av3ry" }, []string{"PX-CFG-1040"}},
		"PX-CFG-1050 no last name":                    {func(r *ConfigureRequest, _ *configFacts) { r.Customer.Last = "" }, []string{"PX-CFG-1050"}},
		"PX-CFG-1050 a last name of 51 letters":       {func(r *ConfigureRequest, _ *configFacts) { r.Customer.Last = Text(strings.Repeat("x", 51)) }, []string{"PX-CFG-1050"}},
		"PX-CFG-1060 no number":                       {func(r *ConfigureRequest, _ *configFacts) { r.Customer.SSN = "" }, []string{"PX-CFG-1060"}},
		"PX-CFG-1060 a number with a prepaid product": {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode, r.BillType = "HSI-100-PRE", Prepaid }, []string{"PX-CFG-1060"}},
		"all 9s with a prepaid product": {func(r *ConfigureRequest, _ *configFacts) {
			r.ProductCode, r.BillType, r.Customer.SSN = "HSI-100-PRE", Prepaid, "999 99 9999"
		}, nil},
		"PX-CFG-1070 no date of birth":              {func(r *ConfigureRequest, _ *configFacts) { r.Customer.DOB = "" }, []string{"PX-CFG-1070"}},
		"PX-CFG-1070 eighteen tomorrow, in Chicago": {func(r *ConfigureRequest, _ *configFacts) { r.Customer.DOB = "06/01/2022" }, []string{"PX-CFG-1070"}},
		"PX-CFG-1070 not born yet":                  {func(r *ConfigureRequest, _ *configFacts) { r.Customer.DOB = "01/01/2050" }, []string{"PX-CFG-1070"}},
		"PX-CFG-1090 another order of the date":     {func(r *ConfigureRequest, _ *configFacts) { r.Customer.DOB = "1980-02-29" }, []string{"PX-CFG-1090"}},
		"PX-CFG-1090 no such day":                   {func(r *ConfigureRequest, _ *configFacts) { r.Customer.DOB = "02/29/1981" }, []string{"PX-CFG-1090"}},
		"PX-CFG-1090 no customer at all": {func(r *ConfigureRequest, _ *configFacts) { r.Customer = nil },
			[]string{"PX-CFG-1040", "PX-CFG-1050", "PX-CFG-1060", "PX-CFG-1070"}},
		"everything is wrong": {func(r *ConfigureRequest, f *configFacts) { *r, f.tx = ConfigureRequest{ConfigType: "Config"}, nil },
			[]string{"PX-CFG-2000", "PX-CFG-2030", "PX-CFG-2070", "PX-CFG-2225", "PX-CFG-2120", "PX-CFG-1040", "PX-CFG-1050", "PX-CFG-1060", "PX-CFG-1070"}},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			r, f := goodConfig()
			c.spoil(r, &f)
			choice, err := (&Desk{}).checkConfigure(r, f)
			holds(t, err, c.want...)
			if err == nil && (choice.customer == nil || choice.offer.Code != string(r.ProductCode)) {
				t.Errorf("the choice is %+v", choice)
			}
		})
	}
}

func TestReconfigs(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		spoil spoil
		want  []string
	}{
		"all is well": {func(*ConfigureRequest, *configFacts) {}, nil},
		"PX-CFG-2090 before any Config": {func(_ *ConfigureRequest, f *configFacts) { f.tx.Config, f.tx.PartnerOrderID, f.pairTx = nil, "", "" },
			[]string{"PX-CFG-2090"}},
		"PX-CFG-2090 under another sales code":  {func(r *ConfigureRequest, f *configFacts) { r.SalesCode, f.pairTx = "SC10002", "" }, []string{"PX-CFG-2090"}},
		"PX-CFG-2070 of nobody's transaction":   {func(_ *ConfigureRequest, f *configFacts) { f.tx, f.pairTx = nil, "" }, []string{"PX-CFG-2070"}},
		"PX-CFG-2200 of the day before":         {func(_ *ConfigureRequest, f *configFacts) { f.tx.CreatedAt = testNow.Add(-23 * time.Hour) }, []string{"PX-CFG-2200"}},
		"PX-CFG-2170 with a customer":           {func(r *ConfigureRequest, _ *configFacts) { r.Customer = &CustomerRequest{} }, []string{"PX-CFG-2170"}},
		"PX-CFG-2181 a product of another type": {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode, r.BillType = "HSI-20-PRE", Prepaid }, []string{"PX-CFG-2181"}},
		"PX-CFG-2181 though it is called the old type": {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode = "HSI-20-PRE" },
			[]string{"PX-CFG-2140", "PX-CFG-2181"}},
		"PX-CFG-2140 no bill type":           {func(r *ConfigureRequest, _ *configFacts) { r.BillType = "" }, []string{"PX-CFG-2140"}},
		"PX-CFG-2131 under another order id": {func(r *ConfigureRequest, f *configFacts) { r.PartnerOrderID, f.pairTx = "PO-2", "" }, []string{"PX-CFG-2131"}},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			r, f := goodReconfig()
			c.spoil(r, &f)
			choice, err := (&Desk{}).checkConfigure(r, f)
			holds(t, err, c.want...)
			if choice.customer != nil {
				t.Error("a Reconfig has a customer")
			}
		})
	}
}

func TestPX_CFG_1060_FormsOfNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"123456789": "123456789", "123-45-6789": "123456789", "123 45 6789": "123456789", "999999999": "999999999", "999 99 9999": "999999999", "999-99-9999": "999999999",
		"001010001": "001010001", "899999999": "899999999", "665010001": "665010001",
		"": "", "12345678": "", "1234567890": "", "123-45 6789": "", "123-456-789": "", "12-345-6789": "", "-123456789": "", "123.45.6789": "",
		"000456789": "", "666456789": "", "900456789": "", "999999998": "", "123006789": "", "123450000": "", "12345678X": "", "１２３": "", "12345678é": "",
		"123-é5-678": "", "123\x0045\x006789": "",
	} {
		got, ok := parseSSN(text)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q is read as %q, %v", text, got, ok)
		}
	}
}

func TestPX_CFG_1070_AndPX_CFG_1090_FormsOfDates(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]struct{ rule, dob string }{
		"05/31/2022": {"", "2022-05-31"}, " 02/29/1980 ": {"", "1980-02-29"}, "01/01/1901": {"", "1901-01-01"}, "01/01/1900": {"", "1900-01-01"},
		"06/01/2022": {"PX-CFG-1070", ""}, "": {"PX-CFG-1070", ""}, " ": {"PX-CFG-1070", ""}, "12/31/9999": {"PX-CFG-1070", ""},
		"5/31/2022": {"PX-CFG-1090", ""}, "05/31/22": {"PX-CFG-1090", ""}, "31/05/2000": {"PX-CFG-1090", ""}, "05-31-2000": {"PX-CFG-1090", ""}, "05/32/2000": {"PX-CFG-1090", ""},
		"02/29/1900": {"PX-CFG-1090", ""}, "12/31/1899": {"PX-CFG-1090", ""}, "00/10/2000": {"PX-CFG-1090", ""}, "05/31/2000 ": {"", "2000-05-31"}, "05/31/20000": {"PX-CFG-1090", ""},
		"05312000": {"PX-CFG-1090", ""}, "5.31.2000": {"PX-CFG-1090", ""},
	} {
		m := &messages{d: &Desk{}, tx: testTx}
		got := checkCustomer(m, &CustomerRequest{First: "Avery", Last: "Example", SSN: refusedSSN, DOB: Text(text)}, Postpaid, testNow)
		if c.rule == "" {
			holds(t, m.err())
		} else {
			holds(t, m.err(), c.rule)
		}
		if got.DOB != c.dob {
			t.Errorf("%q is read as %q", text, got.DOB)
		}
	}
}

// Who was born on February 29 is eighteen on March 1 of a year without one.
func TestPX_CFG_1070_BornOnALeapDay(t *testing.T) {
	t.Parallel()
	for at, old := range map[time.Time]bool{
		time.Date(2022, 3, 1, 5, 59, 0, 0, time.UTC): false, // still February in Chicago
		time.Date(2022, 3, 1, 6, 0, 0, 0, time.UTC):  true,
	} {
		m := &messages{d: &Desk{}, tx: testTx}
		checkCustomer(m, &CustomerRequest{First: "Avery", Last: "Example", SSN: refusedSSN, DOB: "02/29/2004"}, Postpaid, at)
		if (m.err() == nil) != old {
			t.Errorf("at %v: %v", at, m.err())
		}
	}
}

func TestPX_CFG_1040_AndPX_CFG_1050_FormsOfNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"Avery": true, "Mary Ann": true, "O'Neil": true, "O’Neil": true, "Smith-Jones": true, "J.": true, "Zoë": true, "Zoe\u0308": true, "李": true,
		strings.Repeat("é", 50): true, strings.Repeat("é", 51): false,
		"": false, "-": false, "R2D2": false, "<b>": false, "A\nB": false, "a_b": false, "Avery;": false, "Av\xffery": false,
	} {
		if got := isName(name); got != want {
			t.Errorf("%q is a name: %v", name, got)
		}
	}
}

// No error about a customer repeats what is wrong with it.
func TestErrorsTellNothingOfTheCustomer(t *testing.T) {
	t.Parallel()
	r, f := goodConfig()
	r.Customer = &CustomerRequest{First: "Secr3t", Last: "Hidd3n", SSN: "219-09-9X99", DOB: "13/13/1977"}
	_, err := (&Desk{}).checkConfigure(r, f)
	holds(t, err, "PX-CFG-1040", "PX-CFG-1050", "PX-CFG-1060", "PX-CFG-1090")
	for _, v := range fault.Of(err).Violations {
		for _, secret := range []string{"Secr3t", "Hidd3n", "219", "1977"} {
			if strings.Contains(v.Message, secret) || strings.Contains(v.Field, secret) || strings.Contains(err.Error(), secret) {
				t.Errorf("%s tells %q: %s", v.Rule, secret, v.Message)
			}
		}
	}
}

// cost lists charges in one line: CODE amount, m for the monthly ones.
func cost(list []Charge) string {
	var parts []string
	for _, c := range list {
		text := c.Code + " " + c.Amount.String()
		if c.Type == ChargeMonthly {
			text += "m"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

func TestCharges(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		spoil               spoil
		want, once, monthly string
	}{
		"voice": {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode, r.Install = "LOCAL-POST", nil },
			"LOCAL-POST 35.00m, ACTIVATION 25.00", "25.00", "35.00"},
		"a technician and the modem that one gets": {func(*ConfigureRequest, *configFacts) {},
			"HSI-100-POST 70.00m, ACTIVATION 25.00, TECH 99.00, MODEM-LEASE 14.99m", "124.00", "84.99"},
		"a technician brings the modem": {func(r *ConfigureRequest, _ *configFacts) { r.ModemOption = "PURCHASE" },
			"HSI-100-POST 70.00m, ACTIVATION 25.00, TECH 99.00, MODEM-PURCHASE 150.00", "274.00", "70.00"},
		"a leased modem is shipped": {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode, r.Install = "HSI-20-POST", install(Self) },
			"HSI-20-POST 55.00m, ACTIVATION 25.00, MODEM-LEASE 12.95, MODEM-LEASE 14.99m", "37.95", "69.99"},
		"a bought modem is shipped": {func(r *ConfigureRequest, _ *configFacts) {
			r.ProductCode, r.Install, r.ModemOption = "HSI-20-POST", install(Self), "PURCHASE"
		},
			"HSI-20-POST 55.00m, ACTIVATION 25.00, MODEM-PURCHASE 162.95", "187.95", "55.00"},
		"nothing is shipped to whom has a modem": {func(r *ConfigureRequest, _ *configFacts) {
			r.ProductCode, r.Install, r.ModemOption = "HSI-20-POST", install(Self), "OWN"
		},
			"HSI-20-POST 55.00m, ACTIVATION 25.00", "25.00", "55.00"},
		"a promotion off the month": {func(r *ConfigureRequest, _ *configFacts) { r.PromoCode = "WELCOME10" },
			"HSI-100-POST 70.00m, ACTIVATION 25.00, TECH 99.00, MODEM-LEASE 14.99m, WELCOME10 -10.00m", "124.00", "74.99"},
		"a promotion off the activation, and add-ons": {func(r *ConfigureRequest, _ *configFacts) {
			r.PromoCode, r.AddOns = "NOSETUP", []Text{"JACK", "EASE-STD"}
		},
			"HSI-100-POST 70.00m, ACTIVATION 25.00, TECH 99.00, MODEM-LEASE 14.99m, JACK 45.00, EASE-STD 9.99m, NOSETUP -25.00", "144.00", "94.98"},
	} {
		r, f := goodConfig()
		c.spoil(r, &f)
		choice, err := (&Desk{}).checkConfigure(r, f)
		if err != nil {
			t.Fatalf("%s: %v", why, err)
		}
		list := choice.charges()
		sums := totals(list)
		if got := cost(list); got != c.want || sums.OneTime.String() != c.once || sums.Monthly.String() != c.monthly {
			t.Errorf("%s:\n%s: %s and %s, want\n%s: %s and %s", why, got, sums.OneTime, sums.Monthly, c.want, c.once, c.monthly)
		}
	}
}

func TestDeposits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		product string
		credit  CreditDecision
		want    string
	}{
		{"HSI-100-POST", CreditDecision{Decision: DecisionApproved}, "0.00"},
		{"HSI-100-POST", CreditDecision{Decision: DecisionDeposit, Class: 1}, "70.00"},
		{"HSI-100-POST", CreditDecision{Decision: DecisionDeposit, Class: 3}, "210.00"},
		{"BUNDLE-20-POST", CreditDecision{Decision: DecisionDeposit, Class: 3}, "240.00"},
		{"HSI-100-POST", CreditDecision{Decision: DecisionHardStop, Reason: ReasonCredit, Class: 3}, "0.00"},
		{"HSI-100-PRE", CreditDecision{Decision: DecisionDeposit, Class: 2}, "0.00"},
	} {
		o, _ := OfferingByCode(c.product)
		if got := deposit(o, c.credit).String(); got != c.want {
			t.Errorf("%s with %+v takes %s, want %s", c.product, c.credit, got, c.want)
		}
	}
}

func TestWhatAnAnswerOffers(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		spoil    spoil
		installs int
		modems   int
		addOns   int
	}{
		"voice":                              {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode, r.Install = "LOCAL-POST", nil }, 0, 0, 2},
		"a technician must":                  {func(*ConfigureRequest, *configFacts) {}, 1, 2, 4},
		"a technician may":                   {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode = "HSI-20-POST" }, 2, 2, 4},
		"oneself, with a modem of one's own": {func(r *ConfigureRequest, _ *configFacts) { r.ProductCode, r.Install = "HSI-20-POST", install(Self) }, 2, 3, 4},
	} {
		r, f := goodConfig()
		c.spoil(r, &f)
		choice, err := (&Desk{}).checkConfigure(r, f)
		if err != nil {
			t.Fatalf("%s: %v", why, err)
		}
		tx := *f.tx
		tx.Config = &Configuration{Credit: CreditDecision{Decision: DecisionApproved}}
		a := answerOf(tx, choice)
		if len(a.Installs) != c.installs || len(a.Modems) != c.modems || len(a.AddOns) != c.addOns {
			t.Errorf("%s: %v, %v, %v", why, a.Installs, a.Modems, a.AddOns)
		}
	}
}
