package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"demarc/internal/clock"
)

// Stage is what a journey is played on.
type Stage struct {
	World World
	Now   time.Time // in the world

	api    Caller
	paper  *paper
	pace   time.Duration
	hooks  *receiver
	pushed bool // the server calls the receiver; otherwise notifications are pulled
	step   int
	made   [][]string
	told   map[string]int // how many notifications about a subject were checked

	start      func(context.Context) (Neighbour, error)
	neighbour  *Neighbour // the provider's server, once a journey has wanted it
	updatePath string
}

func newStage(o Options) *Stage {
	s := &Stage{World: o.World, api: o.API, paper: &paper{w: o.Out, fancy: o.Fancy}, pace: o.Pace, told: map[string]int{},
		start: o.Provider, updatePath: o.UpdatePath}
	if s.start == nil {
		s.start = ownProvider
	}
	if s.updatePath == "" {
		s.updatePath = "/update-subscription/"
	}
	return s
}

// close ends what runs beside the journeys.
func (s *Stage) close() error {
	err := s.hooks.close()
	if s.neighbour != nil {
		err = errors.Join(err, s.neighbour.End())
	}
	return err
}

// Provider is the URL of a provider's server on this machine, which runs until the
// end of the journeys.
func (s *Stage) Provider(ctx context.Context) (string, error) {
	if s.neighbour == nil {
		n, err := s.start(ctx)
		if err != nil {
			return "", fmt.Errorf("a provider's server does not start: %w", err)
		}
		s.neighbour = &n
	}
	return s.neighbour.URL, nil
}

// Step begins the next step.
func (s *Stage) Step(title string) {
	s.step++
	s.paper.step(s.step, title)
}

// Say writes a line.
func (s *Stage) Say(format string, args ...any) { s.paper.say(fmt.Sprintf(format, args...)) }

// Made remembers something for the table at the end.
func (s *Stage) Made(kind, id, what string) { s.made = append(s.made, []string{kind, id, what}) }

// Ask calls the server, and shows the call.
func (s *Stage) Ask(ctx context.Context, method, path string, body, into any) error {
	return s.Do(ctx, Call{Method: method, Path: path, Body: body}, into)
}

// Quietly calls the server without showing it.
func (s *Stage) Quietly(ctx context.Context, method, path string, body, into any) error {
	return s.call(ctx, Call{Method: method, Path: path, Body: body}, into)
}

// Do makes a call that needs more than Ask has, and shows it.
func (s *Stage) Do(ctx context.Context, c Call, into any) error {
	s.show(c)
	return s.call(ctx, c, into)
}

func (s *Stage) call(ctx context.Context, c Call, into any) error {
	if err := s.api.Call(ctx, c, into); err != nil {
		return fmt.Errorf("%s %s: %w", c.Method, c.Path, err)
	}
	return nil
}

// proof are the headers that say who calls; they are not shown.
var proof = []string{"client_id", "client_secret"}

func (s *Stage) show(c Call) {
	s.paper.faintly(c.Method + " " + c.Path)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(c.Header)) {
		if !slices.Contains(proof, name) {
			list = append(list, name+": "+strings.Join(c.Header[name], ", "))
		}
	}
	if len(list) > 0 {
		s.paper.faintly("  " + strings.Join(list, "   "))
	}
}

// Refused calls the server with what it must refuse with this status, and shows
// what it says.
func (s *Stage) Refused(ctx context.Context, status int, method, path string, body any) error {
	no, err := s.Denied(ctx, status, Call{Method: method, Path: path, Body: body})
	if err == nil {
		s.Say("%s", no.Error())
	}
	return err
}

// Denied makes a call that the server must refuse with this status, shows the call
// and answers what the server says.
func (s *Stage) Denied(ctx context.Context, status int, c Call) (*Refusal, error) {
	err := s.Do(ctx, c, nil)
	var no *Refusal
	switch {
	case err == nil:
		return nil, fmt.Errorf("%s %s: was not refused", c.Method, c.Path)
	case !errors.As(err, &no) || no.Status != status:
		return nil, err
	}
	return no, nil
}

// clockAnswer is the world's clock as the server shows it.
type clockAnswer struct {
	Now time.Time `json:"now"`
}

// open stops the world's clock, so that time passes only when the demo says so, and
// has the world's notifications sent here.
func (s *Stage) open(ctx context.Context) error {
	var at clockAnswer
	if err := s.Quietly(ctx, http.MethodPost, "/sandbox/v1/clock/freeze", nil, &at); err != nil {
		return err
	}
	s.Now = at.Now
	s.Say("A world of its own: %s, until %s. Nobody else's data is touched.", s.World.ID, s.World.ExpiresAt)
	s.Say("Its clock stands at %s; time passes when it is moved.", at.Now.Format(time.DateTime))
	var endpoint struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	}
	err := s.Quietly(ctx, http.MethodPost, "/webhooks/v1/endpoints", map[string]any{
		"url": s.hooks.url, "events": []string{"*"}, "description": "the demo's receiver"}, &endpoint)
	var no *Refusal
	switch {
	case errors.As(err, &no):
		s.Say("This server sends no webhooks to this machine, so notifications are pulled (%s).", no.Message)
		return nil
	case err != nil:
		return err
	}
	s.pushed = true
	s.Say("Its webhooks come to %s.", s.hooks.url)
	s.Made("webhook endpoint", endpoint.ID, s.hooks.url)
	return s.hooks.expect(endpoint.Secret)
}

// Advance moves the world's clock.
func (s *Stage) Advance(ctx context.Context, by time.Duration) error {
	var at clockAnswer
	if err := s.Quietly(ctx, http.MethodPost, "/sandbox/v1/clock/advance", map[string]string{"by": clock.FormatDuration(by)}, &at); err != nil {
		return err
	}
	if at.Now.Before(s.Now.Add(by)) {
		return fmt.Errorf("the clock was moved by %v from %v and stands at %v", by, s.Now, at.Now)
	}
	s.Now = at.Now
	if s.paper.fancy {
		return clock.Sleep(ctx, s.pace)
	}
	return nil
}

// mostMoves bounds how often Until moves the clock.
const mostMoves = 500

// Until moves the clock by so much at a time until look answers that it has seen
// enough. look also answers how things stand; each change of that is shown with
// the world's time, with the day where it is moved by hours.
func (s *Stage) Until(ctx context.Context, by time.Duration, look func() (stands string, enough bool, err error)) error {
	began, last, form := s.Now, "", time.TimeOnly
	if by >= time.Hour {
		form = time.DateTime
	}
	for range mostMoves {
		stands, enough, err := look()
		if err != nil {
			return err
		}
		if stands != last {
			last = stands
			s.Say("%s  %s", s.paper.in(green, s.Now.Format(form)), stands)
		}
		if enough {
			return nil
		}
		s.paper.change(fmt.Sprintf("%s  %s", s.Now.Format(form), strings.Repeat(".", int(s.Now.Sub(began)/by)%60+1)))
		if err := s.Advance(ctx, by); err != nil {
			return err
		}
	}
	return fmt.Errorf("still %q after %v of the world's time", last, s.Now.Sub(began))
}

// patience is how long a webhook may take to arrive, on this machine's clock.
const patience = 20 * time.Second

const pullEvery = 100 * time.Millisecond

// Told makes sure that exactly these notifications came about a subject, in this
// order, and answers them.
func (s *Stage) Told(ctx context.Context, subject string, types ...string) ([]Notification, error) {
	return s.await(ctx, subject, types, s.arrived)
}

// arrivals is what has come about a subject, and a signal of more, where there is one.
type arrivals func(ctx context.Context, subject string) (list []Notification, news <-chan struct{}, err error)

// await waits for notifications where they arrive.
func (s *Stage) await(ctx context.Context, subject string, types []string, arrived arrivals) ([]Notification, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		list, news, err := arrived(ctx, subject)
		if err != nil {
			return nil, err
		}
		if len(list) >= len(types) {
			s.told[subject] = len(list)
			return list, inOrder(subject, list, types)
		}
		// What is pulled gives no signal, so it is asked for again.
		if clock.Wait(ctx, pullEvery, news); ctx.Err() != nil {
			return nil, fmt.Errorf("%w; so far about %s: %v", ctx.Err(), subject, typesOf(list))
		}
	}
}

// arrived is what has come to the world's own receiver, or can be pulled.
func (s *Stage) arrived(ctx context.Context, subject string) (list []Notification, news <-chan struct{}, err error) {
	if s.pushed {
		return s.hooks.about(subject)
	}
	var page struct {
		Notifications []Notification `json:"notifications"`
	}
	err = s.Quietly(ctx, http.MethodGet, "/notifications?pageSize=100&subject="+url.QueryEscape(subject), nil, &page)
	return page.Notifications, nil, err
}

func typesOf(list []Notification) []string {
	types := make([]string, len(list))
	for i, n := range list {
		types[i] = n.Type
	}
	return types
}

func inOrder(subject string, list []Notification, types []string) error {
	got := strings.Join(typesOf(list), ", ")
	if want := strings.Join(types, ", "); got != want {
		return fmt.Errorf("the notifications about %s are %s; they should be %s", subject, got, want)
	}
	return nil
}

// finish audits the world and shows what was made.
func (s *Stage) finish(ctx context.Context, again bool) error {
	var audit struct {
		OK       bool     `json:"ok"`
		Problems []string `json:"problems"`
	}
	if err := s.Quietly(ctx, http.MethodGet, "/sandbox/v1/world/check", nil, &audit); err != nil {
		return err
	}
	if !audit.OK {
		return fmt.Errorf("invariants of the world do not hold: %s", strings.Join(audit.Problems, "; "))
	}
	s.paper.title("What there is now")
	s.paper.table(s.made)
	s.paper.line("")
	how := "pulled"
	if s.pushed {
		how = "received, each with a signature that fits"
	}
	if n, about := s.checked(); n > 0 {
		s.Say("%d notifications about its %s were %s.", n, about, how)
	}
	s.Say("Every invariant of the world holds.")
	if !again {
		s.Say("The server of this demo ends with it. To keep one: demarc serve, and demarc demo beside it.")
		return nil
	}
	s.paper.line("")
	s.Say("To look again, until %s:", s.World.ExpiresAt)
	s.paper.line("")
	for _, line := range s.lookAgain() {
		s.Say("  %s", line)
	}
	return nil
}

// checked is how many notifications were, and what they were about.
func (s *Stage) checked() (n int, about string) {
	var kinds []string
	for _, subject := range slices.Sorted(maps.Keys(s.told)) {
		n += s.told[subject]
		kind, _, _ := strings.Cut(subject, "/")
		if kind += "s"; !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return n, strings.Join(kinds, " and ")
}

// lookAgain is what to type to see the world again.
func (s *Stage) lookAgain() []string {
	return []string{
		"export DEMARC_URL=" + s.World.BaseURL,
		"export DEMARC_CLIENT_ID=" + s.World.Client,
		"export DEMARC_CLIENT_SECRET=" + s.World.Secret,
		`TOKEN=$(curl -s -u "$DEMARC_CLIENT_ID:$DEMARC_CLIENT_SECRET" -d grant_type=client_credentials $DEMARC_URL/oauth/v2/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')`,
		`curl -s $DEMARC_URL/ProductInventory/v1/inventory -H "x-customer-number: ` + s.World.Customer + `" -H "Authorization: Bearer $TOKEN"`,
		"demarc world show     # and world check, world export, clock show",
		"demarc world delete " + s.World.ID,
	}
}
