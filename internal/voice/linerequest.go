package voice

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"demarc/internal/fault"
	"demarc/internal/lenient"
	"demarc/internal/nanp"
)

// OrderRequest puts numbers in service: from the customer's pool, or from another
// carrier (source, POST /Numbers/order).
type OrderRequest struct {
	ProductID       lenient.Text       `json:"productID"`
	OrderType       lenient.Text       `json:"orderType"`
	ExternalID      lenient.Text       `json:"externalOrderId"`
	RouteName       lenient.Text       `json:"customerServiceName"`
	RequestDate     lenient.Text       `json:"customerRequestDate"`
	SubscriberLines *[]json.RawMessage `json:"subscriberLines"`
	LNP             *LNPRequest        `json:"lnp"`
}

// LNPRequest is what a port needs.
type LNPRequest struct {
	LOAName     lenient.Text `json:"loaName"`
	LOAReceived lenient.Text `json:"loaReceived"`
	LOADateTime lenient.Text `json:"loaDateTime"`
	WTN         lenient.Text `json:"workingTelephoneNumber"`
	Account     lenient.Text `json:"losingCarrierAccountNumber"`
	PIN         lenient.Text `json:"losingCarrierPin"`
	Wireless    lenient.Text `json:"losingCarrierWireless"`
}

// LineOrder is one subscriber's numbers.
type LineOrder struct {
	CustomerType lenient.Text    `json:"customerType"`
	First        lenient.Text    `json:"firstName"`
	Last         lenient.Text    `json:"lastName"`
	Middle       lenient.Text    `json:"middleInitial"`
	Business     lenient.Text    `json:"businessName"`
	Address      *AddressRequest `json:"serviceAddress"`
	E911         lenient.Text    `json:"e911Option"`
	Listing      *ListingRequest `json:"directoryListing"`
	CNAM         *CNAMRequest    `json:"cnam"`
	TNList       *[]TNRequest    `json:"tnList"`
}

// AddressRequest is a service address.
type AddressRequest struct {
	Number    lenient.Text `json:"streetNumber"`
	Name      lenient.Text `json:"streetName"`
	Suffix    lenient.Text `json:"streetSuffix"`
	Secondary lenient.Text `json:"secondaryLocation"`
	City      lenient.Text `json:"city"`
	State     lenient.Text `json:"state"`
	ZIP       lenient.Text `json:"zip"`
}

// ListingRequest is a directory listing.
type ListingRequest struct {
	Action   lenient.Text `json:"directoryListingAction"`
	Type     lenient.Text `json:"directoryListingType"`
	First    lenient.Text `json:"directoryFirstName"`
	Last     lenient.Text `json:"directoryLastName"`
	Business lenient.Text `json:"directoryBusinessName"`
}

// CNAMRequest is what others are to see of who calls.
type CNAMRequest struct {
	Block lenient.Text `json:"blockCustomerName"`
	Name  lenient.Text `json:"cnamCustomerName"`
}

// ChangeRequest changes numbers in service (source, POST /Numbers/order/change).
type ChangeRequest struct {
	ExternalID      lenient.Text       `json:"externalOrderId"`
	RouteName       lenient.Text       `json:"customerServiceName"`
	RoutePlan       *lenient.Text      `json:"routePlanName"`
	RequestDate     lenient.Text       `json:"customerRequestDate"`
	SubscriberLines *[]json.RawMessage `json:"subscriberLines"`
}

// DisconnectRequest ends numbers' service (source, POST /Numbers/order/disconnect).
type DisconnectRequest struct {
	ExternalID  lenient.Text `json:"externalOrderId"`
	RequestDate lenient.Text `json:"customerRequestDate"`
	TNList      *[]TNRequest `json:"tnList"`
}

// SupplementRequest changes a port that is under way (source, POST
// /Numbers/order/{voiceOrderId}/supplement).
type SupplementRequest struct {
	RequestDate     lenient.Text       `json:"customerRequestDate"`
	SubscriberLines *[]json.RawMessage `json:"subscriberLines"`
	LNP             *LNPRequest        `json:"lnp"`
}

// CancelRequest cancels an order, or a part of it (source, POST /Numbers/order/cancel).
type CancelRequest struct {
	VoiceOrderID lenient.Text `json:"voiceOrderId"`
	Transaction  lenient.Text `json:"transactionOrderId"`
}

// PortNowRequest has a port happen at once (source, POST /Numbers/lnp/portnow).
type PortNowRequest struct {
	VoiceOrderID lenient.Text `json:"voiceOrderId"`
}

// documentOrder are the fields of these requests in the order in which their documents
// have them.
var documentOrder = strings.Fields(`productID orderType externalOrderId customerServiceName routePlanName customerRequestDate subscriberLines
	customerType firstName lastName middleInitial businessName
	serviceAddress streetNumber streetName streetSuffix secondaryLocation city state zip e911Option
	directoryListing directoryListingAction directoryListingType directoryFirstName directoryLastName directoryBusinessName
	cnam blockCustomerName cnamCustomerName tnList
	lnp loaName loaReceived loaDateTime workingTelephoneNumber losingCarrierAccountNumber losingCarrierPin losingCarrierWireless`)

// inOrder puts what is wrong in the order of the document: what is wrong with a field may
// be found long after what is wrong with later ones.
func (b *broken) inOrder() *broken {
	rank := func(v fault.Violation) int {
		name, _, _ := strings.Cut(v.Field[strings.LastIndexByte(v.Field, '.')+1:], "[")
		return slices.Index(documentOrder, name)
	}
	slices.SortStableFunc(b.list, func(v, w fault.Violation) int { return rank(v) - rank(w) })
	if len(b.list) > 0 {
		b.code = Coded(CodeOfRule(b.list[0].Rule))
	}
	return b
}

// join adds what else is wrong.
func (b *broken) join(more broken) {
	if b.code == nil {
		b.code = more.code
	}
	b.list = append(b.list, more.list...)
}

// lineOf reads the one subscriber line of a request; nil when there is none, or not
// one.
//
//   - VOICE-ERR-20029: it is there, and an object.
//   - VOICE-ERR-20030: one at least. VOICE-ERR-20031: one at most.
func lineOf(wrong *broken, lines *[]json.RawMessage) *LineOrder {
	switch {
	case lines == nil:
		wrong.add(e20029, "subscriberLines")
		return nil
	case len(*lines) == 0:
		wrong.add(e20030, "subscriberLines")
		return nil
	case len(*lines) > 1:
		wrong.add(e20031, "subscriberLines")
		return nil
	}
	var l LineOrder
	raw := bytes.TrimSpace((*lines)[0])
	if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &l) != nil {
		wrong.add(e20029, "subscriberLines[0]")
		return nil
	}
	return &l
}

// listed are the numbers of a list, in ranges of one thousands-block each, lowest first
// and none twice.
func listed(wrong *broken, field string, list *[]TNRequest, malformed, empty func(field string), most int) []Range {
	if list == nil || len(*list) == 0 {
		empty(field)
		return nil
	}
	var all []nanp.TN
	for i, t := range *list {
		r, ok := t.Range()
		if !ok {
			malformed(field + "[" + countText(i) + "]")
			continue
		}
		for tn := r.Start; tn <= r.End; tn++ {
			all = append(all, tn)
		}
		if len(all) > PerBlock*10 {
			break
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) > most {
		if most == PerInstall {
			wrong.add(e10007, field)
		} else {
			wrong.say(e400001, field, "must have at most "+countText(most)+" telephone numbers")
		}
		return nil
	}
	return rangesOf(all)
}

// rangesOf puts sorted numbers together in ranges of one thousands-block.
func rangesOf(all []nanp.TN) (list []Range) {
	for _, tn := range all {
		if n := len(list); n > 0 && list[n-1].End+1 == tn && list[n-1].End.Block() == tn.Block() {
			list[n-1].End = tn
			continue
		}
		list = append(list, Range{tn, tn})
	}
	return list
}

// sum is how many numbers ranges have.
func sum(list []Range) (n int) {
	for _, r := range list {
		n += r.Len()
	}
	return n
}
