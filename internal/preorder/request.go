package preorder

import (
	"encoding/json"
	"regexp"
	"strings"

	"demarc/internal/lenient"
)

// Text is a field that clients send as a text or as a number.
type Text = lenient.Text

// AddressRequest is an address as a partner writes it.
type AddressRequest struct {
	StreetNumber  Text `json:"streetNumber"`
	StreetName    Text `json:"streetName"`
	StreetAddress Text `json:"streetAddress"`
	Unit          Text `json:"unit"`
	City          Text `json:"city"`
	State         Text `json:"state"`
	ZIP           Text `json:"zip"`
}

// word is one of the grammar of package magic, in brackets.
var word = regexp.MustCompile(`(?i)\[demarc:[^\]]*\]`)

// hint takes the words of a sandbox's caller out of an address, of which they are no
// part, and answers both.
func (r *AddressRequest) hint() (string, *AddressRequest) {
	clean, hint := *r, ""
	for _, t := range []*Text{&clean.StreetNumber, &clean.StreetName, &clean.StreetAddress, &clean.Unit} {
		hint += strings.Join(word.FindAllString(string(*t), -1), "")
		*t = Text(word.ReplaceAllString(string(*t), " "))
	}
	return hint, &clean
}

// QualifyRequest is the body of POST /Product/v1/pxQualify.
type QualifyRequest struct {
	SalesCode      Text            `json:"salesCode"`
	AgentID        Text            `json:"agentId"`
	PartnerID      Text            `json:"partnerId"`
	PartnerOrderID Text            `json:"partnerOrderId"`
	MarketSegment  Text            `json:"marketSegment"`
	QualForVideo   json.RawMessage `json:"qualForVideo"`
	TransactionID  Text            `json:"transactionId"`
	Address        *AddressRequest `json:"address"`
	DetailID       Text            `json:"addressDetailId"`
}

// CustomerRequest is the customer of a Config.
type CustomerRequest struct {
	First Text `json:"accountFirstName"`
	Last  Text `json:"accountLastName"`
	SSN   Text `json:"ssn"`
	DOB   Text `json:"dob"`
}

// ConfigureRequest is the body of POST /Product/v1/pxConfigure.
type ConfigureRequest struct {
	TransactionID  Text             `json:"transactionId"`
	SalesCode      Text             `json:"salesCode"`
	PartnerID      Text             `json:"partnerId"`
	PartnerOrderID Text             `json:"partnerOrderId"`
	ConfigType     Text             `json:"configType"`
	DetailID       Text             `json:"addressDetailId"`
	ProductCode    Text             `json:"productCode"`
	BillType       Text             `json:"billType"`
	PromoCode      Text             `json:"promoCode"`
	Install        *Text            `json:"interestedInSelfInstallOrTechInstall"`
	ModemOption    Text             `json:"modemOption"`
	AddOns         []Text           `json:"addOns"`
	Customer       *CustomerRequest `json:"customer"`
}

// CompleteRequest is the body of POST /Product/v1/pxCompleteOrder (ours).
type CompleteRequest struct {
	TransactionID  Text `json:"transactionId"`
	SalesCode      Text `json:"salesCode"`
	PartnerID      Text `json:"partnerId"`
	PartnerOrderID Text `json:"partnerOrderId"`
}
