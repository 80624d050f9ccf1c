package ui

import (
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Into writes the form's values into a use case's request, by the names that its JSON
// has: "rateCenterOrders[0].quantity". Empty values are left out, and rows that are empty
// altogether too; Fault knows where a row was before. What cannot be read (a word for a
// number) is said beside its field; it answers false then.
func (f *Form) Into(request any) bool {
	given := map[string][]string{}
	var names []string
	for name, values := range f.Values {
		if strings.HasPrefix(name, "_") {
			continue
		}
		values = slices.DeleteFunc(slices.Clone(values), func(s string) bool { return strings.TrimSpace(s) == "" })
		if len(values) > 0 {
			given[name] = values
			names = append(names, name)
		}
	}
	slices.Sort(names)
	shut := f.closeRows(names)
	good := true
	for _, name := range names {
		if !set(reflect.ValueOf(request).Elem(), steps(shut(name)), given[name]) {
			f.Add(name, "cannot be read")
			good = false
		}
	}
	return good
}

// maxRows is how many rows a list of a form has at most.
const maxRows = 100

// closeRows answers what a name becomes when rows without a value are left out, and
// remembers the way back.
func (f *Form) closeRows(names []string) func(string) string {
	rows := map[string][]int{} // of each list, those with a value
	for _, name := range names {
		eachRow(name, func(list string, row int) int {
			if !slices.Contains(rows[list], row) {
				rows[list] = append(rows[list], row)
			}
			return row
		})
	}
	f.rows = map[string][]int{}
	for _, r := range rows {
		slices.Sort(r)
	}
	shut := func(name string) string {
		return eachRow(name, func(list string, row int) int { return slices.Index(rows[list], row) })
	}
	for list, r := range rows {
		f.rows[shut(list)] = r
	}
	return shut
}

// inForm is the name that a field of the request has in the form.
func (f *Form) inForm(field string) string {
	return eachRow(field, func(list string, row int) int {
		if r := f.rows[list]; row < len(r) {
			return r[row]
		}
		return row
	})
}

// eachRow changes the rows that are spoken of in a name. A list is known by the name that
// it had before: "a[3].b" for the list in "a[3].b[1]".
func eachRow(name string, change func(list string, row int) int) string {
	var b strings.Builder
	for at := 0; at < len(name); {
		from := strings.IndexByte(name[at:], '[')
		if from < 0 {
			b.WriteString(name[at:])
			break
		}
		from += at
		to := strings.IndexByte(name[from:], ']')
		if to < 0 {
			b.WriteString(name[at:])
			break
		}
		to += from
		b.WriteString(name[at : from+1])
		if row, err := strconv.Atoi(name[from+1 : to]); err == nil && row >= 0 && row < maxRows {
			b.WriteString(strconv.Itoa(change(name[:from], row)))
		} else {
			b.WriteString(name[from+1 : to])
		}
		b.WriteByte(']')
		at = to + 1
	}
	return b.String()
}

// steps takes a name apart: "a[0].b" is a, [0], b.
func steps(name string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(name, "[", ".["), func(r rune) bool { return r == '.' })
}

// index reads a step into a list.
func index(step string) (int, bool) {
	inner, opened := strings.CutPrefix(step, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	i, err := strconv.Atoi(inner)
	return i, opened && closed && err == nil && i >= 0 && i < maxRows
}

// set writes the values at a path; a path that the request has not is no matter: pages
// have fields of their own.
func set(v reflect.Value, at []string, values []string) bool {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return set(v.Elem(), at, values)
	}
	if len(at) == 0 {
		return leaf(v, values)
	}
	if v.Kind() == reflect.Struct {
		field, ok := named(v, at[0])
		return !ok || set(field, at[1:], values)
	}
	if v.Kind() == reflect.Slice {
		i, ok := index(at[0])
		if !ok {
			return false
		}
		for v.Len() <= i {
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		}
		return set(v.Index(i), at[1:], values)
	}
	return true
}

// named is the field of a struct that has this name in JSON: its own before those of
// embedded structs.
func named(v reflect.Value, name string) (reflect.Value, bool) {
	var embedded []int
	for i := range v.NumField() {
		field := v.Type().Field(i)
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Tag.Get("json") == "-": // in no JSON, so in no form
		case field.Anonymous && tag == "" && inside(field.Type).Kind() == reflect.Struct:
			embedded = append(embedded, i)
		case field.IsExported() && (tag == name || tag == "" && strings.EqualFold(field.Name, name)):
			return v.Field(i), true
		}
	}
	for _, i := range embedded {
		inner := v.Field(i)
		if inner.Kind() == reflect.Pointer {
			if _, ok := named(reflect.New(inner.Type().Elem()).Elem(), name); !ok || !v.Type().Field(i).IsExported() {
				continue
			}
			if inner.IsNil() {
				inner.Set(reflect.New(inner.Type().Elem()))
			}
			inner = inner.Elem()
		}
		if field, ok := named(inner, name); ok {
			return field, true
		}
	}
	return reflect.Value{}, false
}

func inside(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// leaf writes a value as its kind is read.
func leaf(v reflect.Value, values []string) bool {
	text := strings.TrimSpace(values[0])
	if v.CanAddr() {
		switch to := v.Addr().Interface().(type) {
		case *time.Time:
			return moment(to, text)
		case json.Unmarshaler:
			quoted, err := json.Marshal(text)
			return err == nil && (to.UnmarshalJSON(quoted) == nil || json.Valid([]byte(text)) && to.UnmarshalJSON([]byte(text)) == nil)
		case encoding.TextUnmarshaler:
			return to.UnmarshalText([]byte(text)) == nil
		}
	}
	switch {
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		v.SetBool(b)
		return err == nil
	case v.CanInt():
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
		return err == nil
	case v.CanUint():
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(n)
		return err == nil
	case v.CanFloat():
		n, err := strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(n)
		return err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
	case v.Kind() == reflect.Slice: // several boxes of one name
		for _, one := range values {
			item := reflect.New(v.Type().Elem()).Elem()
			if !set(item, nil, []string{one}) {
				return false
			}
			v.Set(reflect.Append(v, item))
		}
	case v.Kind() == reflect.Interface && v.NumMethod() == 0:
		v.Set(reflect.ValueOf(text))
	default:
		return false
	}
	return true
}

// moment reads a time as browsers write it, in UTC, or as JSON has it.
func moment(to *time.Time, text string) bool {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			*to = t
			return true
		}
	}
	return false
}
