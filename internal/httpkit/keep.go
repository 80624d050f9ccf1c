package httpkit

import (
	"bytes"
	"net/http"

	"demarc/internal/db"
)

// Answer answers a request whose effect was not one unit of work in the caller's
// world (a move of its clock, the making of another world) and, with an
// Idempotency-Key, keeps the answer. Between such an effect and its being kept the
// server may die; the next request with the key then has the effect once more.
func (k *Kit) Answer(w http.ResponseWriter, r *http.Request, status int, v any) error {
	x := exchangeOf(r.Context())
	if x.key == "" {
		return JSON(w, status, v)
	}
	var body bytes.Buffer
	if v != nil {
		if err := encode(&body, v); err != nil {
			return err
		}
	}
	err := k.o.DB.Within(r.Context(), x.caller.World, func(tx *db.Tx) error {
		return keep(tx, x, status, w.Header(), body.Bytes())
	})
	if err != nil {
		return err
	}
	if v == nil {
		return JSON(w, status, nil)
	}
	return Raw(w, status, body.Bytes())
}

// DecodeOptional is Decode that takes no body for an empty object.
func (k *Kit) DecodeOptional(r *http.Request, into any) error {
	body, err := k.Body(r)
	if err != nil || len(bytes.TrimSpace(body)) == 0 {
		return err
	}
	return k.Decode(r, into)
}
