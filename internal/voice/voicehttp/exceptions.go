package voicehttp

import (
	"net/http"
	"slices"
	"strings"

	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/voice"
)

// exception is a request for more numbers than an order may have.
type exception struct {
	ID         string  `json:"tnExceptionId"`
	Product    string  `json:"productID"`
	RateCenter string  `json:"rateCenter"`
	State      string  `json:"state"`
	Quantity   int     `json:"quantity"`
	Reason     string  `json:"reason"`
	Status     string  `json:"status"`
	Note       string  `json:"note"`
	Order      *string `json:"voiceOrderId"`
	Created    string  `json:"createdDate"`
}

func exceptionOf(e voice.Exception) exception {
	return exception{e.ID, e.Product, e.Center, e.State, e.Quantity, e.Reason, e.Status, e.Note, orNull(e.Order), httpkit.Stamp(e.CreatedAt)}
}

func (h *handlers) requestException(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	var req voice.ExceptionRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	e, err := h.desk.PrepareException(r.Context(), p, &req)
	if err != nil {
		return err
	}
	w.Header().Set("Location", numbers+"/tnExceptions/"+e.ID)
	err = h.kit.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
		return exceptionOf(h.desk.FileException(tx, p, e)), nil
	})
	if err != nil {
		w.Header().Del("Location")
	}
	return err
}

func (h *handlers) exceptions(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	q := queryOf(r)
	status := strings.ToLower(q.get("status"))
	if all := voice.ExceptionMachine.States(); status != "" && !slices.Contains(all, status) {
		q.wrong(voice.RequestWrong("status", "must be "+strings.Join(all, ", ")))
	}
	page := q.page(usualPage)
	if err := q.err(); err != nil {
		return err
	}
	answer := struct {
		paged
		Exceptions []exception `json:"tnExceptions"`
	}{paged{page.Number, page.Size, 0}, []exception{}}
	err := h.kit.View(r, func(tx *db.Tx) error {
		list, total, err := h.desk.Store.Exceptions(tx, p.Customer, status, paging(page))
		answer.Total = total
		for _, e := range list {
			answer.Exceptions = append(answer.Exceptions, exceptionOf(e))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

func (h *handlers) exception(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	var answer exception
	err := h.kit.View(r, func(tx *db.Tx) error {
		e, err := h.desk.ExceptionOf(tx, p, r.PathValue("id"))
		answer = exceptionOf(e)
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}
