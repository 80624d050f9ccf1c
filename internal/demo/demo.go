// Package demo walks journeys through the program's APIs and shows them: what is
// asked, what is answered, and what happens while a world's clock moves.
//
// A journey is played on a Stage. The stage calls the server as one application
// of a short-lived world of its own, moves that world's clock, receives its
// webhooks, and remembers what was made, so that the end can list it. A journey
// says what it does with Step and Say, and stops at the first surprise: whatever
// is not as it should be is an error, and the program's exit code says so.
//
// To add a journey, write a function that takes a Stage, in a file of its own, and
// list it in Journeys.
//
// Map: demo.go plays the journeys, stage.go is what they are played on, paper.go
// how they look, receiver.go the webhooks, provider.go a provider's server for the
// marketplace; ondemand.go, care.go, marketplace.go, preorder.go and voice.go are the
// journeys. preorderwire.go and voicewire.go are what two of them send and are answered,
// voicelines.go and voiceports.go the rest of voice.go.
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Journey is one product's story.
type Journey struct {
	Name  string // as the command line has it
	Title string
	Run   func(ctx context.Context, s *Stage) error
}

// Journeys are all there are, in the order in which they are walked.
func Journeys() []Journey {
	return []Journey{
		{"ondemand", "Internet On-Demand: quote, order, run, change, end", onDemand},
		{"care", "Care: identify a customer, in four countries", careJourney},
		{"marketplace", "Marketplace: onboard, offer, subscribe, meter, end", marketplaceJourney},
		{"preorder", "PreOrder: qualify an address, configure a product, order", preorderJourney},
		{"voice", "Voice: telephone numbers, from the stock into service and back", voiceJourney},
	}
}

// Call is one call of a journey's.
type Call struct {
	Method, Path string
	Header       http.Header // beside what every call has; names go out as they are written
	Body         any         // becomes JSON; nil: none
	Bare         bool        // it goes out without the application's token, and proves itself otherwise
}

// Caller calls the server as an application of the journeys' world; into may be nil.
// What the server refuses is a *Refusal.
type Caller interface {
	Call(ctx context.Context, c Call, into any) error
}

// Refusal is an answer that says no.
type Refusal struct {
	Status  int
	Message string // of its body, for people
	Body    []byte
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%d %s: %s", r.Status, http.StatusText(r.Status), r.Message)
}

// names reports whether the refusal is about a field.
func (r *Refusal) names(field string) bool {
	type violation struct {
		Field string `json:"field"`
	}
	var e struct {
		Errors []violation `json:"errors"`
	}
	if json.Unmarshal(r.Body, &e) != nil {
		return false
	}
	return slices.Contains(e.Errors, violation{field})
}

// World is the world that the journeys are walked in.
type World struct {
	ID        string `json:"id"`
	BaseURL   string `json:"baseUrl"`
	Client    string `json:"clientId"`
	Secret    string `json:"clientSecret"`
	Customer  string `json:"customerNumber"`
	ExpiresAt string `json:"expiresAt"`
}

// Options are what Play needs.
type Options struct {
	API   Caller
	World World
	Names []string // of the journeys to walk; none: all
	Out   io.Writer
	Fancy bool          // the output is a terminal: colours, and lines that change
	Pace  time.Duration // rest between two moves of the clock, for the eye
	Again bool          // the server outlives the demo: say how to look at the world again

	// Provider starts a provider's server where the demo runs, for the journey that
	// wants one; nil: one in this process.
	Provider func(context.Context) (Neighbour, error)
	// UpdatePath is where the server takes providers' updates; "": where it does
	// unless it is told otherwise.
	UpdatePath string
}

// Neighbour is a server that runs beside the journeys until End.
type Neighbour struct {
	URL string
	End func() error
}

// Play walks the journeys and shows them.
func Play(ctx context.Context, o Options) (err error) {
	list, err := chosen(o.Names)
	if err != nil {
		return err
	}
	s := newStage(o)
	if s.hooks, err = newReceiver(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.open(ctx); err != nil {
		return err
	}
	for _, j := range list {
		s.paper.title(j.Title)
		s.step = 0
		if err := j.Run(ctx, s); err != nil {
			return fmt.Errorf("%s, step %d: %w", j.Name, s.step, err)
		}
	}
	return s.finish(ctx, o.Again)
}

// Known says whether there are journeys of these names, before anything is made for
// them.
func Known(names []string) error {
	_, err := chosen(names)
	return err
}

func chosen(names []string) (list []Journey, err error) {
	all := Journeys()
	known := make([]string, len(all))
	for i, j := range all {
		known[i] = j.Name
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no journey %q; there are: %s", name, strings.Join(known, ", "))
		}
	}
	for _, j := range all {
		if len(names) == 0 || slices.Contains(names, j.Name) {
			list = append(list, j)
		}
	}
	return list, nil
}
