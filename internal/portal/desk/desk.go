// Package desk is the carrier desk: the staff's side of every world, and, in a sandbox,
// the other side for its owner to act as.
//
// desk.go has the routes and what the pages have in common. A file is a screen:
//
//	overview.go       what waits
//	applications.go   who may use the APIs; application.go one of them, golive.go what it
//	                  has tried
//	claims.go         who may act for whom
//	exceptions.go     requests for more numbers than an order may have
//	queue.go          orders under way; order.go a voice order, others.go the others
//	portout.go        numbers whose users took them to another carrier
//	stock.go          rate centers; center.go one of them, load.go many blocks at once
//	customers.go      customers; customer.go one of them
//	backends.go       the systems behind the carrier
//	worlds.go         all worlds
//	audit.go          the trail
//	organisations.go  organisations and their people
//	people.go         the carrier's people
package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"demarc/internal/backend"
	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/machine"
	"demarc/internal/marketplace"
	"demarc/internal/ondemand"
	"demarc/internal/outbox"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/preorder"
	"demarc/internal/requestlog"
	"demarc/internal/sandbox"
	"demarc/internal/voice"
)

// Options are the services and use cases that these pages call.
type Options struct {
	DB          *db.DB
	Identity    *identity.Service
	Sandbox     *sandbox.Service
	Outbox      *outbox.Service
	Requests    *requestlog.Log
	Voice       *voice.Desk
	OnDemand    *ondemand.Desk
	PreOrder    *preorder.Desk
	Marketplace *marketplace.Desk
	Backends    *backend.Registry
	Machines    []*machine.Table
}

type screens struct{ Options }

const (
	area = "Carrier desk"
	get  = http.MethodGet
	post = http.MethodPost
)

// Routes are the pages.
func Routes(o Options) []web.Route {
	s := &screens{o}
	list := slices.Concat(s.workRoutes(), s.approvalRoutes(), s.stockRoutes(), s.systemRoutes())
	for i := range list {
		list[i].Area = area
	}
	return list
}

func (s *screens) workRoutes() []web.Route {
	return []web.Route{
		{Method: get, Path: "/desk", Needs: web.Carry, Nav: "Overview", Live: true, Do: s.overview},
		{Method: get, Path: "/desk/queue", Needs: web.Carry, Nav: "Queue", Live: true, Do: s.queue},
		{Method: get, Path: "/desk/queue/{product}/{id}", Needs: web.Carry, Live: true, Do: s.other},
		{Method: get, Path: "/desk/orders/{id}", Needs: web.Carry, Live: true, Do: s.order},
		{Method: post, Path: "/desk/orders/{id}", Needs: web.Carry, Do: s.orderAct},
		{Method: get, Path: "/desk/portout", Needs: web.Carry, Do: s.portOut},
		{Method: post, Path: "/desk/portout", Needs: web.Carry, Do: s.portOutAct},
	}
}

func (s *screens) approvalRoutes() []web.Route {
	return []web.Route{
		{Method: get, Path: "/desk/approvals", Needs: web.Carry, Nav: "Approvals", Do: s.approvals},
		{Method: get, Path: "/desk/approvals/applications", Needs: web.Staff, Do: s.applications},
		{Method: get, Path: "/desk/approvals/customers", Needs: web.Staff, Do: s.claims},
		{Method: post, Path: "/desk/approvals/customers", Needs: web.Staff, Do: s.claimsAct},
		{Method: get, Path: "/desk/approvals/exceptions", Needs: web.Carry, Do: s.exceptions},
		{Method: post, Path: "/desk/approvals/exceptions", Needs: web.Carry, Do: s.exceptionsAct},
		{Method: get, Path: "/desk/apps/{id}", Needs: web.Staff, Do: s.application},
		{Method: post, Path: "/desk/apps/{id}", Needs: web.Staff, Do: s.applicationAct},
		{Method: get, Path: "/desk/customers", Needs: web.Carry, Nav: "Customers", Do: s.customers},
		{Method: post, Path: "/desk/customers", Needs: web.Carry, Do: s.customersAct},
		{Method: get, Path: "/desk/customers/{number}", Needs: web.Carry, Do: s.customer},
		{Method: post, Path: "/desk/customers/{number}", Needs: web.Carry, Do: s.customerAct},
	}
}

func (s *screens) stockRoutes() []web.Route {
	return []web.Route{
		{Method: get, Path: "/desk/stock", Needs: web.Carry, Nav: "Stock", Do: s.stock},
		{Method: post, Path: "/desk/stock", Needs: web.Carry, Do: s.stockAct},
		{Method: get, Path: "/desk/stock/load", Needs: web.Carry, Do: s.load},
		{Method: post, Path: "/desk/stock/load", Needs: web.Carry, Slow: true, Do: s.loadAct},
		{Method: get, Path: "/desk/stock/{state}/{name}", Needs: web.Carry, Do: s.center},
		{Method: post, Path: "/desk/stock/{state}/{name}", Needs: web.Carry, Do: s.centerAct},
	}
}

func (s *screens) systemRoutes() []web.Route {
	return []web.Route{
		{Method: get, Path: "/desk/backends", Needs: web.Carry, Nav: "Backends", Live: true, Do: s.backends},
		{Method: post, Path: "/desk/backends", Needs: web.Carry, Do: s.backendsAct},
		{Method: get, Path: "/desk/worlds", Needs: web.Staff, Nav: "Worlds", Do: s.worlds},
		{Method: post, Path: "/desk/worlds", Needs: web.Staff, Slow: true, Do: s.worldsAct},
		{Method: get, Path: "/desk/audit", Needs: web.Carry, Nav: "Audit", Do: s.audit},
		{Method: get, Path: "/desk/audit.csv", Needs: web.Carry, Slow: true, Do: s.auditCSV},
		{Method: get, Path: "/desk/organisations", Needs: web.Staff, Nav: "Organisations", Do: s.organisations},
		{Method: get, Path: "/desk/organisations/{id}", Needs: web.Staff, Do: s.organisation},
		{Method: get, Path: "/desk/people", Needs: web.Admin, Nav: "People", Fresh: true, Do: s.people},
		{Method: post, Path: "/desk/people", Needs: web.Admin, Fresh: true, Do: s.peopleAct},
	}
}

// offset is where the page that a person wants begins.
func offset(v *web.Visit) int { return (ui.PageOf(v.Query()) - 1) * ui.PageSize }

// actField names which of a page's acts a form is.
const actField = "act"

// only is the form of one of a page's acts: as it was refused, if it is that one which
// was, or an empty one.
func only(v *web.Visit, f *ui.Form, act string) *ui.Form {
	if f != nil && f.Value(actField) == act {
		return f
	}
	fresh := v.Form()
	fresh.Values = url.Values{actField: {act}}
	return fresh
}

// act is one of a page's acts. It answers the sentence about what was done.
type act struct {
	do func(f *ui.Form) (said string, err error)
	// fields says that the act has a form of its own, in which is said what is wrong; that of
	// a single button is said on top of the page.
	fields bool
}

// perform does what a page's form asks for, and goes back to a page.
func perform(v *web.Visit, back string, acts map[string]act, page func(v *web.Visit, f *ui.Form) error) error {
	f := v.Form()
	a, known := acts[f.Value(actField)]
	if !known {
		return web.NoSuchPage
	}
	said, err := a.do(f)
	switch {
	case err != nil && !a.fields:
		return v.Failed(back, err)
	case err != nil || f.Wrong():
		return v.Refused(f, err, page)
	}
	return v.Done(back, said)
}

// address is a path with parts that may have anything in them.
func address(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = url.PathEscape(p)
	}
	return "/desk/" + strings.Join(escaped, "/")
}

// age is how long ago something was, for people who look now and then.
func age(now, at time.Time) string {
	d := now.Sub(at)
	switch {
	case d < time.Minute:
		return "< 1 min"
	case d < time.Hour:
		return ui.Count(int(d.Minutes())) + " min"
	}
	return ui.Duration(d)
}

// counted is so many of something.
func counted(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return ui.Count(n) + " " + one + "s"
}

// number reads a whole number, or says beside its field that it is none.
func number(f *ui.Form, field string) (int, bool) {
	n, err := strconv.Atoi(f.Value(field))
	if err != nil {
		f.Add(field, "must be a whole number")
	}
	return n, err == nil
}

// moment reads a moment in a form, or says beside its field that it is none.
func moment(f *ui.Form, field, layout, message string) (time.Time, bool) {
	at, err := time.Parse(layout, f.Value(field))
	if err != nil {
		f.Add(field, message)
	}
	return at.UTC().Truncate(time.Microsecond), err == nil
}

// dash stands where there is nothing to say.
func dash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func yes(is bool) string {
	if is {
		return "Yes"
	}
	return "No"
}

// names are the products as people call them.
var names = map[string]string{voice.Product: "Telephone numbers (Voice)", ondemand.Product: "On-demand internet", preorder.Product: "PreOrder",
	marketplace.Product: "Marketplace", "care": "Care"}

func product(name string) string {
	if n := names[name]; n != "" {
		return n
	}
	return name
}

// table is a state machine's, by its name.
func (s *screens) table(name string) *machine.Table {
	if i := slices.IndexFunc(s.Machines, func(t *machine.Table) bool { return t.Name == name }); i >= 0 {
		return s.Machines[i]
	}
	return nil
}
