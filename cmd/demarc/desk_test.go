package main

import (
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

func TestAnOperatorDecidesAboutCredit(t *testing.T) {
	eachOperator(t, func(t *testing.T, d *db.DB, url string) {
		w := voicetest.New(t, d)
		c := console{t, url, []string{"--world", w.ID}}
		c.says("Nothing waits for the desk.\n", "desk", "queue")
		c.says("1-WXYZ9: credit good, CP911 no, CNAM no.\n", "desk", "customer", voicetest.Other)
		c.says("1-WXYZ9: credit hold, CP911 no, CNAM no.\n", "desk", "customer", voicetest.Other, "--credit", "hold")
		first := w.Worked(w.Reserve(voicetest.Line("ALAMOSA", 2)))
		second := w.Worked(w.Reserve(voicetest.Line("PUEBLO", 2)))
		line := func(o voice.Order) string {
			return "  " + o.ID + "  1-WXYZ9  \"Customer 1-WXYZ9\"  product 2036  " + moment(o.CreatedAt) + "\n"
		}
		c.says("Credit holds (demarc desk credit ORDER release|reject):\n"+line(first)+line(second), "desk", "queue")
		c.says(first.ID+": in-progress.\n", "desk", "credit", first.ID, "release")
		c.says(second.ID+": credit check rejected.\n", "desk", "credit", second.ID, "reject")
		c.says("Nothing waits for the desk.\n", "desk", "queue")
		w.Advance(3 * time.Second) // the server works what was released
		if o, _ := w.Order(first.ID); o.State != voice.OrderCompleted {
			t.Errorf("what was released is %s", o.State)
		}
		c.refuses("That is not possible while it is credit check rejected.", "desk", "credit", second.ID, "release")
		c.refuses("There is no such voice order.", "desk", "credit", "V1", "release")
		c.says("1-WXYZ9: credit hold, CP911 yes, CNAM no.\n", "desk", "customer", voicetest.Other, "--cp911=true")
		c.says("1-WXYZ9: credit good, CP911 yes, CNAM no.\n", "desk", "customer", voicetest.Other, "--credit", "good")
		c.says("1-WXYZ9: credit good, CP911 no, CNAM no.\n", "desk", "customer", voicetest.Other, "--cp911=false")
		c.says("1-WXYZ9: credit good, CP911 no, CNAM yes.\n", "desk", "customer", voicetest.Other, "--cnam=true")
		c.says("1-WXYZ9: credit good, CP911 no, CNAM yes.\n", "desk", "customer", voicetest.Other)
		c.says("1-WXYZ9: credit good, CP911 no, CNAM no.\n", "desk", "customer", voicetest.Other, "--cnam=false")
		c.refuses("The request breaks one or more rules.\n  credit must be good or hold (VOICE-DSK-07)", "desk", "customer", voicetest.Other, "--credit", "bad")
		c.refuses("The world has no such customer.", "desk", "customer", "1-NOBODY", "--credit", "hold")
		w.CheckAll()
	})
}

func TestAnOperatorDecidesAboutTNExceptions(t *testing.T) {
	eachOperator(t, func(t *testing.T, d *db.DB, url string) {
		w := voicetest.New(t, d)
		c := console{t, url, []string{"--world", w.ID}}
		file := func() (e voice.Exception) {
			t.Helper()
			e, err := w.Desk.PrepareException(t.Context(), w.Party(voicetest.Other), &voice.ExceptionRequest{ProductID: voice.LocalInbound,
				RateCenter: "ALAMOSA", State: "CO", Quantity: "500", Reason: "a call\ncenter"})
			w.Must("prepare", err)
			w.Within(func(tx *db.Tx) error {
				e = w.Desk.FileException(tx, w.Party(voicetest.Other), e)
				return nil
			})
			return e
		}
		queue := "TN exceptions (demarc desk exception ID approve|reject):\n"
		var first, second voice.Exception
		for i := range queuePage + 2 { // more than a page
			e := file()
			switch i {
			case 0:
				first = e
			case 1:
				second = e
			}
			queue += "  " + e.ID + "  1-WXYZ9  500 numbers of CO/ALAMOSA  product 2036  2040-06-01T00:00:00Z\n    \"a call\\ncenter\"\n"
		}
		c.says(queue, "desk", "queue")
		c.says(first.ID+": approved.\n", "desk", "exception", first.ID, "approve", "--note", "once")
		c.says(second.ID+": rejected.\n", "desk", "exception", second.ID, "reject")
		w.View(func(tx *db.Tx) error {
			e, err := w.Desk.ExceptionOf(tx, w.Party(voicetest.Other), first.ID)
			if e.Note != "once" || e.Status != voice.ExceptionApproved {
				t.Errorf("it is %+v", e)
			}
			return err
		})
		c.refuses("That is not possible while it is rejected.", "desk", "exception", second.ID, "approve")
		c.refuses("That is not possible while it is approved.\n  possible: use", "desk", "exception", first.ID, "approve")
		c.refuses("This customer has no such TN exception request.", "desk", "exception", "X1", "approve")
		w.CheckAll()
	})
}
