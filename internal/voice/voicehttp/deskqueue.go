package voicehttp

import (
	"net/http"
	"strings"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/voice"
)

// creditHold is an order that waits for somebody to decide about its customer's credit.
type creditHold struct {
	orderHead
	Customer string `json:"customerNumber"`
	Name     string `json:"customerName"`
	Product  string `json:"productID"`
	Status   string `json:"orderStatus"`
	Created  string `json:"createdDate"`
}

func creditHoldOf(o voice.Order) creditHold {
	return creditHold{orderHead{o.ID, o.ExternalID}, o.Customer, o.CustomerName, o.Product, o.State, httpkit.Stamp(o.CreatedAt)}
}

// deskException is a request as the carrier's staff sees it.
type deskException struct {
	exception
	Customer string `json:"customerNumber"`
}

func deskExceptionOf(e voice.Exception) deskException {
	return deskException{exceptionOf(e), e.Customer}
}

// deskQueue answers what waits for the carrier's staff.
func (h *handlers) deskQueue(w http.ResponseWriter, r *http.Request) error {
	page, err := httpkit.PageOf(r, usualPage, largestPage)
	if err != nil {
		return err
	}
	answer := struct {
		Number         int             `json:"pageNumber"`
		Size           int             `json:"pageSize"`
		HoldCount      int             `json:"creditHoldCount"`
		Holds          []creditHold    `json:"creditHolds"`
		ExceptionCount int             `json:"tnExceptionCount"`
		Exceptions     []deskException `json:"tnExceptions"`
	}{page.Number, page.Size, 0, []creditHold{}, 0, []deskException{}}
	err = h.kit.View(r, func(tx *db.Tx) error {
		orders, total, err := h.desk.Store.OrdersIn(tx, voice.OrderCredit, paging(page))
		if err != nil {
			return err
		}
		requests, open, err := h.desk.Store.Exceptions(tx, "", voice.ExceptionOpen, paging(page))
		answer.HoldCount, answer.ExceptionCount = total, open
		for _, o := range orders {
			answer.Holds = append(answer.Holds, creditHoldOf(o))
		}
		for _, e := range requests {
			answer.Exceptions = append(answer.Exceptions, deskExceptionOf(e))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

// verdict reads which of two things is to be done.
func verdict(rule, action, yes, no string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(action)) {
	case yes:
		return true, nil
	case no:
		return false, nil
	}
	return false, fault.Invalid.With(fault.Field(rule, "action", "must be "+yes+" or "+no))
}

// deskDecideCredit releases an order or rejects it. (VOICE-DSK-09: one of the two)
func (h *handlers) deskDecideCredit(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Action string `json:"action"`
	}
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	release, err := verdict("VOICE-DSK-09", req.Action, "release", "reject")
	if err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		o, err := h.desk.DecideCredit(tx, actor(r), r.PathValue("voiceOrderId"), release)
		return creditHoldOf(o), err
	})
}

// noteLength bounds the note of a decision.
const noteLength = 1000

// deskDecideException approves a request or rejects it.
//
//   - VOICE-DSK-10: one of the two. VOICE-DSK-11: a note of at most 1,000 characters.
func (h *handlers) deskDecideException(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Action string `json:"action"`
		Note   string `json:"note"`
	}
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	approve, err := verdict("VOICE-DSK-10", req.Action, "approve", "reject")
	if err != nil {
		return err
	}
	if len(req.Note) > noteLength {
		return fault.Invalid.With(fault.Field("VOICE-DSK-11", "note", "must have at most 1,000 characters"))
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		e, err := h.desk.DecideException(tx, actor(r), r.PathValue("id"), approve, req.Note)
		return deskExceptionOf(e), err
	})
}
