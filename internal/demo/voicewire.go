package demo

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What the Voice journey sends and is answered, as far as it looks.

// voiceStamp is the form of moments in requests.
const voiceStamp = "2006-01-02T15:04:05Z"

// voiceOrder is an order as its status shows it.
type voiceOrder struct {
	ID      string      `json:"voiceOrderId"`
	Status  string      `json:"orderStatus"`
	Detail  string      `json:"orderStatusDetail"`
	FOC     time.Time   `json:"focDate"`
	Carrier string      `json:"losingCarrier"`
	Why     string      `json:"rejectionReason"`
	Parts   []voicePart `json:"rateCenterOrders"`
}

type voicePart struct {
	ID       string `json:"transactionOrderId"`
	Kind     string `json:"kind"`
	Parent   string `json:"parentTransactionOrderId"`
	Center   string `json:"rateCenter"`
	Quantity int    `json:"quantity"`
	Brought  int    `json:"reservedQuantity"`
	Offered  int    `json:"offeredQuantity"`
	Status   string `json:"status"`
	Approve  string `json:"approveBy"`
	Until    string `json:"backorderUntil"`
}

func (o voiceOrder) String() string {
	texts := []string{"order " + o.Status}
	if o.Detail != o.Status {
		texts[0] += " (" + o.Detail + ")"
	}
	for _, p := range o.Parts {
		if p.Kind != "" {
			texts = append(texts, p.Kind+": "+p.Status)
		} else {
			texts = append(texts, fmt.Sprintf("%s: %s, %d of %d", p.Center, p.Status, p.Brought, p.Quantity))
		}
	}
	return strings.Join(texts, "; ")
}

// pooled is a range of numbers in the customer's pool.
type pooled struct {
	Start    int64  `json:"startTN"`
	End      int64  `json:"endTN"`
	NPA      string `json:"npa"`
	NXX      string `json:"nxx"`
	Line     string `json:"line"`
	EndLine  string `json:"endLine"`
	Quantity int    `json:"quantity"`
	Center   string `json:"rateCenter"`
}

func (p pooled) String() string {
	return fmt.Sprintf("%s-%s-%s to %s, %d of %s", p.NPA, p.NXX, p.Line, p.EndLine, p.Quantity, p.Center)
}

// inService is a number in service.
type inService struct {
	TN         int64  `json:"telephoneNumber"`
	Route      string `json:"customerServiceName"`
	Ported     bool   `json:"ported"`
	Subscriber struct {
		First    string `json:"firstName"`
		Last     string `json:"lastName"`
		Business string `json:"businessName"`
	} `json:"subscriber"`
}

func (n inService) String() string {
	who := n.Subscriber.Business
	if who == "" {
		who = n.Subscriber.First + " " + n.Subscriber.Last
	}
	text := fmt.Sprintf("%d  %-20s %s", n.TN, who, n.Route)
	if n.Ported {
		text += ", ported in"
	}
	return text
}

// resident is a subscriber line of a person in Denver.
func resident(first string, numbers []any) map[string]any {
	return map[string]any{"customerType": "R", "firstName": first, "lastName": "Example", "tnList": numbers, "serviceAddress": map[string]string{
		"streetNumber": "100", "streetName": "Main", "streetSuffix": "Street", "city": "Denver", "state": "CO", "zip": "80202"}}
}

// lineOrder puts a line's numbers in service, or ports them.
func lineOrder(kind, external string, line map[string]any) map[string]any {
	return map[string]any{"productID": voiceProduct, "orderType": kind, "externalOrderId": external, "customerServiceName": voiceRoute,
		"subscriberLines": []any{line}}
}

// portOrder asks another carrier for some numbers of Denver that are its own.
func portOrder(external, first, from, to string, signed time.Time) map[string]any {
	body := lineOrder("LNP", external, resident(first, span(from, to)))
	body["lnp"] = map[string]string{"loaName": first + " Example", "loaReceived": "Y", "loaDateTime": signed.UTC().Format(voiceStamp),
		"workingTelephoneNumber": "1" + from, "losingCarrierAccountNumber": "ACC-1234", "losingCarrierWireless": "N"}
	return body
}

// span is a list of numbers in a row, of ten digits each.
func span(from, to string) []any {
	return []any{map[string]string{"npa": from[:3], "nxx": from[3:6], "line": from[6:], "endLine": to[6:]}}
}

// partnerNotification is what partners are told.
type partnerNotification struct {
	XMLName  xml.Name `xml:"PartnerNotification" json:"-"`
	Order    string   `xml:"orderNumber" json:"orderNumber"`
	Customer string   `xml:"customerNumber" json:"customerNumber"`
	Status   tidings  `xml:"voiceOrderStatus" json:"voiceOrderStatus"`
	Part     *struct {
		Center string `xml:"rateCenter" json:"rateCenter"`
		State  string `xml:"state" json:"state"`
		tidings
	} `xml:"rateCenterOrderStatus" json:"rateCenterOrderStatus"`
	FOC    string `xml:"focDate" json:"focDate"`
	Reason string `xml:"reason" json:"reason"`
}

type tidings struct {
	Code    int    `xml:"notificationCode" json:"notificationCode"`
	Message string `xml:"notificationMessage" json:"notificationMessage"`
}

// news is what a notification tells: of a part, if it is about one.
func (n partnerNotification) news() tidings {
	if n.Part != nil {
		return n.Part.tidings
	}
	return n.Status
}

// String is the notification in one line.
func (n partnerNotification) String() string {
	about, first := "the order", n.news().Message
	if n.Part != nil {
		about = n.Part.Center + ", " + n.Part.State
	}
	if at := strings.Index(first, ". "); at > 0 {
		first = first[:at+1]
	}
	text := fmt.Sprintf("%-6d %-12s %s", n.news().Code, about, first)
	if n.FOC != "" {
		text += " " + n.FOC
	}
	if n.Reason != "" {
		text += " Because of " + n.Reason + "."
	}
	return text
}

// voiceType is the type of a notification with a code.
func voiceType(code int) string { return "voice.notification." + strconv.Itoa(code) }

// readPartner reads a notification, as XML or as JSON.
func readPartner(data []byte) (n partnerNotification, err error) {
	if bytes.HasPrefix(data, []byte("<")) {
		return n, xml.Unmarshal(data, &n)
	}
	return n, json.Unmarshal(data, &n)
}

// partners reads what a partner's URL is sent: PartnerNotification in XML, put there with
// the name and the password that the partner gave.
func partners(user, password string) func(*http.Request, []byte) (Notification, error) {
	return func(req *http.Request, body []byte) (Notification, error) {
		name, word, _ := req.BasicAuth()
		media, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
		switch {
		case name != user || word != password:
			return Notification{}, errors.New("it comes without the name and the password")
		case err != nil || req.Method != http.MethodPut || media != "application/xml":
			return Notification{}, fmt.Errorf("it is a %s of %q", req.Method, req.Header.Get("Content-Type"))
		}
		n, err := readPartner(body)
		return Notification{Type: voiceType(n.news().Code), Subject: "order/" + n.Order, Data: body}, err
	}
}

// indented is a document with a line for each element.
func indented(document []byte) (string, error) {
	var out strings.Builder
	to, from := xml.NewEncoder(&out), xml.NewDecoder(bytes.NewReader(document))
	to.Indent("", "  ")
	for {
		token, err := from.Token()
		if errors.Is(err, io.EOF) {
			err = to.Close()
			return strings.TrimSpace(out.String()), err
		}
		if _, head := token.(xml.ProcInst); head {
			continue
		}
		if err = errors.Join(err, to.EncodeToken(xml.CopyToken(token))); err != nil {
			return "", err
		}
	}
}
