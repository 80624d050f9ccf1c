package voicehttp

import (
	"net/http"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
	"demarc/internal/voice"
)

// deskBase begins the carrier desk's paths.
const deskBase = "/sandbox/v1/voice"

// DeskRoutes are what a sandbox's owner does in the place of the carrier's staff, in the
// platform's shapes.
func DeskRoutes(kit *httpkit.Kit, desk *voice.Desk) []httpkit.Route {
	h := &handlers{kit: kit, desk: desk}
	get, post, put := http.MethodGet, http.MethodPost, http.MethodPut
	const center = deskBase + "/rateCenters/{state}/{rateCenter}"
	routes := []httpkit.Route{
		{Method: get, Pattern: deskBase + "/queue", OperationID: "deskQueue", Handle: h.deskQueue},
		{Method: get, Pattern: center, OperationID: "deskGetRateCenter", Handle: h.deskGet},
		{Method: put, Pattern: center, OperationID: "deskChangeRateCenter", Handle: h.deskChange},
		{Method: post, Pattern: center + "/consolidate", OperationID: "deskConsolidate", Handle: h.deskConsolidate},
		{Method: post, Pattern: center + "/supply", OperationID: "deskSupply", Handle: h.deskSupply},
		{Method: post, Pattern: center + "/reclaim", OperationID: "deskReclaim", Handle: h.deskReclaim},
		{Method: post, Pattern: deskBase + "/blocks", OperationID: "deskAddBlock", Handle: h.deskAddBlock},
		{Method: put, Pattern: deskBase + "/regions/{state}", OperationID: "deskPutRegion", Handle: h.deskPutRegion},
		{Method: post, Pattern: deskBase + "/orders/{voiceOrderId}/credit", OperationID: "deskDecideCredit", Handle: h.deskDecideCredit},
		{Method: put, Pattern: deskBase + "/customers/{number}", OperationID: "deskPutCustomer", Handle: h.deskPutCustomer},
		{Method: post, Pattern: deskBase + "/orders/{voiceOrderId}/losingCarrier", OperationID: "deskAnswerPort", Handle: h.deskAnswerPort},
		{Method: post, Pattern: deskBase + "/portOut", OperationID: "deskPortOut", Handle: h.deskPortOut},
		{Method: get, Pattern: deskBase + "/customers/{number}/routes", OperationID: "deskListRoutes", Handle: h.deskRoutes},
		{Method: put, Pattern: deskBase + "/customers/{number}/routes/{kind}/{name}", OperationID: "deskPutRoute", Handle: h.deskPutRoute},
		{Method: http.MethodDelete, Pattern: deskBase + "/customers/{number}/routes/{kind}/{name}", OperationID: "deskDropRoute", Handle: h.deskDropRoute},
		{Method: post, Pattern: deskBase + "/exceptions/{id}/decision", OperationID: "deskDecideException", Handle: h.deskDecideException},
	}
	for i := range routes {
		routes[i].Sandbox = true
	}
	return routes
}

// actor is who the trail says it was.
func actor(r *http.Request) string { return httpkit.From(r.Context()).App }

// named is a name as rate centers and states are written.
func named(text string) string { return strings.ToUpper(strings.TrimSpace(text)) }

// place is the rate center that a path names.
func place(r *http.Request) (state, name string) {
	return named(r.PathValue("state")), named(r.PathValue("rateCenter"))
}

// needed is a rule that is broken by leaving a field out.
func needed(rule, field string) error {
	return fault.Invalid.With(fault.Field(rule, field, "must be given"))
}

// deskCenter is a rate center as the carrier's staff sees it.
type deskCenter struct {
	RateCenter string   `json:"rateCenter"`
	State      string   `json:"state"`
	LATA       *string  `json:"lata"`
	NPAs       []string `json:"npas"`
	Covered    bool     `json:"covered"`
	Native     bool     `json:"native"`
	Static911  bool     `json:"static911"`
	Open       bool     `json:"open"`
	OpensAt    *string  `json:"opensAt"`
	Into       *string  `json:"consolidatedInto"`
	Blocks     int      `json:"openBlocks"`
	Free       int      `json:"freeNumbers"`
}

// seen is a rate center as it is now, also within the unit that has changed it.
func (h *handlers) seen(tx *db.Tx, state, name string) (deskCenter, error) {
	c, blocks, free, err := h.desk.CenterAt(tx, state, name)
	lata, npas := planOf(c.Plan)
	return deskCenter{c.Name, c.State, lata, npas, c.Covered, c.Native, c.Static911, c.Open, httpkit.StampOrNull(c.OpensAt), orNull(c.Into), blocks, free}, err
}

func (h *handlers) deskGet(w http.ResponseWriter, r *http.Request) error {
	state, name := place(r)
	var answer deskCenter
	err := h.kit.View(r, func(tx *db.Tx) (err error) {
		answer, err = h.seen(tx, state, name)
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

// changeRequest is a voice.CenterChange; an empty moment is none.
type changeRequest struct {
	Open      *bool   `json:"open"`
	OpensAt   *string `json:"opensAt"`
	Native    *bool   `json:"native"`
	Static911 *bool   `json:"static911"`
}

// change reads it. (VOICE-DSK-08: opensAt is a moment, or empty)
func (c changeRequest) change() (ch voice.CenterChange, err error) {
	ch = voice.CenterChange{Open: c.Open, Native: c.Native, Static911: c.Static911}
	if c.OpensAt == nil {
		return ch, nil
	}
	var at time.Time
	if *c.OpensAt != "" {
		if at, err = time.Parse(time.RFC3339, *c.OpensAt); err != nil {
			return ch, fault.Invalid.With(fault.Field("VOICE-DSK-08", "opensAt", "must be an RFC 3339 moment such as 2026-11-21T09:00:00Z, or empty"))
		}
		at = at.UTC().Truncate(time.Microsecond)
	}
	ch.OpensAt = &at
	return ch, nil
}

func (h *handlers) deskChange(w http.ResponseWriter, r *http.Request) error {
	var req changeRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	change, err := req.change()
	if err != nil {
		return err
	}
	state, name := place(r)
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		if _, err := h.desk.ChangeCenter(tx, actor(r), state, name, change); err != nil {
			return nil, err
		}
		return h.seen(tx, state, name)
	})
}

func (h *handlers) deskConsolidate(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Into voice.RateCenterRequest `json:"into"`
	}
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	state, name := place(r)
	intoState, intoName := named(string(req.Into.State)), named(string(req.Into.RateCenter))
	if intoState == "" || intoName == "" {
		return needed("VOICE-DSK-01", "into")
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		if _, err := h.desk.Consolidate(tx, actor(r), state, name, intoState, intoName); err != nil {
			return nil, err
		}
		return h.seen(tx, intoState, intoName)
	})
}

func (h *handlers) deskSupply(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Available *int `json:"available"`
	}
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	if req.Available == nil {
		return needed("VOICE-DSK-04", "available")
	}
	state, name := place(r)
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		if _, _, err := h.desk.Withhold(tx, actor(r), state, name, *req.Available); err != nil {
			return nil, err
		}
		return h.seen(tx, state, name)
	})
}

// customer is the number that a customer of the caller's world goes by.
func customer(tx *db.Tx, r *http.Request, number string) (string, error) {
	c, err := identity.FindCustomer(tx, actor(r), number)
	return c.GoesBy, err
}

type reclaimed struct {
	Customer   string `json:"customerNumber"`
	RateCenter string `json:"rateCenter"`
	State      string `json:"state"`
	Reclaimed  int    `json:"reclaimed"`
}

func (h *handlers) deskReclaim(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Customer string `json:"customerNumber"`
		Quantity int    `json:"quantity"`
	}
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	state, name := place(r)
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		number, err := customer(tx, r, strings.TrimSpace(req.Customer))
		if err != nil {
			return nil, err
		}
		n, err := h.desk.Reclaim(tx, actor(r), number, state, name, req.Quantity)
		return reclaimed{number, name, state, n}, err
	})
}

func (h *handlers) deskAddBlock(w http.ResponseWriter, r *http.Request) error {
	var req voice.BlockRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
		c, block, err := h.desk.AddBlock(tx, actor(r), &req)
		if err != nil {
			return nil, err
		}
		at, err := h.seen(tx, c.State, c.Name)
		return struct {
			Block string     `json:"block"`
			At    deskCenter `json:"rateCenter"`
		}{block.String(), at}, err
	})
}

func (h *handlers) deskPutRegion(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Backorders *bool `json:"backorders"`
	}
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	if req.Backorders == nil {
		return needed("VOICE-DSK-06", "backorders")
	}
	state := named(r.PathValue("state"))
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		return struct {
			State      string `json:"state"`
			Backorders bool   `json:"backorders"`
		}{state, *req.Backorders}, h.desk.PutRegion(tx, actor(r), state, *req.Backorders)
	})
}

func (h *handlers) deskPutCustomer(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		Credit *string `json:"credit"`
		CP911  *bool   `json:"cp911"`
		CNAM   *bool   `json:"cnam"`
	}
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		number, err := customer(tx, r, strings.TrimSpace(r.PathValue("number")))
		if err != nil {
			return nil, err
		}
		p, err := h.desk.PutProfile(tx, actor(r), number, func(p *voice.Profile) {
			if req.Credit != nil {
				p.Credit = *req.Credit
			}
			if req.CP911 != nil {
				p.CP911 = *req.CP911
			}
			if req.CNAM != nil {
				p.CNAM = *req.CNAM
			}
		})
		return struct {
			Customer string `json:"customerNumber"`
			Credit   string `json:"credit"`
			CP911    bool   `json:"cp911"`
			CNAM     bool   `json:"cnam"`
		}{number, p.Credit, p.CP911, p.CNAM}, err
	})
}
