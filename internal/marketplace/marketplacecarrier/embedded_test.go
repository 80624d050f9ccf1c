package marketplacecarrier_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"demarc/internal/clock"
	"demarc/internal/guard"
	"demarc/internal/marketplace"
	"demarc/internal/marketplace/marketplacecarrier"
	"demarc/internal/marketplace/marketplacetest"
)

func order(key, body, hint string) marketplace.Order {
	return marketplace.Order{BaseURL: marketplace.EmbeddedURL, Name: "provider-name", Key: key, Body: []byte(body), Hint: hint, Attempt: 1, Sandbox: true}
}

// A sandbox's accounts outlive the program that opened them, so their ids may not
// change with it.
func TestTheEmbeddedProvidersCOIDsAreForEver(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{"w_a-SUB-100001": "CO-HDAT2HKBWM", "": "CO-4OYMIQUY7Q"} {
		r, err := marketplacecarrier.Embedded{}.Provision(t.Context(), order(key, `{"name":"x"}`, ""))
		if got := marketplacetest.COID(t, r, err); got != want {
			t.Errorf("%q has %s, want %s", key, got, want)
		}
	}
	seen, form := map[string]bool{}, regexp.MustCompile(`^CO-[A-Z2-7]{10}$`)
	for n := range 20_000 {
		r, err := marketplacecarrier.Embedded{}.Provision(t.Context(), order(fmt.Sprint("w-SUB-", n), `{"name":"x"}`, ""))
		coid := marketplacetest.COID(t, r, err)
		if seen[coid] || !form.MatchString(coid) {
			t.Fatalf("%d has %s", n, coid)
		}
		seen[coid] = true
	}
}

func TestTheEmbeddedProviderRefusesWhatADecentOneWould(t *testing.T) {
	t.Parallel()
	const object, ok = `{"message":"The body must be a JSON object."}`, `{"coid":"CO-`
	for body, want := range map[string]string{
		"": object, "name": object, "null": object, "[]": object, `"name"`: object, "7": object, `{"name":"x"`: object, `{"name":"x"}{}`: object, `{"name":"x"} y`: object,
		`{"name":""}`:                         `{"message":"Without a value: name."}`,
		`{"z":" \t","a":null,"m":"x"}`:        `{"message":"Without a value: a, z."}`,
		`{}`:                                  ok,
		`{"name":"x","seats":0,"trial":true}`: ok,
		"\n{\"name\":\"x\"}\n":                ok,
	} {
		r, err := marketplacecarrier.Embedded{}.Provision(t.Context(), order("k", body, ""))
		status := http.StatusBadRequest
		if want == ok {
			status = http.StatusCreated
		}
		if err != nil || r.Status != status || string(r.Body[:min(len(r.Body), len(want))]) != want {
			t.Errorf("%q is answered %d %s, %v", body, r.Status, r.Body, err)
		}
	}
}

func TestWordsOfTheEmbeddedProvider(t *testing.T) {
	t.Parallel()
	word := func(w string) string { return "Buyer [demarc:" + w + "] Ltd" }
	for _, tc := range []struct {
		hint, body string
		attempt    int
		want       int // 0: no answer
	}{
		{word(marketplace.WordRefuses), `{"name":"x"}`, 1, 400},
		{word(marketplace.WordRefuses), `{"name":"x"}`, 9, 400},
		{word(marketplace.WordNoCOID), `{"name":"x"}`, 1, 201},
		{word(marketplace.WordFailsOnce), `{"name":"x"}`, 1, 500},
		{word(marketplace.WordFailsOnce), `{"name":"x"}`, 2, 201},
		{word(marketplace.WordFailsOnce), `{"name":"x"}`, 3, 201},
		{word(marketplace.WordFails), `{"name":"x"}`, 99, 500},
		{word(marketplace.WordSilent), `{"name":"x"}`, 99, 0},
		// A server that fails does not look at what it is sent; one that decides does.
		{word(marketplace.WordFails), `{"name":""}`, 1, 500},
		{word(marketplace.WordNoCOID), `{"name":""}`, 1, 400},
		{word(marketplace.WordFailsOnce) + word(marketplace.WordRefuses), `{"name":"x"}`, 1, 500},
		{word(marketplace.WordFailsOnce) + word(marketplace.WordRefuses), `{"name":"x"}`, 2, 400},
		{"[DEMARC:Provider-Refuses]", `{"name":"x"}`, 1, 400},
		{"provider-refuses", `{"name":"x"}`, 1, 201},
		{"", `{"name":"[demarc:provider-refuses]"}`, 1, 201}, // in production there is no hint
	} {
		o := order("k", tc.body, tc.hint)
		o.Attempt = tc.attempt
		r, err := marketplacecarrier.Embedded{}.Provision(t.Context(), o)
		if r.Status != tc.want || (err != nil) != (tc.want == 0) {
			t.Errorf("%s, attempt %d: %d %s, %v; want %d", tc.hint, tc.attempt, r.Status, r.Body, err, tc.want)
		}
	}
}

// The embedded provider's silences read as those of a real one.
func TestTheEmbeddedProviderIsSilentAtOnceAndInTheWordsOfTheNetwork(t *testing.T) {
	t.Parallel()
	network := guard.New(guard.Options{})
	t.Cleanup(network.Close)
	took := clock.Elapsed()
	_, err := marketplacecarrier.Embedded{}.Provision(t.Context(), order("k", `{}`, "[demarc:provider-silent]"))
	if err == nil || err.Error() != network.Problem(context.DeadlineExceeded) || err.Error() != "no answer within 15s" {
		t.Errorf("%v, and a real one %q", err, network.Problem(context.DeadlineExceeded))
	}
	if took() >= guardTimeout {
		t.Errorf("it was waited for, %v", took())
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err = (marketplacecarrier.Embedded{}).Provision(gone, order("k", `{}`, "")); err == nil || err.Error() != network.Problem(context.Canceled) {
		t.Errorf("%v, and a real one %q", err, network.Problem(context.Canceled))
	}
}
