package demo

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"demarc/internal/clock"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const aboutAPart = `<?xml version="1.0" encoding="UTF-8"?>
<PartnerNotification><orderNumber>V7</orderNumber><customerNumber>1-ABCDE</customerNumber><customerName>Example</customerName><voiceOrderStatus>` +
	`<notificationCode>901</notificationCode><notificationMessage>Accepted. Wait.</notificationMessage></voiceOrderStatus><rateCenterOrderStatus>` +
	`<rateCenter>DENVER</rateCenter><state>CO</state><notificationCode>10002</notificationCode><notificationMessage>Complete. Really.</notificationMessage>` +
	`</rateCenterOrderStatus></PartnerNotification>`

func TestThePartnersReceiverTakesWhatIsSignedProvenAndXML(t *testing.T) {
	t.Parallel()
	const secret, password = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "the-password"
	for _, c := range []struct {
		name                             string
		method, media, password, wrapper string
		status                           int
	}{
		{"as it should be", "PUT", "application/xml", password, "", http.StatusNoContent},
		{"another password", "PUT", "application/xml", "guessed", "", http.StatusForbidden},
		{"a POST", "POST", "application/xml", password, "", http.StatusForbidden},
		{"JSON", "PUT", "application/json", password, "", http.StatusForbidden},
		{"no document", "PUT", "application/xml", password, "<", http.StatusForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := openReceiver(t.Context(), "/voice/notifications", partners("demo", password))
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := r.close(); err != nil {
					t.Error(err)
				}
			}()
			if err := r.expect(secret); err != nil {
				t.Fatal(err)
			}
			body, at := c.wrapper+aboutAPart, clock.Machine()
			w, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			signature, err := w.Sign("msg_1", at, []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequestWithContext(t.Context(), c.method, r.url, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth("demo", c.password)
			for name, value := range map[string]string{"Content-Type": c.media, "webhook-id": "msg_1", "webhook-timestamp": strconv.FormatInt(at.Unix(), 10),
				"webhook-signature": signature} {
				req.Header.Set(name, value)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if _ = res.Body.Close(); res.StatusCode != c.status {
				t.Errorf("it answers %d", res.StatusCode)
			}
			list, _, err := r.about("order/V7")
			if good := c.status == http.StatusNoContent; (err == nil) != good || (len(list) == 1) != good || good && list[0].Type != "voice.notification.10002" {
				t.Errorf("it holds %v, %v", list, err)
			}
		})
	}
}

func TestANotificationIsShownInOneLineAndInMany(t *testing.T) {
	t.Parallel()
	n, err := readPartner([]byte(aboutAPart))
	if want := "10002  DENVER, CO   Complete."; err != nil || n.String() != want {
		t.Errorf("%v: %q", err, n)
	}
	n, err = readPartner([]byte(`{"orderNumber":"V8","voiceOrderStatus":{"notificationCode":904,"notificationMessage":"Updated."},"reason":"name mismatch"}`))
	if want := "904    the order    Updated. Because of name mismatch."; err != nil || n.Order != "V8" || n.String() != want {
		t.Errorf("%v: %q", err, n)
	}
	lines, err := indented([]byte(aboutAPart))
	if err != nil || !strings.Contains(lines, "  <rateCenterOrderStatus>\n    <rateCenter>DENVER</rateCenter>\n") {
		t.Errorf("%v:\n%s", err, lines)
	}
	if _, err := indented([]byte("<a><b></a>")); err == nil {
		t.Error("a broken document is shown")
	}
}
