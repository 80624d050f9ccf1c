package ondemand

// The answer to an order is what was ordered, under the order's id, in the shape
// of the source with its nulls (step 6, response).

type orderAnswer struct {
	ID             string          `json:"id"`
	ExternalID     string          `json:"externalId"`
	BillingAccount answerRef       `json:"billingAccount"`
	Channel        []answerRef     `json:"channel"`
	Note           []Note          `json:"note"`
	Items          []answerItem    `json:"productOrderItem"`
	Quote          []answerRef     `json:"quote"`
	Contacts       []answerContact `json:"relatedContactInformation"`
}

type answerRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type answerContact struct {
	Number          string `json:"number"`
	EmailAddress    string `json:"emailAddress"`
	Role            string `json:"role"`
	Organization    string `json:"organization"`
	Name            string `json:"name"`
	NumberExtension string `json:"numberExtension"`
}

type answerItem struct {
	ID               string        `json:"id"`
	Quantity         int           `json:"quantity"`
	Action           string        `json:"action"`
	Appointment      *struct{}     `json:"appointment"`
	BillingAccount   *struct{}     `json:"billingAccount"`
	ItemPrice        *struct{}     `json:"itemPrice"`
	ItemTerm         *struct{}     `json:"itemTerm"`
	ItemTotalPrice   *struct{}     `json:"itemTotalPrice"`
	Payment          *struct{}     `json:"payment"`
	Product          answerProduct `json:"product"`
	Offering         answerRef     `json:"productOffering"`
	Qualified        *struct{}     `json:"productOfferingQualificationItem"`
	Item             *struct{}     `json:"productOrderItem"`
	ItemRelationship *struct{}     `json:"productOrderItemRelationship"`
	Qualification    *struct{}     `json:"qualification"`
	QuoteItem        *struct{}     `json:"quoteItem"`
	State            *struct{}     `json:"state"`
	BaseType         *struct{}     `json:"@baseType"`
	SchemaLocation   *struct{}     `json:"@schemaLocation"`
	Type             string        `json:"@type"`
}

type answerProduct struct {
	ID              string                 `json:"id,omitempty"`
	Characteristics []answerCharacteristic `json:"productCharacteristic"`
	Specification   answerRef              `json:"productSpecification"`
}

type answerCharacteristic struct {
	Name      string `json:"name"`
	ValueType string `json:"valueType"`
	Value     string `json:"value"`
}

// answerOf repeats a request that has passed its rules.
func answerOf(id string, r *OrderRequest) orderAnswer {
	item := r.Items[0]
	a := orderAnswer{
		ID:             id,
		ExternalID:     r.ExternalID.Trim(),
		BillingAccount: answerRef{r.BillingAccount.ID.Trim(), r.BillingAccount.Name},
		Channel:        []answerRef{{r.Channel[0].ID.Trim(), r.Channel[0].Name}},
		Note:           append([]Note{}, r.Note...),
		Quote:          []answerRef{},
		Contacts:       []answerContact{},
		Items: []answerItem{{
			ID: string(item.ID), Quantity: 1, Action: item.Action, Type: "ProductOrderItem",
			Product: answerProduct{
				ID:              item.Product.ID.Trim(),
				Characteristics: []answerCharacteristic{},
				Specification:   answerRef{item.Product.Specification.ID.Trim(), item.Product.Specification.Name},
			},
			Offering: answerRef{item.Offering.ID.Trim(), item.Offering.Name},
		}},
	}
	for _, c := range item.Product.Characteristics {
		a.Items[0].Product.Characteristics = append(a.Items[0].Product.Characteristics,
			answerCharacteristic{c.Name, nameOr(c.ValueType, "String"), string(c.Value)})
	}
	for _, q := range r.Quote {
		a.Quote = append(a.Quote, answerRef{q.ID.Trim(), string(q.Name)})
	}
	for _, c := range r.Contacts {
		a.Contacts = append(a.Contacts, answerContact{string(c.Number), c.EmailAddress, c.Role, c.Organization, c.Name, string(c.NumberExtension)})
	}
	return a
}

func nameOr(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
