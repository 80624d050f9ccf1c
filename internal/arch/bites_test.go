package arch

import (
	"slices"
	"strings"
)

// one is a house of a single file.
func one(path string, lines ...string) map[string]string {
	return map[string]string{path: strings.Join(lines, "\n") + "\n"}
}

// goFile is a file that imports one package and does nothing else.
func goFile(path, imported string) map[string]string {
	return one(path, "package x", "import _ \""+imported+"\"")
}

var bites = slices.Concat(importBites, ruleBites, timeBites, sqlBites, migrationBites, shapeBites, conductBites)

const arrowsLaw = "imports follow the arrows"

var importBites = []bite{
	{arrowsLaw, "a product imports another", goFile("internal/voice/service.go", "demarc/internal/care"), []string{"internal/voice/service.go:2"}},
	{arrowsLaw, "a product's room imports another product", goFile("internal/voice/voicehttp/http.go", "demarc/internal/care"), []string{"internal/voice/voicehttp/http.go:2"}},
	{arrowsLaw, "a product's test imports another product", goFile("internal/voice/voice_test.go", "demarc/internal/care/caretest"), []string{"internal/voice/voice_test.go:2"}},
	{arrowsLaw, "a product imports net/http", goFile("internal/ondemand/service.go", "net/http"), []string{"internal/ondemand/service.go:2"}},
	{arrowsLaw, "a product imports below net/http", goFile("internal/ondemand/service.go", "net/http/httptrace"), []string{"internal/ondemand/service.go:2"}},
	{arrowsLaw, "a product imports database/sql", goFile("internal/ondemand/service.go", "database/sql"), []string{"internal/ondemand/service.go:2"}},
	{arrowsLaw, "a product imports pgx", goFile("internal/ondemand/service.go", "github.com/jackc/pgx/v5"), []string{"internal/ondemand/service.go:2"}},
	{arrowsLaw, "an http room imports database/sql", goFile("internal/care/carehttp/x.go", "database/sql"), []string{"internal/care/carehttp/x.go:2"}},
	{arrowsLaw, "an sql room imports net/http", goFile("internal/care/caresql/x.go", "net/http"), []string{"internal/care/caresql/x.go:2"}},
	{arrowsLaw, "a product imports its adapter", goFile("internal/care/service.go", "demarc/internal/care/caresql"), []string{"internal/care/service.go:2"}},
	{arrowsLaw, "the kernel imports a product", goFile("internal/db/x.go", "demarc/internal/voice"), []string{"internal/db/x.go:2"}},
	{arrowsLaw, "the kernel imports httpkit", goFile("internal/fault/x.go", "demarc/internal/httpkit"), []string{"internal/fault/x.go:2"}},
	{arrowsLaw, "the kernel imports the portal", goFile("internal/outbox/x.go", "demarc/internal/portal"), []string{"internal/outbox/x.go:2"}},
	{arrowsLaw, "the kernel imports app", goFile("internal/timer/x.go", "demarc/internal/app"), []string{"internal/timer/x.go:2"}},
	{arrowsLaw, "a package of the platform imports a product", goFile("internal/sandbox/x.go", "demarc/internal/ondemand"), []string{"internal/sandbox/x.go:2"}},
	{arrowsLaw, "a package of the platform imports app", goFile("internal/httpkit/x.go", "demarc/internal/app"), []string{"internal/httpkit/x.go:2"}},
	{arrowsLaw, "a product imports the portal", goFile("internal/voice/voicehttp/x.go", "demarc/internal/portal"), []string{"internal/voice/voicehttp/x.go:2"}},
	{arrowsLaw, "a package imports the end-to-end suite", goFile("internal/voice/voicetest/x.go", "demarc/e2e"), []string{"internal/voice/voicetest/x.go:2"}},
	{arrowsLaw, "app imports everything", goFile("internal/app/app.go", "demarc/internal/voice/voicehttp"), nil},
	{arrowsLaw, "cmd imports app", goFile("cmd/demarc/main.go", "demarc/internal/app"), nil},
	{arrowsLaw, "the portal imports a product", goFile("internal/portal/orders.go", "demarc/internal/ondemand"), nil},
	{arrowsLaw, "adapters import what is theirs", map[string]string{
		"internal/care/carehttp/x.go":    "package x\nimport _ \"net/http\"\nimport _ \"demarc/internal/care\"\nimport _ \"demarc/internal/httpkit\"\n",
		"internal/care/caresql/x.go":     "package x\nimport _ \"database/sql\"\nimport _ \"demarc/internal/care\"\n",
		"internal/care/carecarrier/x.go": "package x\nimport _ \"net/http\"\nimport _ \"demarc/internal/care\"\n",
		"internal/care/caretest/x.go":    "package x\nimport _ \"net/http/httptest\"\nimport _ \"demarc/internal/care/caresql\"\n",
		"internal/care/care_test.go":     "package x\nimport _ \"net/http/httptest\"\nimport _ \"demarc/internal/care/caretest\"\n",
		"internal/care/service.go":       "package x\nimport _ \"demarc/internal/fault\"\nimport _ \"demarc/internal/machine\"\n",
	}, nil},
	{arrowsLaw, "a name that only begins like a product is none", goFile("internal/voicemail/x.go", "net/http"), nil},
}

const (
	pureLaw   = "rules are pure"
	provenLaw = "every rule has a test that carries its id"
)

var ruleBites = []bite{
	{pureLaw, "a rule reads the database", goFile("internal/voice/rules.go", "demarc/internal/db"), []string{"internal/voice/rules.go:2"}},
	{pureLaw, "a rule takes a context", goFile("internal/voice/rules.go", "context"), []string{"internal/voice/rules.go:2"}},
	{pureLaw, "a rule rolls dice", goFile("internal/voice/rules.go", "math/rand/v2"), []string{"internal/voice/rules.go:2"}},
	{pureLaw, "a rule calls somebody", goFile("internal/voice/rules.go", "net"), []string{"internal/voice/rules.go:2"}},
	{pureLaw, "a rule reads an address", goFile("internal/voice/rules.go", "net/mail"), nil},
	{pureLaw, "a rule calculates", goFile("internal/voice/rules.go", "demarc/internal/fault"), nil},
	{pureLaw, "a service may do more", goFile("internal/voice/service.go", "context"), nil},
	{provenLaw, "a rule without a test", one("internal/ondemand/rules.go", "package ondemand", "const r = \"OND-ORD-07\"", "const again = \"OND-ORD-07\""), []string{"internal/ondemand/rules.go:2"}},
	{provenLaw, "a rule that only a comment of a test mentions", map[string]string{
		"internal/ondemand/rules.go":      "package ondemand\nconst r = \"OND-ORD-07\"\n",
		"internal/ondemand/rules_test.go": "package ondemand\n// OND-ORD-07\nfunc TestQuote() {}\n",
	}, []string{"internal/ondemand/rules.go:2"}},
	{provenLaw, "a rule in the name of a test", map[string]string{
		"internal/ondemand/rules.go":      "package ondemand\nconst r = \"OND-ORD-07\"\n",
		"internal/ondemand/rules_test.go": "package ondemand\nfunc TestOND_ORD_07_AQuoteIsUsedOnce() {}\n",
	}, nil},
	{provenLaw, "a rule in the name of a subtest", map[string]string{
		"internal/ondemand/rules.go":               "package ondemand\nconst r = \"OND-ORD-07\"\n",
		"internal/ondemand/ondemandhttp/x_test.go": "package x\nvar cases = []string{\"OND-ORD-07 a quote is used once\"}\n",
	}, nil},
}

const timeLaw = "only clock and timer ask the machine for time"

var timeBites = []bite{
	{timeLaw, "time.Now in a product", one("internal/voice/service.go", "package voice", "import \"time\"", "var t = time.Now()"), []string{"internal/voice/service.go:3"}},
	{timeLaw, "time.Sleep in a test", one("e2e/x_test.go", "package e2e", "import \"time\"", "func f() { time.Sleep(1) }"), []string{"e2e/x_test.go:3"}},
	{timeLaw, "by another name, as a value", one("internal/x/x.go", "package x", "import wall \"time\"", "var now = wall.Now"), []string{"internal/x/x.go:3"}},
	{timeLaw, "without a name", one("internal/x/x.go", "package x", "import . \"time\"", "var t = Now()"), []string{"internal/x/x.go:1"}},
	{timeLaw, "every source there is", one("internal/x/x.go", "package x", "import \"time\"", "func f() {",
		"time.Since(t)", "time.Until(t)", "time.After(1)", "time.Tick(1)", "time.NewTicker(1)", "time.NewTimer(1)", "time.AfterFunc(1, nil)", "}"),
		[]string{"internal/x/x.go:4", "internal/x/x.go:5", "internal/x/x.go:6", "internal/x/x.go:7", "internal/x/x.go:8", "internal/x/x.go:9", "internal/x/x.go:10"}},
	{timeLaw, "a product asks clock for machine time", one("internal/voice/service.go", "package voice", "import \"demarc/internal/clock\"", "var t = clock.Machine()"), []string{"internal/voice/service.go:3"}},
	{timeLaw, "clock and timer may", map[string]string{
		"internal/clock/clock.go": "package clock\nimport \"time\"\nvar t = time.Now()\n",
		"internal/timer/run.go":   "package timer\nimport \"time\"\nvar t = time.NewTimer(1)\n",
	}, nil},
	{timeLaw, "calculating with times is free", one("internal/voice/rules.go", "package voice", "import \"time\"",
		"func f(t time.Time) bool { return t.Add(15 * time.Minute).After(time.Unix(0, 0)) }"), nil},
	{timeLaw, "a variable of that name is not the package", one("internal/x/x.go", "package x", "import \"time\"",
		"var _ time.Time", "func f(time world) { time.Now() }"), nil},
}

const (
	sqlTimeLaw = "SQL does not ask the database for time"
	worldLaw   = "every statement of a product is bound to its world"
	roomLaw    = "the SQL of a product is in its sql room"
	columnsLaw = "SQL names its columns"
)

// sql is a Go file in an sql room that holds one string.
func sql(text string) map[string]string {
	return one("internal/voice/voicesql/store.go", "package voicesql", "const q = `"+text+"`")
}

var atQuery = []string{"internal/voice/voicesql/store.go:2"}

var sqlBites = []bite{
	{sqlTimeLaw, "now() in a statement", sql("UPDATE voice_order SET at = now() WHERE world = $1"), atQuery},
	{sqlTimeLaw, "CURRENT_TIMESTAMP in a part of one", sql("due_at < CURRENT_TIMESTAMP"), atQuery},
	{sqlTimeLaw, "SQLite's way", sql("SELECT id FROM voice_order WHERE world = $1 AND at < datetime('now')"), atQuery},
	{sqlTimeLaw, "outside an sql room", one("internal/identity/x.go", "package identity", "const q = \"INSERT INTO app (at) VALUES (\" + \"now())\""), []string{"internal/identity/x.go:2"}},
	{sqlTimeLaw, "in a migration", one("internal/db/migrations/0001_x.sql", "-- +goose Up", "CREATE TABLE t (at BIGINT DEFAULT CURRENT_TIMESTAMP);"), []string{"internal/db/migrations/0001_x.sql:2"}},
	{sqlTimeLaw, "time as an argument", sql("UPDATE voice_order SET at = $2 WHERE world = $1 -- not now()"), nil},
	{sqlTimeLaw, "a comment in a migration", one("internal/db/migrations/0001_x.sql", "-- never now(): moments are stored as given"), nil},
	{sqlTimeLaw, "English", one("internal/voice/x.go", "package voice", "const s = \"from now() on\""), nil},

	{worldLaw, "a read of every world", sql("SELECT id FROM voice_order WHERE id = $2"), atQuery},
	{worldLaw, "a write to every world", sql("UPDATE voice_order SET state = $2"), atQuery},
	{worldLaw, "a row without a world", sql("INSERT INTO voice_order (id) VALUES ($2)"), atQuery},
	{worldLaw, "$10 is not $1", sql("DELETE FROM voice_order WHERE id = $10"), atQuery},
	{worldLaw, "in pieces", one("internal/voice/voicesql/store.go", "package voicesql", "var q = \"SELECT \" + columns + \" FROM voice_order\""), atQuery},
	{worldLaw, "bound, also in pieces", one("internal/voice/voicesql/store.go", "package voicesql",
		"var q = \"SELECT \" + columns + \" FROM voice_order\" +", "\" WHERE world = $1\""), nil},
	{worldLaw, "no table, no world", sql("SELECT 1"), nil},

	{roomLaw, "SQL in a use case", one("internal/voice/service.go", "package voice", "const q = \"SELECT id FROM voice_order WHERE world = $1\""), []string{"internal/voice/service.go:2"}},
	{roomLaw, "SQL in an http room", one("internal/voice/voicehttp/x.go", "package x", "const q = \"delete from voice_order where world = $1\""), []string{"internal/voice/voicehttp/x.go:2"}},
	{roomLaw, "SQL at home", sql("SELECT id FROM voice_order WHERE world = $1"), nil},
	{roomLaw, "English that begins like SQL", one("internal/voice/x.go", "package voice",
		"var s = []string{\"select a number\", \"Select one from the list\", \"update failed\", \"with this order\", \"create order\", \"delete from\", \"insert into\"}"), nil},

	{columnsLaw, "a star", sql("SELECT * FROM voice_order WHERE world = $1"), atQuery},
	{columnsLaw, "a table's star", sql("SELECT o.id, n.* FROM voice_order o JOIN note n ON n.world = $1"), atQuery},
	{columnsLaw, "in a test too", one("internal/db/db_test.go", "package db", "const q = \"select  * from world\""), []string{"internal/db/db_test.go:2"}},
	{columnsLaw, "counting and multiplying", sql("SELECT count(*), price * 720 FROM voice_order WHERE world = $1"), nil},
}

const migrationLaw = "migrations are numbered, forward-only and additive"

var migrationBites = []bite{
	{migrationLaw, "no number", one("internal/db/migrations/orders.sql", "-- +goose Up"), []string{"internal/db/migrations/orders.sql:1"}},
	{migrationLaw, "a gap", map[string]string{
		"internal/db/migrations/0001_a.sql": "-- +goose Up\n",
		"internal/db/migrations/0003_b.sql": "-- +goose Up\n",
	}, []string{"internal/db/migrations/0003_b.sql:1"}},
	{migrationLaw, "a number twice", map[string]string{
		"internal/db/migrations/0001_a.sql": "-- +goose Up\n",
		"internal/db/migrations/0001_b.sql": "-- +goose Up\n",
	}, []string{"internal/db/migrations/0001_b.sql:1"}},
	{migrationLaw, "not goose's", one("internal/db/migrations/0001_a.sql", "CREATE TABLE t (id TEXT);"), []string{"internal/db/migrations/0001_a.sql:1"}},
	{migrationLaw, "a way back", one("internal/db/migrations/0001_a.sql", "-- +goose Up", "-- +goose Down"), []string{"internal/db/migrations/0001_a.sql:1"}},
	{migrationLaw, "something taken away", one("internal/db/migrations/0001_a.sql", "-- +goose Up", "DROP TABLE t;", "ALTER TABLE u DROP COLUMN c;", "ALTER TABLE v RENAME TO w;"),
		[]string{"internal/db/migrations/0001_a.sql:2", "internal/db/migrations/0001_a.sql:3", "internal/db/migrations/0001_a.sql:4"}},
	{migrationLaw, "additions", map[string]string{
		"internal/db/migrations/0001_a.sql": "-- +goose Up\nCREATE TABLE t (id TEXT); -- never drop table\n",
		"internal/db/migrations/0002_b.sql": "-- +goose Up\nALTER TABLE t ADD COLUMN name TEXT NOT NULL DEFAULT '';\n",
	}, nil},
}

const (
	docLaw  = "every package explains itself"
	sizeLaw = "files and functions stay small"
)

// function is a Go file with one function of n lines.
func function(path string, n int) map[string]string {
	return one(path, "package x", "func f() {"+strings.Repeat("\n", n-1)+"}")
}

var shapeBites = []bite{
	{docLaw, "no comment", one("internal/x/x.go", "package x"), []string{"internal/x/x.go:1"}},
	{docLaw, "a detached comment", one("internal/x/x.go", "// Package x is explained at length, but the blank line below detaches it.", "", "package x"), []string{"internal/x/x.go:3"}},
	{docLaw, "an empty phrase", one("internal/x/x.go", "// Package x is x.", "package x"), []string{"internal/x/x.go:2"}},
	{docLaw, "not a package's comment", one("internal/x/x.go", "// This is where the orders are kept until somebody takes them away.", "package x"), []string{"internal/x/x.go:2"}},
	{docLaw, "a package of tests only", one("e2e/x_test.go", "package e2e"), []string{"e2e/x_test.go:1"}},
	{docLaw, "explained in one of its files", map[string]string{
		"internal/x/a.go":      "package x\n",
		"internal/x/doc.go":    "// Package x keeps the orders until somebody takes them away for good.\npackage x\n",
		"internal/x/x_test.go": "package x_test\n",
		"cmd/demarc/main.go":   "// Command demarc is the whole program: a carrier's partner APIs in one binary.\npackage main\n",
	}, nil},

	{sizeLaw, "a long function", function("internal/x/x.go", functionLines+1), []string{"internal/x/x.go:2"}},
	{sizeLaw, "a long file", one("internal/x/x.go", "package x"+strings.Repeat("\n", fileLines)), []string{"internal/x/x.go:601"}},
	{sizeLaw, "a long test file", one("internal/x/x_test.go", "package x"+strings.Repeat("\n", testFileLines)), []string{"internal/x/x_test.go:901"}},
	{sizeLaw, "just right", function("internal/x/x.go", functionLines), nil},
	{sizeLaw, "a test may be longer", map[string]string{
		"internal/x/x_test.go": "package x\nfunc f() {" + strings.Repeat("\n", fileLines) + "}\n",
	}, nil},
	{sizeLaw, "a generated file may be anything", one("internal/x/gen.go", "// Code generated by a program. DO NOT EDIT.", "", "package x"+strings.Repeat("\n", fileLines)), nil},
}

const (
	skipLaw     = "no test is skipped"
	textLaw     = "no error is known by its text"
	deadlineLaw = "every call has a deadline"
)

var conductBites = []bite{
	{skipLaw, "t.Skip", one("internal/x/x_test.go", "package x", "import \"testing\"", "func TestX(t *testing.T) { t.Skip(\"later\") }"), []string{"internal/x/x_test.go:3"}},
	{skipLaw, "in a helper", one("internal/voice/voicetest/x.go", "package x", "import \"testing\"", "func need(t testing.TB) { t.Skipf(\"no %s\", x); t.SkipNow() }"),
		[]string{"internal/voice/voicetest/x.go:3", "internal/voice/voicetest/x.go:3"}},
	{skipLaw, "testing.Short", one("internal/x/x_test.go", "package x", "import \"testing\"", "func TestX(t *testing.T) { if testing.Short() { return } }"), []string{"internal/x/x_test.go:3"}},
	{skipLaw, "a build tag", one("internal/x/x_test.go", "//go:build integration && linux", "", "package x", "import \"testing\""), []string{"internal/x/x_test.go:1"}},
	{skipLaw, "a test that runs", one("internal/x/x_test.go", "//go:build linux", "", "package x", "import \"testing\"", "func TestX(t *testing.T) { t.Fatal(\"no\") }"), nil},
	{skipLaw, "skipping something else", one("internal/x/x.go", "package x", "func f(d decoder) { d.Skip() }"), nil},

	{textLaw, "strings.Contains", one("internal/x/x.go", "package x", "import \"strings\"", "var b = strings.Contains(err.Error(), \"UNIQUE\")"), []string{"internal/x/x.go:3"}},
	{textLaw, "by another name, in lower case", one("internal/x/x.go", "package x", "import s \"strings\"", "var b = s.HasPrefix(s.ToLower(err.Error()), \"unique\")"), []string{"internal/x/x.go:3"}},
	{textLaw, "a pattern", one("internal/x/x.go", "package x", "var b = pattern.MatchString(err.Error())"), []string{"internal/x/x.go:2"}},
	{textLaw, "a comparison", one("internal/x/x.go", "package x", "var b = err.Error() == \"no rows\""), []string{"internal/x/x.go:2"}},
	{textLaw, "a switch", one("internal/x/x.go", "package x", "func f() { switch err.Error() {} }"), []string{"internal/x/x.go:2"}},
	{textLaw, "errors.Is, and showing a text", one("internal/x/x.go", "package x", "import (\"errors\"; \"strings\")",
		"var b = errors.Is(err, other)", "var c = strings.TrimSpace(err.Error())", "var d = strings.Contains(text, \"Error()\")"), nil},
	{textLaw, "tests may read what people read", one("internal/x/x_test.go", "package x", "import \"strings\"", "var b = strings.Contains(err.Error(), \"apt-get\")"), nil},

	{deadlineLaw, "the default client", one("internal/x/x.go", "package x", "import \"net/http\"", "var a, b = http.Get(u)", "var c = http.DefaultClient"), []string{"internal/x/x.go:3", "internal/x/x.go:4"}},
	{deadlineLaw, "a server without timeouts", one("cmd/demarc/main.go", "package main", "import \"net/http\"", "func main() { http.ListenAndServe(a, nil) }"), []string{"cmd/demarc/main.go:3"}},
	{deadlineLaw, "a request without a context", one("internal/x/x.go", "package x", "import \"net/http\"", "var r, err = http.NewRequest(m, u, nil)"), []string{"internal/x/x.go:3"}},
	{deadlineLaw, "a client and a server of one's own", one("internal/x/x.go", "package x", "import \"net/http\"",
		"var c = &http.Client{Timeout: t}", "var s = &http.Server{ReadTimeout: t}", "var r, err = http.NewRequestWithContext(ctx, m, u, nil)"), nil},
}
