package web

import "testing"

// A cell that a spreadsheet would take for a formula is text there.
func TestCSVHasNoFormulas(t *testing.T) {
	got := string(CSV([]string{"name", "note"}, [][]string{{"=1+1", "plain"}, {"+1 303", "-5"}, {"@x", "a,\"b\""}, {"", "\tx"}}))
	want := "name,note\n'=1+1,plain\n'+1 303,'-5\n'@x,\"a,\"\"b\"\"\"\n,'\tx\n"
	if got != want {
		t.Errorf("CSV is %q, want %q", got, want)
	}
}
