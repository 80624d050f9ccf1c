package nanp

import (
	"strings"
	"testing"
)

func TestRegionsNameWhatThereIs(t *testing.T) {
	t.Parallel()
	for _, r := range regions {
		state, _, _ := strings.Cut(r.keys, "/")
		m := mapOf(state)
		for town := range strings.SplitSeq(r.towns, ", ") {
			at := m.towns[cityKey(town)]
			if at == nil {
				t.Errorf("%s: there is no %s", r.keys, town)
				continue
			}
			found := false
			for _, rc := range at.centers {
				found = found || r.has(rc.Key())
			}
			if !found {
				t.Errorf("%s: none of the rate centers of %s is of the region", r.keys, town)
			}
		}
	}
}
