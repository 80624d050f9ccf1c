// Package ondemandhttp is Internet On-Demand on the wire: each handler decodes,
// calls one use case and encodes, in the shapes of api/ondemand.yaml.
package ondemandhttp

import (
	"net/http"

	"demarc/internal/httpkit"
	"demarc/internal/ondemand"
)

type handlers struct {
	kit  *httpkit.Kit
	desk *ondemand.Desk
}

// Page sizes of the product's lists.
const (
	defaultPage = 10
	largestPage = 100
)

// Routes are the product's operations.
func Routes(kit *httpkit.Kit, desk *ondemand.Desk) []httpkit.Route {
	h := &handlers{kit: kit, desk: desk}
	get, post := http.MethodGet, http.MethodPost
	const orders = "/Customer/v3/Ordering/orderRequest"
	const billing = "/Billing/v2/CustomerBillManagement/"
	routes := []httpkit.Route{
		{Method: get, Pattern: "/Network/v1/provider", OperationID: "listProviders", Handle: h.providers},
		{Method: get, Pattern: "/Network/v1/location", OperationID: "listLocations", Handle: h.locations},
		{Method: get, Pattern: "/Product/v1/price", OperationID: "getPrices", Handle: h.prices},
		{Method: post, Pattern: "/Product/v1/priceRequest", OperationID: "createPriceRequest", Handle: h.priceRequest},
		{Method: get, Pattern: "/Account/v1/billingAccount", OperationID: "listBillingAccounts", Handle: h.accounts},
		{Method: post, Pattern: orders, OperationID: "createOrderRequest", Handle: h.order},
		{Method: get, Pattern: orders, OperationID: "listOrderRequests", Handle: h.orders},
		{Method: get, Pattern: orders + "/{id}", OperationID: "getOrderRequest", Handle: h.orderByID},
		{Method: get, Pattern: "/ProductInventory/v1/inventory", OperationID: "listInventory", Handle: h.inventory},
		{Method: get, Pattern: billing + "customerBill", OperationID: "getCustomerBill", Handle: h.bills},
		{Method: get, Pattern: billing + "serviceLevelChargeDetails", OperationID: "getServiceLevelChargeDetails", Handle: h.charges},
	}
	for i := range routes {
		routes[i].Product = ondemand.Product
	}
	return routes
}

// acting is the party that a caller may be for a customer's number.
func acting(c *httpkit.Caller) func(number string) (ondemand.Party, error) {
	return func(number string) (ondemand.Party, error) {
		customer, err := c.Acting(number)
		return partyOf(c, customer), err
	}
}

func partyOf(c *httpkit.Caller, customer httpkit.Customer) ondemand.Party {
	return ondemand.Party{World: c.World, App: c.App, Sandbox: c.Sandbox, Customer: customer.Number}
}

// party is who calls and for whom.
func party(r *http.Request) (ondemand.Party, error) {
	customer, err := httpkit.CustomerOf(r)
	if err != nil {
		return ondemand.Party{}, err
	}
	return partyOf(httpkit.From(r.Context()), customer), nil
}

// named checks the customer header of calls that need none.
func named(r *http.Request) error {
	if number := httpkit.CustomerNumber(r); number != "" {
		_, err := httpkit.From(r.Context()).Acting(number)
		return err
	}
	return nil
}

func pageOf(r *http.Request) (httpkit.Page, ondemand.Paging, error) {
	p, err := httpkit.PageOf(r, defaultPage, largestPage)
	return p, ondemand.Paging{Offset: p.Offset(), Limit: p.Size}, err
}

// paged begins every page of this product.
type paged struct {
	PageNumber  int `json:"pageNumber"`
	PageSize    int `json:"pageSize"`
	ResultCount int `json:"resultCount"`
}

// ref is an id with its name.
type ref struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// characteristic is a name-value pair.
type characteristic struct {
	Name      string `json:"name"`
	ValueType string `json:"valueType"`
	Value     string `json:"value"`
}
