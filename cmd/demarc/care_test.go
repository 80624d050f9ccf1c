package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"demarc/internal/care"
	"demarc/internal/care/caresql"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/sandbox"
)

// written is a file with that text.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// jamaican is an account of JM, over many lines; with replaces a piece of it.
func jamaican(with ...string) string {
	return strings.NewReplacer(with...).Replace(`{
  "unit": "JM", "id": "200500199", "type": "RES", "name": "JM EXAMPLE", "state": "active", "customerId": "1200500199",
  "address": {"street": "1 SAMPLE ROAD", "city": "KINGSTON", "region": "ST. ANDREW"},
  "phone": "8765550199", "currency": "JMD", "receivable": "4599.00", "cycleDay": 1,
  "serviceNumbers": ["8765550199"], "contactNumbers": []
}`)
}

func TestAnOperatorLoadsCountsAndRemovesAccounts(t *testing.T) {
	eachOperator(t, func(t *testing.T, d *db.DB, url string) {
		world := dbtest.World(t, d)
		does := func(want string, args ...string) {
			t.Helper()
			if out, err := run(t, url, args...); err != nil || !strings.Contains(out, want) {
				t.Errorf("%v: %q, %v, want %q", args, out, err, want)
			}
		}
		cannot := func(want string, args ...string) {
			t.Helper()
			if out, err := run(t, url, args...); err == nil || err.Error() != want || out != "" {
				t.Errorf("%v: %q, %v, want %q", args, out, err, want)
			}
		}
		file := written(t, jamaican())
		does("1 account is loaded.\n", "care", "load", file)
		does("1 account is loaded.\n", "care", "load", file) // replaced
		does("2 accounts are loaded.\n", "care", "load", "--world", world, written(t, jamaican()+jamaican("0199", "0198")))
		does("PR  0\nJM  1\nPA  0\nCL  0\n", "care", "count")
		does("JM  2\n", "care", "count", "--world", world)
		does("The account 200500199 of JM is removed.\n", "care", "remove", "JM", "200500199")
		does("JM  0\n", "care", "count")
		cannot("JM has no account 200500199", "care", "remove", "JM", "200500199")
		does("JM  2\n", "care", "count", "--world", world)
		does("removed", "care", "remove", "JM", "200500198", "--world", world)
		// What was loaded has its unit's forms, and what was removed has left no line.
		for _, w := range []string{world, sandbox.Production} {
			err := d.View(t.Context(), w, func(tx *db.Tx) error {
				problems, err := (&care.Desk{Store: caresql.New(d)}).Check(tx)
				if len(problems) > 0 {
					t.Error(w, problems)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		does("3 accounts are loaded.\n", "care", "load", "--synthetic", "3", "--world", world)
		cannot("which world is to hold made-up accounts? Name it with --world ID", "care", "load", "--synthetic", "3")
		cannot("there is no file no/such/file", "care", "load", "no/such/file")
		if _, err := run(t, url, "care", "count", "--world", "w_none"); err == nil || !strings.Contains(err.Error(), `there is no world "w_none"`) {
			t.Errorf("a world that is not there: %v", err)
		}
	})
}

func TestALoadedFileIsRefusedByTheFieldThatIsWrong(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		world := dbtest.World(t, dbtest.Open(t, url))
		for _, c := range []struct{ text, want string }{
			{jamaican(`"JMD"`, `"USD"`), "currency must be JMD"},
			{jamaican(`"JM",`, `"XX",`), "unit must be one of PR, JM, PA, CL"},
			{jamaican(`"200500199"`, `"2005"`), "id must have 9 digits, as accounts of JM have"},
			{jamaican(`"JM EXAMPLE"`, `""`), "name must be given"},
			{jamaican(`"1200500199"`, `""`), "customerId must have 10 digits, as customers of JM have"},
			{jamaican(`"phone": "8765550199"`, `"phone": "+1 876 555 0199"`), "phone must have 10 digits, the first of them 876 or 658, as numbers of JM have"},
			{jamaican(`["8765550199"]`, `["8765550199","5550199"]`), "serviceNumbers[1] must have 10 digits, the first of them 876 or 658, as numbers of JM have"},
			{jamaican(`"ST. ANDREW"`, `"ST. ANDREW", "postcode": "1"`), "address.postcode must be left out: JM has none"},
			{jamaican(`"active"`, `"gone"`), "state must be one of active, suspended, closed, as JM calls them"},
			{jamaican(`"4599.00"`, `"4599.001"`), "receivable must be an amount in JMD, with at most 2 decimals"},
			{jamaican(`"4599.00"`, `"a lot"`), "receivable must be an amount such as 4599.00"},
			{jamaican(`"cycleDay"`, `"openedAt": "yesterday", "cycleDay"`), "openedAt must be a moment such as 2023-06-15T00:00:00Z"},
			{jamaican(`"cycleDay": 1`, `"cycleDay": "1"`), "cycleDay must be a number, not string"},
			{jamaican(`"phone"`, `"shoeSize": 43, "phone"`), `unknown field "shoeSize"`},
			{jamaican(`"phone"`, `"phonee"`), "phonee is not known; did you mean phone?"},
			{`[]`, "body must be a JSON object"},
		} {
			out, err := run(t, url, "care", "load", "--world", world, written(t, jamaican("0199", "0101")+"\n"+jamaican("0199", "0102")+c.text))
			if want := "object 3: " + c.want + "; 2 accounts are loaded, from before it"; err == nil || err.Error() != want || out != "" {
				t.Errorf("%v, want %s", err, want)
			}
		}
		if _, err := run(t, url, "care", "load", "--world", world, written(t, "{")); err == nil || !strings.HasSuffix(err.Error(), "; 0 accounts are loaded, from before it") {
			t.Error(err)
		}
	})
}
