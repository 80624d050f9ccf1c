package outbox

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"demarc/internal/fault"
	"demarc/internal/guard"
)

// The rules of endpoints, as errors name them.
const (
	ruleURL     = "HOOK-URL-01" // an endpoint's address is an absolute http or https URL without userinfo
	ruleAddress = "HOOK-URL-02" // it does not point into a private, loopback or link-local network, unless the operator allows that one
	ruleForm    = "HOOK-FRM-01" // a form is one that there is, and stays
	ruleEvents  = "HOOK-EVT-01" // 1 to 50 patterns of types
	ruleActs    = "HOOK-CUS-01" // the customer is one that the application may act for
	ruleAuth    = "HOOK-AUT-01" // an authentication is complete and of a known type
	ruleText    = "HOOK-DES-01" // a description is at most 255 characters
	ruleState   = "HOOK-STA-01" // a state is enabled or disabled
)

// Bounds of what an application may register.
const (
	MaxEndpoints   = 50 // for one application
	maxEvents      = 50
	maxPattern     = 64
	maxCredential  = 255
	maxDescription = 255
)

// Acts answers the number that a customer goes by, when the application may act for
// it. The number that is asked about may be another of the customer's. nil: it may
// act for nobody.
type Acts func(number string) (goesBy string, may bool)

// goesBy is the number that notices about a customer have.
func (a Acts) goesBy(number string) string {
	if known, may := a.ask(number); may {
		return known
	}
	return number
}

func (a Acts) ask(number string) (goesBy string, may bool) {
	if a == nil || number == "" {
		return number, number == ""
	}
	return a(number)
}

// checkEndpoint gives every rule that an endpoint breaks. was is what it was before
// a change, nil for a new one; allowed says which literal addresses it may have.
func checkEndpoint(e, was *Endpoint, acts Acts, allowed func(netip.Addr) bool) error {
	var wrong fault.List
	checkURL(&wrong, "url", e.URL, allowed)
	checkForm(&wrong, e, was)
	checkEvents(&wrong, e.Events)
	// What the application might act for once is no matter as long as it stays.
	if _, may := acts.ask(e.Customer); !may && (was == nil || was.Customer != e.Customer) {
		wrong.Add(ruleActs, "customer", "must be a customer that this application may act for; leave it empty for all of them")
	}
	checkAuth(&wrong, e.Auth, allowed)
	if utf8.RuneCountInString(e.Description) > maxDescription {
		wrong.Addf(ruleText, "description", "must have at most %d characters", maxDescription)
	}
	if e.State != Enabled && e.State != Disabled {
		wrong.Add(ruleState, "state", "must be enabled or disabled")
	}
	return wrong.As(EndpointInvalid)
}

// checkForm holds a form against those that there are. Who only changes something
// else may do so on a node that does not know the form.
func checkForm(wrong *fault.List, e, was *Endpoint) {
	_, known := findForm(e.Form)
	switch {
	case was != nil && was.Form != e.Form:
		wrong.Addf(ruleForm, "form", "must stay %s; register another endpoint for another form", was.Form)
	case was == nil && !known:
		var names []string
		for _, f := range Forms() {
			names = append(names, f.Name)
		}
		wrong.Add(ruleForm, "form", "must be one of "+strings.Join(names, ", "))
	}
}

func checkURL(wrong *fault.List, field, text string, allowed func(netip.Addr) bool) {
	for _, p := range guard.CheckURL(text, allowed) {
		rule := ruleURL
		if p.Private {
			rule = ruleAddress
		}
		wrong.Add(rule, field, p.Message)
	}
}

func checkEvents(wrong *fault.List, events []string) {
	if len(events) == 0 || len(events) > maxEvents {
		wrong.Addf(ruleEvents, "events", "must list 1 to %d types or patterns", maxEvents)
		return
	}
	for i, p := range events {
		if !ValidPattern(p) {
			wrong.Add(ruleEvents, "events["+strconv.Itoa(i)+"]", "must be a type such as ondemand.order.completed, a pattern such as ondemand.order.*, or *")
		}
	}
}

// ValidPattern reports whether p is a type, a type's beginning and .*, or *.
func ValidPattern(p string) bool {
	if p == "*" {
		return true
	}
	if len(p) > maxPattern {
		return false
	}
	for i, part := range strings.Split(strings.TrimSuffix(p, ".*"), ".") {
		if part == "" || i == 0 && (part[0] < 'a' || part[0] > 'z') {
			return false
		}
		for _, r := range part {
			if r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
				return false
			}
		}
	}
	return true
}

// matchesAny reports whether a type is meant by one of the space separated
// patterns.
func matchesAny(patterns, typ string) bool {
	for p := range strings.SplitSeq(patterns, " ") {
		prefix, isPattern := strings.CutSuffix(p, "*")
		if p == typ || isPattern && strings.HasPrefix(typ, prefix) {
			return true
		}
	}
	return false
}

func checkAuth(wrong *fault.List, a Auth, allowed func(netip.Addr) bool) {
	credential := func(field, value string, needed bool) {
		switch {
		case needed && value == "":
			wrong.Add(ruleAuth, "auth."+field, "is needed for this type")
		case len(value) > maxCredential:
			wrong.Addf(ruleAuth, "auth."+field, "must have at most %d characters", maxCredential)
		case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
			wrong.Add(ruleAuth, "auth."+field, "must not contain control characters")
		}
	}
	switch a.Type {
	case AuthNone:
	case AuthBasic:
		credential("username", a.Username, true)
		credential("password", a.Password, true)
		if strings.Contains(a.Username, ":") {
			wrong.Add(ruleAuth, "auth.username", "must not contain a colon, which divides it from the password")
		}
	case AuthOAuth2:
		checkURL(wrong, "auth.tokenUrl", a.TokenURL, allowed)
		credential("clientId", a.ClientID, true)
		credential("clientSecret", a.ClientSecret, true)
		credential("scope", a.Scope, false)
	default:
		wrong.Add(ruleAuth, "auth.type", "must be none, basic or oauth2")
	}
}
