package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// What the PreOrder journey sends and what it is answered, as far as it looks.

// preorderCustomer is whom a product is configured for; there is no such person.
type preorderCustomer struct {
	first, last string
	ssn, dob    string
}

// Customers by what a sandbox's credit system decides about their numbers.
var (
	withDeposit = preorderCustomer{"Robin", "Example", "123-45-0002", "02/28/1980"}
	hardStopped = preorderCustomer{"Alex", "Example", "123-45-0003", "07/14/1975"}
	refusesSSN  = preorderCustomer{"Sam", "Example", "999-99-9999", "11/30/1990"}
)

func (c preorderCustomer) body() map[string]string {
	return map[string]string{"accountFirstName": c.first, "accountLastName": c.last, "ssn": c.ssn, "dob": c.dob}
}

// masked is the customer as the journey shows one.
func (c preorderCustomer) masked() string {
	return c.first + " " + c.last + ", born **/**/****, SSN ***-**-" + c.ssn[len(c.ssn)-4:]
}

// secrets are a customer's number and date of birth in the forms in which they might
// be seen again.
func (c preorderCustomer) secrets() []string {
	d := c.dob
	return []string{c.ssn, strings.ReplaceAll(c.ssn, "-", ""), d, d[6:] + "-" + d[:2] + "-" + d[3:5]}
}

// unseen is an error when an answer holds what is nobody's to see.
func unseen(where string, answer []byte) error {
	for _, c := range []preorderCustomer{withDeposit, hardStopped, refusesSSN} {
		for _, secret := range c.secrets() {
			if bytes.Contains(answer, []byte(secret)) {
				return fmt.Errorf("%s shows a customer's personal data", where)
			}
		}
	}
	return nil
}

// pxMessage is a coded message.
type pxMessage struct {
	Code    string `json:"code"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

type pxAddress struct {
	Street string `json:"streetAddress"`
	City   string `json:"city"`
	State  string `json:"state"`
	ZIP    string `json:"zip"`
}

func (a pxAddress) String() string { return a.Street + ", " + a.City + " " + a.State + " " + a.ZIP }

type pxProduct struct {
	Code     string `json:"productCode"`
	Name     string `json:"name"`
	Family   string `json:"family"`
	BillType string `json:"billType"`
	Speed    int    `json:"speed"`
	Price    struct {
		Amount   json.RawMessage `json:"amount"`
		Currency string          `json:"currency"`
		Period   string          `json:"period"`
	} `json:"price"`
	PromoCodes []string `json:"promoCodes"`
	Components []struct {
		Code string `json:"code"`
	} `json:"components"`
}

func (p pxProduct) String() string {
	line := fmt.Sprintf("%-15s %-42s %6s %s a %s, %s", p.Code, p.Name, p.Price.Amount, p.Price.Currency, strings.ToLower(p.Price.Period), strings.ToLower(p.BillType))
	if len(p.PromoCodes) > 0 {
		line += "; " + strings.Join(p.PromoCodes, ", ")
	}
	return line
}

// pxQualified is any of the answers to a qualification.
type pxQualified struct {
	Tx       string    `json:"transactionId"`
	Status   string    `json:"status"`
	Address  pxAddress `json:"address"`
	DetailID string    `json:"addressDetailId"`
	Loop     struct {
		Technology string `json:"technology"`
		Down       int    `json:"maxDownMbps"`
		Up         int    `json:"maxUpMbps"`
	} `json:"loop"`
	Products []pxProduct `json:"products"`
	Bundles  []pxProduct `json:"bundles"`
	Promos   []struct {
		Code string `json:"promoCode"`
		Text string `json:"text"`
	} `json:"promoCodes"`
	Near []struct {
		DetailID string    `json:"addressDetailId"`
		Address  pxAddress `json:"address"`
		Score    float64   `json:"score"`
	} `json:"nearMatches"`
	Messages []pxMessage `json:"messages"`
}

// pxConfigured is what a product costs, as it was configured.
type pxConfigured struct {
	Tx       string   `json:"transactionId"`
	OrderID  string   `json:"partnerOrderId"`
	Installs []string `json:"installOptions"`
	Charges  []struct {
		Code   string          `json:"code"`
		Name   string          `json:"name"`
		Type   string          `json:"type"`
		Amount json.RawMessage `json:"amount"`
	} `json:"charges"`
	Deposit pxMoney `json:"deposit"`
	Credit  struct {
		Decision string `json:"decision"`
		Reason   string `json:"reason"`
	} `json:"creditResult"`
	Totals pxTotals `json:"totals"`
}

type pxMoney struct {
	Amount   json.RawMessage `json:"amount"`
	Currency string          `json:"currency"`
}

type pxTotals struct {
	Once    json.RawMessage `json:"oneTime"`
	Monthly json.RawMessage `json:"monthly"`
}

// standing is what is to go wrong in the world.
type standing struct {
	Target    string `json:"target"`
	Mode      string `json:"mode"`
	Remaining *int   `json:"remaining"`
}

// pxOrder is an order as its partner sees it.
type pxOrder struct {
	Number  string   `json:"orderNumber"`
	Tx      string   `json:"transactionId"`
	OrderID string   `json:"partnerOrderId"`
	Status  string   `json:"status"`
	Totals  pxTotals `json:"totals"`
	Deposit pxMoney  `json:"deposit"`
	Product string   `json:"productCode"`
	Address string   `json:"address"`
	History []struct {
		At    time.Time `json:"at"`
		Event string    `json:"event"`
		To    string    `json:"to"`
	} `json:"history"`
}
