package contract

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"testing"
)

type badKey struct{}

// Bad marks a request that breaks the contract on purpose. Only the answer to it
// is checked; the request is sent as it is, its body unread until then.
func Bad(req *http.Request) *http.Request {
	return req.WithContext(context.WithValue(req.Context(), badKey{}, true))
}

type asKey struct{}

// As marks a request to a path that the server was configured to have: it and the
// answer are held to what the documents say of this one.
func As(req *http.Request, path string) *http.Request {
	return req.WithContext(context.WithValue(req.Context(), asKey{}, path))
}

// documented is the request with the path that the documents have for it.
func documented(req *http.Request) *http.Request {
	path, ok := req.Context().Value(asKey{}).(string)
	if !ok {
		return req
	}
	moved := req.Clone(req.Context())
	moved.URL.Path, moved.URL.RawPath = path, ""
	return moved
}

// Client is a client whose every request and answer is held to the documents; what
// breaks them fails t. base carries the requests, http.DefaultTransport when nil.
// It may be used from many goroutines, until t has ended.
func Client(t testing.TB, base http.RoundTripper) *http.Client {
	t.Helper()
	if _, err := read(); err != nil {
		t.Fatalf("contract: %v", err)
	}
	if base == nil {
		base = http.DefaultTransport
	}
	return &http.Client{Transport: &watcher{t: t, base: base}}
}

// watcher checks what passes through it.
type watcher struct {
	t    testing.TB
	base http.RoundTripper
}

// RoundTrip sends one request.
func (w *watcher) RoundTrip(req *http.Request) (*http.Response, error) {
	w.t.Helper()
	bad, _ := req.Context().Value(badKey{}).(bool)
	if !bad {
		checked, err := w.checkRequest(req)
		if err != nil {
			return nil, err
		}
		req = checked
	}
	answer, err := w.base.RoundTrip(req)
	if err != nil {
		return answer, err
	}
	media, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if media == "text/event-stream" && answer.StatusCode == http.StatusOK {
		w.report(req, answer.StatusCode, Check(documented(req), answer.StatusCode, answer.Header, nil))
		answer.Body = &stream{body: answer.Body, report: func(err error) { w.report(req, answer.StatusCode, err) }}
		return answer, nil
	}
	body, err := io.ReadAll(answer.Body)
	closed := answer.Body.Close()
	answer.Body = io.NopCloser(&replay{rest: bytes.NewReader(body), end: errors.Join(err, closed)})
	if err == nil { // an answer that broke off is the test's business, not the contract's
		w.report(req, answer.StatusCode, Check(documented(req), answer.StatusCode, answer.Header, body))
	}
	return answer, nil
}

// checkRequest checks a request that should be good, and answers it with its body
// whole again: a RoundTripper may not change the caller's.
func (w *watcher) checkRequest(req *http.Request) (*http.Request, error) {
	w.t.Helper()
	var body []byte
	if req.Body != nil && req.Body != http.NoBody {
		var err error
		body, err = io.ReadAll(req.Body)
		if err = errors.Join(err, req.Body.Close()); err != nil {
			return nil, err
		}
		req = req.WithContext(req.Context()) // a copy, to hang the body on
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	if err := CheckRequest(documented(req), body); err != nil {
		w.t.Errorf("contract: the test's request %s %s breaks it (mark it with contract.Bad if it should):\n%v",
			req.Method, req.URL.RequestURI(), err)
	}
	return req, nil
}

func (w *watcher) report(req *http.Request, status int, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Errorf("contract: the answer %d to %s %s breaks it:\n%v", status, req.Method, req.URL.RequestURI(), err)
	}
}

// replay reads what was read before, and then ends as it ended before.
type replay struct {
	rest *bytes.Reader
	end  error
}

func (r *replay) Read(p []byte) (int, error) {
	n, err := r.rest.Read(p)
	if errors.Is(err, io.EOF) && r.end != nil {
		err = r.end
	}
	return n, err
}
