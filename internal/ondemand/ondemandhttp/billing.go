package ondemandhttp

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/ondemand"

	"github.com/govalues/decimal"
)

// The billing calls are asked in two ways. Ours names a customer, an account and a
// month. Clients of the carrier's own API name a billing account (in a header and a
// query parameter), a span of bill dates, an offset and a limit, and later the
// number of an invoice; they read other fields of the answer. Both are served by
// one answer that has both.

const accountHeader = "x-billing-account-number"

// bills and invoices are named by their account and month: 5-RHQBGCGK-2026-11.
const invoiceMonth = "2006-01"

func invoiceNumber(account string, month time.Time) string {
	return account + "-" + month.Format(invoiceMonth)
}

// billQuery is what a billing call asks for.
type billQuery struct {
	party   ondemand.Party
	account string
	service string
	months  []time.Time // zero: the present one
	page    httpkit.Page
	paging  ondemand.Paging
}

// maxMonths bounds a span of bill dates.
const maxMonths = 24

func (h *handlers) billQuery(r *http.Request) (q billQuery, err error) {
	v := r.URL.Query()
	first := func(values ...string) string {
		for _, s := range values {
			if s = strings.TrimSpace(s); s != "" {
				return s
			}
		}
		return ""
	}
	q.account = first(v.Get("billingAccountId"), v.Get("billingAccountNumber"), r.Header.Get(accountHeader))
	q.service = first(v.Get("serviceId"))
	var wrong fault.List
	if invoice := v.Get("invoiceNumber"); invoice != "" {
		account, month, ok := parseInvoice(invoice)
		if !ok || q.account != "" && q.account != account {
			wrong.Add("OND-BIL-03", "invoiceNumber", "must be the number of an invoice of this account")
		}
		q.account, q.months = account, []time.Time{month}
	} else {
		q.months = monthsOf(&wrong, v.Get("month"), v.Get("startBillDate"), v.Get("endBillDate"))
	}
	if q.page, q.paging, err = billPage(r); err != nil {
		return q, err
	}
	if err := wrong.As(fault.Invalid); err != nil {
		return q, err
	}
	q.party, err = h.billParty(r, q.account)
	return q, err
}

// billParty is the party of a billing call: by the customer header, or, when only
// an account is named, the account's customer.
func (h *handlers) billParty(r *http.Request, account string) (ondemand.Party, error) {
	if httpkit.CustomerNumber(r) != "" || account == "" {
		return party(r)
	}
	var a *ondemand.Account
	err := h.kit.View(r, func(tx *db.Tx) (err error) {
		a, err = h.desk.Store.Account(tx, account)
		return err
	})
	if err != nil {
		return ondemand.Party{}, err
	}
	if a == nil {
		return ondemand.Party{}, ondemand.AccountUnknown.With(fault.Field("OND-BIL-04", "billingAccountNumber", "is not a billing account of yours"))
	}
	p, err := acting(httpkit.From(r.Context()))(a.Customer)
	if err != nil {
		return p, ondemand.AccountUnknown.With(fault.Field("OND-BIL-04", "billingAccountNumber", "is not a billing account of yours"))
	}
	return p, nil
}

// billPage takes a page, or an offset and a limit.
func billPage(r *http.Request) (httpkit.Page, ondemand.Paging, error) {
	v := r.URL.Query()
	if v.Get("limit") == "" && v.Get("offset") == "" {
		return pageOf(r)
	}
	page, paging := httpkit.Page{Number: 1, Size: 25}, ondemand.Paging{Limit: 25}
	var wrong fault.List
	if text := v.Get("limit"); text != "" {
		n, ok := httpkit.ParseWhole(text, largestPage)
		if !ok {
			wrong.Addf("OND-BIL-05", "limit", "must be a whole number from 1 to %d", largestPage)
		}
		page.Size, paging.Limit = n, n
	}
	if text := v.Get("offset"); text != "" && text != "0" {
		n, ok := httpkit.ParseWhole(text, 1_000_000)
		if !ok {
			wrong.Add("OND-BIL-05", "offset", "must be a whole number from 0 to 1000000")
		}
		paging.Offset = int64(n)
		page.Number = n/max(1, page.Size) + 1
	}
	return page, paging, wrong.As(fault.Invalid)
}

func parseInvoice(s string) (account string, month time.Time, ok bool) {
	at := len(s) - len(invoiceMonth) - 1
	if at < 1 || s[at] != '-' {
		return "", month, false
	}
	month, err := time.Parse(invoiceMonth, s[at+1:])
	return s[:at], month, err == nil && plausible(month)
}

func plausible(m time.Time) bool { return m.Year() >= 2000 && m.Year() <= 2200 }

// monthsOf reads a month (YYYY-MM), or the months from a start to an end date.
func monthsOf(wrong *fault.List, month, start, end string) []time.Time {
	if month != "" || start == "" && end == "" {
		if month == "" {
			return []time.Time{{}}
		}
		m, err := time.Parse(invoiceMonth, month)
		if err != nil || !plausible(m) {
			wrong.Add("OND-BIL-02", "month", "must be a month such as 2026-11")
		}
		return []time.Time{m}
	}
	if end == "" {
		end = start
	} else if start == "" {
		start = end
	}
	from, to := billDate(wrong, "startBillDate", start), billDate(wrong, "endBillDate", end)
	if len(*wrong) > 0 {
		return nil
	}
	var list []time.Time
	for m := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC); !m.After(to) && len(list) <= maxMonths; m = m.AddDate(0, 1, 0) {
		list = append(list, m)
	}
	if len(list) == 0 || len(list) > maxMonths {
		wrong.Addf("OND-BIL-02", "endBillDate", "must be from the startBillDate to %d months after it", maxMonths)
	}
	return list
}

func billDate(wrong *fault.List, name, text string) time.Time {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil && plausible(t) {
			return t.UTC()
		}
	}
	wrong.Add("OND-BIL-02", name, "must be a date such as 2026-11-01")
	return time.Time{}
}

type bill struct {
	ID             string `json:"id"`
	BillingAccount ref    `json:"billingAccount"`
	Month          string `json:"month"`
	Currency       string `json:"currency"`
	AmountDue      string `json:"amountDue"`
	State          string `json:"state"`
	LineCount      int    `json:"lineCount"`
}

// billDetails is a bill as clients of the carrier's own API read it.
type billDetails struct {
	InvoiceNumber string        `json:"invoiceNumber"`
	Account       string        `json:"billingAccountNumber"`
	Summaries     []billSummary `json:"documentSummaryDetails"`
}

type billSummary struct {
	Charges struct {
		Current  json.Number `json:"currentCharges"`
		TotalDue json.Number `json:"totalAmountDue"`
	} `json:"billCharges"`
	Currency  string `json:"currencyCode"`
	From      string `json:"fromDate"`
	To        string `json:"toDate"`
	Statement string `json:"statementDate"`
}

// amount is a price as a JSON number with its cents.
func amount(d decimal.Decimal) json.Number {
	return json.Number(strings.TrimPrefix(ondemand.USD(d), "$"))
}

func summaryOf(b ondemand.Bill, month time.Time) billSummary {
	s := billSummary{Currency: b.Account.Currency, From: month.Format(time.DateOnly),
		To: month.AddDate(0, 1, -1).Format(time.DateOnly), Statement: month.AddDate(0, 1, 0).Format(time.DateOnly)}
	s.Charges.Current, s.Charges.TotalDue = amount(b.Due), amount(b.Due)
	return s
}

func (h *handlers) bills(w http.ResponseWriter, r *http.Request) error {
	q, err := h.billQuery(r)
	if err != nil {
		return err
	}
	answer := struct {
		paged
		Bills   []bill        `json:"customerBill"`
		Details []billDetails `json:"CustomerBillDetails"`
	}{paged{q.page.Number, q.page.Size, 0}, []bill{}, []billDetails{}}
	for _, m := range q.months {
		list, of, total, err := h.desk.Bills(r.Context(), q.party, q.account, m, q.paging)
		if err != nil {
			return err
		}
		answer.ResultCount += total
		for _, b := range list {
			state := "open"
			if b.Closed {
				state = "closed"
			}
			number := invoiceNumber(b.Account.ID, of)
			answer.Bills = append(answer.Bills, bill{number, ref{b.Account.ID, b.Account.Name}, of.Format(invoiceMonth), b.Account.Currency,
				ondemand.USD(b.Due), state, b.Lines})
			answer.Details = append(answer.Details, billDetails{number, b.Account.ID, []billSummary{summaryOf(b, of)}})
		}
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

type charge struct {
	ServiceID      string `json:"serviceId"`
	BillingAccount ref    `json:"billingAccount"`
	Month          string `json:"month"`
	Speed          string `json:"speed"`
	HourlyRate     string `json:"hourlyRate"`
	Hours          int    `json:"hours"`
	Amount         string `json:"amount"`
}

// chargeDetail is a service's charges as clients of the carrier's own API read
// them.
type chargeDetail struct {
	ServiceID string          `json:"billingServiceId"`
	Charges   []serviceCharge `json:"serviceLevelCharge"`
}

type serviceCharge struct {
	ServiceID    string `json:"billingServiceId"`
	Description1 string `json:"chargeDescription1"`
	Description2 string `json:"chargeDescription2"`
	Charge       struct {
		Net    json.Number `json:"netAmount"`
		Charge json.Number `json:"chargeAmount"`
	} `json:"charge"`
	From string `json:"chargeFromDate"`
	To   string `json:"chargeToDate"`
}

func (h *handlers) charges(w http.ResponseWriter, r *http.Request) error {
	q, err := h.billQuery(r)
	if err != nil {
		return err
	}
	answer := struct {
		paged
		Charges []charge       `json:"serviceLevelChargeDetails"`
		Details []chargeDetail `json:"serviceLevelChargeDetail"`
	}{paged{q.page.Number, q.page.Size, 0}, []charge{}, []chargeDetail{}}
	for _, m := range q.months {
		list, of, total, err := h.desk.ServiceCharges(r.Context(), q.party, ondemand.ServiceFilter{ID: q.service, Account: q.account}, m, q.paging)
		if err != nil {
			return err
		}
		answer.ResultCount += total
		for _, c := range list {
			detail := chargeDetail{c.Service.ID, []serviceCharge{}}
			for _, l := range c.Lines {
				line := charge{c.Service.ID, ref{c.Service.Account, c.Service.AccountName}, of.Format(invoiceMonth),
					ondemand.CanonicalSpeed(l.Mbps).String(), ondemand.USD(l.Hourly), l.Hours, ondemand.USD(l.Amount)}
				answer.Charges = append(answer.Charges, line)
				detail.Charges = append(detail.Charges, chargeOf(line, l, of))
			}
			answer.Details = append(answer.Details, detail)
		}
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

func chargeOf(c charge, l ondemand.ChargeLine, month time.Time) serviceCharge {
	s := serviceCharge{ServiceID: c.ServiceID, Description1: "Internet On-Demand " + c.Speed, Description2: c.HourlyRate + " an hour",
		From: httpkit.Stamp(month), To: httpkit.Stamp(month.Add(time.Duration(l.Hours) * time.Hour))}
	s.Charge.Net, s.Charge.Charge = amount(l.Amount), amount(l.Amount)
	return s
}
