package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/sandbox"
	"demarc/internal/voice"
	"demarc/internal/voice/voicesql"
	"demarc/internal/voice/voicetest"
)

const stockHeader = "state,rate_center,npa,nxx,x,static911\n"

// console is a shell on a database.
type console struct {
	t    *testing.T
	url  string
	more []string // behind every command
}

// says runs a command that has to work and to print this.
func (c console) says(want string, args ...string) {
	c.t.Helper()
	if out, err := run(c.t, c.url, append(args, c.more...)...); err != nil || out != want {
		c.t.Errorf("%s: %q, %v, want %q", strings.Join(args, " "), out, err, want)
	}
}

// refuses runs a command that has to end with this, and to print nothing.
func (c console) refuses(want string, args ...string) {
	c.t.Helper()
	if out, err := run(c.t, c.url, append(args, c.more...)...); err == nil || err.Error() != want || out != "" {
		c.t.Errorf("%s: %q, %v, want %q", strings.Join(args, " "), out, err, want)
	}
}

// shown is how a rate center is printed.
func shown(key, served, orders, native, static911 string, counts ...int) string {
	text := fmt.Sprintf("%s\n  served            %s\n  orders            %s\n  native numbers    %s\n  static 911        %s\n", key, served, orders, native, static911)
	for i, name := range []string{"thousands-blocks", "numbers free", "numbers held", "numbers reserved", "numbers active", "numbers aging", "numbers withheld"} {
		text += fmt.Sprintf("  %-16s  %d\n", name, counts[i])
	}
	return text
}

// total is how the stock of a world is printed.
func total(centers, blocks, free, withheld int) string {
	return fmt.Sprintf("rate centers served  %d\nthousands-blocks     %d\nnumbers free         %d\nnumbers held         0\nnumbers reserved     0\n"+
		"numbers active       0\nnumbers aging        0\nnumbers withheld     %d\n", centers, blocks, free, withheld)
}

func TestAnOperatorFillsTheStockOfProduction(t *testing.T) {
	eachOperator(t, func(t *testing.T, d *db.DB, url string) {
		c := console{t: t, url: url}
		c.says(total(0, 0, 0, 0), "stock", "count")
		c.says(shown("CO/DENVER", "no", "open", "no", "no", 0, 0, 0, 0, 0, 0, 0), "stock", "show", "co", "Denver")
		file := written(t, stockHeader+"CO,DENVER,303,225,4,Y\nCO,DENVER,303,225,5,Y\nco,Aurora,720,226,0,N\n")
		c.says("3 thousands-blocks are new.\n", "stock", "load", file)
		c.says("0 thousands-blocks are new.\n", "stock", "load", file)
		c.says(total(2, 3, 3000, 0), "stock", "count")
		c.says(shown("CO/DENVER", "yes", "open", "yes", "yes", 2, 2000, 0, 0, 0, 0, 0), "stock", "show", "CO", "DENVER")
		c.says(shown("CO/AURORA", "yes", "open", "yes", "no", 2, 2000, 0, 0, 0, 0, 0), "stock", "block", "CO", "AURORA", "720", "226", "1")
		c.says(shown("CO/AURORA", "yes", "closed", "yes", "no", 2, 2000, 0, 0, 0, 0, 0), "stock", "close", "CO", "AURORA")
		c.says(shown("CO/AURORA", "yes", "open from 2100-01-31T08:00:00Z", "yes", "no", 2, 2000, 0, 0, 0, 0, 0),
			"stock", "open", "CO", "AURORA", "--at", "2100-01-31T09:00:00+01:00")
		c.says(shown("CO/AURORA", "yes", "open", "yes", "no", 2, 2000, 0, 0, 0, 0, 0), "stock", "open", "CO", "AURORA")
		c.says(shown("CO/AURORA", "yes", "open", "no", "no", 2, 2000, 0, 0, 0, 0, 0), "stock", "native", "CO", "AURORA", "--offer=false")
		c.says(shown("CO/AURORA", "yes", "open", "yes", "no", 2, 2000, 0, 0, 0, 0, 0), "stock", "native", "CO", "AURORA", "--offer=true")
		c.says(shown("CO/AURORA", "yes", "open", "yes", "no", 2, 300, 0, 0, 0, 0, 1700), "stock", "withhold", "CO", "AURORA", "--leave", "300")
		c.says(total(2, 4, 2300, 1700), "stock", "count")
		c.says(shown("CO/DENVER", "yes", "open", "yes", "yes", 4, 2300, 0, 0, 0, 0, 1700), "stock", "consolidate", "CO", "AURORA", "co", "denver")
		c.says("CO/AURORA is part of CO/DENVER.\n", "stock", "show", "CO", "AURORA")
		c.says(total(1, 4, 2300, 1700), "stock", "count")
		c.says("Backorders in CO: no.\n", "stock", "region", "co", "--backorders=false")
		c.says("Backorders in CO: yes.\n", "stock", "region", "CO", "--backorders=true")
		// Everything is in the trail, and the books are in order.
		err := d.View(t.Context(), sandbox.Production, func(tx *db.Tx) error {
			desk := voice.Desk{DB: d, Store: voicesql.Store{}}
			for _, subject := range []string{"voice/stock", "voice/center/CO/AURORA", "voice/region/CO"} {
				list, err := audit.History(tx, subject)
				if err != nil || len(list) == 0 || slices.ContainsFunc(list, func(e audit.Event) bool { return e.Actor != operator }) {
					t.Errorf("%s: %v, %v", subject, list, err)
				}
			}
			problems, err := desk.Check(tx)
			if len(problems) > 0 {
				t.Error(problems)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestWhatTheStockCannotDoIsExplained(t *testing.T) {
	eachOperator(t, func(t *testing.T, _ *db.DB, url string) {
		c := console{t: t, url: url}
		c.says("1 thousands-block is new.\n", "stock", "load", written(t, stockHeader+"CO,DENVER,303,225,4,Y\n"))
		c.refuses("there is no file no/such/file", "stock", "load", "no/such/file")
		c.refuses("the first line must be state,rate_center,npa,nxx,x,static911", "stock", "load", written(t, "CO,DENVER,303,225,4,Y\n"))
		c.refuses(`line 3: "ZZ" is no state; 1 thousands-block is new, from before it`, "stock", "load", written(t, stockHeader+"CO,DENVER,303,225,6,Y\nZZ,DENVER,303,225,7,Y\n"))
		c.refuses("line 2: static911 must be Y or N", "stock", "load", written(t, stockHeader+"CO,DENVER,303,225,6,yes\n"))
		c.refuses("line 2: 303-125-6 is no thousands-block", "stock", "load", written(t, stockHeader+"CO,DENVER,303,125,6,Y\n"))
		c.refuses("line 1002: 303-125-6 is no thousands-block; 1000 thousands-blocks are new, from before it",
			"stock", "load", written(t, stockHeader+blocksOf(1000)+"CO,DENVER,303,125,6,Y\n"))
		c.refuses("That thousands-block is in the stock already.", "stock", "block", "CO", "DENVER", "303", "225", "4")
		c.refuses("The request breaks one or more rules.\n  npa nxx and x must be a thousands-block: 303, 225, 4 (VOICE-DSK-02)", "stock", "block", "CO", "DENVER", "303", "125", "4")
		for _, args := range []string{"show", "open", "close", "native --offer=true", "withhold --leave=1"} {
			verb, flag, _ := strings.Cut(args, " ")
			args := []string{"stock", verb, "CO", "ATLANTIS"}
			if flag != "" {
				args = append(args, flag)
			}
			c.refuses("There is no rate center CO/ATLANTIS.", args...)
		}
		c.refuses("There is no rate center CO/ATLANTIS.", "stock", "consolidate", "CO", "DENVER", "CO", "ATLANTIS")
		c.refuses("The request breaks one or more rules.\n  into must be another rate center (VOICE-DSK-01)", "stock", "consolidate", "CO", "DENVER", "co", "denver")
		c.refuses("The request breaks one or more rules.\n  available must be from 0 to 1,000,000 (VOICE-DSK-04)", "stock", "withhold", "CO", "DENVER", "--leave=-1")
		c.refuses("The request breaks one or more rules.\n  state must be the two letters of a state (VOICE-DSK-06)", "stock", "region", "ZZ", "--backorders=true")
		if _, err := run(t, url, "stock", "open", "CO", "DENVER", "--at", "tomorrow"); err == nil || !strings.Contains(err.Error(), "--at") {
			t.Errorf("no moment: %v", err)
		}
		for _, args := range [][]string{{"native", "CO", "DENVER"}, {"region", "CO"}, {"withhold", "CO", "DENVER"}} {
			if _, err := run(t, url, append([]string{"stock"}, args...)...); err == nil || !strings.Contains(err.Error(), "missing flags") {
				t.Errorf("%v without its flag: %v", args, err)
			}
		}
		for _, verb := range []string{"count", "load " + written(t, stockHeader+"CO,DENVER,303,225,6,Y\n")} {
			args := append([]string{"stock"}, strings.Split(verb, " ")...)
			if _, err := run(t, url, append(args, "--world", "w_none")...); err == nil || !strings.Contains(err.Error(), `there is no world "w_none"`) {
				t.Errorf("%v: a world that is not there: %v", args, err)
			}
		}
	})
}

// blocksOf are lines of so many thousands-blocks.
func blocksOf(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "CO,DENVER,%s,%d,%d,Y\n", []string{"303", "720"}[i/500], 320+i%500/10, i%10)
	}
	return text.String()
}

func TestWhatTheStockBringsAboutIsDoneByTheServer(t *testing.T) {
	eachOperator(t, func(t *testing.T, d *db.DB, url string) {
		w := voicetest.New(t, d)
		c := console{t, url, []string{"--world", w.ID}}
		told := func(why string, o voice.Order, want ...int) {
			t.Helper()
			w.Advance(3 * time.Second)
			if codes := w.Codes(o.ID); !slices.Equal(codes, want) {
				t.Errorf("%s: %v, want %v", why, codes, want)
			}
		}
		waiting := func(customer string) voice.Order {
			t.Helper()
			o := w.Worked(w.ReserveFor(w.AddCustomer(customer), voicetest.Ask(voicetest.Line("ALAMOSA", 8))))
			w.Approve(o, "ALAMOSA", "Accept with backorder")
			return o
		}
		c.says(shown("CO/ALAMOSA", "yes", "open", "yes", "yes", 0, 0, 0, 0, 0, 0, 0), "stock", "withhold", "CO", "ALAMOSA", "--leave", "0")
		first := waiting("1-FIRST")
		c.says(shown("CO/ALAMOSA", "yes", "open", "yes", "yes", 1, 1000, 0, 0, 0, 0, 0), "stock", "block", "CO", "ALAMOSA", "719", "399", "7")
		told("a block for what waits", first, 901, 10001, 10002, 10002)
		c.says("Taken back in CO/ALAMOSA from 1-FIRST: 3.\n", "stock", "reclaim", "CO", "ALAMOSA", "1-FIRST", "3")
		c.says(shown("CO/ALAMOSA", "yes", "open", "yes", "yes", 1, 0, 0, 5, 0, 3, 992), "stock", "withhold", "CO", "ALAMOSA", "--leave", "0")
		second := waiting("1-SECOND")
		c.says(shown("CO/ALAMOSA", "yes", "open", "no", "yes", 1, 0, 0, 5, 0, 3, 992), "stock", "native", "CO", "ALAMOSA", "--offer=false")
		told("no native numbers any more", second, 901, 10001, 10010, 10010)
		w.Advance(91 * 24 * time.Hour)
		c.says(shown("CO/ALAMOSA", "yes", "open", "no", "yes", 1, 3, 0, 5, 0, 0, 992), "stock", "show", "CO", "ALAMOSA")
		centers, numbers := voice.ReferenceStock()
		if out, err := run(t, url, "stock", "count", "--world", w.ID); err != nil ||
			!strings.HasSuffix(out, fmt.Sprintf("A sandbox has %d rate centers with %d numbers to begin with; those that were not used are not counted.\n", centers, numbers)) {
			t.Errorf("%s, %v", out, err)
		}
		c.refuses("The world has no such customer.", "stock", "reclaim", "CO", "ALAMOSA", "1-NOBODY", "3")
		c.refuses("The request breaks one or more rules.\n  quantity must be from 1 to 1,000,000 (VOICE-DSK-05)", "stock", "reclaim", "CO", "ALAMOSA", "1-FIRST", "0")
		w.CheckAll()
	})
}
