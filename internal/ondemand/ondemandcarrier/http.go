package ondemandcarrier

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"demarc/internal/backend"
	"demarc/internal/ondemand"

	"github.com/sony/gobreaker/v2"
)

// HTTP is the connector to a network controller that speaks this small protocol:
//
//	POST {base}/changes          Idempotency-Key: <order>   -> 202 {"ref","checkAfterSeconds"}
//	                                                         -> 422 {"reason"}: refused for good
//	GET  {base}/changes/{ref}                                -> 200 {"state":"pending|done|failed","reason","checkAfterSeconds"}
//
// Every call has a deadline; behind five failures in a row the breaker opens for
// fifteen seconds. A call that fails is made again by the order's timer, under the
// same key.
type HTTP struct {
	base    string
	client  *http.Client
	breaker *gobreaker.CircuitBreaker[struct{}]
	meter   backend.Meter
}

var _ ondemand.Network = (*HTTP)(nil)

// Deadline of one call, and how much of an answer is read.
const (
	callDeadline = 8 * time.Second
	maxAnswer    = 64 << 10
)

// NewHTTP makes the connector to the controller at base.
func NewHTTP(base string) (*HTTP, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("ondemandcarrier: the network's URL must be http(s)://host/path")
	}
	return &HTTP{
		base:   strings.TrimRight(base, "/"),
		client: &http.Client{Timeout: callDeadline, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		breaker: gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			Name: "ondemand network", Timeout: 15 * time.Second,
			ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 5 },
			IsSuccessful: func(err error) bool { return err == nil || isRefusal(err) },
			// A caller that gives up says nothing about the network.
			IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) },
		}),
	}, nil
}

// Health is how the controller is doing.
func (h *HTTP) Health() backend.Health {
	return h.meter.Health(ondemand.Product, "network", callDeadline, h.breaker.State())
}

func isRefusal(err error) bool {
	var r *ondemand.Refusal
	return errors.As(err, &r)
}

type wireChange struct {
	Order   string `json:"order"`
	Action  string `json:"action"`
	Service string `json:"service"`
	Site    string `json:"site"`
	Port    string `json:"port"`
	VLAN    int    `json:"vlan"`
	Prefix  string `json:"prefix"`
	Mbps    int    `json:"mbps"`
}

type wireTicket struct {
	Ref        string  `json:"ref"`
	CheckAfter float64 `json:"checkAfterSeconds"`
}

type wireProgress struct {
	State      string  `json:"state"`
	Reason     string  `json:"reason"`
	CheckAfter float64 `json:"checkAfterSeconds"`
}

// Start asks the controller for a change.
func (h *HTTP) Start(ctx context.Context, c ondemand.Change) (ondemand.Ticket, error) {
	body, err := json.Marshal(wireChange{Order: c.Order, Action: c.Action, Service: c.Service, Site: c.Site, Port: c.Port,
		VLAN: c.VLAN, Prefix: c.Prefix, Mbps: c.Mbps})
	if err != nil {
		return ondemand.Ticket{}, err
	}
	var t wireTicket
	if err := h.call(ctx, http.MethodPost, "/changes", c.Order, body, &t); err != nil {
		return ondemand.Ticket{}, err
	}
	if !usable(t.Ref) {
		return ondemand.Ticket{}, errors.New("ondemandcarrier: the network answered without a usable reference")
	}
	return ondemand.Ticket{Ref: t.Ref, CheckAfter: seconds(t.CheckAfter)}, nil
}

// usable reports whether a reference can be stored, and asked for in a URL's path.
func usable(ref string) bool {
	return strings.Trim(ref, ". ") != "" && len(ref) <= 200 && !strings.ContainsFunc(ref, unicode.IsControl)
}

// Status asks the controller how a change is doing.
func (h *HTTP) Status(ctx context.Context, _ ondemand.Change, ref string) (ondemand.Progress, error) {
	var p wireProgress
	if err := h.call(ctx, http.MethodGet, "/changes/"+url.PathEscape(ref), "", nil, &p); err != nil {
		return ondemand.Progress{}, err
	}
	switch p.State {
	case "pending":
		return ondemand.Progress{CheckAfter: seconds(p.CheckAfter)}, nil
	case "done":
		return ondemand.Progress{Done: true}, nil
	case "failed":
		if p.Reason == "" {
			p.Reason = "the network gave no reason"
		}
		return ondemand.Progress{Failed: p.Reason}, nil
	}
	return ondemand.Progress{}, fmt.Errorf("ondemandcarrier: the network answered with the state %q", p.State)
}

// seconds is a span that the network named, within bounds.
func seconds(s float64) time.Duration {
	if !(s >= 1) {
		s = 1
	}
	return time.Duration(min(s, 24*3600)) * time.Second
}

func (h *HTTP) call(ctx context.Context, method, path, key string, body []byte, into any) error {
	_, err := h.breaker.Execute(func() (struct{}, error) {
		answer, err := h.send(ctx, method, path, key, body)
		if err == nil && json.Unmarshal(answer, into) != nil {
			err = errUnread
		}
		if isRefusal(err) {
			h.meter.Note(nil)
		} else {
			h.meter.Note(err)
		}
		return struct{}{}, err
	})
	return err
}

var errUnread = errors.New("ondemandcarrier: the network's answer cannot be read")

func (h *HTTP) send(ctx context.Context, method, path, key string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callDeadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, h.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := h.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ondemandcarrier: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	switch {
	case err != nil:
		return nil, fmt.Errorf("ondemandcarrier: %w", err)
	case res.StatusCode == http.StatusUnprocessableEntity:
		return nil, refusal(answer)
	case res.StatusCode < 200 || res.StatusCode > 299:
		return nil, fmt.Errorf("ondemandcarrier: the network answered %s", res.Status)
	}
	return answer, nil
}

func refusal(answer []byte) error {
	var no struct {
		Reason string `json:"reason"`
	}
	if json.Unmarshal(answer, &no) != nil || no.Reason == "" {
		no.Reason = "the network gave no reason"
	}
	return &ondemand.Refusal{Reason: strings.ToValidUTF8(no.Reason[:min(len(no.Reason), 300)], "")}
}
