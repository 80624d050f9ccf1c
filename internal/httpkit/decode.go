package httpkit

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"demarc/internal/fault"
)

// Rules of the edge, as the errors name them.
const (
	ruleJSON  = "EDGE-JSON-01" // the body is one JSON value
	ruleType  = "EDGE-JSON-02" // each field has its documented type
	ruleName  = "EDGE-JSON-03" // no field's name is nearly a known one
	ruleText  = "EDGE-TEXT-01" // text is UTF-8 without NUL
	rulePage  = "EDGE-PAGE-01" // page numbers and sizes are whole and in bounds
	ruleQuery = "EDGE-QRY-01"  // a query parameter has its documented form
)

// requestID takes the caller's correlation id when it is well formed, or makes one.
// own is the family's header for it, "" for none.
func requestID(r *http.Request, own string) string {
	for _, name := range []string{own, "X-Correlation-Id", "X-Request-Id"} {
		if name == "" {
			continue
		}
		if id := r.Header.Get(name); id != "" && len(id) <= 128 && plain(id) {
			return id
		}
	}
	var b [20]byte
	out := append(b[:0], "req_"...)
	return string(strconv.AppendUint(out, rand.Uint64(), 36)) // it names a request, it guards nothing
}

// plain reports whether s is printable ASCII without spaces and quotes.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// checkText refuses text in the address that no database can hold.
func checkText(r *http.Request) error {
	if !utf8.ValidString(r.URL.Path) || strings.IndexByte(r.URL.Path, 0) >= 0 {
		return Malformed.With(fault.Field(ruleText, "path", "must be UTF-8 text without NUL"))
	}
	raw := r.URL.RawQuery
	if raw == "" {
		return nil
	}
	query, err := url.ParseQuery(raw)
	if err != nil {
		return Malformed.With(fault.Field(ruleText, "query", "cannot be decoded"))
	}
	for name, values := range query {
		for _, v := range values {
			if !utf8.ValidString(v) || !utf8.ValidString(name) || strings.IndexByte(v, 0) >= 0 || len(v) > 1000 {
				return Malformed.With(fault.Field(ruleText, strings.ToValidUTF8(name, "?"), "must be UTF-8 text of at most 1,000 bytes without NUL"))
			}
		}
	}
	return nil
}

// Body reads the whole body, within the limit.
func (k *Kit) Body(r *http.Request) ([]byte, error) {
	x := exchangeOf(r.Context())
	if x.read {
		return x.body, nil
	}
	if r.ContentLength > k.o.MaxBody {
		return nil, TooLarge.Say("A body may have at most %d bytes.", k.o.MaxBody)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, k.o.MaxBody+1))
	if err != nil {
		return nil, Malformed.With(fault.Field(ruleJSON, "body", "broke off"))
	}
	if int64(len(body)) > k.o.MaxBody {
		return nil, TooLarge.Say("A body may have at most %d bytes.", k.o.MaxBody)
	}
	x.body, x.read = body, true
	return body, nil
}

// Decode reads the JSON body into a struct. Unknown fields are let through, since
// clients of such APIs send more than is asked for; but a name that is nearly a
// known one is refused, because ignoring it would do something else than its
// writer meant.
func (k *Kit) Decode(r *http.Request, into any) error {
	if ct := r.Header.Get("Content-Type"); ct != "" && ct != "application/json" && !isJSON(ct) {
		return MediaType.Say("%s", MediaType.Text)
	}
	body, err := k.Body(r)
	if err != nil {
		return err
	}
	return DecodeJSON(body, into)
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || strings.HasSuffix(media, "+json"))
}

// DecodeJSON is Decode for bytes.
func DecodeJSON(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return Malformed.With(fault.Field(ruleJSON, "body", "must be a JSON object, it is empty"))
	}
	if !utf8.Valid(body) {
		return Malformed.With(fault.Field(ruleText, "body", "must be UTF-8"))
	}
	if c := bytes.TrimLeft(body, " \t\r\n")[0]; c != '{' {
		return Malformed.With(fault.Field(ruleJSON, "body", "must be a JSON object"))
	}
	if bytes.Contains(body, []byte(`\u0000`)) {
		return Malformed.With(fault.Field(ruleText, "body", `must not contain the character \u0000`))
	}
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	if strict.Decode(into) == nil {
		if _, err := strict.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		return Malformed.With(fault.Field(ruleJSON, "body", "has something after the JSON object"))
	}
	return decodeLenient(body, into)
}

// decodeLenient tells apart what the strict pass refused: broken JSON, a wrong
// type, or a field it does not know.
func decodeLenient(body []byte, into any) error {
	reflect.ValueOf(into).Elem().SetZero()
	err := json.Unmarshal(body, into)
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	var own *fault.Error
	switch {
	case errors.As(err, &syntax):
		return Malformed.With(fault.Field(ruleJSON, "body", "is not JSON at byte "+strconv.FormatInt(syntax.Offset, 10)))
	case errors.As(err, &typ):
		return Malformed.With(fault.Field(ruleType, nameOr(typ.Field, "body"), "must be "+kindName(typ.Type)+", not "+typ.Value))
	case errors.As(err, &own):
		return own
	case err != nil:
		return Malformed.With(fault.Field(ruleJSON, "body", "cannot be read"))
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return Malformed.With(fault.Field(ruleJSON, "body", "cannot be read"))
	}
	var wrong fault.List
	nearMisses(&wrong, "", v, reflect.TypeOf(into))
	return wrong.As(Malformed)
}

func nameOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return "a number"
	}
}

// nearMisses lists the fields of v whose names are nearly, but not quite, those
// of the struct t.
func nearMisses(wrong *fault.List, path string, v any, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := v.(type) {
	case []any:
		if t.Kind() != reflect.Slice {
			return
		}
		for i, e := range v {
			nearMisses(wrong, path+"["+strconv.Itoa(i)+"]", e, t.Elem())
		}
	case map[string]any:
		if t.Kind() != reflect.Struct {
			return
		}
		known := fieldsOf(t)
		for name, e := range v {
			at := name
			if path != "" {
				at = path + "." + name
			}
			if f, ok := known[strings.ToLower(name)]; ok {
				nearMisses(wrong, at, e, f.of)
			} else if near := nearest(strings.ToLower(name), known); near != "" {
				wrong.Add(ruleName, at, "is not known; did you mean "+near+"?")
			}
		}
	}
}

// field is a field's JSON name and type.
type field struct {
	name string
	of   reflect.Type
}

// fieldsOf is the fields of a struct, by their JSON names in lower case.
func fieldsOf(t reflect.Type) map[string]field {
	known := map[string]field{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() || f.Anonymous {
			continue
		}
		name = nameOr(name, f.Name)
		known[strings.ToLower(name)] = field{name, f.Type}
	}
	return known
}

// nearest is the known name within one slip of the pen of s: a letter wrong,
// missing, doubled or swapped with its neighbour. Short names need to match.
func nearest(s string, known map[string]field) string {
	if len(s) < 4 {
		return ""
	}
	for lower, f := range known {
		if len(lower) >= 4 && oneSlip(s, lower) {
			return f.name
		}
	}
	return ""
}

func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	swapped := i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	return i < len(a) && (a[i+1:] == b[i+1:] || swapped)
}
