package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// fill places orders until there are many, and looks at the server's memory.
func (r *run) fill(ctx context.Context, b *bed) error {
	many := r.o.Orders
	if b.kind == Postgres {
		many = r.o.Fewer
	}
	for left := many - int(b.partner.placed.Load()); left > 0; left = many - int(b.partner.placed.Load()) {
		if err := b.partner.prepare(ctx, true, min(left, 20_000)); err != nil {
			return err
		}
		l := load{addr: b.partner.addr, clients: r.o.Clients[len(r.o.Clients)-1], want: http.StatusCreated, next: b.partner.orderRequests(true)}
		if _, err := l.run(ctx); err != nil {
			return err
		}
	}
	now, most := b.server.memory()
	r.body(Body{Database: b.kind, What: fmt.Sprintf("memory after %s orders", whole(float64(b.partner.placed.Load()))), Bytes: now, Peak: most})
	r.bodies(b.kind)
	return nil
}

// readyTarget is how long a start may take.
const readyTarget = 1000 // ms

// starts takes the time from the program's start to its first good answer at
// /readyz, on the database that was filled and on new ones.
func (r *run) starts(ctx context.Context, b *bed) error {
	if err := b.server.stop(); err != nil {
		return err
	}
	there, fresh := make([]float64, r.o.Starts), make([]float64, r.o.Starts)
	for i := range r.o.Starts {
		var err error
		if there[i], err = r.startOnce(ctx, fmt.Sprintf("%s-again%d", b.kind, i), b.data, b.url); err != nil {
			return err
		}
		url := ""
		if b.kind == Postgres {
			name := fmt.Sprintf("fresh%d", i)
			if err := r.pg.Create(name); err != nil {
				return err
			}
			url = r.pg.URL(name)
		}
		data := filepath.Join(r.dir, fmt.Sprintf("%s-fresh%d", b.kind, i))
		if fresh[i], err = r.startOnce(ctx, fmt.Sprintf("%s-fresh%d", b.kind, i), data, url); err != nil {
			return err
		}
	}
	from := len(r.report.Bodies)
	r.body(Body{Database: b.kind, What: fmt.Sprintf("start on the database with %s orders", whole(float64(b.partner.placed.Load()))),
		Millis: median(there), Longest: readyTarget})
	r.body(Body{Database: b.kind, What: "start on a new database", Millis: median(fresh), Longest: readyTarget})
	for _, s := range r.report.Bodies[from:] {
		value, target := s.text()
		r.print("%-55s %s%s %s", s.What, value, target, s.Verdict)
	}
	return nil
}

func (r *run) startOnce(ctx context.Context, name, data, url string) (float64, error) {
	p, err := r.serve(ctx, name, data, url, false)
	if err != nil {
		return 0, err
	}
	return millis(p.ready), p.stop()
}

// size builds the program as it is shipped, and with its symbols, where there are
// its source and Go; elsewhere it looks at the program that runs.
func (r *run) size(ctx context.Context) {
	for _, b := range []struct{ what, flags string }{
		{"program, stripped", "-s -w"},
		{"program, with symbols", ""},
	} {
		n, err := r.build(ctx, b.flags)
		body := Body{What: b.what, Bytes: n}
		if err != nil {
			body.Note = err.Error()
		}
		r.body(body)
	}
	if info, err := os.Stat(r.o.Program); err == nil {
		r.body(Body{What: "program that was measured", Bytes: info.Size()})
	}
}

func (r *run) build(ctx context.Context, flags string) (int64, error) {
	module, err := os.ReadFile("go.mod")
	if err != nil || !strings.HasPrefix(string(module), "module demarc\n") {
		return 0, errors.New("its source is not in this directory")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		return 0, errors.New("there is no Go here to build it")
	}
	out := filepath.Join(r.dir, "program")
	cmd := exec.CommandContext(ctx, goTool, "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", out, "./cmd/demarc")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("it does not build here: %w: %.300s", err, text)
	}
	info, err := os.Stat(out)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
