package voicehttp

import (
	"net/http"

	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/voice"
)

// orderHead is what every answer about an order begins with.
type orderHead struct {
	ID       string `json:"voiceOrderId"`
	External string `json:"externalOrderId"`
}

// accepted is an order that was accepted.
type accepted struct {
	orderHead
	Status string         `json:"orderStatus"`
	Parts  []acceptedPart `json:"rateCenterOrders"`
}

type acceptedPart struct {
	Transaction string `json:"transactionOrderId"`
	RateCenter  string `json:"rateCenter"`
	State       string `json:"state"`
	Quantity    int    `json:"quantity"`
}

func acceptedOf(o voice.Order, parts []voice.Part) accepted {
	a := accepted{orderHead{o.ID, o.ExternalID}, statusOf(o.State), make([]acceptedPart, len(parts))}
	for i, p := range parts {
		a.Parts[i] = acceptedPart{p.ID, p.Center, p.State, p.Wish.Quantity}
	}
	return a
}

// heard is an order whose customer has answered a short supply.
type heard struct {
	orderHead
	Status string `json:"orderStatus"`
}

// orderStatus is an order, and what has become of its parts.
type orderStatus struct {
	orderHead
	Type      string       `json:"orderType"`
	Product   string       `json:"productID"`
	Status    string       `json:"orderStatus"`
	Created   string       `json:"createdDate"`
	Completed *string      `json:"completedDate"`
	Detail    string       `json:"orderStatusDetail"`
	Wanted    *string      `json:"customerRequestDate,omitempty"`
	FOC       *string      `json:"focDate,omitempty"`
	Carrier   string       `json:"losingCarrier,omitempty"`
	Rejection string       `json:"rejectionReason,omitempty"`
	Parts     []partStatus `json:"rateCenterOrders"`
}

// statusOf is a state in the source's words; what it has no word for is told as
// orderStatusDetail.
func statusOf(state string) string {
	switch state {
	case voice.PortFOC:
		return voice.OrderInWork
	case voice.PortRejected:
		return voice.OrderRejected
	}
	return state
}

type partStatus struct {
	Transaction string  `json:"transactionOrderId"`
	Kind        string  `json:"kind,omitempty"`
	Parent      string  `json:"parentTransactionOrderId,omitempty"`
	RateCenter  string  `json:"rateCenter"`
	State       string  `json:"state"`
	Quantity    int     `json:"quantity"`
	Reserved    int     `json:"reservedQuantity"`
	Offered     *int    `json:"offeredQuantity,omitempty"`
	Status      string  `json:"status"`
	ApproveBy   *string `json:"approveBy,omitempty"`
	Until       *string `json:"backorderUntil,omitempty"`
	Code        *int    `json:"notificationCode"`
}

func orderStatusOf(o voice.Order, parts []voice.Part) orderStatus {
	s := orderStatus{orderHead: orderHead{o.ID, o.ExternalID}, Type: o.Type, Product: o.Product, Status: statusOf(o.State), Detail: o.State,
		Created: httpkit.Stamp(o.CreatedAt), Completed: httpkit.StampOrNull(o.EndedAt), FOC: httpkit.StampOrNull(o.FOCAt), Parts: make([]partStatus, len(parts))}
	if d := o.Detail; d != nil {
		s.Wanted, s.Carrier, s.Rejection = httpkit.StampOrNull(d.Wanted), d.Carrier, d.Rejection
	}
	for i, p := range parts {
		v := partStatus{Kind: p.Kind, Transaction: p.ID, Parent: p.Parent, RateCenter: p.Center, State: p.State, Quantity: p.Wish.Quantity, Reserved: p.Reserved, Status: p.Status}
		if p.Code != 0 {
			v.Code = &p.Code
		}
		switch p.Status {
		case voice.PartApproval:
			v.Offered, v.ApproveBy = &p.Held, httpkit.StampOrNull(p.Until)
		case voice.PartBackordered:
			v.Until = httpkit.StampOrNull(p.Until)
		}
		s.Parts[i] = v
	}
	return s
}

// statusAt is where an order's status can be read.
func statusAt(id string) string { return base + "/orderStatus?voiceOrderId=" + id }

// commit answers 202 for an order after its unit of work, with where its status is.
func (h *handlers) commit(w http.ResponseWriter, r *http.Request, fn func(tx *db.Tx) (voice.Order, any, error)) error {
	err := h.kit.Commit(w, r, http.StatusAccepted, func(tx *db.Tx) (any, error) {
		o, answer, err := fn(tx)
		w.Header().Set("Location", statusAt(o.ID))
		return answer, err
	})
	if err != nil {
		w.Header().Del("Location")
	}
	return err
}

func (h *handlers) reserve(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	var req voice.ReserveRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	prepared, err := h.desk.PrepareReserve(r.Context(), p, &req)
	if err != nil {
		return err
	}
	return h.commit(w, r, func(tx *db.Tx) (voice.Order, any, error) {
		o, parts, err := h.desk.Reserve(tx, prepared)
		return o, acceptedOf(o, parts), err
	})
}

func (h *handlers) approve(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	var req voice.ApproveRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	version, err := ifMatch(r)
	if err != nil {
		return err
	}
	return h.commit(w, r, func(tx *db.Tx) (voice.Order, any, error) {
		o, err := h.desk.Approve(tx, p, voice.ChannelAPI, &req, version)
		return o, heardOf(o), err
	})
}

func (h *handlers) status(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	id := queryOf(r).get("voiceOrderId")
	var answer orderStatus
	var tag string
	err := h.kit.View(r, func(tx *db.Tx) error {
		o, parts, err := h.desk.Status(tx, p, voice.ChannelAPI, id)
		answer, tag = orderStatusOf(o, parts), etag(o)
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("ETag", tag)
	return httpkit.JSON(w, http.StatusOK, answer)
}
