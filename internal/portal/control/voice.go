package control

import (
	"net/http"

	"demarc/internal/portal/web"
)

// voiceRoutes are the pages about telephone numbers.
func (s *screens) voiceRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	list := []web.Route{
		{Method: get, Path: "/control/orders", Nav: "Orders", Do: s.orders},
		{Method: get, Path: "/control/orders/{id}", Live: true, Do: s.order},
		{Method: post, Path: "/control/orders/{id}/approve", Do: s.approve},
		{Method: post, Path: "/control/orders/{id}/cancel", Do: s.cancel},
		{Method: post, Path: "/control/orders/{id}/portnow", Do: s.portNow},
		{Method: get, Path: "/control/new", Nav: "New order", Do: s.newOrder},
		{Method: get, Path: "/control/numbers", Nav: "Numbers in stock", Do: s.stock},
		{Method: get, Path: "/control/numbers.csv", Slow: true, Do: s.stockCSV},
		{Method: get, Path: "/control/numbers/service", Nav: "Numbers in service", Do: s.inService},
		{Method: get, Path: "/control/numbers/service.csv", Slow: true, Do: s.inServiceCSV},
		{Method: get, Path: "/control/numbers/{tn}", Do: s.number},
		{Method: get, Path: "/control/coverage", Do: s.coverage},
		{Method: get, Path: "/control/utilization", Do: s.utilization},
		{Method: get, Path: "/control/exceptions", Nav: "Exceptions", Do: s.exceptions},
		{Method: get, Path: "/control/exceptions/{id}", Live: true, Do: s.exception},
		{Method: get, Path: "/control/notices", Nav: "Notifications", Do: s.notices},
	}
	for _, form := range []struct {
		path   string
		show   web.Handler
		submit web.Handler
	}{
		{"/control/numbers/reserve", s.reserveForm, s.reserve},
		{"/control/numbers/install", s.installForm, s.install},
		{"/control/numbers/port", s.portForm, s.port},
		{"/control/numbers/change", s.changeForm, s.change},
		{"/control/numbers/disconnect", s.disconnectForm, s.disconnect},
		{"/control/orders/{id}/supplement", s.supplementForm, s.supplement},
		{"/control/exceptions/new", s.exceptionForm, s.askException},
	} {
		list = append(list, web.Route{Method: get, Path: form.path, Do: form.show}, web.Route{Method: post, Path: form.path, Do: form.submit})
	}
	for i := range list {
		list[i].Area, list[i].Needs, list[i].Customer = area, web.Buy, true
	}
	return list
}
