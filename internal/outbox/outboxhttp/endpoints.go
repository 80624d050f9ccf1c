package outboxhttp

import (
	"net/http"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/outbox"
)

// auth is how an endpoint is authenticated to, as requests have it, with its
// secrets, and as answers have it, without.
type auth struct {
	Type         string `json:"type"`
	Username     string `json:"username,omitempty"`
	Password     string `json:"password,omitempty"`
	TokenURL     string `json:"tokenUrl,omitempty"`
	ClientID     string `json:"clientId,omitempty"`
	ClientSecret string `json:"clientSecret,omitempty"`
	Scope        string `json:"scope,omitempty"`
}

type endpointRequest struct {
	URL         string   `json:"url"`
	Form        string   `json:"form"`
	Events      []string `json:"events"`
	Customer    string   `json:"customer"`
	Auth        *auth    `json:"auth"`
	Description string   `json:"description"`
}

type endpointChange struct {
	URL         *string   `json:"url"`
	Form        *string   `json:"form"`
	Events      *[]string `json:"events"`
	Customer    *string   `json:"customer"`
	Auth        *auth     `json:"auth"`
	Description *string   `json:"description"`
	State       *string   `json:"state"`
}

type endpoint struct {
	ID           string   `json:"id"`
	URL          string   `json:"url"`
	Form         string   `json:"form"`
	Events       []string `json:"events"`
	Customer     string   `json:"customer"`
	Auth         auth     `json:"auth"`
	Description  string   `json:"description"`
	State        string   `json:"state"`
	Why          string   `json:"why,omitempty"`
	CreatedAt    *string  `json:"createdAt"`
	FailingSince *string  `json:"failingSince"`
	Secret       string   `json:"secret,omitempty"`
}

func shown(e outbox.Endpoint) endpoint {
	return endpoint{ID: e.ID, URL: e.URL, Form: e.Form, Events: e.Events, Customer: e.Customer, Auth: auth(e.Auth.Shown()), Description: e.Description,
		State: e.State, Why: e.Why, CreatedAt: moment(e.CreatedAt), FailingSince: moment(e.FailingSince)}
}

// actsOf is whom a caller may act for. One that is suspended is among them: to be
// told about it is not to act for it.
func actsOf(r *http.Request) outbox.Acts {
	customers := httpkit.From(r.Context()).Customers
	return func(number string) (string, bool) {
		c, may := customers[number]
		return c.Number, may
	}
}

func (a *api) createEndpoint(w http.ResponseWriter, r *http.Request) error {
	var req endpointRequest
	if err := a.k.Decode(r, &req); err != nil {
		return err
	}
	want := outbox.Endpoint{App: httpkit.From(r.Context()).App, URL: req.URL, Form: req.Form, Events: req.Events, Customer: req.Customer,
		Description: req.Description, Auth: outbox.Auth{Type: outbox.AuthNone}}
	if req.Auth != nil {
		want.Auth = outbox.Auth(*req.Auth)
	}
	return a.k.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
		e, secret, err := a.s.Create(tx, want, actsOf(r))
		if err != nil {
			return nil, err
		}
		answer := shown(e)
		answer.Secret = secret
		return answer, nil
	})
}

func (a *api) listEndpoints(w http.ResponseWriter, r *http.Request) error {
	list := []endpoint{}
	err := a.k.View(r, func(tx *db.Tx) error {
		all, err := a.s.Endpoints(tx, httpkit.From(r.Context()).App)
		for _, e := range all {
			list = append(list, shown(e))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, map[string]any{"endpoints": list})
}

func (a *api) getEndpoint(w http.ResponseWriter, r *http.Request) error {
	var e outbox.Endpoint
	err := a.k.View(r, func(tx *db.Tx) (err error) {
		e, err = a.s.Endpoint(tx, httpkit.From(r.Context()).App, r.PathValue("id"))
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, shown(e))
}

func (a *api) updateEndpoint(w http.ResponseWriter, r *http.Request) error {
	var req endpointChange
	if err := a.k.Decode(r, &req); err != nil {
		return err
	}
	if req == (endpointChange{}) {
		return httpkit.Malformed.With(fault.Field(ruleQuery, "body", "must change something: url, events, customer, auth, description or state"))
	}
	return a.k.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		e, err := a.s.Update(tx, httpkit.From(r.Context()).App, r.PathValue("id"), outbox.Change{
			URL: req.URL, Form: req.Form, Events: req.Events, Customer: req.Customer, Auth: (*outbox.Auth)(req.Auth),
			Description: req.Description, State: req.State}, actsOf(r))
		if err != nil {
			return nil, err
		}
		return shown(e), nil
	})
}

func (a *api) deleteEndpoint(w http.ResponseWriter, r *http.Request) error {
	return a.k.Commit(w, r, http.StatusNoContent, func(tx *db.Tx) (any, error) {
		return nil, a.s.Delete(tx, httpkit.From(r.Context()).App, r.PathValue("id"))
	})
}

func (a *api) rotateSecret(w http.ResponseWriter, r *http.Request) error {
	return a.k.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		secret, until, err := a.s.Rotate(tx, httpkit.From(r.Context()).App, r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return map[string]any{"secret": secret, "previousUntil": moment(until)}, nil
	})
}

type queued struct {
	Queued     int64    `json:"queued"`
	Deliveries []string `json:"deliveries,omitempty"`
}

func (a *api) testEndpoint(w http.ResponseWriter, r *http.Request) error {
	return a.k.Commit(w, r, http.StatusAccepted, func(tx *db.Tx) (any, error) {
		id, err := a.s.Test(tx, httpkit.From(r.Context()).App, r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return queued{1, []string{id}}, nil
	})
}

func (a *api) replayEndpoint(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Since string `json:"since"`
	}
	if err := a.k.Decode(r, &req); err != nil {
		return err
	}
	since, ok := parseMoment(req.Since)
	if !ok {
		return httpkit.Invalid.With(fault.Field(ruleQuery, "since", "must be a moment, RFC 3339: 2026-11-21T08:00:00Z"))
	}
	return a.k.Commit(w, r, http.StatusAccepted, func(tx *db.Tx) (any, error) {
		res, err := a.s.Replay(tx, httpkit.From(r.Context()).App, r.PathValue("id"), since)
		if err != nil {
			return nil, err
		}
		return queued(res), nil
	})
}
