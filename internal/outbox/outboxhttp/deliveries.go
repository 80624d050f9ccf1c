package outboxhttp

import (
	"encoding/json"
	"net/http"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/outbox"
)

type delivery struct {
	ID            string  `json:"id"`
	EndpointID    string  `json:"endpointId"`
	MessageID     string  `json:"messageId"`
	Type          string  `json:"type"`
	Subject       string  `json:"subject"`
	State         string  `json:"state"`
	AttemptCount  int     `json:"attemptCount"`
	CreatedAt     *string `json:"createdAt"`
	EndedAt       *string `json:"endedAt"`
	NextAttemptAt *string `json:"nextAttemptAt"`
}

type attempt struct {
	N       int     `json:"n"`
	At      *string `json:"at"`
	Status  int     `json:"status"`
	Problem string  `json:"problem"`
	Answer  string  `json:"answer"`
	TookMS  float64 `json:"tookMs"`
}

type deliveryDetail struct {
	delivery
	Body     any       `json:"body"` // an object in the standard form, a text in others
	Attempts []attempt `json:"attempts"`
}

func deliveryOf(d outbox.Delivery) delivery {
	return delivery{ID: d.ID, EndpointID: d.Endpoint, MessageID: d.Message, Type: d.Type, Subject: d.Subject, State: d.State,
		AttemptCount: d.Attempts, CreatedAt: moment(d.CreatedAt), EndedAt: moment(d.EndedAt), NextAttemptAt: moment(d.NextAt)}
}

type deliveryPage struct {
	PageNumber  int        `json:"pageNumber"`
	PageSize    int        `json:"pageSize"`
	ResultCount int64      `json:"resultCount"`
	Deliveries  []delivery `json:"deliveries"`
}

func (a *api) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	page, err := httpkit.PageOf(r, 10, 100)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f := outbox.DeliveryFilter{App: httpkit.From(r.Context()).App, Endpoint: q.Get("endpointId"), State: q.Get("state")}
	switch f.State {
	case "", outbox.Pending, outbox.Delivered, outbox.Failed:
	default:
		return httpkit.Invalid.With(fault.Field(ruleQuery, "state", "must be pending, delivered or failed"))
	}
	answer := deliveryPage{PageNumber: page.Number, PageSize: page.Size, Deliveries: []delivery{}}
	err = a.k.View(r, func(tx *db.Tx) error {
		list, total, err := a.s.Deliveries(tx, f, page.Offset(), page.Size)
		answer.ResultCount = total
		for _, d := range list {
			answer.Deliveries = append(answer.Deliveries, deliveryOf(d))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

func (a *api) getDelivery(w http.ResponseWriter, r *http.Request) error {
	answer := deliveryDetail{Attempts: []attempt{}}
	err := a.k.View(r, func(tx *db.Tx) error {
		d, body, log, err := a.s.Delivery(tx, httpkit.From(r.Context()).App, r.PathValue("id"))
		answer.delivery, answer.Body = deliveryOf(d), body
		if d.Form == outbox.FormStandard {
			answer.Body = json.RawMessage(body)
		}
		for _, at := range log {
			answer.Attempts = append(answer.Attempts, attempt{at.N, moment(at.At), at.Status, at.Problem, at.Answer,
				float64(at.Took.Microseconds()) / 1000})
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

func (a *api) replayDelivery(w http.ResponseWriter, r *http.Request) error {
	return a.k.Commit(w, r, http.StatusAccepted, func(tx *db.Tx) (any, error) {
		res, err := a.s.ReplayDelivery(tx, httpkit.From(r.Context()).App, r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return queued(res), nil
	})
}
