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

// Options are what the operation that providers call needs.
type Options struct {
	UpdatePath string       // "" for DefaultUpdatePath; it is served with and without a final slash
	Log        *slog.Logger // for call log entries that could not be written
}

type updates struct {
	kit  *httpkit.Kit
	desk *marketplace.Desk
	log  *slog.Logger
}

// UpdateFamily is the operation that providers call, under both spellings of its path.
// Its callers have no token: a key in the body proves who they are.
func UpdateFamily(kit *httpkit.Kit, desk *marketplace.Desk, o Options) (*httpkit.Family, []httpkit.Route) {
	if o.UpdatePath == "" {
		o.UpdatePath = DefaultUpdatePath
	}
	u := &updates{kit, desk, o.Log}
	path := "/" + strings.Trim(o.UpdatePath, "/")
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
	req, t, err := u.read(r)
	if err != nil {
		u.noteMalformed(r.Context(), t, err, &req)
		return nil, err
	}
	src, err := u.desk.SourceOf(r.Context(), t.Key)
	if err != nil {
		return nil, err
	}
	return &httpkit.Caller{App: "provider/" + src.World + "/" + src.Provider, Org: src.Provider, World: src.World, Secret: src.Key,
		Sandbox: src.Sandbox, Products: []string{marketplace.Product}}, nil
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
	req, t, err := u.read(r)
	if err != nil {
		return err
	}
	src := sourceOf(httpkit.From(r.Context()))
	err = u.kit.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
		a, err := u.desk.Apply(tx, src, t)
		return applied{a.Subscription.COID, a.Usage.SKU, a.Subscription.State, a.Usage.Month, a.Usage.Total}, err
	})
	if f := fault.Of(err); f != nil && f.Code.Family == marketplace.Product {
		u.note(r.Context(), src, f, &req)
	}
	return err
}

// noteMalformed is note for an update with a good key that is refused for its other
// elements: that is what a provider's people look for first.
func (u *updates) noteMalformed(ctx context.Context, t marketplace.Told, err error, req *marketplace.UpdateRequest) {
	f := fault.Of(err)
	if f == nil || f.Code != marketplace.UpdateInvalid || t.Key == "" {
		return
	}
	if src, err := u.desk.SourceOf(ctx, t.Key); err == nil {
		u.note(ctx, *src, f, req)
	}
}

// note writes a refusal to the call log, where the provider's people look for it. The
// answer does not wait on its success.
func (u *updates) note(ctx context.Context, src marketplace.Source, f *fault.Error, req *marketplace.UpdateRequest) {
	if err := u.desk.Refused(ctx, src, f.Code.Status, f.Error(), req.Elements()); err != nil {
		u.log.Warn("a refused update is not in the call log", "world", src.World, "provider", src.Provider, "err", err)
	}
}
