// Package sandboxhttp is the sandbox on the wire, in the shapes of
// api/platform.yaml.
package sandboxhttp

import (
	"net/http"
	"strconv"
	"time"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/magic"
	"demarc/internal/requestlog"
	"demarc/internal/sandbox"
)

// Options are what the routes need beside the service.
type Options struct {
	BaseURL  func(r *http.Request) string // where clients reach this server
	Customer string                       // the number of the customer that a fresh world is shown with
	Requests *requestlog.Log
}

type handlers struct {
	kit *httpkit.Kit
	s   *sandbox.Service
	o   Options
}

// Routes are the operations on worlds, their clocks, their customers and
// their request log.
func Routes(kit *httpkit.Kit, s *sandbox.Service, o Options) []httpkit.Route {
	h := &handlers{kit, s, o}
	get, post, del := http.MethodGet, http.MethodPost, http.MethodDelete
	const root, world = "/sandbox/v1/", "/sandbox/v1/world"
	routes := []httpkit.Route{
		{Method: get, Pattern: root + "clock", OperationID: "getClock", Handle: h.clock},
		{Method: post, Pattern: root + "clock/advance", OperationID: "advanceClock", Slow: true, Handle: h.advance},
		{Method: post, Pattern: root + "clock/freeze", OperationID: "freezeClock", Handle: h.freeze},
		{Method: post, Pattern: root + "clock/thaw", OperationID: "thawClock", Handle: h.thaw},
		{Method: get, Pattern: root + "magic", OperationID: "listMagicValues", Handle: h.magic},
		{Method: get, Pattern: root + "settings", OperationID: "listSettings", Handle: h.settings},
		{Method: http.MethodPut, Pattern: root + "settings/{name}", OperationID: "putSetting", Handle: h.putSetting},
		{Method: get, Pattern: root + "customers", OperationID: "listCustomers", Handle: h.customers},
		{Method: http.MethodPut, Pattern: root + "customers/{number}", OperationID: "putCustomer", Handle: h.putCustomer},
		{Method: get, Pattern: root + "faults", OperationID: "listFaults", Handle: h.faults},
		{Method: post, Pattern: root + "faults", OperationID: "putFault", Handle: h.putFault},
		{Method: del, Pattern: root + "faults", OperationID: "clearFaults", Handle: h.clearFaults},
		{Method: del, Pattern: root + "faults/{target}", OperationID: "clearFault", Handle: h.clearFault},
		{Method: get, Pattern: root + "requests", OperationID: "listRequests", Handle: h.requests},
		{Method: get, Pattern: root + "requests/{id}", OperationID: "getRequest", Handle: h.request},
		{Method: get, Pattern: root + "worlds", OperationID: "listWorlds", Handle: h.list},
		{Method: post, Pattern: root + "worlds", OperationID: "createWorld", Handle: h.create},
		{Method: del, Pattern: root + "worlds/{id}", OperationID: "deleteWorld", Slow: true, Handle: h.delete},
		{Method: get, Pattern: world, OperationID: "getWorld", Handle: h.world},
		{Method: post, Pattern: world + "/reset", OperationID: "resetWorld", Slow: true, Handle: h.reset},
		{Method: get, Pattern: world + "/snapshots", OperationID: "listSnapshots", Handle: h.snapshots},
		{Method: post, Pattern: world + "/snapshots", OperationID: "createSnapshot", Slow: true, Handle: h.snapshot},
		{Method: post, Pattern: world + "/snapshots/{id}/restore", OperationID: "restoreSnapshot", Slow: true, Handle: h.restore},
		{Method: del, Pattern: world + "/snapshots/{id}", OperationID: "deleteSnapshot", Slow: true, Handle: h.deleteSnapshot},
		{Method: post, Pattern: world + "/fork", OperationID: "forkWorld", Slow: true, Handle: h.fork},
		{Method: get, Pattern: world + "/export", OperationID: "exportWorld", Slow: true, Handle: h.export},
		{Method: get, Pattern: world + "/check", OperationID: "checkWorld", Slow: true, Handle: h.check},
		{Method: get, Pattern: root + "audit", OperationID: "listAudit", Handle: h.audit},
	}
	for i := range routes {
		routes[i].Sandbox = true
	}
	return routes
}

func caller(r *http.Request) *httpkit.Caller { return httpkit.From(r.Context()) }

type clockAnswer struct {
	Now    string `json:"now"`
	Frozen bool   `json:"frozen"`
	Offset string `json:"offset"`
}

func clockOf(s clock.State) clockAnswer {
	m := clock.Machine()
	now := s.Now(m)
	offset := s.Offset
	if !s.Frozen.IsZero() {
		offset = now.Sub(m)
	}
	return clockAnswer{httpkit.Stamp(now), !s.Frozen.IsZero(), clock.FormatDuration(offset)}
}

func (h *handlers) clock(w http.ResponseWriter, r *http.Request) error {
	s, _, err := h.s.Clock(r.Context(), caller(r).World)
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, clockOf(s))
}

type ran struct {
	Kind   string `json:"kind"`
	Key    string `json:"key"`
	Due    string `json:"due"`
	Result string `json:"result"`
}

type advanced struct {
	clockAnswer
	Ran []ran `json:"ran"`
}

// advanceRequest is exactly one of a span and a moment.
type advanceRequest struct {
	By *string `json:"by"`
	To *string `json:"to"`
}

func (h *handlers) advance(w http.ResponseWriter, r *http.Request) error {
	var req advanceRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	target, err := targetOf(req)
	if err != nil {
		return err
	}
	state, did, err := h.s.Advance(r.Context(), caller(r).World, target)
	if err != nil {
		return err
	}
	answer := advanced{clockOf(state), []ran{}}
	for _, d := range did {
		result := "done"
		if d.Problem != "" {
			result = "failed, will come again: " + d.Problem
		}
		answer.Ran = append(answer.Ran, ran{d.Kind, d.Key, httpkit.Stamp(d.Due), result})
	}
	return h.kit.Answer(w, r, http.StatusOK, answer)
}

func targetOf(req advanceRequest) (func(time.Time) time.Time, error) {
	const rule = "SBX-CLK-01" // exactly one of by and to, forward and within ten years
	switch {
	case (req.By == nil) == (req.To == nil):
		return nil, fault.Invalid.With(fault.Field(rule, "by", `must be given, or "to" instead`))
	case req.By != nil:
		d, err := clock.ParseDuration(*req.By)
		if err != nil {
			return nil, fault.Invalid.With(fault.Field(rule, "by", "must be "+err.Error()))
		}
		return func(now time.Time) time.Time { return now.Add(d) }, nil
	}
	to, err := time.Parse(time.RFC3339, *req.To)
	if err != nil || to.Sub(clock.Machine()) > clock.MaxSpan {
		return nil, fault.Invalid.With(fault.Field(rule, "to", "must be an RFC 3339 moment within ten years, such as 2026-11-21T09:00:00Z"))
	}
	return func(time.Time) time.Time { return to.UTC().Truncate(time.Microsecond) }, nil
}

func (h *handlers) freeze(w http.ResponseWriter, r *http.Request) error {
	s, err := h.s.Freeze(r.Context(), caller(r).World)
	if err != nil {
		return err
	}
	return h.kit.Answer(w, r, http.StatusOK, clockOf(s))
}

func (h *handlers) thaw(w http.ResponseWriter, r *http.Request) error {
	s, err := h.s.Thaw(r.Context(), caller(r).World)
	if err != nil {
		return err
	}
	return h.kit.Answer(w, r, http.StatusOK, clockOf(s))
}

func (h *handlers) magic(w http.ResponseWriter, _ *http.Request) error {
	return httpkit.JSON(w, http.StatusOK, map[string]any{"magic": magic.List()})
}

func (h *handlers) check(w http.ResponseWriter, r *http.Request) error {
	problems, err := h.s.Check(r.Context(), caller(r).World)
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, map[string]any{"ok": len(problems) == 0, "problems": problems})
}

type auditEvent struct {
	ID      string `json:"id"`
	At      string `json:"at"`
	Subject string `json:"subject"`
	Actor   string `json:"actor"`
	Event   string `json:"event"`
	From    string `json:"from"`
	To      string `json:"to"`
	Note    string `json:"note"`
}

func (h *handlers) audit(w http.ResponseWriter, r *http.Request) error {
	page, err := httpkit.PageOf(r, 50, 100)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	var after int64
	if text := q.Get("after"); text != "" {
		if after, err = strconv.ParseInt(text, 10, 64); err != nil || after < 1 {
			return fault.Invalid.With(fault.Field("SBX-AUD-01", "after", "must be the next of an earlier page"))
		}
	}
	answer := struct {
		Events []auditEvent `json:"events"`
		Next   string       `json:"next"`
	}{[]auditEvent{}, ""}
	err = h.kit.View(r, func(tx *db.Tx) error {
		list, err := audit.Page(tx, q.Get("subject"), after, page.Size+1)
		if len(list) > page.Size {
			list = list[:page.Size]
			answer.Next = strconv.FormatInt(list[page.Size-1].ID, 10)
		}
		for _, e := range list {
			answer.Events = append(answer.Events, auditEvent{strconv.FormatInt(e.ID, 10), httpkit.Stamp(e.At), e.Subject, e.Actor, e.Event, e.From, e.To, e.Note})
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}
