package outbox

import "sync"

// readers are this process's live readers, so that a commit here wakes them at
// once. Commits of other nodes are found by polling; being woken for nothing
// costs a reader one look.
var readers = &hub{at: map[[2]string]map[chan struct{}]bool{}}

// hub wakes those who wait for notices of an application.
type hub struct {
	mu sync.Mutex
	at map[[2]string]map[chan struct{}]bool
}

func (h *hub) key(world, app string) [2]string { return [2]string{world, app} }

// join gives a channel that gets a value when there may be something new; leave
// ends that.
func (h *hub) join(key [2]string) (woken <-chan struct{}, leave func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at[key] == nil {
		h.at[key] = map[chan struct{}]bool{}
	}
	h.at[key][c] = true
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if delete(h.at[key], c); len(h.at[key]) == 0 {
			delete(h.at, key)
		}
	}
}

func (h *hub) wake(key [2]string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.at[key] {
		select {
		case c <- struct{}{}:
		default: // it is about to look anyway
		}
	}
}

// seats bounds the live streams of a node, in all and for one application.
type seats struct {
	all, each int
	mu        sync.Mutex
	taken     int
	by        map[[2]string]int
}

func newSeats(all, each int) *seats {
	return &seats{all: all, each: each, by: map[[2]string]int{}}
}

func (s *seats) take(key [2]string) (free func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken >= s.all || s.by[key] >= s.each {
		return nil, false
	}
	s.taken++
	s.by[key]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.taken--
		if s.by[key]--; s.by[key] == 0 {
			delete(s.by, key)
		}
	}, true
}
