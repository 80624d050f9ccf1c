package postal

import "testing"

func TestDistanceCountsSlips(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"MAIN", "MAIN", 0}, {"", "MAIN", 4}, {"MAIN", "", 4},
		{"MAIN", "MAIM", 1}, {"MAIN", "MIAN", 1}, {"MAIN", "MAN", 1}, {"MAIN", "MAINE", 1}, {"AMIN", "MAIN", 1},
		{"MAIN", "ELM", 4}, {"CA", "ABC", 3}, {"KITTEN", "SITTING", 3}, {"12345", "13245", 1}, {"12345", "54321", 4},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("from %q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("from %q to %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
