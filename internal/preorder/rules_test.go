package preorder

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"demarc/internal/fault"
	"demarc/internal/postal"
)

// rulesOf are the rules that an error names.
func rulesOf(err error) (rules []string) {
	if f := fault.Of(err); f != nil {
		for _, v := range f.Violations {
			rules = append(rules, v.Rule)
		}
	}
	return rules
}

// holds expects an error that names some rules and no others; none is no error.
func holds(t *testing.T, err error, want ...string) {
	t.Helper()
	if got := rulesOf(err); !slices.Equal(got, want) || (err == nil) != (len(want) == 0) {
		t.Errorf("rules %v (%v), want %v", got, err, want)
	}
}

const testTx = "PX-ABCDEFGH23456777"

var (
	testPartner = &Partner{ID: ExamplePartner, SalesCodes: []string{ExampleSalesCode, "SC10002"}}
	testAddress = postal.Address{Number: "102", Predir: "E", Street: "MAPLE GROVE", Suffix: "ST", City: "DENVER", State: "CO", ZIP: "80202"}
)

func goodQualify() (*QualifyRequest, qualifyFacts) {
	return &QualifyRequest{SalesCode: ExampleSalesCode, AgentID: ExampleAgent, PartnerID: ExamplePartner, MarketSegment: Consumer, QualForVideo: json.RawMessage("false"),
		Address: &AddressRequest{StreetNumber: "102", StreetName: "East Maple Grove Street", City: "Denver", State: "Colorado", ZIP: "80202-1234"}}, qualifyFacts{partner: testPartner}
}

func goodSecond() (*QualifyRequest, qualifyFacts) {
	r, f := goodQualify()
	r.Address, r.TransactionID, r.DetailID = nil, testTx, "AD-2"
	f.tx, f.today = &Transaction{ID: testTx, State: TxNear, Near: []NearMatch{{Address: Address{DetailID: "AD-1"}}, {Address: Address{DetailID: "AD-2"}}}}, true
	return r, f
}

func TestFirstQualifications(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		spoil func(r *QualifyRequest, f *qualifyFacts)
		want  []string
	}{
		"all is well": {func(*QualifyRequest, *qualifyFacts) {}, nil},
		"all is well with spaces around": {func(r *QualifyRequest, _ *qualifyFacts) {
			r.SalesCode, r.AgentID, r.PartnerID, r.MarketSegment, r.QualForVideo = " SC10001 ", " AGENT01 ", " PTNR1001 ", " Small Business ", json.RawMessage(" false ")
		}, nil},
		"PX-QUAL-2000 no sales code":                {func(r *QualifyRequest, _ *qualifyFacts) { r.SalesCode = " " }, []string{"PX-QUAL-2000"}},
		"PX-QUAL-2000 another partner's sales code": {func(r *QualifyRequest, _ *qualifyFacts) { r.SalesCode = otherSalesCode }, []string{"PX-QUAL-2000"}},
		"PX-QUAL-2000 an application without partner": {func(_ *QualifyRequest, f *qualifyFacts) { f.partner = nil },
			[]string{"PX-QUAL-2000", "PX-QUAL-2030"}},
		"PX-QUAL-2010 no agent":                  {func(r *QualifyRequest, _ *qualifyFacts) { r.AgentID = "" }, []string{"PX-QUAL-2010"}},
		"PX-QUAL-2010 an agent too short":        {func(r *QualifyRequest, _ *qualifyFacts) { r.AgentID = "A1" }, []string{"PX-QUAL-2010"}},
		"PX-QUAL-2010 an agent too long":         {func(r *QualifyRequest, _ *qualifyFacts) { r.AgentID = "A12345678901234567890" }, []string{"PX-QUAL-2010"}},
		"PX-QUAL-2010 an agent with odd signs":   {func(r *QualifyRequest, _ *qualifyFacts) { r.AgentID = "AGENT-01" }, []string{"PX-QUAL-2010"}},
		"an agent of three signs":                {func(r *QualifyRequest, _ *qualifyFacts) { r.AgentID = "a1B" }, nil},
		"an agent of twenty signs":               {func(r *QualifyRequest, _ *qualifyFacts) { r.AgentID = "A1234567890123456789" }, nil},
		"PX-QUAL-2020 no segment":                {func(r *QualifyRequest, _ *qualifyFacts) { r.MarketSegment = "" }, []string{"PX-QUAL-2020"}},
		"PX-QUAL-2020 a third segment":           {func(r *QualifyRequest, _ *qualifyFacts) { r.MarketSegment = "Enterprise" }, []string{"PX-QUAL-2020"}},
		"PX-QUAL-2020 a segment in small":        {func(r *QualifyRequest, _ *qualifyFacts) { r.MarketSegment = "consumer" }, []string{"PX-QUAL-2020"}},
		"PX-QUAL-2030 no partner":                {func(r *QualifyRequest, _ *qualifyFacts) { r.PartnerID = "" }, []string{"PX-QUAL-2030"}},
		"PX-QUAL-2030 another partner":           {func(r *QualifyRequest, _ *qualifyFacts) { r.PartnerID = OtherPartner }, []string{"PX-QUAL-2030"}},
		"PX-QUAL-2040 video":                     {func(r *QualifyRequest, _ *qualifyFacts) { r.QualForVideo = json.RawMessage("true") }, []string{"PX-QUAL-2040"}},
		"PX-QUAL-2040 nothing about video":       {func(r *QualifyRequest, _ *qualifyFacts) { r.QualForVideo = nil }, []string{"PX-QUAL-2040"}},
		"PX-QUAL-2040 null for video":            {func(r *QualifyRequest, _ *qualifyFacts) { r.QualForVideo = json.RawMessage("null") }, []string{"PX-QUAL-2040"}},
		"PX-QUAL-2040 a text for video":          {func(r *QualifyRequest, _ *qualifyFacts) { r.QualForVideo = json.RawMessage(`"false"`) }, []string{"PX-QUAL-2040"}},
		"PX-QUAL-1000 no street":                 {func(r *QualifyRequest, _ *qualifyFacts) { r.Address.StreetName = "" }, []string{"PX-QUAL-1000"}},
		"PX-QUAL-1000 no number":                 {func(r *QualifyRequest, _ *qualifyFacts) { r.Address.StreetNumber = "" }, []string{"PX-QUAL-1000"}},
		"PX-QUAL-1010 no city":                   {func(r *QualifyRequest, _ *qualifyFacts) { r.Address.City = " " }, []string{"PX-QUAL-1010"}},
		"PX-QUAL-1020 no state":                  {func(r *QualifyRequest, _ *qualifyFacts) { r.Address.State = "" }, []string{"PX-QUAL-1020"}},
		"PX-QUAL-1020 no state of that name":     {func(r *QualifyRequest, _ *qualifyFacts) { r.Address.State = "ZZ" }, []string{"PX-QUAL-1020"}},
		"PX-QUAL-1030 no ZIP code":               {func(r *QualifyRequest, _ *qualifyFacts) { r.Address.ZIP = "" }, []string{"PX-QUAL-1030"}},
		"PX-QUAL-1030 a ZIP code of four digits": {func(r *QualifyRequest, _ *qualifyFacts) { r.Address.ZIP = "8020" }, []string{"PX-QUAL-1030"}},
		"no address at all": {func(r *QualifyRequest, _ *qualifyFacts) { r.Address = nil },
			[]string{"PX-QUAL-1000", "PX-QUAL-1010", "PX-QUAL-1020", "PX-QUAL-1030"}},
		"everything is wrong, in the source's order": {func(r *QualifyRequest, f *qualifyFacts) { *r = QualifyRequest{} },
			[]string{"PX-QUAL-2000", "PX-QUAL-2010", "PX-QUAL-2020", "PX-QUAL-2030", "PX-QUAL-2040", "PX-QUAL-1000", "PX-QUAL-1010", "PX-QUAL-1020", "PX-QUAL-1030"}},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			r, f := goodQualify()
			c.spoil(r, &f)
			a, err := (&Desk{}).checkQualify(r, f, testTx)
			holds(t, err, c.want...)
			if err == nil && a != testAddress {
				t.Errorf("the address is read as %+v", a)
			}
		})
	}
}

func TestSecondQualifications(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		spoil func(r *QualifyRequest, f *qualifyFacts)
		want  []string
	}{
		"all is well": {func(*QualifyRequest, *qualifyFacts) {}, nil},
		"an address beside the choice says nothing": {func(r *QualifyRequest, _ *qualifyFacts) { r.Address = &AddressRequest{} }, nil},
		"PX-QUAL-2070 nobody's transaction":         {func(_ *QualifyRequest, f *qualifyFacts) { f.tx = nil }, []string{"PX-QUAL-2070"}},
		"PX-QUAL-2070 a choice of no transaction":   {func(r *QualifyRequest, f *qualifyFacts) { r.TransactionID, f.tx = "", nil }, []string{"PX-QUAL-2070"}},
		"PX-QUAL-2070 one without a match":          {func(_ *QualifyRequest, f *qualifyFacts) { f.tx.State = TxNoMatch }, []string{"PX-QUAL-2070"}},
		"PX-QUAL-2070 one that is qualified":        {func(_ *QualifyRequest, f *qualifyFacts) { f.tx.State = TxQualified }, []string{"PX-QUAL-2070"}},
		"PX-QUAL-2080 nothing chosen":               {func(r *QualifyRequest, _ *qualifyFacts) { r.DetailID = "" }, []string{"PX-QUAL-2080"}},
		"PX-QUAL-2080 none of the near matches":     {func(r *QualifyRequest, _ *qualifyFacts) { r.DetailID = "AD-3" }, []string{"PX-QUAL-2080"}},
		"PX-QUAL-2220 of another day":               {func(_ *QualifyRequest, f *qualifyFacts) { f.today = false }, []string{"PX-QUAL-2220"}},
		"the seller's rules hold here too": {func(r *QualifyRequest, _ *qualifyFacts) { r.SalesCode, r.PartnerID = "x", "y" },
			[]string{"PX-QUAL-2000", "PX-QUAL-2030"}},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			r, f := goodSecond()
			c.spoil(r, &f)
			_, err := (&Desk{}).checkQualify(r, f, testTx)
			holds(t, err, c.want...)
		})
	}
}

func TestMagicWordsAreNoPartOfAnAddress(t *testing.T) {
	t.Parallel()
	for _, r := range []AddressRequest{
		{StreetAddress: "102 E Maple Grove St [demarc:no-match]"},
		{StreetAddress: "[DEMARC:no-match]102 E Maple [Demarc:no-match] Grove St"},
		{StreetNumber: "102", StreetName: "E Maple Grove St[demarc:no-match]"},
		{StreetNumber: "102 [demarc:no-match]", StreetName: "E Maple Grove St"},
		{StreetAddress: "102 E Maple Grove St", Unit: "[demarc:no-match]"},
	} {
		r.City, r.State, r.ZIP = "Denver", "CO", "80202"
		was := r
		hint, clean := r.hint()
		m := &messages{d: &Desk{}, tx: testTx}
		if a := checkAddress(m, clean); m.err() != nil || a != testAddress || !strings.Contains(strings.ToLower(hint), "[demarc:no-match]") || r != was {
			t.Errorf("%+v is read as %+v with the hint %q; %v", was, a, hint, m.err())
		}
	}
}

func TestTextsAreFilledAsTheSourceWritesThem(t *testing.T) {
	t.Parallel()
	ours := Wording{Carrier: "Demarc Telephone", Phone: "555-0142"}
	d := &Desk{Wording: ours}
	for want, err := range map[string]error{
		"Missing or Invalid salesCode; TxID " + testTx: (&Desk{}).said(m2000, "PX-CFG-2000", "salesCode", testTx),
		"“CenturyLink received an order for service at this address within the last [30] days on order number N400000001. Please call 800-555-0199 to make changes to this order; TxID " + testTx + "”":  (&Desk{}).blocked("N400000001", testTx),
		"“Demarc Telephone received an order for service at this address within the last [30] days on order number N400000001. Please call 555-0142 to make changes to this order; TxID " + testTx + "”": d.blocked("N400000001", testTx),
		`Missing or Invalid dob; format must be in format like "MM/DD/"YYYY"; TxID ` + testTx:                                                                                                            d.said(m1090, "PX-CFG-1090", "dob", testTx),
		"Please call Demarc Telephone at 800#555-0142 for help with processing this orde?; TxID " + testTx:                                                                                               d.said(m1080, "PX-CFG-1080", "dob", testTx, ours.phone()),
		"Missing or invalid (i.e. contains unsupported characters like !@#$%^&*()<>?{}[]+=) Partner Order Id <b>{<>}(; TxID " + testTx:                                                                   d.said(m2225, "PX-CFG-2225", "partnerOrderId", testTx, "<b>{<>}("),
		"Missing or invalid configType (Config or Reconfig are expected values); TxIX " + testTx:                                                                                                         d.said(m2106, "PX-CFG-2106", "configType", testTx),
		"Transaction Id " + testTx + " and PartnerOrderId PO 1 combination must remain constant through Complete; TxID " + testTx:                                                                        d.inconstant(testTx, "PO 1"),
		"SalesCode SC10001 and PartnerOrderId CenturyLink 1 combination must be unique; TxID " + testTx:                                                                                                  d.said(m2130, "PX-CFG-2130", "partnerOrderId", testTx, "SC10001", "CenturyLink 1"),
		"Unable to find config transaction for transaction id " + testTx + " and sales code SC10001; TxID " + testTx:                                                                                     d.said(m2090, "PX-CFG-2090", "configType", testTx, testTx, "SC10001"),
		"A config cannot be executed on Qualify response from the previous days TxID " + testTx:                                                                                                          d.said(m2200, "PX-CFG-2200", "transactionId", testTx),
	} {
		f := fault.Of(err)
		if f.Message != want || len(f.Violations) != 1 || f.Violations[0].Message != want {
			t.Errorf("%s\nwant\n%s", f.Message, want)
		}
	}
	if f := fault.Of(d.blocked("N400000001", testTx)); f.Violations[0].Field != "address" {
		t.Errorf("1005 is about %q", f.Violations[0].Field)
	}
	if f := fault.Of(d.inconstant(testTx, "PO 1")); f.Violations[0].Field != "partnerOrderId" {
		t.Errorf("2131 is about %q", f.Violations[0].Field)
	}
}

func TestOnlyTheSourcesMessagesHaveItsCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[*fault.Code]string{m1000: "1000", m6000: "6000", BackendUnavailable: "", OrderUnknown: "", fault.Invalid: ""} {
		if got := CodeOf(code); got != want {
			t.Errorf("%s: %q, want %q", code.ID, got, want)
		}
	}
}

func TestWhatIsOfferedWhere(t *testing.T) {
	t.Parallel()
	voice := []string{"LOCAL-PRE", "LOCAL-POST", "LD-POST"}
	for why, c := range map[string]struct {
		segment string
		loop    Loop
		want    []string
	}{
		"no line, no offer":         {Consumer, Loop{}, nil},
		"a slow line carries voice": {Consumer, Loop{Technology: TechADSL, MaxDown: 12}, voice},
		"the least broadband": {Consumer, Loop{Technology: TechADSL, MaxDown: 20},
			append(slices.Clone(voice), "HSI-20-PRE", "HSI-20-POST", "BUNDLE-20-POST")},
		"copper is never sold as more": {Consumer, Loop{Technology: TechADSL, MaxDown: 1000},
			append(slices.Clone(voice), "HSI-20-PRE", "HSI-20-POST", "BUNDLE-20-POST")},
		"99 Mbps are not 100": {Consumer, Loop{Technology: TechVDSL, MaxDown: 99},
			append(slices.Clone(voice), "HSI-20-PRE", "HSI-20-POST", "BUNDLE-20-POST")},
		"VDSL2": {Consumer, Loop{Technology: TechVDSL, MaxDown: 100},
			append(slices.Clone(voice), "HSI-20-PRE", "HSI-20-POST", "HSI-100-PRE", "HSI-100-POST", "BUNDLE-20-POST", "BUNDLE-100-POST")},
		"fiber": {Consumer, Loop{Technology: TechFiber, MaxDown: 940},
			append(slices.Clone(voice), "HSI-20-PRE", "HSI-20-POST", "HSI-100-PRE", "HSI-100-POST", "HSI-940-POST", "BUNDLE-20-POST", "BUNDLE-100-POST")},
		"fiber to a business": {SmallBusiness, Loop{Technology: TechFiber, MaxDown: 940},
			[]string{"LD-POST", "BIZ-LINE", "HSI-20-POST", "HSI-100-POST", "HSI-940-POST", "BIZ-BUNDLE-100"}},
	} {
		var got []string
		for _, o := range offersFor(Catalogue(), c.segment, c.loop) {
			got = append(got, o.Code)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", why, got, c.want)
		}
	}
}

func TestTheCatalogueIsSound(t *testing.T) {
	t.Parallel()
	codes := map[string]bool{}
	for _, o := range Catalogue() {
		if codes[o.Code] || o.Name == "" || !o.Monthly.IsPos() || len(o.Segments) == 0 || (o.BillType != Prepaid && o.BillType != Postpaid) {
			t.Errorf("%+v", o)
		}
		codes[o.Code] = true
		if bundle := o.Family == FamilyBundle; bundle != (len(o.Components) > 1) || !bundle && o.Components[0].Family != o.Family {
			t.Errorf("%s is %s of %v", o.Code, o.Family, o.Components)
		}
		if o.broadband() != slices.ContainsFunc(o.Components, func(c Component) bool { return c.Family == FamilyBroadband }) || o.broadband() != (len(o.Technology) > 0) {
			t.Errorf("%s has the speed %d, %v and %v", o.Code, o.Speed, o.Technology, o.Components)
		}
		for _, code := range o.PromoCodes {
			if p, ok := promotionByCode(code); !ok || !p.Monthly.Less(o.Monthly) {
				t.Errorf("%s has the promotion %s: %+v", o.Code, code, p)
			}
		}
		if found, ok := OfferingByCode(o.Code); !ok || found.Name != o.Name {
			t.Errorf("%s is found as %+v", o.Code, found)
		}
	}
	if _, ok := OfferingByCode("HSI-0"); ok {
		t.Error("there is a product HSI-0")
	}
}

func TestWhoInstalls(t *testing.T) {
	t.Parallel()
	copper, vdsl, fiber := Loop{Technology: TechADSL}, Loop{Technology: TechVDSL}, Loop{Technology: TechFiber}
	must := func(l Loop) Loop { l.TechRequired = true; return l }
	for _, c := range []struct {
		product string
		loop    Loop
		tech    bool
	}{
		{"LOCAL-POST", must(copper), false}, {"HSI-20-POST", copper, false}, {"HSI-20-POST", must(copper), true}, {"HSI-20-POST", must(fiber), true},
		{"HSI-100-POST", vdsl, true}, {"HSI-100-POST", fiber, false}, {"BUNDLE-100-POST", vdsl, true}, {"HSI-940-POST", fiber, true},
	} {
		o, _ := OfferingByCode(c.product)
		if got := needsTech(o, c.loop); got != c.tech {
			t.Errorf("%s on %+v needs a technician: %v", c.product, c.loop, got)
		}
	}
}
