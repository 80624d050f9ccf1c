package e2e

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// What partners of the Voice API get is XML. Scenarios look into it as into JSON.

// isXML reports whether a body is XML.
func isXML(header http.Header) bool {
	media, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	return media == "application/xml"
}

// element is one element of a document.
type element struct {
	name     string
	text     string
	attrs    []xml.Attr
	elements []*element
}

// parseXML reads a document that has no more than one element at its top.
func parseXML(text []byte) (*element, error) {
	dec := xml.NewDecoder(bytes.NewReader(text))
	top := &element{}
	open := []*element{top}
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		at := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attrs: token.Attr}
			at.elements = append(at.elements, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			at.text += string(token)
		}
	}
	if len(top.elements) != 1 || strings.TrimSpace(top.text) != "" {
		return nil, fmt.Errorf("%s is no XML document", short(string(text)))
	}
	return top.elements[0], nil
}

// value is the element as JSON would have it: its text, or an object of its attributes
// and of what stands in it. Where several may stand, in an element that is called as
// they are with an s at the end, they are an array.
func (e *element) value() any {
	if len(e.elements)+len(e.attrs) == 0 {
		return e.text
	}
	v := map[string]any{}
	for _, a := range e.attrs {
		v[a.Name.Local] = a.Value
	}
	for _, in := range e.elements {
		if in.name+"s" == e.name {
			list, _ := v[in.name].([]any)
			v[in.name] = append(list, in.value())
		} else {
			v[in.name] = in.value()
		}
	}
	return v
}

// leaves are the paths of all texts of the element, in their order.
func (e *element) leaves(at string) (list []string) {
	for _, in := range e.elements {
		if len(in.elements) > 0 {
			list = append(list, in.leaves(at+in.name+"/")...)
		} else {
			list = append(list, at+in.name)
		}
	}
	return list
}

// document is a body as a value: of JSON, or of XML where it says that it is.
func document(header http.Header, body []byte) (any, error) {
	if !isXML(header) {
		return parseJSON(body)
	}
	e, err := parseXML(body)
	if err != nil {
		return nil, err
	}
	return e.value(), nil
}

// partnerNotification is which texts a pushed notification has, in this order.
var partnerNotification = regexp.MustCompile(`^orderNumber customerNumber customerName` +
	` voiceOrderStatus/notificationCode voiceOrderStatus/notificationMessage` +
	`( rateCenterOrderStatus/rateCenter rateCenterOrderStatus/state` +
	` rateCenterOrderStatus/notificationCode rateCenterOrderStatus/notificationMessage)?( focDate)?( reason)?$`)

// partnerBody reads a pushed notification: its type is "voice 10002", or "voice 10002
// DENVER" when it is about one rate center, and its body the same as JSON.
func partnerBody(method string, body []byte) (typed string, asJSON json.RawMessage, err error) {
	e, err := parseXML(body)
	if err != nil {
		return "", nil, err
	}
	var n partner
	if err := xml.Unmarshal(body, &n); err != nil {
		return "", nil, err
	}
	typed = "voice " + n.Order.Code.String()
	if n.Part.Code != "" {
		typed = "voice " + n.Part.Code.String() + " " + n.Part.RateCenter
	}
	if asJSON, err = json.Marshal(e.value()); err != nil {
		return "", nil, err
	}
	switch texts := strings.Join(e.leaves(""), " "); {
	case method != http.MethodPut:
		err = fmt.Errorf("it came with %s", method)
	case e.name != "PartnerNotification" || !partnerNotification.MatchString(texts):
		err = fmt.Errorf("%s with %s is no PartnerNotification", e.name, texts)
	}
	return typed, asJSON, err
}

// A document is looked into as JSON is, and a push that is not as the source has it is
// told apart.
func TestLanguageReadsXML(t *testing.T) {
	t.Parallel()
	const good = `<?xml version="1.0"?><PartnerNotification><orderNumber>V1</orderNumber><customerNumber>1-A</customerNumber>` +
		`<customerName>A &amp; B</customerName><voiceOrderStatus><notificationCode>901</notificationCode><notificationMessage>m</notificationMessage></voiceOrderStatus>` +
		`<rateCenterOrderStatus><rateCenter>DENVER</rateCenter><state>CO</state><notificationCode>10002</notificationCode><notificationMessage>n</notificationMessage></rateCenterOrderStatus></PartnerNotification>`
	page, err := document(http.Header{"Content-Type": {"application/xml"}}, []byte(`<PartnerNotifications totalCount="1">`+strings.TrimPrefix(good, `<?xml version="1.0"?>`)+`</PartnerNotifications>`))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"totalCount == 1", "PartnerNotification has 1", "PartnerNotification[0].customerName == A & B",
		"PartnerNotification[0].rateCenterOrderStatus.notificationCode == 10002", "PartnerNotification[0].date gone",
	} {
		if err := verify(line, func(path string) (any, bool, error) { return find(page, path) }); err != nil {
			t.Errorf("%q does not hold: %v", line, err)
		}
	}
	if typed, _, err := partnerBody(http.MethodPut, []byte(good)); err != nil || typed != "voice 10002 DENVER" {
		t.Errorf("%q, %v", typed, err)
	}
	for _, change := range [][2]string{
		{"<rateCenterOrderStatus>", "<rateCenterStatus>"}, {"<customerName>A &amp; B</customerName>", ""}, {"</PartnerNotification>", "<more/></PartnerNotification>"},
		{"</PartnerNotification>", ""}, {"PartnerNotification>", "Notification>"}, {"<state>CO</state>", ""},
	} {
		if typed, _, err := partnerBody(http.MethodPut, []byte(strings.ReplaceAll(good, change[0], change[1]))); err == nil {
			t.Errorf("with %q for %q it is a %s", change[1], change[0], typed)
		}
	}
	if _, _, err := partnerBody(http.MethodPost, []byte(good)); err == nil {
		t.Error("it may be posted")
	}
}
