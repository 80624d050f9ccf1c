package marketplace

import (
	"net/mail"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"demarc/internal/fault"
	"demarc/internal/guard"
)

// Bounds of what providers and buyers write.
const (
	maxProviderName = 40
	maxTitle        = 100
	maxDescription  = 1000
	maxSecret       = 255
	maxValue        = 255
	maxSKUs         = 50
	maxUnit         = 30
)

// ProviderRequest asks to onboard a provider, or to change one.
type ProviderRequest struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	BaseURL     string `json:"baseUrl"`
	ResellerKey string `json:"resellerKey"`
}

// providerName is what may stand in a path: the source's scheme is
// /provider-name-provision-account/.
//
// Its length is bounded apart, since a hyphen counts too.
var providerName = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9]){1,39}$`)

// checkProvider decides about a provider.
//
//   - MKT-PRV-01: its name is 2 to 40 letters a to z, digits and single hyphens,
//     since it becomes part of a path.
//   - MKT-PRV-02: its title is 1 to 100 characters.
//   - MKT-PRV-03: its base URL is an address that we may call.
//   - MKT-PRV-04: a reseller key is printable and at most 255 characters.
func checkProvider(r *ProviderRequest, allowed func(netip.Addr) bool) fault.List {
	var wrong fault.List
	if !providerName.MatchString(r.Name) || len(r.Name) > maxProviderName {
		wrong.Add("MKT-PRV-01", "name", "must be 2 to 40 letters a to z, digits and single hyphens")
	}
	checkLine(&wrong, "MKT-PRV-02", "title", r.Title, maxTitle)
	for _, p := range guard.CheckURL(r.BaseURL, allowed) {
		wrong.Add("MKT-PRV-03", "baseUrl", p.Message)
	}
	if strings.ContainsAny(r.BaseURL, "?#") {
		wrong.Add("MKT-PRV-03", "baseUrl", "must end in its path, without ? or #")
	}
	if utf8.RuneCountInString(r.ResellerKey) > maxSecret || strings.ContainsFunc(r.ResellerKey, func(c rune) bool { return !unicode.IsPrint(c) }) {
		wrong.Addf("MKT-PRV-04", "resellerKey", "must be at most %d printable characters", maxSecret)
	}
	return wrong
}

// checkLine is a rule about one line of text that must be there.
func checkLine(wrong *fault.List, rule, field, text string, most int) {
	if strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > most || strings.ContainsFunc(text, unicode.IsControl) {
		wrong.Addf(rule, field, "must be one line of 1 to %d characters", most)
	}
}

// OfferRequest asks to offer a product, or to change one.
type OfferRequest struct {
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Form        []Field `json:"form"`
	SKUs        []SKU   `json:"skus"`
}

var (
	jsonName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,63}$`)
	skuID    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
)

// checkOffer decides about a product.
//
//   - MKT-PRD-01: its name is 1 to 100 characters, its description at most 1,000.
//   - MKT-PRD-02: a form's field is one of the twelve, and there once.
//   - MKT-PRD-03: its JSON name is a name, and there once.
//   - MKT-PRD-04: what a buyer must fill in is shown, but for the reseller key, which
//     is ours to give.
//   - MKT-PRD-05: a provider without a reseller key cannot require one that the buyer
//     does not see.
//   - MKT-PRD-06: 1 to 50 SKUs, each there once, with a name and a unit.
//   - MKT-PRD-07: no form asks for nothing.
func checkOffer(r *OfferRequest, hasResellerKey bool) fault.List {
	var wrong fault.List
	checkLine(&wrong, "MKT-PRD-01", "name", r.Name, maxTitle)
	if utf8.RuneCountInString(r.Description) > maxDescription {
		wrong.Addf("MKT-PRD-01", "description", "must have at most %d characters", maxDescription)
	}
	checkForm(&wrong, r.Form, hasResellerKey)
	if len(r.SKUs) == 0 || len(r.SKUs) > maxSKUs {
		wrong.Addf("MKT-PRD-06", "skus", "must be 1 to %d", maxSKUs)
	}
	var ids []string
	for i := range min(len(r.SKUs), maxSKUs) {
		checkSKU(&wrong, at("skus", i), &r.SKUs[i])
		if id := r.SKUs[i].ID; id != "" && slices.Contains(ids, id) {
			wrong.Add("MKT-PRD-06", at("skus", i)+".sku", "must be there once")
		}
		ids = append(ids, r.SKUs[i].ID)
	}
	return wrong
}

func checkSKU(wrong *fault.List, path string, s *SKU) {
	if s.ID != "" && !skuID.MatchString(s.ID) {
		wrong.Add("MKT-PRD-06", path+".sku", "must be at most 64 letters, digits, dots, hyphens and underscores; left out, we choose one")
	}
	checkLine(wrong, "MKT-PRD-06", path+".name", s.Name, maxTitle)
	checkLine(wrong, "MKT-PRD-06", path+".unit", s.Unit, maxUnit)
}

func checkForm(wrong *fault.List, form []Field, hasResellerKey bool) {
	var fields, names []string
	shown := false
	for i, f := range form[:min(len(form), len(fieldKinds)+1)] {
		path := at("form", i)
		if _, ok := kindOf(f.Field); !ok || slices.Contains(fields, f.Field) {
			wrong.Add("MKT-PRD-02", path+".field", "must be one of "+fieldNames()+", and there once")
		}
		if !jsonName.MatchString(f.JSON) || slices.Contains(names, f.JSON) {
			wrong.Add("MKT-PRD-03", path+".jsonName", "must be a name of at most 64 letters, digits, dots, hyphens and underscores, and there once")
		}
		if utf8.RuneCountInString(f.Label) > maxTitle || strings.ContainsFunc(f.Label, unicode.IsControl) {
			wrong.Addf("MKT-PRD-02", path+".label", "must be one line of at most %d characters", maxTitle)
		}
		switch {
		case f.Field == FieldReseller && f.Required && !f.Shown && !hasResellerKey:
			wrong.Add("MKT-PRD-05", path+".required", "must be false as long as the provider has no resellerKey")
		case f.Field != FieldReseller && f.Required && !f.Shown:
			wrong.Add("MKT-PRD-04", path+".shown", "must be true for a required field")
		}
		shown = shown || f.Shown
		fields, names = append(fields, f.Field), append(names, f.JSON)
	}
	if len(form) > len(fieldKinds) {
		wrong.Addf("MKT-PRD-02", "form", "must have at most %d fields", len(fieldKinds))
	}
	if !shown {
		wrong.Add("MKT-PRD-07", "form", "must show at least one field")
	}
}

func fieldNames() string {
	names := make([]string, len(fieldKinds))
	for i, k := range fieldKinds {
		names[i] = k.id
	}
	return strings.Join(names, ", ")
}

// checkValues decides about what a buyer filled in, by the product's form.
//
//   - MKT-SUB-01: what is required is there.
//   - MKT-SUB-02: only fields that the form shows.
//   - MKT-SUB-03: a value is one line of at most 255 characters, an e-mail address one,
//     a country its two letters.
//   - MKT-SUB-04: no value holds a payment card's number (source: we do not collect
//     Private Card Information). It alone is answered then, and never the value.
func checkValues(form []Field, values map[string]string) (fault.List, error) {
	var cards, wrong fault.List
	for _, field := range sortedKeys(values) {
		if HoldsCardNumber(values[field]) || HoldsCardNumber(field) {
			path := "fields." + bounded(field)
			if HoldsCardNumber(field) {
				path = "fields"
			}
			cards.Add("MKT-SUB-04", path, "must not be a payment card's number")
		}
	}
	if len(cards) > 0 {
		return nil, CardNumber.With(cards...)
	}
	for _, f := range form {
		v, given := values[f.Field]
		switch {
		case f.Shown && f.Required && strings.TrimSpace(v) == "":
			wrong.Add("MKT-SUB-01", "fields."+f.Field, "must be given")
		case f.Shown && given && v != "":
			checkValue(&wrong, f.Field, v)
		}
	}
	for _, field := range sortedKeys(values) {
		if !slices.ContainsFunc(form, func(f Field) bool { return f.Field == field && f.Shown }) {
			wrong.Add("MKT-SUB-02", "fields."+bounded(field), "is not part of this product's form")
		}
	}
	return wrong, nil
}

func checkValue(wrong *fault.List, field, v string) {
	path := "fields." + field
	if utf8.RuneCountInString(v) > maxValue || strings.ContainsFunc(v, unicode.IsControl) {
		wrong.Addf("MKT-SUB-03", path, "must be one line of at most %d characters", maxValue)
		return
	}
	switch field {
	case FieldEmail:
		if a, err := mail.ParseAddress(v); err != nil || a.Address != v {
			wrong.Add("MKT-SUB-03", path, "must be an e-mail address")
		}
	case FieldCountry:
		if len(v) != 2 || v[0] < 'A' || v[0] > 'Z' || v[1] < 'A' || v[1] > 'Z' {
			wrong.Add("MKT-SUB-03", path, "must be a country's two letters, such as US")
		}
	}
}
