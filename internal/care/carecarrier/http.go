package carecarrier

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"demarc/internal/backend"
	"demarc/internal/care"

	"github.com/sony/gobreaker/v2"
)

// HTTP is the connector to the billing system of one business unit that speaks this
// small protocol:
//
//	POST {base}/v1/{unit}/billingAccount/   Correlation-ID: <of the call that asks>
//	     {"lob","refId","refValue"}         -> 200 {"accounts":[...]}, see WireAccount
//	                                        -> 404: there is none
//
// What a customer is found by travels in the body, so that it stands in no log of
// addresses on the way. Every call has a deadline; behind five failures in a row the
// breaker opens for fifteen seconds, and callers are told at once.
type HTTP struct {
	unit    string
	log     *slog.Logger
	url     string
	client  *http.Client
	breaker *gobreaker.CircuitBreaker[[]care.Account]
	meter   backend.Meter
}

var _ care.Billing = (*HTTP)(nil)

// Deadline of one call, and how much of an answer is read.
const (
	callDeadline = 8 * time.Second
	maxAnswer    = 1 << 20
)

// leftAlone is how long nothing is asked of a system that has failed five times.
const leftAlone = 15 * time.Second

var (
	errURL     = errors.New("carecarrier: the billing system's URL must be http(s)://host/path")
	errLong    = errors.New("carecarrier: the billing system's answer is too long")
	errForeign = errors.New("carecarrier: the billing system answered with accounts that were not asked for")
	errSeveral = errors.New("carecarrier: the billing system answered with several accounts of one number")
)

// statusError is an answer that is neither accounts nor none.
type statusError int

func (s statusError) Error() string {
	return fmt.Sprintf("carecarrier: the billing system answered %d", int(s))
}

// NewHTTP makes the connector to the unit's billing system at base. The log is told,
// for the operator, why a system is down: callers are not.
func NewHTTP(base, unit string, log *slog.Logger) (*HTTP, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return nil, errURL
	}
	return &HTTP{
		unit:   unit,
		log:    log,
		url:    strings.TrimRight(base, "/") + "/v1/" + unit + "/billingAccount/",
		client: &http.Client{Timeout: callDeadline, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		breaker: gobreaker.NewCircuitBreaker[[]care.Account](gobreaker.Settings{
			Name: "billing of " + unit, Timeout: leftAlone,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 5 },
			// An answer of no use is one account's matter; the system answers others.
			IsSuccessful: func(err error) bool { return err == nil || !isDown(err) },
			// A caller that gives up says nothing about the billing system.
			IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) },
		}),
	}, nil
}

// Account asks for one account.
func (h *HTTP) Account(ctx context.Context, q care.Query) (*care.Account, error) {
	list, err := h.ask(ctx, q)
	switch {
	case err != nil || len(list) == 0:
		return nil, err
	case len(list) > 1:
		return nil, errSeveral
	}
	return &list[0], nil
}

// Accounts asks for the accounts with a number.
func (h *HTTP) Accounts(ctx context.Context, q care.Query) ([]care.Account, error) {
	return h.ask(ctx, q)
}

// ask makes the call. What cannot be reached, does not answer in time or says that
// it cannot answer is down; an answer that is of no use is an error of its own.
func (h *HTTP) ask(ctx context.Context, q care.Query) ([]care.Account, error) {
	if q.Value == "" {
		return nil, nil
	}
	list, err := h.breaker.Execute(func() ([]care.Account, error) {
		list, err := h.call(ctx, q)
		h.meter.Note(err)
		return list, err
	})
	switch {
	case err == nil:
		return list, nil
	case ctx.Err() != nil:
		return nil, ctx.Err() // the caller has gone, or has waited as long as it may
	case isDown(err):
		h.log.Warn("a billing system is down", "unit", h.unit, "correlation", q.Correlation, "err", err)
		down := care.Down(h.unit)
		if errors.Is(err, gobreaker.ErrOpenState) {
			down.RetryAfter = leftAlone
		}
		return nil, down
	}
	return nil, err
}

// Health is how the billing system is doing.
func (h *HTTP) Health() backend.Health {
	return h.meter.Health(care.Product, "billing of "+h.unit, callDeadline, h.breaker.State())
}

// isDown reports whether the system could not be reached, did not answer in time or
// said that it cannot answer, or is left alone because of that.
func isDown(err error) bool {
	var status statusError
	var broken *url.Error
	return errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &broken) || errors.Is(err, errBrokeOff) || errors.As(err, &status) && status >= 500
}

var errBrokeOff = errors.New("carecarrier: the billing system's answer broke off")

func (h *HTTP) call(ctx context.Context, q care.Query) ([]care.Account, error) {
	ctx, cancel := context.WithTimeout(ctx, callDeadline)
	defer cancel()
	body, err := json.Marshal(wireQuery{Line: q.Line, RefID: q.RefID, RefValue: q.Value})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	if q.Correlation != "" {
		req.Header.Set("Correlation-ID", q.Correlation)
	}
	res, err := h.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotFound:
		return nil, nil
	case res.StatusCode != http.StatusOK:
		return nil, statusError(res.StatusCode)
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, errBrokeOff
	case len(answer) > maxAnswer:
		return nil, errLong
	}
	return h.read(q, answer)
}

// read takes the accounts out of an answer. One that does not match the question
// spoils all of it: it is somebody else's, and what put it there may have put others.
func (h *HTTP) read(q care.Query, answer []byte) ([]care.Account, error) {
	var a wireAnswer
	if err := json.Unmarshal(answer, &a); err != nil || a.Accounts == nil {
		return nil, errUnread // the decoder's own error repeats the text that it met
	}
	if len(a.Accounts) > care.MostAccounts {
		return nil, errLong
	}
	list := make([]care.Account, len(a.Accounts))
	for i := range a.Accounts {
		account, err := a.Accounts[i].Account()
		if err != nil {
			return nil, err
		}
		if account.Unit != h.unit || !answers(q, &account) {
			return nil, errForeign
		}
		if slices.ContainsFunc(list[:i], func(other care.Account) bool { return other.ID == account.ID }) {
			return nil, errForeign
		}
		list[i] = account
	}
	return list, nil
}

// answers reports whether an account is one that was asked for.
func answers(q care.Query, a *care.Account) bool {
	switch q.RefID {
	case care.RefAccount:
		return a.ID == q.Value
	case care.RefService:
		return slices.Contains(a.Services, q.Value)
	case care.RefContact:
		return slices.Contains(a.Contacts, q.Value)
	}
	return false
}
