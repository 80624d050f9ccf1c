package voicehttp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// rateCenter is a rate center as customers see it.
type rateCenter struct {
	RateCenter    string   `json:"rateCenter"`
	State         string   `json:"state"`
	LATA          *string  `json:"lata"`
	NPAs          []string `json:"npas"`
	Static911     bool     `json:"static911"`
	OpenForOrders bool     `json:"openForOrders"`
	Backorders    bool     `json:"backorderAllowed"`
}

func rateCentersOf(list []voice.Listed) []rateCenter {
	all := make([]rateCenter, len(list))
	for i, c := range list {
		lata, npas := planOf(c.Plan)
		all[i] = rateCenter{c.Name, c.State, lata, npas, c.Static911, c.OpenForOrders, c.Backorders}
	}
	return all
}

// planOf is what the numbering plan knows of a rate center.
func planOf(plan *nanp.RateCenter) (lata *string, npas []string) {
	npas = []string{}
	if plan == nil {
		return nil, npas
	}
	for _, npa := range plan.NPAs {
		npas = append(npas, strconv.Itoa(npa))
	}
	return orNull(plan.LATA), npas
}

// orNull is null for what is not known.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (h *handlers) rateCenters(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	q := queryOf(r)
	f := voice.CenterFilter{Product: q.product(), State: q.state(true), Name: strings.ToUpper(q.get("rateCenter"))}
	if first, _ := q.prefix("npa", ""); first != 0 {
		f.NPA = first.NPA()
	}
	page := q.page(centersPage)
	if err := q.err(); err != nil {
		return err
	}
	answer := struct {
		paged
		RateCenters []rateCenter `json:"rateCenters"`
	}{paged: paged{page.Number, page.Size, 0}}
	err := h.kit.View(r, func(tx *db.Tx) error {
		list, total, err := h.desk.RateCenters(tx, p, f, paging(page))
		answer.Total, answer.RateCenters = total, rateCentersOf(list)
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

// covered is what customers are told of a number.
type covered struct {
	TN         int64   `json:"tn"`
	Covered    bool    `json:"covered"`
	Portable   bool    `json:"portable"`
	RateCenter *string `json:"rateCenter"`
	State      *string `json:"state"`
	LATA       *string `json:"lata"`
	Carrier    *string `json:"currentCarrier"`
}

// coverage is what they are told of numbers, or of a place.
type coverage struct {
	Product     string       `json:"productID"`
	Numbers     []covered    `json:"telephoneNumbers"`
	RateCenters []rateCenter `json:"rateCenters"`
}

func (h *handlers) coverageOf(r *http.Request, p voice.Party, req *voice.CoverageRequest) (coverage, error) {
	answer, err := h.desk.Coverage(r.Context(), p, req)
	c := coverage{req.ProductID.Trim(), make([]covered, len(answer.Numbers)), rateCentersOf(answer.Centers)}
	for i, n := range answer.Numbers {
		c.Numbers[i] = covered{n.TN.E164(), n.Covered, n.Portable, orNull(n.Center), orNull(n.State), orNull(n.LATA), orNull(n.Carrier)}
	}
	return c, err
}

func (h *handlers) postCoverage(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	var req voice.CoverageRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	answer, err := h.coverageOf(r, p, &req)
	if err != nil {
		return err
	}
	return h.kit.Answer(w, r, http.StatusOK, answer)
}

// listField and tnField are what numbers are called in a body, and in an address.
const (
	listField = "tnList"
	tnField   = "tn"
)

func (h *handlers) getCoverage(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	req, err := coverageAsked(queryOf(r))
	if err != nil {
		return err
	}
	answer, err := h.coverageOf(r, p, req)
	if f := fault.Of(err); f != nil {
		for i, v := range f.Violations {
			if rest, list := strings.CutPrefix(v.Field, listField); list {
				f.Violations[i].Field = tnField + rest
			}
		}
	}
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

// coverageAsked is the question in an address: tn several times, or several numbers in
// one with commas between them.
func coverageAsked(q *query) (*voice.CoverageRequest, error) {
	body := map[string]any{}
	for _, name := range []string{"productID", "tnLocNpa", "tnLocNxx", "tnLocCity", "tnLocState", "tnLocZip"} {
		body[name] = q.get(name)
	}
	if values, given := q.values[tnField]; given {
		list := []string{}
		for text := range strings.SplitSeq(strings.Join(values, ","), ",") {
			if text = strings.TrimSpace(text); text != "" {
				list = append(list, text)
			}
		}
		body[listField] = list
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	var req voice.CoverageRequest
	return &req, httpkit.DecodeJSON(text, &req)
}

// used is how much a customer has in service.
type used struct {
	RateCenter string `json:"rateCenter"`
	State      string `json:"state"`
	Total      int    `json:"total"`
	Active     int    `json:"active"`
	Reserved   int    `json:"reserved"`
	Percent    int    `json:"utilizationPercent"`
	Allowed    bool   `json:"orderAllowed"`
}

func (h *handlers) utilization(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	var req voice.UtilizationRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	answer := struct {
		Product     string `json:"productID"`
		RateCenters []used `json:"rateCenters"`
	}{req.ProductID.Trim(), []used{}}
	err := h.kit.View(r, func(tx *db.Tx) error {
		list, err := h.desk.Utilization(tx, p, &req)
		for _, u := range list {
			answer.RateCenters = append(answer.RateCenters,
				used{u.Center, u.State, u.Reserved + u.Active, u.Active, u.Reserved, u.Percent(), u.Allowed})
		}
		return err
	})
	if err != nil {
		return err
	}
	return h.kit.Answer(w, r, http.StatusOK, answer)
}

// pooled is a range of reserved numbers, in both forms.
type pooled struct {
	Start       int64  `json:"startTN"`
	End         int64  `json:"endTN"`
	NPA         string `json:"npa"`
	NXX         string `json:"nxx"`
	Line        string `json:"line"`
	EndLine     string `json:"endLine"`
	Quantity    int    `json:"quantity"`
	Product     string `json:"productID"`
	RateCenter  string `json:"rateCenter"`
	State       string `json:"state"`
	Order       string `json:"voiceOrderId"`
	Transaction string `json:"transactionOrderId"`
	External    string `json:"externalOrderId"`
	Date        string `json:"reservedDate"`
}

func pooledOf(e voice.Entry) pooled {
	return pooled{e.Start.E164(), e.End.E164(), fmt.Sprintf("%03d", e.Start.NPA()), fmt.Sprintf("%03d", e.Start.NXX()), fmt.Sprintf("%04d", e.Start.Line()),
		fmt.Sprintf("%04d", e.End.Line()), e.Len(), e.Product, e.Center, e.State, e.Order, e.Part, e.ExternalID, httpkit.Stamp(e.At)}
}

func (h *handlers) inventory(w http.ResponseWriter, r *http.Request, p voice.Party) error {
	q := queryOf(r)
	f := voice.PoolFilter{Order: q.order("voiceOrderID"), ExternalID: q.get("externalOrderID"), State: q.state(false), Center: strings.ToUpper(q.get("rateCenter"))}
	f.From, f.To = q.prefix("NPA", "NXX")
	page := q.page(usualPage)
	if err := q.err(); err != nil {
		return err
	}
	answer := struct {
		paged
		Numbers []pooled `json:"tnList"`
	}{paged{page.Number, page.Size, 0}, []pooled{}}
	err := h.kit.View(r, func(tx *db.Tx) error {
		list, total, err := h.desk.PoolOf(tx, p, f, paging(page))
		answer.Total = total
		for _, e := range list {
			answer.Numbers = append(answer.Numbers, pooledOf(e))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}
