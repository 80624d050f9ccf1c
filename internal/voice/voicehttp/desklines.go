package voicehttp

import (
	"net/http"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/voice"
)

// deskAnswerPort answers for the carrier that numbers are to come from.
func (h *handlers) deskAnswerPort(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Answer string `json:"answer"`
		FOC    string `json:"focDate"`
		Reason string `json:"reason"`
	}
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	reply := voice.Reply{State: req.Answer, Reason: strings.TrimSpace(req.Reason)}
	if req.FOC != "" {
		at, err := time.Parse(time.RFC3339, req.FOC)
		if err != nil {
			return fault.Invalid.With(fault.Field("VOICE-DSK-21", "focDate", "must be an RFC 3339 moment such as 2026-11-21T09:00:00Z"))
		}
		reply.FOC = at.UTC().Truncate(time.Microsecond)
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		o, err := h.desk.AnswerPort(tx, actor(r), r.PathValue("voiceOrderId"), reply)
		if err != nil {
			return nil, err
		}
		parts, err := h.desk.Store.Parts(tx, o.ID)
		return orderStatusOf(o, parts), err
	})
}

// deskPortOut has the users of numbers take them to another carrier.
func (h *handlers) deskPortOut(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		TNList []voice.TNRequest `json:"tnList"`
	}
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	list, err := voice.RangesOf(req.TNList)
	if err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		n, err := h.desk.PortOut(tx, actor(r), list)
		return map[string]int{"portedOut": n}, err
	})
}

type routeAnswer struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

type routesAnswer struct {
	Customer string        `json:"customerNumber"`
	Routes   []routeAnswer `json:"routes"`
}

// routesNow are a customer's routes, also within the unit that has changed them.
func (h *handlers) routesNow(tx *db.Tx, number string) (routesAnswer, error) {
	list, err := h.desk.Store.Routes(tx, number)
	answer := routesAnswer{number, []routeAnswer{}}
	for _, route := range list {
		answer.Routes = append(answer.Routes, routeAnswer{route.Kind, route.Name})
	}
	return answer, err
}

func (h *handlers) deskRoutes(w http.ResponseWriter, r *http.Request) error {
	var answer routesAnswer
	err := h.kit.View(r, func(tx *db.Tx) error {
		number, err := customer(tx, r, strings.TrimSpace(r.PathValue("number")))
		if err == nil {
			answer, err = h.routesNow(tx, number)
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

// withRoute changes a route of a customer's, and answers as it is told.
func (h *handlers) withRoute(w http.ResponseWriter, r *http.Request, status int, change func(tx *db.Tx, actor string, route voice.Route) error,
	answer func(tx *db.Tx, number string) (any, error),
) error {
	return h.kit.Commit(w, r, status, func(tx *db.Tx) (any, error) {
		number, err := customer(tx, r, strings.TrimSpace(r.PathValue("number")))
		if err != nil {
			return nil, err
		}
		if err := change(tx, actor(r), voice.Route{Customer: number, Kind: r.PathValue("kind"), Name: strings.TrimSpace(r.PathValue("name"))}); err != nil {
			return nil, err
		}
		return answer(tx, number)
	})
}

func (h *handlers) deskPutRoute(w http.ResponseWriter, r *http.Request) error {
	return h.withRoute(w, r, http.StatusOK, h.desk.PutRoute, func(tx *db.Tx, number string) (any, error) { return h.routesNow(tx, number) })
}

func (h *handlers) deskDropRoute(w http.ResponseWriter, r *http.Request) error {
	return h.withRoute(w, r, http.StatusNoContent, h.desk.DropRoute, func(*db.Tx, string) (any, error) { return nil, nil })
}
