package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxPending bounds how much of an event that never ends is kept.
const maxPending = 1 << 20

// stream is the body of a text/event-stream. What is read from it is checked event
// by event as it passes, and reaches the reader unchanged.
type stream struct {
	body    io.ReadCloser
	report  func(error)
	pending []byte // an unfinished line
	data    []byte // of the unfinished event
}

// Read reads from the server.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	s.pending = append(s.pending, p[:n]...)
	for {
		line, rest, whole := bytes.Cut(s.pending, []byte("\n"))
		if !whole {
			break
		}
		s.line(bytes.TrimSuffix(line, []byte("\r")))
		s.pending = rest
	}
	if len(s.pending) > maxPending || len(s.data) > maxPending {
		s.report(errors.New("an event of the stream does not end"))
		s.pending, s.data = nil, nil
	}
	return n, err
}

// Close ends the stream.
func (s *stream) Close() error { return s.body.Close() }

// line takes one line; an empty one ends an event.
func (s *stream) line(line []byte) {
	if len(line) > 0 {
		if data, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			s.data = append(append(s.data, bytes.TrimPrefix(data, []byte(" "))...), '\n')
		}
		return
	}
	if len(s.data) == 0 {
		return // a comment, to keep the connection open
	}
	if err := checkEvent(s.data); err != nil {
		s.report(fmt.Errorf("an event of the stream: %w", err))
	}
	s.data = nil
}

// checkEvent holds the data of one event to what GET /notifications would show.
func checkEvent(data []byte) error {
	b := must()
	v, err := decode(data)
	if err != nil {
		return err
	}
	if err := visit(b.notice, v); err != nil {
		return err
	}
	return b.checkTyped(v)
}
