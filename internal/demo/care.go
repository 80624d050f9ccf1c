package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Customers of every fresh world, by what a person who calls would say.
const (
	careAccount = "8211990010013290" // JOHN DOE's
	careOne     = "7879900001"       // one account's telephone number
	careThree   = "7879900003"       // three accounts'
	careFour    = "7879900004"       // four's
)

// careWalk is the journey's stage; its calls prove themselves by two headers instead
// of a token.
type careWalk struct{ *Stage }

// careJourney identifies customers as a bot in a conversation does, and goes wrong in
// each of the documented ways.
func careJourney(ctx context.Context, s *Stage) error {
	w := careWalk{s}
	for _, part := range []func(context.Context) error{w.byAccount, w.byNumber, w.privacy, w.elsewhere, w.wrong, w.down} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// ask is a call of the API. The application is the world's own, and its secret goes
// along as it is.
func (w careWalk) ask(unit, operation, refID, value string) Call {
	return Call{Method: http.MethodGet, Path: "/bot-ux/v1/" + unit + "/" + operation, Bare: true, Header: http.Header{
		"client_id": {w.World.Client}, "client_secret": {w.World.Secret}, "lob": {"FIXED"}, "refid": {refID}, "refvalue": {value}}}
}

// careAmount is an amount as it stands in an answer: a number, never a text.
type careAmount struct {
	Unit  string          `json:"unit"`
	Value json.RawMessage `json:"value"`
}

func (a careAmount) String() string { return string(a.Value) + " " + a.Unit }

type careMedium struct {
	Kind   string            `json:"mediumType"`
	Values map[string]string `json:"characteristic"`
}

func (m careMedium) String() string {
	parts := []string{m.Kind}
	for _, name := range slices.Sorted(maps.Keys(m.Values)) {
		if name != "contactType" && name != "country" {
			parts = append(parts, m.Values[name])
		}
	}
	return strings.Join(parts, " ")
}

type careContact struct {
	Media []careMedium `json:"contactMedium"`
}

// careBill is a billing account, of either operation.
type careBill struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	State    string        `json:"state"`
	Contacts []careContact `json:"contact"`
	Balances []struct {
		Kind   string     `json:"balanceType"`
		Amount careAmount `json:"amount"`
	} `json:"accountBalance"`
}

// email is the account's e-mail address, "" when the answer has none.
func (b careBill) email() string {
	for _, c := range b.Contacts {
		for _, m := range c.Media {
			if m.Kind == "Email" {
				return m.Values["emailAddress"]
			}
		}
	}
	return ""
}

// enquire asks for an account, shows it and makes sure what it owes.
func (w careWalk) enquire(ctx context.Context, unit, account, name, owes string) error {
	var b careBill
	if err := w.Do(ctx, w.ask(unit, "balanceEnquiry", "ACCOUNT_NO", account), &b); err != nil {
		return err
	}
	w.Say("%s  %s, %s", b.ID, b.Name, b.State)
	var receivable string
	for _, a := range b.Balances {
		w.Say("  %-18s %s", a.Kind, a.Amount)
		if a.Kind == "ReceivableBalance" {
			receivable = a.Amount.String()
		}
	}
	for _, c := range b.Contacts {
		for _, m := range c.Media {
			w.Say("  %s", m)
		}
	}
	if b.ID != account || b.Name != name {
		return fmt.Errorf("the account %s %s is not %s %s", b.ID, b.Name, account, name)
	}
	return expect(owes, receivable)
}

func (w careWalk) byAccount(ctx context.Context) error {
	w.Step("Identify a customer by the account's number")
	w.Say("the world's application proves itself with client_id and client_secret, which are not shown")
	return w.enquire(ctx, "PR", careAccount, "JOHN DOE", "277.94 USD")
}

// accounts asks for the accounts with a telephone number, and makes sure that there
// are so many, all of them with an e-mail address or none.
func (w careWalk) accounts(ctx context.Context, unit, number string, count int, emails bool) error {
	var list []careBill
	if err := w.Do(ctx, w.ask(unit, "accounts", "SERVICE_NO", number), &list); err != nil {
		return err
	}
	for _, b := range list {
		email := b.email()
		if emails != (email != "") {
			return fmt.Errorf("account %s is answered with the e-mail address %q", b.ID, email)
		}
		if email == "" {
			email = "no e-mail address"
		}
		w.Say("%s  %s, %s", b.ID, b.Name, email)
	}
	if len(list) != count {
		return fmt.Errorf("%d accounts have the number %s, it should be %d", len(list), number, count)
	}
	return nil
}

func (w careWalk) byNumber(ctx context.Context) error {
	w.Step("Identify one by a telephone number")
	return w.accounts(ctx, "PR", careOne, 1, true)
}

func (w careWalk) privacy(ctx context.Context) error {
	w.Step("A number of many accounts tells less of each")
	if err := w.accounts(ctx, "PR", careThree, 3, true); err != nil {
		return err
	}
	if err := w.accounts(ctx, "PR", careFour, 4, false); err != nil {
		return err
	}
	w.Say("of more than three, any caller could be somebody else: their e-mail addresses are withheld")
	return nil
}

func (w careWalk) elsewhere(ctx context.Context) error {
	w.Step("Other countries, in their own money")
	if err := w.enquire(ctx, "JM", "200500101", "JM EXAMPLE 1", "4599.00 JMD"); err != nil {
		return err
	}
	if err := w.enquire(ctx, "CL", "2000500101", "CL EXAMPLE 1", "459900 CLP"); err != nil {
		return err
	}
	w.Say("each country has a billing system of its own; the Chilean peso has no decimals")
	return nil
}

// careError is the API's own envelope.
type careError struct {
	Errors []struct {
		Code        int    `json:"code"`
		Message     string `json:"message"`
		Description string `json:"description"`
	} `json:"errors"`
}

// refused makes a call that must be refused in exactly these words.
func (w careWalk) refused(ctx context.Context, c Call, status int, message, description string) error {
	no, err := w.Denied(ctx, status, c)
	if err != nil {
		return err
	}
	var e careError
	if err := json.Unmarshal(no.Body, &e); err != nil {
		return err
	}
	if len(e.Errors) != 1 || e.Errors[0].Code != status {
		return fmt.Errorf("the refusal is not one error %d: %s", status, no.Body)
	}
	w.Say("%d %s", status, e.Errors[0].Message)
	w.Say("    %s", e.Errors[0].Description)
	if err := expect(message, e.Errors[0].Message); err != nil {
		return err
	}
	return expect(description, e.Errors[0].Description)
}

func (w careWalk) wrong(ctx context.Context) error {
	w.Step("What goes wrong")
	prepaid, forged := w.ask("PR", "balanceEnquiry", "ACCOUNT_NO", careAccount), w.ask("PR", "balanceEnquiry", "ACCOUNT_NO", careAccount)
	prepaid.Header["lob"] = []string{"PREPAID"}
	forged.Header["client_secret"] = []string{"not-the-secret"}
	for _, part := range []struct {
		why                  string
		call                 Call
		status               int
		message, description string
	}{
		{"a business unit that does not exist", w.ask("OO", "balanceEnquiry", "ACCOUNT_NO", careAccount), http.StatusBadRequest,
			"APIKIT:BAD_REQUEST", "Invalid value 'OO' for uri parameter businessId. OO is not a valid enum value"},
		{"one that is not connected yet", w.ask("TT", "balanceEnquiry", "ACCOUNT_NO", careAccount), http.StatusNotImplemented,
			"Not implemented", "Not implemented for Operation GET /balanceEnquiry for Business Id: TT not implemented"},
		{"another line of business", prepaid, http.StatusNotImplemented,
			"Not implemented", "Not implemented for Operation GET /balanceEnquiry with lob PREPAID for Business Id: PR not implemented"},
		{"a wrong secret", forged, http.StatusUnauthorized, "The user could not be authenticated for this request.",
			"The request has not been applied because it lacks valid authentication credentials for the target resource"},
	} {
		w.Say("%s:", part.why)
		if err := w.refused(ctx, part.call, part.status, part.message, part.description); err != nil {
			return err
		}
	}
	return nil
}

func (w careWalk) down(ctx context.Context) error {
	w.Step("The billing system does not answer")
	w.Say("in a sandbox [demarc:billing-unavailable] behind a value makes it so, on purpose")
	c := w.ask("PR", "balanceEnquiry", "ACCOUNT_NO", careAccount+" [demarc:billing-unavailable]")
	return w.refused(ctx, c, http.StatusServiceUnavailable, "HTTP:SERVICE_UNAVAILABLE",
		"HTTP POST on resource 'http://billing/v1/PR/billingAccount/' failed: service unavailable (503).")
}
