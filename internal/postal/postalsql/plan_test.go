package postalsql

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/postal"
)

// recorder keeps the statements that a search asks.
type recorder struct {
	*db.Tx
	asked map[string][]any
}

func (r recorder) Ask(row func(scan func(...any) error) error, sql string, args ...any) {
	r.asked[sql] = args
	r.Tx.Ask(row, sql, args...)
}

func (r recorder) AskOne(found *bool, dst []any, sql string, args ...any) {
	r.asked[sql] = args
	r.Tx.AskOne(found, dst, sql, args...)
}

// whole recognises, in either database's plan, that a table is read as a whole. An
// index of PostgreSQL's that is read without a condition is no better.
var whole = regexp.MustCompile(`SCAN (postal_\w+|[abus])\b|Seq Scan on postal_\w+`)

func TestEveryLookupReadsByIndex(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		err := Load(ctx, d, func(yield func(postal.Address) bool) {
			for n := range int64(200_000) {
				if !yield(postal.Synthetic(n)) {
					return
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if plan := explain(ctx, t, d, `SELECT id FROM postal_street WHERE name = $1`, []any{"MAIN"}); !whole.MatchString(plan) {
			t.Errorf("the plan of a search by name is taken for a good one:\n%s", plan)
		}
		asked := statements(ctx, t, d)
		if len(asked) < 13 {
			t.Errorf("only %d statements were asked: the questions do not reach all of them", len(asked))
		}
		for sql, args := range asked {
			plan := explain(ctx, t, d, sql, args)
			if whole.MatchString(plan) {
				t.Errorf("%s\nreads a whole table:\n%s", sql, plan)
			}
			for _, part := range regexp.MustCompile(`(?m)^.*Index (Only )?Scan.* on postal.*\n.*`).FindAllString(plan, -1) {
				if !strings.Contains(part, "Index Cond") {
					t.Errorf("%s\nreads a whole index:\n%s", sql, plan)
				}
			}
		}
	})
}

// statements are all that lookups ask, with arguments.
func statements(ctx context.Context, t *testing.T, d *db.DB) map[string][]any {
	t.Helper()
	known, far := postal.Synthetic(150_000), postal.Synthetic(150_000)
	far.Street, far.UnitType, far.Unit = "UNHEARD OF", "APT", "7"
	beside := postal.Synthetic(150_000)
	beside.Number, beside.UnitType, beside.Unit = beside.Number+"1", "APT", "7"
	asked := map[string][]any{}
	err := d.SystemView(ctx, func(tx *db.Tx) error {
		r := recorder{tx, asked}
		for _, q := range []postal.Address{known, far, beside} {
			matches, err := near(r, q, 10)
			if err != nil {
				return err
			}
			if q == known && (len(matches) == 0 || matches[0].Address != known) {
				t.Errorf("%s is not found: %v", known, matches)
			}
		}
		found := 0
		take := func(postal.Entry) { found++ }
		askEntries(r, []string{known.ID()}, take)
		askEntries(r, []string{known.ID(), postal.Synthetic(1).ID()}, take)
		if err := r.Flush(); err != nil {
			return err
		}
		if found != 3 {
			t.Errorf("%d entries", found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return asked
}

func explain(ctx context.Context, t *testing.T, d *db.DB, sql string, args []any) string {
	t.Helper()
	var plan []string
	err := d.SystemView(ctx, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var id, parent, rest int64
			var detail string
			columns := []any{&id, &parent, &rest, &detail}
			if tx.Dialect() == db.Postgres {
				columns = columns[3:]
			}
			err := scan(columns...)
			plan = append(plan, detail)
			return err
		}, map[db.Dialect]string{db.SQLite: "EXPLAIN QUERY PLAN ", db.Postgres: "EXPLAIN "}[tx.Dialect()]+sql, args...)
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan, "\n") + "\n"
}

func TestASlipOfTheZIPCodeIsTried(t *testing.T) {
	t.Parallel()
	list := zipsNear("01104")
	for _, want := range []string{"01104", "91104", "01105", "10104", "01140"} {
		if !slices.Contains(list, want) {
			t.Errorf("%s is not tried for 01104", want)
		}
	}
	if len(list) != 1+45+3 {
		t.Errorf("%d ZIP codes are tried", len(list))
	}
}

func TestASlipOfTheNumberIsTried(t *testing.T) {
	t.Parallel()
	list := numbersNear(1234)
	for _, want := range []int64{1235, 2134, 134, 123, 12340, 11234, 12934} {
		if !slices.Contains(list, want) {
			t.Errorf("%d is not tried for 1234", want)
		}
	}
	if slices.Contains(list, 1234) || len(list) > 120 {
		t.Errorf("%d numbers are tried, among them the one itself: %v", len(list), slices.Contains(list, 1234))
	}
	if list := numbersNear(0); len(list) != 0 {
		t.Errorf("no number is like %v", list)
	}
}

func TestOneEndOfANameSurvivesASlip(t *testing.T) {
	t.Parallel()
	head, tail := keys("OAK GROVE")
	if head != "GRO" || tail != "OAK" {
		t.Errorf("the keys are %s and %s", head, tail)
	}
	for _, street := range []string{"OAK GROVE", "GROVE OAK", "PAK GROVE", "OAK GROVF", "OK GROVE", "AOK GROVE", "OAKGROVE", "ZAK GROVE"} {
		heads, tails := askedKeys(postal.Address{Street: street, Suffix: "ST"})
		if !slices.Contains(heads, head) && !slices.Contains(tails, tail) && street != "OAKGROVE" {
			t.Errorf("%s is asked by %v and %v", street, heads, tails)
		}
	}
	if heads, _ := askedKeys(postal.Address{Street: "OAK", Suffix: "RDG"}); !slices.Contains(heads, "OAK") {
		t.Errorf("OAK RIDGE without its suffix is asked by %v", heads)
	}
}
