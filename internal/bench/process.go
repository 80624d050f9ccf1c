package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"demarc/internal/clock"
)

// process is a server that this run started.
type process struct {
	cmd   *exec.Cmd
	addr  string
	log   string
	ready time.Duration // from its start to its first good answer at /readyz
	ended chan struct{}
	err   error
}

// start runs the program and returns when it is ready. The arguments get --listen
// with a free port of the loopback.
func (r *run) start(ctx context.Context, name string, args ...string) (*process, error) {
	addr, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	p := &process{addr: addr, log: filepath.Join(r.dir, name+".log"), ended: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd = exec.CommandContext(ctx, r.o.Program, append(args, "--listen", addr)...)
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 20 * time.Second
	p.cmd.Env = plainEnvironment()
	p.cmd.Stdout, p.cmd.Stderr = log, log
	dieWithParent(p.cmd)
	since := clock.Elapsed()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	if err := p.await(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("bench: %s does not start: %w; the end of %s:\n%s", name, err, p.log, tailOf(p.log)), p.stop())
	}
	p.ready = since()
	return p, nil
}

// plainEnvironment is ours without what would configure the program.
func plainEnvironment() []string {
	var list []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "DEMARC_") {
			list = append(list, v)
		}
	}
	return list
}

func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	ln, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// await asks until the answer is good.
func (p *process) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		select {
		case <-p.ended:
			return fmt.Errorf("it ended: %w", p.err)
		default:
		}
		if p.answers(ctx, client) {
			return nil
		}
		if err := clock.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
	}
}

func (p *process) answers(ctx context.Context, client *http.Client) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.addr+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// stop ends the process in good order.
func (p *process) stop() error {
	select {
	case <-p.ended:
		return nil
	default:
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
		_ = p.cmd.Process.Kill()
		<-p.ended
		return errors.New("bench: a server did not end when it was told to; see " + p.log)
	}
}

// memory is the process's resident memory now, and the most it has been.
func (p *process) memory() (now, most int64) {
	f, err := os.Open("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0, 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		kilobytes, _, _ := strings.Cut(strings.TrimSpace(value), " ")
		n, err := strconv.ParseInt(kilobytes, 10, 64)
		switch {
		case err != nil:
		case name == "VmRSS":
			now = n << 10
		case name == "VmHWM":
			most = n << 10
		}
	}
	return now, most
}

// counters are the database's counters as /metrics shows them.
type counters struct{ units, commits int64 }

func (c counters) since(then counters) counters {
	return counters{c.units - then.units, c.commits - then.commits}
}

func (p *process) counters(ctx context.Context) (c counters, err error) {
	body, err := fetch(ctx, "http://"+p.addr+"/metrics")
	if err != nil {
		return c, err
	}
	found := 0
	for line := range strings.Lines(string(body)) {
		for name, into := range map[string]*int64{"demarc_db_units_total ": &c.units, "demarc_db_commits_total ": &c.commits} {
			if text, ok := strings.CutPrefix(line, name); ok {
				f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
				if err != nil {
					return c, err
				}
				*into = int64(f)
				found++
			}
		}
	}
	if found != 2 {
		return c, errors.New("bench: /metrics does not show the database's counters")
	}
	return c, nil
}

func fetch(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := (&http.Client{Timeout: patience}).Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}

// profile begins or ends a CPU profile of a server that was started for it.
func (p *process) profile() error { return p.cmd.Process.Signal(syscall.SIGUSR1) }

func tailOf(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-1500):])
}
