package seal

import (
	"errors"
	"strings"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
)

// proofs is how many keys the database knows of.
func proofs(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.SystemView(t.Context(), func(tx *db.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM seal_key`).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestADatabaseKnowsItsKeyFile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		known := func(text string) error { return parse(t, text).Known(t.Context(), d) }
		a, b, c := line("a", 1), line("b", 2), line("c", 3)
		for _, step := range []struct {
			what, text, wrong string
			proofs            int
		}{
			{"a first start", a, "", 1},
			{"a restart", a, "", 1},
			{"a key more", a + b, "", 2},
			{"the new key in front", b + a, "", 2},
			{"a file from before the change", a, `lacks the key "b"`, 2},
			{"the old key taken away, and another added", b + c, `lacks the key "a"`, 2},
			{"another file", c, `lacks the key "a"`, 2},
			{"another key of that name", b + line("a", 9) + c, `its key "a" is not the one of that name`, 2},
			{"two that changed names", line("a", 2) + line("b", 1), `its key "a" is not`, 2},
			{"the right file again", b + a, "", 2},
		} {
			err := known(step.text)
			if (err == nil) != (step.wrong == "") || err != nil && (!errors.Is(err, ErrOther) || !strings.Contains(err.Error(), step.wrong) ||
				!strings.Contains(err.Error(), "give all nodes the same --key-file")) {
				t.Errorf("%s: %v", step.what, err)
			}
			if n := proofs(t, d); n != step.proofs {
				t.Errorf("%s: the database knows %d keys, want %d", step.what, n, step.proofs)
			}
		}
	})
}

// A proof stands for its own row only.
func TestAProofThatWasMovedOrBrokenProvesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := parse(t, line("a", 1)+line("b", 2))
		for what, probe := range map[string][]byte{
			"another row's":        r.in.keys[1].seal(probePurpose("b"), []byte(probed)),
			"by another key":       r.in.keys[1].seal(probePurpose("a"), []byte(probed)),
			"of another purpose":   r.Seal("p", []byte(probed)),
			"of something else":    r.Seal(probePurpose("a"), []byte("x")),
			"cut":                  r.Seal(probePurpose("a"), []byte(probed))[:9],
			"cut after its key":    r.Seal(probePurpose("a"), []byte(probed))[:3],
			"nothing":              {},
			"not of this software": []byte("hello"),
		} {
			if err := d.System(t.Context(), func(tx *db.Tx) error {
				tx.Do(`DELETE FROM seal_key`)
				tx.Do(`INSERT INTO seal_key (id, probe, made_at) VALUES ('a', $1, 0)`, probe)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if err := r.Known(t.Context(), d); !errors.Is(err, ErrOther) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// Nodes with the same file all start; of two files, all nodes of one start and none
// of the other, also when they start at the same moment.
func TestNodesThatStartTogetherAgree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 5 {
			if err := d.System(t.Context(), func(tx *db.Tx) error { tx.Do(`DELETE FROM seal_key`); return nil }); err != nil {
				t.Fatal(err)
			}
			rings := []*Ring{parse(t, line("a", 1)), parse(t, line("b", 2))}
			type outcome struct {
				ring int
				err  error
			}
			start, done := make(chan struct{}), make(chan outcome)
			const nodes = 8
			for i := range nodes {
				go func() {
					<-start
					done <- outcome{i % 2, rings[i%2].Known(t.Context(), d)}
				}()
			}
			close(start)
			started := [2]int{}
			for range nodes {
				switch o := <-done; {
				case o.err == nil:
					started[o.ring]++
				case !errors.Is(o.err, ErrOther):
					t.Error(o.err)
				}
			}
			if started != [2]int{nodes / 2, 0} && started != [2]int{0, nodes / 2} {
				t.Fatalf("started: %v", started)
			}
			if n := proofs(t, d); n != 1 {
				t.Fatalf("the database knows %d keys", n)
			}
		}
	})
}
