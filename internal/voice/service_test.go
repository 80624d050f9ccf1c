package voice_test

import (
	"testing"
	"time"

	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

const (
	second = time.Second
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * hour
)

func TestNumbersGoInServiceAndOutOfItAgain(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		stock := w.Stock(20)
		o := w.Ordered(voicetest.Other, voicetest.Install(voicetest.Dwelling(voicetest.TNs(stock...))))
		told(t, w, o, 901)
		if _, err := w.TryOrder(voicetest.Other, voicetest.Install(voicetest.Dwelling(voicetest.TNs(stock...)))); err == nil {
			t.Fatal("the same numbers again")
		}
		w.Worked(o)
		told(t, w, o, 901, 902, 902)
		list := w.InService(voicetest.Other)
		if len(list) != 20 || list[0].Service.Subscriber.Last != "Example" || list[0].Service.Address.Suffix != "ST" {
			t.Fatalf("%d in service: %+v", len(list), list[:1])
		}
		some := []voice.Range{voicetest.One(list[3].TN), voicetest.One(list[7].TN)}
		line := voicetest.Map{"customerType": "B", "businessName": "Example Bakery", "tnList": voicetest.TNs(some...)}
		c, err := w.TryChange(voicetest.Other, voicetest.Map{"subscriberLines": []any{line}})
		w.Must("change", err)
		w.Advance(3 * time.Minute)
		told(t, w, c, 901, 904, 902, 902)
		if list = w.InService(voicetest.Other); list[3].Service.Subscriber.Business != "Example Bakery" || list[4].Service.Subscriber.Last != "Example" {
			t.Errorf("%+v", list[3])
		}
		x, err := w.TryDisconnect(voicetest.Other, w.Now().Add(5*day), voicetest.TNs(some...))
		w.Must("disconnect", err)
		told(t, w, x, 901)
		w.Advance(5 * day)
		told(t, w, x, 901, 906, 906)
		if list = w.InService(voicetest.Other); len(list) != 18 {
			t.Errorf("%d in service", len(list))
		}
		w.Advance(90 * day)
	})
}

func TestNumbersComeFromAnotherCarrier(t *testing.T) {
	t.Run("rejected, supplemented, committed to, and ported on the day", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			r := voice.Range{Start: 3033312000, End: 3033312004}
			m := voicetest.PortIn(voicetest.Dwelling(voicetest.TNs(r)))
			m["externalOrderId"] = "[demarc:port-name]"
			o := w.Ordered(voicetest.Other, m)
			told(t, w, o, 901)
			w.Advance(7 * day)
			told(t, w, o, 901, 904)
			_, err := w.TrySupplement(voicetest.Other, o.ID, voicetest.Map{"customerRequestDate": voicetest.Stamp(w.Now().Add(10 * day))})
			w.Must("supplement", err)
			w.Advance(6 * day)
			told(t, w, o, 901, 904, 904, 903)
			w.Advance(9 * day)
			told(t, w, o, 901, 904, 904, 903, 902, 902)
			if list := w.InService(voicetest.Other); len(list) != 5 || !list[0].Ported {
				t.Errorf("%+v", list)
			}
			x, err := w.TryDisconnect(voicetest.Other, w.Now().Add(5*day), voicetest.TNs(r))
			w.Must("disconnect", err)
			w.Advance(6 * day)
			told(t, w, x, 901, 906, 906)
		})
	})
	t.Run("VOICE-NTC-20020 what the directory refuses holds nothing up, and E911 is told all the same", func(t *testing.T) {
		each(t, func(t *testing.T, w *voicetest.World) {
			o := portIn(w, func(m, l object) {
				m["productID"], l["e911Option"] = voice.EnhancedLocal, voice.E911Standard
				l["directoryListing"] = object{"directoryListingAction": "A", "directoryListingType": "1", "directoryFirstName": "Avery", "directoryLastName": "Example"}
			}, 3033312000)
			w.Fakes.Refuse(o.ID, "not in this directory")
			w.Advance(16 * day)
			told(t, w, o, 901, 903, 20020, 902, 902)
			if heard := w.Fakes.Told(voicetest.Locate); len(heard) != 1 || heard[0].Order != o.ID {
				t.Errorf("E911 was told %+v", heard)
			}
			if s := serviceOf(w, voicetest.Other, voicetest.One(3033312000)).Service; s.Listing != nil || s.E911 != voice.E911Standard {
				t.Errorf("%+v", s)
			}
		})
	})
}
