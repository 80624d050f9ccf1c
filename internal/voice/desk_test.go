package voice_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/machine"
	"demarc/internal/nanp"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"
)

func TestTheCarrierDeskRefusesWhatMakesNoSense(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		w.Supply("ALAMOSA", 3)
		spare := spareBlocks(2)
		addOwn(w, "OUR OWN", spare[0])
		block := func(npa, nxx, x, name, state string) func(tx *db.Tx) error {
			return func(tx *db.Tx) error {
				r := from[voice.BlockRequest](t, fmt.Sprintf(`{"npa":%q,"nxx":%q,"x":%q,"rateCenter":%q,"state":%q}`, npa, nxx, x, name, state))
				_, _, err := w.Desk.AddBlock(tx, "desk", r)
				return err
			}
		}
		withhold := func(n int) func(tx *db.Tx) error {
			return func(tx *db.Tx) error {
				_, _, err := w.Desk.Withhold(tx, "desk", "CO", "DENVER", n)
				return err
			}
		}
		take := func(n int) func(tx *db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := w.Desk.Reclaim(tx, "desk", voicetest.Customer, "CO", "DENVER", n)
				return err
			}
		}
		for _, c := range []struct {
			name string
			do   func(tx *db.Tx) error
			want []string
		}{
			{"VOICE-DSK-01 a rate center does not become part of itself", func(tx *db.Tx) error {
				_, err := w.Desk.Consolidate(tx, "desk", "CO", "ALAMOSA", "CO", "ALAMOSA")
				return err
			}, []string{"VOICE-DSK-01 into"}},
			{"VOICE-DSK-02 a block has seven digits", block("303", "225", "", "DENVER", "CO"), []string{"VOICE-DSK-02 npa"}},
			{"VOICE-DSK-02 that can be a block", block("303", "011", "4", "DENVER", "CO"), []string{"VOICE-DSK-02 npa"}},
			{"VOICE-DSK-02 555 is for fiction", block("303", "555", "0", "DENVER", "CO"), []string{"VOICE-DSK-02 npa"}},
			{"VOICE-DSK-03 a block is of a rate center", block("303", "225", "4", " ", "CO"), []string{"VOICE-DSK-03 rateCenter"}},
			{"VOICE-DSK-03 with a name that fits", block("303", "225", "4", "A RATE CENTER WHOSE NAME HAS FORTY-ONE LETT", "CO"), []string{"VOICE-DSK-03 rateCenter"}},
			{"VOICE-DSK-03 in a state", block("9", "9", "9", "DENVER", "XX"), []string{"VOICE-DSK-02 npa", "VOICE-DSK-03 rateCenter"}},
			{"VOICE-DSK-04 less than nothing cannot be left", withhold(-1), []string{"VOICE-DSK-04 available"}},
			{"VOICE-DSK-04 nor more than a million", withhold(1_000_001), []string{"VOICE-DSK-04 available"}},
			{"VOICE-DSK-05 some number is reclaimed", take(0), []string{"VOICE-DSK-05 quantity"}},
			{"VOICE-DSK-05 at most a million", take(1_000_001), []string{"VOICE-DSK-05 quantity"}},
			{"VOICE-DSK-06 a region is a state", func(tx *db.Tx) error { return w.Desk.PutRegion(tx, "desk", "XX", true) }, []string{"VOICE-DSK-06 state"}},
			{"VOICE-DSK-07 credit is good or on hold", func(tx *db.Tx) error {
				_, err := w.Desk.PutProfile(tx, "desk", voicetest.Other, func(p *voice.Profile) { p.Credit = "bad" })
				return err
			}, []string{"VOICE-DSK-07 credit"}},
		} {
			t.Run(c.name, func(t *testing.T) { refused(t, w, unit(w, c.do), c.want...) })
		}
		reference := voice.ReferenceBlocks(nanp.Find("CO", "DENVER"))[200]
		for _, c := range []struct {
			name string
			do   func(tx *db.Tx) error
			want *fault.Code
		}{
			{"a block that is open", func(tx *db.Tx) error {
				_, _, err := w.Desk.AddBlock(tx, "desk", blockRequest("DENVER", spare[0]))
				return err
			}, voice.BlockTaken},
			{"a block that a sandbox will open", func(tx *db.Tx) error {
				_, _, err := w.Desk.AddBlock(tx, "desk", blockRequest("ALAMOSA", reference))
				return err
			}, voice.BlockTaken},
			{"what nobody knows does not change", func(tx *db.Tx) error {
				_, err := w.Desk.ChangeCenter(tx, "desk", "CO", "ATLANTIS", voice.CenterChange{})
				return err
			}, voice.CenterUnknown},
			{"nor has it numbers to withhold", func(tx *db.Tx) error {
				_, _, err := w.Desk.Withhold(tx, "desk", "CO", "ATLANTIS", 3)
				return err
			}, voice.CenterUnknown},
			{"nor becomes part of another", func(tx *db.Tx) error {
				_, err := w.Desk.Consolidate(tx, "desk", "CO", "ATLANTIS", "CO", "DENVER")
				return err
			}, voice.CenterUnknown},
			{"nor has it a state", func(tx *db.Tx) error {
				_, _, _, err := w.Desk.CenterAt(tx, "CO", "ATLANTIS")
				return err
			}, voice.CenterUnknown},
			{"the credit of no order", func(tx *db.Tx) error {
				_, err := w.Desk.DecideCredit(tx, "desk", "V999999999", true)
				return err
			}, voice.OrderUnknown},
		} {
			t.Run(c.name, func(t *testing.T) {
				if err := unit(w, c.do)(); !errors.Is(err, c.want) {
					t.Errorf("answered %v, want %s", err, c.want.ID)
				}
			})
		}
	})
}

func TestWhatWasConsolidatedIsNoRateCenterAnyMore(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		consolidate(w, "ALAMOSA", "PUEBLO")
		for name, do := range map[string]func(tx *db.Tx) error{
			"change": func(tx *db.Tx) error {
				_, err := w.Desk.ChangeCenter(tx, "desk", "CO", "ALAMOSA", voice.CenterChange{})
				return err
			},
			"add a block": func(tx *db.Tx) error {
				_, _, err := w.Desk.AddBlock(tx, "desk", blockRequest("ALAMOSA", spareBlocks(1)[0]))
				return err
			},
			"absorb": func(tx *db.Tx) error {
				_, err := w.Desk.Consolidate(tx, "desk", "CO", "DENVER", "CO", "ALAMOSA")
				return err
			},
			"again": func(tx *db.Tx) error {
				_, err := w.Desk.Consolidate(tx, "desk", "CO", "ALAMOSA", "CO", "DENVER")
				return err
			},
		} {
			if err := unit(w, do)(); !errors.Is(err, voice.CenterUnknown) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.View(func(tx *db.Tx) error {
			c, blocks, _, err := w.Desk.CenterAt(tx, "CO", "ALAMOSA")
			if c.Into != "CO/PUEBLO" || blocks != 0 {
				t.Errorf("%+v with %d blocks", c, blocks)
			}
			return err
		})
	})
}

func TestCreditIsDecidedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		r := voicetest.Ask(voicetest.Line("DENVER", 5), voicetest.Line("PUEBLO", 5))
		r.ExternalID = "[demarc:credit-hold]"
		o := w.Worked(w.ReserveFor(voicetest.Other, r))
		decide := func(release bool) error {
			return unit(w, func(tx *db.Tx) error {
				_, err := w.Desk.DecideCredit(tx, "desk", o.ID, release)
				return err
			})()
		}
		w.Must("release", decide(true))
		for _, release := range []bool{true, false} {
			if f := fault.Of(decide(release)); f == nil || !errors.Is(f, voice.WrongMove) || len(f.Next) == 0 {
				t.Errorf("a second time it was answered %v", f)
			}
		}
		w.Advance(time.Second)
		told(t, w, o, 901, 1807, 10002, 10002, 10002)
		if n := w.Fakes.Checks(o.ID); n != 1 {
			t.Errorf("its credit was looked at %d times", n)
		}
	})
}

func TestWithholdingLeavesWhatIsAskedForOrWhatThereIs(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		for _, c := range [][2]int{{0, 0}, {1, 1}, {1500, 1500}, {999, 999}, {5000, 2000}, {2000, 2000}, {0, 0}, {1_000_000, 2000}} {
			w.Within(func(tx *db.Tx) error {
				_, free, err := w.Desk.Withhold(tx, "desk", "CO", "ALAMOSA", c[0])
				if free != c[1] {
					t.Errorf("of %d %d are left", c[0], free)
				}
				return err
			})
			w.CheckAll()
		}
		w.Supply("ALAMOSA", 10)
		told(t, w, w.Worked(w.ReserveFor(voicetest.Customer, voicetest.Ask(voicetest.Line("ALAMOSA", 11)))), 901, 10001)
		o := w.ReserveFor(w.AddCustomer("1-B"), voicetest.Ask(voicetest.Line("ALAMOSA", 11)))
		told(t, w, w.Worked(o), 901, 10001)
	})
}

func TestReclaimingTakesTheLowestAndNoMoreThanThereAre(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		w.Worked(w.Reserve(voicetest.Line("PUEBLO", 10), voicetest.Line("PUEBLO", 5)))
		list, _ := w.Pool(voicetest.Other)
		reclaim(w, voicetest.Other, "PUEBLO", 12)
		w.CheckAll()
		left, n := w.Pool(voicetest.Other)
		if n != 3 || left[len(left)-1].End != list[len(list)-1].End {
			t.Errorf("of %v are left %v", list, left)
		}
		reclaim(w, voicetest.Other, "PUEBLO", 100)
		if _, n := w.Pool(voicetest.Other); n != 0 {
			t.Errorf("%d are left", n)
		}
		reclaim(w, voicetest.Other, "PUEBLO", 1) // nothing is left to take
		reclaim(w, "1-NOBODY", "PUEBLO", 1)
		w.Advance(90 * 24 * time.Hour)
		for _, e := range rows(w).Entries {
			if e.Status == voice.Aging || e.Center == "PUEBLO" {
				t.Errorf("%+v is still there", e)
			}
		}
	})
}

// Every row of the tables is walked by some test of the package; here, that nothing else
// is possible.
func TestEveryMachineHasAWayOutOfEachState(t *testing.T) {
	t.Parallel()
	for _, table := range voice.Machines() {
		reached := []string{table.Initial}
		for range table.Rows {
			for _, row := range table.Rows {
				if slices.Contains(reached, row.From) && !slices.Contains(reached, row.To) {
					reached = append(reached, row.To)
				}
			}
		}
		for _, row := range table.Rows {
			if !slices.Contains(reached, row.From) || table.Ended(row.From) {
				t.Errorf("%s: %s is left, and never reached or final", table.Name, row.From)
			}
			if _, err := table.Fire(row.From, row.Event); err != nil {
				t.Error(err)
			}
		}
		for _, state := range table.Final {
			_, err := table.Fire(state, "anything")
			if wrong, ok := errors.AsType[*machine.WrongMove](err); !slices.Contains(reached, state) || !ok || len(wrong.Legal) != 0 {
				t.Errorf("%s: of %s %v", table.Name, state, err)
			}
		}
	}
}
