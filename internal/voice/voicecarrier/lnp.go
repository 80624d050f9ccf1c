package voicecarrier

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode"

	"demarc/internal/backend"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// HTTPLosing is the connector to a gateway to other carriers (an LNP gateway) that
// speaks this protocol (the port is a WirePort):
//
//	POST {base}/ports  Idempotency-Key: <order>/<round>
//	     {"order": "V100000001", "round": 1, "telephoneNumbers": ["3033312000", …], "losingCarrier": "Example Telephone", …}
//	     -> 202 {"state": "pending", "checkAfterSeconds": 600}
//	        200 {"state": "concur", "focDate": "2026-11-20T15:00:00Z"}
//	        200 {"state": "reject", "reason": "account number mismatch"}
//
// It is asked the same under the same key until it has decided: that is one request to
// the losing carrier. A further round of an order takes the place of those before it:
// the customer has mended what was rejected, or wants another day. checkAfterSeconds is
// from 60 to 86,400; what is beyond that, or missing, is the nearest of them.
type HTTPLosing struct{ line *line }

var _ voice.LosingCarrier = (*HTTPLosing)(nil)

// NewHTTPLosing makes the connector to the gateway at base.
func NewHTTPLosing(base string, log *slog.Logger) (*HTTPLosing, error) {
	l, err := newLine(voice.BackendLosing, base, log)
	return &HTTPLosing{l}, err
}

// WirePort is a port as the protocol has it. The account, and what else a losing
// carrier knows its subscriber by, are the customer's words.
type WirePort struct {
	Order      string           `json:"order"`
	Round      int              `json:"round"`
	Numbers    []string         `json:"telephoneNumbers"`
	Carrier    string           `json:"losingCarrier"`
	Wanted     time.Time        `json:"wantedDate"`
	LOAName    string           `json:"loaName"`
	LOAAt      time.Time        `json:"loaDateTime"`
	WTN        string           `json:"workingTelephoneNumber"`
	Account    string           `json:"accountNumber"`
	PIN        string           `json:"pin,omitempty"`
	Wireless   bool             `json:"wireless"`
	Subscriber voice.Subscriber `json:"subscriber"`
	Address    voice.Address    `json:"serviceAddress"`
}

// wirePort is a port to be written.
func wirePort(p voice.Port) WirePort {
	return WirePort{Order: p.Order, Round: p.Round, Numbers: texts(p.Numbers), Carrier: p.Carrier, Wanted: p.Wanted, LOAName: p.LNP.LOAName, LOAAt: p.LNP.LOAAt,
		WTN: p.LNP.WTN.String(), Account: p.LNP.Account, PIN: p.LNP.PIN, Wireless: p.LNP.Wireless, Subscriber: p.Service.Subscriber, Address: p.Service.Address}
}

func texts(list []nanp.TN) []string {
	out := make([]string, len(list))
	for i, tn := range list {
		out[i] = tn.String()
	}
	return out
}

// Bounds of how long a gateway is left alone.
const (
	leastCheck = time.Minute
	mostCheck  = 24 * time.Hour
)

// WireReply is the answer to a port.
type WireReply struct {
	State      string  `json:"state"`
	CheckAfter float64 `json:"checkAfterSeconds,omitempty"`
	FOC        string  `json:"focDate,omitempty"`
	Reason     string  `json:"reason,omitempty"`
}

// reply is what was written, if it says something.
func (w WireReply) reply(status int) (voice.Reply, error) {
	switch {
	case status == http.StatusAccepted && w.State == voice.PortPending:
		seconds := min(max(w.CheckAfter, leastCheck.Seconds()), mostCheck.Seconds())
		return voice.Reply{State: voice.PortPending, CheckAfter: time.Duration(seconds) * time.Second}, nil
	case status == http.StatusOK && w.State == voice.PortConcur:
		foc, err := time.Parse(time.RFC3339, w.FOC)
		if err != nil || foc.Unix() <= 0 { // the beginning of an epoch is no commitment
			return voice.Reply{}, backend.ErrUnread
		}
		return voice.Reply{State: voice.PortConcur, FOC: foc.UTC().Truncate(time.Microsecond)}, nil
	case status == http.StatusOK && w.State == voice.PortRefusing:
		return voice.Reply{State: voice.PortRefusing, Reason: reason(w.Reason)}, nil
	}
	return voice.Reply{}, backend.ErrUnread
}

// longestReason is how much of a reason is kept.
const longestReason = 300

// reason is a reason as customers can be shown it.
func reason(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
	return cmp.Or(strings.ToValidUTF8(text[:min(len(text), longestReason)], ""), "no reason was given")
}

// Ask asks for a port, or how it has been decided.
func (h *HTTPLosing) Ask(ctx context.Context, q voice.Query, p voice.Port) (r voice.Reply, err error) {
	key := fmt.Sprintf("%s/%d", p.Order, p.Round)
	port := backend.Question{Method: http.MethodPost, Path: "/ports", Key: key, Body: wirePort(p), About: about(q, key), Also: []int{http.StatusAccepted}}
	err = h.line.ask(ctx, port, func(status int, answer []byte) error {
		var w WireReply
		if err := backend.Decode(answer, &w); err != nil {
			return err
		}
		r, err = w.reply(status)
		return err
	})
	if err != nil {
		return voice.Reply{}, err
	}
	return r, nil
}
