package preorder

import (
	"demarc/internal/db"
	"demarc/internal/outbox"
)

// orderNotices name the notification of each state.
var orderNotices = map[string]string{
	OrderReceived:  "preorder.order.received",
	OrderInProcess: "preorder.order.in_process",
	OrderCompleted: "preorder.order.completed",
	OrderCancelled: "preorder.order.cancelled",
}

// OrderNotice tells of an order.
type OrderNotice struct {
	OrderNumber    string `json:"orderNumber"`
	TransactionID  string `json:"transactionId"`
	PartnerID      string `json:"partnerId"`
	SalesCode      string `json:"salesCode"`
	PartnerOrderID string `json:"partnerOrderId"`
	ProductCode    string `json:"productCode"`
	Status         string `json:"status"`
}

// notify tells the application that completed an order of its state.
func (d *Desk) notify(tx *db.Tx, o Order) error {
	return outbox.Post(tx, outbox.Notice{App: o.App, Customer: o.Partner, Subject: orderSubject(o.Number), Type: orderNotices[o.State],
		Data: OrderNotice{OrderNumber: o.Number, TransactionID: o.Transaction, PartnerID: o.Partner, SalesCode: o.SalesCode,
			PartnerOrderID: o.PartnerOrderID, ProductCode: o.ProductCode, Status: o.State}})
}
