package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"demarc/internal/demo"

	"github.com/alecthomas/kong"
)

// ProviderRunCmd serves a provider that keeps its accounts in memory. It is no part of
// a carrier's server: it stands in for what a provider would build.
type ProviderRunCmd struct{}

// Help says how to try failures.
func (ProviderRunCmd) Help() string {
	return `The first line that it prints is its URL, to onboard it with: demarc provider add,
or POST /marketplace/v1/providers. It opens accounts at /{name}-provision-account/, in
memory, one for each Idempotency-Key. A call with Demarc-Test: true is answered and
leaves nothing behind. Each call is a line, without anything that a buyer wrote.

It serves on a free port of 127.0.0.1, or where --listen on the command line says.

These words, written into the account holder's name, try what goes wrong:

  ` + demo.WordFailOnce + `  500, and 201 when it is asked again
  ` + demo.WordNoCOID + `    201 without a coid
  ` + demo.WordRefuse + `     400, with a message for the buyer

It ends on SIGTERM and Ctrl-C; and, when its standard input is a pipe, when that
closes, so that it never outlives who started it.`
}

// anyPort is where it serves unless it is told otherwise.
const anyPort = "127.0.0.1:0"

// Run serves until it is to end.
func (ProviderRunCmd) Run(g *Globals, k *kong.Context) error {
	return serveProvider(g, providerAddress(g, k), os.Stdin)
}

// providerAddress is --listen where the command line has it. In the environment or in
// the file of the carrier's server, it is that server's address.
func providerAddress(g *Globals, k *kong.Context) string {
	for _, p := range k.Path {
		if p.Flag != nil && p.Flag.Name == "listen" && !p.Resolved {
			return g.Config.Listen
		}
	}
	return anyPort
}

func serveProvider(g *Globals, address string, stdin *os.File) error {
	p, err := demo.OpenProvider(g.Context, address, g.Stdout)
	if err != nil {
		return err
	}
	select {
	case <-g.Context.Done():
	case <-closing(stdin):
	}
	return p.Close()
}

// closing is closed when a pipe's other end has closed. A terminal is not read: a
// command in its background would be stopped for it. What is neither has no other end.
func closing(f *os.File) <-chan struct{} {
	closed := make(chan struct{})
	info, err := f.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return closed
	}
	go func() {
		defer close(closed)
		_, _ = io.Copy(io.Discard, f) // however it ends, it has
	}()
	return closed
}

// endPatience is how long the provider's server may take to end.
const endPatience = 5 * time.Second

// neighbour starts a provider's server as a process of its own, as a provider would
// run one. It ends with End, with the context, and with this process, whose end closes
// its standard input.
func (g *Globals) neighbour(ctx context.Context) (demo.Neighbour, error) {
	self, err := os.Executable()
	if err != nil {
		return demo.Neighbour{}, err
	}
	child := exec.CommandContext(ctx, self, "provider", "run") // #nosec G204 -- it is this program itself
	child.Stderr = g.Stderr
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGTERM) }
	child.WaitDelay = endPatience
	held, err := child.StdinPipe()
	if err != nil {
		return demo.Neighbour{}, err
	}
	said, err := child.StdoutPipe()
	if err != nil {
		return demo.Neighbour{}, err
	}
	if err := child.Start(); err != nil {
		return demo.Neighbour{}, err
	}
	lines := bufio.NewReader(said)
	url, err := lines.ReadString('\n')
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, lines) // its calls are in the server's own log
	}()
	end := func() error {
		err := child.Process.Signal(syscall.SIGTERM)
		if errors.Is(err, os.ErrProcessDone) {
			err = nil
		}
		err = errors.Join(err, held.Close())
		<-drained
		return errors.Join(err, child.Wait())
	}
	if err != nil {
		return demo.Neighbour{}, errors.Join(fmt.Errorf("it printed no URL: %w", err), end())
	}
	return demo.Neighbour{URL: strings.TrimSpace(url), End: end}, nil
}
