package desk

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// auditFilter reads what is looked for. What is no day is said beside its field.
func auditFilter(f *ui.Form) audit.Filter {
	a := audit.Filter{Subject: f.Value("subject"), Actor: f.Value("actor"), Event: f.Value("event"), Limit: ui.PageSize}
	a.Before, _ = strconv.ParseInt(f.Value("before"), 10, 64) // what is no number is the newest
	for field, to := range map[string]*time.Time{"from": &a.From, "to": &a.To} {
		text := f.Value(field)
		if text == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			f.Add(field, "must be a day, such as 2026-11-21")
			continue
		}
		*to = day
	}
	if !a.To.IsZero() {
		a.To = a.To.AddDate(0, 0, 1)
	}
	return a
}

// audit searches the trail of the world.
func (s *screens) audit(v *web.Visit) error {
	f := v.Form()
	filter := auditFilter(f)
	var found []audit.Event
	var next int64
	if !f.Wrong() {
		err := v.View(func(tx *db.Tx) (err error) {
			found, next, err = audit.Search(tx, filter)
			return err
		})
		if err != nil {
			return err
		}
	}
	var rows [][]ui.Node
	for _, e := range found {
		rows = append(rows, []ui.Node{ui.Time(e.At), ui.Link(ui.With("/desk/audit", nil, "subject", e.Subject), e.Subject), ui.Text(e.Actor),
			ui.All(ui.Text(e.Event+" "), moved(e), ui.If(e.Note != "", ui.Small(e.Note)))})
	}
	q := v.Query()
	from := ""
	if next > 0 {
		from = strconv.FormatInt(next, 10)
	}
	empty := ui.Empty("Nothing like that is in the trail.", "Everything that is done in this world is written there, with who did it. Clear the filter to see all of it.")
	if next > 0 {
		empty = ui.Empty("Nothing like that among the newest 20,000 entries that were looked through.", "Older looks further back.")
	}
	return v.Show("Audit", ui.Head("Audit", "Who did what in this world, and when, the newest first.", ui.Quiet("/desk/audit.csv?"+withoutPage(q), "Download as CSV")),
		ui.Filter(f, ui.Input{Name: "subject", Label: "Subject", Hint: "A subject, or how it begins: voice/order/"}.In(f), ui.Input{Name: "actor", Label: "Who", Hint: "An address or a client id, in full."}.In(f),
			ui.Input{Name: "event", Label: "What", Hint: "An event, in full: approve"}.In(f),
			ui.Input{Name: "from", Label: "From", Type: "date", Narrow: true}.In(f), ui.Input{Name: "to", Label: "To", Type: "date", Narrow: true}.In(f)),
		ui.Table("The trail", []string{"When", "Subject", "Who", "What"}, rows, empty),
		ui.Older("/desk/audit", q, "before", from))
}

// moved is from which state to which.
func moved(e audit.Event) ui.Node {
	switch {
	case e.To == "":
		return ui.Text("")
	case e.From == "" || e.From == e.To:
		return ui.State(e.To)
	}
	return ui.All(ui.Text(e.From+" → "), ui.State(e.To))
}

// withoutPage is a filter's address without where its page begins.
func withoutPage(q url.Values) string {
	_, rest, _ := strings.Cut(ui.With("", q, "before", ""), "?")
	return rest
}

// Bounds of a download of the trail.
const (
	auditMost = 10_000
	auditStep = 1000
)

// auditCSV sends what the filter finds.
func (s *screens) auditCSV(v *web.Visit) error {
	f := v.Form()
	filter := auditFilter(f)
	if f.Wrong() {
		return web.Unreadable
	}
	filter.Limit = auditStep
	ended := false
	return v.Rows("audit.csv", []string{"when", "subject", "who", "what", "from", "to", "note"}, func(after int) (rows [][]string, err error) {
		for len(rows) == 0 && !ended && after < auditMost {
			var found []audit.Event
			err := v.View(func(tx *db.Tx) (err error) {
				found, filter.Before, err = audit.Search(tx, filter)
				return err
			})
			if err != nil {
				return nil, err
			}
			ended = filter.Before == 0
			for _, e := range found[:min(len(found), auditMost-after)] {
				rows = append(rows, []string{e.At.UTC().Format(time.RFC3339Nano), e.Subject, e.Actor, e.Event, e.From, e.To, e.Note})
			}
		}
		return rows, nil
	})
}
