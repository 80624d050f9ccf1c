package voicehttp_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"demarc/internal/httpkit"
	"demarc/internal/identity"
	"demarc/internal/identity/identitytest"
	"demarc/internal/voice"
	"demarc/internal/voice/voicehttp"
	"demarc/internal/voice/voicetest"
)

// Who calls is answered in the source's codes, each for its own reason, whatever the
// platform calls it.
func TestTheSourcesCodesOfTheEdge(t *testing.T) {
	e := serve(t, "")
	list := func(a ask, status int, want ...string) answer {
		t.Helper()
		return e.refused(t, "getInventory", a, status, want...)
	}
	token := func(name string) identity.App {
		app := identitytest.App(t, e.Identity, e.ID, voice.Product)
		e.tokens[name] = identitytest.Token(t, e.Identity, app)
		e.good(t, "getInventory", ask{who: name}, 200, nil)
		return app
	}
	t.Run("VOICE-ERR-403001 no token, and other credentials", func(t *testing.T) {
		list(ask{who: "-"}, 403, "403001 Authorization").has(t, `"code":"403001","message":"User authentication failed"`, `"requestId":"req_test"`)
		list(ask{who: "-"}.with("Authorization", "Basic YTpi"), 403, "403001 Authorization")
		list(ask{who: "-"}.with("Authorization", "Bearer "), 403, "403001 Authorization")
	})
	t.Run("VOICE-ERR-403002 an unknown token, a revoked one, and one of a revoked secret", func(t *testing.T) {
		list(ask{who: unknown}, 403, "403002 Authorization").has(t, `"message":"Token validation failed"`)
		app := token("revoked")
		client, err := e.Identity.VerifyClient(t.Context(), app.ID, app.Secrets[0].Clear)
		e.Must("prove the application", err)
		e.Must("revoke the token", e.Identity.Revoke(t.Context(), client, e.tokens["revoked"]))
		list(ask{who: "revoked"}, 403, "403002 Authorization")
		app = token("secret revoked")
		e.Must("revoke the secret", e.Identity.RevokeSecret(t.Context(), "test", app.ID, app.Secrets[0].ID))
		list(ask{who: "secret revoked"}, 403, "403002 Authorization")
	})
	t.Run("VOICE-ERR-403003 a revoked application", func(t *testing.T) {
		app := token("gone")
		_, err := e.Identity.RevokeApp(t.Context(), "test", app.ID)
		e.Must("revoke the application", err)
		list(ask{who: "gone"}, 403, "403003 Authorization").has(t, `"message":"Application key validation failed"`)
	})
	t.Run("VOICE-ERR-403005 an application that was not approved for Voice", func(t *testing.T) {
		list(ask{who: barred}, 403, "403005 Authorization").has(t, `"message":"Not authorized for method"`)
	})
	t.Run("VOICE-ERR-1403 no customer, also where there could be only one, and one that is not there", func(t *testing.T) {
		list(ask{}.with(httpkit.CustomerHeader, "-"), 403, "1403 x-customer-number").has(t, `"code":"1403","message":"Customer number / Master BusOrg`)
		list(ask{}.with(httpkit.CustomerHeader, "1-NOBODY"), 403, "1403 x-customer-number")
		alone, err := e.Identity.CreateApp(t.Context(), "test", identity.NewApp{World: e.ID, Name: "Alone", Products: []string{voice.Product}, Customers: []string{voicetest.Other}})
		e.Must("an application of one customer", err)
		e.tokens["alone"] = identitytest.Token(t, e.Identity, alone)
		e.good(t, "getInventory", ask{who: "alone"}.with(httpkit.CustomerHeader, voicetest.Other), 200, nil)
		list(ask{who: "alone"}.with(httpkit.CustomerHeader, "-"), 403, "1403 x-customer-number")
		list(ask{who: "alone"}, 403, "1403 x-customer-number")
	})
	t.Run("VOICE-ERR-1429 a suspended customer", func(t *testing.T) {
		number := e.AddCustomer("1-SHUT")
		e.Suspend(number)
		token("newcomer") // what is known of others' customers may be two seconds old
		list(ask{who: "newcomer"}.with(httpkit.CustomerHeader, number), 403, "1429 x-customer-number")
	})
	t.Run("VOICE-ERR-404001 nothing is there", func(t *testing.T) {
		for _, path := range []string{"/Voice/v1/Numbers/none", "/Voice/v2/Numbers/inventory", "/Voice/", "/Voice/v1/numbers/inventory"} {
			e.raw(t, http.MethodGet, path, 404).has(t, `"code":"404001","message":"Requested resource not found"`)
		}
		got := e.refused(t, "getTNException", ask{args: map[string]string{"id": "X999999999"}}, 404, "404001")
		got.has(t, `"message":"This customer has no such TN exception request."`)
	})
	t.Run("VOICE-ERR-405001 other methods", func(t *testing.T) {
		got := e.raw(t, http.MethodDelete, "/Voice/v1/Number/coverage", 405).has(t, `"code":"405001","message":"Method not allowed for resource"`)
		if allow := got.header.Get("Allow"); allow != "GET, POST" {
			t.Errorf("Allow is %q", allow)
		}
	})
	t.Run("VOICE-ERR-500001 a panic and a mistake tell nothing of themselves", func(t *testing.T) {
		e.Fakes.Fail(voicetest.Lookup, voicetest.Fault{Do: func() { panic("secret of ours") }}, voicetest.Fault{Err: errRefused})
		for range 2 {
			got := e.refused(t, "postCoverage", samples()["postCoverage"], 500, "500001")
			if got.has(t, `"message":"Internal service error"`); strings.Contains(got.body, "secret") || strings.Contains(got.body, "goroutine") || strings.Contains(got.body, "test wants") {
				t.Errorf("got %s", got.body)
			}
		}
	})
	t.Run("VOICE-ERR-503001 too much is under way, and the number administration is down", func(t *testing.T) {
		narrow := e.serve(t, httpkit.Options{InFlight: 1})
		reached, leave, done := make(chan struct{}), make(chan struct{}), make(chan answer)
		e.Fakes.Fail(voicetest.Lookup, voicetest.Fault{Do: func() { close(reached); <-leave }})
		first := samples()["postCoverage"]
		first.url = narrow
		go func() { done <- e.send(t, "postCoverage", first, false) }()
		<-reached
		got := list(ask{url: narrow}, 503, "503001")
		close(leave)
		if first := <-done; first.status != 200 {
			t.Errorf("the first call answered %d %s", first.status, first.body)
		}
		if got.has(t, `"message":"Service unavailable"`); got.header.Get("Retry-After") != "1" {
			t.Errorf("Retry-After is %q", got.header.Get("Retry-After"))
		}
		for _, how := range []string{voice.HowDown, voice.HowWrong} {
			e.Fakes.FailTimes(voicetest.Lookup, how, 1)
			got := e.refused(t, "getCoverage", samples()["getCoverage"], 503, "503001")
			if got.header.Get("Retry-After") == "" {
				t.Error("nobody is told when to try again")
			}
		}
	})
	t.Run("VOICE-ERR-504001 our own deadline", func(t *testing.T) {
		hasty := e.serve(t, httpkit.Options{Deadline: time.Nanosecond})
		list(ask{url: hasty}, 504, "504001").has(t, `"message":"Mediation timed out"`)
	})
	t.Run("VOICE-ERR-504002 the number administration is late", func(t *testing.T) {
		e.Fakes.FailTimes(voicetest.Lookup, voice.HowLate, 1)
		e.refused(t, "postCoverage", samples()["postCoverage"], 504, "504002").has(t, `"message":"Provider timed out"`)
	})
	t.Run("VOICE-ERR-403006 an expired token", func(t *testing.T) {
		e.tokens["old"] = e.tokens[mine]
		e.pass(time.Hour)
		list(ask{who: "old"}, 403, "403006 Authorization").has(t, `"message":"Token expired"`)
	})
}

// raw makes a call that no document has.
func (e *edge) raw(t *testing.T, method, path string, status int) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, e.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status || !json.Valid(text) {
		t.Fatalf("%s %s: %d %s %v, want %d", method, path, res.StatusCode, text, err, status)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

func TestVOICE_ERR_403004_ADigestIsTheBodysOwn(t *testing.T) {
	e := serve(t, "")
	text, err := json.Marshal(body{"productID": "2036", "tnLocZip": "80202"})
	e.Must("write it", err)
	short, long := sha256.Sum256(text), sha512.Sum512(text)
	other := sha256.Sum256(append(text, ' '))
	b64 := base64.StdEncoding.EncodeToString
	for name, c := range map[string]struct {
		header string
		good   bool
	}{
		"SHA-256":                       {"sha-256=:" + b64(short[:]) + ":", true},
		"SHA-512":                       {"sha-512=:" + b64(long[:]) + ":", true},
		"both":                          {"sha-256=:" + b64(short[:]) + ":, sha-512=:" + b64(long[:]) + ":", true},
		"a parameter":                   {"sha-256=:" + b64(short[:]) + ":;x=1", true},
		"unknown algorithms say naught": {"md5=:AAAA:, unixsum=12", true},
		"another body's":                {"sha-256=:" + b64(other[:]) + ":", false},
		"one right and one wrong":       {"sha-512=:" + b64(long[:]) + ":, sha-256=:" + b64(other[:]) + ":", false},
		"not in colons":                 {"sha-256=" + b64(short[:]), false},
		"not base64":                    {"sha-256=:***:", false},
		"none at all":                   {"sha-256", false},
	} {
		t.Run(name, func(t *testing.T) {
			a := ask{body: string(text)}.with("Content-Digest", c.header)
			if c.good {
				e.good(t, "postCoverage", a, 200, nil)
				return
			}
			e.refused(t, "postCoverage", a, 403, "403004 Content-Digest").has(t, `"message":"Digest validation failed"`)
		})
	}
	none := sha256.Sum256(nil)
	e.good(t, "getInventory", ask{}.with("Content-Digest", "sha-256=:"+b64(none[:])+":"), 200, nil)
	e.refused(t, "getInventory", ask{}.with("Content-Digest", "sha-256=:"+b64(short[:])+":"), 403, "403004 Content-Digest")
}

func TestVOICE_ERR_406001_AnAnswerIsInAFormThatTheCallerAccepts(t *testing.T) {
	t.Parallel()
	e := serve(t, "")
	e.order(t, reserving("DENVER", 1))
	for accept, want := range map[string][2]string{ // of inventory, and of notifications
		"":                                {"json", "json"},
		"*/*":                             {"json", "json"},
		"application/json":                {"json", "json"},
		"APPLICATION/JSON; charset=utf-8": {"json", "json"},
		"application/*":                   {"json", "json"},
		"application/xml":                 {"", "xml"},
		"application/xml, application/json;q=0.9":        {"json", "xml"},
		"application/xml;q=0.5, application/json;q=0.9":  {"json", "json"},
		"application/json;q=0, */*":                      {"", "xml"},
		"text/html, application/xml;q=0.9, */*;q=0.8":    {"json", "xml"},
		"text/html, application/json;q=0":                {"", ""},
		"text/xml":                                       {"", ""},
		"image/*":                                        {"", ""},
		"nonsense":                                       {"", ""},
		"application/json;q=0, application/xml;q=0, */*": {"", ""},
		"application/json;q=wrong":                       {"json", "json"},
	} {
		for i, op := range []string{"getInventory", "getVoiceNotifications"} {
			a := ask{}.with("Accept", accept)
			if want[i] == "" {
				e.refused(t, op, a, 406, "406001 Accept").has(t, `"message":"Not acceptable"`)
				continue
			}
			got := e.good(t, op, a, 200, nil)
			if media := got.header.Get("Content-Type"); !strings.HasPrefix(media, "application/"+want[i]) {
				t.Errorf("%s for %q is answered as %s", op, accept, media)
			}
		}
	}
}

// Every broken rule is told, and the first of them on top. Those that the source has no
// code for are numbered by their status.
func TestAllBrokenRulesAreToldAndTheFirstOnTop(t *testing.T) {
	e := serve(t, "")
	for name, c := range map[string]struct {
		op   string
		a    ask
		want []string
	}{
		"a reservation of nothing": {"orderInventory", ask{body: body{}}, []string{"20000 productID", "20085 rateCenterOrders"}},
		"a reservation of nonsense": {"orderInventory", ask{body: body{"productID": 2037, "externalOrderId": strings.Repeat("x", 65), "rateCenterOrders": lines(
			body{"state": "XX", "quantity": 0, "sequentialIndicator": "M", "pbxIndex": 11, "pbxValue": 10})}},
			[]string{"20000 productID", "400001 externalOrderId", "20085 rateCenterOrders[0].rateCenter", "20011 rateCenterOrders[0].state", "10011 rateCenterOrders[0].quantity",
				"20084 rateCenterOrders[0].sequentialIndicator", "20082 rateCenterOrders[0].pbxIndex", "20083 rateCenterOrders[0].pbxValue"}},
		"VOICE-EXC-01 and 02, which are ours": {"requestTNException", ask{body: body{"productID": "2036", "rateCenter": "DENVER", "quantity": 399}},
			[]string{"20088 state", "400001 quantity", "400001 reason"}},
		"VOICE-EXC-03 an exception that there is not": {"orderInventory", ask{body: reserving("DENVER", 400).with("tnExceptionId", "X1")}, []string{"400001 tnExceptionId", "10007 rateCenterOrders[0].quantity"}},
		"a list's parameters": {"listRateCenters", ask{query: "?productID=1&state=ZZ&npa=99&pageNumber=0&pageSize=1001"},
			[]string{"20000 productID", "20011 state", "20091 npa", "20103 pageNumber", "20104 pageSize"}},
		"a list without any": {"listRateCenters", ask{}, []string{"20000 productID", "20011 state"}},
		"the pool's": {"getInventory", ask{query: "?voiceOrderID=1&NXX=303&state=ZZ&pageNumber=x"},
			[]string{"20049 voiceOrderID", "20011 state", "20091 NPA", "20103 pageNumber"}},
		"the notifications'": {"getVoiceNotifications", ask{query: "?voiceOrderId=1&latest=maybe&from=yesterday&to=2040-13-01&pageSize=0"},
			[]string{"20049 voiceOrderId", "400001 latest", "400001 from", "400001 to", "20104 pageSize"}},
		"an exception's status":           {"listTNExceptions", ask{query: "?status=lost"}, []string{"400001 status"}},
		"an order that is none":           {"getOrderStatus", ask{query: "?voiceOrderId=100000001"}, []string{"20049 voiceOrderId"}},
		"no order":                        {"getOrderStatus", ask{}, []string{"20049 voiceOrderId"}},
		"an order that there is not":      {"getOrderStatus", ask{query: "?voiceOrderId=V999999999"}, []string{"20060 voiceOrderId"}},
		"an approval of nothing":          {"approveShortSupply", ask{body: body{}}, []string{"20049 voiceOrderId", "20088 rateCenter", "400001 action"}},
		"numbers in an address":           {"getCoverage", ask{query: "?productID=2036&tn=13035550116,911&tn=12"}, []string{"20025 tn[1]", "20025 tn[2]"}},
		"no number in an address":         {"getCoverage", ask{query: "?productID=2036&tn="}, []string{"20015 tn"}},
		"numbers and a place":             {"getCoverage", ask{query: "?productID=2036&tn=13035550116&tnLocZip=80202"}, []string{"20090 tn"}},
		"numbers in a body":               {"postCoverage", ask{body: body{"productID": 2036, "tnList": []any{"911"}}}, []string{"20025 tnList[0]"}},
		"utilization of nothing":          {"getUtilization", ask{body: body{}}, []string{"20000 productID", "20088 rateCenters"}},
		"a body that is no JSON":          {"orderInventory", ask{body: "{"}, []string{"400001 body"}},
		"a body that is no object":        {"orderInventory", ask{body: "[]"}, []string{"400001 body"}},
		"no body":                         {"orderInventory", ask{media: "application/json"}, []string{"400001 body"}},
		"a field of another type":         {"orderInventory", ask{body: body{"rateCenterOrders": 1}}, []string{"400001 rateCenterOrders"}},
		"a field that is nearly a known":  {"orderInventory", ask{body: reserving("DENVER", 1).with("productI", 1)}, []string{"400001 productI"}},
		"too many rate centers":           {"orderInventory", ask{body: body{"productID": 2036, "rateCenterOrders": make([]body, 101)}}, []string{"400001 rateCenterOrders"}},
		"an Idempotency-Key of two words": {"orderInventory", ask{body: reserving("DENVER", 1), key: "two words"}, []string{"400001 Idempotency-Key"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := e.refused(t, c.op, c.a, 400, c.want...)
			var v voiced
			got.read(t, &v)
			if v.Code != v.Errors[0].Code || v.Message != v.Errors[0].Message || v.RequestID != "req_test" {
				t.Errorf("on top is %q %q: %s", v.Code, v.Message, got.body)
			}
			for _, one := range v.Errors {
				if one.Message == "" || one.Code == "400001" && !strings.HasPrefix(one.Message, one.Field+" ") {
					t.Errorf("the message %q of %s does not say what is meant", one.Message, one.Field)
				}
			}
		})
	}
}

// Errors that the source has no code for keep their words, and get the status's
// number.
func TestErrorsWithoutACodeAreNumberedByTheirStatus(t *testing.T) {
	t.Parallel()
	family := voicehttp.Family()
	kit := httpkit.New(httpkit.Options{Log: slog.New(slog.DiscardHandler)})
	fails := func(id string, err error) httpkit.Route {
		return httpkit.Route{Method: http.MethodGet, Pattern: "/Voice/" + id, OperationID: id, Open: true, Handle: func(http.ResponseWriter, *http.Request) error { return err }}
	}
	kit.AddFamily(family, fails("move", voice.WrongMove.Instead([]string{"approve", "reject"})), fails("busy", httpkit.KeyBusy), fails("forbidden", httpkit.Forbidden),
		fails("unproven", identity.SignInFailed), fails("big", httpkit.TooLarge.Say("Too big.")))
	for id, want := range map[string]string{
		"move":      `{"code":"409001","message":"That is not possible in the present state.","errors":[{"code":"409001","message":"That is not possible in the present state.","field":""}],"next":["approve","reject"],"requestId":"mine"}`,
		"busy":      `{"code":"409001","message":"The first request with this Idempotency-Key is still under way.","errors":[{"code":"409001","message":"The first request with this Idempotency-Key is still under way.","field":""}],"requestId":"mine"}`,
		"forbidden": `{"code":"403005","message":"Not authorized for method","errors":[{"code":"403005","message":"Not authorized for method","field":"Authorization"}],"requestId":"mine"}`,
		"unproven":  `{"code":"403002","message":"Token validation failed","errors":[{"code":"403002","message":"Token validation failed","field":"Authorization"}],"requestId":"mine"}`,
		"big":       `{"code":"413001","message":"Too big.","errors":[{"code":"413001","message":"Too big.","field":""}],"requestId":"mine"}`,
	} {
		r := httptest.NewRequest(http.MethodGet, "/Voice/"+id, http.NoBody)
		r.Header.Set("X-Request-Id", "mine")
		w := httptest.NewRecorder()
		kit.ServeHTTP(w, r)
		if got := strings.TrimSpace(w.Body.String()); got != want {
			t.Errorf("%s: got %s\nwant %s", id, got, want)
		}
	}
}
