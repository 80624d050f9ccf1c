package voicetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicecarrier"

	"github.com/google/go-cmp/cmp"
)

// The part of a System that is about numbers in service.

// port asks for a port. The same key is the same port, however often it comes.
func (s *System) port(w http.ResponseWriter, r *http.Request) {
	var a voicecarrier.WirePort
	if !read(w, r, &a) {
		return
	}
	p, err := portOf(a)
	key := r.Header.Get("Idempotency-Key")
	if err != nil || key != fmt.Sprintf("%s/%d", a.Order, a.Round) {
		http.Error(w, "a port under its order and round", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	was, asked := s.ports[key]
	if asked {
		p.Asked = was.Asked
	} else {
		p.Asked = s.now
		s.ports[key] = p
	}
	s.mu.Unlock()
	if asked && !cmp.Equal(was, p) {
		http.Error(w, "another port was asked for under this key", http.StatusConflict)
		return
	}
	reply, err := s.backends.Losing.Ask(r.Context(), s.query(), p)
	if err != nil {
		http.Error(w, "broken", http.StatusInternalServerError)
		return
	}
	wire := voicecarrier.WireReply{State: reply.State, Reason: reply.Reason, CheckAfter: reply.CheckAfter.Seconds()}
	switch reply.State {
	case voice.PortPending:
		w.WriteHeader(http.StatusAccepted)
	case voice.PortConcur:
		wire.FOC = reply.FOC.Format("2006-01-02T15:04:05.999999-07:00")
	}
	_ = json.NewEncoder(w).Encode(wire) // whoever called may be gone
}

// portOf reads a port.
func portOf(w voicecarrier.WirePort) (voice.Port, error) {
	p := voice.Port{Order: w.Order, Round: w.Round, Carrier: w.Carrier, Wanted: w.Wanted,
		LNP:     voice.LNP{LOAName: w.LOAName, LOAAt: w.LOAAt, Account: w.Account, PIN: w.PIN, Wireless: w.Wireless},
		Service: voice.Service{Subscriber: w.Subscriber, Address: w.Address}}
	var err error
	p.LNP.WTN, err = tenDigits(w.WTN)
	for _, text := range w.Numbers {
		tn, bad := tenDigits(text)
		p.Numbers, err = append(p.Numbers, tn), errors.Join(err, bad)
	}
	if len(p.Numbers) == 0 || p.Carrier == "" || p.Wanted.IsZero() || p.LNP.Account == "" || p.Service.Subscriber.Type == "" || p.Service.Address.ZIP == "" {
		err = errors.Join(err, errors.New("too little"))
	}
	return p, err
}

func tenDigits(text string) (nanp.TN, error) {
	tn, ok := nanp.ParseTN(text)
	if !ok || tn.String() != text {
		return 0, errors.New("ten digits")
	}
	return tn, nil
}

// rangesOf reads numbers.
func rangesOf(list []voicecarrier.WireRange) (out []voice.Range, err error) {
	for _, r := range list {
		start, bad := tenDigits(r.Start)
		end, worse := tenDigits(r.End)
		out, err = append(out, voice.Range{Start: start, End: end}), errors.Join(err, bad, worse)
	}
	if len(out) == 0 {
		err = errors.New("no numbers")
	}
	return out, err
}

// tell hands something to a provider, and answers as it does.
func (s *System) tell(w http.ResponseWriter, r *http.Request, what string, numbers []voicecarrier.WireRange, taken int,
	do func(q voice.Query, order string, list []voice.Range) error) {
	order := r.PathValue("order")
	list, err := rangesOf(numbers)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	err = do(s.query(), order, list)
	if no, refused := errors.AsType[*voice.Refusal](err); refused {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_ = json.NewEncoder(w).Encode(map[string]string{"reason": no.Reason}) // whoever called may be gone
		return
	}
	if err != nil {
		http.Error(w, "broken", http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	s.provided[what+"/"+order]++
	s.mu.Unlock()
	w.WriteHeader(taken)
}

func (s *System) list(w http.ResponseWriter, r *http.Request) {
	var a voicecarrier.WireListing
	if read(w, r, &a) {
		s.tell(w, r, "listings", a.Numbers, http.StatusCreated, func(q voice.Query, order string, list []voice.Range) error {
			return s.backends.Providers.List(r.Context(), q, order, list, voice.Service{Subscriber: a.Subscriber, Address: a.Address, Listing: &a.Listing})
		})
	}
}

func (s *System) locate(w http.ResponseWriter, r *http.Request) {
	var a voicecarrier.WireLocation
	if read(w, r, &a) {
		s.tell(w, r, "locations", a.Numbers, http.StatusNoContent, func(q voice.Query, order string, list []voice.Range) error {
			return s.backends.Providers.Locate(r.Context(), q, order, list, voice.Service{Subscriber: a.Subscriber, Address: a.Address})
		})
	}
}

func (s *System) name(w http.ResponseWriter, r *http.Request) {
	var a voicecarrier.WireName
	if read(w, r, &a) {
		s.tell(w, r, "names", a.Numbers, http.StatusAccepted, func(q voice.Query, order string, list []voice.Range) error {
			return s.backends.Providers.Name(r.Context(), q, order, list, voice.Service{CNAM: &a.CNAM})
		})
	}
}
