package marketplace

import (
	"time"

	"demarc/internal/db"
	"demarc/internal/outbox"
)

// Types of the notifications that buyers get.
const (
	NoticeActive  = "subscription.active"
	NoticeFailed  = "subscription.failed"
	NoticeUpdated = "subscription.updated"
)

// SubscriptionNotice tells of a subscription.
type SubscriptionNotice struct {
	SubscriptionID string       `json:"subscriptionId"`
	CustomerNumber string       `json:"customerNumber"`
	ProviderID     string       `json:"providerId"`
	ProductID      string       `json:"productId"`
	State          string       `json:"state"`
	COID           *string      `json:"coid"`        // null until the account is open
	Failure        *string      `json:"failure"`     // why it could not be opened
	ExpiredDate    *string      `json:"expiredDate"` // when services ended
	Usage          *UsageNotice `json:"usage"`       // of the SKU that an update was about
}

// UsageNotice is the state of a SKU's month.
type UsageNotice struct {
	SKU   string `json:"sku"`
	Month string `json:"month"`
	Total Count  `json:"total"`
}

// notify tells the application that subscribed. What a fresh world holds from the
// start was subscribed by nobody.
func (d *Desk) notify(tx *db.Tx, kind string, s Subscription, u *Usage) error {
	if s.App == "" {
		return nil
	}
	to := outbox.Prepare(tx, s.App)
	if err := tx.Flush(); err != nil {
		return err
	}
	return to.Post(tx, outbox.Notice{App: s.App, Customer: s.Customer, Subject: subSubject(s.ID), Type: kind, Data: noticeOf(s, u)})
}

func noticeOf(s Subscription, u *Usage) SubscriptionNotice {
	n := SubscriptionNotice{SubscriptionID: s.ID, CustomerNumber: s.Customer, ProviderID: s.Provider, ProductID: s.Offer, State: s.State,
		COID: textOrNull(s.COID), Failure: textOrNull(s.Failure)}
	if !s.ExpiredAt.IsZero() {
		at := s.ExpiredAt.Format(time.RFC3339Nano)
		n.ExpiredDate = &at
	}
	if u != nil {
		n.Usage = &UsageNotice{SKU: u.SKU, Month: u.Month, Total: u.Total}
	}
	return n
}

func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
