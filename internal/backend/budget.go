package backend

import "sync"

// budget bounds second tries: of any window of calls that follow each other, one in ten
// may have one. When everything fails, trying all of it again would double the load on
// what is failing.
type budget struct {
	mu     sync.Mutex
	window [window]bool // the last calls: whether each was tried again
	at     int
	spent  int
}

const (
	window = 100
	tries  = window / 10
)

// call counts a call; again asks for its second try.
func (b *budget) call() (again func() bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := b.at
	b.at = (b.at + 1) % window
	if b.window[at] {
		b.window[at] = false
		b.spent--
	}
	return func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.spent >= tries || b.window[at] {
			return false
		}
		b.window[at] = true
		b.spent++
		return true
	}
}
