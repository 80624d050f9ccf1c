package sandboxhttp

import (
	"net/http"

	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
	"demarc/internal/sandbox"
)

type customerAnswer struct {
	Number  string `json:"number"`
	GoesBy  string `json:"goesBy"`
	Name    string `json:"name"`
	State   string `json:"state"`
	Granted bool   `json:"granted"`
}

func customerOf(c identity.SeenCustomer) customerAnswer {
	return customerAnswer{c.Number, c.GoesBy, c.Name, c.State, c.Granted}
}

func (h *handlers) customers(w http.ResponseWriter, r *http.Request) error {
	page, err := httpkit.PageOf(r, 100, 1000)
	if err != nil {
		return err
	}
	answer := struct {
		Customers []customerAnswer `json:"customers"`
		Next      string           `json:"next"`
	}{[]customerAnswer{}, ""}
	err = h.kit.View(r, func(tx *db.Tx) error {
		list, err := identity.ListCustomers(tx, caller(r).App, r.URL.Query().Get("after"), page.Size+1)
		if len(list) > page.Size {
			list = list[:page.Size]
			answer.Next = list[page.Size-1].Number
		}
		for _, c := range list {
			answer.Customers = append(answer.Customers, customerOf(c))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

type customerRequest struct {
	Name    *string `json:"name"`
	State   *string `json:"state"`
	Granted *bool   `json:"granted"`
}

func (h *handlers) putCustomer(w http.ResponseWriter, r *http.Request) error {
	var req customerRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	number := r.PathValue("number")
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		c, err := h.s.PutCustomer(tx, caller(r).App, number, sandbox.CustomerChange{Name: req.Name, State: req.State, Granted: req.Granted})
		return customerOf(c), err
	})
}
