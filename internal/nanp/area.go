package nanp

import (
	"time"

	"demarc/internal/postal"
)

// InService says whether an area code is one of the United States' and numbers of it
// can be called. It need not have codes: see the package's text.
func InService(npa int) bool {
	a := areas()[npa]
	return a != nil && a.inService
}

// StateOf is the state or territory an area code is in, and nothing when it is not
// one of the United States'.
func StateOf(npa int) string {
	if a := areas()[npa]; a != nil {
		return a.state
	}
	return ""
}

// Zone is the time zone of an area code; where there are several, the one most of its
// people live by. It is UTC for an area code that is not one of the United States'.
func Zone(npa int) *time.Location {
	if a := areas()[npa]; a != nil {
		return a.zone
	}
	return time.UTC
}

// IsState says whether a code is that of a state, the District of Columbia or a
// territory: two capitals. Those of the armed forces, and of states that are only
// associated with the United States, are not.
func IsState(code string) bool {
	switch postal.KindOf(code) {
	case "state", "district", "territory":
		return true
	}
	return false
}
