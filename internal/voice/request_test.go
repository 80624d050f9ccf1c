package voice_test

import (
	"encoding/json"
	"testing"

	"demarc/internal/nanp"
	"demarc/internal/voice"
)

func TestNumbersAreReadInAnyForm(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]voice.Range{
		`"3032250000"`:   {Start: 3032250000, End: 3032250000},
		`3032250000`:     {Start: 3032250000, End: 3032250000},
		`"+13032250000"`: {Start: 3032250000, End: 3032250000},
		` 13032250000 `:  {Start: 3032250000, End: 3032250000},
		`{"startTN":"13032250000","endTN":"13032250099"}`:            {Start: 3032250000, End: 3032250099},
		`{"startTN":13032250000}`:                                    {Start: 3032250000, End: 3032250000},
		`{"startTN":13032250000,"endTN":null,"npa":null}`:            {Start: 3032250000, End: 3032250000},
		`{"npa":303,"nxx":225,"line":"0000"}`:                        {Start: 3032250000, End: 3032250000},
		`{"npa":"303","nxx":"225","line":"0000","endLine":"0999"}`:   {Start: 3032250000, End: 3032250999},
		`{"npa":"303","nxx":"225","line":"9500","endLine":"9500"}`:   {Start: 3032259500, End: 3032259500},
		`{"startTN":"3032250500","endTN":"3032251499"}`:              {Start: 3032250500, End: 3032251499},
		`{"npa":"303","nxx":"555","line":"0100","endLine":" 0199 "}`: {Start: 3035550100, End: 3035550199},
	} {
		var r voice.TNRequest
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if got, ok := r.Range(); got != want || !ok {
			t.Errorf("%s is read as %v to %v, %v", body, got.Start, got.End, ok)
		}
	}
	for _, body := range []string{`""`, `null`, `{}`, `0`, `"303225000"`, `"30322500000"`, `{"startTN":"3032250000","endTN":"3032251000"}`,
		`{"npa":303,"nxx":225,"line":0}`, `{"line":"0000"}`, `{"endLine":"0000"}`, `{"npa":"303","nxx":"225","line":"0001","endLine":"0000"}`} {
		var r voice.TNRequest
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if got, ok := r.Range(); ok {
			t.Errorf("%s is read as %v to %v", body, got.Start, got.End)
		}
	}
	for _, body := range []string{`true`, `[]`, `{"startTN":{}}`, `{"npa":[1]}`} {
		if err := json.Unmarshal([]byte(body), new(voice.TNRequest)); err == nil {
			t.Errorf("%s is read", body)
		}
	}
}

// Whatever is sent, what is read is numbers that can exist, a thousand at most.
func FuzzTNRequest(f *testing.F) {
	for _, seed := range []string{`"3032250000"`, `3032250000`, `null`, `true`, `{}`, `[1]`, `{"startTN":"3032250000","endTN":3032250999}`,
		`{"npa":303,"nxx":225,"line":"0000","endLine":"9999"}`, `{"startTN":1,"npa":2}`, `"+13035550100"`, ` "\u0033" `} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var r voice.TNRequest
		if json.Unmarshal(body, &r) != nil {
			return
		}
		got, ok := r.Range()
		if !ok {
			return
		}
		if !got.Start.Valid() || !got.End.Valid() || got.Len() < 1 || got.Len() > voice.PerBlock {
			t.Errorf("%q is read as %v to %v", body, got.Start, got.End)
		}
		if one, err := json.Marshal(got.Start.String()); err == nil {
			var again voice.TNRequest
			if same, ok := again.Range(); ok {
				t.Errorf("nothing is read as %v", same)
			}
			if json.Unmarshal(one, &again) != nil {
				t.Fatalf("%s is not read", one)
			}
			if same, ok := again.Range(); !ok || same != (voice.Range{Start: got.Start, End: got.Start}) {
				t.Errorf("%s is read as %v", one, same)
			}
		}
		if _, parsed := nanp.ParseTN(got.End.String()); !parsed {
			t.Errorf("%v is no number", got.End)
		}
	})
}
