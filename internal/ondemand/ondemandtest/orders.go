package ondemandtest

import (
	"context"
	"encoding/json"

	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/ondemand"

	"github.com/govalues/decimal"
)

// Read reads a body as the edge does.
func Read[T any](body string) (*T, error) {
	var v T
	if err := httpkit.DecodeJSON([]byte(body), &v); err != nil {
		return nil, err
	}
	return &v, nil
}

// PriceRequest is a price request that breaks no rule.
func (w *World) PriceRequest(site, speed string) *ondemand.PriceRequest {
	r := &ondemand.PriceRequest{SourceSystem: "NaaS ExternalAPI", CustomerNumber: ondemand.Text(w.customer), CurrencyCode: "USD",
		MasterSiteID: site, ProductCode: "718", ProductName: "Internet On-Demand", Speed: speed}
	if s, _ := ondemand.SiteByID(site); s.DataCenter {
		r.PartnerID = ondemand.Text(s.PartnerID)
	} else {
		r.ServiceID = ondemand.ExampleUNI
	}
	return r
}

// TryQuote requests a price.
func (w *World) TryQuote(r *ondemand.PriceRequest) (q ondemand.Quote, err error) {
	p, err := w.Desk.PrepareQuote(context.Background(), w.customer, w.Acting, r)
	if err != nil {
		return q, err
	}
	err = w.DB.Within(context.Background(), w.ID, func(tx *db.Tx) error {
		q = w.Desk.SaveQuote(tx, p)
		return nil
	})
	return q, err
}

// Quote is a quote for a speed at the data center.
func (w *World) Quote(speed string) ondemand.Quote {
	w.T.Helper()
	return w.QuoteAt(Center, speed)
}

// QuoteAt is a quote for a speed at a site.
func (w *World) QuoteAt(site, speed string) ondemand.Quote {
	w.T.Helper()
	q, err := w.TryQuote(w.PriceRequest(site, speed))
	w.Must("quote "+speed+" at "+site, err)
	return q
}

// Quotes writes many quotes for one speed at the data center at once, for tests
// that need thousands of them.
func (w *World) Quotes(n int, speed string) []ondemand.Quote {
	w.T.Helper()
	s, err := ondemand.ParseSpeed(speed)
	w.Must("quote "+speed, err)
	site, _ := ondemand.SiteByID(Center)
	offer, ok := ondemand.OfferFor(site, s)
	if !ok {
		w.T.Fatalf("%s is not offered at %s", speed, Center)
	}
	list := make([]ondemand.Quote, n)
	w.Within(func(tx *db.Tx) error {
		for i := range list {
			list[i] = ondemand.Quote{ID: ondemand.QuoteID(1_000_000 + int64(i)), Customer: w.customer, Site: Center, Partner: site.PartnerID,
				Speed: s, Hourly: offer.Hourly, CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(ondemand.QuoteLife)}
			w.Desk.Store.AddQuote(tx, list[i])
		}
		return nil
	})
	return list
}

// request is an order that breaks no rule, but for what its item must have.
func (w *World) request(action string, p ondemand.ItemProduct, quote string) *ondemand.OrderRequest {
	one := ondemand.Text("1")
	p.Specification = &ondemand.NamedRef{ID: "5001", Name: "NaaS Internet"}
	r := &ondemand.OrderRequest{
		ExternalID:     "EXT-000027740",
		BillingAccount: &ondemand.AccountRef{ID: ondemand.ExampleAccount, Name: "Company or account name"},
		Channel:        []ondemand.ChannelRef{{ID: "99", Name: "NaaS ExternalAPI"}},
		Items: []ondemand.OrderItem{{ID: "1", Quantity: &one, Action: action, Product: &p,
			Offering: &ondemand.NamedRef{ID: "718", Name: "NaaS Internet On-Demand"}}},
		Contacts: []ondemand.OrderContact{{Number: "+16157691234", EmailAddress: "first.lastname@domain.com", Role: "Order Contact",
			Organization: "Org Name", Name: "FirstName LastName"}},
	}
	if w.customer == ondemand.OtherCustomer {
		r.BillingAccount = &ondemand.AccountRef{ID: "5-OTHRCSTM", Name: "Other customer"}
	}
	if quote != "" {
		r.Quote = []ondemand.QuoteRef{{ID: ondemand.Text(quote), Name: "quoteId"}}
	}
	return r
}

// AddRequest orders a service by a quote.
func (w *World) AddRequest(quote, name string) *ondemand.OrderRequest {
	return w.request("add", ondemand.ItemProduct{Characteristics: []ondemand.Characteristic{
		{Name: "Customer Service Name", ValueType: "String", Value: ondemand.Text(name)},
		{Name: "VLAN Assignment", ValueType: "String", Value: "Auto Assign"},
		{Name: "IPV4 Block Size", ValueType: "String", Value: "/29"},
		{Name: "Routing Options", ValueType: "String", Value: "Static"},
	}}, quote)
}

// Sized is an add order's request with another size of IPv4 block: "/28" to "/30".
func Sized(r *ondemand.OrderRequest, size string) *ondemand.OrderRequest {
	r.Items[0].Product.Characteristics[2].Value = ondemand.Text(size)
	return r
}

// ModifyRequest changes a service: its bandwidth by a quote, its name, or both.
func (w *World) ModifyRequest(service, quote, name string) *ondemand.OrderRequest {
	p := ondemand.ItemProduct{ID: ondemand.Text(service)}
	if name != "" {
		p.Characteristics = []ondemand.Characteristic{{Name: "Customer Service Name", ValueType: "String", Value: ondemand.Text(name)}}
	}
	return w.request("modify", p, quote)
}

// DeleteRequest ends a service.
func (w *World) DeleteRequest(service string) *ondemand.OrderRequest {
	return w.request("delete", ondemand.ItemProduct{ID: ondemand.Text(service)}, "")
}

// Place places an order.
func (w *World) Place(r *ondemand.OrderRequest) (o ondemand.Order, err error) {
	p, err := w.Desk.PrepareOrder(context.Background(), w.ID, w.customer, w.Acting, r)
	if err != nil {
		return o, err
	}
	err = w.DB.Within(context.Background(), w.ID, func(tx *db.Tx) error {
		o, err = w.Desk.Place(tx, p)
		return err
	})
	return o, err
}

func (w *World) placed(r *ondemand.OrderRequest) ondemand.Order {
	w.T.Helper()
	o, err := w.Place(r)
	if err != nil {
		body, _ := json.Marshal(r)
		w.T.Fatalf("order: %v\n%s", err, body)
	}
	return o
}

// Add quotes a speed at the data center and orders a service by it.
func (w *World) Add(speed, name string) ondemand.Order {
	w.T.Helper()
	return w.placed(w.AddRequest(w.Quote(speed).ID, name))
}

// AddAt is Add at a site.
func (w *World) AddAt(site, speed, name string) ondemand.Order {
	w.T.Helper()
	return w.placed(w.AddRequest(w.QuoteAt(site, speed).ID, name))
}

// Active is a service that runs: added, and brought up.
func (w *World) Active(speed, name string) ondemand.Service {
	w.T.Helper()
	o := w.Add(speed, name)
	w.Settle()
	s := w.Service(o.Service)
	if s.Status != ondemand.StatusActive {
		w.T.Fatalf("the service is %q: %s", s.Status, w.Order(o.ID).Failure)
	}
	return s
}

// Modify orders a change of a service: to a speed, to a name, or both; what is
// empty stays as it is.
func (w *World) Modify(service, speed, name string) ondemand.Order {
	w.T.Helper()
	quote := ""
	if speed != "" {
		quote = w.QuoteAt(w.Service(service).Site, speed).ID
	}
	return w.placed(w.ModifyRequest(service, quote, name))
}

// Delete orders the end of a service.
func (w *World) Delete(service string) ondemand.Order {
	w.T.Helper()
	return w.placed(w.DeleteRequest(service))
}

// Charged is what a service costs in the month that holds the world's moment.
func (w *World) Charged(service string) (lines []ondemand.ChargeLine, total decimal.Decimal) {
	w.T.Helper()
	list, _, _, err := w.Desk.ServiceCharges(context.Background(), w.Party(), ondemand.ServiceFilter{ID: service}, w.Now(), ondemand.Paging{Limit: 10})
	w.Must("charges of "+service, err)
	for _, c := range list {
		lines = append(lines, c.Lines...)
	}
	return lines, ondemand.Total(lines)
}
