package web

import "demarc/internal/identity"

// Need is what a page or an act demands of its visitor.
type Need int

// What can be needed.
const (
	Anyone   Need = iota // nobody need be signed in
	SignedIn             // anybody who is
	Build                // applications and what belongs to them
	Own                  // the organisation's own sandbox: its clock, its faults, its rows
	Buy                  // orders on behalf of a customer
	Sell                 // a provider's products and subscriptions
	Carry                // the carrier's side of a world: answers, stock, holds
	Staff                // the carrier's staff, whatever the world
	Admin                // people and their roles
)

var needNames = map[Need]string{SignedIn: "someone who is signed in", Build: "a developer", Own: "the owner of this sandbox", Buy: "a buyer", Sell: "a provider",
	Carry: "the carrier's staff, or in a sandbox its owner", Staff: "the carrier's staff", Admin: "an administrator"}

// Place is the world that is looked at, so far as it decides about rights.
type Place struct {
	Sandbox bool
	Mine    bool // it belongs to the visitor's organisation
}

// Met reports whether a person may, in a place.
//
// PORTAL-ROLE-01: nobody who is not signed in sees more than the open pages.
// PORTAL-ROLE-02: a sandbox that is not the organisation's is the carrier's business alone.
// PORTAL-ROLE-03: in its own sandbox an organisation may try everything there is, the carrier's side too; applications are its developers'.
// PORTAL-ROLE-04: in production buyers buy, providers sell, and developers have applications.
// PORTAL-ROLE-05: the carrier's staff does the carrier's side of every world.
// PORTAL-ROLE-06: an administrator may do everything.
func (n Need) Met(u identity.User, p Place) bool {
	if n == Anyone || u.Email == "" || n == SignedIn { // PORTAL-ROLE-01
		return n == Anyone || u.Email != ""
	}
	if u.Role == identity.RoleAdministrator { // PORTAL-ROLE-06
		return n != Own || p.Sandbox
	}
	if u.Role == identity.RoleStaff { // PORTAL-ROLE-05
		return n == Carry || n == Staff
	}
	if p.Sandbox && !p.Mine { // PORTAL-ROLE-02
		return false
	}
	own, known := map[string]Need{identity.RoleDeveloper: Build, identity.RoleBuyer: Buy, identity.RoleProvider: Sell}[u.Role]
	if p.Sandbox && known && n != Build && n != Staff && n != Admin { // PORTAL-ROLE-03
		return true
	}
	return known && n == own // PORTAL-ROLE-04
}
