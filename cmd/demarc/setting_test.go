package main

import (
	"bytes"
	"strings"
	"testing"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/sandbox"
	"demarc/internal/setting"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var _ = setting.Declare(setting.Setting{Name: "test.door", Values: []string{"closed", "open"}, Default: "open", Text: "How the door is."})

// run runs a command line against the database that url names.
func run(t *testing.T, url string, args ...string) (string, error) {
	t.Helper()
	var c cli
	parser, err := kong.New(&c, kong.Name("demarc"), kong.Vars{"version": "test"})
	if err != nil {
		t.Fatal(err)
	}
	k, err := parser.Parse(append(args, "--db", url))
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = k.Run(&Globals{Context: t.Context(), Config: c.Settings, Stdout: &out, Stderr: &out})
	return out.String(), err
}

// eachOperator runs the test on both databases, which have the production world.
func eachOperator(t *testing.T, test func(t *testing.T, d *db.DB, url string)) {
	t.Helper()
	dbtest.EachURL(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url)
		if err := sandbox.New(sandbox.Options{DB: d}).EnsureProduction(t.Context()); err != nil {
			t.Fatal(err)
		}
		test(t, d, url)
	})
}

// listed is the first line about the door.
func listed(t *testing.T, url string, args ...string) string {
	t.Helper()
	out, err := run(t, url, append([]string{"setting", "list"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(out, "test.door  ")
	line, more, _ := strings.Cut(rest, "\n")
	if !strings.HasPrefix(more, "  How the door is.\n  open (default), closed\n") {
		t.Errorf("the list says nothing of the door: %s", out)
	}
	return line
}

func TestAnOperatorPutsASettingOfProductionOrOfAnotherWorld(t *testing.T) {
	eachOperator(t, func(t *testing.T, d *db.DB, url string) {
		other := dbtest.World(t, d)
		if got := listed(t, url); got != "open" {
			t.Errorf("at first it is %q", got)
		}
		out, err := run(t, url, "setting", "put", "test.door", "closed")
		if err != nil || out != "test.door is closed.\n" {
			t.Errorf("put: %q, %v", out, err)
		}
		if here, there := listed(t, url), listed(t, url, "--world", other); here != "closed" || there != "open" {
			t.Errorf("production's is %q, the other world's %q", here, there)
		}
		if _, err := run(t, url, "setting", "put", "test.door", "closed", "--world", other); err != nil {
			t.Error(err)
		}
		if there := listed(t, url, "--world", other); there != "closed" {
			t.Errorf("the other world's is %q", there)
		}
		for _, world := range []string{sandbox.Production, other} {
			err := d.View(t.Context(), world, func(tx *db.Tx) error {
				list, err := audit.History(tx, "setting/test.door")
				want := []audit.Event{{Subject: "setting/test.door", Actor: "operator", Event: "put", From: "open", To: "closed"}}
				if diff := cmp.Diff(want, list, cmpopts.IgnoreFields(audit.Event{}, "ID", "At")); diff != "" {
					t.Errorf("%s: %s", world, diff)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestSET_VAL_01_AnOperatorIsToldWhatCanBePut(t *testing.T) {
	eachOperator(t, func(t *testing.T, _ *db.DB, url string) {
		for _, c := range []struct {
			why, want string
			args      []string
		}{
			{"another value", "value must be one of closed, open (SET-VAL-01)", []string{"test.door", "ajar"}},
			{"another setting", "There is no setting of that name", []string{"test.window", "open"}},
			{"another world", `there is no world "w_none"`, []string{"test.door", "closed", "--world", "w_none"}},
			{"no value", "expected", []string{"test.door"}},
		} {
			if _, err := run(t, url, append([]string{"setting", "put"}, c.args...)...); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", c.why, err, c.want)
			}
		}
		if got := listed(t, url); got != "open" {
			t.Errorf("it is %q", got)
		}
	})
}
