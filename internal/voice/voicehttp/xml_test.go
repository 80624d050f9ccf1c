package voicehttp_test

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"demarc/api"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"

	"github.com/getkin/kin-openapi/openapi3"
)

// schema writes the published schema to a file, and answers what says whether a document
// keeps to it.
func schema(t *testing.T) func(document string) error {
	t.Helper()
	path, err := exec.LookPath("xmllint")
	if err != nil {
		t.Fatalf("%v: install libxml2-utils (make need-xmllint)", err)
	}
	file := filepath.Join(t.TempDir(), api.Schemas()[0].File)
	if err := os.WriteFile(file, api.Schemas()[0].Text, 0o600); err != nil {
		t.Fatal(err)
	}
	return func(document string) error {
		lint := exec.CommandContext(t.Context(), path, "--nonet", "--noout", "--schema", file, "-")
		lint.Stdin = strings.NewReader(document)
		said, err := lint.CombinedOutput()
		if err != nil {
			t.Logf("%v: %s", err, said)
		}
		return err
	}
}

// What is pushed, what a new address is sent, and what GET /notifications answers in XML
// keep to the schema that receivers are given; what is nearly like it does not.
func TestWhatIsToldInXMLKeepsToTheSchema(t *testing.T) {
	valid := schema(t)
	e := serve(t, "")
	e.Supply("DENVER", 4)
	id := e.order(t, body{"productID": 2036, "rateCenterOrders": lines(line("DENVER", 9), line("NO & <WHERE>", 1), line("BOULDER", 2))})
	e.pass(2 * time.Second)
	var orderLevel, partLevel string
	for _, told := range e.Notifications(id) {
		document := told.Notification("Müller & <Sons> \"Ltd.\"").XML()
		if err := valid(document); err != nil {
			t.Errorf("%d is not valid: %v\n%s", told.Code, err, document)
		}
		if told.Part == "" {
			orderLevel = document
		} else {
			partLevel = document
		}
	}
	if n := len(e.Notifications(id)); n < 4 || !strings.Contains(partLevel, "<rateCenterOrderStatus>") || strings.Contains(orderLevel, "<rateCenterOrderStatus>") {
		t.Fatalf("%d notifications; of the order %s\nof a part %s", n, orderLevel, partLevel)
	}
	t.Run("VOICE-NTC-19000 what a new address is sent", func(t *testing.T) {
		for _, customer := range []string{"", voicetest.Customer} {
			document := voice.Push.Setup(customer)
			if err := valid(document); err != nil || !strings.Contains(document, "<customerNumber>"+customer+"</customerNumber>") ||
				!strings.Contains(document, "<notificationCode>19000</notificationCode>") {
				t.Errorf("for %q: %v\n%s", customer, err, document)
			}
		}
	})
	for name, change := range map[string][2]string{
		"another root":        {"PartnerNotification>", "Notification>"},
		"no order":            {"<orderNumber>" + id + "</orderNumber>", ""},
		"an empty order":      {id, ""},
		"another order":       {"<customerNumber>1-ABCDE</customerNumber><customerName>", "<customerName>"},
		"a code of two":       {"<notificationCode>901<", "<notificationCode>90<"},
		"a code of seven":     {"<notificationCode>901<", "<notificationCode>9010000<"},
		"a code that is none": {"<notificationCode>901<", "<notificationCode>ok<"},
		"no message":          {"</notificationCode><notificationMessage>", "</notificationCode><message>"},
		"the code last":       {"<voiceOrderStatus><notificationCode>901</notificationCode>", "<voiceOrderStatus>"},
		"one more element":    {"</customerName>", "</customerName><colour>green</colour>"},
		"an attribute":        {"<PartnerNotification>", `<PartnerNotification date="2040-06-01T00:00:00Z">`},
		"a state of three":    {"<state>CO</state>", "<state>COL</state>"},
		"no rate center":      {"<rateCenter>", "<rateCenter/><x>"},
		"half a document":     {"</voiceOrderStatus>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := strings.ReplaceAll(partLevel, change[0], change[1])
			if wrong == partLevel {
				t.Fatalf("there is no %s in %s", change[0], partLevel)
			}
			if valid(wrong) == nil {
				t.Errorf("it is valid: %s", wrong)
			}
		})
	}
	e.xmlPages(t, valid, id)
	e.CheckAll()
}

// The document's examples in XML keep to the schema too.
func TestTheDocumentsXMLKeepsToTheSchema(t *testing.T) {
	t.Parallel()
	valid, found := schema(t), 0
	check := func(content openapi3.Content) {
		if media := content["application/xml"]; media != nil {
			found++
			if err := valid(media.Example.(string)); err != nil {
				t.Errorf("%v: %s", err, media.Example)
			}
		}
	}
	for _, item := range document(t).Paths.Map() {
		for _, op := range item.Operations() {
			for _, answer := range op.Responses.Map() {
				check(answer.Value.Content)
			}
			for _, callback := range op.Callbacks {
				for _, pushed := range callback.Value.Map() {
					check(pushed.Put.RequestBody.Value.Content)
				}
			}
		}
	}
	if found != 2 {
		t.Errorf("found %d examples", found)
	}
}

// xmlPages reads pages of notifications as XML.
func (e *edge) xmlPages(t *testing.T, valid func(string) error, id string) {
	read := func(query string) (page struct {
		XMLName    xml.Name
		TotalCount int `xml:"totalCount,attr"`
		PageSize   int `xml:"pageSize,attr"`
		Told       []struct {
			Date  time.Time `xml:"date,attr"`
			Order string    `xml:"orderNumber"`
			Code  int       `xml:"voiceOrderStatus>notificationCode"`
			Part  string    `xml:"rateCenterOrderStatus>rateCenter"`
		} `xml:"PartnerNotification"`
	}) {
		t.Helper()
		got := e.good(t, "getVoiceNotifications", ask{query: query}.with("Accept", "application/xml"), 200, nil)
		if err := valid(got.body); err != nil {
			t.Errorf("%s: %v\n%s", query, err, got.body)
		}
		if err := xml.Unmarshal([]byte(got.body), &page); err != nil || page.XMLName.Local != "PartnerNotifications" {
			t.Fatalf("%v: %s", err, got.body)
		}
		return page
	}
	all := read("?voiceOrderId=" + id)
	if n := len(e.Notifications(id)); all.TotalCount != n || len(all.Told) != n || all.PageSize != 100 {
		t.Fatalf("got %+v of %d", all, n)
	}
	if oldest := all.Told[len(all.Told)-1]; oldest.Code != 901 || oldest.Part != "" || oldest.Date.Format(time.RFC3339) != "2040-06-01T00:00:00Z" {
		t.Errorf("the oldest is %+v", oldest)
	}
	if latest := read("?latest=true"); len(latest.Told) != 1 || latest.Told[0] != all.Told[0] || latest.PageSize != 1 {
		t.Errorf("the latest is %+v, and %+v on the page", latest, all.Told[0])
	}
	if none := read("?from=2041-01-01"); none.TotalCount != 0 || len(none.Told) != 0 {
		t.Errorf("got %+v", none)
	}
	e.refused(t, "getVoiceNotifications", ask{query: "?voiceOrderId=V999999999"}.with("Accept", "application/xml"), 400, "20060 voiceOrderId")
}
