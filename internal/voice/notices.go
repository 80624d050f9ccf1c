package voice

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/outbox"
)

// Push is how partners are told: PartnerNotification in XML, put to the customer's URL
// (source, Web Service Setup). api/partner-notification.xsd is its schema.
var Push = outbox.DeclareForm(outbox.Form{Name: "voice", Method: "PUT", ContentType: "application/xml", Path: "/voice/notifications",
	Text: "PartnerNotification of the Voice API, as XML", Setup: setup})

// PartnerNotification is what is pushed, and its JSON.
type PartnerNotification struct {
	XMLName        xml.Name      `xml:"PartnerNotification" json:"-"`
	OrderNumber    string        `xml:"orderNumber" json:"orderNumber"`
	CustomerNumber string        `xml:"customerNumber" json:"customerNumber"`
	CustomerName   string        `xml:"customerName" json:"customerName"`
	Order          OrderStatus   `xml:"voiceOrderStatus" json:"voiceOrderStatus"`
	Part           *CenterStatus `xml:"rateCenterOrderStatus" json:"rateCenterOrderStatus,omitzero"`
	FOC            string        `xml:"focDate,omitempty" json:"focDate,omitzero"` // ours, of 903
	Reason         string        `xml:"reason,omitempty" json:"reason,omitzero"`   // ours, of a losing carrier's 904
}

// OrderStatus is what an order's customer is told about all of it.
type OrderStatus struct {
	Code    int    `xml:"notificationCode" json:"notificationCode"`
	Message string `xml:"notificationMessage" json:"notificationMessage"`
}

// CenterStatus is what it is told about one rate center (source, PON level).
type CenterStatus struct {
	RateCenter  string `xml:"rateCenter" json:"rateCenter"`
	State       string `xml:"state" json:"state"`
	Code        int    `xml:"notificationCode" json:"notificationCode"`
	Message     string `xml:"notificationMessage" json:"notificationMessage"`
	Transaction string `xml:"-" json:"transactionOrderId"`
}

// XML is the notification as a document.
func (n PartnerNotification) XML() string {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := xml.NewEncoder(&b).Encode(n); err != nil {
		panic("voice: " + err.Error()) // texts and numbers always marshal
	}
	return b.String()
}

// setup is what a new push URL is sent.
func setup(customer string) string {
	return PartnerNotification{OrderNumber: "none", CustomerNumber: customer, Order: OrderStatus{n19000.Code, n19000.Text}}.XML()
}

// noticeType begins the types of notifications in the outbox: voice.notification.901.
const noticeType = "voice.notification."

// teller tells customers, within one unit of work.
type teller struct {
	d  *Desk
	tx *db.Tx
	to map[string]*outbox.Targets
}

// newTeller queues the reads for those who will be told.
func newTeller(d *Desk, tx *db.Tx, apps ...string) *teller {
	t := &teller{d: d, tx: tx, to: map[string]*outbox.Targets{}}
	for _, app := range apps {
		t.prepare(app)
	}
	return t
}

func (t *teller) prepare(app string) {
	if t.to[app] == nil {
		t.to[app] = outbox.Prepare(t.tx, app)
	}
}

// order tells of an order as a whole. The order remembers it; the caller saves it.
func (t *teller) order(o *Order, n *Notice) error { return t.orderSaying(o, n) }

// orderSaying is order with what fills the text's places.
func (t *teller) orderSaying(o *Order, n *Notice, values ...string) error {
	o.Code = n.Code
	told := Told{Order: o.ID, Customer: o.Customer, Code: n.Code, Message: fill(n.Text, values), OrderCode: o.Code}
	switch {
	case n == n903:
		told.FOC = o.FOCAt
	case n == n904 && o.State == PortRejected:
		told.Reason = o.Detail.Rejection
	}
	return t.send(*o, told)
}

// part tells of a part. The part remembers it; the caller saves it. values fill the
// text's places.
func (t *teller) part(o Order, p *Part, n *Notice, values ...string) error {
	p.Code = n.Code
	return t.send(o, Told{Order: o.ID, Part: p.ID, Customer: o.Customer, Code: n.Code, Message: fill(n.Text, values), OrderCode: o.Code,
		State: p.State, Center: p.Center})
}

// Places of the source's texts: how many numbers there are (10001), and which is wrong
// (20217).
var places = []string{"{ORDER_TN_QTY}", "<telephone Number>"}

func fill(text string, values []string) string {
	for _, v := range values {
		for _, place := range places {
			text = strings.Replace(text, place, v, 1)
		}
	}
	return text
}

func (t *teller) send(o Order, told Told) error {
	told.ID, told.At = db.NextID(), t.tx.Now()
	t.d.Store.AddTold(t.tx, told)
	n := told.Notification(o.CustomerName)
	return t.to[o.App].Post(t.tx, outbox.Notice{App: o.App, Customer: o.Customer, Subject: subjectOrder + o.ID,
		Type: noticeType + strconv.Itoa(told.Code), Data: n, Bodies: map[string]string{Push.Name: n.XML()}})
}

// Notification is the notification as it was sent.
func (t Told) Notification(customerName string) PartnerNotification {
	n := PartnerNotification{OrderNumber: t.Order, CustomerNumber: t.Customer, CustomerName: customerName,
		Order: OrderStatus{t.Code, t.Message}, Reason: t.Reason}
	if !t.FOC.IsZero() {
		n.FOC = t.FOC.UTC().Format(time.RFC3339)
	}
	if t.Part != "" {
		n.Order = OrderStatus{t.OrderCode, byCode[t.OrderCode].Text}
		n.Part = &CenterStatus{RateCenter: t.Center, State: t.State, Code: t.Code, Message: t.Message, Transaction: t.Part}
	}
	return n
}
