package preorderhttp

import (
	"net/http"
	"slices"

	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/preorder"

	"github.com/govalues/decimal"
)

type handlers struct {
	kit  *httpkit.Kit
	desk *preorder.Desk
}

// Page sizes of the list of orders.
const (
	defaultPage = 10
	largestPage = 100
)

// prefix begins the paths; the source's three calls are served without it too.
const (
	prefix = "/Product/v1"
	orders = prefix + "/pxOrders"
	order  = orders + "/{orderNumber}"
)

// Routes are the product's operations, to be mounted with its Family.
func Routes(kit *httpkit.Kit, desk *preorder.Desk) []httpkit.Route {
	h := &handlers{kit: kit, desk: desk}
	var routes []httpkit.Route
	for _, c := range []struct {
		call   string
		handle httpkit.Handler
	}{{"pxQualify", h.qualify}, {"pxConfigure", h.configure}, {"pxCompleteOrder", h.complete}} {
		routes = append(routes,
			httpkit.Route{Method: http.MethodPost, Pattern: prefix + "/" + c.call, OperationID: c.call, Handle: c.handle},
			httpkit.Route{Method: http.MethodPost, Pattern: "/" + c.call, OperationID: c.call + "NoPrefix", Handle: c.handle})
	}
	routes = append(routes,
		httpkit.Route{Method: http.MethodGet, Pattern: orders, OperationID: "listPxOrders", Handle: h.list},
		httpkit.Route{Method: http.MethodGet, Pattern: order, OperationID: "getPxOrder", Handle: h.order},
		httpkit.Route{Method: http.MethodPost, Pattern: order + "/cancel", OperationID: "cancelPxOrder", Handle: h.cancel})
	for i := range routes {
		routes[i].Product = preorder.Product
	}
	return routes
}

// party is who calls, for the partner that its application is bound to.
func (h *handlers) party(r *http.Request) (preorder.Party, error) {
	c := httpkit.From(r.Context())
	partner, err := h.desk.Store.PartnerOf(r.Context(), c.World, c.App, c.Sandbox)
	if err == nil && partner == "" {
		err = preorder.PartnerUnbound.With()
	}
	return preorder.Party{World: c.World, App: c.App, Sandbox: c.Sandbox, Partner: partner}, err
}

// called reads the body of a call into v and finds out who makes it.
func (h *handlers) called(r *http.Request, v any) (preorder.Party, error) {
	if err := h.kit.Decode(r, v); err != nil {
		return preorder.Party{}, err
	}
	return h.party(r)
}

// statusOf reads the status that orders are asked for in. (PX-LST-01: it is one)
func statusOf(r *http.Request) (string, error) {
	status := r.URL.Query().Get("status")
	if status != "" && !slices.Contains(preorder.OrderMachine.States(), status) {
		return "", fault.Invalid.With(fault.Field("PX-LST-01", "status", "must be RECEIVED, PROVIDER IN PROCESS, COMPLETED or CANCELLED"))
	}
	return status, nil
}

// dollars is an amount as a JSON number with two decimals.
type dollars struct{ decimal.Decimal }

// cents is how many decimals an amount has on the wire.
const cents = 2

// MarshalJSON writes the number.
func (d dollars) MarshalJSON() ([]byte, error) { return []byte(d.Pad(cents).String()), nil }
