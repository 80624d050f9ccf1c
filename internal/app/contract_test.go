package app

import (
	"log/slog"
	"testing"
	"time"

	"demarc/internal/contract"
)

// open makes a node on a fresh SQLite file.
func open(t *testing.T) *App {
	t.Helper()
	return openOn(t, "")
}

// openOn makes a node on the database that url names; on a fresh SQLite file when it
// names none.
func openOn(t *testing.T, url string) *App {
	t.Helper()
	a, err := Open(t.Context(), Config{Data: t.TempDir(), DB: url, Listen: "127.0.0.1:0", TokenTTL: 1799 * time.Second, Workers: 4, Version: "test"},
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// Contract first: every operation of the documents is served under its id, and
// nothing is served that the documents do not have.
func TestDocumentsAndRoutesSayTheSame(t *testing.T) {
	documented := contract.Operations()
	served := map[string]bool{}
	for _, r := range open(t).Kit.Routes() {
		served[r.OperationID] = true
		op, ok := documented[r.OperationID]
		switch {
		case !ok:
			t.Errorf("%s %s is served as %s, which no document has", r.Method, r.Pattern, r.OperationID)
		case op.Method != r.Method || op.Path != r.Pattern:
			t.Errorf("%s is documented as %s %s and served as %s %s", r.OperationID, op.Method, op.Path, r.Method, r.Pattern)
		}
	}
	for id, op := range documented {
		if !served[id] {
			t.Errorf("%s (%s %s) is documented and not served", id, op.Method, op.Path)
		}
	}
}
