package preorderhttp

import (
	"net/http"

	"demarc/internal/db"
	"demarc/internal/preorder"

	"github.com/govalues/decimal"
)

// configured is what a product costs as it was configured. Nothing of the customer is
// in it but what their credit came to.
type configured struct {
	TransactionID  string       `json:"transactionId"`
	PartnerOrderID string       `json:"partnerOrderId"`
	InstallOptions []string     `json:"installOptions"`
	ModemOptions   []option     `json:"modemOptions"`
	AddOns         []option     `json:"addOns"`
	Charges        []charge     `json:"charges"`
	Deposit        money        `json:"deposit"`
	CreditResult   creditResult `json:"creditResult"`
	Totals         totals       `json:"totals"`
}

// option is a modem or an accessory that can be had with the product.
type option struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Price price  `json:"price"`
}

type charge struct {
	Code   string  `json:"code"`
	Name   string  `json:"name"`
	Type   string  `json:"type"`
	Amount dollars `json:"amount"`
}

type money struct {
	Amount   dollars `json:"amount"`
	Currency string  `json:"currency"`
}

type creditResult struct {
	Decision string `json:"decision"`
	Reason   string `json:"reason,omitempty"`
}

type totals struct {
	OneTime dollars `json:"oneTime"`
	Monthly dollars `json:"monthly"`
}

func totalsOf(t preorder.Totals) totals { return totals{dollars{t.OneTime}, dollars{t.Monthly}} }

func depositOf(d decimal.Decimal) money { return money{dollars{d}, preorder.Currency} }

func (h *handlers) configure(w http.ResponseWriter, r *http.Request) error {
	var req preorder.ConfigureRequest
	p, err := h.called(r, &req)
	if err != nil {
		return err
	}
	prepared, err := h.desk.PrepareConfigure(r.Context(), p, &req)
	if err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		c, err := h.desk.SaveConfigure(tx, prepared)
		return configuredOf(c), err
	})
}

func configuredOf(c preorder.Configured) configured {
	t := c.Transaction
	answer := configured{TransactionID: t.ID, PartnerOrderID: t.PartnerOrderID, InstallOptions: c.Installs, ModemOptions: []option{}, AddOns: []option{},
		Charges: []charge{}, Deposit: depositOf(c.Deposit), CreditResult: creditResult{t.Config.Credit.Decision, t.Config.Credit.Reason}}
	for _, m := range c.Modems {
		answer.ModemOptions = append(answer.ModemOptions, optionOf(m.Code, m.Name, m.Once, m.Monthly))
	}
	for _, a := range c.AddOns {
		answer.AddOns = append(answer.AddOns, optionOf(a.Code, a.Name, a.Once, a.Monthly))
	}
	if t.Config.Stopped { // there is nothing to be paid for what cannot be ordered
		return answer
	}
	answer.Totals = totalsOf(c.Totals)
	for _, x := range c.Charges {
		answer.Charges = append(answer.Charges, charge{x.Code, x.Name, x.Type, dollars{x.Amount}})
	}
	return answer
}

// optionOf is an option with its price, which is paid once or each month.
func optionOf(code, name string, single, monthly decimal.Decimal) option {
	if !monthly.IsZero() {
		return option{code, name, price{dollars{monthly}, preorder.Currency, perMonth}}
	}
	return option{code, name, price{dollars{single}, preorder.Currency, once}}
}
