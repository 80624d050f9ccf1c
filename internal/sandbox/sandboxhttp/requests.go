package sandboxhttp

import (
	"net/http"
	"strconv"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/requestlog"
)

// request is one of the application's, as a list shows it.
type request struct {
	ID        string `json:"id"`
	RequestID string `json:"requestId"`
	At        string `json:"at"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	Operation string `json:"operation"`
	Status    int    `json:"status"`
	TookUs    int64  `json:"tookUs"`
	Code      string `json:"code"`
}

// requestGap tells of requests that were not kept.
type requestGap struct {
	At       string `json:"at"`
	Requests int64  `json:"requests"`
}

// requestDetail is a request with everything that is known about it.
type requestDetail struct {
	request
	Why      *why      `json:"why"` // null when it succeeded
	Request  wholeSide `json:"request"`
	Response wholeSide `json:"response"`
}

// why is why a request failed.
type why struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Errors  []broken `json:"errors"`
	Next    []string `json:"next"`
	Doc     string   `json:"doc"`
}

type broken struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	Rule    string `json:"rule"`
}

type wholeSide struct {
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
	Size    int64               `json:"size"`
	Cut     bool                `json:"cut"`
}

func requestOf(e *requestlog.Entry) request {
	return request{strconv.FormatInt(e.Seq, 10), e.ID, httpkit.Stamp(e.At), e.Method, e.Path, e.Operation, e.Status, e.Took.Microseconds(), e.Code}
}

// requests lists what the application has asked for.
func (h *handlers) requests(w http.ResponseWriter, r *http.Request) error {
	page, err := httpkit.PageOf(r, 50, 100)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f := requestlog.Filter{App: caller(r).App, Status: q.Get("status"), Operation: q.Get("operation"), Contains: q.Get("contains"), Limit: page.Size + 1}
	if text := q.Get("after"); text != "" {
		if f.Before, err = strconv.ParseInt(text, 10, 64); err != nil || f.Before < 1 {
			return fault.Invalid.With(fault.Field("SBX-REQ-01", "after", "must be the next of an earlier page"))
		}
	}
	answer := struct {
		Requests []request    `json:"requests"`
		Gaps     []requestGap `json:"gaps"`
		Next     string       `json:"next"`
	}{[]request{}, []requestGap{}, ""}
	err = h.log(r, func(tx *db.Tx) error {
		list, err := h.o.Requests.List(tx, f)
		if len(list) > page.Size {
			list = list[:page.Size]
			answer.Next = strconv.FormatInt(list[page.Size-1].Seq, 10)
		}
		for i := range list {
			if e := &list[i]; e.NotKept > 0 {
				answer.Gaps = append(answer.Gaps, requestGap{httpkit.Stamp(e.At), e.NotKept})
			} else {
				answer.Requests = append(answer.Requests, requestOf(e))
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

// request answers one request of the application's, by its number in the list or by the
// request id that it was answered with.
func (h *handlers) request(w http.ResponseWriter, r *http.Request) error {
	var e requestlog.Entry
	err := h.log(r, func(tx *db.Tx) (err error) {
		e, err = h.o.Requests.Find(tx, caller(r).App, r.PathValue("id"))
		return err
	})
	if err != nil {
		return err
	}
	d := requestDetail{request: requestOf(&e),
		Request:  wholeSide{e.RequestHeaders, e.RequestBody, e.RequestSize, e.RequestCut},
		Response: wholeSide{e.ResponseHeaders, e.ResponseBody, e.ResponseSize, e.ResponseCut}}
	if e.Code != "" {
		d.Why = &why{e.Code, e.Message, []broken{}, append([]string{}, e.Next...), httpkit.DocURL(&fault.Code{ID: e.Code})}
		for _, v := range e.Why {
			d.Why.Errors = append(d.Why.Errors, broken(v))
		}
	}
	return httpkit.JSON(w, http.StatusOK, d)
}

// log reads the log of the caller's world. What this node has still to write is written
// first, so that who asks about a call that was just answered finds it.
func (h *handlers) log(r *http.Request, read func(tx *db.Tx) error) error {
	if err := h.o.Requests.Flush(r.Context()); err != nil {
		return err
	}
	return h.kit.View(r, read)
}
