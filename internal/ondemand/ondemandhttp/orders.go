package ondemandhttp

import (
	"encoding/json"
	"net/http"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/ondemand"
)

func (h *handlers) order(w http.ResponseWriter, r *http.Request) error {
	var req ondemand.OrderRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	c := httpkit.From(r.Context())
	p, err := h.desk.PrepareOrder(r.Context(), c.World, httpkit.CustomerNumber(r), acting(c), &req)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/Customer/v3/Ordering/orderRequest/"+p.Order().ID)
	err = h.kit.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
		o, err := h.desk.Place(tx, p)
		return json.RawMessage(o.Request), err
	})
	if err != nil {
		w.Header().Del("Location")
	}
	return err
}

// orderDetail is the answer to the order, with what became of it.
type orderDetail struct {
	State          string    `json:"state"`
	ServiceID      string    `json:"serviceId"`
	CustomerNumber string    `json:"customerNumber"`
	OrderDate      string    `json:"orderDate"`
	CompletionDate *string   `json:"completionDate"`
	History        []history `json:"history"`
}

type history struct {
	At    string `json:"at"`
	Event string `json:"event"`
	From  string `json:"from"`
	To    string `json:"to"`
	Actor string `json:"actor"`
	Note  string `json:"note"`
}

func detailOf(o ondemand.Order, trail []audit.Event) (json.RawMessage, error) {
	d := orderDetail{State: o.State, ServiceID: o.Service, CustomerNumber: o.Customer, OrderDate: httpkit.Stamp(o.CreatedAt), History: []history{}}
	if !o.EndedAt.IsZero() {
		at := httpkit.Stamp(o.EndedAt)
		d.CompletionDate = &at
	}
	for _, e := range trail {
		d.History = append(d.History, history{httpkit.Stamp(e.At), e.Event, e.From, e.To, e.Actor, e.Note})
	}
	more, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	// Both are JSON objects; the second's fields follow the first's.
	joined := append([]byte{}, o.Request[:len(o.Request)-1]...)
	joined = append(joined, ',')
	return append(joined, more[1:]...), nil
}

func (h *handlers) orderByID(w http.ResponseWriter, r *http.Request) error {
	c := httpkit.From(r.Context())
	var body json.RawMessage
	err := h.kit.View(r, func(tx *db.Tx) error {
		o, err := h.desk.Store.Order(tx, r.PathValue("id"))
		if err != nil {
			return err
		}
		if o == nil || !mayRead(r, c, o.Customer) {
			return ondemand.OrderUnknown.With()
		}
		trail, err := audit.History(tx, ondemand.SubjectOrder+o.ID)
		if err != nil {
			return err
		}
		body, err = detailOf(*o, trail)
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, body)
}

// mayRead reports whether the caller may act for the customer, and, when the call
// names a customer, whether it is that one.
func mayRead(r *http.Request, c *httpkit.Caller, customer string) bool {
	if number := httpkit.CustomerNumber(r); number != "" {
		named, err := c.Acting(number)
		return err == nil && named.Number == customer
	}
	_, err := c.Acting(customer)
	return err == nil
}

var orderStates = map[string]bool{"": true, ondemand.OrderAcknowledged: true, ondemand.OrderInProgress: true,
	ondemand.OrderCompleted: true, ondemand.OrderFailed: true}

func (h *handlers) orders(w http.ResponseWriter, r *http.Request) error {
	p, err := party(r)
	if err != nil {
		return err
	}
	page, paging, err := pageOf(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if !orderStates[q.Get("state")] {
		return fault.Invalid.With(fault.Field("OND-LST-01", "state", "must be acknowledged, inProgress, completed or failed"))
	}
	answer := struct {
		paged
		Orders []json.RawMessage `json:"orderRequest"`
	}{paged{page.Number, page.Size, 0}, []json.RawMessage{}}
	err = h.kit.View(r, func(tx *db.Tx) error {
		list, total, err := h.desk.Store.Orders(tx, ondemand.OrderFilter{Customer: p.Customer, Service: q.Get("serviceId"),
			State: q.Get("state"), ExternalID: q.Get("externalId")}, paging)
		answer.ResultCount = total
		for _, o := range list {
			if err != nil {
				break
			}
			var trail []audit.Event
			if trail, err = audit.History(tx, ondemand.SubjectOrder+o.ID); err != nil {
				break
			}
			var body json.RawMessage
			body, err = detailOf(o, trail)
			answer.Orders = append(answer.Orders, body)
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}
