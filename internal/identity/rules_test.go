package identity

import (
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/clock"
)

func TestRulesOfAnApplicationSayEverythingThatIsWrong(t *testing.T) {
	sandbox := appFacts{products: []string{"ondemand", "care"}, worldKind: "sandbox", worldOrg: "org_a"}
	prod := appFacts{products: []string{"ondemand", "care"}, worldKind: production}
	good := NewApp{Name: "Site planner", Products: []string{"ondemand"}}
	with := func(change func(*NewApp)) NewApp { n := good; change(&n); return n }
	for name, tc := range map[string]struct {
		app   NewApp
		facts appFacts
		want  []string
	}{
		"a good one":                               {good, sandbox, nil},
		"IDN-APP-01 no name":                       {with(func(n *NewApp) { n.Name = "" }), sandbox, []string{"IDN-APP-01"}},
		"IDN-APP-01 81 characters":                 {with(func(n *NewApp) { n.Name = strings.Repeat("é", 81) }), sandbox, []string{"IDN-APP-01"}},
		"IDN-APP-01 80 characters":                 {with(func(n *NewApp) { n.Name = strings.Repeat("é", 80) }), sandbox, nil},
		"IDN-APP-01 a line break":                  {with(func(n *NewApp) { n.Name = "a\nb" }), sandbox, []string{"IDN-APP-01"}},
		"IDN-APP-01 NUL":                           {with(func(n *NewApp) { n.Name = "a\x00b" }), sandbox, []string{"IDN-APP-01"}},
		"IDN-APP-01 not UTF-8":                     {with(func(n *NewApp) { n.Name = "a\xff" }), sandbox, []string{"IDN-APP-01"}},
		"IDN-APP-01 spaces around":                 {with(func(n *NewApp) { n.Name = " a" }), sandbox, []string{"IDN-APP-01"}},
		"IDN-APP-02 no product":                    {with(func(n *NewApp) { n.Products = nil }), sandbox, []string{"IDN-APP-02"}},
		"IDN-APP-02 an unknown product":            {with(func(n *NewApp) { n.Products = []string{"voice"} }), sandbox, []string{"IDN-APP-02"}},
		"IDN-APP-02 twice":                         {with(func(n *NewApp) { n.Products = []string{"care", "care"} }), sandbox, []string{"IDN-APP-02"}},
		"IDN-APP-02 what would break the column":   {with(func(n *NewApp) { n.Products = []string{"care:approved x"} }), appFacts{worldKind: "sandbox"}, []string{"IDN-APP-02"}},
		"IDN-APP-03 another organisation":          {with(func(n *NewApp) { n.Org = "org_b" }), sandbox, []string{"IDN-APP-03"}},
		"IDN-APP-03 the sandbox's own":             {with(func(n *NewApp) { n.Org = "org_a" }), sandbox, nil},
		"IDN-APP-03 nobody's, in production":       {good, prod, []string{"IDN-APP-03"}},
		"IDN-APP-03 a new one's, in production":    {with(func(n *NewApp) { n.NewOrg = "Acme" }), prod, nil},
		"IDN-APP-03 two, in production":            {with(func(n *NewApp) { n.Org, n.NewOrg = "org_b", "Acme" }), prod, []string{"IDN-APP-03"}},
		"IDN-APP-03 a new one's, in a sandbox":     {with(func(n *NewApp) { n.NewOrg = "Acme" }), sandbox, []string{"IDN-APP-03"}},
		"IDN-APP-01 a new one without a good name": {with(func(n *NewApp) { n.NewOrg = " " }), prod, []string{"IDN-APP-01"}},
		"IDN-APP-03 anybody's, in production":      {with(func(n *NewApp) { n.Org = "org_b" }), prod, nil},
		"IDN-APP-04 in a snapshot":                 {good, appFacts{worldKind: snapshot}, []string{"IDN-APP-04"}},
		"IDN-CUS-01 all customers, in production":  {with(func(n *NewApp) { n.Org, n.Customers = "org_b", []string{"*"} }), prod, []string{"IDN-CUS-01"}},
		"IDN-CUS-01 all customers, in a sandbox":   {with(func(n *NewApp) { n.Customers = []string{"*"} }), sandbox, nil},
		"IDN-SEC-02 a secret that ended yesterday": {with(func(n *NewApp) { n.SecretTTL = -time.Hour }), sandbox, []string{"IDN-SEC-02"}},
		"IDN-SEC-02 a secret for eleven years":     {with(func(n *NewApp) { n.SecretTTL = clock.MaxSpan + 1 }), sandbox, []string{"IDN-SEC-02"}},
		"everything at once":                       {NewApp{Org: "org_b", SecretTTL: -1}, sandbox, []string{"IDN-APP-01", "IDN-APP-02", "IDN-APP-03", "IDN-SEC-02"}},
	} {
		var got []string
		for _, v := range checkApp(tc.app, tc.facts) {
			got = append(got, v.Rule)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: broke %v, want %v", name, got, tc.want)
		}
	}
}

func TestTheApprovalTableIsSoundAndEveryMoveOfItCanBeFired(t *testing.T) {
	if problems := Approval.Check(); len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, r := range Approval.Rows {
		if to, err := fire("x", r.From, r.Event); err != nil || to != r.To {
			t.Errorf("%s in %s leads to %q, %v", r.Event, r.From, to, err)
		}
	}
	if _, err := fire("x", Revoked, approve); err == nil {
		t.Error("a revoked approval was approved")
	}
}

func TestProductsSurviveTheirColumn(t *testing.T) {
	in := []Product{{"ondemand", Approved}, {"care", Pending}}
	if got := splitProducts(joinProducts(in)); !slices.Equal(got, in) {
		t.Fatalf("got %v", got)
	}
	if got := splitProducts(""); got != nil {
		t.Fatalf("nothing became %v", got)
	}
}
