package voicecarrier_test

import (
	"testing"
	"time"

	"demarc/internal/voice"
	"demarc/internal/voice/voicecarrier"
	"demarc/internal/voice/voicetest"
)

// chicago is the carriers' time, in which days begin and end.
func chicago(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// replied asks a made-up carrier at a moment.
func replied(t *testing.T, at time.Time, p voice.Port, hint string) voice.Reply {
	t.Helper()
	r, err := voicecarrier.EmbeddedLosing{}.Ask(t.Context(), voice.Query{World: "w", Sandbox: true, Hint: hint, Now: at}, p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBondedCarriersTakeMinutesAndOthersBusinessDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ carrier, asked, decides string }{
		{voicetest.Bonded, "2040-06-01 10:00", "2040-06-01 10:10"},
		{voicetest.Bonded, "2040-06-02 23:55", "2040-06-03 00:05"},    // on a weekend, too
		{voicetest.NonBonded, "2040-06-05 10:00", "2040-06-07 00:00"}, // Tuesday: Thursday
		{voicetest.NonBonded, "2040-06-01 10:00", "2040-06-05 00:00"}, // Friday: Tuesday
		{voicetest.NonBonded, "2040-06-02 10:00", "2040-06-05 00:00"}, // Saturday: Tuesday
		{voicetest.NonBonded, "2040-07-03 10:00", "2040-07-06 00:00"}, // before Independence Day
	} {
		p := voicetest.Ported("V1", c.carrier)
		p.Asked = chicago(t, c.asked)
		p.Wanted = p.Asked.AddDate(0, 0, 14)
		decides := chicago(t, c.decides)
		for _, early := range []time.Duration{decides.Sub(p.Asked), time.Microsecond} {
			if r := replied(t, decides.Add(-early), p, ""); r != (voice.Reply{State: voice.PortPending, CheckAfter: early}) {
				t.Errorf("%+v, %v early: %+v", c, early, r)
			}
		}
		if r := replied(t, decides, p, ""); r.State != voice.PortConcur {
			t.Errorf("%+v: %+v", c, r)
		}
	}
	bonded := map[bool]int{}
	for _, name := range []string{"Example Telephone", "Sample Wireless", "Specimen Cable", "Fictional Fiber", "Placeholder Communications", "Imaginary Exchange"} {
		bonded[voicecarrier.Bonded(name)]++
	}
	if bonded[true] == 0 || bonded[false] == 0 {
		t.Errorf("bonded carriers: %v", bonded)
	}
}

func TestNumbersComeOnABusinessDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ wanted, decided, foc string }{
		{"2040-06-12 10:00", "2040-06-01 10:10", "2040-06-12 10:00"}, // a Tuesday
		{"2040-06-16 10:00", "2040-06-01 10:10", "2040-06-18 10:00"}, // a Saturday: Monday
		{"2040-07-04 10:00", "2040-06-01 10:10", "2040-07-05 10:00"}, // a holiday: the day after
		{"2040-06-12 10:00", "2040-06-15 12:00", "2040-06-18 00:00"}, // over, on a Friday: the next business day
	} {
		p := voicetest.Ported("V1", voicetest.Bonded)
		p.Asked, p.Wanted = chicago(t, "2040-06-01 10:00"), chicago(t, c.wanted)
		if r := replied(t, chicago(t, c.decided), p, ""); r.State != voice.PortConcur || !r.FOC.Equal(chicago(t, c.foc)) || r.Reason != "" {
			t.Errorf("%+v: %+v", c, r)
		}
	}
}

func TestWhyACarrierDoesNotLetNumbersGo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		account, pin, hint string
		round              int
		want               string
	}{
		{"ACC-1234", "4321", "", 1, ""},
		{"ACC-0001", "4321", "", 1, "account number mismatch"},
		{"ACC-0001", "0000", "", 3, "account number mismatch"}, // until it is mended
		{"00010", "", "", 1, ""},
		{"ACC-1234", "0000", "", 2, "PIN mismatch"},
		{"ACC-1234", "00000", "", 1, ""},
		{"ACC-1234", "4321", "[demarc:port-name]", 1, "subscriber name mismatch"},
		{"ACC-1234", "4321", "[demarc:port-name]", 2, ""},
		{"ACC-1234", "4321", "[demarc:port-address]", 1, "service address mismatch"},
		{"ACC-1234", "4321", "[demarc:port-address]", 2, ""},
	} {
		p := voicetest.Ported("V1", voicetest.Bonded)
		p.LNP.Account, p.LNP.PIN, p.Round = c.account, c.pin, c.round
		at := p.Asked.Add(time.Hour)
		want := voice.Reply{State: voice.PortRefusing, Reason: c.want}
		if c.want == "" {
			want = voice.Reply{State: voice.PortConcur, FOC: p.Wanted}
		}
		if r := replied(t, at, p, c.hint); r != want {
			t.Errorf("%+v: %+v", c, r)
		}
		// In production nobody makes up what another carrier says.
		r, err := voicecarrier.EmbeddedLosing{}.Ask(t.Context(), voice.Query{World: "w", Hint: c.hint, Now: at}, p)
		if err != nil || r != (voice.Reply{State: voice.PortPending, CheckAfter: 24 * time.Hour}) {
			t.Errorf("%+v in production: %+v, %v", c, r, err)
		}
	}
}

func TestASilentCarrierNeverAnswers(t *testing.T) {
	t.Parallel()
	p := voicetest.Ported("V1", voicetest.Bonded)
	for _, d := range []time.Duration{0, time.Hour, 10000 * time.Hour} {
		if r := replied(t, p.Asked.Add(d), p, "an order [demarc:port-silent]"); r != (voice.Reply{State: voice.PortPending, CheckAfter: 24 * time.Hour}) {
			t.Errorf("after %v: %+v", d, r)
		}
	}
}

// A listing of a person needs a name; of a business nobody asks.
func TestTheEmbeddedDirectoryListsNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, first, last string
		taken             bool
	}{
		{voice.Residential, "Avery", "Example", true}, {voice.Residential, ".", "Example", false}, {voice.Residential, "Avery", ".", false},
		{voice.Residential, "", "", false}, {voice.Residential, "42", "Example", false}, {voice.Business, "", "", true},
	} {
		s := voicetest.Resident()
		s.Subscriber.Type, s.Listing.First, s.Listing.Last = c.kind, c.first, c.last
		if err := (voicecarrier.EmbeddedProviders{}).List(t.Context(), query, "V1", numbers, s); (err == nil) != c.taken {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
