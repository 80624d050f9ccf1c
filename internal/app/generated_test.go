package app

import (
	"flag"
	"os"
	"testing"

	"demarc/internal/docs"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the pages that are made from the code")

// The pages in docs/ that are made from the code say what the code says.
func TestGeneratedPagesAreUpToDate(t *testing.T) {
	for path, want := range map[string]string{
		"../../docs/errors.md":   docs.ErrorsMarkdown(),
		"../../docs/machines.md": docs.MachinesMarkdown(Machines()),
	} {
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(have)); diff != "" {
			t.Errorf("%s is not up to date, run make docs:\n%s", path, diff)
		}
	}
}

func TestEveryMachineIsSound(t *testing.T) {
	for _, m := range Machines() {
		for _, problem := range m.Check() {
			t.Error(problem)
		}
	}
	if len(Machines()) < 5 {
		t.Fatalf("only %d machines", len(Machines()))
	}
}
