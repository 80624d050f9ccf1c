package marketplace

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"demarc/internal/fault"
)

// UpdateRequest is the body of POST /update-subscription/ (source, Update
// Subscription). Each element is read by its rule, so that one answer names all that
// are missing or malformed.
type UpdateRequest struct {
	COID        json.RawMessage `json:"coid"`
	Expired     json.RawMessage `json:"expired"`
	ExpiredDate json.RawMessage `json:"expired-date"`
	SKU         json.RawMessage `json:"sku"`
	Count       json.RawMessage `json:"count"`
	ProviderKey json.RawMessage `json:"providerkey"`
}

// Elements are the names of those that were sent.
func (r *UpdateRequest) Elements() []string {
	var sent []string
	for _, e := range []struct {
		name string
		raw  json.RawMessage
	}{{"coid", r.COID}, {"expired", r.Expired}, {"expired-date", r.ExpiredDate}, {"sku", r.SKU}, {"count", r.Count}, {"providerkey", r.ProviderKey}} {
		if !empty(e.raw) {
			sent = append(sent, e.name)
		}
	}
	return sent
}

// Told is a well-formed update.
type Told struct {
	COID      string
	SKU       string
	Key       string // the provider's, in clear
	Expired   bool
	ExpiredOn time.Time // when services ended; zero unless expired
	Count     Count
	Counted   bool
}

const (
	maxCOID = 200
	maxSKU  = 100
	maxKey  = 200
)

// CheckUpdate reads an update.
//
//   - MKT-UPD-01: coid, expired, sku and providerkey are required.
//   - MKT-UPD-02: expired is true or false, as a boolean or as a text in any case.
//   - MKT-UPD-03: expired-date is required when expired is true; it is a date, or a
//     date and time.
//   - MKT-UPD-04: count is a number or a numeric text, not negative.
//
// An empty text is no element: the source's example shows all of them so.
func CheckUpdate(r *UpdateRequest) (Told, fault.List) {
	var t Told
	var wrong fault.List
	required := func(raw json.RawMessage, field string, most int) string {
		text, ok := textOf(raw)
		switch {
		case text == "" && ok:
			wrong.Add("MKT-UPD-01", field, "must be given")
		case !ok || len(text) > most || strings.ContainsFunc(text, unicode.IsControl):
			wrong.Addf("MKT-UPD-01", field, "must be a text of at most %d characters", most)
			text = ""
		}
		return text
	}
	t.COID = required(r.COID, "coid", maxCOID)
	expired, _ := textOf(r.Expired)
	if len(bytes.TrimSpace(r.Expired)) > 0 && (r.Expired[0] == 't' || r.Expired[0] == 'f') {
		expired = string(r.Expired)
	}
	switch {
	case strings.EqualFold(expired, "true"):
		t.Expired = true
	case strings.EqualFold(expired, "false"):
	case empty(r.Expired):
		wrong.Add("MKT-UPD-01", "expired", "must be given")
	default:
		wrong.Add("MKT-UPD-02", "expired", "must be true or false")
	}
	t.ExpiredOn = checkExpiredDate(&wrong, r.ExpiredDate, t.Expired)
	t.SKU = required(r.SKU, "sku", maxSKU)
	if !empty(r.Count) {
		text, ok := textOf(r.Count)
		if ok {
			t.Count, ok = ParseCount(text)
		}
		t.Counted = ok
		if !ok {
			wrong.Add("MKT-UPD-04", "count", "must be a number from 0 to 1000000000, with at most six decimals")
		}
	}
	t.Key = required(r.ProviderKey, "providerkey", maxKey)
	return t, wrong
}

func checkExpiredDate(wrong *fault.List, raw json.RawMessage, expired bool) time.Time {
	if empty(raw) {
		if expired {
			wrong.Add("MKT-UPD-03", "expired-date", "must be given when expired is true")
		}
		return time.Time{}
	}
	text, _ := textOf(raw)
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		at, err := time.Parse(layout, text)
		if at = at.UTC(); err == nil && at.Year() >= 2000 && at.Year() < 3000 {
			if !expired {
				return time.Time{}
			}
			return at
		}
	}
	wrong.Add("MKT-UPD-03", "expired-date", "must be a date such as 2017-03-31, or a date and time such as 2017-03-31T23:00:00Z")
	return time.Time{}
}

// textOf reads a text or a number as text; false when it is something else.
func textOf(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return "", true
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return strings.TrimSpace(text), utf8.ValidString(text)
	}
	if raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' {
		return string(raw), true
	}
	return "", false
}

func empty(raw json.RawMessage) bool {
	text, ok := textOf(raw)
	return ok && text == ""
}

// ahead is how far a date of the provider's may be ahead of us: it may live by another
// time zone, and send the day alone.
const ahead = 24 * time.Hour

// checkTold decides about a well-formed update by what there is.
//
//   - MKT-UPD-05: the coid is a customer of this provider's.
//   - MKT-UPD-06: the sku is part of what that customer subscribed to.
//   - MKT-UPD-07: a subscription that has expired takes no more updates.
//   - MKT-UPD-08: services ended now or earlier, not some day.
func checkTold(t Told, f *UpdateFacts, now time.Time) (state string, err error) {
	switch {
	case f.Subscription == nil:
		return "", UpdateCOIDUnknown.With(fault.Field("MKT-UPD-05", "coid", "must be one that this provider gave us"))
	case f.SKU == nil || f.SKUOffer != f.Subscription.Offer:
		return "", UpdateSKUUnknown.With(fault.Field("MKT-UPD-06", "sku", "must be part of the product that the customer subscribed to"))
	}
	event := evUpdated
	if t.Expired {
		event = evExpired
	}
	state, wrong := SubscriptionMachine.Fire(f.Subscription.State, event)
	switch {
	case wrong != nil:
		return "", UpdateExpired.Instead(SubscriptionMachine.Legal(f.Subscription.State),
			fault.Field("MKT-UPD-07", "coid", "must be of a subscription that has not expired"))
	case t.Expired && t.ExpiredOn.After(now.Add(ahead)):
		return "", UpdateInvalid.With(fault.Field("MKT-UPD-08", "expired-date", "must not lie in the future"))
	case f.Total > MaxTotal-t.Count:
		return "", UpdateTotal
	}
	return state, nil
}

// monthOf is the billing month of a moment, by GMT.
func monthOf(t time.Time) string { return t.UTC().Format("2006-01") }
