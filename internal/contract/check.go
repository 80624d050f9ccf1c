package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3filter"
)

// uncovered are the addresses that are no part of the contract: pages, metrics, and
// the documents themselves.
func uncovered(u *url.URL) bool {
	switch u.Path {
	case "/", "/metrics", "/docs", "/favicon.ico":
		return true
	}
	return strings.HasPrefix(u.Path, "/docs/") || strings.HasPrefix(u.Path, "/api/")
}

// Check says what is wrong with an answer to a request, or nil. The request's own
// body is not looked at. An answer to an address that no document has must be the
// error envelope with 404 or 405.
func Check(req *http.Request, status int, header http.Header, body []byte) error {
	if uncovered(req.URL) {
		return nil
	}
	b := must()
	e, params := b.find(req.Method, req.URL)
	if e == nil {
		return b.checkUnknown(req, status, header, body)
	}
	if err := checkSchema(req, e, params, status, header, body); err != nil {
		return err
	}
	if err := checkEcho(req, header); err != nil {
		return err
	}
	if req.Method == http.MethodHead || len(body) == 0 {
		return nil
	}
	if status >= http.StatusBadRequest {
		if b.own[family(e.route.Path)] == nil {
			return b.checkError(e, status, header, body)
		}
		return checkRepeated(status, header, body)
	}
	switch e.route.Operation.OperationID {
	case "listNotifications":
		return b.checkNotificationPage(body)
	case "exportWorld":
		return checkLines(body)
	}
	return nil
}

// CheckRequest says what is wrong with a request, or nil. body is the request's,
// which is not read from it.
func CheckRequest(req *http.Request, body []byte) error {
	if uncovered(req.URL) {
		return nil
	}
	e, params := must().find(req.Method, req.URL)
	if e == nil {
		return errors.New("no document has this operation")
	}
	send := req.Clone(req.Context())
	send.Body = io.NopCloser(bytes.NewReader(body))
	send.ContentLength = int64(len(body))
	send.GetBody = nil // the validator would rather ask it
	input := inputOf(send, e, params)
	input.Options.AuthenticationFunc = authenticated
	return readable(openapi3filter.ValidateRequest(send.Context(), input))
}

func inputOf(req *http.Request, e *entry, params map[string]string) *openapi3filter.RequestValidationInput {
	return &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: e.route,
		Options: &openapi3filter.Options{
			MultiError: true, IncludeResponseStatus: true, SkipSettingDefaults: true,
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		},
	}
}

// authenticated says whether a request carries credentials of the kind that the
// document asks for. Whether they are any good is the server's business.
func authenticated(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	if in.SecurityScheme.Type == "apiKey" {
		if in.RequestValidationInput.Request.Header.Get(in.SecurityScheme.Name) == "" {
			return fmt.Errorf("the request has no header %s", in.SecurityScheme.Name)
		}
		return nil
	}
	given, _, _ := strings.Cut(in.RequestValidationInput.Request.Header.Get("Authorization"), " ")
	wanted := "Bearer"
	if in.SecurityScheme.Type == "http" && strings.EqualFold(in.SecurityScheme.Scheme, "basic") {
		wanted = "Basic"
	}
	if !strings.EqualFold(given, wanted) {
		return fmt.Errorf("the request has no %s credentials", wanted)
	}
	return nil
}

// checkSchema holds status, headers and body to the document.
func checkSchema(req *http.Request, e *entry, params map[string]string, status int, header http.Header, body []byte) error {
	ref := e.route.Operation.Responses.Status(status)
	if ref == nil {
		return fmt.Errorf("%s may not answer %d: %s", e.route.Operation.OperationID, status, excerpt(body))
	}
	if req.Method == http.MethodHead {
		return nil
	}
	content := ref.Value.Content
	if len(content) == 0 && len(body) > 0 {
		return fmt.Errorf("%s answers %d without a body, but there is one: %s", e.route.Operation.OperationID, status, excerpt(body))
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: inputOf(req, e, params), Status: status, Header: header,
		Options: &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true},
	}
	media, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	// Of a stream or a file of lines the schema says only that it is text.
	input.Options.ExcludeResponseBody = media != "application/json" && content.Get(media) != nil
	input.SetBodyBytes(body)
	return readable(openapi3filter.ValidateResponse(req.Context(), input))
}

// checkEcho: a caller's own well-formed name for a call comes back.
func checkEcho(req *http.Request, header http.Header) error {
	for _, name := range []string{"X-Correlation-Id", "X-Request-Id"} {
		sent := req.Header.Get(name)
		if sent == "" || len(sent) > 128 || !plain(sent) {
			continue
		}
		if got := header.Get("X-Request-Id"); got != sent {
			return fmt.Errorf("header X-Request-Id: must echo the %s that was sent, %q (it is %q)", name, sent, got)
		}
		return nil
	}
	return nil
}

// plain reports whether s is printable ASCII without spaces, quotes and backslashes.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// checkError holds an error to the one of its document's envelopes that it came in.
// That it may come in that one here, the schema has seen to.
func (b *book) checkError(e *entry, status int, header http.Header, body []byte) error {
	coded := b.coded[e.doc]
	if coded == nil {
		return checkEnvelope(status, header, body)
	}
	v, err := decode(body)
	if err != nil {
		return err
	}
	if visit(coded, v) != nil {
		return checkEnvelope(status, header, body)
	}
	return checkCoded(v)
}

// checkCoded: the transaction that coded messages are about is at the end of each.
func checkCoded(v any) error {
	id, _ := dig(v, "transactionId").(string)
	messages, _ := dig(v, "messages").([]any)
	var wrong []error
	for i, m := range messages {
		if text, _ := dig(m, "message").(string); !strings.HasSuffix(strings.TrimSuffix(text, "”"), " "+id) {
			wrong = append(wrong, fmt.Errorf("/messages/%d/message: must end with the transaction %q (it is %q)", i, id, text))
		}
	}
	return errors.Join(wrong...)
}

// checkEnvelope: what an error says twice, it says alike.
func checkEnvelope(status int, header http.Header, body []byte) error {
	var e struct {
		Code      int    `json:"code"`
		Reason    string `json:"reason"`
		Doc       string `json:"doc"`
		RequestID string `json:"requestId"`
		OAuth     string `json:"error"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return fmt.Errorf("the error cannot be read: %w", err)
	}
	var wrong []error
	if e.OAuth != "" {
		return nil // RFC 6749 has no more to compare
	}
	if e.Code != status {
		wrong = append(wrong, fmt.Errorf("/code: must be the status %d (it is %d)", status, e.Code))
	}
	if id := header.Get("X-Request-Id"); e.RequestID != id {
		wrong = append(wrong, fmt.Errorf("/requestId: must be the header's %q (it is %q)", id, e.RequestID))
	}
	if want := "/docs/errors#" + e.Reason; e.Doc != want {
		wrong = append(wrong, fmt.Errorf("/doc: must be %q (it is %q)", want, e.Doc))
	}
	return errors.Join(wrong...)
}

// checkRepeated: where the first of several errors is repeated on top, it is the same, and
// its code is of the status. Other errors have nothing of that kind.
func checkRepeated(status int, header http.Header, body []byte) error {
	v, err := decode(body)
	if err != nil {
		return err
	}
	list, _ := dig(v, "errors").([]any)
	code, repeats := dig(v, "code").(string)
	if !repeats || len(list) == 0 {
		return nil
	}
	var wrong []error
	for _, name := range []string{"code", "message"} {
		if top, first := dig(v, name), dig(list[0], name); top != first {
			wrong = append(wrong, fmt.Errorf("/%s: must be that of the first error, %q (it is %q)", name, first, top))
		}
	}
	if most := 6; len(code) == most && code[:3] != strconv.Itoa(status) {
		wrong = append(wrong, fmt.Errorf("/code: must begin with the status %d (it is %q)", status, code))
	}
	if id := header.Get("X-Request-Id"); dig(v, "requestId") != id {
		wrong = append(wrong, fmt.Errorf("/requestId: must be the header's %q (it is %q)", id, dig(v, "requestId")))
	}
	return errors.Join(wrong...)
}

// checkUnknown holds the answer of an address that no document has.
func (b *book) checkUnknown(req *http.Request, status int, header http.Header, body []byte) error {
	// Text that cannot be decoded is refused before anyone asks what it names.
	if status != http.StatusNotFound && status != http.StatusMethodNotAllowed && status != http.StatusBadRequest {
		return fmt.Errorf("no document has this operation, yet it answers %d: %s", status, excerpt(body))
	}
	if status == http.StatusMethodNotAllowed && header.Get("Allow") == "" {
		return errors.New("a 405 must say in the header Allow what is possible")
	}
	if header.Get("X-Request-Id") == "" {
		return errors.New("header X-Request-Id: must be there")
	}
	if req.Method == http.MethodHead {
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("the error is not JSON: %s", excerpt(body))
	}
	if own := b.own[family(req.URL.Path)]; own != nil {
		return errors.Join(visit(own, v), checkRepeated(status, header, body))
	}
	if err := visit(b.envelope, v); err != nil {
		return err
	}
	return checkEnvelope(status, header, body)
}

// CheckNotification says what is wrong with the body of a webhook, or nil.
func CheckNotification(body []byte) error {
	b := must()
	v, err := decode(body)
	if err != nil {
		return err
	}
	if err := visit(b.body, v); err != nil {
		return err
	}
	return b.checkTyped(v)
}

// checkTyped holds a notification to its type's own schema.
func (b *book) checkTyped(v any) error {
	name, _ := dig(v, "type").(string)
	schema := b.types[name]
	if schema == nil {
		schema = b.types[anyOf(name)]
	}
	if schema == nil {
		if strings.HasPrefix(name, "demarc.") {
			return nil // the platform's own, such as a test delivery
		}
		return fmt.Errorf("/type: no document has a notification %q", name)
	}
	object, _ := v.(map[string]any)
	return visit(schema, map[string]any{"type": object["type"], "timestamp": object["timestamp"], "data": object["data"]})
}

func (b *book) checkNotificationPage(body []byte) error {
	v, err := decode(body)
	if err != nil {
		return err
	}
	list, _ := dig(v, "notifications").([]any)
	for i, n := range list {
		if err := b.checkTyped(n); err != nil {
			return fmt.Errorf("/notifications/%d: %w", i, err)
		}
	}
	return nil
}

// checkLines: each line is one JSON object.
func checkLines(body []byte) error {
	n := 0
	for line := range bytes.Lines(body) {
		n++
		var object map[string]any
		if err := json.Unmarshal(line, &object); err != nil || object == nil {
			return fmt.Errorf("line %d is no JSON object: %s", n, excerpt(line))
		}
	}
	return nil
}

func decode(body []byte) (any, error) {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, fmt.Errorf("it is not JSON: %s", excerpt(body))
	}
	return v, nil
}

func excerpt(body []byte) string {
	const most = 300
	if len(body) > most {
		return string(body[:most]) + "…"
	}
	return string(body)
}
