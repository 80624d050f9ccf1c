package marketplacehttp

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/marketplace"
)

// DefaultUpdatePath is where providers tell of their customers, unless the carrier
// keeps another path to itself (source: the endpoint is not published).
const DefaultUpdatePath = "/update-subscription/"

// challenge tells a provider how to prove itself.
const challenge = `providerkey realm="demarc"`

// Options are what the routes need besides the use cases.
type Options struct {
	UpdatePath string       // "" for DefaultUpdatePath; it is served with and without a final slash
	Log        *slog.Logger // for call log entries that could not be written
	// BaseURL is where clients reach this server, without a slash at the end; it begins
	// the address that providers are told to call.
	BaseURL func(r *http.Request) string
}

// updatePath is the path that providers are told to call.
func (o Options) updatePath() string {
	if o.UpdatePath == "" {
		return DefaultUpdatePath
	}
	return "/" + strings.Trim(o.UpdatePath, "/") + "/"
}

type updates struct {
	kit  *httpkit.Kit
	desk *marketplace.Desk
	log  *slog.Logger
}

// UpdateFamily is the operation that providers call, under both spellings of its path.
// Its callers have no token: a key in the body proves who they are.
func UpdateFamily(kit *httpkit.Kit, desk *marketplace.Desk, o Options) (*httpkit.Family, []httpkit.Route) {
	u := &updates{kit, desk, o.Log}
	path := strings.TrimSuffix(o.updatePath(), "/")
	return &httpkit.Family{Authenticate: u.authenticate, Challenge: challenge}, []httpkit.Route{
		{Method: http.MethodPost, Pattern: path + "/", OperationID: "updateSubscription", Product: marketplace.Product, Handle: u.update},
		{Method: http.MethodPost, Pattern: path, OperationID: "updateSubscriptionNoSlash", Product: marketplace.Product, Handle: u.update},
	}
}

// read is a request's update. What is wrong with its elements is answered before its
// key is looked at, so that one answer names all of it.
func (u *updates) read(r *http.Request) (req marketplace.UpdateRequest, t marketplace.Told, err error) {
	if err := u.kit.Decode(r, &req); err != nil {
		return req, t, err
	}
	t, wrong := marketplace.CheckUpdate(&req)
	return req, t, wrong.As(marketplace.UpdateInvalid)
}

// authenticate finds the provider of the key. Providers' ids are their world's, so
// the name that its requests are limited and its idempotency keys are kept by has the
// world in it.
func (u *updates) authenticate(r *http.Request) (*httpkit.Caller, error) {
	req, t, wrong := u.read(r)
	if wrong != nil && t.Key == "" {
		return nil, wrong
	}
	src, err := u.desk.SourceOf(r.Context(), t.Key)
	switch {
	case err == nil: // what else is wrong with the update, its handler says, within the provider's limit
		return callerOf(src), nil
	case wrong != nil:
		return nil, wrong
	}
	u.noteEnded(r.Context(), src, err, &req)
	return nil, err
}

// callerOf is the provider as the edge knows callers.
func callerOf(src *marketplace.Source) *httpkit.Caller {
	return &httpkit.Caller{App: "provider/" + src.World + "/" + src.Provider, Org: src.Provider, World: src.World, Secret: src.Key,
		Sandbox: src.Sandbox, Products: []string{marketplace.Product}}
}

// sourceOf is the provider that authenticate has found.
func sourceOf(c *httpkit.Caller) marketplace.Source {
	return marketplace.Source{World: c.World, Provider: c.Org, Key: c.Secret, Sandbox: c.Sandbox}
}

// applied is what an update came to.
type applied struct {
	COID  string            `json:"coid"`
	SKU   string            `json:"sku"`
	State string            `json:"state"`
	Month string            `json:"month"`
	Total marketplace.Count `json:"total"`
}

func (u *updates) update(w http.ResponseWriter, r *http.Request) error {
	src := sourceOf(httpkit.From(r.Context()))
	req, t, err := u.read(r)
	if f := fault.Of(err); f != nil && f.Code == marketplace.UpdateInvalid {
		u.note(r.Context(), src, f, f.Error(), &req)
	}
	if err != nil {
		return err
	}
	err = u.kit.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
		a, err := u.desk.Apply(tx, src, t)
		return applied{a.Subscription.COID, a.Usage.SKU, a.Subscription.State, a.Usage.Month, a.Usage.Total}, err
	})
	if f := fault.Of(err); f != nil && f.Code.Family == marketplace.Product {
		u.note(r.Context(), src, f, f.Error(), &req)
	}
	return err
}

// noteEnded is note for an update with a key that was revoked or has expired: what its
// provider does not read in the answer, which is that of any unknown key.
func (u *updates) noteEnded(ctx context.Context, src *marketplace.Source, err error, req *marketplace.UpdateRequest) {
	if f := fault.Of(err); f != nil && src != nil && u.kit.Limit(callerOf(src)) == nil {
		u.note(ctx, *src, f, f.Code.ID+": the key "+src.Key+" was revoked, or has expired", req)
	}
}

// note writes a refusal to the call log, where the provider's people look for it. The
// answer does not wait on its success.
func (u *updates) note(ctx context.Context, src marketplace.Source, f *fault.Error, problem string, req *marketplace.UpdateRequest) {
	if err := u.desk.Refused(ctx, src, f.Code.Status, problem, req); err != nil {
		u.log.Warn("a refused update is not in the call log", "world", src.World, "provider", src.Provider, "err", err)
	}
}
