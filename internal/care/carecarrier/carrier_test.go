package carecarrier_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"demarc/internal/care"
	"demarc/internal/care/carecarrier"
	"demarc/internal/care/caretest"
	"demarc/internal/db/dbtest"
)

func TestTheEmbeddedBillingSystemKeepsTheContract(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t))
	caretest.BillingContract(t, func(t *testing.T) caretest.Bench {
		w := caretest.New(t, d)
		return caretest.Bench{Billing: w.Desk.Billing["PR"], World: w.ID,
			Force: func(q *care.Query, word string) { q.Hint = "[demarc:" + word + "]" }}
	})
}

func TestTheConnectorKeepsTheContract(t *testing.T) {
	t.Parallel()
	caretest.BillingContract(t, func(t *testing.T) caretest.Bench {
		s := caretest.NewSystem(t)
		ways := map[string]http.HandlerFunc{care.WordUnavailable: caretest.Status(http.StatusServiceUnavailable), care.WordWrong: caretest.Text("<html>")}
		return caretest.Bench{Billing: s.Connect(t, "PR"), Force: func(_ *care.Query, word string) { s.Fail(ways[word]) }}
	})
}

func ask(refID, value string) care.Query {
	return care.Query{World: "w", Unit: "PR", Line: care.Fixed, RefID: refID, Value: value, Correlation: "corr-7"}
}

func example(spoil func(a *care.Account)) carecarrier.WireAccount {
	a := care.Examples()[0]
	a.Services = []string{care.ExampleNumber}
	spoil(&a)
	return carecarrier.Wire(&a)
}

func TestCARE_NET_01_ASystemThatDoesNotAnswerIsDown(t *testing.T) {
	t.Parallel()
	s := caretest.NewSystem(t)
	for why, fault := range map[string]http.HandlerFunc{
		"503": caretest.Status(503), "500": caretest.Status(500), "cut off": caretest.Cut, "half": caretest.Half,
	} {
		s.Fail(fault)
		_, err := s.Connect(t, "PR").Account(t.Context(), ask(care.RefAccount, care.ExampleAccount))
		var down *care.Unavailable
		if !errors.As(err, &down) || strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), care.ExampleAccount) {
			t.Errorf("%s: %v", why, err)
		}
	}
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	h, err := carecarrier.NewHTTP(server.URL, "PR", silent)
	if err != nil {
		t.Fatal(err)
	}
	var down *care.Unavailable
	if _, err := h.Account(t.Context(), ask(care.RefAccount, care.ExampleAccount)); !errors.As(err, &down) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestCARE_NET_02_AnAnswerOfNoUseIsAnErrorThatSaysNothingOfThePerson(t *testing.T) {
	t.Parallel()
	s := caretest.NewSystem(t)
	elsewhere := httptest.NewServer(caretest.Answer(example(func(*care.Account) {})))
	defer elsewhere.Close()
	many := make([]carecarrier.WireAccount, 101)
	for why, fault := range map[string]http.HandlerFunc{
		"a page": caretest.Text("<html>"), "nothing": caretest.Text(""), "null": caretest.Text("null"), "an array": caretest.Text("[]"),
		"no accounts": caretest.Text(`{"account":{}}`), "fields of another type": caretest.Text(`{"accounts":[{"id":8211990010013290}]}`),
		"no date": caretest.Text(`{"accounts":[{"name":"JOHN DOE","openedAt":"JOHN DOE"}]}`), "no amount": caretest.Text(`{"accounts":[{"receivable":"JOHN DOE"}]}`),
		"an endless answer": caretest.Text(`{"accounts":[{"name":"` + strings.Repeat("x", 2<<20) + `"}]}`), "too many accounts": caretest.Answer(many...),
		"an endless name": caretest.Answer(example(func(a *care.Account) { a.Name = strings.Repeat("x", 301) })),
		"a control code":  caretest.Answer(example(func(a *care.Account) { a.Name = "JOHN\x00DOE" })),
		"a redirect":      caretest.Redirect(elsewhere.URL), "401": caretest.Status(401), "204": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	} {
		s.Fail(fault)
		a, err := s.Connect(t, "PR").Account(t.Context(), ask(care.RefAccount, care.ExampleAccount))
		var down *care.Unavailable
		if err == nil || a != nil || errors.As(err, &down) {
			t.Errorf("%s: %+v, %v", why, a, err)
		} else if text := err.Error(); strings.Contains(text, "JOHN") || strings.Contains(text, care.ExampleAccount) {
			t.Errorf("%s: the error says %q", why, text)
		}
	}
}

func TestCARE_NET_03_AccountsThatWereNotAskedForAreRefused(t *testing.T) {
	t.Parallel()
	good := example(func(*care.Account) {})
	for why, c := range map[string]struct {
		q      care.Query
		answer []carecarrier.WireAccount
	}{
		"another account": {ask(care.RefAccount, care.ExampleOther), []carecarrier.WireAccount{good}},
		"two of them":     {ask(care.RefAccount, care.ExampleAccount), []carecarrier.WireAccount{good, good}},
		"another unit":    {ask(care.RefAccount, care.ExampleAccount), []carecarrier.WireAccount{example(func(a *care.Account) { a.Unit = "JM" })}},
		"another line":    {ask(care.RefService, care.ExampleThree), []carecarrier.WireAccount{good}},
		"one of two":      {ask(care.RefService, care.ExampleNumber), []carecarrier.WireAccount{good, example(func(a *care.Account) { a.ID, a.Services = "1", nil })}},
		"twice the same":  {ask(care.RefService, care.ExampleNumber), []carecarrier.WireAccount{good, good}},
		"a contact only":  {ask(care.RefService, care.ExampleContact), []carecarrier.WireAccount{good}},
	} {
		s := caretest.NewSystem(t)
		s.Fail(caretest.Answer(c.answer...), caretest.Answer(c.answer...))
		h := s.Connect(t, "PR")
		if c.q.RefID == care.RefAccount {
			if a, err := h.Account(t.Context(), c.q); err == nil || a != nil {
				t.Errorf("%s: %+v", why, a)
			}
		}
		if list, err := h.Accounts(t.Context(), c.q); err == nil || list != nil {
			t.Errorf("%s: %+v", why, list)
		}
	}
}

func TestWhatACustomerIsFoundByTravelsInTheBodyWithTheCallsId(t *testing.T) {
	t.Parallel()
	s := caretest.NewSystem(t)
	if _, err := s.Connect(t, "JM").Accounts(t.Context(), care.Query{Unit: "JM", Line: care.Fixed, RefID: care.RefService, Value: "8765550101", Correlation: "corr-7"}); err != nil {
		t.Fatal(err)
	}
	want := caretest.Call{Method: "POST", Path: "/v1/JM/billingAccount/", Correlation: "corr-7", Line: "FIXED", RefID: "SERVICE_NO", RefValue: "8765550101"}
	if calls := s.Calls(); len(calls) != 1 || calls[0] != want {
		t.Errorf("it was asked %+v", calls)
	}
}

func TestACallIsGivenUpWithItsCaller(t *testing.T) {
	t.Parallel()
	s := caretest.NewSystem(t)
	ctx, giveUp := context.WithCancel(t.Context())
	s.Fail(caretest.Hang(giveUp))
	if _, err := s.Connect(t, "PR").Account(ctx, ask(care.RefAccount, care.ExampleAccount)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSandboxesNeverReachTheRealSystem(t *testing.T) {
	t.Parallel()
	s := caretest.NewSystem(t)
	w := caretest.New(t, dbtest.Open(t, dbtest.SQLite(t)))
	systems, err := carecarrier.Connect(w.Desk.Store, s.URL, silent, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Desk.Billing = systems
	for _, u := range care.Units() {
		if systems[u.Code] == nil {
			t.Fatalf("%s has no billing system", u.Code)
		}
	}
	if _, err := w.Enquire("PR", care.ExampleAccount); err != nil {
		t.Error(err)
	}
	if _, err := w.List("PR", care.ExampleFour); err != nil || len(s.Calls()) != 0 {
		t.Errorf("%v, and the real system was asked %+v", err, s.Calls())
	}
	w.Sandbox = false
	if _, err := w.Enquire("PR", care.ExampleAccount); err != nil {
		t.Error(err)
	}
	if list, err := w.List("CL", "225550104"); err != nil || len(list) != 4 || len(s.Calls()) != 2 {
		t.Errorf("in production: %v, and the real system was asked %+v", err, s.Calls())
	}
}

func TestAConnectorNeedsTheURLOfABillingSystem(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"billing", "ftp://host/x", "http://", "https:///x", "://", "host:8080", "http://host/x?y=z", "http://host/x#y", "http://ho st"} {
		if _, err := carecarrier.Connect(nil, bad, silent, nil); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	for _, good := range []string{"http://127.0.0.1:9", "https://billing.example/base/", ""} {
		if _, err := carecarrier.Connect(nil, good, silent, nil); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

// silent is the log of tests that do not look at it.
var silent = slog.New(slog.DiscardHandler)
