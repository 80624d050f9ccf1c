package e2e

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// What the Voice API says is coded: its errors, and what it tells partners. A row of its
// tables is met when its code came over the wire together with its text: an error's in
// an answer below /Voice/ with the row's status, a notification's in a push, or where it
// is read, as JSON or as XML.

// status is what a notification says of an order, or of one of its rate centers.
type status struct {
	Code    json.Number `json:"notificationCode" xml:"notificationCode"`
	Message string      `json:"notificationMessage" xml:"notificationMessage"`
}

// partner is what is looked at in a notification, in either form.
type partner struct {
	Order status `json:"voiceOrderStatus" xml:"voiceOrderStatus"`
	Part  struct {
		status
		RateCenter string `json:"rateCenter" xml:"rateCenter"`
	} `json:"rateCenterOrderStatus" xml:"rateCenterOrderStatus"`
}

// voiceError and voiceNotice are rows of the two tables.
func voiceError(status, code string) met { return met{"voice", "error", status + " " + code} }
func voiceNotice(code string) met        { return met{"voice", "notification", code} }

// voiceTables are how their rows are named.
var voiceTables = map[string]func(row map[string]string) met{
	"voice_errors.csv":        func(row map[string]string) met { return voiceError(row["http_status"], row["code"]) },
	"voice_notifications.csv": func(row map[string]string) met { return voiceNotice(row["code"]) },
}

// voicePlaces are what stands in texts for something else, and what that is.
var voicePlaces = strings.NewReplacer(regexp.QuoteMeta("{ORDER_TN_QTY}"), "[0-9]+", regexp.QuoteMeta("<telephone Number>"), "[0-9]+")

// voiceTexts are the texts of all rows.
var voiceTexts = sync.OnceValues(func() (map[met]*regexp.Regexp, error) {
	texts := map[met]*regexp.Regexp{}
	for table, named := range voiceTables {
		rows, err := readTable(filepath.Join(tables, table))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
		for _, row := range rows {
			text, err := regexp.Compile("^" + voicePlaces.Replace(regexp.QuoteMeta(row["message"])) + "$")
			if err != nil {
				return nil, fmt.Errorf("%s: %w", table, err)
			}
			texts[named(row)] = text
		}
	}
	return texts, nil
})

// said counts a row when its text is what was said.
func (c *coverage) said(row met, text string) {
	texts, err := voiceTexts()
	if err != nil {
		panic(err) // TestCoverageKnowsWhatIsDocumented says so in peace
	}
	if want := texts[row]; want == nil || !want.MatchString(text) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rows == nil {
		c.rows = map[met]bool{}
	}
	c.rows[row] = true
}

// told counts what a notification says.
func (c *coverage) told(n partner) {
	c.said(voiceNotice(n.Order.Code.String()), n.Order.Message)
	c.said(voiceNotice(n.Part.Code.String()), n.Part.Message)
}

// pushed counts what a notification says that was pushed.
func (c *coverage) pushed(document []byte) {
	var n partner
	if xml.Unmarshal(document, &n) == nil {
		c.told(n)
	}
}

// countVoice counts what an answer says in the codes of Voice. op is the operation that
// it is of, "" when there is none.
func (c *coverage) countVoice(op, path string, res *http.Response, body []byte) {
	switch {
	case strings.HasPrefix(path, "/Voice/") && res.StatusCode >= http.StatusBadRequest:
		type coded struct{ Code, Message string }
		var answer struct {
			coded
			Errors []coded
		}
		if json.Unmarshal(body, &answer) != nil {
			return
		}
		for _, e := range append(answer.Errors, answer.coded) {
			c.said(voiceError(strconv.Itoa(res.StatusCode), e.Code), e.Message)
		}
	case res.StatusCode != http.StatusOK:
	case op == "getVoiceNotifications":
		var page struct {
			List []partner `json:"notifications" xml:"PartnerNotification"`
		}
		read := json.Unmarshal
		if isXML(res.Header) {
			read = xml.Unmarshal
		}
		if read(body, &page) == nil {
			for _, n := range page.List {
				c.told(n)
			}
		}
	case op == "listNotifications":
		var page struct {
			Notifications []struct {
				Type string
				Data json.RawMessage
			}
		}
		_ = json.Unmarshal(body, &page) // the contract has seen that it is a page
		for _, told := range page.Notifications {
			var n partner
			if strings.HasPrefix(told.Type, "voice.") && json.Unmarshal(told.Data, &n) == nil {
				c.told(n)
			}
		}
	}
}

// A code is met with its status and its text, wherever it is said, and not otherwise.
func TestCoverageCountsWhatVoiceSays(t *testing.T) {
	t.Parallel()
	const (
		read, pulled, reserve = "/Voice/v1/notifications", "/notifications", "/Voice/v1/Numbers/orderInventory"
		done                  = "Voice order is complete. Please refer to Voice Order ID for reference number."
		begun                 = "Order successfully submitted. Please refer to Voice Order ID for reference number."
		offer                 = `Requested amount exceeds the %s telephone numbers available. Please select one of the following actions to proceed: ` +
			`\"Reject\" - do not reserve any telephone numbers at this time. \"Accept with backorder\" - Reserve the available telephone numbers and place the ` +
			`remaining balance on backorder. \"Accept available only\" - Only reserve the telephone number quantity available, and do not create a backorder.`
	)
	asJSON := func(code, text string) string {
		return `{"voiceOrderStatus":{"notificationCode":901,"notificationMessage":"` + begun + `"},` +
			`"rateCenterOrderStatus":{"rateCenter":"DENVER","notificationCode":` + code + `,"notificationMessage":"` + text + `"}}`
	}
	asXML := func(text string) string {
		return `<PartnerNotification><voiceOrderStatus><notificationCode>10002</notificationCode><notificationMessage>` + text + `</notificationMessage></voiceOrderStatus></PartnerNotification>`
	}
	for _, c := range []struct {
		is, path, media, body string
		status                int
		want                  []string
	}{
		{"errors", reserve, "application/json", `{"code":"20000","message":"Invalid or missing product ID. Please check your product ID and try again.","errors":[` +
			`{"code":"20000","message":"Invalid or missing product ID. Please check your product ID and try again."},{"code":"20085","message":"Rate Center cannot be NULL."}]}`,
			400, []string{"voice error 400 20000", "voice error 400 20085"}},
		{"another status", reserve, "application/json", `{"code":"20085","message":"Rate Center cannot be NULL."}`, 409, nil},
		{"another text", reserve, "application/json", `{"code":"20085","message":"Rate Center cannot be null."}`, 400, nil},
		{"another API's", "/Product/v1/pxConfigure", "application/json", `{"code":"20085","message":"Rate Center cannot be NULL."}`, 400, nil},
		{"no such path", "/Voice/v1/nowhere", "application/json", `{"code":"404001","message":"Requested resource not found"}`, 404, []string{"voice error 404 404001"}},
		{"read as JSON", read, "application/json", `{"notifications":[` + asJSON("10002", done) + `]}`, 200, []string{"voice notification 10002", "voice notification 901"}},
		{"read as XML", read, "application/xml", `<PartnerNotifications>` + asXML(done) + `</PartnerNotifications>`, 200, []string{"voice notification 10002"}},
		{"with another text", read, "application/xml", `<PartnerNotifications>` + asXML(begun) + `</PartnerNotifications>`, 200, nil},
		{"pulled", pulled, "application/json", `{"notifications":[{"type":"voice.notification.10001","data":` + asJSON("10001", fmt.Sprintf(offer, "30")) + `}]}`, 200,
			[]string{"voice notification 10001", "voice notification 901"}},
		{"with an empty place", pulled, "application/json", `{"notifications":[{"type":"voice.notification.10001","data":` + asJSON("10001", fmt.Sprintf(offer, "{ORDER_TN_QTY}")) + `}]}`, 200,
			[]string{"voice notification 901"}},
		{"another product's", pulled, "application/json", `{"notifications":[{"type":"care.told","data":` + asJSON("10002", done) + `}]}`, 200, nil},
	} {
		t.Run(c.is, func(t *testing.T) {
			t.Parallel()
			var got coverage
			client := &http.Client{Transport: recorder{into: &got, base: answering(func(*http.Request) *http.Response {
				return &http.Response{StatusCode: c.status, Header: http.Header{"Content-Type": {c.media}}, Body: io.NopCloser(strings.NewReader(c.body))}
			})}}
			method := http.MethodGet
			if c.path == reserve {
				method = http.MethodPost
			}
			req, err := http.NewRequestWithContext(t.Context(), method, "http://demarc.example"+c.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.ReadAll(res.Body)
			if err := errors.Join(err, res.Body.Close()); err != nil {
				t.Fatal(err)
			}
			var list []string
			for _, m := range got.list() {
				if m.api == "error" || m.api == "notification" {
					list = append(list, m.String())
				}
			}
			if !slices.Equal(list, c.want) {
				t.Errorf("it counts %q, want %q", list, c.want)
			}
		})
	}
}
