package nanp

import (
	"math"
	"slices"
	"strings"
	"sync"

	"demarc/internal/postal"
)

// Place is where somebody wants a number: a ZIP code (of five digits, or nine), or a
// city and its state, or all of them.
type Place struct{ City, State, ZIP string }

// Serving is the rate centers of a place: those that are named for its city or, when
// there are none, those of the nearest city of the state that has some. It is not
// known when the place is not, or when what is said of it does not go together; known
// places have no rate centers only where their state has none. The places are
// GeoNames': none is in Puerto Rico or on an island of another territory.
func Serving(p Place) (list []*RateCenter, known bool) {
	state, key := strings.ToUpper(strings.TrimSpace(p.State)), cityKey(p.City)
	zip, _, _ := strings.Cut(strings.TrimSpace(p.ZIP), "-")
	var from []spot
	if zip != "" {
		at, ok := postal.PlaceOf(zip)
		if !ok || state != "" && state != at.State || p.City != "" && key != cityKey(at.City) {
			return nil, false
		}
		state, key = at.State, cityKey(at.City)
		from = []spot{{lat: float32(at.Latitude), lng: float32(at.Longitude)}}
	}
	if key == "" || postal.KindOf(state) == "" {
		return nil, false
	}
	m := mapOf(state)
	here := m.towns[key]
	if here == nil {
		return nil, false
	}
	if len(here.centers) > 0 {
		return slices.Clone(here.centers), true
	}
	if from == nil {
		from = here.spots
	}
	return slices.Clone(m.nearest(from)), true
}

// cityKey is a city's name without what people write differently: case, blanks and
// punctuation, St and Saint.
func cityKey(name string) string {
	return strings.ReplaceAll(postal.City(name), " ", "")
}

// spot is where a ZIP code is.
type spot struct{ lat, lng float32 }

// town is a city of a state.
type town struct {
	name    word
	spots   []spot
	centers []*RateCenter // named for it, by name
}

// stateMap is what is known of one state.
type stateMap struct {
	towns  map[string]*town // by cityKey
	served []*town          // those with rate centers
}

// stateMaps are made when a state is first asked for.
var stateMaps sync.Map // state -> func() *stateMap

func mapOf(state string) *stateMap {
	made, ok := stateMaps.Load(state)
	if !ok {
		made, _ = stateMaps.LoadOrStore(state, sync.OnceValue(func() *stateMap { return drawn(state) }))
	}
	return made.(func() *stateMap)()
}

// drawn links the rate centers of a state with its towns.
func drawn(state string) *stateMap {
	m := &stateMap{towns: map[string]*town{}}
	initials := map[byte][]*town{} // by first letter, in the order of their first ZIP codes
	for p := range postal.PlacesIn(state) {
		key := cityKey(p.City)
		t := m.towns[key]
		if t == nil {
			t = &town{name: wordOf(p.City)}
			m.towns[key] = t
			if s := t.name.letters; s != "" {
				initials[s[0]] = append(initials[s[0]], t)
			}
		}
		t.spots = append(t.spots, spot{float32(p.Latitude), float32(p.Longitude)})
	}
	for _, rc := range InState(state) {
		for _, t := range m.named(rc, initials) {
			if len(t.centers) == 0 {
				m.served = append(m.served, t)
			}
			t.centers = append(t.centers, rc)
		}
	}
	for _, t := range m.towns {
		t.name = word{} // it has served
	}
	return m
}

// named are the towns a rate center is named for: none, one or two, or those of a table for
// the few names that abbreviate no town.
func (m *stateMap) named(rc *RateCenter, initials map[byte][]*town) []*town {
	if names, ok := regionOf(rc.Key()); ok {
		var towns []*town
		for _, name := range names {
			if t := m.towns[cityKey(name)]; t != nil {
				towns = append(towns, t)
			}
		}
		return towns
	}
	list, beside := readings(rc.Name)
	for _, r := range list {
		t := best(initials, r)
		if t == nil {
			continue
		}
		if other := best(initials, beside); other != nil && other != t && apart(t.spots, other.spots) < near*near {
			return []*town{t, other}
		}
		return []*town{t}
	}
	return nil
}

// near is how far apart the towns of one rate center may be, in degrees of latitude:
// about thirty miles.
const near = 0.45

// best is the town that the letters fit best; of equals the larger, and then the one
// that was first.
func best(initials map[byte][]*town, r reading) *town {
	if r.letters == "" {
		return nil
	}
	var found *town
	most := 0.0
	for _, t := range initials[r.letters[0]] {
		fit := t.name.fit(r.letters)
		if fit >= r.least && (fit > most || fit == most && len(t.spots) > len(found.spots)) {
			found, most = t, fit
		}
	}
	return found
}

// nearest is the rate centers of the served town that is nearest to one of the spots.
func (m *stateMap) nearest(from []spot) []*RateCenter {
	var list []*RateCenter
	least := math.Inf(1)
	for _, t := range m.served {
		if d := apart(from, t.spots); d < least {
			least, list = d, t.centers
		}
	}
	return list
}

// apart is the square of the distance between the nearest spots of two places, in
// degrees of latitude.
func apart(a, b []spot) float64 {
	least := math.Inf(1)
	for _, a := range a {
		narrow := math.Cos(float64(a.lat) * math.Pi / 180) // so are degrees of longitude
		for _, b := range b {
			dy, dx := float64(a.lat-b.lat), float64(a.lng-b.lng)*narrow
			least = min(least, dx*dx+dy*dy)
		}
	}
	return least
}

// Placed reports whether a town is known that the rate center is named for. Of one that
// is not, nobody can tell which places it serves.
func (r *RateCenter) Placed() bool {
	for _, t := range mapOf(r.State).towns {
		if slices.Contains(t.centers, r) {
			return true
		}
	}
	return false
}
