package web

import (
	"slices"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/identity"
)

// NoApplication is what a person is told whose organisation has nothing to order with.
var NoApplication = fault.New("portal", "portal_no_application", 403,
	"What is ordered here is notified to an application, and none that is approved for the product may act for this customer.")

// Application is the one that an order made here belongs to: the organisation's first that
// is approved for the product and may act for the customer. Its webhooks are told. The
// carrier's people order with any.
func (v *Visit) Application(product string) (string, error) {
	f := identity.Filter{Org: v.User.Org, World: v.World.ID, Limit: 100}
	if v.User.Carrier() {
		f.Org = ""
	}
	for {
		apps, err := v.kit.o.People.ListApps(v.Context(), f)
		if err != nil {
			return "", err
		}
		for _, app := range apps {
			if app.State != identity.Approved || !slices.Contains(app.Products, identity.Product{Name: product, State: identity.Approved}) {
				continue
			}
			var granted bool
			err := v.View(func(tx *db.Tx) (err error) {
				_, _, granted, err = identity.Standing(tx, app.ID, v.Customer.Number)
				return err
			})
			if err != nil || granted {
				return app.ID, err
			}
		}
		if len(apps) < f.Limit {
			return "", NoApplication
		}
		f.After = apps[len(apps)-1].ID
	}
}
