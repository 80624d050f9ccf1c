package control

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// fill reads a form into a request of Voice, as the API reads its document: the names of
// the fields are its paths. What is empty is left out.
func fill(f *ui.Form, request any) error {
	root := branch{}
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		at := strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
		if value := f.Value(name); value != "" && len(at) > 0 && !strings.HasPrefix(name, "_") {
			root.put(at, plain(name, value))
		}
	}
	document, err := json.Marshal(root)
	if err != nil {
		return err
	}
	if json.Unmarshal(document, request) != nil {
		return web.Unreadable // fields that the page has not
	}
	return nil
}

// branch is an object, or, where its names are numbers, an array.
type branch map[string]any

func (b branch) put(at []string, value string) {
	if len(at) == 1 {
		b[at[0]] = value
		return
	}
	next, ok := b[at[0]].(branch)
	if !ok {
		next = branch{}
		b[at[0]] = next
	}
	next.put(at[1:], value)
}

// MarshalJSON writes it.
func (b branch) MarshalJSON() ([]byte, error) {
	list := make([]any, len(b))
	for name, value := range b {
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(list) {
			return json.Marshal(map[string]any(b))
		}
		list[i] = value
	}
	if len(b) == 0 {
		return []byte("{}"), nil
	}
	return json.Marshal(list)
}

// plain is a value as the API writes it: telephone numbers without what people put
// between their digits, days as moments.
func plain(name, value string) string {
	switch field := name[strings.LastIndexByte(name, '.')+1:]; field {
	case "startTN", "endTN", "workingTelephoneNumber":
		return digits(value)
	case "customerRequestDate", "loaDateTime":
		return morning(value)
	}
	return value
}

// digits is a telephone number without what people put between its digits.
func digits(text string) string {
	return strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", "/", "", "\u00a0", "").Replace(text)
}

const momentForm = "2006-01-02T15:04:05Z"

// morning is nine o'clock of a day, where the carrier is; what is no day stays as it is.
func morning(text string) string {
	begins, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	midnight := voice.Day(begins.Add(18 * time.Hour)) // noon or so, wherever that is
	return time.Date(midnight.Year(), midnight.Month(), midnight.Day(), 9, 0, 0, 0, midnight.Location()).UTC().Format(momentForm)
}

// dayOf is the day of a moment, where the carrier is, as a field has it.
func dayOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return voice.Day(at).Format(time.DateOnly)
}

// mostRows bounds the rows of a list in a form.
const mostRows = 100

// compact takes the empty rows out of a list.
func compact(f *ui.Form, list string) {
	n := 0
	for i := range min(f.Rows(list, 0), mostRows) {
		from := fmt.Sprintf("%s[%d]", list, i)
		row := map[string][]string{}
		empty := true
		for name, values := range f.Values {
			if rest, ok := strings.CutPrefix(name, from); ok {
				row[rest] = values
				empty = empty && strings.TrimSpace(strings.Join(values, "")) == ""
				delete(f.Values, name)
			}
		}
		if empty {
			continue
		}
		for rest, values := range row {
			f.Values[fmt.Sprintf("%s[%d]", list, n)+rest] = values
		}
		n++
	}
}

// refuses reports whether a form is to be shown again rather than acted upon: one more
// row was asked for.
func refuses(f *ui.Form, lists ...string) bool {
	if f.WantsMore() {
		return true
	}
	for _, list := range lists {
		compact(f, list)
	}
	return false
}
