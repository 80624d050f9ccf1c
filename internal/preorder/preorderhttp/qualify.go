package preorderhttp

import (
	"net/http"
	"strings"

	"demarc/internal/db"
	"demarc/internal/postal"
	"demarc/internal/preorder"
)

// The three answers to a qualification; which one it is, its status says.

type qualified struct {
	TransactionID string    `json:"transactionId"`
	Status        string    `json:"status"`
	Address       address   `json:"address"`
	DetailID      string    `json:"addressDetailId"`
	Loop          loop      `json:"loop"`
	Products      []product `json:"products"`
	Bundles       []product `json:"bundles"`
	PromoCodes    []promo   `json:"promoCodes"`
}

type nearMatches struct {
	TransactionID string `json:"transactionId"`
	Status        string `json:"status"`
	NearMatches   []near `json:"nearMatches"`
}

type noMatch struct {
	TransactionID string    `json:"transactionId"`
	Status        string    `json:"status"`
	Messages      []message `json:"messages"`
}

type address struct {
	StreetAddress string `json:"streetAddress"`
	Unit          string `json:"unit,omitempty"`
	City          string `json:"city"`
	State         string `json:"state"`
	ZIP           string `json:"zip"`
}

func addressOf(a postal.Address) address {
	return address{a.Building().Line(), strings.TrimSpace(a.UnitType + " " + a.Unit), a.City, a.State, a.ZIP}
}

type near struct {
	DetailID string  `json:"addressDetailId"`
	Address  address `json:"address"`
	Score    float64 `json:"score"`
}

type loop struct {
	Technology   string `json:"technology"`
	MaxDown      int    `json:"maxDownMbps"`
	MaxUp        int    `json:"maxUpMbps"`
	TechRequired bool   `json:"techInstallRequired"`
}

type product struct {
	Code       string      `json:"productCode"`
	Name       string      `json:"name"`
	Family     string      `json:"family"`
	BillType   string      `json:"billType"`
	Speed      int         `json:"speed,omitempty"`
	Price      price       `json:"price"`
	PromoCodes []string    `json:"promoCodes"`
	Components []component `json:"components"`
}

type component struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Family string `json:"family"`
}

type price struct {
	Amount   dollars `json:"amount"`
	Currency string  `json:"currency"`
	Period   string  `json:"period"`
}

// Periods of prices.
const (
	perMonth = "MONTH"
	once     = "ONCE"
)

type promo struct {
	Code string `json:"promoCode"`
	Text string `json:"text"`
}

func (h *handlers) qualify(w http.ResponseWriter, r *http.Request) error {
	var req preorder.QualifyRequest
	p, err := h.called(r, &req)
	if err != nil {
		return err
	}
	prepared, err := h.desk.PrepareQualify(r.Context(), p, &req)
	if err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		return qualifiedOf(h.desk.SaveQualify(tx, prepared)), nil
	})
}

func qualifiedOf(q preorder.Qualified) any {
	t := q.Transaction
	switch t.State {
	case preorder.TxNear:
		answer := nearMatches{t.ID, t.State, []near{}}
		for _, n := range t.Near {
			answer.NearMatches = append(answer.NearMatches, near{n.DetailID, addressOf(n.Address.Address), n.Score})
		}
		return answer
	case preorder.TxNoMatch:
		return noMatch{t.ID, t.State, messagesOf(q.Message)}
	}
	answer := qualified{t.ID, t.State, addressOf(t.Address.Address), t.Address.DetailID, loop(t.Loop), []product{}, []product{}, []promo{}}
	for _, o := range q.Offers {
		if o.Family == preorder.FamilyBundle {
			answer.Bundles = append(answer.Bundles, productOf(o))
		} else {
			answer.Products = append(answer.Products, productOf(o))
		}
	}
	for _, p := range q.Promotions {
		answer.PromoCodes = append(answer.PromoCodes, promo{p.Code, p.Text})
	}
	return answer
}

func productOf(o preorder.Offering) product {
	p := product{o.Code, o.Name, o.Family, o.BillType, o.Speed, price{dollars{o.Monthly}, preorder.Currency, perMonth},
		append([]string{}, o.PromoCodes...), []component{}}
	for _, c := range o.Components {
		p.Components = append(p.Components, component(c))
	}
	return p
}
