package postalsql

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"demarc/internal/db"
	"demarc/internal/postal"
)

// How much is looked at. Every number bounds a read, so that none grows with the
// book.
const (
	streetsPerKey = 200  // that share a key
	streetsPerZIP = 1000 // of a ZIP code, when keys have not led to the address
	streetsKept   = 12   // the likest of them, on which the number is looked for
	streetsProbed = 3    // on which numbers like it are, too
	doorsPerAsk   = 200
)

// Unlike is the score below which an address is not what anybody meant: another
// street, or another place.
const Unlike = 0.7

// convincing is the score at which nothing better is looked for.
const convincing = 0.93

// Near finds the addresses that somebody may have meant by q, best first and at most
// limit of them (ten when it is not positive). Units of a building are separate
// addresses; asked for a building without a unit, they are its units.
func (b *Book) Near(ctx context.Context, q postal.Address, limit int) ([]postal.Match, error) {
	if limit <= 0 {
		limit = 10
	}
	var matches []postal.Match
	err := b.d.SystemView(ctx, func(tx *db.Tx) error {
		var err error
		matches, err = near(tx, q, limit)
		return err
	})
	return matches, err
}

// near looks ever further, and stops when what it has found is convincing.
func near(tx reader, q postal.Address, limit int) ([]postal.Match, error) {
	s := &search{tx: tx, q: q, streets: map[int64]*street{}, places: map[string]place{}}
	for _, step := range []func() error{s.byKeys, s.named, s.byZIPs, s.named, s.beside} {
		if err := step(); err != nil {
			return nil, err
		}
		if s.convinced() {
			break
		}
	}
	matches := s.best(limit)
	return matches, s.units(matches)
}

// reader is what a search needs of a unit of work.
type reader interface {
	Dialect() db.Dialect
	Ask(row func(scan func(...any) error) error, sql string, args ...any)
	AskOne(found *bool, dst []any, sql string, args ...any)
	AnyOf(n int, values []string) (condition string, arg any)
	Flush() error
}

// search is one question to the book.
type search struct {
	tx      reader
	q       postal.Address
	streets map[int64]*street
	entries []postal.Entry
	places  map[string]place // where each entry's row is
}

type street struct {
	id    int64
	at    postal.Address
	score float64
	asked bool // for the number
}

// place is the building that an entry is in.
type place struct {
	street, num int64
	number      string
}

const streetColumns = `id, zip, state, city, predir, name, suffix, postdir`

// street takes in a row.
func (s *search) street(scan func(...any) error) error {
	var r street
	a := &r.at
	err := scan(&r.id, &a.ZIP, &a.State, &a.City, &a.Predir, &a.Street, &a.Suffix, &a.Postdir)
	if s.streets[r.id] == nil {
		r.score = postal.Score(streetOf(s.q), r.at)
		s.streets[r.id] = &r
	}
	return err
}

// byKeys finds streets that share a key with the one that was asked for, in its ZIP
// code or in its city.
func (s *search) byKeys() error {
	heads, tails := askedKeys(s.q)
	for _, k := range []struct {
		column string
		keys   []string
	}{{"head", heads}, {"tail", tails}} {
		in, keys := s.tx.AnyOf(2, k.keys)
		s.tx.Ask(s.street, `SELECT `+streetColumns+` FROM postal_street WHERE zip = $1 AND `+k.column+` `+in+` ORDER BY `+k.column+`, id LIMIT $3`, s.q.ZIP, keys, streetsPerKey)
		in, keys = s.tx.AnyOf(3, k.keys)
		s.tx.Ask(s.street, `SELECT `+streetColumns+` FROM postal_street WHERE city = $1 AND state = $2 AND `+k.column+` `+in+` ORDER BY `+k.column+`, id LIMIT $4`,
			s.q.City, s.q.State, keys, streetsPerKey)
	}
	return s.tx.Flush()
}

// byZIPs finds all streets of the ZIP code, whatever they are called, and those that
// share a key in the ZIP codes that a slip makes of it.
func (s *search) byZIPs() error {
	heads, tails := askedKeys(s.q)
	inZIPs, zips := s.tx.AnyOf(2, zipsNear(s.q.ZIP))
	for _, k := range []struct {
		column string
		keys   []string
	}{{"head", heads}, {"tail", tails}} {
		in, keys := s.tx.AnyOf(3, k.keys)
		s.tx.Ask(s.street, `SELECT `+streetColumns+` FROM postal_street WHERE zip `+inZIPs+` AND `+k.column+` `+in+` ORDER BY zip, `+k.column+`, id LIMIT $1`, streetsPerKey, zips, keys)
	}
	s.tx.Ask(s.street, `SELECT `+streetColumns+` FROM postal_street WHERE zip = $1 ORDER BY zip, head, id LIMIT $2`, s.q.ZIP, streetsPerZIP)
	return s.tx.Flush()
}

// likest are the streets on which the address may be, the likest first.
func (s *search) likest() []*street {
	var list []*street
	for _, r := range s.streets {
		if r.score >= Unlike {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b *street) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id)) })
	return list[:min(len(list), streetsKept)]
}

const (
	doorColumns = `a.street, a.num, a.number, a.unit_type, a.unit, a.id`
	// oneOfBuilding keeps one address of each building: the unit that was asked for,
	// or else its first.
	oneOfBuilding = ` AND (a.unit_key = $3 OR a.unit_key = (SELECT min(u.unit_key) FROM postal_address u
		WHERE u.street = a.street AND u.num = a.num AND u.number = a.number)) ORDER BY a.num, a.number, a.unit_key LIMIT $4`
	doorsNamed = `SELECT ` + doorColumns + ` FROM postal_address a WHERE a.street = $1 AND a.num = $2 ORDER BY a.number, a.unit_key LIMIT $3`
	doorExact  = `SELECT ` + doorColumns + ` FROM postal_address a WHERE a.street = $1 AND a.num = $2 AND a.number = $3 AND a.unit_key = $4`
	doorsAbove = `SELECT ` + doorColumns + ` FROM postal_address a WHERE a.street = $1 AND a.num IN (SELECT n.num FROM
		(SELECT DISTINCT b.num FROM postal_address b WHERE b.street = $1 AND b.num > $2 ORDER BY b.num LIMIT 3) n)` + oneOfBuilding
	doorsBelow = `SELECT ` + doorColumns + ` FROM postal_address a WHERE a.street = $1 AND a.num IN (SELECT n.num FROM
		(SELECT DISTINCT b.num FROM postal_address b WHERE b.street = $1 AND b.num < $2 ORDER BY b.num DESC LIMIT 3) n)` + oneOfBuilding
	doorsLike = `SELECT ` + doorColumns + ` FROM postal_address a WHERE a.street = $1 AND a.num `
)

// named looks on the likest streets for the number.
func (s *search) named() error {
	num, unit := s.q.HouseNumber(), s.q.UnitKey()
	for _, r := range s.likest() {
		if r.asked {
			continue
		}
		r.asked = true
		s.tx.Ask(s.door, doorsNamed, r.id, num, doorsPerAsk)
		if unit != "" {
			s.tx.Ask(s.door, doorExact, r.id, num, s.q.Number, unit)
		}
	}
	return s.tx.Flush()
}

// beside looks on the very likest streets for numbers that are like the number, or
// beside it.
func (s *search) beside() error {
	num, unit := s.q.HouseNumber(), s.q.UnitKey()
	like, numbers := s.anyOf(2, numbersNear(num))
	likest := s.likest()
	for _, r := range likest[:min(len(likest), streetsProbed)] {
		s.tx.Ask(s.door, doorsLike+like+oneOfBuilding, r.id, numbers, unit, doorsPerAsk)
		s.tx.Ask(s.door, doorsAbove, r.id, num, unit, doorsPerAsk)
		s.tx.Ask(s.door, doorsBelow, r.id, num, unit, doorsPerAsk)
	}
	return s.tx.Flush()
}

// anyOf is db.Tx's AnyOf for numbers.
func (s *search) anyOf(n int, values []int64) (condition string, arg any) {
	if s.tx.Dialect() == db.Postgres {
		return `= ANY($` + decimal(int64(n)) + `)`, values
	}
	list, _ := json.Marshal(values) // numbers always marshal
	return `IN (SELECT value FROM json_each($` + decimal(int64(n)) + `))`, string(list)
}

// door takes in a row.
func (s *search) door(scan func(...any) error) error {
	var at place
	var e postal.Entry
	var unitType, unit string
	if err := scan(&at.street, &at.num, &at.number, &unitType, &unit, &e.ID); err != nil {
		return err
	}
	if _, known := s.places[e.ID]; known {
		return nil
	}
	e.Address = s.streets[at.street].at
	e.Address.Number, e.Address.UnitType, e.Address.Unit = at.number, unitType, unit
	s.entries, s.places[e.ID] = append(s.entries, e), at
	return nil
}

// convinced says whether what was found is so like that nothing better is to come.
func (s *search) convinced() bool {
	return slices.ContainsFunc(s.entries, func(e postal.Entry) bool {
		return e.Address.Number == s.q.Number && postal.Score(s.q, e.Address) >= convincing
	})
}

func (s *search) best(limit int) []postal.Match {
	matches := postal.Rank(s.q, s.entries)
	for i, m := range matches {
		if i == limit || m.Score < Unlike {
			return matches[:i]
		}
	}
	return matches
}

// units counts the units of the buildings that are answered.
func (s *search) units(matches []postal.Match) error {
	counts := map[place]*int{}
	for _, m := range matches {
		at := s.places[m.ID]
		if counts[at] == nil {
			counts[at] = new(int)
			s.tx.AskOne(nil, []any{counts[at]}, `SELECT count(*) FROM postal_address WHERE street = $1 AND num = $2 AND number = $3 AND unit_key <> ''`,
				at.street, at.num, at.number)
		}
	}
	err := s.tx.Flush()
	for i := range matches {
		matches[i].Units = *counts[s.places[matches[i].ID]]
	}
	return err
}
