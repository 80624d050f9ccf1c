package sandboxhttp

import (
	"net/http"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/trouble"
)

type faultAnswer struct {
	Target    string `json:"target"`
	Mode      string `json:"mode"`
	Remaining *int64 `json:"remaining"` // null: until it is cleared
	Latency   string `json:"latency"`
	SetAt     string `json:"setAt"`
}

func faultOf(s trouble.Standing) faultAnswer {
	a := faultAnswer{Target: string(s.Target), Mode: string(s.Mode), Latency: clock.FormatDuration(s.Latency), SetAt: httpkit.Stamp(s.At)}
	if s.Remaining > 0 {
		a.Remaining = &s.Remaining
	}
	return a
}

type targetAnswer struct {
	Target      string `json:"target"`
	Description string `json:"description"`
}

func (h *handlers) faults(w http.ResponseWriter, r *http.Request) error {
	answer := struct {
		Faults  []faultAnswer  `json:"faults"`
		Targets []targetAnswer `json:"targets"`
	}{[]faultAnswer{}, []targetAnswer{}}
	for _, t := range trouble.Targets() {
		answer.Targets = append(answer.Targets, targetAnswer{string(t.Target), t.Text})
	}
	err := h.kit.View(r, func(tx *db.Tx) error {
		list, err := trouble.List(tx)
		for _, s := range list {
			answer.Faults = append(answer.Faults, faultOf(s))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

type faultRequest struct {
	Target  string  `json:"target"`
	Mode    string  `json:"mode"`
	Count   int64   `json:"count"`
	Latency *string `json:"latency"`
}

func (h *handlers) putFault(w http.ResponseWriter, r *http.Request) error {
	var req faultRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	wanted := trouble.Trouble{Target: trouble.Target(req.Target), Mode: trouble.Mode(req.Mode), Count: req.Count}
	if req.Latency != nil {
		d, err := clock.ParseDuration(*req.Latency)
		if err != nil {
			d = -1 // no span at all is as good as one that is out of bounds
		}
		wanted.Latency = &d
	}
	return h.kit.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
		s, err := trouble.Put(tx, caller(r).App, wanted)
		return faultOf(s), err
	})
}

func (h *handlers) clearFault(w http.ResponseWriter, r *http.Request) error {
	target := trouble.Target(r.PathValue("target"))
	return h.kit.Commit(w, r, http.StatusNoContent, func(tx *db.Tx) (any, error) {
		return nil, trouble.Clear(tx, caller(r).App, target)
	})
}

func (h *handlers) clearFaults(w http.ResponseWriter, r *http.Request) error {
	return h.kit.Commit(w, r, http.StatusNoContent, func(tx *db.Tx) (any, error) {
		return nil, trouble.ClearAll(tx, caller(r).App)
	})
}
