package preorder

import (
	"time"
	_ "time/tzdata" // machines without zones have ours
)

// central is the zone whose days transactions live for (source: within 24 hour clock,
// based on Central Time).
var central = mustZone("America/Chicago")

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic("preorder: " + err.Error()) // the zones are part of the binary
	}
	return zone
}

// sameDay reports whether two moments lie on the same Central-Time day.
func sameDay(a, b time.Time) bool {
	ay, am, ad := a.In(central).Date()
	by, bm, bd := b.In(central).Date()
	return ay == by && am == bm && ad == bd
}

// dayEnd is the first moment of the Central-Time day after a moment's. A day may have
// 23 or 25 hours.
func dayEnd(t time.Time) time.Time {
	y, m, d := t.In(central).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, central).UTC()
}
