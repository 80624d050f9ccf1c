package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"demarc/internal/clock"
	"demarc/internal/contract"
	"demarc/internal/marketplace/marketplacehttp"
	"demarc/internal/marketplace/marketplacetest"
)

// TestScenarios runs every scenario on every database.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("scenarios/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list, err := parseScript(string(text))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if list[len(list)-1].verb != "check" {
			t.Errorf("%s does not end with check", file)
		}
		for _, database := range databases {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+database, func(t *testing.T) {
				t.Parallel()
				newPlay(t, file, database, &list).run()
			})
		}
	}
}

// play is one run of a scenario.
type play struct {
	t      *testing.T
	file   string
	list   []statement
	node   *node
	org    *actor // the application of the first start: it makes the worlds
	actors map[string]*actor
	now    *actor
	vars   map[string]string
	bodies map[string]string
	last   answer
	lastTo string        // method and path
	asked  *http.Request // what it answers
	said   string        // what the last command of the program printed
	seller *marketplacetest.Provider
	sold   int // how many of the calls to it were expected
	hooks  *receiver
	seen   int // how many of what the receiver got were expected
	rows   []string
}

func newPlay(t *testing.T, file, database string, list *[]statement) *play {
	p := &play{t: t, file: file, list: *list, actors: map[string]*actor{}, vars: map[string]string{}, bodies: map[string]string{}}
	if p.list[0].verb == "server" {
		flags := strings.Fields(p.list[0].rest)[1:]
		p.list = p.list[1:]
		p.node = startNode(t, append(argsFor(t, database), flags...)...)
	} else {
		p.node = sharedNode(t, database)
	}
	p.hooks = newReceiver(t)
	p.vars["hook"] = p.hooks.URL
	p.org = first(t, p.node)
	p.world("main")
	return p
}

// world makes a world whose application the name stands for, and goes there.
func (p *play) world(name string) {
	p.t.Helper()
	p.actors[name] = p.org.makes(`{"ttl":"PT1H","seed":7,"name":"scenario"}`)
	p.now = p.actors[name]
}

func (p *play) run() {
	p.t.Helper()
	for _, st := range p.list {
		if err := p.do(st); err != nil {
			p.t.Fatalf("%s:%d: %v\n%s\n\nlast: %s\n%v", p.file, st.line, err, st.story, p.lastTo, p.last)
		}
		if p.t.Failed() {
			p.t.Fatalf("%s:%d: %s", p.file, st.line, st.story)
		}
	}
	for _, got := range first2(p.hooks.all()) {
		if got.Problem != "" {
			p.t.Errorf("webhook %s %s: %s", got.Type, got.ID, got.Problem)
		}
	}
}

func first2[A, B any](a A, _ B) A { return a }

func (p *play) do(st statement) error {
	rest, err := p.fill(st.rest)
	if err != nil {
		return err
	}
	switch st.verb {
	case "request":
		return p.request(st.req)
	case "answer":
		return p.answer(rest, st.check)
	case "eventually":
		return p.eventually(rest, st.check)
	case "let":
		p.bodies[rest] = strings.Join(st.body, "\n")
		return nil
	case "include":
		return p.include(rest)
	}
	if command := commands[st.verb]; command != nil {
		return command(p, rest)
	}
	return fmt.Errorf("%q is no command", st.verb)
}

// commands are what a scenario can say beside requests.
var commands = map[string]func(p *play, rest string) error{
	"capture":   (*play).capture,
	"set":       (*play).set,
	"advance":   (*play).advance,
	"freeze":    func(p *play, _ string) error { return p.clock("freeze", "") },
	"thaw":      func(p *play, _ string) error { return p.clock("thaw", "") },
	"await":     (*play).await,
	"expect":    func(p *play, rest string) error { return verify(rest, p.look) },
	"world":     func(p *play, name string) error { p.world(name); return nil },
	"use":       (*play).use,
	"actor":     (*play).actor,
	"login":     func(p *play, _ string) error { p.now.login(); return nil },
	"hook":      (*play).hook,
	"provider":  (*play).provider,
	"cli":       func(p *play, rest string) error { return p.cli(rest, true) },
	"cli!":      func(p *play, rest string) error { return p.cli(rest, false) },
	"remember":  func(p *play, _ string) error { p.rows = p.now.rows(); return nil },
	"unchanged": (*play).unchanged,
	"check":     func(p *play, _ string) error { return p.now.check() },
	"restart":   (*play).restart,
	"kill":      (*play).kill,
}

// include plays a part that several scenarios share.
func (p *play) include(name string) error {
	text, err := os.ReadFile(filepath.Join("scenarios", "parts", name+".txt"))
	if err != nil {
		return err
	}
	list, err := parseScript(string(text))
	if err != nil {
		return err
	}
	for _, st := range list {
		if err := p.do(st); err != nil {
			return fmt.Errorf("%s:%d: %w", name, st.line, err)
		}
	}
	return nil
}

var variable = regexp.MustCompile(`\$\{([a-zA-Z0-9_]+)\}`)

// fill puts values in for ${names}.
func (p *play) fill(text string) (string, error) {
	var missing []string
	out := variable.ReplaceAllStringFunc(text, func(ref string) string {
		name := ref[2 : len(ref)-1]
		v, ok := p.value(name)
		if !ok {
			missing = append(missing, name)
		}
		return v
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("there is no ${%s}; there are %s", missing[0], slices.Sorted(maps.Keys(p.vars)))
	}
	return out, nil
}

func (p *play) value(name string) (string, bool) {
	switch name {
	case "base":
		return p.node.base, true
	case "world":
		return p.now.world, true
	case "client":
		return p.now.id, true
	case "secret":
		return p.now.secret, true
	case "token":
		return p.now.token, true
	case "customer":
		return p.now.customer, true
	case "provider":
		return p.saas().URL, true
	case "basic":
		return base64.StdEncoding.EncodeToString([]byte(p.now.id + ":" + p.now.secret)), true
	}
	v, ok := p.vars[name]
	return v, ok
}

// request sends a request as it is written.
func (p *play) request(r *request) error {
	path, err := p.fill(r.path)
	if err != nil {
		return err
	}
	body, kind, err := p.body(r)
	if err != nil {
		return err
	}
	req := p.now.request(r.method, path, kind, body)
	switch {
	case strings.HasPrefix(path, "/oauth/"):
		req.Header.Del("Authorization") // here a scenario says it itself
	case strings.HasPrefix(path, "/bot-ux/"):
		req.Header = http.Header{}
		req.Header.Set("client_id", p.now.id)
		req.Header.Set("client_secret", p.now.secret)
	}
	if err := p.headers(req.Header, r.headers); err != nil {
		return err
	}
	if r.bad {
		req = contract.Bad(req)
	}
	if moved := strings.TrimSuffix(p.node.flag("--update-path"), "/"); moved != "" && strings.TrimSuffix(path, "/") == moved {
		req = contract.As(req, strings.TrimSuffix(marketplacehttp.DefaultUpdatePath, "/")+strings.TrimPrefix(path, moved))
	}
	p.lastTo = r.method + " " + path
	p.asked = req
	p.last = p.now.send(req)
	return nil
}

// headers puts those in that a request is written with: instead of what went along by
// itself, and as often as they are written.
func (p *play) headers(into http.Header, written [][2]string) error {
	given := map[string]bool{}
	for _, h := range written {
		value, err := p.fill(h[1])
		if err != nil {
			return err
		}
		if name := http.CanonicalHeaderKey(h[0]); !given[name] {
			given[name] = true
			into.Del(name)
		}
		if value != "" {
			into.Add(h[0], value)
		}
	}
	return nil
}

// body is a request's body, and its type.
func (p *play) body(r *request) (body, kind string, err error) {
	kind = "application/json"
	text, err := p.fill(r.body)
	if err != nil {
		return "", "", err
	}
	switch r.kind {
	case "", "json", "text":
		return text, kind, nil
	case "form":
		return text, "application/x-www-form-urlencoded", nil
	case "bytes":
		n, err := strconv.Atoi(text)
		return `{"x":"` + strings.Repeat("x", n) + `"}`, kind, err
	}
	named, ok := p.bodies[text]
	if !ok {
		return "", "", fmt.Errorf("there is no body %q", text)
	}
	if named, err = p.fill(named); err != nil {
		return "", "", err
	}
	v, err := parseJSON([]byte(named))
	if err != nil {
		return "", "", err
	}
	for _, line := range r.changes {
		if line, err = p.fill(line); err == nil {
			v, err = change(v, line)
		}
		if err != nil {
			return "", "", err
		}
	}
	b, err := json.Marshal(v)
	return string(b), kind, err
}

// answer holds the last answer against what is written.
func (p *play) answer(want string, checks []string) error {
	status, reason, _ := strings.Cut(want, " ")
	if status != strconv.Itoa(p.last.status) {
		return fmt.Errorf("answered %d, want %s", p.last.status, want)
	}
	if reason != "" {
		field := "reason"
		if strings.HasPrefix(p.lastTo, "POST /oauth/") {
			field = "error"
		}
		checks = append([]string{field + " == " + reason}, checks...)
	}
	for _, line := range checks {
		line, err := p.fill(line)
		if err != nil {
			return err
		}
		if name, ok := strings.CutPrefix(line, ". is "); ok {
			err = p.is(name)
		} else {
			err = verify(line, p.look)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eventually is answer for what takes a moment: it is asked for until it holds.
func (p *play) eventually(want string, checks []string) error {
	if p.asked == nil || p.asked.Method != http.MethodGet {
		return errors.New("only a GET is asked again")
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	for {
		err := p.answer(want, checks)
		if err == nil || clock.Sleep(ctx, awaitEvery) != nil {
			return err
		}
		p.last = p.now.send(p.asked.Clone(p.t.Context()))
	}
}

// is holds the last answer to a body that was named, key by key in its order, and
// each value as it is spelt there.
func (p *play) is(name string) error {
	named, ok := p.bodies[name]
	if !ok {
		return fmt.Errorf("there is no body %q", name)
	}
	named, err := p.fill(named)
	if err != nil {
		return err
	}
	var want, got bytes.Buffer
	if err := errors.Join(json.Compact(&want, []byte(named)), json.Compact(&got, p.last.body)); err != nil {
		return err
	}
	if want.String() == got.String() {
		return nil
	}
	at := 0
	for at < min(want.Len(), got.Len()) && want.Bytes()[at] == got.Bytes()[at] {
		at++
	}
	const before = 60
	from := max(0, at-before)
	return fmt.Errorf("it is not %s: it has\n%s\nwhere that has\n%s", name, short(got.String()[from:]), short(want.String()[from:]))
}

// look finds what a path means: something of the last answer, one of its headers,
// or something that the receiver got.
func (p *play) look(path string) (any, bool, error) {
	if name, ok := strings.CutPrefix(path, "header "); ok {
		value := p.last.header.Get(name)
		return value, len(p.last.header.Values(name)) > 0, nil
	}
	if rest, ok := strings.CutPrefix(path, "hook"); ok {
		b, err := json.Marshal(first2(p.hooks.all()))
		if err != nil {
			return nil, false, err
		}
		v, err := parseJSON(b)
		if err != nil {
			return nil, false, err
		}
		return find(v, rest)
	}
	if path == "text" {
		return string(p.last.body), true, nil
	}
	if word, pattern, _ := strings.Cut(path, " "); word == "cli" {
		return p.printed(pattern)
	}
	if rest, ok := strings.CutPrefix(path, "provider["); ok {
		return p.told("[" + rest)
	}
	v, err := document(p.last.header, p.last.body)
	if err != nil {
		return nil, false, fmt.Errorf("the answer cannot be looked into: %w", err)
	}
	return find(v, path)
}

func (p *play) capture(rest string) error {
	name, path, ok := strings.Cut(rest, " = ")
	if !ok {
		return fmt.Errorf("capture name = path, not %q", rest)
	}
	v, there, err := p.look(path)
	if err != nil {
		return err
	}
	if !there {
		return fmt.Errorf("there is nothing at %s", path)
	}
	p.vars[name] = text(v)
	return nil
}

func (p *play) set(rest string) error {
	name, value, ok := strings.Cut(rest, " = ")
	if !ok {
		return fmt.Errorf("set name = text, not %q", rest)
	}
	p.vars[name] = value
	return nil
}

func (p *play) advance(rest string) error {
	body := `{"by":"` + rest + `"}`
	if to, ok := strings.CutPrefix(rest, "to "); ok {
		body = `{"to":"` + to + `"}`
	}
	if err := p.clock("advance", body); err != nil {
		return err
	}
	last := p.last
	p.now.login()
	p.last = last
	return nil
}

func (p *play) clock(what, body string) error {
	p.lastTo = "POST /sandbox/v1/clock/" + what
	p.last = p.now.call(http.MethodPost, "/sandbox/v1/clock/"+what, body)
	if p.last.status != http.StatusOK {
		return fmt.Errorf("the clock does not %s", what)
	}
	return nil
}

// awaitEvery is how often await asks: a process of its own gives no other signal.
const awaitEvery = 25 * time.Millisecond

// await asks until a check holds.
func (p *play) await(rest string) error {
	path, line, ok := strings.Cut(rest, " ")
	if !ok {
		return fmt.Errorf("await /path check, not %q", rest)
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	for {
		p.lastTo, p.last = "GET "+path, p.now.call(http.MethodGet, path, "")
		err := verify(line, p.look)
		if err == nil || clock.Sleep(ctx, awaitEvery) != nil {
			return err
		}
	}
}

func (p *play) use(name string) error {
	if p.actors[name] == nil {
		return fmt.Errorf("there is no actor %q", name)
	}
	p.now = p.actors[name]
	return nil
}

func (p *play) actor(rest string) error {
	f := strings.Fields(rest)
	if len(f) != 4 {
		return fmt.Errorf("actor name world client secret, not %q", rest)
	}
	a := *p.now
	a.world, a.id, a.secret = f[1], f[2], f[3]
	a.login()
	p.actors[f[0]] = &a
	return nil
}

func (p *play) unchanged(string) error {
	now := p.now.rows()
	for _, row := range now {
		if !slices.Contains(p.rows, row) {
			return fmt.Errorf("the world has changed: it has now\n%s", row)
		}
	}
	for _, row := range p.rows {
		if !slices.Contains(now, row) {
			return fmt.Errorf("the world has changed: it has no more\n%s", row)
		}
	}
	return p.now.check()
}

func (p *play) hook(rest string) error {
	verb, rest, _ := strings.Cut(rest, " ")
	switch verb {
	case "answers":
		return p.hooks.answer(rest)
	case "verifies":
		p.hooks.verify(strings.Fields(rest))
		return nil
	case "quiet":
		if got, _ := p.hooks.all(); len(got) > p.seen {
			return fmt.Errorf("a webhook arrived that was not expected: %s", got[p.seen].Body)
		}
		return nil
	case "expect":
		var types []string
		for part := range strings.SplitSeq(rest, ",") {
			types = append(types, strings.TrimSpace(part))
		}
		return p.arrive(types)
	}
	return fmt.Errorf("hook cannot %q", verb)
}

// arrive waits for webhooks of these types, next and in this order.
func (p *play) arrive(types []string) error {
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	for {
		got, news := p.hooks.all()
		got = got[p.seen:]
		for i, g := range got[:min(len(got), len(types))] {
			if g.Type != types[i] || g.Problem != "" {
				return fmt.Errorf("webhook %d is %s %s, want %s: %s", p.seen+i, g.Type, g.Problem, types[i], g.Body)
			}
		}
		if len(got) >= len(types) {
			p.seen += len(types)
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return fmt.Errorf("of %v only %d webhooks arrived", types, len(got))
		}
	}
}

func (p *play) restart(string) error {
	if err := p.node.stop(); err != nil {
		return err
	}
	return p.again()
}

func (p *play) kill(string) error {
	p.node.kill()
	return p.again()
}

func (p *play) again() error {
	p.now.http.CloseIdleConnections()
	p.org.http.CloseIdleConnections()
	return p.node.start()
}
