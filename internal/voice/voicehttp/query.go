package voicehttp

import (
	"net/http"
	"strings"
	"time"

	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// Page sizes.
const (
	largestPage = 1000
	usualPage   = 100
	centersPage = 10
)

// query reads the parameters of an address, whose names may be written in any case, and
// gathers what is wrong with them.
type query struct {
	values map[string][]string
	code   *fault.Code // the first broken rule's
	list   fault.List
}

func queryOf(r *http.Request) *query {
	q := &query{values: map[string][]string{}}
	for name, values := range r.URL.Query() {
		name = strings.ToLower(name)
		q.values[name] = append(q.values[name], values...)
	}
	return q
}

// get is a parameter's value, without the blanks around it; "" when there is none.
func (q *query) get(name string) string {
	for _, v := range q.values[strings.ToLower(name)] {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}

// wrong notes an error about a parameter.
func (q *query) wrong(err error) {
	f := fault.Of(err)
	if f == nil {
		return
	}
	if q.code == nil {
		q.code = f.Code
	}
	q.list = append(q.list, f.Violations...)
}

// err is nil when nothing is wrong.
func (q *query) err() error {
	if q.code == nil {
		return nil
	}
	return q.list.As(q.code)
}

// page reads which part of a list is asked for.
//
//   - VOICE-ERR-20103, 20104: a page's number and size.
func (q *query) page(size int) (p httpkit.Page) {
	p = httpkit.Page{Number: 1, Size: size}
	var ok bool
	if text := q.get("pageNumber"); text != "" {
		if p.Number, ok = httpkit.ParseWhole(text, 999_999_999); !ok {
			q.wrong(voice.PageWrong("pageNumber"))
		}
	}
	if text := q.get("pageSize"); text != "" {
		if p.Size, ok = httpkit.ParseWhole(text, largestPage); !ok {
			q.wrong(voice.SizeWrong("pageSize"))
		}
	}
	return p
}

// product reads the product that a call is about.
func (q *query) product() string {
	product := q.get("productID")
	if product != voice.LocalInbound && product != voice.EnhancedLocal {
		q.wrong(voice.ProductWrong("productID"))
	}
	return product
}

// state reads a state, which must be given when it is needed.
func (q *query) state(needed bool) string {
	state := strings.ToUpper(q.get("state"))
	if needed && state == "" || state != "" && !nanp.IsState(state) {
		q.wrong(voice.StateWrong("state"))
	}
	return state
}

// order reads a voice order's id; "" when it is not given.
func (q *query) order(name string) string {
	id := q.get(name)
	if id != "" && !voice.IsOrderID(id) {
		q.wrong(voice.OrderIDWrong(name))
	}
	return id
}

// prefix reads the numbers of an area code, or of a prefix of it.
func (q *query) prefix(npa, nxx string) (from, to nanp.TN) {
	from, to, err := voice.PrefixOf(q.get(npa), q.get(nxx))
	if f := fault.Of(err); f != nil {
		for i := range f.Violations {
			f.Violations[i].Field = npa
		}
		q.wrong(f)
	}
	return from, to
}

// flag reads true or false; nothing is false.
func (q *query) flag(name string) bool {
	switch strings.ToLower(q.get(name)) {
	case "", "false":
	case "true":
		return true
	default:
		q.wrong(voice.RequestWrong(name, "must be true or false"))
	}
	return false
}

// moment reads a moment, or a day: the first moment of it, or the last.
func (q *query) moment(name string, last bool) (at time.Time) {
	text := q.get(name)
	if text == "" {
		return at
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		if last {
			return day.AddDate(0, 0, 1).Add(-time.Microsecond)
		}
		return day
	}
	at, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "+", 1)) // a plus sign that was not encoded
	if err != nil {
		q.wrong(voice.RequestWrong(name, "must be a moment such as 2026-11-21T09:00:00Z, or a day such as 2026-11-21"))
	}
	return at.UTC()
}

func paging(p httpkit.Page) voice.Paging { return voice.Paging{Offset: p.Offset(), Limit: p.Size} }

// paged is what a page says of itself.
type paged struct {
	Number int `json:"pageNumber"`
	Size   int `json:"pageSize"`
	Total  int `json:"totalCount"`
}
