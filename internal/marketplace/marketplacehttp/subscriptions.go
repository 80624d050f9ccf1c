package marketplacehttp

import (
	"net/http"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/marketplace"
)

// subscription is one for its buyer, without what was secret in its form.
type subscription struct {
	ID             string            `json:"id"`
	ProductID      string            `json:"productId"`
	ProviderID     string            `json:"providerId"`
	CustomerNumber string            `json:"customerNumber"`
	State          string            `json:"state"`
	COID           *string           `json:"coid"`
	Failure        *string           `json:"failure"`
	Attempts       int               `json:"attempts"`
	NextAttemptAt  *string           `json:"nextAttemptAt"`
	Fields         map[string]string `json:"fields"`
	CreatedAt      string            `json:"createdAt"`
	ActiveAt       *string           `json:"activeAt"`
	EndAskedAt     *string           `json:"endAskedAt"`
	ExpiredDate    *string           `json:"expiredDate"`
}

func subscriptionOf(s marketplace.Subscription) subscription {
	return subscription{s.ID, s.Offer, s.Provider, s.Customer, s.State, textOrNull(s.COID), textOrNull(s.Failure), s.Attempts, httpkit.StampOrNull(s.NextAt),
		s.Values, httpkit.Stamp(s.CreatedAt), httpkit.StampOrNull(s.ActiveAt), httpkit.StampOrNull(s.EndAskedAt), httpkit.StampOrNull(s.ExpiredAt)}
}

func (h *handlers) subscribe(w http.ResponseWriter, r *http.Request) error {
	var req marketplace.SubscriptionRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	p, err := party(r)
	if err != nil {
		return err
	}
	prepared, err := h.desk.PrepareSubscription(r.Context(), p, &req)
	if err != nil {
		return err
	}
	return h.created(w, base+"/subscriptions/"+prepared.ID(), func() error {
		return h.kit.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
			s, err := h.desk.Subscribe(tx, prepared)
			return subscriptionOf(s), err
		})
	})
}

func (h *handlers) subscriptions(w http.ResponseWriter, r *http.Request) error {
	p, err := party(r)
	if err != nil {
		return err
	}
	page, paging, err := pageOf(r)
	if err != nil {
		return err
	}
	state, err := stateOf(r)
	if err != nil {
		return err
	}
	answer := struct {
		paged
		Subscriptions []subscription `json:"subscriptions"`
	}{paged{page.Number, page.Size, 0}, []subscription{}}
	err = h.kit.View(r, func(tx *db.Tx) error {
		list, total, err := h.desk.Subscriptions(tx, p, marketplace.SubFilter{State: state}, paging)
		answer.ResultCount = total
		for _, s := range list {
			answer.Subscriptions = append(answer.Subscriptions, subscriptionOf(s))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

// told is a subscription with what became of it.
type told struct {
	subscription
	History []history `json:"history"`
}

type history struct {
	At    string `json:"at"`
	Event string `json:"event"`
	From  string `json:"from"`
	To    string `json:"to"`
	Actor string `json:"actor"`
	Note  string `json:"note"`
}

func toldOf(s marketplace.Subscription, trail []audit.Event) told {
	v := told{subscriptionOf(s), []history{}}
	for _, e := range trail {
		v.History = append(v.History, history{httpkit.Stamp(e.At), e.Event, e.From, e.To, e.Actor, e.Note})
	}
	return v
}

func (h *handlers) subscription(w http.ResponseWriter, r *http.Request) error {
	p, err := party(r)
	if err != nil {
		return err
	}
	var answer told
	err = h.kit.View(r, func(tx *db.Tx) error {
		s, trail, err := h.desk.Subscription(tx, p, r.PathValue("id"))
		answer = toldOf(s, trail)
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

func (h *handlers) end(w http.ResponseWriter, r *http.Request) error {
	p, err := party(r)
	if err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		s, err := h.desk.End(tx, p, r.PathValue("id"))
		return subscriptionOf(s), err
	})
}

// used is what was used of one SKU in one month.
type used struct {
	Month   string            `json:"month"`
	SKU     string            `json:"sku"`
	Unit    string            `json:"unit"`
	Total   marketplace.Count `json:"total"`
	Updates int64             `json:"updates"`
}

func (h *handlers) usage(w http.ResponseWriter, r *http.Request) error {
	p, err := party(r)
	if err != nil {
		return err
	}
	from, to, err := monthsOf(r)
	if err != nil {
		return err
	}
	answer := struct {
		Usage []used `json:"usage"`
	}{[]used{}}
	err = h.kit.View(r, func(tx *db.Tx) error {
		list, skus, err := h.desk.Usage(tx, p, r.PathValue("id"), from, to)
		units := map[string]string{}
		for _, s := range skus {
			units[s.ID] = s.Unit
		}
		for _, u := range list {
			answer.Usage = append(answer.Usage, used{u.Month, u.SKU, units[u.SKU], u.Total, u.Updates})
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

// monthsOf reads the first and the last month that are asked for, "" for any.
// (MKT-LST-02: each is a month, and they stand in order)
func monthsOf(r *http.Request) (from, to string, err error) {
	var wrong fault.List
	q := r.URL.Query()
	from, to = q.Get("from"), q.Get("to")
	for _, m := range []struct{ name, text string }{{"from", from}, {"to", to}} {
		if m.text == "" {
			continue
		}
		if _, err := time.Parse("2006-01", m.text); err != nil {
			wrong.Add("MKT-LST-02", m.name, "must be a month such as 2040-06")
		}
	}
	if len(wrong) == 0 && from != "" && to != "" && to < from {
		wrong.Add("MKT-LST-02", "to", "must not be before from")
	}
	return from, to, wrong.As(fault.Invalid)
}
