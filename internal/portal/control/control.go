// Package control is the Control Center: what a customer has ordered and has, across
// products, and the forms with which people order. What is ordered here is changed here:
// the channel of an order is part of it.
package control

import (
	"slices"

	"demarc/internal/identity"
	"demarc/internal/ondemand"
	"demarc/internal/portal/web"
	"demarc/internal/preorder"
	"demarc/internal/voice"
)

// Options are the use cases that these pages call.
type Options struct {
	Identity *identity.Service
	Voice    *voice.Desk
	OnDemand *ondemand.Desk
	PreOrder *preorder.Desk
}

type screens struct{ Options }

// Routes are the pages.
func Routes(o Options) []web.Route {
	s := &screens{o}
	return slices.Concat(s.homeRoutes(), s.voiceRoutes(), s.onDemandRoutes(), s.preOrderRoutes())
}
