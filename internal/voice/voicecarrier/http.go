package voicecarrier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"demarc/internal/backend"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// All connectors have this in common. An answer is a 200 with JSON, whose unknown
// fields are passed over, unless their protocol says otherwise. A question and its second try, if it has one, take two
// seconds together; behind five failures in a row the breaker opens for fifteen
// seconds. What cannot be reached, breaks off or answers a 5xx is unavailable; what
// does not answer in time is late; any other answer is wrong.

// HTTPAdministration is the connector to a number administration that speaks this
// protocol:
//
//	POST {base}/lookup  {"telephoneNumbers": ["3035550100", …]}
//	     -> 200 {"numbers": [{"telephoneNumber": "3035550100", "known": true, "state": "CO", "rateCenter": "DENVER",
//	                          "lata": "656", "carrier": "Example Telephone", "portable": true},
//	                         {"telephoneNumber": "2125550100", "known": false}]}
//	GET  {base}/rate-centers/{state}/{rateCenter}  -> 200 {"ready": true}, or {"ready": false}
//
// A lookup is of at most 1000 numbers, each named once; the answer has each of them
// once, in any order. known is whether the number's code is in use; of one that is not,
// nothing else is read. lata and carrier may be empty. The second question is whether
// numbers of a rate center can be given out now, and is asked before some are; while
// they cannot, orders wait and are looked at again. It may be about a name that a
// customer has misspelt: a 404 says that there is no such rate center, and nothing is
// waited for then.
type HTTPAdministration struct{ line *line }

var _ voice.Administration = (*HTTPAdministration)(nil)

// NewHTTPAdministration makes the connector to the number administration at base.
func NewHTTPAdministration(base string, log *slog.Logger) (*HTTPAdministration, error) {
	l, err := newLine(voice.BackendAdministration, base, log)
	return &HTTPAdministration{l}, err
}

// WireNumber is a number as the protocol has it.
type WireNumber struct {
	TN       string `json:"telephoneNumber"`
	Known    *bool  `json:"known"`
	State    string `json:"state,omitempty"`
	Center   string `json:"rateCenter,omitempty"`
	LATA     string `json:"lata,omitempty"`
	Carrier  string `json:"carrier,omitempty"`
	Portable *bool  `json:"portable,omitempty"`
}

// Bounds of the texts in an answer. A rate center's is that of the carrier desk.
const (
	longestCenter  = 40
	longestCarrier = 100
	longestLATA    = 10
)

// number is what was written of a number, if that can be.
func (w WireNumber) number(tn nanp.TN) (voice.Number, error) {
	switch {
	case w.Known == nil:
		return voice.Number{}, backend.ErrUnread
	case !*w.Known:
		return voice.Number{TN: tn}, nil
	case w.Portable == nil, !nanp.IsState(w.State), w.Center == "", strings.ToUpper(strings.TrimSpace(w.Center)) != w.Center,
		!plausible(w.Center, longestCenter), !plausible(w.LATA, longestLATA), !plausible(w.Carrier, longestCarrier):
		return voice.Number{}, backend.ErrUnread
	}
	return voice.Number{TN: tn, Known: true, State: w.State, Center: w.Center, LATA: w.LATA, Carrier: w.Carrier, Portable: *w.Portable}, nil
}

// plausible keeps texts out that are no names.
func plausible(s string, longest int) bool {
	return len(s) <= longest && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// isName keeps names out of URLs that no rate center has. Customers have written them,
// and nothing has looked at them yet; two dots would lead to another question.
func isName(s string) bool {
	return s != "" && s != "." && s != ".." && plausible(s, longestCenter)
}

// Lookup asks what is known of numbers.
func (h *HTTPAdministration) Lookup(ctx context.Context, q voice.Query, list []nanp.TN) ([]voice.Number, error) {
	if len(list) == 0 {
		return nil, ctx.Err()
	}
	asked := make(map[string]nanp.TN, len(list))
	texts := make([]string, 0, len(list))
	for _, tn := range list {
		text := tn.String()
		if _, twice := asked[text]; !twice {
			asked[text] = tn
			texts = append(texts, text)
		}
	}
	var known map[nanp.TN]voice.Number
	lookup := backend.Question{Method: http.MethodPost, Path: "/lookup", Body: map[string]any{"telephoneNumbers": texts},
		About: about(q, fmt.Sprintf("%d numbers", len(texts)))}
	err := h.line.ask(ctx, lookup, func(_ int, answer []byte) (err error) {
		known, err = readNumbers(answer, asked)
		return err
	})
	if err != nil {
		return nil, err
	}
	found := make([]voice.Number, len(list))
	for i, tn := range list {
		found[i] = known[tn]
	}
	return found, nil
}

// readNumbers reads the answer to a lookup: each number that was asked for, once.
func readNumbers(answer []byte, asked map[string]nanp.TN) (map[nanp.TN]voice.Number, error) {
	var w struct {
		Numbers []WireNumber `json:"numbers"`
	}
	if err := backend.Decode(answer, &w); err != nil {
		return nil, err
	}
	known := make(map[nanp.TN]voice.Number, len(asked))
	for _, n := range w.Numbers {
		tn, was := asked[n.TN]
		if !was {
			return nil, backend.ErrForeign
		}
		if _, twice := known[tn]; twice {
			return nil, backend.ErrUnread
		}
		var err error
		if known[tn], err = n.number(tn); err != nil {
			return nil, err
		}
	}
	if len(known) != len(asked) {
		return nil, backend.ErrUnread
	}
	return known, nil
}

// errNotReady is the answer of an inventory that works and has to be waited for.
var errNotReady = errors.New("voicecarrier: numbers of the rate center cannot be given out now")

// Ready asks whether numbers of a rate center can be given out.
func (h *HTTPAdministration) Ready(ctx context.Context, q voice.Query, state, center string) error {
	if err := ctx.Err(); err != nil || !isName(state) || !isName(center) {
		return err
	}
	ready := true
	ask := backend.Question{Method: http.MethodGet, Path: "/rate-centers/" + url.PathEscape(state) + "/" + url.PathEscape(center), Bare: isNone,
		About: about(q, voice.CenterKey(state, center))}
	err := h.line.ask(ctx, ask, func(status int, answer []byte) error {
		if isNone(status) {
			return nil
		}
		var w struct {
			Ready *bool `json:"ready"`
		}
		if err := backend.Decode(answer, &w); err != nil || w.Ready == nil {
			return backend.ErrUnread
		}
		ready = *w.Ready
		return nil
	})
	if err == nil && !ready {
		return failure(h.line.Fail(ask, backend.Wrong, errNotReady))
	}
	return err
}

func isNone(status int) bool { return status == http.StatusNotFound }

// HTTPCredit is the connector to a credit system that speaks this protocol:
//
//	POST {base}/checks  Idempotency-Key: <order>
//	     {"customer": "1-ABCDE", "order": "V100000001"}  -> 200 {"decision": "good"}, or "hold"
//
// Asked again under the same key, the system answers what it has answered, and looks at
// nothing twice. What is on hold goes on when the carrier's staff releases it.
type HTTPCredit struct{ line *line }

var _ voice.CreditDesk = (*HTTPCredit)(nil)

// NewHTTPCredit makes the connector to the credit system at base.
func NewHTTPCredit(base string, log *slog.Logger) (*HTTPCredit, error) {
	l, err := newLine(voice.BackendCredit, base, log)
	return &HTTPCredit{l}, err
}

// Check asks whether an order has to wait for somebody to look at it.
func (h *HTTPCredit) Check(ctx context.Context, q voice.Query, order string) (hold bool, err error) {
	check := backend.Question{Method: http.MethodPost, Path: "/checks", Key: order, Body: map[string]any{"customer": q.Customer, "order": order},
		About: about(q, order)}
	err = h.line.ask(ctx, check, func(_ int, answer []byte) error {
		var w struct {
			Decision string `json:"decision"`
		}
		if err := backend.Decode(answer, &w); err != nil || w.Decision != voice.CreditGood && w.Decision != voice.CreditHold {
			return backend.ErrUnread
		}
		hold = w.Decision == voice.CreditHold
		return nil
	})
	return hold && err == nil, err
}
