package market

import (
	"net/http"
	"slices"
	"time"

	"demarc/internal/clock"
	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/portal/web"
)

// What the bar above the API documents asks for: who reads, and a token for one of their
// own sandbox applications, or, for Care, a key. See internal/docs/assets/docs.js.

// docsKeyTTL is how long a key lives that was made from the documents.
const docsKeyTTL = time.Hour

// liveKeys is how many keys an application may have at a time.
const liveKeys = 2

type docsApp struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Full bool   `json:"full"` // it can have no further key
}

func (s *screens) docsSession(v *web.Visit) error {
	answer := struct {
		Email string    `json:"email"`
		Build bool      `json:"build"` // may have applications
		Theme string    `json:"theme"`
		CSRF  string    `json:"csrf"`
		Apps  []docsApp `json:"apps"`
	}{v.User.Email, v.User.Role == identity.RoleDeveloper, v.Theme(), v.CSRF(), []docsApp{}}
	if !answer.Build {
		return v.JSON(http.StatusOK, answer)
	}
	worlds, err := s.Sandbox.List(v.Context(), v.User.Org)
	if err != nil {
		return err
	}
	apps, err := s.Identity.ListApps(v.Context(), identity.Filter{Org: v.User.Org, Limit: 1000})
	if err != nil {
		return err
	}
	// The world that is looked at comes first.
	session, _ := v.Session()
	elsewhere := func(a identity.App) int {
		if a.World == session.World {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(apps, func(a, b identity.App) int { return elsewhere(a) - elsewhere(b) })
	for _, a := range apps {
		for _, w := range worlds {
			if w.ID != a.World || a.State != identity.Approved {
				continue
			}
			live, now := 0, w.Clock.Now(clock.Machine())
			for _, k := range a.Secrets {
				if k.Live(now) {
					live++
				}
			}
			name := a.Name
			if w.Name != "" && w.Name != a.Name {
				name += " (" + w.Name + ")"
			}
			answer.Apps = append(answer.Apps, docsApp{ID: a.ID, Name: name, Full: live >= liveKeys})
		}
	}
	return v.JSON(http.StatusOK, answer)
}

// docsApplication is the application that a form names, when it is the organisation's.
func (s *screens) docsApplication(v *web.Visit) (identity.App, error) {
	app, err := s.Identity.App(v.Context(), v.Form().Value("app"))
	if err == nil && app.Org != v.User.Org {
		err = identity.AppUnknown
	}
	return app, err
}

func (s *screens) docsAuthorize(v *web.Visit) error {
	app, err := s.docsApplication(v)
	if err != nil {
		return refusedJSON(v, err)
	}
	token, err := s.Identity.IssueFor(v.Context(), app.ID, v.Actor())
	if err != nil {
		return refusedJSON(v, err)
	}
	return v.JSON(http.StatusOK, map[string]any{"token": token.Clear, "seconds": int(token.TTL.Seconds())})
}

func (s *screens) docsKey(v *web.Visit) error {
	app, err := s.docsApplication(v)
	if err != nil {
		return refusedJSON(v, err)
	}
	world, err := s.Sandbox.Get(v.Context(), app.World)
	if err != nil {
		return err
	}
	if world.Org != v.User.Org { // keys of production are made where they are kept
		return refusedJSON(v, identity.NoDocsToken)
	}
	key, err := s.Identity.RotateSecret(v.Context(), v.Actor(), app.ID, identity.Rotation{TTL: docsKeyTTL})
	if err != nil {
		return refusedJSON(v, err)
	}
	return v.JSON(http.StatusOK, map[string]any{"clientId": app.ID, "clientSecret": key.Clear, "seconds": int(docsKeyTTL.Seconds())})
}

// refusedJSON tells a script what was refused.
func refusedJSON(v *web.Visit, err error) error {
	f := fault.Of(err)
	if f == nil || f.Code.Status >= 500 {
		return err
	}
	return v.JSON(f.Code.Status, map[string]string{"error": f.Message})
}
