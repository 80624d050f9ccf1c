package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"demarc/internal/clock"
)

// patience bounds whatever should take moments.
const patience = 60 * time.Second

// load is one timed run: clients that each send a request, wait for its answer,
// and send the next, on a connection of their own. net/http's client would take
// more of the processors than the servers that are measured here; this one writes
// bytes that were made before and looks at the status and the length of what
// comes back.
type load struct {
	addr    string
	clients int
	span    time.Duration                           // when to stop; 0: when there is nothing more to send
	want    int                                     // the status of every answer
	next    func(client int, b []byte) []byte       // appends a request to b, or answers nil: there are no more
	took    func(client int, body []byte) (e error) // sees each answer, when it is set
}

// sample is what one run measured.
type sample struct {
	done  int
	spent time.Duration
	times histogram
}

func (s *sample) rate() float64 {
	if s.spent <= 0 {
		return 0
	}
	return float64(s.done) / s.spent.Seconds()
}

// run connects everybody, starts them together, and waits for the last.
func (l load) run(ctx context.Context) (*sample, error) {
	wires := make([]*wire, l.clients)
	defer func() {
		for _, w := range wires {
			if w != nil {
				_ = w.conn.Close()
			}
		}
	}()
	var dialer net.Dialer
	for i := range wires {
		conn, err := dialer.DialContext(ctx, "tcp", l.addr)
		if err != nil {
			return nil, err
		}
		if err := conn.SetDeadline(clock.Machine().Add(l.span + patience)); err != nil {
			return nil, err
		}
		wires[i] = &wire{conn: conn, buf: make([]byte, 8192)}
	}
	samples, errs := make([]sample, l.clients), make([]error, l.clients)
	start := make(chan struct{})
	var running sync.WaitGroup
	var spent func() time.Duration
	for i, w := range wires {
		running.Go(func() {
			<-start
			errs[i] = l.client(ctx, i, w, &samples[i], spent)
		})
	}
	spent = clock.Elapsed()
	close(start)
	running.Wait()
	all := &sample{spent: spent()}
	for i := range samples {
		all.done += samples[i].done
		all.times.merge(&samples[i].times)
	}
	return all, errors.Join(errs...)
}

func (l load) client(ctx context.Context, i int, w *wire, s *sample, spent func() time.Duration) error {
	request := make([]byte, 0, 4096)
	began := spent()
	for l.span == 0 || began < l.span {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if request = l.next(i, request[:0]); request == nil {
			return nil
		}
		status, body, err := w.ask(request)
		if err != nil {
			return err
		}
		if status != l.want {
			return fmt.Errorf("bench: answered %d instead of %d: %.300s", status, l.want, body)
		}
		if l.took != nil {
			if err := l.took(i, body); err != nil {
				return err
			}
		}
		now := spent()
		s.times.add(now - began)
		s.done++
		began = now
	}
	return nil
}

// same sends one request again and again.
func same(request []byte) func(int, []byte) []byte {
	return func(_ int, b []byte) []byte { return append(b, request...) }
}
