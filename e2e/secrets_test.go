package e2e

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"demarc/internal/contract"
	"demarc/internal/marketplace/marketplacetest"
	"demarc/internal/seal"

	"github.com/jackc/pgx/v5"
)

// Every secret that the program is given or gives is marked and sent along every path
// that takes one, well and badly; and then every place where something is kept or told
// is searched for it: the log at its most talkative, the traces, the metrics, the audit
// trail, the request log, the export, every answer but the one that shows it, the database itself.
func TestSecretsAreInNoSink(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		collector := newCollector(t)
		n := newNode(t, filepath.Join(t.TempDir(), "data"), append(argsFor(t, database), "--log-level", "debug", "--log-format", "json")...)
		n.vars = []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.URL, "OTEL_EXPORTER_OTLP_COMPRESSION=none", "OTEL_BSP_SCHEDULE_DELAY=200"}
		if err := n.start(); err != nil {
			t.Fatal(err)
		}
		s := &secrets{t: t, a: newWorld(t, n), n: n, marked: map[string]string{}}
		s.mark("the client secret", s.a.secret)
		s.mark("the access token", s.a.token)
		s.mark("the first start's client secret", n.env(t)["DEMARC_CLIENT_SECRET"])
		s.mark("the first start's provider key", n.env(t)["DEMARC_PROVIDER_KEY"])
		s.mark("the administrator's password", n.env(t)["DEMARC_ADMIN_PASSWORD"])
		s.oauth()
		s.care()
		s.webhooks()
		s.marketplace()
		sealed := s.preorder()
		s.voice()
		audit := s.read("/sandbox/v1/audit?pageSize=100")
		s.search("the audit trail", audit)
		s.export = s.read("/sandbox/v1/world/export")
		s.search("the export", s.export)
		requests := s.requests()
		s.search("the request log", requests)
		s.search("the metrics", s.read("/metrics"))
		if err := n.stop(); err != nil { // the last spans are sent, the database is at rest
			t.Fatal(err)
		}
		log, err := os.ReadFile(n.logPath())
		if err != nil {
			t.Fatal(err)
		}
		s.search("the log", log)
		s.search("the traces", collector.got())
		s.search("the database", s.database(database))
		s.sealed(sealed, s.database(database))
		// A search that finds nothing has to be one that could.
		for _, sample := range []struct {
			where string
			text  []byte
			has   string
		}{{"the log", log, "/bot-ux/v1/PR/accounts"}, {"the traces", collector.got(), "balanceEnquiry"}, {"the audit trail", audit, "opened"},
			{"the database", s.database(database), "Marked Company"}, {"the log", log, "pxConfigure"}, {"the traces", collector.got(), "pxConfigure"},
			{"the audit trail", audit, "HARD_STOP"}, {"the database", s.database(database), "FINAL_BILL_OUTSTANDING"},
			{"the request log", requests, `"losingCarrierPin":"…"`}, {"the request log", requests, `"clear":"…"`}, {"the request log", requests, "Client_secret"},
			{"the request log", requests, `"companyName":"…"`}, {"the request log", requests, "MM/DD"}} {
			if !bytes.Contains(sample.text, []byte(sample.has)) {
				t.Errorf("%s does not even hold %q: this test looks at the wrong thing", sample.where, sample.has)
			}
		}
	})
}

// secrets drives and searches.
type secrets struct {
	t      *testing.T
	a      *actor
	n      *node
	marked map[string]string // what it is -> its text
	export []byte            // of the world, at the end
}

func (s *secrets) mark(what, text string) string {
	s.t.Helper()
	if len(text) < 8 {
		s.t.Fatalf("%s is %q, which cannot be told from chance", what, text)
	}
	s.marked[what] = text
	return text
}

// search looks for every secret, also as JSON, a URL, Basic credentials and PostgreSQL's
// bytea would write it.
func (s *secrets) search(where string, text []byte) {
	s.t.Helper()
	for what, secret := range s.marked {
		quoted, _ := json.Marshal(secret)
		for how, form := range map[string]string{"": secret, " as JSON": strings.Trim(string(quoted), `"`), " in a URL": url.QueryEscape(secret),
			" in hexadecimal": fmt.Sprintf("%x", secret), " in base64": strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "=")} {
			if i := bytes.Index(text, []byte(form)); i >= 0 {
				s.t.Errorf("%s%s is in %s: …%q", what, how, where, text[max(0, i-120):min(len(text), i+len(form)+40)])
				break
			}
		}
	}
}

// send sends a request and searches its answer, in which nothing is shown.
func (s *secrets) send(want int, req *http.Request) answer {
	s.t.Helper()
	if want == http.StatusBadRequest {
		req = contract.Bad(req)
	}
	res := s.a.send(req)
	if res.status != want {
		s.t.Errorf("%s %s answers %v, want %d", req.Method, req.URL.Path, res, want)
	}
	s.search("the answer to "+req.Method+" "+req.URL.Path, res.body)
	s.search("the headers of the answer to "+req.Method+" "+req.URL.Path, []byte(fmt.Sprint(res.header)))
	return res
}

func (s *secrets) json(want int, method, path, body string) answer {
	s.t.Helper()
	return s.send(want, s.a.request(method, path, "application/json", body))
}

// broken is a request that is not held to the contract, which it breaks.
func (s *secrets) broken(want int, req *http.Request) {
	s.t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		s.t.Errorf("%s %s answers %d %s %v, want %d", req.Method, req.URL.Path, res.StatusCode, body, err, want)
	}
	s.search("the answer to a broken "+req.Method+" "+req.URL.Path, body)
}

func (s *secrets) read(path string) []byte {
	s.t.Helper()
	return s.a.send(s.a.request(http.MethodGet, path, "", "")).body
}

// requests is the request log: every page, every request, and their bodies as they are.
func (s *secrets) requests() (all []byte) {
	s.t.Helper()
	for next := ""; ; {
		text := s.read("/sandbox/v1/requests?pageSize=100&after=" + next)
		var page struct {
			Requests []struct{ ID string }
			Next     string
		}
		if err := json.Unmarshal(text, &page); err != nil || len(page.Requests) == 0 {
			s.t.Fatalf("the request log is %s, %v", text, err)
		}
		all = append(all, text...)
		for _, r := range page.Requests {
			text := s.read("/sandbox/v1/requests/" + r.ID)
			var whole struct{ Request, Response struct{ Body string } }
			if err := json.Unmarshal(text, &whole); err != nil {
				s.t.Fatalf("%s: %v", text, err)
			}
			all = append(append(append(all, text...), whole.Request.Body...), whole.Response.Body...)
		}
		if next = page.Next; next == "" {
			return all
		}
	}
}

func (s *secrets) oauth() {
	form := func(values url.Values) *http.Request {
		req := s.a.request(http.MethodPost, "/oauth/token", "application/x-www-form-urlencoded", values.Encode())
		req.Header.Del("Authorization")
		return req
	}
	wrong := s.mark("a wrong client secret", "Marked-Wrong-Secret-1")
	s.send(http.StatusUnauthorized, form(url.Values{"grant_type": {"client_credentials"}, "client_id": {s.a.id}, "client_secret": {wrong}}))
	s.send(http.StatusUnauthorized, form(url.Values{"grant_type": {"client_credentials"}, "client_id": {wrong}, "client_secret": {s.a.secret}}))
	s.broken(http.StatusBadRequest, form(url.Values{"client_id": {s.a.id}, "client_secret": {s.a.secret}}))
	misplaced := form(url.Values{"grant_type": {"client_credentials"}})
	misplaced.URL.RawQuery = url.Values{"client_secret": {s.a.secret}}.Encode()
	s.broken(http.StatusBadRequest, misplaced)
	s.send(http.StatusOK, s.a.request(http.MethodPost, "/oauth/introspect", "application/x-www-form-urlencoded", "token="+s.a.token))
	bearer := s.a.request(http.MethodGet, "/sandbox/v1/clock", "", "")
	bearer.Header.Set("Authorization", "Bearer "+s.mark("a wrong token", "Marked-Wrong-Token-1"))
	s.send(http.StatusUnauthorized, bearer)
}

func (s *secrets) care() {
	ask := func(method, path, secret string) *http.Request {
		req := s.a.request(method, path, "", "")
		req.Header.Del("Authorization")
		for name, value := range map[string]string{"client_id": s.a.id, "client_secret": secret, "lob": "FIXED", "refid": "SERVICE_NO", "refvalue": "7879900001"} {
			req.Header.Set(name, value)
		}
		return req
	}
	const accounts = "/bot-ux/v1/PR/accounts"
	s.send(http.StatusOK, ask(http.MethodGet, accounts, s.a.secret))
	s.send(http.StatusUnauthorized, ask(http.MethodGet, accounts, s.mark("a wrong care secret", "Marked-Wrong-Secret-2")))
	s.broken(http.StatusBadRequest, ask(http.MethodGet, "/bot-ux/v1/OO/accounts", s.a.secret))
	s.broken(http.StatusMethodNotAllowed, ask(http.MethodPost, accounts, s.a.secret))
	s.broken(http.StatusNotFound, ask(http.MethodGet, "/bot-ux/v1/PR/nothing", s.a.secret))
	enquiry := ask(http.MethodGet, "/bot-ux/v1/JM/balanceEnquiry", s.a.secret)
	enquiry.Header.Set("refid", "ACCOUNT_NO")
	enquiry.Header.Set("refvalue", "[demarc:billing-unavailable]")
	s.send(http.StatusServiceUnavailable, enquiry)
	enquiry.Header.Set("refvalue", "[demarc:billing-wrong]")
	s.broken(http.StatusInternalServerError, enquiry)
	misplaced := ask(http.MethodGet, accounts, s.a.secret)
	misplaced.Header.Del("client_secret")
	misplaced.URL.RawQuery = url.Values{"client_secret": {s.a.secret}}.Encode()
	s.broken(http.StatusUnauthorized, misplaced)
	twice := ask(http.MethodGet, accounts, s.a.secret)
	twice.Header.Add("client_secret", s.a.secret)
	s.broken(http.StatusUnauthorized, twice)
}

// webhooks go to an endpoint that repeats what it is sent.
func (s *secrets) webhooks() {
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.Copy(w, r.Body)
	}))
	s.t.Cleanup(echo.Close)
	password := s.mark("an endpoint's password", "Marked-Hook-Password-1")
	res := s.a.must(http.StatusCreated, http.MethodPost, "/webhooks/v1/endpoints",
		`{"url":"`+echo.URL+`","events":["*"],"auth":{"type":"basic","username":"hook","password":"`+password+`"}}`, nil)
	var made struct{ ID, Secret string }
	if err := json.Unmarshal(res.body, &made); err != nil {
		s.t.Fatal(err)
	}
	s.mark("a signing secret", made.Secret)
	client := s.mark("an endpoint's client secret", "Marked-Hook-Client-1")
	s.json(http.StatusOK, http.MethodPatch, "/webhooks/v1/endpoints/"+made.ID,
		`{"auth":{"type":"oauth2","tokenUrl":"`+echo.URL+`/token","clientId":"hook","clientSecret":"`+client+`"}}`)
	s.json(http.StatusBadRequest, http.MethodPatch, "/webhooks/v1/endpoints/"+made.ID, `{"url":"nowhere","auth":{"type":"basic","username":"","password":"`+password+`"}}`)
	s.json(http.StatusOK, http.MethodPatch, "/webhooks/v1/endpoints/"+made.ID, `{"auth":{"type":"basic","username":"hook","password":"`+password+`"}}`)
	s.json(http.StatusAccepted, http.MethodPost, "/webhooks/v1/endpoints/"+made.ID+"/test", "")
	s.json(http.StatusOK, http.MethodGet, "/webhooks/v1/endpoints", "")
}

// marketplace sells through a provider that repeats what it is sent.
func (s *secrets) marketplace() {
	provider := marketplacetest.NewProvider(s.t)
	reseller := s.mark("a reseller key", "Marked-Reseller-Key-1")
	s.json(http.StatusBadRequest, http.MethodPost, "/marketplace/v1/providers",
		`{"name":"NO GOOD","title":"","baseUrl":"nowhere","resellerKey":"`+reseller+`"}`)
	var made struct {
		ID  string
		Key struct{ ID, Clear string }
	}
	s.a.must(http.StatusCreated, http.MethodPost, "/marketplace/v1/providers",
		`{"name":"echo","title":"Echo","baseUrl":"`+provider.URL+`","resellerKey":"`+reseller+`"}`, &made)
	key := s.mark("a provider key", made.Key.Clear)
	var product struct{ ID string }
	s.a.must(http.StatusCreated, http.MethodPost, "/marketplace/v1/providers/"+made.ID+"/products", `{"name":"Mail","skus":[{"sku":"SKU-S","name":"Seats","unit":"seat"}],
		"form":[{"field":"username","jsonName":"user","shown":true,"required":true},{"field":"password","jsonName":"pass","shown":true,"required":true},
		{"field":"companyName","jsonName":"company","shown":true,"required":false},{"field":"resellerKey","jsonName":"resellerkey","shown":false,"required":true}]}`, &product)
	provider.Choose(func(c marketplacetest.Call) marketplacetest.Act {
		if strings.Contains(string(c.Body), "refused-user") {
			return marketplacetest.Repeats()
		}
		if len(provider.Calls())%2 == 1 {
			return marketplacetest.Fails(http.StatusInternalServerError)
		}
		return marketplacetest.Opens()
	})
	password := s.mark("a buyer's password", `Marked-"Password"-1`)
	typed, _ := json.Marshal(password)
	subscribe := func(want int, user, more, idempotency string) string {
		req := s.a.request(http.MethodPost, "/marketplace/v1/subscriptions", "application/json",
			`{"productId":"`+product.ID+`","fields":{"username":"`+user+`","password":`+string(typed)+more+`}}`)
		req.Header.Set("Idempotency-Key", idempotency)
		var sub struct{ ID string }
		_ = json.Unmarshal(s.send(want, req).body, &sub) // an error has no id
		return sub.ID
	}
	first := subscribe(http.StatusCreated, "marked-user", `,"companyName":"Marked Company"`, "k-1")
	subscribe(http.StatusCreated, "marked-user", `,"companyName":"Marked Company"`, "k-1") // from what was kept
	refused := subscribe(http.StatusCreated, "refused-user", "", "k-2")
	card := s.mark("a card number", "4111 1111 1111 1111")
	subscribe(http.StatusBadRequest, "marked-user", `,"companyName":"`+card+`"`, "k-3")
	subscribe(http.StatusBadRequest, card, "", "k-4")
	subscribe(http.StatusBadRequest, "marked-user", `,"address1":"not part of the form"`, "k-5")
	s.a.advance(`{"by":"PT1H"}`)
	for id, state := range map[string]string{first: "active", refused: "failed"} {
		res := s.json(http.StatusOK, http.MethodGet, "/marketplace/v1/subscriptions/"+id, "")
		if !strings.Contains(string(res.body), `"state":"`+state+`"`) {
			s.t.Errorf("subscription %s is %s, want %s", id, res.body, state)
		}
	}
	s.json(http.StatusOK, http.MethodPost, "/marketplace/v1/providers/"+made.ID+"/products/"+product.ID+"/test-call", "")
	s.json(http.StatusOK, http.MethodGet, "/marketplace/v1/providers/"+made.ID+"/calls", "")
	s.json(http.StatusOK, http.MethodGet, "/marketplace/v1/providers/"+made.ID, "")
	s.updates(made.ID, key, provider)
}

// updates are a provider's, well and badly.
func (s *secrets) updates(id, key string, provider *marketplacetest.Provider) {
	coid := ""
	for _, account := range provider.Accounts() {
		coid = account.COID
	}
	told := 0
	tell := func(want int, key, coid, sku string) {
		told++
		req := s.a.request(http.MethodPost, "/update-subscription/", "application/json",
			`{"coid":"`+coid+`","expired":false,"sku":"`+sku+`","count":1,"providerkey":"`+key+`"}`)
		req.Header.Del("Authorization")
		req.Header.Set("Idempotency-Key", fmt.Sprint("update-", told))
		s.send(want, req)
	}
	tell(http.StatusCreated, key, coid, "SKU-S")
	tell(http.StatusNotFound, key, "CO-nobody", "SKU-S")
	tell(http.StatusNotFound, key, coid, "SKU-nothing")
	tell(http.StatusUnauthorized, s.mark("a wrong provider key", "pk_Marked.Wrong-Provider-Key"), coid, "SKU-S")
	tell(http.StatusBadRequest, key, "", "")
	res := s.a.must(http.StatusCreated, http.MethodPost, "/marketplace/v1/providers/"+id+"/keys", `{"expireOld":"PT1H"}`, nil)
	var second struct{ Clear string }
	if err := json.Unmarshal(res.body, &second); err != nil {
		s.t.Fatal(err)
	}
	s.mark("a second provider key", second.Clear)
	tell(http.StatusCreated, second.Clear, coid, "SKU-S")
	s.json(http.StatusConflict, http.MethodPost, "/marketplace/v1/providers/"+id+"/keys", "")
	s.json(http.StatusOK, http.MethodGet, "/marketplace/v1/providers/"+id+"/calls", "")
}

// preorder has a customer's number and date of birth in every Config, good and bad. It
// answers the transactions in which a customer is kept, sealed, and whose that is.
func (s *secrets) preorder() map[string]string {
	s.a.must(http.StatusOK, http.MethodPost, "/sandbox/v1/clock/freeze", "", nil)
	s.a.advance(`{"to":"2032-01-12T18:00:00Z"}`) // noon where the carrier is: the day does not end meanwhile
	s.mark("a later access token", s.a.token)
	ssn, dob := s.mark("a customer's number", "731-42-8596"), s.mark("a customer's date of birth", "03/17/1975")
	s.mark("a customer's number without separators", "731428596")
	s.mark("a customer's date of birth, the other way", "1975-03-17")
	config := func(tx, detail, po, ssn, dob, more string) string {
		return `{"transactionId":"` + tx + `","salesCode":"SC10001","partnerId":"PTNR1001","partnerOrderId":"` + po + `","configType":"Config","addressDetailId":"` + detail +
			`","productCode":"HSI-20-POST","billType":"POSTPAID","interestedInSelfInstallOrTechInstall":"SELF",` + more +
			`"customer":{"accountFirstName":"Robin","accountLastName":"Example","ssn":"` + ssn + `","dob":"` + dob + `"}}`
	}
	const path = "/Product/v1/pxConfigure"
	first, detail := s.qualify("4 Marsh Haven Ln", "Savannah", "GA", "31411")
	bad := func(want int, ssn, dob, more string) {
		s.t.Helper()
		s.broken(want, s.a.request(http.MethodPost, path, "application/json", config(first, detail, "PO-MARKED", ssn, dob, more)))
	}
	bad(http.StatusGone, s.mark("a number with a letter", "731-42-85X6"), dob, "")
	bad(http.StatusGone, s.mark("a number that is too long", "731-42-8596-1"), dob, "")
	bad(http.StatusGone, s.mark("a number that is never given out", "931-42-8596"), dob, "")
	bad(http.StatusGone, ssn, s.mark("a date of birth in another form", "17.03.1975"), "")
	bad(http.StatusGone, ssn, s.mark("a date that there is not", "02/30/1975"), "")
	bad(http.StatusGone, ssn, "1975-03-17", "")
	bad(http.StatusGone, ssn, s.mark("a date of birth under 18", "03/17/2019"), "")
	bad(http.StatusGone, ssn, "01/01/1901", "") // cannot be authenticated
	bad(http.StatusGone, ssn, dob, `"promoCode":"FREE4EVER",`)
	bad(http.StatusBadRequest, ssn, dob, `"salesCod":"`+ssn+`",`)
	bad(http.StatusBadRequest, ssn, dob, `"addOns":["`+ssn+`"],`)
	bad(http.StatusBadRequest, ssn, dob, `"addOns":`)
	s.broken(http.StatusUnsupportedMediaType, s.a.request(http.MethodPost, path, "text/plain", config(first, detail, "PO-MARKED", ssn, dob, "")))
	misplaced := s.a.request(http.MethodPost, path, "application/json", config(first, detail, "PO-MARKED", ssn, "", ""))
	misplaced.URL.RawQuery = url.Values{"ssn": {ssn}, "dob": {dob}}.Encode()
	s.broken(http.StatusGone, misplaced)
	for _, mode := range []string{"unavailable", "timeout", "error"} {
		s.json(http.StatusCreated, http.MethodPost, "/sandbox/v1/faults", `{"target":"preorder.credit","mode":"`+mode+`","count":1}`)
		s.json(http.StatusServiceUnavailable, http.MethodPost, path, config(first, detail, "PO-MARKED", ssn, dob, ""))
	}
	stopped := s.mark("a number that is stopped", "731-43-0004")
	s.json(http.StatusOK, http.MethodPost, "/pxConfigure", config(first, detail, "PO-MARKED", stopped, dob, ""))
	s.json(http.StatusConflict, http.MethodPost, "/pxCompleteOrder", `{"transactionId":"`+first+`","salesCode":"SC10001","partnerId":"PTNR1001","partnerOrderId":"PO-MARKED"}`)

	second, detail := s.qualify("718 Newhall Dr", "Nashville", "TN", "37206")
	for range 2 { // the second is answered from what was kept
		req := s.a.request(http.MethodPost, path, "application/json", config(second, detail, "PO-MARKED-2", ssn, dob, ""))
		req.Header.Set("Idempotency-Key", "marked-config")
		s.send(http.StatusOK, req)
	}
	complete := `{"transactionId":"` + second + `","salesCode":"SC10001","partnerId":"PTNR1001","partnerOrderId":"PO-MARKED-2"}`
	third, detail := s.qualify("287 Lawndale Dr", "Nashville", "TN", "37211")
	approved := s.mark("a number that is approved", "731430001")
	s.json(http.StatusOK, http.MethodPost, path, config(third, detail, "PO-MARKED-3", approved, dob, ""))
	s.json(http.StatusCreated, http.MethodPost, "/pxCompleteOrder", strings.NewReplacer(second, third, "PO-MARKED-2", "PO-MARKED-3").Replace(complete))
	s.json(http.StatusOK, http.MethodGet, "/Product/v1/pxOrders", "")
	return map[string]string{first: "731430004", second: "731428596", third: approved}
}

// voice has a losing carrier's PIN in orders and supplements, good and bad.
func (s *secrets) voice() {
	send := func(want int, path, key, wireless, pin string) answer {
		s.t.Helper()
		req := s.a.request(http.MethodPost, path, "application/json", `{"productID":"2036","orderType":"LNP","customerServiceName":"MAIN-ROUTE","subscriberLines":[{
			"customerType":"B","businessName":"Marked Company","tnList":[{"startTN":13033312000,"endTN":13033312004}],
			"serviceAddress":{"streetNumber":"100","streetName":"MAIN","streetSuffix":"ST","city":"DENVER","state":"CO","zip":"80202"}}],
			"lnp":{"loaName":"Marked Company","loaReceived":"Y","loaDateTime":"2032-01-05T10:00:00Z","workingTelephoneNumber":"13033312000",
			"losingCarrierAccountNumber":"ACC-1234","losingCarrierWireless":"`+wireless+`","losingCarrierPin":"`+pin+`"}}`)
		req.Header.Set("x-customer-number", "1-ABCDE")
		if key != "" {
			req.Header.Set("Idempotency-Key", key)
		}
		return s.send(want, req)
	}
	const path = "/Voice/v1/Numbers/order"
	send(http.StatusBadRequest, path, "", "Y", s.mark("a PIN that is too long", "pInMaRkEdTooLong"))
	send(http.StatusBadRequest, path, "", "N", s.mark("a PIN with a blank", "pIn mArk 3"))
	pin := s.mark("a losing carrier's PIN", "pInMaRk4x1")
	res := send(http.StatusAccepted, path, "marked-port", "Y", pin)
	send(http.StatusAccepted, path, "marked-port", "Y", pin) // from what was kept
	var made struct{ VoiceOrderID string }
	if err := json.Unmarshal(res.body, &made); err != nil {
		s.t.Fatal(err)
	}
	req := s.a.request(http.MethodPost, path+"/"+made.VoiceOrderID+"/supplement", "application/json", `{"lnp":{"loaName":"Marked Company","loaReceived":"Y",
		"loaDateTime":"2032-01-05T10:00:00Z","workingTelephoneNumber":"13033312000","losingCarrierAccountNumber":"ACC-1234","losingCarrierWireless":"Y",
		"losingCarrierPin":"`+s.mark("a losing carrier's PIN, mended", "pInMaRk4x2")+`"}}`)
	req.Header.Set("x-customer-number", "1-ABCDE")
	s.send(http.StatusAccepted, req)
	s.a.advance(`{"by":"PT20M"}`)
	req = s.a.request(http.MethodGet, "/Voice/v1/orderStatus?voiceOrderId="+made.VoiceOrderID, "", "")
	req.Header.Set("x-customer-number", "1-ABCDE")
	if status := s.send(http.StatusOK, req); !bytes.Contains(status.body, []byte(`"orderStatusDetail":"in-progress"`)) {
		s.t.Errorf("the port is %s", status.body)
	}
}

// qualify qualifies an address, and answers its transaction and its id.
func (s *secrets) qualify(street, city, state, zip string) (tx, detail string) {
	s.t.Helper()
	var q struct{ TransactionID, AddressDetailID string }
	s.a.must(http.StatusOK, http.MethodPost, "/Product/v1/pxQualify", `{"salesCode":"SC10001","agentId":"AGENT01","partnerId":"PTNR1001","marketSegment":"Consumer","qualForVideo":false,
		"address":{"streetAddress":"`+street+`","city":"`+city+`","state":"`+state+`","zip":"`+zip+`"}}`, &q)
	return q.TransactionID, q.AddressDetailID
}

// sealed looks for each transaction's customer in the export and in the database: they
// are there, and only the key file opens them.
func (s *secrets) sealed(customers map[string]string, database []byte) {
	s.t.Helper()
	ring, err := seal.OpenFile(cmp.Or(s.n.flag("--key-file"), filepath.Join(s.n.dir, "demarc.key")))
	if err != nil {
		s.t.Fatal(err)
	}
	for tx, ssn := range customers {
		m := regexp.MustCompile(`"customer":"([^"]+)","id":"` + tx + `"`).FindSubmatch(s.export)
		if m == nil {
			s.t.Errorf("the export has no customer of %s", tx)
			continue
		}
		kept, err := base64.StdEncoding.DecodeString(string(m[1]))
		if err != nil || !bytes.Contains(database, kept) && !bytes.Contains(database, []byte(fmt.Sprintf("%x", kept))) {
			s.t.Errorf("the database has no customer of %s (%v)", tx, err)
		}
		if text, err := ring.Open("preorder customer of "+tx, kept); err != nil || !bytes.Contains(text, []byte(`"ssn":"`+ssn+`"`)) {
			s.t.Errorf("the key file opens the customer of %s as %q, %v", tx, text, err)
		}
	}
}

// database is every byte of it: SQLite's files, or PostgreSQL's rows as text.
func (s *secrets) database(kind string) []byte {
	s.t.Helper()
	var all []byte
	if kind == onSQLite {
		files, err := filepath.Glob(filepath.Join(s.n.dir, "demarc.db*"))
		if err != nil || len(files) == 0 {
			s.t.Fatalf("no database: %v", err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				s.t.Fatal(err)
			}
			all = append(all, text...)
		}
		return all
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.n.args[slices.Index(s.n.args, "--db")+1])
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1`)
	if err != nil {
		s.t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		s.t.Fatal(err)
	}
	for _, table := range tables {
		rows, err := conn.Query(ctx, `SELECT t::text FROM `+pgx.Identifier{table}.Sanitize()+` t`)
		if err != nil {
			s.t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, strings.Join(lines, "\n")...)
	}
	return all
}

// collector is where traces go.
type collector struct {
	*httptest.Server
	mu  sync.Mutex
	all bytes.Buffer
}

func newCollector(t *testing.T) *collector {
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, _ = io.Copy(&c.all, r.Body)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) got() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.all.Bytes())
}
