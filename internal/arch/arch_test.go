package arch

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// law is one rule of the house: its name is the subtest's, its reason is what
// is at stake when it is broken.
type law struct {
	name   string
	reason string
	check  func(house) []finding
}

var laws = []law{
	{"imports follow the arrows", "a product can be read, tested and replaced without the others", arrows},
	{"rules are pure", "what a rule decides depends on what it is given, so it can be tested by a table and replayed", pureRules},
	{"every rule has a test that carries its id", "a rule nobody proves is a wish", rulesProven},
	{"only clock and timer ask the machine for time", "a world's clock can be moved only if everything looks at it", oneTime},
	{"SQL does not ask the database for time", "the database's clock is a machine's clock too", worldTime},
	{"every statement of a product is bound to its world", "worlds are isolated by their rows' key alone", boundToWorld},
	{"the SQL of a product is in its sql room", "the law above looks there", sqlInItsRoom},
	{"SQL names its columns", "a migration adds columns while the version before still runs", namedColumns},
	{"migrations are numbered, forward-only and additive", "nodes of two versions share one database during an upgrade", forwardMigrations},
	{"every package explains itself", "a newcomer opens a package and must learn there what it is for", explained},
	{"files and functions stay small", "what does not fit the eye is not reviewed", small},
	{"no test is skipped", "a green run has run everything", nothingSkipped},
	{"no error is known by its text", "drivers and people reword texts", knownByType},
	{"every call has a deadline", "what waits for ever holds a connection, a goroutine and a caller for ever", deadlines},
}

func TestLaws(t *testing.T) {
	t.Parallel()
	h := readHouse(t, root(t))
	for _, l := range laws {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			found := l.check(h)
			for _, f := range found {
				t.Errorf("%s", f)
			}
			if len(found) > 0 {
				t.Logf("why: %s", l.reason)
			}
		})
	}
}

// The laws hold for what they see. What the go command takes for a package of
// ours, the walk must have seen.
func TestTheWalkSeesEveryPackage(t *testing.T) {
	t.Parallel()
	dir := root(t)
	cmd := exec.Command("go", "list", "-e", "-f", "{{.ImportPath}}", "./...")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := map[string]bool{}
	for _, f := range readHouse(t, dir).goFiles() {
		seen[module+"/"+f.dir] = true
	}
	listed := strings.Fields(string(out))
	if !slices.Contains(listed, module+"/internal/arch") {
		t.Fatalf("go list does not even name this package: %v", listed)
	}
	for _, p := range listed {
		if !seen[p] && !strings.Contains(p, "/node_modules/") {
			t.Errorf("package %s was not seen", p)
		}
	}
}

func TestLawsBite(t *testing.T) {
	t.Parallel()
	breaks, keeps := map[string]bool{}, map[string]bool{}
	for _, b := range bites {
		i := slices.IndexFunc(laws, func(l law) bool { return l.name == b.law })
		if i < 0 {
			t.Fatalf("an example for a law that does not exist: %q", b.law)
		}
		if len(b.want) > 0 {
			breaks[b.law] = true
		} else {
			keeps[b.law] = true
		}
		t.Run(b.law+"/"+b.what, func(t *testing.T) {
			t.Parallel()
			compare(t, laws[i].check(b.house(t)), b.want)
		})
	}
	for _, l := range laws {
		if !breaks[l.name] || !keeps[l.name] {
			t.Errorf("law %q needs an example that breaks it and one that keeps it", l.name)
		}
	}
}

// compare expects exactly the findings that begin as wanted, in any order.
func compare(t *testing.T, found []finding, want []string) {
	t.Helper()
	rest := slices.Clone(found)
	for _, w := range want {
		i := slices.IndexFunc(rest, func(f finding) bool { return strings.HasPrefix(string(f), w) })
		if i < 0 {
			t.Errorf("the law did not bite: nothing found at %s; found %v", w, found)
			continue
		}
		rest = slices.Delete(rest, i, i+1)
	}
	for _, f := range rest {
		t.Errorf("the law bit the innocent: %s", f)
	}
}

// bite is a small house that breaks a law, or keeps it when want is empty.
type bite struct {
	law   string
	what  string
	files map[string]string // path -> text
	want  []string          // how the findings begin: path:line
}

func (b bite) house(t *testing.T) house {
	t.Helper()
	var paths []string
	for p := range b.files {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	var h house
	for _, p := range paths {
		f, err := newFile(p, b.files[p])
		if err != nil {
			t.Fatal(err)
		}
		h = append(h, f)
	}
	return h
}
