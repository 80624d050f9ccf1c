package preordercarrier

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"demarc/internal/backend"
	"demarc/internal/preorder"
)

// callDeadline is that of one question, its second try included.
const callDeadline = 5 * time.Second

// line is the way to one backend of PreOrder's.
type line struct{ *backend.Line }

func newLine(name, base string, log *slog.Logger) (*line, error) {
	return lineOf(options(name, base, log))
}

func options(name, base string, log *slog.Logger) backend.Options {
	return backend.Options{Of: "preorder", Name: name, Base: base, Deadline: callDeadline, Log: log}
}

func lineOf(o backend.Options) (*line, error) {
	l, err := backend.New(o)
	return &line{l}, err
}

// hows are how a backend fails in PreOrder's words.
var hows = map[backend.How]string{backend.Down: preorder.HowDown, backend.Late: preorder.HowLate, backend.Wrong: preorder.HowWrong}

// ask asks a question and hands the answer to read.
func (l *line) ask(ctx context.Context, q preorder.Query, path, key string, question any, read func(answer []byte) error) error {
	err := l.Ask(ctx, backend.Question{Method: http.MethodPost, Path: path, Key: key, Body: question, About: []any{"transaction", q.Transaction}},
		func(_ int, answer []byte) error { return read(answer) })
	if f, failed := errors.AsType[*backend.Failure](err); failed {
		return &preorder.Backend{Name: f.Name, How: hows[f.How], Err: f.Err}
	}
	return err
}
