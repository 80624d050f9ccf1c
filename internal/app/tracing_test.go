package app

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Spans go to the collector that the standard's own variable names, and carry
// nothing of what a caller sends but the path.
func TestTracesGoToTheCollectorOfTheEnvironmentAndCarryNoSecrets(t *testing.T) {
	var mu sync.Mutex
	var got bytes.Buffer
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/v1/traces" {
			_, _ = io.Copy(&got, r.Body)
		}
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
	a := open(t)
	h, flush, err := a.traced(t.Context(), a.Kit)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/healthz?note=marked-query", nil)
	r.Header.Set("Authorization", "Bearer marked-token")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if err := flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if w.Code != 200 || !bytes.Contains(got.Bytes(), []byte("GET /healthz")) || !bytes.Contains(got.Bytes(), []byte("demarc")) {
		t.Fatalf("answered %d, the collector got %q", w.Code, got.String())
	}
	if bytes.Contains(got.Bytes(), []byte("marked")) {
		t.Fatalf("a span carries what a caller sent: %q", got.String())
	}
}
