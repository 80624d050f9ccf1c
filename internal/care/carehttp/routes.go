package carehttp

import (
	"net/http"

	"demarc/internal/care"
	"demarc/internal/httpkit"
)

// Options are what the routes need besides the use cases.
type Options struct {
	// BaseURL is where clients reach this server, without a slash at the end; the
	// answers' links begin with it.
	BaseURL func(r *http.Request) string
}

type handlers struct {
	desk    *care.Desk
	baseURL func(r *http.Request) string
}

// Routes are the product's operations, to be mounted with its Family.
func Routes(desk *care.Desk, o Options) []httpkit.Route {
	h := &handlers{desk: desk, baseURL: o.BaseURL}
	return []httpkit.Route{
		{Method: http.MethodGet, Pattern: version + "/{businessId}/balanceEnquiry", OperationID: "getBalanceEnquiry", Product: care.Product, Handle: h.enquire},
		{Method: http.MethodGet, Pattern: version + "/{businessId}/accounts", OperationID: "listAccounts", Product: care.Product, Handle: h.list},
	}
}

func (h *handlers) enquire(w http.ResponseWriter, r *http.Request) error {
	a, err := h.desk.BalanceEnquiry(r.Context(), party(r), request(r))
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, enquiryOf(a))
}

func (h *handlers) list(w http.ResponseWriter, r *http.Request) error {
	accounts, err := h.desk.Accounts(r.Context(), party(r), request(r))
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, listOf(accounts, h.baseURL(r)))
}

// party is who asks.
func party(r *http.Request) care.Party {
	c := httpkit.From(r.Context())
	return care.Party{World: c.World, Sandbox: c.Sandbox, Correlation: httpkit.RequestID(r.Context())}
}

// request is what is asked, as it was sent.
func request(r *http.Request) *care.Request {
	return &care.Request{Unit: r.PathValue("businessId"), Line: r.Header.Values("lob"), RefID: r.Header.Values("refid"),
		RefValue: r.Header.Values("refvalue")}
}
