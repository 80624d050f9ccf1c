package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"demarc/internal/clock"
)

// How a live page lives.
const (
	lookEvery = time.Second
	beatEvery = 15 // looks
	liveFor   = 900
	mostLive  = 256 // pages on this node
	mostOfOne = 16  // of one person
)

// streams counts the live pages, by person.
type streams struct {
	mu  sync.Mutex
	all int
	of  map[string]int
}

// enter counts one more, or answers false when there are too many.
func (s *streams) enter(who string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]int{}
	}
	if s.all >= mostLive || s.of[who] >= mostOfOne {
		return false
	}
	s.all++
	s.of[who]++
	return true
}

func (s *streams) leave(who string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.of[who]--; s.of[who] == 0 {
		delete(s.of, who)
	}
}

// stream sends a live page again whenever it has changed: the same function makes it,
// so that what is seen live is what would be seen on a reload.
func (v *Visit) stream() {
	who := v.From() // until it is known who comes
	if err := v.recognise(); err == nil && v.User.Email != "" {
		who = v.User.Email
	}
	if !v.kit.streams.enter(who) {
		v.status = http.StatusServiceUnavailable
		v.w.Header().Set("Retry-After", "30")
		v.w.WriteHeader(v.status)
		return
	}
	defer v.kit.streams.leave(who)
	ctx, cancel := context.WithCancel(v.r.Context())
	defer cancel()
	go func() {
		select {
		case <-v.kit.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	out := http.NewResponseController(v.w)
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	v.sent = true
	var last []byte
	for look := range liveFor {
		page, ok := v.look(ctx)
		if !ok {
			break
		}
		_ = out.SetWriteDeadline(clock.Machine().Add(deadline))
		switch {
		case !bytes.Equal(page, last):
			last = page
			text, err := json.Marshal(string(page))
			if err != nil {
				return
			}
			fmt.Fprintf(v.w, "event: page\ndata: %s\n\n", text)
		case look%beatEvery == 0:
			fmt.Fprint(v.w, ": here\n\n")
		}
		if out.Flush() != nil || clock.Sleep(ctx, lookEvery) != nil {
			return
		}
	}
	fmt.Fprint(v.w, "event: done\ndata: {}\n\n")
	_ = out.Flush()
}

// look makes the page as it is now; it answers false when there is none to follow any more.
func (v *Visit) look(ctx context.Context) ([]byte, bool) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	one := &Visit{kit: v.kit, route: v.route, w: quiet{v.w.Header()}, r: v.r.WithContext(ctx), id: v.id, status: http.StatusOK, streaming: true}
	if err := one.run(); err != nil || one.status != http.StatusOK {
		return nil, false
	}
	return one.body.Bytes(), true
}

// quiet is where a look's headers go, which nobody reads.
type quiet struct{ header http.Header }

func (q quiet) Header() http.Header         { return http.Header{} }
func (q quiet) Write(b []byte) (int, error) { return len(b), nil }
func (q quiet) WriteHeader(int)             {}
