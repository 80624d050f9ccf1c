package marketplace

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"strings"
	"testing"

	"demarc/internal/fault"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// broken compares the violations with what is wanted: "MKT-PRV-01 name".
func broken(t *testing.T, wrong fault.List, want ...string) {
	t.Helper()
	got := []string{}
	for _, v := range wrong {
		got = append(got, v.Rule+" "+v.Field)
		if v.Message == "" {
			t.Errorf("%s says nothing about %s", v.Rule, v.Field)
		}
	}
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("violations (-want +got):\n%s%v", diff, wrong)
	}
}

func long(n int) string { return strings.Repeat("ü", n) }

func publicOnly(a netip.Addr) bool { return a.IsGlobalUnicast() && !a.IsPrivate() }

func soundProvider() *ProviderRequest {
	return &ProviderRequest{Name: "provider-name", Title: "Example Provider", BaseURL: "https://provider.example.net/api", ResellerKey: "xxxx"}
}

func TestAProviderThatBreaksNoRule(t *testing.T) {
	t.Parallel()
	for why, change := range map[string]func(*ProviderRequest){
		"as in the source":           func(*ProviderRequest) {},
		"MKT-PRV-01 two letters":     func(r *ProviderRequest) { r.Name = "ab" },
		"MKT-PRV-01 digits":          func(r *ProviderRequest) { r.Name = "42" },
		"MKT-PRV-01 many hyphens":    func(r *ProviderRequest) { r.Name = "a-b-c-d-1-2-3" },
		"MKT-PRV-01 the longest":     func(r *ProviderRequest) { r.Name = strings.Repeat("a", 40) },
		"MKT-PRV-01 with hyphens":    func(r *ProviderRequest) { r.Name = strings.Repeat("a-", 19) + "bc" },
		"MKT-PRV-02 the longest":     func(r *ProviderRequest) { r.Title = long(100) },
		"MKT-PRV-03 a public number": func(r *ProviderRequest) { r.BaseURL = "https://93.184.216.34:8443/" },
		"MKT-PRV-03 without TLS":     func(r *ProviderRequest) { r.BaseURL = "http://provider.example.net" },
		"MKT-PRV-04 none":            func(r *ProviderRequest) { r.ResellerKey = "" },
		"MKT-PRV-04 the longest":     func(r *ProviderRequest) { r.ResellerKey = long(255) },
		"MKT-PRV-04 with a space":    func(r *ProviderRequest) { r.ResellerKey = "a b" },
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			r := soundProvider()
			change(r)
			broken(t, checkProvider(r, publicOnly))
		})
	}
}

func TestAProviderIsRefusedWithTheRuleThatItBreaks(t *testing.T) {
	t.Parallel()
	name := func(v string) func(*ProviderRequest) { return func(r *ProviderRequest) { r.Name = v } }
	title := func(v string) func(*ProviderRequest) { return func(r *ProviderRequest) { r.Title = v } }
	url := func(v string) func(*ProviderRequest) { return func(r *ProviderRequest) { r.BaseURL = v } }
	key := func(v string) func(*ProviderRequest) { return func(r *ProviderRequest) { r.ResellerKey = v } }
	for _, c := range []struct {
		rule, why, field string
		change           func(*ProviderRequest)
	}{
		{"MKT-PRV-01", "no name", "name", name("")},
		{"MKT-PRV-01", "one letter", "name", name("a")},
		{"MKT-PRV-01", "41 letters", "name", name(strings.Repeat("a", 41))},
		{"MKT-PRV-01", "41 characters with hyphens", "name", name(strings.Repeat("a-", 20) + "b")},
		{"MKT-PRV-01", "79 characters, half of them hyphens", "name", name("a" + strings.Repeat("-a", 39))},
		{"MKT-PRV-01", "a capital letter", "name", name("Provider")},
		{"MKT-PRV-01", "a hyphen first", "name", name("-ab")},
		{"MKT-PRV-01", "a hyphen last", "name", name("ab-")},
		{"MKT-PRV-01", "two hyphens", "name", name("a--b")},
		{"MKT-PRV-01", "a slash", "name", name("a/b")},
		{"MKT-PRV-01", "the directory above", "name", name("..")},
		{"MKT-PRV-01", "a space", "name", name("a b")},
		{"MKT-PRV-01", "a newline last", "name", name("ab\n")},
		{"MKT-PRV-01", "letters of another script", "name", name("ärzte")},
		{"MKT-PRV-01", "an escape", "name", name("a%2fb")},
		{"MKT-PRV-02", "no title", "title", title("")},
		{"MKT-PRV-02", "a blank title", "title", title(" \u00a0")},
		{"MKT-PRV-02", "a title too long", "title", title(long(101))},
		{"MKT-PRV-02", "a title of two lines", "title", title("a\nb")},
		{"MKT-PRV-03", "no address", "baseUrl", url("")},
		{"MKT-PRV-03", "no scheme", "baseUrl", url("provider.example.net")},
		{"MKT-PRV-03", "another scheme", "baseUrl", url("ftp://provider.example.net/")},
		{"MKT-PRV-03", "the provider that we play", "baseUrl", url(EmbeddedURL)},
		{"MKT-PRV-03", "a loopback address", "baseUrl", url("http://127.0.0.1/")},
		{"MKT-PRV-03", "the cloud's own address", "baseUrl", url("http://169.254.169.254/latest")},
		{"MKT-PRV-03", "a name and password", "baseUrl", url("https://me:hush@provider.example.net/")},
		{"MKT-PRV-03", "a query", "baseUrl", url("https://provider.example.net/?a=b")},
		{"MKT-PRV-03", "an empty query", "baseUrl", url("https://provider.example.net/?")},
		{"MKT-PRV-03", "a fragment", "baseUrl", url("https://provider.example.net/#a")},
		{"MKT-PRV-04", "a key too long", "resellerKey", key(long(256))},
		{"MKT-PRV-04", "a key of two lines", "resellerKey", key("a\nb")},
		{"MKT-PRV-04", "a key with what cannot be seen", "resellerKey", key("a\u200bb")},
	} {
		t.Run(c.rule+" "+c.why, func(t *testing.T) {
			t.Parallel()
			r := soundProvider()
			c.change(r)
			broken(t, checkProvider(r, publicOnly), c.rule+" "+c.field)
		})
	}
}

func TestAProviderThatBreaksEveryRuleIsToldSoAtOnce(t *testing.T) {
	t.Parallel()
	broken(t, checkProvider(&ProviderRequest{BaseURL: "http://me@10.0.0.1/?", ResellerKey: "\x00"}, publicOnly),
		"MKT-PRV-01 name", "MKT-PRV-02 title", "MKT-PRV-03 baseUrl", "MKT-PRV-03 baseUrl", "MKT-PRV-03 baseUrl", "MKT-PRV-04 resellerKey")
}

func soundOffer() *OfferRequest {
	return &OfferRequest{Name: "Example Mail", Description: "Mailboxes.", Form: ExampleForm(), SKUs: []SKU{{"SKU-SEATS", "Mailboxes", "seat"}, {"", "Storage", "GB"}}}
}

func manySKUs(n int) []SKU {
	skus := make([]SKU, n)
	for i := range skus {
		skus[i] = SKU{ID: fmt.Sprintf("SKU-%d", i), Name: "n", Unit: "u"}
	}
	return skus
}

func TestAProductThatBreaksNoRule(t *testing.T) {
	t.Parallel()
	for why, change := range map[string]func(*OfferRequest){
		"the source's example form":                      func(*OfferRequest) {},
		"MKT-PRD-01 the longest name and description":    func(r *OfferRequest) { r.Name, r.Description = long(100), long(1000) },
		"MKT-PRD-01 no description":                      func(r *OfferRequest) { r.Description = "" },
		"MKT-PRD-02 all twelve fields":                   func(r *OfferRequest) { r.Form = fullForm() },
		"MKT-PRD-02 no label, or the longest":            func(r *OfferRequest) { r.Form[0].Label, r.Form[1].Label = "", long(100) },
		"MKT-PRD-03 the longest name, and odd ones":      func(r *OfferRequest) { r.Form[0].JSON, r.Form[1].JSON = "_a.b-c", strings.Repeat("a", 64) },
		"MKT-PRD-04 a hidden field that is not required": func(r *OfferRequest) { r.Form[1].Shown, r.Form[1].Required = false, false },
		"MKT-PRD-05 a reseller key that the buyer has":   func(r *OfferRequest) { r.Form[0].Shown, r.Form[0].Required = true, true },
		"MKT-PRD-06 fifty SKUs":                          func(r *OfferRequest) { r.SKUs = manySKUs(50) },
		"MKT-PRD-06 several SKUs for us to name":         func(r *OfferRequest) { r.SKUs = []SKU{{"", "a", "b"}, {"", "a", "b"}} },
		"MKT-PRD-06 the longest of everything": func(r *OfferRequest) {
			r.SKUs[0] = SKU{strings.Repeat("a", 64), long(100), long(30)}
		},
		"MKT-PRD-07 one field shown": func(r *OfferRequest) { r.Form = r.Form[1:2] },
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			r := soundOffer()
			change(r)
			broken(t, checkOffer(r, false))
		})
	}
	t.Run("MKT-PRD-05 a hidden reseller key that the provider gave us", func(t *testing.T) {
		t.Parallel()
		r := soundOffer()
		r.Form[0].Required = true
		broken(t, checkOffer(r, true))
	})
}

func TestAProductIsRefusedWithTheRuleThatItBreaks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule, why, field string
		change           func(*OfferRequest)
	}{
		{"MKT-PRD-01", "no name", "name", func(r *OfferRequest) { r.Name = "" }},
		{"MKT-PRD-01", "a blank name", "name", func(r *OfferRequest) { r.Name = " \t" }},
		{"MKT-PRD-01", "a name too long", "name", func(r *OfferRequest) { r.Name = long(101) }},
		{"MKT-PRD-01", "a name of two lines", "name", func(r *OfferRequest) { r.Name = "a\r\nb" }},
		{"MKT-PRD-01", "a description too long", "description", func(r *OfferRequest) { r.Description = long(1001) }},
		{"MKT-PRD-02", "a field of its own", "form[2].field", func(r *OfferRequest) { r.Form[2].Field = "cardNumber" }},
		{"MKT-PRD-02", "no field", "form[2].field", func(r *OfferRequest) { r.Form[2].Field = "" }},
		{"MKT-PRD-02", "a field in other case", "form[2].field", func(r *OfferRequest) { r.Form[2].Field = "emailaddress" }},
		{"MKT-PRD-02", "a field twice", "form[2].field", func(r *OfferRequest) { r.Form[2].Field = FieldHolder }},
		{"MKT-PRD-02", "a label too long", "form[1].label", func(r *OfferRequest) { r.Form[1].Label = long(101) }},
		{"MKT-PRD-02", "a label of two lines", "form[1].label", func(r *OfferRequest) { r.Form[1].Label = "a\nb" }},
		{"MKT-PRD-03", "no name", "form[0].jsonName", func(r *OfferRequest) { r.Form[0].JSON = "" }},
		{"MKT-PRD-03", "a name twice", "form[2].jsonName", func(r *OfferRequest) { r.Form[2].JSON = "name" }},
		{"MKT-PRD-03", "a name too long", "form[0].jsonName", func(r *OfferRequest) { r.Form[0].JSON = strings.Repeat("a", 65) }},
		{"MKT-PRD-03", "a digit first", "form[0].jsonName", func(r *OfferRequest) { r.Form[0].JSON = "1a" }},
		{"MKT-PRD-03", "a quote", "form[0].jsonName", func(r *OfferRequest) { r.Form[0].JSON = `a":"b` }},
		{"MKT-PRD-03", "a newline last", "form[0].jsonName", func(r *OfferRequest) { r.Form[0].JSON = "a\n" }},
		{"MKT-PRD-04", "a required field that is hidden", "form[2].shown", func(r *OfferRequest) { r.Form[2].Shown = false }},
		{"MKT-PRD-05", "a hidden reseller key that nobody has", "form[0].required", func(r *OfferRequest) { r.Form[0].Required = true }},
		{"MKT-PRD-06", "no SKU", "skus", func(r *OfferRequest) { r.SKUs = nil }},
		{"MKT-PRD-06", "51 SKUs", "skus", func(r *OfferRequest) { r.SKUs = manySKUs(51) }},
		{"MKT-PRD-06", "a SKU twice", "skus[1].sku", func(r *OfferRequest) { r.SKUs[1].ID = r.SKUs[0].ID }},
		{"MKT-PRD-06", "a SKU too long", "skus[0].sku", func(r *OfferRequest) { r.SKUs[0].ID = strings.Repeat("a", 65) }},
		{"MKT-PRD-06", "a SKU with a space", "skus[0].sku", func(r *OfferRequest) { r.SKUs[0].ID = "a b" }},
		{"MKT-PRD-06", "a SKU that begins with a dot", "skus[0].sku", func(r *OfferRequest) { r.SKUs[0].ID = ".a" }},
		{"MKT-PRD-06", "a SKU without a name", "skus[1].name", func(r *OfferRequest) { r.SKUs[1].Name = "" }},
		{"MKT-PRD-06", "a SKU's name too long", "skus[1].name", func(r *OfferRequest) { r.SKUs[1].Name = long(101) }},
		{"MKT-PRD-06", "a SKU without a unit", "skus[1].unit", func(r *OfferRequest) { r.SKUs[1].Unit = " " }},
		{"MKT-PRD-06", "a unit too long", "skus[1].unit", func(r *OfferRequest) { r.SKUs[1].Unit = long(31) }},
		{"MKT-PRD-07", "no form", "form", func(r *OfferRequest) { r.Form = nil }},
		{"MKT-PRD-07", "a form of hidden fields", "form", func(r *OfferRequest) { r.Form = r.Form[:1] }},
	} {
		t.Run(c.rule+" "+c.why, func(t *testing.T) {
			t.Parallel()
			r := soundOffer()
			c.change(r)
			broken(t, checkOffer(r, false), c.rule+" "+c.field)
		})
	}
	t.Run("MKT-PRD-04 also when the provider has a reseller key", func(t *testing.T) {
		t.Parallel()
		r := soundOffer()
		r.Form[2].Shown = false
		broken(t, checkOffer(r, true), "MKT-PRD-04 form[2].shown")
	})
}

func TestAProductThatBreaksEveryRuleIsToldSoAtOnce(t *testing.T) {
	t.Parallel()
	r := &OfferRequest{Description: long(1001), SKUs: []SKU{{"!", "", ""}},
		Form: []Field{{Field: "x", Label: "\n"}, {Field: FieldReseller, JSON: "a", Required: true}, {Field: FieldEmail, JSON: "a", Required: true}}}
	broken(t, checkOffer(r, false), "MKT-PRD-01 name", "MKT-PRD-01 description",
		"MKT-PRD-02 form[0].field", "MKT-PRD-03 form[0].jsonName", "MKT-PRD-02 form[0].label",
		"MKT-PRD-05 form[1].required",
		"MKT-PRD-03 form[2].jsonName", "MKT-PRD-04 form[2].shown",
		"MKT-PRD-07 form",
		"MKT-PRD-06 skus[0].sku", "MKT-PRD-06 skus[0].name", "MKT-PRD-06 skus[0].unit")
	// What is far too long is not told of entry by entry.
	huge := &OfferRequest{Name: "n", Form: make([]Field, 10_000), SKUs: make([]SKU, 10_000)}
	if wrong := checkOffer(huge, false); len(wrong) > 200 {
		t.Errorf("%d violations are told of", len(wrong))
	}
}

func filled(change map[string]string) map[string]string {
	values := map[string]string{FieldUsername: "buyer", FieldPassword: "hunter2", FieldHolder: "Example Buyer", FieldEmail: "buyer@example.com"}
	maps.Copy(values, change)
	return values
}

func TestAFormThatIsFilledInRight(t *testing.T) {
	t.Parallel()
	for why, change := range map[string]map[string]string{
		"MKT-SUB-01 what is required alone":            {},
		"MKT-SUB-01 what is not required may be empty": {FieldCompany: "", FieldCountry: "", FieldState: ""},
		"MKT-SUB-02 all that is shown": {FieldCompany: "Company", FieldAddress1: "1801 California Street", FieldAddress2: "Suite 900", FieldCountry: "US",
			FieldState: "CO", FieldPostal: "80202-1234", FieldPhone: "+1 (303) 555-0100 x1234"},
		"MKT-SUB-03 the longest":             {FieldCompany: long(255)},
		"MKT-SUB-03 a password of anything":  {FieldPassword: `  "<&>\/'ü日本🙂%20 `},
		"MKT-SUB-03 a tagged e-mail address": {FieldEmail: "first.last+tag@mail.example.org"},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			wrong, err := checkValues(fullForm(), filled(change))
			if err != nil {
				t.Error(err)
			}
			broken(t, wrong)
		})
	}
	t.Run("MKT-SUB-01 a reseller key that is ours to give", func(t *testing.T) {
		t.Parallel()
		form := ExampleForm()
		form[0].Required = true
		wrong, err := checkValues(form, map[string]string{FieldHolder: "Example Buyer", FieldEmail: "buyer@example.com"})
		if err != nil {
			t.Error(err)
		}
		broken(t, wrong)
	})
}

func TestAFormIsRefusedWithTheRuleThatItBreaks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, why, field, value, path string }{
		{"MKT-SUB-01", "empty", FieldHolder, "", "fields.accountHolderName"},
		{"MKT-SUB-01", "blank", FieldHolder, " \u00a0\t", "fields.accountHolderName"},
		{"MKT-SUB-01", "a password of nothing", FieldPassword, "", "fields.password"},
		{"MKT-SUB-02", "a field that there is not", "cardHolder", "x", "fields.cardHolder"},
		{"MKT-SUB-02", "a field in other case", "emailaddress", "a@example.com", "fields.emailaddress"},
		{"MKT-SUB-02", "the name that the provider gave it", "email", "a@example.com", "fields.email"},
		{"MKT-SUB-02", "a hidden field", FieldReseller, "x", "fields.resellerKey"},
		{"MKT-SUB-02", "an empty hidden field", FieldReseller, "", "fields.resellerKey"},
		{"MKT-SUB-02", "a name without end", strings.Repeat("z", 5000), "x", "fields." + strings.Repeat("z", 40) + "…"},
		{"MKT-SUB-03", "too long", FieldCompany, long(256), "fields.companyName"},
		{"MKT-SUB-03", "two lines", FieldAddress1, "a\nb", "fields.address1"},
		{"MKT-SUB-03", "a control character", FieldPassword, "a\x7fb", "fields.password"},
		{"MKT-SUB-03", "no e-mail address", FieldEmail, "buyer", "fields.emailAddress"},
		{"MKT-SUB-03", "an e-mail address with a name", FieldEmail, "Buyer <buyer@example.com>", "fields.emailAddress"},
		{"MKT-SUB-03", "two e-mail addresses", FieldEmail, "a@example.com, b@example.com", "fields.emailAddress"},
		{"MKT-SUB-03", "an e-mail address in spaces", FieldEmail, " a@example.com", "fields.emailAddress"},
		{"MKT-SUB-03", "a country's name", FieldCountry, "United States", "fields.country"},
		{"MKT-SUB-03", "a country in small letters", FieldCountry, "us", "fields.country"},
		{"MKT-SUB-03", "a country of digits", FieldCountry, "42", "fields.country"},
		{"MKT-SUB-03", "a country of one letter of two bytes", FieldCountry, "ü", "fields.country"},
	} {
		t.Run(c.rule+" "+c.why, func(t *testing.T) {
			t.Parallel()
			wrong, err := checkValues(fullForm(), filled(map[string]string{c.field: c.value}))
			if err != nil {
				t.Error(err)
			}
			broken(t, wrong, c.rule+" "+c.path)
		})
	}
}

func TestAFormThatBreaksEveryRuleIsToldSoAtOnce(t *testing.T) {
	t.Parallel()
	wrong, err := checkValues(fullForm(), map[string]string{FieldEmail: "x", FieldCountry: "x", FieldPhone: "\n", FieldReseller: "x", "a": "x"})
	if err != nil {
		t.Error(err)
	}
	broken(t, wrong, "MKT-SUB-01 fields.username", "MKT-SUB-01 fields.password", "MKT-SUB-01 fields.accountHolderName", "MKT-SUB-03 fields.emailAddress",
		"MKT-SUB-03 fields.country", "MKT-SUB-03 fields.phoneNumber", "MKT-SUB-02 fields.a", "MKT-SUB-02 fields.resellerKey")
	wrong, _ = checkValues(fullForm(), nil)
	broken(t, wrong, "MKT-SUB-01 fields.username", "MKT-SUB-01 fields.password", "MKT-SUB-01 fields.accountHolderName", "MKT-SUB-01 fields.emailAddress")
}

func TestMKT_SUB_04_ACardNumberInAnyFieldIsRefusedByItself(t *testing.T) {
	t.Parallel()
	card := "4111 1111 1111 1111"
	cards := func(values map[string]string) []fault.Violation {
		wrong, err := checkValues(fullForm(), values)
		f := fault.Of(err)
		if f == nil || !errors.Is(err, CardNumber) || len(wrong) > 0 {
			t.Errorf("%v: %v, %v", values, wrong, err)
			return nil
		}
		if said := fmt.Sprint(err, f.Violations, f.Message, f.Next); strings.Contains(said, "1111") {
			t.Errorf("the number is repeated: %s", said)
		}
		return f.Violations
	}
	for _, k := range fieldKinds {
		for _, text := range []string{card, "4111111111111111", "my card: " + card + " 12/27", long(300) + card} {
			broken(t, cards(filled(map[string]string{k.id: text})), "MKT-SUB-04 fields."+k.id)
		}
	}
	// All of them, and nothing else that is wrong.
	broken(t, cards(map[string]string{FieldEmail: "x", FieldPhone: card, FieldAddress1: card, "unknown": card, FieldReseller: card}),
		"MKT-SUB-04 fields.address1", "MKT-SUB-04 fields.phoneNumber", "MKT-SUB-04 fields.resellerKey", "MKT-SUB-04 fields.unknown")
	// A name is written by the buyer, too.
	broken(t, cards(map[string]string{card: "x"}), "MKT-SUB-04 fields")
	broken(t, cards(map[string]string{card: card}), "MKT-SUB-04 fields")
	broken(t, cards(map[string]string{strings.Repeat("z", 5000): card}), "MKT-SUB-04 fields."+strings.Repeat("z", 40)+"…")
}

// No answer repeats what a buyer wrote: it may be a secret in the wrong field.
func TestNoMessageRepeatsAValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		canary := rapid.StringMatching(`QZX[a-z]{5}WJ`).Draw(t, "canary")
		wrap := rapid.SampledFrom([]string{"%s", "%s\n", "\x00%s", "%s@", "%s <a@example.com>", " %s ", "%s 4111 1111 1111 1111", long(256) + "%s"})
		values := map[string]string{}
		for _, k := range fieldKinds {
			if rapid.Bool().Draw(t, k.id) {
				values[k.id] = fmt.Sprintf(wrap.Draw(t, "value"), canary)
			}
		}
		if rapid.Bool().Draw(t, "unknown") {
			values["unknown"] = canary
		}
		form := rapid.SampledFrom([][]Field{fullForm(), ExampleForm(), nil}).Draw(t, "form")
		wrong, err := checkValues(form, values)
		if err == nil {
			err = wrong.As(fault.Invalid)
		}
		if err == nil {
			return
		}
		f := fault.Of(err)
		if said := fmt.Sprint(f, f.Message, f.Violations, f.Next); strings.Contains(said, canary) {
			t.Errorf("%s is repeated: %s", canary, said)
		}
	})
	// Nor what a provider's manager wrote as a secret.
	r := soundProvider()
	r.ResellerKey, r.BaseURL = "QZX\n", "http://QZX:QZX@10.0.0.1:0/?QZX"
	if said := fmt.Sprint(checkProvider(r, publicOnly)); strings.Contains(said, "QZX") {
		t.Errorf("a secret is repeated: %s", said)
	}
}

func TestTheFormHasTheTwelveFieldsOfTheSource(t *testing.T) {
	t.Parallel()
	want := []string{"Username", "Password", "Company Name", "Account Holder's Name", "Email Address", "Address # 1", "Address # 2", "Country",
		"State or Province", "Zip or Postal Code", "Phone Number", "Reseller Key"}
	var got, secret []string
	for _, k := range fieldKinds {
		got = append(got, k.label)
		if isSecret(k.id) {
			secret = append(secret, k.id)
		}
		if again, ok := kindOf(k.id); !ok || again != k {
			t.Errorf("%s is not known", k.id)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{FieldPassword, FieldReseller}, secret); diff != "" {
		t.Error(diff)
	}
	if _, ok := kindOf("cardNumber"); ok || isSecret("cardNumber") {
		t.Error("there is a field for card numbers")
	}
}
