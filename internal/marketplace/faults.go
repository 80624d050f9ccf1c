package marketplace

import "demarc/internal/fault"

// The coded errors of the product.
var (
	OnboardingClosed  = fault.New(Product, "onboarding_closed", 403, "New integrations with the v1 API are not permitted.")
	ProviderUnknown   = fault.New(Product, "provider_unknown", 404, "This organisation has no such provider.")
	ProviderTaken     = fault.New(Product, "provider_name_taken", 409, "There is a provider of that name already.")
	ProviderMove      = fault.New(Product, "provider_wrong_move", 409, "That is not possible in the provider's present state.")
	ProviderInactive  = fault.New(Product, "provider_not_active", 409, "The provider does not sell at present.")
	KeyUnknown        = fault.New(Product, "provider_key_not_found", 404, "The provider has no such key, or it was revoked already.")
	TestBusy          = fault.New(Product, "provider_test_busy", 409, "A test call of this provider is under way, or too many of others; try again.")
	KeyLimit          = fault.New(Product, "provider_key_limit", 409, "The provider has two live keys already; revoke one first.")
	ProductUnknown    = fault.New(Product, "product_unknown", 404, "There is no such product.")
	ProductWithdrawn  = fault.New(Product, "product_withdrawn", 409, "The product is not sold any more.")
	SKUTaken          = fault.New(Product, "sku_taken", 409, "There is such a SKU already.")
	CardNumber        = fault.New(Product, "card_number_refused", 400, "No payment card data is collected here; nothing was stored or sent.")
	SubUnknown        = fault.New(Product, "subscription_unknown", 404, "This customer has no such subscription.")
	SubMove           = fault.New(Product, "subscription_wrong_move", 409, "That is not possible in the subscription's present state.")
	UpdateInvalid     = fault.New(Product, "update_invalid", 400, "Required element(s) not provided, or not as documented.")
	UpdateKeyUnknown  = fault.New(Product, "providerkey_unknown", 401, "The providerkey is not known.")
	UpdateCOIDUnknown = fault.New(Product, "coid_unknown", 404, "This provider has no customer of that coid.")
	UpdateSKUUnknown  = fault.New(Product, "sku_unknown", 404, "This provider's customer has no such sku.")
	UpdateExpired     = fault.New(Product, "subscription_expired", 409, "The subscription has expired; it takes no more updates.")
	UpdateTotal       = fault.New(Product, "usage_total_exceeded", 400, "The month's total would be more than can be counted.")
)
