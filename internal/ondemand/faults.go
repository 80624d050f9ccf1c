package ondemand

import "demarc/internal/fault"

// The coded errors of the product. Rules that a request breaks by itself answer
// the edge's invalid_request with every violation; these are the ones that depend
// on what is there.
var (
	SiteUnknown     = fault.New(Product, "site_unknown", 404, "There is no such site.")
	PartnerUnknown  = fault.New(Product, "partner_unknown", 404, "There is no such provider.")
	OrderUnknown    = fault.New(Product, "order_unknown", 404, "This application has no such order.")
	QuoteUnknown    = fault.New(Product, "quote_unknown", 400, "The customer has no such quote.")
	QuoteExpired    = fault.New(Product, "quote_expired", 400, "The quote has expired; request a new one. A quote is valid for 15 minutes.")
	QuoteUsed       = fault.New(Product, "quote_used", 409, "The quote has been promoted to an order already.")
	QuoteMismatch   = fault.New(Product, "quote_mismatch", 400, "The quote was made for another site or port than the service's.")
	AccountUnknown  = fault.New(Product, "billing_account_unknown", 400, "The customer has no billing account with that id and name.")
	AccountForeign  = fault.New(Product, "billing_account_not_us", 400, "Orders need a billing account whose hqCountry is US.")
	AccountUntitled = fault.New(Product, "billing_account_not_entitled", 400, "The billing account is not entitled to on-demand services.")
	ServiceUnknown  = fault.New(Product, "service_unknown", 400, "The customer has no such service.")
	ServiceBusy     = fault.New(Product, "service_busy", 409, "Another order is changing this service; one change at a time.")
	ServiceState    = fault.New(Product, "service_state", 409, "The service cannot be changed in its present state.")
	ChangeLimit     = fault.New(Product, "change_limit", 429, "A customer may place 24 change orders a GMT day.")
	NoCapacity      = fault.New(Product, "no_capacity", 409, "No port at the site has room for that speed.")
	NoAddresses     = fault.New(Product, "no_addresses", 409, "The carrier has no free IPv4 block of that size at the moment.")
)
