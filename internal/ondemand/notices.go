package ondemand

import (
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/outbox"
)

// Types of the notifications that partners get.
const (
	noticeOrder   = "ondemand.order."
	noticeService = "ondemand.service."
)

// orderNotices and serviceNotices name the notification of each state.
var (
	orderNotices = map[string]string{
		OrderAcknowledged: noticeOrder + "acknowledged",
		OrderInProgress:   noticeOrder + "in_progress",
		OrderCompleted:    noticeOrder + "completed",
		OrderFailed:       noticeOrder + "failed",
	}
	serviceNotices = map[string]string{
		StatusActive:            noticeService + "active",
		StatusChangePending:     noticeService + "change_pending",
		StatusDisconnectPending: noticeService + "disconnect_pending",
		StatusDisconnected:      noticeService + "disconnected",
	}
)

// OrderNotice tells of an order.
type OrderNotice struct {
	OrderID        string  `json:"orderId"`
	ExternalID     string  `json:"externalId"`
	CustomerNumber string  `json:"customerNumber"`
	Action         string  `json:"action"`
	State          string  `json:"state"`
	ServiceID      string  `json:"serviceId"`
	ServiceStatus  string  `json:"serviceStatus"`
	Failure        *string `json:"failure"` // why it failed; null otherwise
}

// ServiceNotice tells of a service.
type ServiceNotice struct {
	ServiceID      string `json:"serviceId"`
	CustomerNumber string `json:"customerNumber"`
	Name           string `json:"customerServiceName"`
	Status         string `json:"status"`
	Bandwidth      string `json:"bandwidth"`
	VLAN           int    `json:"vlan"`
	IPv4Prefix     string `json:"ipv4Prefix"`
	MasterSiteID   string `json:"masterSiteId"`
	OrderID        string `json:"orderId"` // the order that brought it there
}

// SubjectOrder begins the subject of an order in the trail and in notifications;
// SubjectService that of a service in the trail.
const (
	SubjectOrder   = "order/"
	SubjectService = "service/"
)

func orderSubject(id string) string   { return SubjectOrder + id }
func serviceSubject(id string) string { return SubjectService + id }

// notify tells the application that placed an order of its state.
func notify(tx *db.Tx, to *outbox.Targets, o Order, s Service) error {
	data := OrderNotice{OrderID: o.ID, ExternalID: o.ExternalID, CustomerNumber: o.Customer, Action: o.WireAction(),
		State: o.State, ServiceID: o.Service, ServiceStatus: s.Status}
	if o.Failure != "" {
		data.Failure = &o.Failure
	}
	return to.Post(tx, outbox.Notice{App: o.App, Customer: o.Customer, Subject: orderSubject(o.ID), Type: orderNotices[o.State], Data: data})
}

// notifyService tells it of the service's status. The subject is the order, so
// that all that one order brings about arrives in its order.
func notifyService(tx *db.Tx, to *outbox.Targets, o Order, s Service) error {
	return to.Post(tx, outbox.Notice{App: o.App, Customer: o.Customer, Subject: orderSubject(o.ID), Type: serviceNotices[s.Status], Data: ServiceNotice{
		ServiceID: s.ID, CustomerNumber: s.Customer, Name: s.Name, Status: s.Status, Bandwidth: s.Speed.String(),
		VLAN: s.VLAN, IPv4Prefix: s.Prefix, MasterSiteID: s.Site, OrderID: o.ID,
	}})
}

// recordService writes a service's change of status to the trail.
func recordService(tx *db.Tx, s Service, actor, event, was, note string) {
	audit.Record(tx, audit.Event{Subject: serviceSubject(s.ID), Actor: actor, Event: event, From: was, To: s.Status, Note: note})
}

// dispatchAfter is how long an acknowledged order waits before the network is
// asked.
const dispatchAfter = 10 * time.Second
