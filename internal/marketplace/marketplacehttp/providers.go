package marketplacehttp

import (
	"net/http"

	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/marketplace"
)

// provider is a provider for its manager: never its reseller key, nor a key's text.
type provider struct {
	ID             string  `json:"id"`
	Name           string  `json:"name"`
	Title          string  `json:"title"`
	BaseURL        string  `json:"baseUrl"`
	ProvisionURL   *string `json:"provisionUrl"`
	UpdateURL      string  `json:"updateUrl"`
	State          string  `json:"state"`
	HasResellerKey bool    `json:"hasResellerKey"`
	CreatedAt      string  `json:"createdAt"`
	Keys           []key   `json:"keys"`
}

type key struct {
	ID        string  `json:"id"`
	CreatedAt string  `json:"createdAt"`
	ExpiresAt *string `json:"expiresAt"`
}

// providerOf also says where the provider is to tell of its customers: the path is this
// server's own, and published nowhere else.
func (h *handlers) providerOf(r *http.Request, p marketplace.Provider) provider {
	v := provider{p.ID, p.Name, p.Title, p.BaseURL, textOrNull(marketplace.ProvisionURL(p.BaseURL, p.Name)), h.o.BaseURL(r) + h.o.updatePath(),
		p.State, p.Reseller != nil, httpkit.Stamp(p.CreatedAt), []key{}}
	for _, k := range p.Keys {
		v.Keys = append(v.Keys, keyOf(k))
	}
	return v
}

func keyOf(k marketplace.Key) key {
	return key{k.ID, httpkit.Stamp(k.CreatedAt), httpkit.StampOrNull(k.ExpiresAt)}
}

// onboarded is a new provider with its first key, whose text is shown this once.
type onboarded struct {
	provider
	Key firstKey `json:"key"`
}

type firstKey struct {
	ID    string `json:"id"`
	Clear string `json:"clear"`
}

func (h *handlers) onboard(w http.ResponseWriter, r *http.Request) error {
	var req marketplace.ProviderRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	m := manager(r)
	prepared, err := h.desk.PrepareProvider(r.Context(), m, &req)
	if err != nil {
		return err
	}
	return h.created(w, base+"/providers/"+prepared.ID, func() error {
		return h.kit.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
			p, err := h.desk.Onboard(tx, m, *prepared)
			if err != nil {
				return nil, err
			}
			return onboarded{h.providerOf(r, p), firstKey{p.Keys[0].ID, p.Keys[0].Clear}}, nil
		})
	})
}

func (h *handlers) providers(w http.ResponseWriter, r *http.Request) error {
	page, paging, err := pageOf(r)
	if err != nil {
		return err
	}
	answer := struct {
		paged
		Providers []provider `json:"providers"`
	}{paged{page.Number, page.Size, 0}, []provider{}}
	err = h.kit.View(r, func(tx *db.Tx) error {
		list, total, err := h.desk.Providers(tx, manager(r), paging)
		answer.ResultCount = total
		for _, p := range list {
			answer.Providers = append(answer.Providers, h.providerOf(r, p))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

func (h *handlers) provider(w http.ResponseWriter, r *http.Request) error {
	var p marketplace.Provider
	err := h.kit.View(r, func(tx *db.Tx) (err error) {
		p, err = h.desk.Provider(tx, manager(r), r.PathValue("id"))
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, h.providerOf(r, p))
}

func (h *handlers) changeProvider(w http.ResponseWriter, r *http.Request) error {
	var change marketplace.ProviderChange
	if err := h.kit.Decode(r, &change); err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		p, err := h.desk.ChangeProvider(tx, manager(r), r.PathValue("id"), change)
		return h.providerOf(r, p), err
	})
}

// newKey is a key with its text, which is shown this once.
type newKey struct {
	ID        string  `json:"id"`
	Clear     string  `json:"clear"`
	CreatedAt string  `json:"createdAt"`
	ExpiresAt *string `json:"expiresAt"`
}

func (h *handlers) rotateKey(w http.ResponseWriter, r *http.Request) error {
	var req marketplace.KeyRequest
	if err := h.kit.DecodeOptional(r, &req); err != nil {
		return err
	}
	expireOld, err := req.Expiry()
	if err != nil {
		return err
	}
	m := manager(r)
	prepared, err := h.desk.PrepareKey(r.Context(), m.World)
	if err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
		k, err := h.desk.RotateKey(tx, m, r.PathValue("id"), prepared, expireOld)
		return newKey{k.ID, k.Clear, httpkit.Stamp(k.CreatedAt), httpkit.StampOrNull(k.ExpiresAt)}, err
	})
}

func (h *handlers) revokeKey(w http.ResponseWriter, r *http.Request) error {
	return h.kit.Commit(w, r, http.StatusNoContent, func(tx *db.Tx) (any, error) {
		return nil, h.desk.RevokeKey(tx, manager(r), r.PathValue("id"), r.PathValue("key"))
	})
}
