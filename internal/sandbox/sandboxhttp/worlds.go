package sandboxhttp

import (
	"net/http"
	"time"
	"unicode/utf8"

	"demarc/internal/clock"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/sandbox"
)

type worldAnswer struct {
	ID        string      `json:"id"`
	Kind      string      `json:"kind"`
	Name      string      `json:"name"`
	Seed      int64       `json:"seed"`
	CreatedAt string      `json:"createdAt"`
	ExpiresAt *string     `json:"expiresAt"`
	Clock     clockAnswer `json:"clock"`
}

func worldOf(w sandbox.World) worldAnswer {
	return worldAnswer{w.ID, w.Kind, w.Name, w.Seed, httpkit.Stamp(w.CreatedAt), expiry(w), clockOf(w.Clock)}
}

func expiry(w sandbox.World) *string {
	if w.ExpiresAt.IsZero() {
		return nil
	}
	at := httpkit.Stamp(w.ExpiresAt)
	return &at
}

type worldRequest struct {
	TTL  *string `json:"ttl"`
	Seed *int64  `json:"seed"`
	Name string  `json:"name"`
}

// maxSeed keeps seeds exact in clients whose numbers are floating.
const maxSeed = 1<<53 - 1

func (h *handlers) newWorld(r *http.Request) (sandbox.NewWorld, error) {
	var req worldRequest
	if err := h.kit.DecodeOptional(r, &req); err != nil {
		return sandbox.NewWorld{}, err
	}
	c := caller(r)
	n := sandbox.NewWorld{Org: c.Org, Name: req.Name, TTL: sandbox.DefaultTTL, Seed: req.Seed, Actor: c.App}
	var wrong fault.List
	if req.TTL != nil {
		var err error
		if n.TTL, err = clock.ParseDuration(*req.TTL); err != nil || n.TTL < time.Second || n.TTL > sandbox.MaxTTL {
			wrong.Add("SBX-WLD-01", "ttl", "must be an ISO 8601 duration from PT1S to P7D")
		}
	}
	if req.Seed != nil && (*req.Seed < 0 || *req.Seed > maxSeed) {
		wrong.Add("SBX-WLD-02", "seed", "must be a whole number from 0 to 9007199254740991")
	}
	if utf8.RuneCountInString(req.Name) > 100 {
		wrong.Add("SBX-WLD-03", "name", "must have at most 100 characters")
	}
	return n, wrong.As(fault.Invalid)
}

func (h *handlers) created(w http.ResponseWriter, r *http.Request, made sandbox.Created) error {
	return h.kit.Answer(w, r, http.StatusCreated, map[string]any{
		"id": made.ID, "baseUrl": h.o.BaseURL(r), "clientId": made.App.ID, "clientSecret": made.App.Secrets[0].Clear,
		"customerNumber": h.o.Customer, "expiresAt": expiry(made.World), "seed": made.Seed,
	})
}

func (h *handlers) create(w http.ResponseWriter, r *http.Request) error {
	n, err := h.newWorld(r)
	if err != nil {
		return err
	}
	made, err := h.s.Create(r.Context(), n)
	if err != nil {
		return err
	}
	return h.created(w, r, made)
}

func (h *handlers) fork(w http.ResponseWriter, r *http.Request) error {
	n, err := h.newWorld(r)
	if err != nil {
		return err
	}
	if n.Seed != nil {
		return fault.Invalid.With(fault.Field("SBX-WLD-02", "seed", "must not be given: a fork has the seed of its world"))
	}
	made, err := h.s.Fork(r.Context(), caller(r).World, caller(r).App, n)
	if err != nil {
		return err
	}
	return h.created(w, r, made)
}

func (h *handlers) list(w http.ResponseWriter, r *http.Request) error {
	worlds, err := h.s.List(r.Context(), caller(r).Org)
	if err != nil {
		return err
	}
	answer := []worldAnswer{}
	for _, v := range worlds {
		answer = append(answer, worldOf(v))
	}
	return httpkit.JSON(w, http.StatusOK, map[string]any{"worlds": answer})
}

func (h *handlers) delete(w http.ResponseWriter, r *http.Request) error {
	if err := h.s.Delete(r.Context(), caller(r).Org, r.PathValue("id")); err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusNoContent, nil)
}

func (h *handlers) world(w http.ResponseWriter, r *http.Request) error {
	v, err := h.s.Get(r.Context(), caller(r).World)
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, worldOf(v))
}

func (h *handlers) reset(w http.ResponseWriter, r *http.Request) error {
	v, err := h.s.Reset(r.Context(), caller(r).World, caller(r).App)
	if err != nil {
		return err
	}
	return h.kit.Answer(w, r, http.StatusOK, worldOf(v))
}

type snapshotAnswer struct {
	ID string `json:"id"`
	At string `json:"at"`
}

func (h *handlers) snapshots(w http.ResponseWriter, r *http.Request) error {
	list, err := h.s.Snapshots(r.Context(), caller(r).World)
	if err != nil {
		return err
	}
	answer := []snapshotAnswer{}
	for _, s := range list {
		answer = append(answer, snapshotAnswer{s.ID, httpkit.Stamp(s.At)})
	}
	return httpkit.JSON(w, http.StatusOK, map[string]any{"snapshots": answer})
}

func (h *handlers) snapshot(w http.ResponseWriter, r *http.Request) error {
	s, err := h.s.Snapshot(r.Context(), caller(r).World, caller(r).App)
	if err != nil {
		return err
	}
	return h.kit.Answer(w, r, http.StatusCreated, snapshotAnswer{s.ID, httpkit.Stamp(s.At)})
}

func (h *handlers) restore(w http.ResponseWriter, r *http.Request) error {
	v, err := h.s.Restore(r.Context(), caller(r).World, r.PathValue("id"), caller(r).App)
	if err != nil {
		return err
	}
	return h.kit.Answer(w, r, http.StatusOK, worldOf(v))
}

func (h *handlers) deleteSnapshot(w http.ResponseWriter, r *http.Request) error {
	if err := h.s.DeleteSnapshot(r.Context(), caller(r).World, r.PathValue("id")); err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusNoContent, nil)
}

func (h *handlers) export(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "application/x-ndjson")
	return h.s.Export(r.Context(), caller(r).World, caller(r).App, w)
}
