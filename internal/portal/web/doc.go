// Package web is the kit that the portal's pages stand on: who is visiting, what they
// may do, the world and the customer that they look at, forms, live pages, and what is
// around every page.
//
// A page is a Route with a function:
//
//	{Method: "GET", Path: "/apps", Needs: web.Build, Area: "Build", Nav: "Applications", Do: s.list},
//
//	func (s *screens) list(v *web.Visit) error {
//		apps, err := s.identity.ListApps(v.Context(), identity.Filter{Org: v.User.Org})
//		if err != nil {
//			return err
//		}
//		return v.Show("Applications", ui.Head("Applications", "…"), …)
//	}
//
// A form is shown by GET and acted upon by POST at the same path. What a use case
// refuses goes into the form (v.Refused), which is shown again with its values:
//
//	f := v.Form()
//	if err := s.identity.Something(…); err != nil {
//		return v.Refused(f, err, s.page)
//	}
//	return v.Done("/apps", "The application was made.")
//
// What programs call among the pages, not people, has Route.Serve instead of Do.
//
// The rooms:
//
//	kit.go      routes, areas, and one request from its first header to its last byte
//	visit.go    one visit of a page: what a page's function is given
//	needs.go    who may do what: the one place that decides it
//	session.go  cookies, signing in and out, proving oneself again
//	trail.go    what was done about something, and the machine that it moved through
//	once.go     a form that is sent twice is acted upon once
//	upload.go   files that forms bring along
//	live.go     pages that follow what happens
//	errors.go   what is shown when a page cannot be
package web
