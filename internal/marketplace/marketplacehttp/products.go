package marketplacehttp

import (
	"net/http"

	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/marketplace"
)

// offer is a product for its manager.
type offer struct {
	ID          string              `json:"id"`
	ProviderID  string              `json:"providerId"`
	Name        string              `json:"name"`
	Description string              `json:"description"`
	State       string              `json:"state"`
	Form        []marketplace.Field `json:"form"`
	SKUs        []marketplace.SKU   `json:"skus"`
	CreatedAt   string              `json:"createdAt"`
}

func offerOf(o marketplace.Offer) offer {
	return offer{o.ID, o.Provider, o.Name, o.Description, o.State, o.Form, o.SKUs, httpkit.Stamp(o.CreatedAt)}
}

func (h *handlers) offer(w http.ResponseWriter, r *http.Request) error {
	var req marketplace.OfferRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	m := manager(r)
	prepared, err := h.desk.PrepareOffer(r.Context(), m, &req)
	if err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
		o, err := h.desk.Offer(tx, m, r.PathValue("id"), prepared)
		return offerOf(o), err
	})
}

func (h *handlers) offers(w http.ResponseWriter, r *http.Request) error {
	page, paging, err := pageOf(r)
	if err != nil {
		return err
	}
	answer := struct {
		paged
		Products []offer `json:"products"`
	}{paged{page.Number, page.Size, 0}, []offer{}}
	err = h.kit.View(r, func(tx *db.Tx) error {
		list, total, err := h.desk.Offers(tx, manager(r), r.PathValue("id"), paging)
		answer.ResultCount = total
		for _, o := range list {
			answer.Products = append(answer.Products, offerOf(o))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

func (h *handlers) changeOffer(w http.ResponseWriter, r *http.Request) error {
	var change marketplace.OfferChange
	if err := h.kit.Decode(r, &change); err != nil {
		return err
	}
	m := manager(r)
	if err := h.desk.PrepareOfferChange(r.Context(), m, &change); err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		o, err := h.desk.ChangeOffer(tx, m, r.PathValue("id"), r.PathValue("product"), &change)
		return offerOf(o), err
	})
}

// sale is a product for its buyers: what they fill in, not what it is sent as.
type sale struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Sold        bool              `json:"sold"`
	Provider    seller            `json:"provider"`
	Form        []input           `json:"form"`
	SKUs        []marketplace.SKU `json:"skus"`
}

type seller struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// input is one field that a buyer fills in.
type input struct {
	Field    string `json:"field"`
	Label    string `json:"label"`
	Required bool   `json:"required"`
}

func saleOf(s marketplace.Sale) sale {
	v := sale{s.Offer.ID, s.Offer.Name, s.Offer.Description, s.Sold(), seller{s.Provider.ID, s.Provider.Title}, []input{}, s.Offer.SKUs}
	for _, f := range s.Offer.Form {
		if f.Shown {
			v.Form = append(v.Form, input{f.Field, f.Label, f.Required})
		}
	}
	return v
}

func (h *handlers) catalogue(w http.ResponseWriter, r *http.Request) error {
	page, paging, err := pageOf(r)
	if err != nil {
		return err
	}
	answer := struct {
		paged
		Products []sale `json:"products"`
	}{paged{page.Number, page.Size, 0}, []sale{}}
	err = h.kit.View(r, func(tx *db.Tx) error {
		list, total, err := h.desk.Catalogue(tx, paging)
		answer.ResultCount = total
		for _, s := range list {
			answer.Products = append(answer.Products, saleOf(s))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

func (h *handlers) sale(w http.ResponseWriter, r *http.Request) error {
	var s marketplace.Sale
	err := h.kit.View(r, func(tx *db.Tx) (err error) {
		s, err = h.desk.Sale(tx, r.PathValue("id"))
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, saleOf(s))
}
