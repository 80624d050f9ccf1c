package voicecarrier

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"

	"demarc/internal/backend"
	"demarc/internal/voice"
)

// HTTPProviders is the connector to whoever tells the directory, E911 and CNAM of
// numbers in service. It speaks this protocol (the bodies are WireListing, WireLocation
// and WireName):
//
//	PUT {base}/listings/{order}   -> 2xx: taken
//	                                 422 {"reason": "…"}: refused for good
//	PUT {base}/locations/{order}  -> 2xx: taken
//	PUT {base}/names/{order}      -> 2xx: taken
//
// Each is about the numbers in it. The same may come again, and an order that changes
// numbers which have different things tells of each group of them in its turn. Of a 2xx
// nothing is read.
type HTTPProviders struct{ line *line }

var _ voice.Providers = (*HTTPProviders)(nil)

// NewHTTPProviders makes the connector to the providers at base.
func NewHTTPProviders(base string, log *slog.Logger) (*HTTPProviders, error) {
	l, err := newLine(voice.BackendProviders, base, log)
	return &HTTPProviders{l}, err
}

// WireRange are numbers that follow each other.
type WireRange struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

func wireRanges(list []voice.Range) []WireRange {
	out := make([]WireRange, len(list))
	for i, r := range list {
		out[i] = WireRange{r.Start.String(), r.End.String()}
	}
	return out
}

// WireListing is what the directory is to have of numbers.
type WireListing struct {
	Numbers    []WireRange      `json:"telephoneNumbers"`
	Listing    voice.Listing    `json:"directoryListing"`
	Subscriber voice.Subscriber `json:"subscriber"`
	Address    voice.Address    `json:"serviceAddress"`
}

// WireLocation is where E911 finds who calls from numbers.
type WireLocation struct {
	Numbers    []WireRange      `json:"telephoneNumbers"`
	Subscriber voice.Subscriber `json:"subscriber"`
	Address    voice.Address    `json:"serviceAddress"`
}

// WireName is what others see of who calls from numbers: nothing where it is blocked,
// the rate center and its state where there is no name.
type WireName struct {
	Numbers []WireRange `json:"telephoneNumbers"`
	CNAM    voice.CNAM  `json:"cnam"`
}

// List puts numbers into the directory, or answers a *voice.Refusal.
func (h *HTTPProviders) List(ctx context.Context, q voice.Query, order string, list []voice.Range, s voice.Service) error {
	var refusal *voice.Refusal
	put := h.put(q, "/listings/", order, WireListing{wireRanges(list), *s.Listing, s.Subscriber, s.Address})
	put.Also = []int{http.StatusUnprocessableEntity}
	err := h.line.ask(ctx, put, func(status int, answer []byte) error {
		if refusal = nil; isTaken(status) {
			return nil
		}
		var w struct {
			Reason string `json:"reason"`
		}
		err := backend.Decode(answer, &w)
		if err == nil {
			refusal = &voice.Refusal{Reason: reason(w.Reason)}
		}
		return err
	})
	if err == nil && refusal != nil {
		return refusal
	}
	return err
}

// Locate tells E911 where numbers are.
func (h *HTTPProviders) Locate(ctx context.Context, q voice.Query, order string, list []voice.Range, s voice.Service) error {
	return h.line.ask(ctx, h.put(q, "/locations/", order, WireLocation{wireRanges(list), s.Subscriber, s.Address}), anything)
}

// Name tells the CNAM databases who calls.
func (h *HTTPProviders) Name(ctx context.Context, q voice.Query, order string, list []voice.Range, s voice.Service) error {
	return h.line.ask(ctx, h.put(q, "/names/", order, WireName{wireRanges(list), *s.CNAM}), anything)
}

// put is a question that any 2xx answers.
func (h *HTTPProviders) put(q voice.Query, path, order string, body any) backend.Question {
	return backend.Question{Method: http.MethodPut, Path: path + url.PathEscape(order), Body: body, About: about(q, path[1:]+order), Bare: isTaken}
}

func isTaken(status int) bool { return status >= 200 && status < 300 }

// anything is an answer that says no more than its status.
func anything(int, []byte) error { return nil }
