package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// syncs counts, for a number of orders, the commits that the server counted and
// the syncs that strace saw. It is a run of its own: what is traced is slow, and
// nothing is timed here.
func (r *run) syncs(ctx context.Context, b *bed) error {
	r.print("")
	clients := r.o.Clients[len(r.o.Clients)-1]
	pids := []int{b.server.cmd.Process.Pid}
	if b.kind == Postgres {
		var err error
		if pids, err = backends(ctx, r.pg.URL("postgres")); err != nil {
			return err
		}
		return r.countSyncs(ctx, Syncs{Database: b.kind, How: "autocommit", Clients: clients}, b.server, b.partner, pids)
	}
	if err := r.countSyncs(ctx, Syncs{Database: b.kind, How: "in group commits", Clients: clients}, b.server, b.partner, pids); err != nil {
		return err
	}
	pids = []int{b.oneByOne.cmd.Process.Pid}
	return r.countSyncs(ctx, Syncs{Database: b.kind, How: "one by one", Clients: clients}, b.oneByOne, b.single, pids)
}

func (r *run) countSyncs(ctx context.Context, s Syncs, server *process, p *partner, pids []int) error {
	if err := p.prepare(ctx, true, r.o.Synced); err != nil {
		return err
	}
	next := p.orderRequests(true)
	before, err := server.counters(ctx)
	if err != nil {
		return err
	}
	t, traceErr := r.trace(ctx, pids)
	sample, err := load{addr: p.addr, clients: s.Clients, want: http.StatusCreated, next: next}.run(ctx)
	if traceErr == nil {
		s.Traced, traceErr = t.stop()
	}
	if traceErr != nil {
		s.Traced, s.Note = -1, traceErr.Error()
	}
	if err != nil {
		return err
	}
	after, err := server.counters(ctx)
	if err != nil {
		return err
	}
	did := after.since(before)
	s.Orders, s.Units, s.Commits = sample.done, did.units, did.commits
	r.synced(s)
	return nil
}

// backends are PostgreSQL's processes.
func backends(ctx context.Context, url string) (pids []int, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int])
}

// tracer is strace at work on other processes.
type tracer struct {
	cmd *exec.Cmd
	out string
	err bytes.Buffer
}

// trace attaches strace to processes and returns when it counts.
func (r *run) trace(ctx context.Context, pids []int) (*tracer, error) {
	program, err := exec.LookPath("strace")
	if err != nil {
		return nil, errors.New("there is no strace here (apt-get install strace)")
	}
	t := &tracer{out: filepath.Join(r.dir, "strace")}
	args := []string{"-f", "-c", "-e", "trace=fsync,fdatasync", "-o", t.out}
	for _, pid := range pids {
		args = append(args, "-p", strconv.Itoa(pid))
	}
	t.cmd = exec.CommandContext(ctx, program, args...)
	says, err := t.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := t.cmd.Start(); err != nil {
		return nil, err
	}
	attached := 0
	for lines := bufio.NewScanner(says); attached < len(pids) && lines.Scan(); {
		fmt.Fprintln(&t.err, lines.Text())
		if strings.HasSuffix(lines.Text(), "attached") || strings.Contains(lines.Text(), " attached with ") {
			attached++
		}
	}
	if attached < len(pids) {
		return nil, fmt.Errorf("strace: %w: %s", t.cmd.Wait(), bytes.TrimSpace(t.err.Bytes()))
	}
	return t, nil
}

// stop ends the counting and answers the sum.
func (t *tracer) stop() (int64, error) {
	if err := t.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return 0, err
	}
	_ = t.cmd.Wait() // it ends by the signal
	text, err := os.ReadFile(t.out)
	return countCalls(string(text)), err
}

// countCalls reads strace's summary: its fourth column is how often each call was
// made, its last the call.
func countCalls(summary string) (n int64) {
	for line := range strings.Lines(summary) {
		f := strings.Fields(line)
		if len(f) < 5 || f[len(f)-1] != "fsync" && f[len(f)-1] != "fdatasync" {
			continue
		}
		if calls, err := strconv.ParseInt(f[3], 10, 64); err == nil {
			n += calls
		}
	}
	return n
}
