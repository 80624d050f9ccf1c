package ondemand

import "demarc/internal/lenient"

// Text is a field that clients send as a text or as a number: "99" and 99 are the
// same channel.
type Text = lenient.Text

// PriceRequest is the body of POST /Product/v1/priceRequest (source, step 4).
type PriceRequest struct {
	SourceSystem   string `json:"sourceSystem"`
	Description    string `json:"customerPriceRequestDescription"`
	PurchaseOrder  Text   `json:"customerPurchaseOrderNumber"`
	CustomerNumber Text   `json:"customerNumber"`
	CurrencyCode   string `json:"currencyCode"`
	MasterSiteID   string `json:"masterSiteId"`
	ProductCode    Text   `json:"productCode"`
	ProductName    string `json:"productName"`
	Speed          string `json:"speed"`
	PartnerID      Text   `json:"partnerId"` // JSON names match in any case, so PartnerId too
	ServiceID      Text   `json:"serviceId"`
}

// OrderRequest is the body of POST /Customer/v3/Ordering/orderRequest (source,
// step 6). What it does not name is let through and not kept.
type OrderRequest struct {
	ExternalID     Text           `json:"externalId"`
	BillingAccount *AccountRef    `json:"billingAccount"`
	Channel        []ChannelRef   `json:"channel"`
	Note           []Note         `json:"note"`
	Items          []OrderItem    `json:"productOrderItem"`
	Quote          []QuoteRef     `json:"quote"`
	Contacts       []OrderContact `json:"relatedContactInformation"`
}

// AccountRef names a billing account.
type AccountRef struct {
	ID   Text   `json:"id"`
	Name string `json:"name"`
}

// ChannelRef names the channel that an order came through: 99, NaaS ExternalAPI.
type ChannelRef struct {
	ID   Text   `json:"id"`
	Name string `json:"name"`
}

// Note is a remark of the customer's.
type Note struct {
	Text string `json:"text"`
}

// QuoteRef names the quote that is promoted.
type QuoteRef struct {
	ID   Text `json:"id"`
	Name Text `json:"name"`
}

// OrderItem is the one item of an order.
type OrderItem struct {
	ID       Text         `json:"id"`
	Quantity *Text        `json:"quantity"`
	Action   string       `json:"action"`
	Product  *ItemProduct `json:"product"`
	Offering *NamedRef    `json:"productOffering"`
}

// ItemProduct says what is ordered, or, by its id, what is changed.
type ItemProduct struct {
	ID              Text             `json:"id"`
	Characteristics []Characteristic `json:"productCharacteristic"`
	Specification   *NamedRef        `json:"productSpecification"`
}

// Characteristic is a name-value pair.
type Characteristic struct {
	Name      string `json:"name"`
	ValueType string `json:"valueType"`
	Value     Text   `json:"value"`
}

// NamedRef is an id with its name.
type NamedRef struct {
	ID   Text   `json:"id"`
	Name string `json:"name"`
}

// OrderContact is who to talk to about the order.
type OrderContact struct {
	Number          Text   `json:"number"`
	EmailAddress    string `json:"emailAddress"`
	Role            string `json:"role"`
	Organization    string `json:"organization"`
	Name            string `json:"name"`
	NumberExtension Text   `json:"numberExtension"`
}
