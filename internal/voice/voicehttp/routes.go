package voicehttp

import (
	"net/http"
	"strings"

	"demarc/internal/httpkit"
	"demarc/internal/voice"
)

type handlers struct {
	kit  *httpkit.Kit
	desk *voice.Desk
}

// The paths' beginnings. The source writes /Numbers, and once /Number: all calls below it
// are served under both.
const (
	base    = "/Voice/v1"
	numbers = base + "/Numbers"
	number  = base + "/Number"
)

// Routes are the customers' calls, to be mounted with their Family.
func Routes(kit *httpkit.Kit, desk *voice.Desk) (routes []httpkit.Route) {
	h := &handlers{kit: kit, desk: desk}
	get, post := http.MethodGet, http.MethodPost
	for _, r := range []httpkit.Route{
		{Method: get, Pattern: numbers + "/rateCenters", OperationID: "listRateCenters", Handle: h.call(h.rateCenters)},
		{Method: get, Pattern: numbers + "/coverage", OperationID: "getCoverage", Handle: h.call(h.getCoverage)},
		{Method: post, Pattern: numbers + "/coverage", OperationID: "postCoverage", Handle: h.call(h.postCoverage)},
		{Method: post, Pattern: numbers + "/rateCenters/utilization", OperationID: "getUtilization", Handle: h.call(h.utilization)},
		{Method: post, Pattern: numbers + "/orderInventory", OperationID: "orderInventory", Handle: h.call(h.reserve)},
		{Method: get, Pattern: numbers + "/inventory", OperationID: "getInventory", Handle: h.call(h.inventory)},
		{Method: post, Pattern: numbers + "/customerApproval", OperationID: "approveShortSupply", Handle: h.call(h.approve)},
		{Method: post, Pattern: numbers + "/tnExceptions", OperationID: "requestTNException", Handle: h.call(h.requestException)},
		{Method: get, Pattern: numbers + "/tnExceptions", OperationID: "listTNExceptions", Handle: h.call(h.exceptions)},
		{Method: get, Pattern: numbers + "/tnExceptions/{id}", OperationID: "getTNException", Handle: h.call(h.exception)},
		{Method: post, Pattern: numbers + "/order", OperationID: "orderNumbers", Handle: h.call(h.order)},
		{Method: post, Pattern: numbers + "/orders", OperationID: "orderNumbersPlural", Handle: h.call(h.order)},
		{Method: post, Pattern: numbers + "/order/{voiceOrderId}/supplement", OperationID: "supplementOrder", Handle: h.call(h.supplement)},
		{Method: post, Pattern: numbers + "/lnp/portnow", OperationID: "portNow", Handle: h.call(h.portNow)},
		{Method: post, Pattern: numbers + "/order/change", OperationID: "changeNumbers", Handle: h.call(h.change)},
		{Method: post, Pattern: numbers + "/order/cancel", OperationID: "cancelOrder", Handle: h.call(h.cancel)},
		{Method: post, Pattern: numbers + "/order/disconnect", OperationID: "disconnectNumbers", Handle: h.call(h.disconnect)},
		{Method: get, Pattern: numbers + "/inventory/details", OperationID: "getInventoryDetails", Handle: h.call(h.details)},
		{Method: get, Pattern: base + "/notifications", OperationID: "getVoiceNotifications", Handle: h.notifications},
		{Method: get, Pattern: base + "/orderStatus", OperationID: "getOrderStatus", Handle: h.call(h.status)},
	} {
		r.Product = voice.Product
		routes = append(routes, r)
		if rest, below := strings.CutPrefix(r.Pattern, numbers); below {
			r.Pattern, r.OperationID = number+rest, r.OperationID+"NoS"
			routes = append(routes, r)
		}
	}
	return routes
}
