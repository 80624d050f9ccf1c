package web

import (
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"demarc/internal/clock"
	"demarc/internal/portal/ui"
)

// A form that is sent twice, by a double click or by an impatient reload, is acted upon
// once: its page gave it a number, and a second one with the same number and the same
// values is sent where the first was. What was refused may be sent again. Nodes do not
// tell each other: a browser keeps its connection for so long.

const (
	onceFor  = 10 * time.Minute
	onceMost = 4096 // forms remembered
)

type onceKey [32]byte

// sending is a form that is being acted upon, or has been.
type sending struct {
	at   time.Time
	done chan struct{} // closed when the first one was answered
	good bool          // it was acted upon
	to   string        // where it was sent then; "" when it was shown something
	said string        // the sentence for there
}

type onces struct {
	mu   sync.Mutex
	sent map[onceKey]*sending
}

// once answers the form as it was answered before, or lets it be acted upon: then finish
// is to be called when it was.
func (v *Visit) once() (answered bool, finish func(), err error) {
	number := v.r.PostForm.Get(ui.OnceField)
	if number == "" || v.token == "" || v.r.PostForm.Get(ui.MoreField) != "" {
		return false, func() {}, nil
	}
	if v.r.MultipartForm != nil && len(v.r.MultipartForm.File) > 0 { // the same form with another file is another one
		return false, func() {}, nil
	}
	key := onceKey(sha256.Sum256([]byte(v.token + "\n" + v.r.URL.Path + "\n" + v.r.PostForm.Encode())))
	o := &v.kit.onces
	o.mu.Lock()
	first, again := o.sent[key]
	if !again {
		o.forget()
		first = &sending{at: clock.Machine(), done: make(chan struct{})}
		o.sent[key] = first
	}
	o.mu.Unlock()
	if !again {
		return false, func() {
			switch v.status {
			case http.StatusSeeOther:
				first.good, first.to, first.said = true, v.w.Header().Get("Location"), v.said
			case http.StatusOK:
				first.good = true
			}
			if !first.good {
				o.mu.Lock()
				delete(o.sent, key)
				o.mu.Unlock()
			}
			close(first.done)
		}, nil
	}
	select {
	case <-first.done:
	case <-v.Context().Done():
		return false, nil, v.Context().Err()
	}
	if !first.good {
		return false, func() {}, nil
	}
	if first.to == "" {
		return false, nil, Already
	}
	if first.said != "" {
		v.setCookie(flashCookie, first.said, 60)
	}
	return true, nil, v.Go(first.to)
}

// forget drops what is old, and everything when there is too much of it.
func (o *onces) forget() {
	if o.sent == nil || len(o.sent) >= onceMost {
		o.sent = map[onceKey]*sending{}
	}
	now := clock.Machine()
	for k, s := range o.sent {
		if now.Sub(s.at) > onceFor {
			delete(o.sent, k)
		}
	}
}
