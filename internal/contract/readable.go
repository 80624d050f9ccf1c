package contract

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// visit holds a decoded JSON value to a schema of an answer.
func visit(schema *openapi3.Schema, value any) error {
	return readable(schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse()))
}

// readable turns the validator's error, which quotes whole schemas and bodies,
// into one line for each thing that is wrong: where, and what.
func readable(err error) error {
	if err == nil {
		return nil
	}
	var lines []string
	flatten(&lines, "", err)
	slices.Sort(lines)
	return errors.New(strings.Join(slices.Compact(lines), "\n"))
}

func flatten(lines *[]string, at string, err error) {
	var multi openapi3.MultiError
	var request *openapi3filter.RequestError
	var response *openapi3filter.ResponseError
	var schema *openapi3.SchemaError
	switch {
	case errors.As(err, &multi) && isSame(err, multi):
		for _, e := range multi {
			flatten(lines, at, e)
		}
	case errors.As(err, &request):
		where := at
		if request.Parameter != nil {
			where = request.Parameter.In + " " + request.Parameter.Name
		} else if request.RequestBody != nil {
			where = "body"
		}
		flattenCause(lines, where, request.Reason, request.Err)
	case errors.As(err, &response):
		flattenCause(lines, at, response.Reason, response.Err)
	case errors.As(err, &schema):
		flattenSchema(lines, at, schema)
	default:
		*lines = append(*lines, join(at, err.Error()))
	}
}

// isSame tells a list of errors from an error that has one inside.
func isSame(err error, multi openapi3.MultiError) bool {
	_, direct := err.(openapi3.MultiError) //nolint:errorlint // asks what err is itself, not what it wraps
	return direct && len(multi) > 0
}

func flattenCause(lines *[]string, at, reason string, cause error) {
	if cause == nil {
		*lines = append(*lines, join(at, reason))
		return
	}
	var schema *openapi3.SchemaError
	var multi openapi3.MultiError
	inBody := errors.As(cause, &schema) || errors.As(cause, &multi) // its own pointer says where
	if reason != "" && (!inBody || strings.HasPrefix(reason, "response header")) {
		at = join(at, reason)
	}
	flatten(lines, at, cause)
}

func flattenSchema(lines *[]string, at string, e *openapi3.SchemaError) {
	where := at
	if p := e.JSONPointer(); len(p) > 0 {
		where = strings.TrimPrefix(at+" /"+strings.Join(p, "/"), " ")
	}
	reason := e.Reason
	if value, ok := e.Value.(string); ok && len(value) <= 80 {
		reason += fmt.Sprintf(" (it is %q)", value)
	} else if simple(e.Value) {
		reason += fmt.Sprintf(" (it is %v)", e.Value)
	}
	*lines = append(*lines, join(where, reason))
	if e.Origin != nil && (e.SchemaField == "oneOf" || e.SchemaField == "allOf" || e.SchemaField == "anyOf") {
		flatten(lines, where, e.Origin)
	}
}

func simple(v any) bool {
	switch v.(type) {
	case bool, float64, int64:
		return true
	}
	return false
}

func join(at, what string) string {
	if at == "" {
		return what
	}
	return at + ": " + what
}
