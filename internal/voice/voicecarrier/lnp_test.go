package voicecarrier_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

func TestWhatAPortIsOnTheWire(t *testing.T) {
	t.Parallel()
	s := voicetest.NewSystem(t, embedded())
	p := voicetest.Ported("V100000001", "Example Telephone")
	p.Round, p.LNP.Wireless = 2, true
	if _, err := s.Connect(t).Losing.Ask(t.Context(), query, p); err != nil {
		t.Fatal(err)
	}
	want := voicetest.Call{Method: "POST", Path: "/vn/lnp/ports", Key: "V100000001/2", Body: `{"order":"V100000001","round":2,` +
		`"telephoneNumbers":["3033312000","3033312001"],"losingCarrier":"Example Telephone","wantedDate":"2040-06-12T15:00:00Z",` +
		`"loaName":"Avery Example","loaDateTime":"2040-05-30T10:00:00Z","workingTelephoneNumber":"3033312000","accountNumber":"ACC-1234","pin":"4321","wireless":true,` +
		`"subscriber":{"customerType":"R","firstName":"Avery","lastName":"Example"},` +
		`"serviceAddress":{"streetNumber":"100","streetName":"MAIN","streetSuffix":"ST","city":"DENVER","state":"CO","zip":"80202"}}`}
	if got := s.Calls()[0]; got != want {
		t.Errorf("asked %+v, want %+v", got, want)
	}
}

func TestWhatProvidersAreToldOnTheWire(t *testing.T) {
	t.Parallel()
	s := voicetest.NewSystem(t, embedded())
	b := s.Connect(t)
	for _, question := range []string{voicetest.List, voicetest.Locate, voicetest.Name} {
		if _, err := asks[question].ask(t.Context(), b, query); err != nil {
			t.Fatal(err)
		}
	}
	const (
		numbers = `{"telephoneNumbers":[{"start":"3035550100","end":"3035550104"},{"start":"7205550100","end":"7205550100"}],`
		whose   = `"subscriber":{"customerType":"R","firstName":"Avery","lastName":"Example"},` +
			`"serviceAddress":{"streetNumber":"100","streetName":"MAIN","streetSuffix":"ST","city":"DENVER","state":"CO","zip":"80202"}}`
	)
	for i, want := range []voicetest.Call{
		{Method: "PUT", Path: "/vn/providers/listings/V100000001",
			Body: numbers + `"directoryListing":{"directoryListingType":"1","directoryFirstName":"Avery","directoryLastName":"Example"},` + whose},
		{Method: "PUT", Path: "/vn/providers/locations/V100000001", Body: numbers + whose},
		{Method: "PUT", Path: "/vn/providers/names/V100000001", Body: numbers + `"cnam":{"blocked":false,"name":"A EXAMPLE"}}`},
	} {
		if got := s.Calls()[i]; got != want {
			t.Errorf("told %+v, want %+v", got, want)
		}
	}
	if got := s.Provided(); got["listings/V100000001"] != 1 || got["locations/V100000001"] != 1 || got["names/V100000001"] != 1 {
		t.Errorf("the providers took %v", got)
	}
}

// answer is a status with a body.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // whoever called may be gone
	}
}

func TestAnswersToAPort(t *testing.T) {
	t.Parallel()
	pending := func(d time.Duration) voice.Reply { return voice.Reply{State: voice.PortPending, CheckAfter: d} }
	reject := func(why string) voice.Reply { return voice.Reply{State: voice.PortRefusing, Reason: why} }
	foc := voice.Reply{State: voice.PortConcur, FOC: time.Date(2040, time.June, 12, 15, 0, 0, 123456000, time.UTC)}
	long := strings.Repeat("é", 200)
	for _, c := range []struct {
		status int
		body   string
		want   voice.Reply // none: the answer is wrong
	}{
		{202, `{"state":"pending","checkAfterSeconds":600,"more":[]}`, pending(10 * time.Minute)},
		{202, `{"state":"pending","checkAfterSeconds":90.5}`, pending(90 * time.Second)},
		{202, `{"state":"pending"}`, pending(time.Minute)},
		{202, `{"state":"pending","checkAfterSeconds":-5}`, pending(time.Minute)},
		{202, `{"state":"pending","checkAfterSeconds":1e300}`, pending(24 * time.Hour)},
		{200, `{"state":"concur","focDate":"2040-06-12T15:00:00.123456789Z"}`, foc},
		{200, `{"state":"concur","focDate":"2040-06-12T09:00:00.123456-06:00"}`, foc},
		{200, `{"state":"reject","reason":" account\nnumber\u0000mismatch "}`, reject("account number mismatch")},
		{200, `{"state":"reject"}`, reject("no reason was given")},
		{200, `{"state":"reject","reason":"\t"}`, reject("no reason was given")},
		{200, `{"state":"reject","reason":"x` + long + `"}`, reject("x" + strings.Repeat("é", 149))}, // in whole letters

		{200, `{"state":"pending","checkAfterSeconds":600}`, voice.Reply{}},
		{202, `{"state":"concur","focDate":"2040-06-12T15:00:00Z"}`, voice.Reply{}},
		{202, `{"state":"reject","reason":"x"}`, voice.Reply{}},
		{201, `{"state":"concur","focDate":"2040-06-12T15:00:00Z"}`, voice.Reply{}},
		{200, `{"state":"concur"}`, voice.Reply{}},
		{200, `{"state":"concur","focDate":"2040-06-12"}`, voice.Reply{}},
		{200, `{"state":"concur","focDate":"1970-01-01T00:00:00Z"}`, voice.Reply{}},
		{200, `{"state":"concur","focDate":"0001-01-01T00:00:00Z"}`, voice.Reply{}},
		{200, `{"state":"Concur","focDate":"2040-06-12T15:00:00Z"}`, voice.Reply{}},
		{200, `{"state":"reject","reason":7}`, voice.Reply{}},
		{404, `{"state":"reject","reason":"x"}`, voice.Reply{}},
	} {
		s := voicetest.NewSystem(t, embedded())
		s.Fail(voicetest.Answer{With: answer(c.status, c.body)})
		r, err := s.Connect(t).Losing.Ask(t.Context(), query, voicetest.Ported("V1", voicetest.Bonded))
		if c.want == (voice.Reply{}) {
			failed(t, c.body, voice.BackendLosing, voice.HowWrong, r == c.want, err)
		} else if err != nil || r != c.want {
			t.Errorf("%d %s: %+v, %v", c.status, c.body, r, err)
		}
	}
}

// A port is asked for until it is decided; that is one request.
func TestAPortIsOneRequestForEachRound(t *testing.T) {
	t.Parallel()
	s := voicetest.NewSystem(t, embedded())
	b := s.Connect(t)
	p := voicetest.Ported("V1", voicetest.NonBonded)
	for round, asked := range map[int]int{1: 3, 2: 1} {
		p.Round = round
		for range asked {
			if r, err := b.Losing.Ask(t.Context(), query, p); err != nil || r.State != voice.PortPending {
				t.Fatalf("%+v, %v", r, err)
			}
		}
	}
	if ports := s.Ports(); len(ports) != 2 || ports["V1/1"].LNP.Account != "ACC-1234" || len(ports["V1/2"].Numbers) != 2 {
		t.Errorf("ports %+v", ports)
	}
	p.LNP.Account = "ANOTHER"
	if _, err := b.Losing.Ask(t.Context(), query, p); err == nil {
		t.Error("another port was asked for under the same key")
	}
}

func TestWhatTheDirectoryRefusesWithIsBounded(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"reason":"no such street"}`: "no such street", `{}`: "no reason was given", `{"reason":"` + strings.Repeat("x", 400) + `"}`: strings.Repeat("x", 300),
	} {
		s := voicetest.NewSystem(t, embedded())
		s.Fail(voicetest.Answer{With: answer(422, body)})
		_, err := asks[voicetest.List].ask(t.Context(), s.Connect(t), query)
		if no, refused := errors.AsType[*voice.Refusal](err); !refused || no.Reason != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// A listing that was refused at the first try may be taken at the second: what counts is
// the answer that came.
func TestARefusalThatDidNotArriveIsNone(t *testing.T) {
	t.Parallel()
	s := voicetest.NewSystem(t, embedded())
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(`{"reason":`)) // whoever called may be gone
	}
	s.Fail(voicetest.Answer{With: cut})
	if nothing, err := asks[voicetest.List].ask(t.Context(), s.Connect(t), query); err != nil || nothing || len(s.Calls()) != 2 {
		t.Errorf("%v after %d calls", err, len(s.Calls()))
	}
}

func TestTheFakesAnswerOnCommand(t *testing.T) {
	t.Parallel()
	f := voicetest.NewFakes(embedded())
	b := f.Backends()
	said := voice.Reply{State: voice.PortConcur, FOC: time.Date(2040, time.July, 4, 0, 0, 0, 0, time.UTC)} // on a holiday, too
	f.Reply("V1", said)
	f.Refuse("V1", "too long")
	for order, want := range map[string]string{"V1": voice.PortConcur, "V2": voice.PortPending} {
		p := voicetest.Ported(order, voicetest.NonBonded)
		q := query
		q.Now = p.Asked
		if r, err := b.Losing.Ask(t.Context(), q, p); err != nil || r.State != want || order == "V1" && r != said || len(f.Ports(order)) != 1 {
			t.Errorf("%s: %+v, %v", order, r, err)
		}
		err := b.Providers.List(t.Context(), query, order, numbers, voicetest.Resident())
		if no, refused := errors.AsType[*voice.Refusal](err); refused != (order == "V1") || refused && no.Reason != "too long" {
			t.Errorf("%s: %v", order, err)
		}
	}
	if told := f.Told(voicetest.List); len(told) != 2 || len(told[0].Numbers) != 2 || told[0].Service.Listing == nil || len(f.Told(voicetest.Name)) != 0 {
		t.Errorf("told %+v", told)
	}
}
