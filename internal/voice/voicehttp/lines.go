package voicehttp

import (
	"net/http"

	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/voice"
)

// accept answers 202 for an order about numbers in service.
func (h *handlers) accept(w http.ResponseWriter, r *http.Request, p voice.Party, prepared *voice.Prepared, err error) error {
	if err != nil {
		return err
	}
	return h.commit(w, r, func(tx *db.Tx) (voice.Order, any, error) {
		o, parts, err := h.desk.Accept(tx, p, prepared)
		return o, acceptedOf(o, parts), err
	})
}

func (h *handlers) order(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	var req voice.OrderRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	prepared, err := h.desk.PrepareOrder(r.Context(), p, &req)
	return h.accept(w, r, p, prepared, err)
}

func (h *handlers) change(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	var req voice.ChangeRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	prepared, err := h.desk.PrepareChange(r.Context(), p, &req)
	return h.accept(w, r, p, prepared, err)
}

func (h *handlers) disconnect(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	var req voice.DisconnectRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	prepared, err := h.desk.PrepareDisconnect(r.Context(), p, &req)
	return h.accept(w, r, p, prepared, err)
}

// supplemented is an order with what its supplement is called.
type supplemented struct {
	heard
	Transaction string `json:"transactionOrderId"`
}

func heardOf(o voice.Order) heard {
	return heard{orderHead{o.ID, o.ExternalID}, statusOf(o.State)}
}

func (h *handlers) supplement(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	var req voice.SupplementRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	to, err := h.desk.PrepareSupplement(r.Context(), p, &req)
	if err != nil {
		return err
	}
	return h.commit(w, r, func(tx *db.Tx) (voice.Order, any, error) {
		o, part, err := h.desk.Supplement(tx, p, r.PathValue("voiceOrderId"), to)
		return o, supplemented{heardOf(o), part.ID}, err
	})
}

func (h *handlers) portNow(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	var req voice.PortNowRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	return h.commit(w, r, func(tx *db.Tx) (voice.Order, any, error) {
		o, err := h.desk.PortNow(tx, p, req.VoiceOrderID.Trim())
		return o, heardOf(o), err
	})
}

func (h *handlers) cancel(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	var req voice.CancelRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	return h.commit(w, r, func(tx *db.Tx) (voice.Order, any, error) {
		o, err := h.desk.Cancel(tx, p, &req)
		return o, heardOf(o), err
	})
}

// inService is a number in service.
type inService struct {
	TN         int64            `json:"telephoneNumber"`
	NPA        string           `json:"npa"`
	NXX        string           `json:"nxx"`
	Line       string           `json:"line"`
	Product    string           `json:"productID"`
	RateCenter string           `json:"rateCenter"`
	State      string           `json:"state"`
	RouteName  string           `json:"customerServiceName"`
	RoutePlan  *string          `json:"routePlanName"`
	Subscriber voice.Subscriber `json:"subscriber"`
	Address    voice.Address    `json:"serviceAddress"`
	E911       *voice.Address   `json:"e911Address"`
	E911Option *string          `json:"e911Option"`
	Listing    *voice.Listing   `json:"directoryListing"`
	CNAM       *shownName       `json:"cnam"`
	Ported     bool             `json:"ported"`
	Since      string           `json:"activeDate"`
	Order      string           `json:"voiceOrderId"`
}

// shownName is what others see of who calls, as it is asked for.
type shownName struct {
	Block string `json:"blockCustomerName"`
	Name  string `json:"cnamCustomerName"`
}

func inServiceOf(n voice.InService) inService {
	text := n.TN.String()
	s := n.Service
	v := inService{TN: n.TN.E164(), NPA: text[:3], NXX: text[3:6], Line: text[6:], Product: n.Product, RateCenter: n.Center, State: n.State,
		RouteName: n.RouteName, RoutePlan: orNull(s.RoutePlan), Subscriber: s.Subscriber, Address: s.Address, E911Option: orNull(s.E911),
		Listing: s.Listing, Ported: n.Ported, Since: httpkit.Stamp(n.At), Order: n.Order}
	if s.E911 == voice.E911Standard {
		v.E911 = &s.Address
	}
	switch {
	case s.CNAM != nil && s.CNAM.Blocked:
		v.CNAM = &shownName{Block: "Y"}
	case s.CNAM != nil:
		v.CNAM = &shownName{"N", s.CNAM.Name}
	default: // what is shown of a number for which nothing else is (source, About CNAM)
		v.CNAM = &shownName{"N", n.Center + " " + n.State}
	}
	return v
}

func (h *handlers) details(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	q := queryOf(r)
	f := voice.DetailFilter{State: q.state(false), Center: named(q.get("rateCenter")), RouteName: q.get("customerServiceName")}
	if f.Product = q.get("productID"); f.Product == "" {
		q.wrong(voice.ServiceIDWrong("productID"))
	} else {
		q.product()
	}
	f.From, f.To = q.prefix("NPA", "NXX")
	page := q.page(usualPage)
	if err := q.err(); err != nil {
		return err
	}
	answer := struct {
		Page  int         `json:"pageNumber"`
		Size  int         `json:"pageSize"`
		Total int         `json:"totalCount"`
		List  []inService `json:"telephoneNumbers"`
	}{page.Number, page.Size, 0, []inService{}}
	err := h.kit.View(r, func(tx *db.Tx) error {
		list, total, err := h.desk.Details(tx, p, f, voice.Paging{Offset: page.Offset(), Limit: page.Size})
		answer.Total = total
		for _, n := range list {
			answer.List = append(answer.List, inServiceOf(n))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}
