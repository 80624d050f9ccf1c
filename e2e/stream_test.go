package e2e

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
)

// The live stream tells what happens as it happens, and a reader that comes back
// with the last id it saw misses nothing and gets nothing twice.
func TestTheStreamGoesOnWhereItsReaderLeftOff(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		a := newWorld(t, sharedNode(t, database))
		a.must(http.StatusOK, http.MethodPost, "/sandbox/v1/clock/freeze", "", nil)
		events, leave := a.follow(t, "")
		order := place(t, a, "NaaS-7888", "streamed")
		one := events()
		if one.typ != "ondemand.order.acknowledged" || !strings.Contains(one.data, order) {
			t.Errorf("the first event is %+v", one)
		}
		leave()
		a.advance(`{"by":"PT10M"}`)
		events, leave = a.follow(t, one.id)
		defer leave()
		for _, want := range []string{"ondemand.order.in_progress", "ondemand.order.completed", "ondemand.service.active"} {
			if got := events(); got.typ != want {
				t.Errorf("the next event is %s, want %s", got.typ, want)
			}
		}
		// And it goes on live.
		a.must(http.StatusCreated, http.MethodPost, orderPath, renameBody("streamed too"), nil)
		if got := events(); got.typ != "ondemand.order.acknowledged" {
			t.Errorf("live, the next event is %s", got.typ)
		}
		if err := a.check(); err != nil {
			t.Error(err)
		}
	})
}

type event struct{ id, typ, data string }

// follow opens the stream after an event; next waits for the next one.
func (a *actor) follow(t testing.TB, after string) (next func() event, leave func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	req := a.request(http.MethodGet, "/notifications/stream", "", "").WithContext(ctx)
	req.Header.Set("Accept", "text/event-stream")
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	res, err := a.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the stream answers %s", res.Status)
	}
	lines := bufio.NewScanner(res.Body)
	next = func() (e event) {
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.typ = value
			case "data":
				e.data = value
			case "":
				if e.id != "" && !strings.HasPrefix(lines.Text(), ":") {
					return e
				}
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return e
	}
	return next, cancel
}
