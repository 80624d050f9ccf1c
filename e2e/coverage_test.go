package e2e

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"demarc/internal/contract"
)

// Which of the documented answers the program has really given, in this run of the
// tests: every answer to a watched client is counted, and at the end they are written
// to build/contract-coverage.csv. With DEMARC_COVERAGE=require each answer that a table
// in api/contract lists must be among them.

// met is one kind of answer.
type met struct {
	product string // px, or the name of the API's document
	api     string // Qual, Config, Complete; error, notification; of other products the operation
	code    string // the source's code; of other products the status, and an error's reason
}

func (m met) String() string { return m.product + " " + m.api + " " + m.code }

// coverage is what was met. Its zero value is ready for use.
type coverage struct {
	mu   sync.Mutex
	rows map[met]bool
}

// covered is what all tests of this process have met.
var covered coverage

// recorder counts the answers that pass through it.
type recorder struct {
	base http.RoundTripper
	into *coverage
}

// RoundTrip sends one request. The answer is counted as it is read, and not read for
// the count: a stream has no end, and who has not read an answer has not met it.
func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := r.base.RoundTrip(req)
	if err != nil {
		return res, err
	}
	op, doc := operationAt(req.Method, req.URL)
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if media != "application/json" && media != "application/xml" || res.Body == http.NoBody {
		r.into.count(doc, op, res.StatusCode, nil)
		return res, nil
	}
	res.Body = &counted{ReadCloser: res.Body, done: func(body []byte) {
		r.into.count(doc, op, res.StatusCode, body)
		r.into.countVoice(op, req.URL.Path, res, body)
	}}
	return res, nil
}

// counted tells what was read, once all of it was.
type counted struct {
	io.ReadCloser
	all  bytes.Buffer
	done func(body []byte)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.all.Write(p[:n])
	if errors.Is(err, io.EOF) && c.done != nil {
		c.done(c.all.Bytes())
		c.done = nil
	}
	return n, err
}

// spot is an operation of the documents, and where it is.
type spot struct {
	method, op, doc string
	path            []string
}

// spots are all of them, in order.
var spots = sync.OnceValue(func() []spot {
	var list []spot
	for id, o := range contract.Operations() {
		list = append(list, spot{o.Method, id, o.Doc, strings.Split(o.Path, "/")})
	}
	slices.SortFunc(list, func(a, b spot) int { return strings.Compare(a.op, b.op) })
	return list
})

// operationAt is the operation at an address and the document that has it. Of a method
// that is not possible there it is one that is.
func operationAt(method string, u *url.URL) (op, doc string) {
	path := strings.Split(u.EscapedPath(), "/")
	best := -1
	for _, p := range spots() {
		literal, fits := like(p.path, path)
		rank := 2 * literal
		if p.method == method {
			rank++
		}
		if fits && rank > best {
			best, op, doc = rank, p.op, p.doc
		}
	}
	return op, doc
}

// like reports whether a path is of a pattern, and how many of its segments are
// spelt out there.
func like(pattern, path []string) (literal int, fits bool) {
	if len(pattern) != len(path) {
		return 0, false
	}
	for i, s := range pattern {
		switch {
		case s == path[i]:
			literal++
		case !strings.HasPrefix(s, "{") || path[i] == "":
			return 0, false
		}
	}
	return literal, true
}

// pxAPIs are the calls whose answers the source gives codes.
var pxAPIs = map[string]string{"pxQualify": "Qual", "pxConfigure": "Config", "pxCompleteOrder": "Complete"}

// count counts an answer of an operation; of none, nothing.
func (c *coverage) count(doc, op string, status int, body []byte) {
	if op == "" {
		return
	}
	var answer struct {
		Reason   string
		OAuth    json.RawMessage `json:"error"`
		Messages []struct{ Code string }
	}
	_ = json.Unmarshal(body, &answer) // what is no object has no reason
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rows == nil {
		c.rows = map[met]bool{}
	}
	if api := pxAPIs[strings.TrimSuffix(op, "NoPrefix")]; api != "" {
		for _, m := range answer.Messages {
			c.rows[met{"px", api, m.Code}] = true
		}
	}
	code := strconv.Itoa(status)
	if status >= http.StatusBadRequest {
		oauth := ""
		_ = json.Unmarshal(answer.OAuth, &oauth)
		code = strings.TrimSpace(code + " " + cmp.Or(answer.Reason, oauth))
	}
	c.rows[met{doc, op, code}] = true
}

// list is what was met, in order.
func (c *coverage) list() []met {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.SortedFunc(maps.Keys(c.rows), func(a, b met) int { return strings.Compare(a.String(), b.String()) })
}

// write leaves the list for people to read.
func (c *coverage) write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	_ = w.Write([]string{"product", "api", "code"}) // a buffer takes everything
	for _, m := range c.list() {
		_ = w.Write([]string{m.product, m.api, m.code})
	}
	w.Flush()
	return os.WriteFile(path, text.Bytes(), 0o600)
}

// missing says which of the rows were not met.
func (c *coverage) missing(rows []wanted) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []string
	for _, row := range rows {
		if !c.rows[row.met] {
			list = append(list, fmt.Sprintf("%s: %s (%s)", row.table, row.met, row.trigger))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d documented answers were not met over the wire:\n%s", len(list), len(rows), strings.Join(list, "\n"))
}

// wanted is an answer that a table lists.
type wanted struct {
	met
	table   string
	trigger string // when it is given
}

// Where tables and list are, from this directory.
const (
	tables       = "../api/contract"
	coverageFile = "../build/contract-coverage.csv"
)

// documentedAnswers reads all tables.
func documentedAnswers() ([]wanted, error) {
	var all []wanted
	named := map[string]func(row map[string]string) met{
		"px_errors.csv": func(row map[string]string) met {
			api, _, _ := strings.Cut(row["api"], " ") // "Config (for Re-Config)" is a Config
			return met{"px", api, row["code"]}
		},
		"care_errors.csv": func(row map[string]string) met { return met{"care", row["operation"], row["http_status"]} },
		"marketplace_update.csv": func(row map[string]string) met {
			return met{"marketplace", row["operation"], strings.TrimSpace(row["http_status"] + " " + row["reason"])}
		},
	}
	maps.Copy(named, voiceTables)
	for table, read := range named {
		rows, err := readTable(filepath.Join(tables, table))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
		for _, row := range rows {
			all = append(all, wanted{met: read(row), table: table, trigger: row["trigger"]})
		}
	}
	slices.SortFunc(all, func(a, b wanted) int { return strings.Compare(a.table+a.String(), b.table+b.String()) })
	return all, nil
}

// readTable reads rows by the names of their columns.
func readTable(path string) ([]map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(lines) < 2 {
		return nil, errors.Join(err, errors.New("there is nothing in it"))
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// settleCoverage writes what was met, and with DEMARC_COVERAGE=require says what was
// not.
func settleCoverage() error {
	if err := covered.write(coverageFile); err != nil {
		return err
	}
	if os.Getenv("DEMARC_COVERAGE") != "require" {
		return nil
	}
	rows, err := documentedAnswers()
	if err != nil {
		return err
	}
	return covered.missing(rows)
}

// The tables are whole, and none of their rows is met by itself.
func TestCoverageKnowsWhatIsDocumented(t *testing.T) {
	t.Parallel()
	rows, err := documentedAnswers()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	unique := map[met]bool{}
	known := contract.Operations()
	for _, row := range rows {
		count[row.table]++
		unique[row.met] = true
		if _, ok := known[row.api]; !ok && row.product != "px" && row.product != "voice" {
			t.Errorf("%s: no document has the operation %s", row.table, row.api)
		}
	}
	for table, want := range map[string]int{"px_errors.csv": 47, "care_errors.csv": 16, "marketplace_update.csv": 6,
		"voice_errors.csv": 103, "voice_notifications.csv": 31} {
		if count[table] != want {
			t.Errorf("%s has %d rows, want %d", table, count[table], want)
		}
	}
	if len(unique) != len(rows) {
		t.Errorf("%d rows are %d answers", len(rows), len(unique))
	}
	var none coverage
	if err := none.missing(rows); err == nil || strings.Count(err.Error(), "\n") != len(rows) || !strings.Contains(err.Error(), "px_errors.csv: px Qual 2086 (") {
		t.Errorf("of nothing that was met is said %v", err)
	}
}

// An answer is counted as what it is, once it was read.
func TestCoverageCountsAnswers(t *testing.T) {
	t.Parallel()
	type sent struct{ method, path, body string }
	for _, c := range []struct {
		is     string
		sent   sent
		status int
		want   []string
	}{
		{"coded", sent{http.MethodPost, "/pxConfigure", `{"transactionId":"","status":"ERROR","messages":[{"code":"2106"},{"code":"2000"}]}`}, 401,
			[]string{"preorder pxConfigureNoPrefix 401", "px Config 2000", "px Config 2106"}},
		{"no match", sent{http.MethodPost, "/Product/v1/pxQualify", `{"status":"NO_MATCH","messages":[{"code":"2086"}]}`}, 200,
			[]string{"preorder pxQualify 200", "px Qual 2086"}},
		{"good", sent{http.MethodPost, "/Product/v1/pxConfigure", `{"transactionId":"PX-1"}`}, 200, []string{"preorder pxConfigure 200"}},
		{"an envelope", sent{http.MethodPost, "/update-subscription/", `{"code":404,"reason":"coid_unknown"}`}, 404, []string{"marketplace updateSubscription 404 coid_unknown"}},
		{"a path that takes a name", sent{http.MethodGet, "/Product/v1/pxOrders/N400000001", `{"code":404,"reason":"preorder_order_unknown"}`}, 404,
			[]string{"preorder getPxOrder 404 preorder_order_unknown"}},
		{"care's own", sent{http.MethodGet, "/bot-ux/v1/PR/accounts", `{"errors":[{"code":501}]}`}, 501, []string{"care listAccounts 501"}},
		{"another method", sent{http.MethodPut, "/bot-ux/v1/PR/accounts", `{"errors":[{"code":405}]}`}, 405, []string{"care listAccounts 405"}},
		{"OAuth's", sent{http.MethodPost, "/oauth/token", `{"error":"invalid_client"}`}, 401, []string{"platform issueToken 401 invalid_client"}},
		{"a list", sent{http.MethodGet, "/bot-ux/v1/PR/accounts", `[]`}, 200, []string{"care listAccounts 200"}},
		{"nothing that is documented", sent{http.MethodGet, "/nowhere", `{}`}, 404, nil},
	} {
		t.Run(c.is, func(t *testing.T) {
			t.Parallel()
			var got coverage
			client := &http.Client{Transport: recorder{into: &got, base: answering(func(*http.Request) *http.Response {
				return &http.Response{StatusCode: c.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(c.sent.body))}
			})}}
			req, err := http.NewRequestWithContext(t.Context(), c.sent.method, "http://demarc.example"+c.sent.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if list := got.list(); len(list) != 0 {
				t.Errorf("it has counted %v before it was read", list)
			}
			if body, err := io.ReadAll(res.Body); err != nil || string(body) != c.sent.body {
				t.Errorf("read %s, %v", body, err)
			}
			var list []string
			for _, m := range got.list() {
				list = append(list, m.String())
			}
			if !slices.Equal(list, c.want) {
				t.Errorf("it counts %q, want %q", list, c.want)
			}
		})
	}
}

// answering is a transport without a wire.
type answering func(*http.Request) *http.Response

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) { return a(req), nil }
