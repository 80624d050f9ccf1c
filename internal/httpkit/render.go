package httpkit

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// JSON answers v. A nil v answers the status alone.
func JSON(w http.ResponseWriter, status int, v any) error {
	if v == nil {
		w.WriteHeader(status)
		return nil
	}
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := encode(b, v); err != nil {
		return err
	}
	return Raw(w, status, b.Bytes())
}

// Raw answers a body that is JSON already.
func Raw(w http.ResponseWriter, status int, body []byte) error {
	h := w.Header()
	if h.Get("Content-Type") == "" {
		h["Content-Type"] = jsonType
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller that has gone needs no error
	return nil
}

var jsonType = []string{"application/json; charset=utf-8"}

func encode(b *bytes.Buffer, v any) error {
	if raw, ok := v.(json.RawMessage); ok {
		b.Write(raw)
		return nil
	}
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// Stamp writes a moment as RFC 3339, in UTC.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// StampOrNull is Stamp for a moment that may not have come: null then.
func StampOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := Stamp(t)
	return &text
}

// envelope is the error body of the platform and of on-demand.
type envelope struct {
	Code      int              `json:"code"`
	Message   string           `json:"message"`
	Reason    string           `json:"reason"`
	Errors    []envelopeDetail `json:"errors"`
	Next      []string         `json:"next,omitzero"`
	Doc       string           `json:"doc"`
	RequestID string           `json:"requestId"`
}

type envelopeDetail struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	Rule    string `json:"rule,omitempty"`
}

// DocURL is where the docs explain a code.
func DocURL(c *fault.Code) string { return "/docs/errors#" + c.ID }

// fail renders an error. What is not a fault is our own mistake: it is logged, and
// the caller learns only the request id.
func (k *Kit) fail(w *statusWriter, r *http.Request, x *exchange, err error) {
	f := k.faultOf(r, x, err)
	was, family := f, x.route.Family
	if family.Translate != nil {
		f = family.translate(r, f)
	}
	x.failed(f, was)
	if w.status != 0 {
		return // the answer has begun; there is nothing to add to it
	}
	k.readWanted(r, x)
	h := w.Header()
	if f.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((f.RetryAfter+time.Second-1)/time.Second), 10))
	} else if f.Code.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	var own any
	if family.Render != nil {
		own = family.Render(r, f)
	}
	if f.Code.Status == http.StatusUnauthorized && h.Get("WWW-Authenticate") == "" {
		h.Set("WWW-Authenticate", challenge(family, f, own != nil))
	}
	if own != nil {
		_ = JSON(w, f.Code.Status, own)
		return
	}
	e := envelope{Code: f.Code.Status, Message: f.Message, Reason: f.Code.ID, Errors: []envelopeDetail{},
		Next: f.Next, Doc: DocURL(f.Code), RequestID: x.id}
	for _, v := range f.Violations {
		e.Errors = append(e.Errors, envelopeDetail(v))
	}
	_ = JSON(w, f.Code.Status, e)
}

// challenge says how a caller can prove who it is. rendered tells that the family has
// rendered the error itself.
func challenge(family *Family, f *fault.Error, rendered bool) string {
	if family.Challenge != "" && (family.Authenticate != nil || rendered) {
		return family.Challenge
	}
	text := `Bearer realm="demarc"`
	if f.Code != Unauthorized {
		text += `, error="invalid_token", error_description="` + strings.ReplaceAll(f.Message, `"`, "'") + `"`
	}
	return text
}

func (k *Kit) faultOf(r *http.Request, x *exchange, err error) *fault.Error {
	if f := fault.Of(err); f != nil {
		return f
	}
	switch {
	case errors.Is(err, db.ErrNoWorld):
		return NotFound.Say("This world does not exist any more.")
	case timedOut(err):
		k.o.Log.Warn("request ran out of time", "id", x.id, "operation", x.route.OperationID)
		return Timeout.With()
	case r.Context().Err() != nil:
		return Timeout.With() // the caller has gone
	}
	k.o.Log.Error("request failed", "id", x.id, "operation", x.route.OperationID, "err", err)
	return Internal.With()
}
