package control

import (
	"net/url"
	"testing"

	"demarc/internal/portal/ui"
	"demarc/internal/voice"

	"github.com/google/go-cmp/cmp"
)

// A form is read as the API reads its document.
func TestFormsAreReadAsDocuments(t *testing.T) {
	f := ui.NewForm(url.Values{"_csrf": {"x"}, "productID": {" 2036 "}, "externalOrderId": {""},
		"rateCenterOrders[0].rateCenter": {"DENVER"}, "rateCenterOrders[0].quantity": {"3"}, "rateCenterOrders[0].sequentialIndicator": {"Y"},
		"rateCenterOrders[1].rateCenter": {"PUEBLO"}})
	var r voice.ReserveRequest
	if err := fill(f, &r); err != nil {
		t.Fatal(err)
	}
	if r.ProductID != "2036" || r.ExternalID != "" || len(r.RateCenterOrders) != 2 || r.RateCenterOrders[1].RateCenter != "PUEBLO" ||
		r.RateCenterOrders[0].Quantity != "3" || string(*r.RateCenterOrders[0].Sequential) != `"Y"` || r.RateCenterOrders[1].Sequential != nil {
		t.Errorf("the request is %+v", r)
	}
	if fill(ui.NewForm(url.Values{"tnList[7].startTN": {"1"}}), &voice.DisconnectRequest{}) == nil {
		t.Error("a list that begins at its eighth row is read")
	}
}

func TestEmptyRowsAreTakenOut(t *testing.T) {
	f := ui.NewForm(url.Values{"tnList[0].startTN": {""}, "tnList[0].endTN": {" "}, "tnList[1].startTN": {"(303) 555-0101"}, "tnList[3].startTN": {"303.555.0103"}, "other": {"x"}})
	compact(f, "tnList")
	want := url.Values{"tnList[0].startTN": {"(303) 555-0101"}, "tnList[1].startTN": {"303.555.0103"}, "other": {"x"}}
	if diff := cmp.Diff(want, f.Values); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	var r voice.DisconnectRequest
	if err := fill(f, &r); err != nil || r.TNList == nil || (*r.TNList)[1].Start != "3035550103" {
		t.Errorf("the request is %+v (%v)", r, err)
	}
}

// A day is nine in the morning where the carrier is, in winter and in summer.
func TestDaysAreMoments(t *testing.T) {
	for text, want := range map[string]string{"2026-12-01": "2026-12-01T15:00:00Z", "2026-07-01": "2026-07-01T14:00:00Z", "2027-03-14": "2027-03-14T14:00:00Z", "tomorrow": "tomorrow", "": ""} {
		if got := morning(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestEveryNotificationHasAMeaning(t *testing.T) {
	codes := voice.NoticeCodes()
	for _, code := range codes {
		if meanings[code] == "" {
			t.Errorf("nobody says what %d means", code)
		}
	}
	if len(codes) != len(meanings) {
		t.Errorf("%d notifications have %d meanings", len(codes), len(meanings))
	}
}

// A listing is added with an install, changed or removed with a change.
func TestListingsHaveTheirAction(t *testing.T) {
	for _, c := range []struct {
		kind, name   string
		change       bool
		action, left string
	}{
		{"", "", false, "", ""}, {"1", "", false, "A", "1"}, {"", "Avery", false, "A", ""}, {"2", "Avery", true, "C", "2"}, {unlisted, "", true, "R", ""},
	} {
		f := ui.NewForm(url.Values{listing + "directoryListingType": {c.kind}, listing + "directoryFirstName": {c.name}})
		to := withListing(f, c.change)
		if got, left := to.Value(listing+"directoryListingAction"), to.Value(listing+"directoryListingType"); got != c.action || left != c.left {
			t.Errorf("%+v has the action %q and the type %q", c, got, left)
		}
		if f.Value(listing+"directoryListingType") != c.kind {
			t.Error("the form that is shown again has changed")
		}
	}
}
