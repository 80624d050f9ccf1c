package identityhttp

import (
	"net/http"

	"demarc/internal/httpkit"
	"demarc/internal/identity"
)

// Options are what the routes need beside the service.
type Options struct {
	// BaseURL is where clients reach this server, without a slash at the end; nil
	// takes the address that the request was sent to.
	BaseURL func(r *http.Request) string
}

type handlers struct {
	s       *identity.Service
	baseURL func(r *http.Request) string
}

// The paths.
const (
	issuePath      = "/oauth/token"
	issueV2Path    = "/oauth/v2/token"
	revokePath     = "/oauth/revoke"
	introspectPath = "/oauth/introspect"
	metadataPath   = "/.well-known/oauth-authorization-server"
)

// Routes are the operations of the OAuth server. They need nothing of the kit,
// which every family's Routes takes.
func Routes(_ *httpkit.Kit, s *identity.Service, o Options) []httpkit.Route {
	h := &handlers{s: s, baseURL: o.BaseURL}
	if h.baseURL == nil {
		h.baseURL = requestURL
	}
	route := func(method, path, id string, handle httpkit.Handler) httpkit.Route {
		return httpkit.Route{Method: method, Pattern: path, OperationID: id, Open: true, Handle: oauth(handle)}
	}
	return []httpkit.Route{
		route(http.MethodPost, issuePath, "issueToken", h.token),
		route(http.MethodPost, issueV2Path, "issueTokenV2", h.token),
		route(http.MethodPost, revokePath, "revokeToken", h.revoke),
		route(http.MethodPost, introspectPath, "introspectToken", h.introspect),
		route(http.MethodGet, metadataPath, "getAuthorizationServerMetadata", h.metadata),
	}
}

// requestURL is the address that the request was sent to.
func requestURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// client reads the form and proves the client.
func (h *handlers) client(r *http.Request) (form, identity.Client, error) {
	f, err := readForm(r)
	if err != nil {
		return f, identity.Client{}, err
	}
	id, secret, err := credentials(r, f)
	if err != nil {
		return f, identity.Client{}, err
	}
	c, err := h.s.VerifyClient(r.Context(), id, secret)
	return f, c, err
}

func (h *handlers) token(w http.ResponseWriter, r *http.Request) error {
	f, c, err := h.client(r)
	switch {
	case err != nil:
		return err
	case f.grantType == "":
		return identity.OAuthInvalidRequest.Say("The parameter grant_type is missing.")
	case f.grantType != "client_credentials":
		return identity.OAuthUnsupportedGrant
	case f.scope != "":
		return identity.OAuthInvalidScope
	}
	t, err := h.s.Issue(r.Context(), c)
	if err != nil {
		return err
	}
	tokenAnswer(w, t)
	return nil
}

// subject is the token that a client asks about or ends.
func (h *handlers) subject(r *http.Request) (token string, c identity.Client, err error) {
	f, c, err := h.client(r)
	if err == nil && f.token == "" {
		err = identity.OAuthInvalidRequest.Say("The parameter token is missing.")
	}
	return f.token, c, err
}

// revoke takes no account of token_type_hint: there is one type.
func (h *handlers) revoke(w http.ResponseWriter, r *http.Request) error {
	token, c, err := h.subject(r)
	if err != nil {
		return err
	}
	if err := h.s.Revoke(r.Context(), c, token); err != nil {
		return err
	}
	w.Header()["Cache-Control"] = noStore
	w.WriteHeader(http.StatusOK)
	return nil
}

func (h *handlers) introspect(w http.ResponseWriter, r *http.Request) error {
	token, c, err := h.subject(r)
	if err != nil {
		return err
	}
	is, err := h.s.Introspect(r.Context(), c, token)
	if err != nil {
		return err
	}
	secretAnswer(w)
	if !is.Active {
		return answerJSON(w, http.StatusOK, introspectionAnswer{})
	}
	return answerJSON(w, http.StatusOK, introspectionAnswer{Active: true, ClientID: is.App, TokenType: "Bearer",
		Expires: is.Expires.Unix(), IssuedAt: is.IssuedAt.Unix()})
}

// metadata is the document of RFC 8414.
type metadata struct {
	Issuer                string   `json:"issuer"`
	TokenEndpoint         string   `json:"token_endpoint"`
	RevocationEndpoint    string   `json:"revocation_endpoint"`
	IntrospectionEndpoint string   `json:"introspection_endpoint"`
	GrantTypes            []string `json:"grant_types_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	TokenAuth             []string `json:"token_endpoint_auth_methods_supported"`
	RevocationAuth        []string `json:"revocation_endpoint_auth_methods_supported"`
	IntrospectionAuth     []string `json:"introspection_endpoint_auth_methods_supported"`
	ServiceDocumentation  string   `json:"service_documentation"`
}

func (h *handlers) metadata(w http.ResponseWriter, r *http.Request) error {
	base := h.baseURL(r)
	auth := []string{"client_secret_basic", "client_secret_post"}
	w.Header()["Content-Type"] = jsonType
	w.Header()["Cache-Control"] = []string{"public, max-age=300"}
	return answerJSON(w, http.StatusOK, metadata{
		Issuer:                base,
		TokenEndpoint:         base + issuePath,
		RevocationEndpoint:    base + revokePath,
		IntrospectionEndpoint: base + introspectPath,
		GrantTypes:            []string{"client_credentials"},
		ResponseTypes:         []string{}, // there is no authorization endpoint
		TokenAuth:             auth,
		RevocationAuth:        auth,
		IntrospectionAuth:     auth,
		ServiceDocumentation:  base + "/docs/",
	})
}
