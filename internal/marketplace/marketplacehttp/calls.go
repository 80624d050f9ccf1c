package marketplacehttp

import (
	"net/http"
	"strconv"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/marketplace"
)

// tried is what a test call came to.
type tried struct {
	Status  *int    `json:"status"`
	COID    *string `json:"coid"`
	Problem *string `json:"problem"`
	Request string  `json:"request"`
	Answer  string  `json:"answer"`
	TookMs  int64   `json:"tookMs"`
}

func (h *handlers) testCall(w http.ResponseWriter, r *http.Request) error {
	t, err := h.desk.TestCall(r.Context(), manager(r), r.PathValue("id"), r.PathValue("product"))
	if err != nil {
		return err
	}
	return h.kit.Answer(w, r, http.StatusOK, tried{statusOrNull(t.Status), textOrNull(t.COID), textOrNull(t.Problem), t.Request, t.Answer,
		millis(t.Took)})
}

// statusOrNull is the status of an answer, null when there was none.
func statusOrNull(status int) *int {
	if status == 0 {
		return nil
	}
	return &status
}

func millis(d time.Duration) int64 { return d.Milliseconds() }

// call is an entry of the call log.
type call struct {
	ID             string  `json:"id"`
	Direction      string  `json:"direction"`
	At             string  `json:"at"`
	SubscriptionID *string `json:"subscriptionId"`
	Status         *int    `json:"status"`
	Problem        *string `json:"problem"`
	Request        string  `json:"request"`
	Answer         string  `json:"answer"`
	TookMs         int64   `json:"tookMs"`
}

func callOf(c marketplace.Call) call {
	return call{strconv.FormatInt(c.N, 10), c.Direction, httpkit.Stamp(c.At), textOrNull(c.Subscription), statusOrNull(c.Status), textOrNull(c.Problem),
		c.Request, c.Answer, millis(c.Took)}
}

func (h *handlers) calls(w http.ResponseWriter, r *http.Request) error {
	page, err := httpkit.PageOf(r, defaultPage, largestPage)
	if err != nil {
		return err
	}
	before, err := beforeOf(r)
	if err != nil {
		return err
	}
	answer := struct {
		Calls []call  `json:"calls"`
		Next  *string `json:"next"`
	}{Calls: []call{}}
	err = h.kit.View(r, func(tx *db.Tx) error {
		// One more than is answered tells whether there is a next page.
		list, err := h.desk.Calls(tx, manager(r), r.PathValue("id"), before, page.Size+1)
		for _, c := range list[:min(len(list), page.Size)] {
			answer.Calls = append(answer.Calls, callOf(c))
		}
		if len(list) > page.Size {
			answer.Next = &answer.Calls[page.Size-1].ID
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

// beforeOf reads where a page of the call log begins. (MKT-LST-03: it is one that an
// earlier page gave)
func beforeOf(r *http.Request) (int64, error) {
	text := r.URL.Query().Get("before")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, fault.Invalid.With(fault.Field("MKT-LST-03", "before", "must be the next of an earlier page"))
	}
	return n, nil
}

// buyer is a subscription for its provider's manager: whose it is stays with the buyer.
type buyer struct {
	ID         string  `json:"id"`
	ProductID  string  `json:"productId"`
	State      string  `json:"state"`
	COID       *string `json:"coid"`
	CreatedAt  string  `json:"createdAt"`
	EndAskedAt *string `json:"endAskedAt"`
	ExpiredAt  *string `json:"expiredAt"`
}

func (h *handlers) providerSubscriptions(w http.ResponseWriter, r *http.Request) error {
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
		Subscriptions []buyer `json:"subscriptions"`
	}{paged{page.Number, page.Size, 0}, []buyer{}}
	err = h.kit.View(r, func(tx *db.Tx) error {
		list, total, err := h.desk.ProviderSubscriptions(tx, manager(r), r.PathValue("id"), state, paging)
		answer.ResultCount = total
		for _, s := range list {
			answer.Subscriptions = append(answer.Subscriptions, buyer{s.ID, s.Offer, s.State, textOrNull(s.COID), httpkit.Stamp(s.CreatedAt),
				httpkit.StampOrNull(s.EndAskedAt), httpkit.StampOrNull(s.ExpiredAt)})
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}
