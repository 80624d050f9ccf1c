package control

import (
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// perRead is how many rows of a download are read at a time.
const perRead = 1000

// numbersIn reads which numbers a filter means, by how they begin: an area code, with a
// prefix, or a whole number.
func numbersIn(f *ui.Form, name string) (from, to nanp.TN) {
	text := digits(f.Value(name))
	var err error
	switch len(text) {
	case 0:
		return 0, 0
	case 3:
		from, to, err = voice.PrefixOf(text, "")
	case 6:
		from, to, err = voice.PrefixOf(text[:3], text[3:])
	default:
		if n, ok := nanp.ParseTN(text); ok {
			return n, n
		}
	}
	if err != nil || to == 0 {
		f.Add(name, "must be an area code (303), one with a prefix (303-555), or a whole number")
	}
	return from, to
}

// stateIn reads a state of a filter.
func stateIn(f *ui.Form, name string) string {
	state := strings.ToUpper(f.Value(name))
	if state != "" && !nanp.IsState(state) {
		f.Add(name, "must be a state's two letters, such as CO")
	}
	return state
}

// placeFields ask for which numbers a list is: how they begin, and where they are.
func placeFields(f *ui.Form) []ui.Node {
	return []ui.Node{
		ui.Input{Name: "number", Label: "Number begins with", Type: "tel", Placeholder: "303-555", Autocomplete: "off"}.In(f),
		ui.Input{Name: "state", Label: "State", Narrow: true, Max: 2, Placeholder: "CO", Autocomplete: "off"}.In(f),
		ui.Input{Name: "rateCenter", Label: "Rate center", Placeholder: "DENVER", Autocomplete: "off"}.In(f),
	}
}

// csvOf is where a list's file is, of the rows that are chosen.
func csvOf(v *web.Visit, path string) ui.Node {
	return ui.Quiet(ui.With(path, v.Query(), "page", ""), "CSV")
}

func stockFilter(f *ui.Form) voice.PoolFilter {
	from, to := numbersIn(f, "number")
	return voice.PoolFilter{Order: f.Value("order"), ExternalID: f.Value("external"), From: from, To: to, State: stateIn(f, "state"), Center: strings.ToUpper(f.Value("rateCenter"))}
}

// stockOf is a page of the customer's stock. A whole number is looked up by itself, as it
// may be anywhere in its range.
func (s *screens) stockOf(tx *db.Tx, v *web.Visit, f voice.PoolFilter, page voice.Paging) ([]voice.Entry, int, error) {
	if f.To == 0 || f.From != f.To {
		return s.Voice.PoolOf(tx, party(v), f, page)
	}
	n, err := s.Voice.NumberOf(tx, party(v), f.From)
	if err != nil || n == nil || n.Status != voice.Reserved || page.Offset > 0 {
		return nil, 0, err
	}
	return []voice.Entry{n.Entry}, 1, nil
}

func (s *screens) stock(v *web.Visit) error {
	f := v.Form()
	filter := stockFilter(f)
	var list []voice.Entry
	var total int
	if !f.Wrong() {
		err := v.View(func(tx *db.Tx) (err error) {
			list, total, err = s.stockOf(tx, v, filter, paging(ui.PageOf(v.Query())))
			return err
		})
		if err != nil {
			return err
		}
	}
	rows := make([][]ui.Node, len(list))
	for i, e := range list {
		rows[i] = []ui.Node{numberLink(e.Range), ui.Text(ui.Count(e.Len())), ui.Text(e.Center + ", " + e.State), ui.Text(productShort(e.Product)), orderLink(e.Order), ui.Time(e.At), stockAct(e)}
	}
	empty := ui.Empty("No numbers in stock", "Numbers that you have reserved and not yet put in service stand here.", ui.Button("/control/numbers/reserve", "Reserve numbers"))
	if len(v.Query()) > 0 {
		empty = ui.Empty("No such numbers", "None of the numbers in stock fits what you look for.", ui.Quiet("/control/numbers", "All numbers in stock"))
	}
	fields := append(placeFields(f), ui.Input{Name: "order", Label: "Order", Placeholder: "V100000001", Autocomplete: "off"}.In(f),
		ui.Input{Name: "external", Label: "Your order number", Autocomplete: "off"}.In(f))
	return v.Show("Numbers in stock", ui.Head("Numbers in stock", "Reserved, and not yet in service. A row is a range of numbers.",
		ui.Button("/control/numbers/reserve", "Reserve numbers"), ui.Quiet("/control/numbers/install", "Install"), csvOf(v, "/control/numbers.csv")),
		ui.Filter(f, fields...),
		ui.Table("Numbers in stock", []string{"Numbers", "How many", "Rate center", "Product", "Order", "Since", "Next"}, rows, empty),
		ui.Pager(v.URL(), v.Query(), total))
}

// stockAct leads to what can be done with a range in stock.
func stockAct(e voice.Entry) ui.Node {
	if e.Busy != "" {
		return ui.All(ui.Text("under way: "), orderLink(e.Busy))
	}
	return ui.Link(formWith("/control/numbers/install", lineTNs, e.Range, url.Values{"productID": {e.Product}}), "Install")
}

// formWith is the address of a form with numbers in it.
func formWith(path, list string, r voice.Range, more url.Values) string {
	q := url.Values{list + "[0].startTN": {tn(r.Start)}}
	if r.End != r.Start {
		q.Set(list+"[0].endTN", tn(r.End))
	}
	maps.Copy(q, more)
	return path + "?" + q.Encode()
}

// seeded is the order that the numbers of a fresh sandbox say they came by; there is none.
const seeded = "V100000000"

func orderLink(id string) ui.Node {
	if id == "" || id == seeded {
		return ui.Text(orDash(id))
	}
	return ui.Link("/control/orders/"+id, id)
}

func (s *screens) stockCSV(v *web.Visit) error {
	f := v.Form()
	filter := stockFilter(f)
	if f.Wrong() {
		return v.Go(ui.With("/control/numbers", v.Query(), "page", ""))
	}
	return v.Rows("numbers-in-stock.csv", []string{"first", "last", "numbers", "product", "rate_center", "state", "order", "part", "your_order", "reserved_at"}, func(after int) (rows [][]string, err error) {
		err = v.View(func(tx *db.Tx) error {
			rows = nil
			list, _, err := s.stockOf(tx, v, filter, voice.Paging{Offset: int64(after), Limit: perRead})
			for _, e := range list {
				rows = append(rows, []string{e.Start.String(), e.End.String(), strconv.Itoa(e.Len()), e.Product, e.Center, e.State, e.Order, e.Part, e.ExternalID, e.At.UTC().Format(time.RFC3339)})
			}
			return err
		})
		return rows, err
	})
}
