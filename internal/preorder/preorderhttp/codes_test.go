package preorderhttp_test

import (
	"encoding/csv"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"demarc/internal/preorder"
)

// published is a row of the source's table.
type published struct {
	status int
	text   string
}

// table reads the source's table: by API ("Qual 2000"), its rows.
func table(t *testing.T) map[string]published {
	t.Helper()
	f, err := os.Open("testdata/px_errors.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]published{}
	for _, r := range rows[1:] {
		status, err := strconv.Atoi(r[1])
		if err != nil {
			t.Fatal(err)
		}
		all[strings.Fields(r[0])[0]+" "+r[2]] = published{status, r[3]}
	}
	if len(all) != 47 {
		t.Fatalf("the table has %d rows", len(all))
	}
	return all
}

// gap is a place of a text that is filled. The pair of angle brackets among the
// unsupported characters is none.
var gap = regexp.MustCompile(`\(\)<>\?\{\}|<B>|<>`)

// filled is a published text with its gaps filled, in their order.
func (p published) filled(t *testing.T, values ...string) string {
	t.Helper()
	text := gap.ReplaceAllStringFunc(p.text, func(found string) string {
		if strings.HasPrefix(found, "(") {
			return found
		}
		if len(values) == 0 {
			t.Fatalf("too few values for %s", p.text)
		}
		v := values[0]
		values = values[1:]
		return v
	})
	if len(values) > 0 {
		t.Fatalf("too many values for %s: %q", p.text, values)
	}
	return text
}

type coded struct {
	TransactionID string
	Status        string
	Messages      []struct{ Code, Field, Message string }
}

// tried is a call that has to be answered with a code.
type tried struct {
	got    answer
	tx     string   // that the answer is about; "new" for one that the call has made
	values []string // in the text's gaps, before the transaction
	field  string   // the first of values when empty
	beside []string // other codes, after the row's
}

// row is one way to meet a code.
type row struct {
	is  string // "Qual 2000"
	why string
	try func(t *testing.T, e *edge) tried
}

const made = "new"

var newTx = regexp.MustCompile(`^PX-[A-Z2-7]{16}$`)

// Every row of the source's table is met over HTTP, on both paths: its status, its code
// and its text letter by letter.
func TestEveryRowOfTheSourcesTable(t *testing.T) {
	t.Parallel()
	rows := table(t)
	for _, suffix := range []string{"", "NoPrefix"} {
		t.Run("pxQualify"+suffix, func(t *testing.T) {
			t.Parallel()
			e := serve(t, suffix)
			met := map[string]bool{}
			all := append(append(append(qualRows(), backendRows()...), configRows()...), customerRows()...)
			all = append(all, lateRows()...) // they move the clock
			for _, r := range all {
				t.Run(r.is+" "+r.why, func(t *testing.T) {
					met[r.is] = true
					rows[r.is].hold(t, r, r.try(t, e))
				})
			}
			for is := range rows {
				if !met[is] {
					t.Errorf("%s was not met", is)
				}
			}
			e.CheckAll()
			e.noSecrets(t)
		})
	}
}

// hold compares an answer with the table's row.
func (p published) hold(t *testing.T, r row, x tried) {
	t.Helper()
	if p.status == 0 {
		t.Fatalf("the table has no row %s", r.is)
	}
	var c coded
	x.got.read(t, &c)
	tx := x.tx
	if tx == made {
		if tx = c.TransactionID; !newTx.MatchString(tx) {
			t.Errorf("the transaction is called %q", tx)
		}
	}
	status := "ERROR"
	if p.status == 200 {
		status = "NO_MATCH"
	}
	if x.got.status != p.status || c.TransactionID != tx || c.Status != status || len(c.Messages) != 1+len(x.beside) {
		t.Fatalf("got %d %s, want %d about %q", x.got.status, x.got.body, p.status, tx)
	}
	if x.field == "" {
		x.field = x.values[0]
	}
	code := strings.Fields(r.is)[1]
	if text := p.filled(t, append(x.values, tx)...); c.Messages[0].Code != code || c.Messages[0].Field != x.field || c.Messages[0].Message != text {
		t.Errorf("got  %+v\nwant %s %s %s", c.Messages[0], code, x.field, text)
	}
	for i, other := range x.beside {
		if got := c.Messages[i+1].Code; got != other {
			t.Errorf("%s is beside it, not %s", got, other)
		}
	}
	if challenge := x.got.header.Get("WWW-Authenticate"); (p.status == 401) != (challenge == `Bearer realm="demarc"`) {
		t.Errorf("challenged with %q", challenge)
	}
}

// qual is a qualification that is wrong in one field, of a new transaction.
func qual(is, why, field string, change func(b body) body) row {
	return row{is, why, func(t *testing.T, e *edge) tried {
		t.Helper()
		got := e.send(t, e.op("pxQualify"), ask{body: change(qualifying("100 Main St"))}, true)
		return tried{got: got, tx: made, values: []string{field}}
	}}
}

func set(name string, value any) func(b body) body {
	return func(b body) body { return b.with(name, value) }
}

func unset(name string) func(b body) body { return func(b body) body { return b.without(name) } }

func qualRows() []row {
	noMatch := func(zip string) func(t *testing.T, e *edge) tried {
		return func(t *testing.T, e *edge) tried {
			t.Helper()
			got := e.good(t, e.op("pxQualify"), ask{body: qualifying("1 Nowhere Rd").with("zip", zip)}, 200, nil)
			return tried{got: got, tx: made, field: "address"}
		}
	}
	second := func(tx, detail, field string) func(t *testing.T, e *edge) tried {
		return func(t *testing.T, e *edge) tried {
			t.Helper()
			b := choosing(tx, detail)
			about := made
			if tx == "near" {
				about, _ = e.near(t)
				b = choosing(about, detail)
			}
			return tried{got: e.send(t, e.op("pxQualify"), ask{body: b}, true), tx: about, values: []string{field}}
		}
	}
	return []row{
		{"Qual 2096", "no such address where there is service", noMatch("71203")},
		{"Qual 2086", "no such address, and no service", noMatch("99501")},
		qual("Qual 2000", "missing", "salesCode", unset("salesCode")),
		qual("Qual 2000", "another partner's", "salesCode", set("salesCode", "SC20002")),
		qual("Qual 2010", "missing", "agentId", unset("agentId")),
		qual("Qual 2010", "malformed", "agentId", set("agentId", "no agent")),
		qual("Qual 2020", "missing", "marketSegment", unset("marketSegment")),
		qual("Qual 2020", "neither of the two", "marketSegment", set("marketSegment", "Enterprise")),
		qual("Qual 2030", "missing", "partnerId", unset("partnerId")),
		qual("Qual 2030", "another", "partnerId", set("partnerId", preorder.OtherPartner)),
		qual("Qual 2040", "missing", "qualForVideo", unset("qualForVideo")),
		qual("Qual 2040", "true", "qualForVideo", set("qualForVideo", true)),
		qual("Qual 2040", "a text", "qualForVideo", set("qualForVideo", "false")),
		qual("Qual 1000", "missing", "streetAddress", set("streetAddress", "")),
		qual("Qual 1000", "without a number", "streetAddress", set("streetAddress", "Main Street")),
		qual("Qual 1010", "missing", "city", set("city", " ")),
		qual("Qual 1020", "missing", "state", set("state", "")),
		qual("Qual 1020", "there is no such state", "state", set("state", "ZZ")),
		qual("Qual 1030", "missing", "zip", set("zip", "")),
		qual("Qual 1030", "four digits", "zip", set("zip", 7120)),
		{"Qual 2070", "a choice without a transaction", second("", "AD-5", "transactionId")},
		{"Qual 2070", "a malformed one", second("not a transaction", "AD-5", "transactionId")},
		{"Qual 2070", "one that there is not", second("PX-AAAAAAAAAAAAAAAA", "AD-5", "transactionId")},
		{"Qual 2070", "one that waits for no choice", func(t *testing.T, e *edge) tried {
			t.Helper()
			tx, detail := e.qualify(t)
			return tried{got: e.send(t, e.op("pxQualify"), ask{body: choosing(tx, detail)}, true), tx: tx, values: []string{"transactionId"}}
		}},
		{"Qual 2080", "no address", second("near", "", "addressDetailId")},
		{"Qual 2080", "not one of the near matches", second("near", "AD-100", "addressDetailId")},
		{"Qual 1005", "an order of today", func(t *testing.T, e *edge) tried {
			t.Helper()
			number, _, detail := e.order(t, "PO-BLOCKS")
			street := strings.TrimPrefix(detail, "AD-") + " N. Main Street"
			got := e.send(t, e.op("pxQualify"), ask{body: qualifying(street)}, true)
			return tried{got: got, tx: made, values: []string{number, "800-555-0199"}, field: "address"}
		}},
	}
}

// backendRows are the failures of the address service and of LoopQual, and a loop that
// carries nothing.
func backendRows() []row {
	fails := func(is, backend, how string) row {
		return row{is, backend + " " + how, func(t *testing.T, e *edge) tried {
			t.Helper()
			e.back.set(func(b *backends) { b.fails[backend] = how })
			defer e.back.set(func(b *backends) { delete(b.fails, backend) })
			got := e.send(t, e.op("pxQualify"), ask{body: qualifying(e.house())}, true)
			return tried{got: got, tx: made, field: backend}
		}}
	}
	return []row{
		fails("Qual 4000", preorder.BackendAddress, preorder.HowDown),
		fails("Qual 4010", preorder.BackendAddress, preorder.HowLate),
		fails("Qual 5000", preorder.BackendAddress, preorder.HowWrong),
		fails("Qual 4020", preorder.BackendLoopQual, preorder.HowDown),
		fails("Qual 4030", preorder.BackendLoopQual, preorder.HowLate),
		fails("Qual 5010", preorder.BackendLoopQual, preorder.HowWrong),
		{"Qual 6000", "the line carries nothing", func(t *testing.T, e *edge) tried {
			t.Helper()
			e.back.set(func(b *backends) { b.loop = preorder.Loop{} })
			defer e.back.set(func(b *backends) { b.loop = fiber })
			return tried{got: e.send(t, e.op("pxQualify"), ask{body: qualifying(e.house())}, true), tx: made, field: "products"}
		}},
	}
}

// lateRows are about a transaction of another Central-Time day: the world begins at
// seven in the evening there.
func lateRows() []row {
	const midnight = 5 * time.Hour
	return []row{
		{"Qual 2220", "the first one was yesterday", func(t *testing.T, e *edge) tried {
			t.Helper()
			tx, details := e.near(t)
			e.Jump(midnight)
			return tried{got: e.send(t, e.op("pxQualify"), ask{body: choosing(tx, details[0])}, true), tx: tx, field: "transactionId"}
		}},
		{"Config 2200", "the qualification was yesterday", func(t *testing.T, e *edge) tried {
			t.Helper()
			tx, detail := e.qualify(t)
			e.Jump(24 * time.Hour)
			return tried{got: e.send(t, e.op("pxConfigure"), ask{body: configuring(tx, detail, "PO-LATE")}, true), tx: tx, field: "transactionId"}
		}},
	}
}
