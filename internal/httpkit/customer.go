package httpkit

import (
	"net/http"
	"strings"

	"demarc/internal/fault"
)

// CustomerHeader carries the number of the customer that a call is made for.
const CustomerHeader = "x-customer-number"

// ruleCustomer: a caller that acts for several customers says for which.
const ruleCustomer = "EDGE-CUS-01"

// CustomerNumber is the number that a call names its customer by, "" when it names
// none.
func CustomerNumber(r *http.Request) string {
	return strings.TrimSpace(r.Header.Get(CustomerHeader))
}

// CustomerOf is the customer that a call is made for. Without x-customer-number it is
// the caller's only one, by whichever of its numbers.
func CustomerOf(r *http.Request) (Customer, error) {
	c := From(r.Context())
	number := CustomerNumber(r)
	if number == "" {
		number = c.onlyCustomer()
	}
	if number == "" {
		return Customer{}, CustomerRequired.With(fault.Field(ruleCustomer, CustomerHeader, "must be given"))
	}
	return c.Acting(number)
}

// onlyCustomer is the number of the only customer that the caller may act for, ""
// when there are several, or none.
func (c *Caller) onlyCustomer() string {
	only := ""
	for _, customer := range c.Customers {
		if only != "" && only != customer.Number {
			return ""
		}
		only = customer.Number
	}
	return only
}

// Acting is the customer that a number stands for, when the caller may act for it.
func (c *Caller) Acting(number string) (Customer, error) {
	customer, ok := c.Customers[number]
	switch {
	case !ok:
		return customer, CustomerForbidden.Say("This application may not act for the customer %q.", number)
	case customer.State != "active":
		return customer, CustomerSuspended.Say("The customer %s is %s.", customer.Number, customer.State)
	}
	return customer, nil
}
