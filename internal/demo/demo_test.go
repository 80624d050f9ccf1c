package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"demarc/internal/clock"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// answers is a server of canned answers, by method and path.
type answers map[string]string

func (a answers) Call(_ context.Context, c Call, into any) error {
	text, ok := a[c.Method+" "+c.Path]
	if !ok {
		return &Refusal{Status: http.StatusNotFound, Message: "there is nothing"}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

func TestKnownRefusesJourneysThatDoNotExist(t *testing.T) {
	t.Parallel()
	if err := Known([]string{"ondemand", "care", "marketplace", "preorder", "voice"}); err != nil {
		t.Error(err)
	}
	if err := Known([]string{"ondemand", "sailing"}); err == nil || !strings.Contains(err.Error(), `"sailing"`) {
		t.Errorf("an unknown journey: %v", err)
	}
}

func TestPlayStopsAtTheFirstSurpriseAndSaysWhere(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := Play(t.Context(), Options{Out: &out, API: answers{
		"POST /sandbox/v1/clock/freeze": `{"now":"2026-11-21T10:00:00Z"}`,
		"GET /Network/v1/provider":      `{"listPartners":[{"id":"1","name":"Somebody else"}]}`,
	}})
	if err == nil || err.Error() != "ondemand, step 1: the first provider is not 43558" {
		t.Errorf("the surprise is %v", err)
	}
	if text := out.String(); !strings.Contains(text, "notifications are pulled (there is nothing)") || strings.Contains(text, "\x1b") {
		t.Errorf("the demo says:\n%s", text)
	}
}

func TestAdvanceDoesNotBelieveAClockThatStands(t *testing.T) {
	t.Parallel()
	s := &Stage{paper: &paper{w: &bytes.Buffer{}}, Now: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC),
		api: answers{"POST /sandbox/v1/clock/advance": `{"now":"2026-11-21T10:00:00Z"}`}}
	if err := s.Advance(t.Context(), time.Minute); err == nil {
		t.Error("a clock that was moved and stands is believed")
	}
	if err := s.Advance(t.Context(), 0); err != nil {
		t.Error(err)
	}
}

func TestRefusedNeedsTheRefusalThatIsExpected(t *testing.T) {
	t.Parallel()
	s := &Stage{paper: &paper{w: &bytes.Buffer{}}, api: answers{"GET /there": `{}`}}
	if err := s.Refused(t.Context(), http.StatusNotFound, http.MethodGet, "/nowhere", nil); err != nil {
		t.Errorf("the expected refusal: %v", err)
	}
	if err := s.Refused(t.Context(), http.StatusConflict, http.MethodGet, "/nowhere", nil); err == nil {
		t.Error("another refusal passes for the expected one")
	}
	if err := s.Refused(t.Context(), http.StatusNotFound, http.MethodGet, "/there", nil); err == nil {
		t.Error("what is granted passes for refused")
	}
}

func TestReceiverBelievesOnlyWhatIsSigned(t *testing.T) {
	t.Parallel()
	r, err := newReceiver(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	}()
	const secret, other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	if err := r.expect(secret); err != nil {
		t.Fatal(err)
	}
	body := `{"type":"ondemand.order.completed","data":{"orderId":"7"}}`
	post := func(id, with string) int {
		t.Helper()
		w, err := standardwebhooks.NewWebhook(with)
		if err != nil {
			t.Fatal(err)
		}
		at := clock.Machine()
		signature, err := w.Sign(id, at, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("webhook-id", id)
		req.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
		req.Header.Set("webhook-signature", signature)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	// Twice the same is one notification.
	for range 2 {
		if status := post("msg_1", secret); status != http.StatusNoContent {
			t.Errorf("a signed webhook is answered %d", status)
		}
	}
	if list, _, err := r.about("order/7"); err != nil || len(list) != 1 || list[0].Type != "ondemand.order.completed" {
		t.Errorf("it holds %v, %v", list, err)
	}
	// What is about a subscription is kept as that.
	body = `{"type":"subscription.active","data":{"subscriptionId":"SUB-7"}}`
	if status := post("msg_3", secret); status != http.StatusNoContent {
		t.Errorf("a signed webhook is answered %d", status)
	}
	if list, _, err := r.about("subscription/SUB-7"); err != nil || len(list) != 1 {
		t.Errorf("it holds %v, %v", list, err)
	}
	// Some orders have a number.
	body = `{"type":"preorder.order.received","data":{"orderNumber":"N7"}}`
	if status := post("msg_4", secret); status != http.StatusNoContent {
		t.Errorf("a signed webhook is answered %d", status)
	}
	if list, _, err := r.about("order/N7"); err != nil || len(list) != 1 {
		t.Errorf("it holds %v, %v", list, err)
	}
	if status := post("msg_2", other); status != http.StatusForbidden {
		t.Errorf("a forged webhook is answered %d", status)
	}
	if _, _, err := r.about("order/7"); err == nil {
		t.Error("a forged webhook is no surprise")
	}
}

func TestPaperChangesLinesOnTerminalsOnly(t *testing.T) {
	t.Parallel()
	write := func(fancy bool) string {
		var out bytes.Buffer
		p := &paper{w: &out, fancy: fancy}
		p.step(1, "Begin")
		p.change("soon")
		p.say("now")
		return out.String()
	}
	if got := write(false); got != "\n 1  Begin\n    now\n" {
		t.Errorf("plain: %q", got)
	}
	if got := write(true); !strings.Contains(got, "soon") || !strings.Contains(got, "\r\x1b[K    now\n") {
		t.Errorf("on a terminal: %q", got)
	}
}

func TestRefusalIsKnownByItsType(t *testing.T) {
	t.Parallel()
	s := &Stage{api: answers{}}
	var no *Refusal
	if err := s.Quietly(t.Context(), http.MethodGet, "/x", nil, nil); !errors.As(err, &no) || no.Status != http.StatusNotFound {
		t.Errorf("a refusal arrives as %v", err)
	}
}

func TestShowHidesWhoCalls(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &Stage{paper: &paper{w: &out}, api: answers{"GET /x": `{}`}}
	err := s.Do(t.Context(), Call{Method: http.MethodGet, Path: "/x",
		Header: http.Header{"client_secret": {"the-secret"}, "client_id": {"the-id"}, "lob": {"FIXED"}, "refid": {"RUT_ID"}}}, nil)
	if want := "    GET /x\n      lob: FIXED   refid: RUT_ID\n"; err != nil || out.String() != want {
		t.Errorf("%v, it shows\n%s", err, out.String())
	}
}

func TestTheEndSaysWhatNotificationsWereAbout(t *testing.T) {
	t.Parallel()
	s := &Stage{told: map[string]int{"order/1": 4, "order/2": 5, "subscription/SUB-1": 2}}
	if n, about := s.checked(); n != 11 || about != "orders and subscriptions" {
		t.Errorf("%d about %s", n, about)
	}
}

func TestARefusalNamesItsFields(t *testing.T) {
	t.Parallel()
	no := &Refusal{Body: []byte(`{"code":"x","errors":[{"field":"sku","rule":"R","message":"m"},{"field":"count","rule":"R","message":"m"}]}`)}
	if !no.names("sku") || !no.names("count") || no.names("coid") || (&Refusal{Body: []byte("gone")}).names("sku") {
		t.Error("it does not know what it names")
	}
}
