package control

import (
	"errors"
	"time"

	"demarc/internal/db"
	"demarc/internal/ondemand"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// What every price request and order of this carrier's says, see rules OND-QTE and OND-ORD.
const (
	odSource      = "NaaS ExternalAPI"
	odChannel     = "99"
	odProduct     = "718"
	odSpec        = "5001"
	odProductName = "NaaS Internet On-Demand"
	odItem        = "productOrderItem[0]."
	odName        = odItem + "product.productCharacteristic[0].value"
	odSize        = odItem + "product.productCharacteristic[2].value"
	odQuote       = "quote[0].id"
)

// quote has a price quoted for the customer that was chosen.
func (s *screens) quote(v *web.Visit, r *ondemand.PriceRequest) (q ondemand.Quote, err error) {
	r.SourceSystem, r.CurrencyCode, r.ProductCode, r.ProductName = odSource, "USD", odProduct, odProductName
	r.CustomerNumber = ondemand.Text(v.Customer.Number)
	prepared, err := s.OnDemand.PrepareQuote(v.Context(), v.Customer.Number, s.odActing(v), r)
	if err != nil {
		return q, err
	}
	err = v.Within(func(tx *db.Tx) error {
		q = s.OnDemand.SaveQuote(tx, prepared)
		return nil
	})
	return q, err
}

// odOrderOf begins an order's request: who pays, and what is done to which service.
func odOrderOf(action, service, account, accountName, externalID string) *ondemand.OrderRequest {
	one := ondemand.Text("1")
	name := &ondemand.NamedRef{ID: odProduct, Name: odProductName}
	return &ondemand.OrderRequest{ExternalID: ondemand.Text(externalID), BillingAccount: &ondemand.AccountRef{ID: ondemand.Text(account), Name: accountName},
		Channel: []ondemand.ChannelRef{{ID: odChannel, Name: odSource}},
		Items: []ondemand.OrderItem{{ID: "1", Quantity: &one, Action: action, Offering: name,
			Product: &ondemand.ItemProduct{ID: ondemand.Text(service), Specification: &ondemand.NamedRef{ID: odSpec, Name: odProductName}}}}}
}

// odPlace places an order for the customer that was chosen.
func (s *screens) odPlace(v *web.Visit, r *ondemand.OrderRequest) (o ondemand.Order, err error) {
	prepared, err := s.OnDemand.PrepareOrder(v.Context(), v.World.ID, v.Customer.Number, s.odActing(v), r)
	if err != nil {
		return o, err
	}
	err = v.Within(func(tx *db.Tx) (err error) {
		o, err = s.OnDemand.Place(tx, prepared)
		return err
	})
	return o, err
}

// quoted is the quote that a page is asked for, and the world's moment; nil when it is
// asked for none.
func (s *screens) quoted(v *web.Visit, id string) (*ondemand.Quote, time.Time, error) {
	now, err := worldNow(v)
	if err != nil || id == "" {
		return nil, now, err
	}
	q, err := s.OnDemand.QuoteOf(v.Context(), odParty(v), id)
	if errors.Is(err, ondemand.QuoteUnknown) {
		return nil, now, web.NoSuchPage
	}
	return &q, now, err
}

// unusable says why a quote can no longer be ordered by; "" when it can.
func unusable(q *ondemand.Quote, now time.Time) string {
	switch {
	case q.UsedBy != "":
		return "This quote has been ordered by already."
	case !now.Before(q.ExpiresAt):
		return "This quote has expired: a quote is valid for " + ui.Duration(ondemand.QuoteLife) + "."
	}
	return ""
}

// speedChoices are the speeds of a site with their prices.
func speedChoices(site ondemand.Site, present int) []ui.Choice {
	var list []ui.Choice
	for _, o := range ondemand.Offers(site) {
		c := ui.Choice{Value: o.Speed.String(), Label: o.Speed.String(), Hint: ondemand.USD(o.Hourly) + " an hour, " + ondemand.USD(ondemand.Monthly(o.Hourly)) + " a month"}
		if o.Speed.Mbps == present {
			c.Hint += "; the present one"
		}
		list = append(list, c)
	}
	return list
}
