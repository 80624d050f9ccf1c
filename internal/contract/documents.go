// Package contract holds tests to the OpenAPI documents of package api. It is for
// tests only.
//
// A test talks to a server through Client, and every request it sends and every
// answer it gets is checked:
//
//	client := contract.Client(t, nil)
//	answer, err := client.Do(req)               // req must be a good one
//	answer, err = client.Do(contract.Bad(req))  // req may be anything; the answer is checked all the same
//
// Check is the same for one answer, without a client, and CheckNotification for
// what arrives at a webhook. Operations lists what the documents promise, for the
// test that compares it with the route table.
//
// documents.go reads the documents, check.go decides, client.go and stream.go watch
// the wire, readable.go says what was wrong in a line or two.
package contract

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"demarc/api"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// Operation is one promise of a document.
type Operation struct {
	Method string
	Path   string // with its parameters in braces, as in a net/http pattern
	Doc    string // the document's name: platform, ondemand
}

// Operations are all operations of all documents, by operation id.
func Operations() map[string]Operation {
	all := map[string]Operation{}
	for _, e := range must().entries {
		all[e.route.Operation.OperationID] = Operation{Method: e.route.Method, Path: e.route.Path, Doc: e.doc}
	}
	return all
}

// entry is an operation with what the checks need of it.
type entry struct {
	doc      string
	route    *routers.Route
	segments []string
}

// book is all documents, read and indexed.
type book struct {
	entries  []entry
	envelope *openapi3.Schema            // every error but OAuth's, and those of
	own      map[string]*openapi3.Schema // families with an envelope of their own, by family
	coded    map[string]*openapi3.Schema // a second envelope beside the platform's, by document
	notice   *openapi3.Schema            // an entry of GET /notifications, an event of the stream
	body     *openapi3.Schema            // what is posted to a webhook
	types    map[string]*openapi3.Schema // the same by notification type, where a document describes it
}

// read reads the documents once for the whole test binary.
var read = sync.OnceValues(func() (*book, error) { return readBook(api.Documents()) })

func must() *book {
	b, err := read()
	if err != nil {
		panic("contract: " + err.Error()) // the documents are part of the binary: a test of this package fails first
	}
	return b
}

// strict is what the documents are held to when they are read, beyond what
// OpenAPI asks: every example and every default must keep to its own schema.
func strict(ctx context.Context) context.Context {
	return openapi3.WithValidationOptions(ctx, openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation(),
		openapi3.EnableSchemaPatternValidation(), openapi3.EnableSchemaFormatValidation())
}

func readBook(documents []api.Document) (*book, error) {
	b := &book{types: map[string]*openapi3.Schema{}, own: map[string]*openapi3.Schema{}, coded: map[string]*openapi3.Schema{}}
	known := map[string]string{}
	for _, d := range documents {
		doc, err := openapi3.NewLoader().LoadFromData(d.Text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.File, err)
		}
		if err := doc.Validate(strict(context.Background())); err != nil {
			return nil, fmt.Errorf("%s: %w", d.File, err)
		}
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				if other, twice := known[op.OperationID]; twice || op.OperationID == "" {
					return nil, fmt.Errorf("%s: %s %s has the operation id %q, as has %s", d.File, method, path, op.OperationID, other)
				}
				known[op.OperationID] = method + " " + path
				b.entries = append(b.entries, entry{
					doc:      d.Name,
					route:    &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op},
					segments: strings.Split(path, "/"),
				})
				if own := ownErrors(doc, op); own != nil {
					b.own[family(path)] = own
				}
			}
		}
		if err := b.readSchemas(d, doc); err != nil {
			return nil, err
		}
	}
	if b.envelope == nil || b.notice == nil || b.body == nil {
		return nil, fmt.Errorf("the documents have no schema Error, Notification or NotificationBody")
	}
	return b, nil
}

// family is the first segment of a path: below it all errors look the same.
func family(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

// ownErrors is what an operation's errors look like where they are not the platform's:
// in a document without that envelope, and in a family that never answers 401. nil: they
// are.
func ownErrors(doc *openapi3.T, op *openapi3.Operation) *openapi3.Schema {
	status := http.StatusUnauthorized
	if doc.Components.Schemas["Error"] != nil {
		if op.Responses.Status(status) != nil {
			return nil
		}
		status = http.StatusForbidden
	}
	if r := op.Responses.Status(status); r != nil {
		if media := r.Value.Content.Get("application/json"); media != nil {
			return media.Schema.Value
		}
	}
	return nil
}

// readSchemas takes the schemas that the checks need by name, and looks at the
// examples that the library passes over.
func (b *book) readSchemas(d api.Document, doc *openapi3.T) error {
	for name, h := range doc.Components.Headers {
		if h.Value.Example == nil || h.Value.Schema == nil {
			continue
		}
		if err := visit(h.Value.Schema.Value, h.Value.Example); err != nil {
			return fmt.Errorf("%s: the example of header %s: %w", d.File, name, err)
		}
	}
	for name, into := range map[string]**openapi3.Schema{
		"Error": &b.envelope, "Notification": &b.notice, "NotificationBody": &b.body,
	} {
		if ref := doc.Components.Schemas[name]; ref != nil {
			*into = ref.Value
		}
	}
	if ref := doc.Components.Schemas["CodedError"]; ref != nil {
		b.coded[d.Name] = ref.Value
	}
	hooks, _ := doc.Extensions["x-webhooks"].(map[string]any)
	for name, hook := range hooks {
		ref, _ := dig(hook, "post", "requestBody", "content", "application/json", "schema", "$ref").(string)
		example := dig(hook, "post", "requestBody", "content", "application/json", "example")
		schema := doc.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")]
		if schema == nil {
			return fmt.Errorf("%s: x-webhooks %s names no schema", d.File, name)
		}
		b.types[name] = schema.Value
		if err := visit(schema.Value, example); err != nil {
			return fmt.Errorf("%s: the example of x-webhooks %s: %w", d.File, name, err)
		}
		if said, _ := dig(example, "type").(string); said != name && anyOf(said) != name {
			return fmt.Errorf("%s: the example of x-webhooks %s is of type %v", d.File, name, said)
		}
	}
	return nil
}

// anyOf is the name under which a document describes all notifications that differ in the
// last part of their type alone.
func anyOf(name string) string {
	return name[:strings.LastIndexByte(name, '.')+1] + "*"
}

// dig follows names through nested objects.
func dig(v any, names ...string) any {
	for _, name := range names {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// find is the operation that answers a method and address, with the values of its
// path's parameters. Between two paths that fit, the one with the earlier literal
// wins, as it does in net/http. HEAD is answered where GET is.
func (b *book) find(method string, u *url.URL) (*entry, map[string]string) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	path := strings.Split(u.EscapedPath(), "/")
	var best *entry
	for i := range b.entries {
		e := &b.entries[i]
		if e.route.Method == method && fits(e.segments, path) && (best == nil || earlierLiteral(e.segments, best.segments)) {
			best = e
		}
	}
	if best == nil {
		return nil, nil
	}
	params := map[string]string{}
	for i, s := range best.segments {
		if isParam(s) {
			value, err := url.PathUnescape(path[i])
			if err != nil {
				value = path[i]
			}
			params[s[1:len(s)-1]] = value
		}
	}
	return best, params
}

func isParam(segment string) bool { return strings.HasPrefix(segment, "{") }

func fits(segments, path []string) bool {
	if len(segments) != len(path) {
		return false
	}
	for i, s := range segments {
		if s != path[i] && (!isParam(s) || path[i] == "") {
			return false
		}
	}
	return true
}

func earlierLiteral(a, b []string) bool {
	for i := range a {
		if isParam(a[i]) != isParam(b[i]) {
			return !isParam(a[i])
		}
	}
	return false
}
