// Package carehttp is customer identification on the wire, in the established API's
// own manner: callers prove themselves with two headers, and errors come in an
// envelope of their own. Each handler decodes, calls one use case and encodes, in the
// shapes of api/care.yaml.
//
// family.go is the manner, routes.go the calls, answer.go the shapes.
package carehttp

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"demarc/internal/care"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
)

// Authenticator finds the application that an id and a secret prove.
type Authenticator interface {
	AuthenticateClient(ctx context.Context, id, secret string) (*httpkit.Caller, error)
}

// prefix begins the family's paths; within it the source's own begin behind version.
const (
	prefix  = "/bot-ux/"
	version = "/bot-ux/v1"
)

// Family is the API's own way at the edge.
func Family(identity Authenticator) *httpkit.Family {
	return &httpkit.Family{
		Prefix:       prefix,
		Authenticate: func(r *http.Request) (*httpkit.Caller, error) { return authenticate(r, identity) },
		Challenge:    "Client-ID-Enforcement",
		Render:       render,
		NotAllowed: func(method, pattern string) error {
			return care.MethodNotAllowed.Say("HTTP Method %s not allowed for : %s", strings.ToLower(method), strings.TrimPrefix(pattern, version))
		},
		Correlation: "Correlation-ID",
		NoStore:     true,
	}
}

// authenticate reads the two headers (source, Security Headers: both mandatory).
// Whatever is wrong with them is one answer (CARE-AUTH-01); an application that is
// known and not approved yet is another (CARE-AUTH-02).
func authenticate(r *http.Request, service Authenticator) (*httpkit.Caller, error) {
	id, secret := r.Header.Values("client_id"), r.Header.Values("client_secret")
	if len(id) != 1 || len(secret) != 1 {
		return nil, care.Unauthenticated.With()
	}
	caller, err := service.AuthenticateClient(r.Context(), id[0], secret[0])
	switch {
	case err == nil:
		return caller, nil
	case errors.Is(err, identity.OAuthInvalidClient), errors.Is(err, identity.AppRevoked):
		return nil, care.Unauthenticated.With()
	case errors.Is(err, identity.OAuthUnauthorizedClient):
		return nil, care.Forbidden.With()
	}
	return nil, err
}

// envelope is the error body of the API.
type envelope struct {
	Errors []envelopeError `json:"errors"`
}

type envelopeError struct {
	Code        int    `json:"code"`
	Message     string `json:"message"`
	Description string `json:"description"`
}

// documented are the rows of the source's statuses.
var documented = map[int]*fault.Code{
	http.StatusBadRequest: care.BadRequest, http.StatusUnauthorized: care.Unauthenticated, http.StatusForbidden: care.Forbidden,
	http.StatusNotFound: care.NotFound, http.StatusMethodNotAllowed: care.MethodNotAllowed, http.StatusInternalServerError: care.Failed,
	http.StatusNotImplemented: care.NotImplemented, http.StatusServiceUnavailable: care.NotAvailable,
}

// silent are the descriptions of the answers that say no more than their status:
// why somebody was refused, or what was not found, is for nobody to learn.
var silent = map[int]string{
	http.StatusUnauthorized: "The request has not been applied because it lacks valid authentication credentials for the target resource",
	http.StatusForbidden:    "The server understood the request but refuses to fulfill it",
	http.StatusNotFound:     "The requested operation failed because a resource associated with the request could not be found.",
}

// render is any error in the API's envelope, also those that the platform itself
// answers: by their status.
func render(r *http.Request, f *fault.Error) any {
	status := f.Code.Status
	e := envelopeError{Code: status, Message: messageOf(status), Description: f.Message}
	switch text, known := silent[status]; {
	case known:
		e.Description = text
	case status == http.StatusInternalServerError:
		e.Description = "The Correlation-ID " + httpkit.RequestID(r.Context()) + " finds it in our logs"
	case len(f.Violations) > 0:
		list := make([]envelopeError, len(f.Violations))
		for i, v := range f.Violations {
			list[i] = e
			list[i].Description = v.Message
			if f.Code.Family != care.Product {
				list[i].Description = v.Field + " " + v.Message
			}
		}
		return envelope{list}
	}
	return envelope{[]envelopeError{e}}
}

// messageOf is the source's message for a status; about those that it does not
// mention it is made in the same way.
func messageOf(status int) string {
	if c := documented[status]; c != nil {
		return c.Text
	}
	return "HTTP:" + strings.ReplaceAll(strings.ToUpper(http.StatusText(status)), " ", "_")
}
