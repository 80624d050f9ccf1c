package voicecarrier

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"demarc/internal/backend"
	"demarc/internal/voice"
)

// callDeadline is that of one question, its second try included.
const callDeadline = 2 * time.Second

// line is the way to one backend of Voice's.
type line struct{ *backend.Line }

func newLine(name, base string, log *slog.Logger) (*line, error) {
	return lineOf(options(name, base, log))
}

func options(name, base string, log *slog.Logger) backend.Options {
	return backend.Options{Of: "voice", Name: name, Base: base, Deadline: callDeadline, Log: log}
}

func lineOf(o backend.Options) (*line, error) {
	l, err := backend.New(o)
	return &line{l}, err
}

// about is what the log says of a question.
func about(q voice.Query, what string) []any { return []any{"world", q.World, "about", what} }

// ask asks a question and hands the answer to read.
func (l *line) ask(ctx context.Context, a backend.Question, read func(status int, answer []byte) error) error {
	return failure(l.Ask(ctx, a, read))
}

// hows are how a backend fails in Voice's words.
var hows = map[backend.How]string{backend.Down: voice.HowDown, backend.Late: voice.HowLate, backend.Wrong: voice.HowWrong}

// failure is an error of a line's as Voice knows it.
func failure(err error) error {
	if f, failed := errors.AsType[*backend.Failure](err); failed {
		return &voice.Backend{Name: f.Name, How: hows[f.How], Err: f.Err}
	}
	return err
}
