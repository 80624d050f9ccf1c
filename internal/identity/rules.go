package identity

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"demarc/internal/clock"
	"demarc/internal/fault"
)

// The kinds of worlds.
const (
	production = "production"
	snapshot   = "snapshot"
)

const (
	ruleName     = "IDN-APP-01"
	ruleProducts = "IDN-APP-02"
	ruleOrg      = "IDN-APP-03"
	ruleWorld    = "IDN-APP-04"
	ruleAll      = "IDN-CUS-01"
	ruleLife     = "IDN-SEC-02"
	ruleAddress  = "IDN-USR-01"
	ruleRole     = "IDN-USR-02"
	ruleNewcomer = "IDN-SUP-01"
	ruleNote     = "IDN-CLM-03"
)

// liveSecrets is how many live secrets an application may have. (IDN-SEC-01)
const liveSecrets = 2

// All grants an application all customers of its sandbox.
const All = "*"

// NewApp asks for an application.
type NewApp struct {
	Org       string // "": the sandbox's own
	NewOrg    string // in production: makes an organisation of this name, instead
	World     string
	Name      string
	Products  []string
	Customers []string      // numbers it may act for; All in a sandbox
	SecretTTL time.Duration // of its first secret; 0: it does not expire
}

// appFacts is what the rules about an application need to know.
type appFacts struct {
	products  []string // those there are; none: not known
	worldKind string
	worldOrg  string
}

var productName = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)

// checkApp answers every rule that the application would break.
func checkApp(n NewApp, f appFacts) (wrong fault.List) {
	checkName(&wrong, "name", n.Name)
	if len(n.Products) == 0 {
		wrong.Add(ruleProducts, "products", "must name at least one product")
	}
	for i, p := range n.Products {
		switch {
		case !productName.MatchString(p):
			wrong.Addf(ruleProducts, "products", "must not name %q: a product's name is lower case", p)
		case len(f.products) > 0 && !slices.Contains(f.products, p):
			wrong.Addf(ruleProducts, "products", "must not name %q: the products are %s", p, strings.Join(f.products, ", "))
		case slices.Contains(n.Products[:i], p):
			wrong.Addf(ruleProducts, "products", "must not name %q twice", p)
		}
	}
	if f.worldKind != production && n.Org != "" && n.Org != f.worldOrg {
		wrong.Add(ruleOrg, "org", "must be the organisation that the sandbox belongs to")
	}
	if f.worldKind == production && (n.Org == "") == (n.NewOrg == "") {
		wrong.Add(ruleOrg, "org", "must be given for an application of the production world, either one that there is or the name of a new one")
	}
	if f.worldKind != production && n.NewOrg != "" {
		wrong.Add(ruleOrg, "newOrg", "must not be given: a sandbox belongs to an organisation already")
	} else if n.NewOrg != "" {
		checkName(&wrong, "newOrg", n.NewOrg)
	}
	if f.worldKind == snapshot {
		wrong.Add(ruleWorld, "world", "must not be a snapshot")
	}
	if f.worldKind == production && slices.Contains(n.Customers, All) {
		wrong.Add(ruleAll, "customers", "must name its customers; * is for sandboxes")
	}
	checkTTL(&wrong, "secretTtl", n.SecretTTL)
	return wrong
}

// checkName bounds what an application or an organisation may be called.
func checkName(wrong *fault.List, field, name string) {
	l := utf8.RuneCountInString(name)
	odd := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
	if l == 0 || l > 80 || strings.TrimSpace(name) != name || strings.ContainsFunc(name, odd) {
		wrong.Add(ruleName, field, "must be 1 to 80 printable characters, without spaces around them")
	}
}

// checkTTL bounds how long a secret lives.
func checkTTL(wrong *fault.List, field string, ttl time.Duration) {
	if ttl < 0 || ttl > clock.MaxSpan {
		wrong.Add(ruleLife, field, "must be between nothing and ten years")
	}
}

// badAddress is what is wrong with an address; it does not repeat it.
const badAddress = "must be an e-mail address"

// isAddress says whether an address, in lower case, is one that mail can reach.
func isAddress(email string) bool {
	odd := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
	if len(email) > 254 || strings.ContainsFunc(email, odd) {
		return false
	}
	a, err := mail.ParseAddress(email)
	return err == nil && a.Address == email
}

func checkAddress(wrong *fault.List, email string) {
	if !isAddress(email) {
		wrong.Add(ruleAddress, "email", badAddress)
	}
}

// checkRole keeps the carrier's roles and its people together.
func checkRole(wrong *fault.List, org, role string) {
	roles := otherRoles
	if org == CarrierOrg {
		roles = carrierRoles
	}
	if !slices.Contains(roles, role) {
		wrong.Add(ruleRole, "role", "must be one of "+strings.Join(roles, ", "))
	}
}

// checkNewcomer bounds what people can make of themselves.
func checkNewcomer(wrong *fault.List, role string) {
	if !slices.Contains(otherRoles, role) {
		wrong.Add(ruleNewcomer, "role", "must be one of "+strings.Join(otherRoles, ", "))
	}
}

// noteMost bounds what is said about a decision.
const noteMost = 500

func checkNote(wrong *fault.List, note string) {
	odd := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) && r != '\n' }
	if utf8.RuneCountInString(note) > noteMost || strings.ContainsFunc(note, odd) {
		wrong.Addf(ruleNote, "note", "must be at most %d printable characters", noteMost)
	}
}
