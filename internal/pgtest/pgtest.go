//go:build linux || darwin

package pgtest

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// shared is the one server of this test process, started by the first test
// that needs it. Nobody stops it: it ends with the process.
var shared = sync.OnceValues(func() (*Server, error) { return Start("", false) })

// databases numbers the databases of this process; the number alone makes a
// name unique, the rest of it is for whoever reads the server's log.
var databases atomic.Int64

// URL returns the address of an empty database that only this test uses.
// It is dropped when the test ends, with whatever is still connected to it.
func URL(t testing.TB) string {
	t.Helper()
	return fresh(t, server(t), "")
}

// Template returns the address of a copy, only for this test, of a database
// that build prepares once per process: the first caller of a name builds, the
// others wait for it and copy. All callers of one name must mean the same build.
// build must close its connections: a database in use cannot be copied, so they
// are cut once it has returned.
func Template(t testing.TB, name string, build func(url string) error) string {
	t.Helper()
	s := server(t)
	source, err := s.template(name, build)
	if err != nil {
		t.Fatalf("pgtest: building the template %q: %v", name, err)
	}
	return fresh(t, s, source)
}

func server(t testing.TB) *Server {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("pgtest: this test needs PostgreSQL and there is none: %v", err)
	}
	return s
}

// fresh creates a database of the test's own and has it dropped at its end.
func fresh(t testing.TB, s *Server, template string) string {
	t.Helper()
	name := fmt.Sprintf("t%d_%s", databases.Add(1), slug(t.Name(), 40))
	if err := s.create(name, template); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Drop(name); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return s.URL(name)
}

// template returns the name of the prepared database, building it if this is
// the first call for that name.
func (s *Server) template(name string, build func(url string) error) (string, error) {
	s.mu.Lock()
	once := s.templates[name]
	if once == nil {
		once = sync.OnceValues(func() (string, error) { return s.prepare(name, build) })
		s.templates[name] = once
	}
	s.mu.Unlock()
	return once()
}

func (s *Server) prepare(name string, build func(url string) error) (string, error) {
	source := fmt.Sprintf("template%d_%s", databases.Add(1), slug(name, 40))
	if err := s.create(source, ""); err != nil {
		return "", err
	}
	if err := build(s.URL(source)); err != nil {
		return "", err
	}
	return source, s.seal(source)
}

// slug makes s fit for an unquoted PostgreSQL identifier of at most n bytes.
func slug(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + ('a' - 'A')
		default:
			return '_'
		}
	}, s)
	return s[:min(n, len(s))]
}
