package nanp

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// RateCenter is an area of one price. State and name together tell it apart: there is
// an AURORA in several states.
type RateCenter struct {
	State string // CO
	Name  string // COLORDOSPG
	NPAs  []int  // ascending

	// LATA is the area's number and LATAName what it is called; both are empty when
	// it is not known. It is right where the LATA is named for the rate center or
	// the state has but one, and a good guess elsewhere.
	LATA, LATAName string

	codes []Code
}

// Codes are the codes of the rate center, ascending.
func (r *RateCenter) Codes() iter.Seq[Code] { return slices.Values(r.codes) }

// CodeCount is how many codes the rate center has.
func (r *RateCenter) CodeCount() int { return len(r.codes) }

// HasNPA says whether the rate center has codes of an area code.
func (r *RateCenter) HasNPA(npa int) bool { return slices.Contains(r.NPAs, npa) }

// Key is what the rate center is called in one word: CO/DENVER.
func (r *RateCenter) Key() string { return r.State + "/" + r.Name }

// RateCenters are all of them, by state and then by name. They are everybody's: for
// reading only.
func RateCenters() []*RateCenter { return codes().centers }

// InState are the rate centers of a state, by name; for reading only too.
func InState(state string) []*RateCenter {
	return slices.Clip(codes().states[strings.ToUpper(strings.TrimSpace(state))])
}

// Find is the rate center of that name, whatever the case and the blanks around it.
// It is nil when there is none.
func Find(state, name string) *RateCenter {
	list := InState(state)
	at, found := slices.BinarySearchFunc(list, strings.ToUpper(strings.TrimSpace(name)), func(r *RateCenter, name string) int {
		return cmp.Compare(r.Name, name)
	})
	if !found {
		return nil
	}
	return list[at]
}

// ByCode is the rate center that has the code. It is nil when the code is not in use.
func ByCode(c Code) *RateCenter {
	npa, nxx := c.NPA(), c.NXX()
	if npa < 0 || npa > 999 || nxx < 200 {
		return nil
	}
	p := codes()
	if p.row[npa] == 0 {
		return nil
	}
	id := p.owners[p.row[npa]-1][nxx-200]
	if id == 0 {
		return nil
	}
	return p.centers[id-1]
}
