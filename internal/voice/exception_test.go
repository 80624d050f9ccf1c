package voice_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/lenient"
	"demarc/internal/voice"
	"demarc/internal/voice/voicetest"

	"github.com/google/go-cmp/cmp"
)

var exceptionCases = []ruleCase{
	{"VOICE-EXC-01 399 need no exception", `{"productID":2036,"rateCenter":"DENVER","state":"CO","quantity":399,"reason":"a move"}`, []string{"VOICE-EXC-01 quantity"}},
	{"VOICE-EXC-01 at most a hundred thousand", `{"productID":2036,"rateCenter":"DENVER","state":"CO","quantity":100001,"reason":"a move"}`, []string{"VOICE-EXC-01 quantity"}},
	{"VOICE-EXC-01 a whole number", `{"productID":2036,"rateCenter":"DENVER","state":"CO","quantity":"lots","reason":"a move"}`, []string{"VOICE-EXC-01 quantity"}},
	{"VOICE-EXC-02 a reason", `{"productID":2036,"rateCenter":"DENVER","state":"CO","quantity":400,"reason":"  "}`, []string{"VOICE-EXC-02 reason"}},
	{"VOICE-EXC-02 that somebody reads", `{"productID":2036,"rateCenter":"DENVER","state":"CO","quantity":400,"reason":"` + strings.Repeat("ü", 1001) + `"}`, []string{"VOICE-EXC-02 reason"}},
	{"all of it is wrong", `{}`, []string{"20000 productID", "20085 rateCenter", "20088 state", "VOICE-EXC-01 quantity", "VOICE-EXC-02 reason"}},
}

// granted is an exception of the other customer's for so many numbers of Denver, decided.
func granted(t *testing.T, w *voicetest.World, quantity int, approve bool) voice.Exception {
	t.Helper()
	e := filed(t, w, quantity)
	w.Within(func(tx *db.Tx) (err error) {
		e, err = w.Desk.DecideException(tx, "desk", e.ID, approve, "a note")
		return err
	})
	return e
}

// filed is one that nobody has decided about.
func filed(t *testing.T, w *voicetest.World, quantity int) (e voice.Exception) {
	t.Helper()
	r := from[voice.ExceptionRequest](t, fmt.Sprintf(`{"productID":"2036","rateCenter":"denver","state":"co","quantity":"%d","reason":"a move of offices"}`, quantity))
	e, err := w.Desk.PrepareException(t.Context(), w.Party(voicetest.Other), r)
	w.Must("prepare", err)
	w.Within(func(tx *db.Tx) error {
		e = w.Desk.FileException(tx, w.Party(voicetest.Other), e)
		return nil
	})
	return e
}

// using is a reservation that uses an exception.
func using(e voice.Exception, lines ...voice.LineRequest) *voice.ReserveRequest {
	r := voicetest.Ask(lines...)
	r.Exception = lenient.Text(e.ID)
	return r
}

func TestExceptionsThatBreakRulesAreRefused(t *testing.T) {
	w := voicetest.New(t, dbtest.Open(t, dbtest.SQLite(t)))
	for _, c := range exceptionCases {
		t.Run(c.name, func(t *testing.T) {
			refused(t, w, func() error {
				_, err := w.Desk.PrepareException(t.Context(), w.Party(voicetest.Other), from[voice.ExceptionRequest](t, c.body))
				return err
			}, c.want...)
		})
	}
	r := from[voice.ExceptionRequest](t, `{"productID":2042,"rateCenter":"DENVER","state":"CO","quantity":100000,"reason":"`+strings.Repeat("ü", 1000)+`"}`)
	e, err := w.Desk.PrepareException(t.Context(), w.Party(voicetest.Other), r)
	if err != nil || e.ID != "X100000001" || e.Status != voice.ExceptionOpen || e.Quantity != 100_000 {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestAnApprovedExceptionLetsOneOrderHaveMore(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		e := granted(t, w, 2500, true)
		if e.Status != voice.ExceptionApproved || e.Note != "a note" || !e.EndedAt.IsZero() {
			t.Errorf("approved it is %+v", e)
		}
		refused(t, w, func() error {
			_, err := w.TryReserve(voicetest.Other, using(e, voicetest.Line("DENVER", 2000), voicetest.Line("DENVER", 501), voicetest.Line("PUEBLO", 400)))
			return err
		}, "10007 rateCenterOrders[1].quantity", "10007 rateCenterOrders[2].quantity")
		refused(t, w, func() error {
			r := using(e, voicetest.Line("DENVER", 400))
			r.ProductID = voice.EnhancedLocal
			_, err := w.TryReserve(voicetest.Other, r)
			return err
		}, "10007 rateCenterOrders[0].quantity")
		refused(t, w, func() error {
			_, err := w.TryReserve(voicetest.Other, voicetest.Ask(voicetest.Line("DENVER", 400)))
			return err
		}, "10007 rateCenterOrders[0].quantity")

		o := w.ReserveFor(voicetest.Other, using(e, voicetest.Line("DENVER", 2000), voicetest.Line("DENVER", 500), voicetest.Line("PUEBLO", 399)))
		w.View(func(tx *db.Tx) (err error) {
			e, err = w.Desk.ExceptionOf(tx, w.Party(voicetest.Other), e.ID)
			return err
		})
		if e.Status != voice.ExceptionUsed || e.Order != o.ID || e.EndedAt.IsZero() || o.Exception != e.ID {
			t.Errorf("used it is %+v, by %+v", e, o)
		}
		told(t, w, w.Worked(o), 901, 10002, 10002, 10002, 10002)
		if _, n := w.Pool(voicetest.Other); n != 2899 {
			t.Errorf("it brought %d numbers", n)
		}
	})
}

func TestAnExceptionThatIsNotToBeUsedIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		used := granted(t, w, 500, true)
		w.Worked(w.ReserveFor(voicetest.Other, using(used, voicetest.Line("DENVER", 1))))
		for _, c := range []struct {
			name, customer string
			e              voice.Exception
		}{
			{"VOICE-EXC-03 that there is not", voicetest.Other, voice.Exception{ID: "X999999999"}},
			{"VOICE-EXC-03 nobody has decided about it", voicetest.Other, filed(t, w, 500)},
			{"VOICE-EXC-03 it was rejected", voicetest.Other, granted(t, w, 500, false)},
			{"VOICE-EXC-03 an order has used it", voicetest.Other, used},
			{"VOICE-EXC-03 it is another customer's", voicetest.Customer, granted(t, w, 500, true)},
		} {
			t.Run(c.name, func(t *testing.T) {
				refused(t, w, func() error {
					_, err := w.TryReserve(c.customer, using(c.e, voicetest.Line("ALAMOSA", 500)))
					return err
				}, "VOICE-EXC-03 tnExceptionId", "10007 rateCenterOrders[0].quantity")
			})
		}
	})
}

func TestOfTwoOrdersAtOnceOneUsesAnException(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		e := granted(t, w, 500, true)
		var prepared [2]*voice.PreparedReserve
		for i := range prepared {
			var err error
			prepared[i], err = w.Desk.PrepareReserve(t.Context(), w.Party(voicetest.Other), using(e, voicetest.Line("DENVER", 500)))
			w.Must("prepare", err)
		}
		reserve := func(i int) error {
			return unit(w, func(tx *db.Tx) error {
				_, _, err := w.Desk.Reserve(tx, prepared[i])
				return err
			})()
		}
		w.Must("the first", reserve(0))
		before := rows(w)
		if err := reserve(1); !errors.Is(err, voice.WrongMove) {
			t.Errorf("the second was answered %v", err)
		}
		if diff := cmp.Diff(before.Orders, rows(w).Orders); diff != "" {
			t.Errorf("the second has left something:\n%s", diff)
		}
	})
}

func TestExceptionsAreDecidedOnceAndSeenByTheirOwnCustomer(t *testing.T) {
	each(t, func(t *testing.T, w *voicetest.World) {
		waits, yes, no := filed(t, w, 400), granted(t, w, 401, true), granted(t, w, 402, false)
		if no.Status != voice.ExceptionRejected || no.EndedAt.IsZero() {
			t.Errorf("rejected it is %+v", no)
		}
		for _, id := range []string{yes.ID, no.ID} {
			err := unit(w, func(tx *db.Tx) error {
				_, err := w.Desk.DecideException(tx, "desk", id, true, "")
				return err
			})()
			if f := fault.Of(err); f == nil || !errors.Is(f, voice.WrongMove) || (id == yes.ID) != (len(f.Next) == 1) {
				t.Errorf("a second time it was answered %v", f)
			}
		}
		for _, c := range []struct{ customer, id string }{{voicetest.Customer, waits.ID}, {voicetest.Other, "X1"}} {
			err := w.DB.View(t.Context(), w.ID, func(tx *db.Tx) error {
				_, err := w.Desk.ExceptionOf(tx, w.Party(c.customer), c.id)
				return err
			})
			if !errors.Is(err, voice.ExceptionUnknown) {
				t.Errorf("%v: %v", c, err)
			}
		}
		err := unit(w, func(tx *db.Tx) error {
			_, err := w.Desk.DecideException(tx, "desk", "X1", true, "")
			return err
		})()
		if !errors.Is(err, voice.ExceptionUnknown) {
			t.Errorf("one that there is not was decided: %v", err)
		}
		for _, c := range []struct {
			customer, status string
			offset           int64
			limit            int
			want             []string
			total            int
		}{
			{voicetest.Other, "", 0, 10, []string{waits.ID, yes.ID, no.ID}, 3},
			{"", "", 1, 1, []string{yes.ID}, 3},
			{"", voice.ExceptionOpen, 0, 10, []string{waits.ID}, 1},
			{voicetest.Customer, "", 0, 10, nil, 0},
			{voicetest.Other, voice.ExceptionRejected, 0, 10, []string{no.ID}, 1},
		} {
			w.View(func(tx *db.Tx) error {
				list, total, err := w.Desk.Store.Exceptions(tx, c.customer, c.status, voice.Paging{Offset: c.offset, Limit: c.limit})
				var got []string
				for _, e := range list {
					got = append(got, e.ID)
				}
				if diff := cmp.Diff(c.want, got); diff != "" || total != c.total {
					t.Errorf("%+v: %d in all, %s", c, total, diff)
				}
				return err
			})
		}
	})
}
