// Package setting is what a carrier can change about a world while it runs: named
// settings, each with a few possible values. How a server is started is another
// matter, see app.Config; a setting belongs to a world, is kept with its rows, and
// holds from the commit that puts it, on every node.
//
// A product declares its settings, once, and asks in the unit of work that needs
// to know:
//
//	var Onboarding = setting.Declare(setting.Setting{Name: "marketplace.v1.onboarding",
//		Values: []string{"open", "closed"}, Default: "open", Text: "Whether ..."})
//
//	value, err := Onboarding.Get(tx)
//
// Nothing is cached: two units of work that follow each other see what was put in
// between. Who needs other rows as well asks for all of them with one Flush.
package setting

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
)

// Unknown answers a name that no product has declared.
var Unknown = fault.New("platform", "setting_unknown", 404, "There is no setting of that name; the list of settings has those that there are.")

const ruleValue = "SET-VAL-01" // a setting has one of its values

// Setting is something that can be set.
type Setting struct {
	Name    string   // where it belongs and what it is: marketplace.v1.onboarding
	Values  []string // what it can be
	Default string   // what it is until somebody puts another
	Text    string   // what it decides, for people
}

// Value is a setting as it is in a world.
type Value struct {
	Name    string
	Value   string
	Default string
	Values  []string
	Text    string
}

var declared struct {
	sync.Mutex
	settings map[string]*Setting
}

var wellFormed = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$`)

// nameLength bounds names, as the document of the sandbox's calls promises.
const nameLength = 64

// Declare makes a setting known, and answers it for reading. A name that is taken
// or malformed, and a default that is none of the values, are programming errors
// and panic at start.
func Declare(s Setting) *Setting {
	switch {
	case len(s.Name) > nameLength || !wellFormed.MatchString(s.Name):
		panic(fmt.Sprintf("setting: %q is no name", s.Name))
	case slices.Contains(s.Values, ""):
		panic("setting: " + s.Name + " could be nothing at all")
	case !slices.Contains(s.Values, s.Default):
		panic("setting: the default of " + s.Name + " is none of its values")
	case s.Text == "":
		panic("setting: " + s.Name + " does not say what it decides")
	}
	s.Values = slices.Clone(s.Values)
	declared.Lock()
	defer declared.Unlock()
	if declared.settings == nil {
		declared.settings = map[string]*Setting{}
	}
	if declared.settings[s.Name] != nil {
		panic("setting: two are called " + s.Name)
	}
	declared.settings[s.Name] = &s
	return &s
}

func find(name string) *Setting {
	declared.Lock()
	defer declared.Unlock()
	return declared.settings[name]
}

// Get reads the setting in the unit's world.
func (s *Setting) Get(tx *db.Tx) (value string, err error) {
	s.Ask(tx, &value)
	return value, tx.Flush()
}

// Ask queues the reading of the setting; value holds it after the next Flush.
func (s *Setting) Ask(tx *db.Tx, value *string) {
	*value = s.Default
	tx.Ask(func(scan func(...any) error) error {
		var have string
		err := scan(&have)
		*value = s.effective(have)
		return err
	}, `SELECT value FROM setting WHERE world = $1 AND name = $2`, s.Name)
}

// effective is what a stored value means to this program. While an upgrade rolls
// through, a newer node may have put one that this one does not know.
func (s *Setting) effective(have string) string {
	if slices.Contains(s.Values, have) {
		return have
	}
	return s.Default
}

// Put sets a setting in the unit's world. What it is already changes nothing, and
// leaves no entry in the trail.
func Put(tx *db.Tx, actor, name, value string) error {
	s := find(name)
	if s == nil {
		return Unknown
	}
	if !slices.Contains(s.Values, value) {
		return fault.Invalid.With(fault.Field(ruleValue, "value", "must be one of "+strings.Join(s.Values, ", ")))
	}
	was, err := s.put(tx, value)
	if err == nil && was != value {
		audit.Record(tx, audit.Event{Subject: "setting/" + name, Actor: actor, Event: "put", From: was, To: value})
	}
	return err
}

// put writes the value where it differs, and answers the one before. Of two units
// that put the first row of a setting at once, one finds the other's when its own
// insert is refused, and begins again from that.
func (s *Setting) put(tx *db.Tx, value string) (was string, err error) {
	for {
		err = tx.Row(`SELECT value FROM setting WHERE world = $1 AND name = $2`+tx.ForUpdate(), s.Name).Scan(&was)
		switch {
		case err == nil && was != value:
			tx.Do(`UPDATE setting SET value = $3 WHERE world = $1 AND name = $2`, s.Name, value)
			return was, nil
		case !errors.Is(err, db.ErrNone):
			return was, err
		case value == s.Default:
			return s.Default, nil
		}
		made, err := tx.Exec(`INSERT INTO setting (world, name, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, s.Name, value)
		if err != nil || made == 1 {
			return s.Default, err
		}
	}
}

// Find is one setting as it is in the unit's world.
func Find(tx *db.Tx, name string) (Value, error) {
	s := find(name)
	if s == nil {
		return Value{}, Unknown
	}
	value, err := s.Get(tx)
	return s.as(value), err
}

// List is every setting as it is in the unit's world, by name.
func List(tx *db.Tx) ([]Value, error) {
	have := map[string]string{}
	err := tx.Each(func(scan func(...any) error) error {
		var name, value string
		err := scan(&name, &value)
		have[name] = value
		return err
	}, `SELECT name, value FROM setting WHERE world = $1`)
	if err != nil {
		return nil, err
	}
	declared.Lock()
	defer declared.Unlock()
	list := make([]Value, 0, len(declared.settings))
	for name, s := range declared.settings {
		list = append(list, s.as(s.effective(have[name])))
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list, nil
}

func (s *Setting) as(value string) Value {
	return Value{Name: s.Name, Value: value, Default: s.Default, Values: slices.Clone(s.Values), Text: s.Text}
}
