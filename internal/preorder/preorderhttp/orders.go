package preorderhttp

import (
	"net/http"

	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/preorder"
)

// completed is the answer to a completion.
type completed struct {
	OrderNumber    string `json:"orderNumber"`
	TransactionID  string `json:"transactionId"`
	PartnerOrderID string `json:"partnerOrderId"`
	Status         string `json:"status"`
	Totals         totals `json:"totals"`
	Deposit        money  `json:"deposit"`
}

func completedOf(o preorder.Order) completed {
	return completed{o.Number, o.Transaction, o.PartnerOrderID, o.State, totalsOf(o.Totals), depositOf(o.Deposit)}
}

// listed is an order with what was ordered, and where.
type listed struct {
	completed
	SalesCode   string `json:"salesCode"`
	ProductCode string `json:"productCode"`
	BillType    string `json:"billType"`
	Address     string `json:"address"`
	CreatedAt   string `json:"createdAt"`
}

func listedOf(o preorder.Order) listed {
	return listed{completedOf(o), o.SalesCode, o.ProductCode, o.BillType, o.Address, httpkit.Stamp(o.CreatedAt)}
}

// told is an order with what became of it.
type told struct {
	listed
	History []history `json:"history"`
}

type history struct {
	At    string `json:"at"`
	Event string `json:"event"`
	From  string `json:"from"`
	To    string `json:"to"`
}

func toldOf(o preorder.Order, trail []audit.Event) told {
	v := told{listedOf(o), []history{}}
	for _, e := range trail {
		v.History = append(v.History, history{httpkit.Stamp(e.At), e.Event, e.From, e.To})
	}
	return v
}

func (h *handlers) complete(w http.ResponseWriter, r *http.Request) error {
	var req preorder.CompleteRequest
	p, err := h.called(r, &req)
	if err != nil {
		return err
	}
	number, err := h.desk.PrepareComplete(r.Context(), p)
	if err != nil {
		return err
	}
	w.Header().Set("Location", orders+"/"+number)
	err = h.kit.Commit(w, r, http.StatusCreated, func(tx *db.Tx) (any, error) {
		o, err := h.desk.Complete(tx, p, &req, number)
		return completedOf(o), err
	})
	if err != nil {
		w.Header().Del("Location")
	}
	return err
}

func (h *handlers) order(w http.ResponseWriter, r *http.Request) error {
	p, err := h.party(r)
	if err != nil {
		return err
	}
	var answer told
	err = h.kit.View(r, func(tx *db.Tx) error {
		o, trail, err := h.desk.Order(tx, p, r.PathValue("orderNumber"))
		answer = toldOf(o, trail)
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

func (h *handlers) list(w http.ResponseWriter, r *http.Request) error {
	p, err := h.party(r)
	if err != nil {
		return err
	}
	page, err := httpkit.PageOf(r, defaultPage, largestPage)
	if err != nil {
		return err
	}
	status, err := statusOf(r)
	if err != nil {
		return err
	}
	answer := struct {
		PageNumber  int      `json:"pageNumber"`
		PageSize    int      `json:"pageSize"`
		ResultCount int      `json:"resultCount"`
		Orders      []listed `json:"orders"`
	}{page.Number, page.Size, 0, []listed{}}
	err = h.kit.View(r, func(tx *db.Tx) error {
		list, total, err := h.desk.Store.Orders(tx, p.Partner, status, preorder.Paging{Offset: page.Offset(), Limit: page.Size})
		answer.ResultCount = total
		for _, o := range list {
			answer.Orders = append(answer.Orders, listedOf(o))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

func (h *handlers) cancel(w http.ResponseWriter, r *http.Request) error {
	p, err := h.party(r)
	if err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		o, err := h.desk.Cancel(tx, p, r.PathValue("orderNumber"))
		return listedOf(o), err
	})
}
