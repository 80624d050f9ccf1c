package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// parseJSON reads one JSON value, its numbers as they are written.
func parseJSON(text []byte) (v any, err error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if dec.More() {
		return nil, fmt.Errorf("something follows the JSON value in %q", text)
	}
	return v, nil
}

// step is one part of a path: a name, an index, or the element whose field has a
// value.
type step struct {
	name         string
	index        int
	field, value string
}

var stepPattern = regexp.MustCompile(`^(?:\[(-?\d+)\]|\[([^=\]]+)=([^\]]*)\]|\.?([^.\[\]]+))`)

func parsePath(path string) (steps []step, err error) {
	for rest := path; rest != "" && rest != "."; {
		m := stepPattern.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("%q is no path", path)
		}
		s := step{name: m[4], field: m[2], value: m[3]}
		if m[1] != "" {
			if s.index, err = strconv.Atoi(m[1]); err != nil {
				return nil, err
			}
		}
		steps = append(steps, s)
		rest = rest[len(m[0]):]
	}
	return steps, nil
}

// find follows a path; there is false when it leads nowhere.
func find(v any, path string) (found any, there bool, err error) {
	steps, err := parsePath(path)
	if err != nil {
		return nil, false, err
	}
	for _, s := range steps {
		if v, there = s.follow(v); !there {
			return nil, false, nil
		}
	}
	return v, true, nil
}

func (s step) follow(v any) (any, bool) {
	switch {
	case s.name != "":
		object, _ := v.(map[string]any)
		next, ok := object[s.name]
		return next, ok
	case s.field != "":
		list, _ := v.([]any)
		for _, e := range list {
			object, _ := e.(map[string]any)
			if text(object[s.field]) == s.value {
				return e, true
			}
		}
		return nil, false
	}
	list, _ := v.([]any)
	i := s.index
	if i < 0 {
		i += len(list)
	}
	if i < 0 || i >= len(list) {
		return nil, false
	}
	return list[i], true
}

// text is a value as a scenario writes it.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return v
	case json.Number:
		return v.String()
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return err.Error()
		}
		return string(b)
	}
}

// same compares a value with one that is written in a scenario: JSON, or a text
// without its quotes.
func same(v any, written string) bool {
	want, err := parseJSON([]byte(written))
	if err == nil && reflect.DeepEqual(v, want) {
		return true
	}
	s, ok := v.(string)
	return ok && s == written
}

var checkLine = regexp.MustCompile(`^(header \S+|\S(?:.*?\S)??) (==|!=|~|has|holds|lacks|there|gone)(?: (.*))?$`)

// verify holds a value's document against one line of a scenario.
func verify(line string, look func(path string) (any, bool, error)) error {
	m := checkLine.FindStringSubmatch(line)
	if m == nil {
		return fmt.Errorf("%q is no check", line)
	}
	path, op, want := m[1], m[2], m[3]
	v, there, err := look(path)
	if err != nil {
		return err
	}
	switch op {
	case "gone":
		if there {
			return fmt.Errorf("%s is there: %s", path, text(v))
		}
		return nil
	case "there":
		if !there {
			return fmt.Errorf("%s is not there", path)
		}
		return nil
	}
	if !there {
		return fmt.Errorf("%s is not there", path)
	}
	ok, err := holds(op, v, want)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%s is %s; want it %s %s", path, short(text(v)), op, want)
	}
	return nil
}

// short keeps what is said of a failure to what a person reads.
func short(s string) string {
	const most = 600
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}

func holds(op string, v any, want string) (bool, error) {
	switch op {
	case "==":
		return same(v, want), nil
	case "!=":
		return !same(v, want), nil
	case "~":
		return regexp.MatchString(want, text(v))
	case "has":
		list, ok := v.([]any)
		return ok && strconv.Itoa(len(list)) == want, nil
	case "lacks":
		held, err := holds("holds", v, want)
		return !held, err
	}
	if list, ok := v.([]any); ok {
		for _, e := range list {
			if same(e, want) {
				return true, nil
			}
		}
		return false, nil
	}
	return strings.Contains(text(v), want), nil
}

// change sets the value at a path of a body, or takes it away.
func change(v any, line string) (any, error) {
	path, written, isSet := strings.Cut(line, " = ")
	if !isSet {
		var ok bool
		if path, ok = strings.CutSuffix(line, " gone"); !ok {
			return nil, fmt.Errorf("%q changes nothing", line)
		}
	}
	var value any = written
	if parsed, err := parseJSON([]byte(written)); err == nil {
		value = parsed
	}
	steps, err := parsePath(path)
	if err != nil {
		return nil, err
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("%q is no path into a body", path)
	}
	if !isSet {
		value = gone{}
	}
	return changeAt(v, steps, value)
}

type gone struct{}

func changeAt(v any, steps []step, value any) (any, error) {
	if len(steps) == 0 {
		return value, nil
	}
	s := steps[0]
	next, there := s.follow(v)
	if !there && (s.name == "" || len(steps) > 1) {
		return nil, fmt.Errorf("the body has nothing at %+v", s)
	}
	changed, err := changeAt(next, steps[1:], value)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case map[string]any:
		if _, away := changed.(gone); away {
			delete(v, s.name)
		} else {
			v[s.name] = changed
		}
		return v, nil
	case []any:
		for i := range v {
			if reflect.DeepEqual(v[i], next) {
				if _, away := changed.(gone); away {
					return append(v[:i:i], v[i+1:]...), nil
				}
				v[i] = changed
				return v, nil
			}
		}
	}
	return nil, fmt.Errorf("the body cannot be changed at %+v", s)
}
