//go:build !linux && !darwin

package pgtest

import (
	"errors"
	"testing"
)

// demarc runs on other systems too; its tests and benchmarks on PostgreSQL do
// not. The same functions are here, so that everything builds.

var errUnsupported = errors.New("pgtest: PostgreSQL is started on Linux and macOS only")

// Server is never made here.
type Server struct{}

// Start fails on this operating system.
func Start(string, bool) (*Server, error) { return nil, errUnsupported }

// URL is never reached: there is no server.
func (*Server) URL(string) string { return "" }

// Create is never reached: there is no server.
func (*Server) Create(string) error { return errUnsupported }

// Drop is never reached: there is no server.
func (*Server) Drop(string) error { return errUnsupported }

// Stop is never reached: there is no server.
func (*Server) Stop() {}

// URL fails the test on this operating system.
func URL(t testing.TB) string {
	t.Helper()
	t.Fatal(errUnsupported)
	return ""
}

// Template fails the test on this operating system.
func Template(t testing.TB, _ string, _ func(url string) error) string {
	t.Helper()
	return URL(t)
}
