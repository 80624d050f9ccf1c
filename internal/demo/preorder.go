package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	preorderPath = "/Product/v1"
	faultsPath   = "/sandbox/v1/faults"
	// The first order of the journey, as its partner counts them.
	preorderFirst = "DEMO-1"
)

// seller adds to a body who sells; every fresh world has such a partner.
func seller(more map[string]any) map[string]any {
	body := map[string]any{"salesCode": "SC10001", "partnerId": "PTNR1001"}
	maps.Copy(body, more)
	return body
}

// preorderWalk is what the steps of the journey hand on to each other.
type preorderWalk struct {
	*Stage
	tx, detail string // the transaction that all goes well with, and its address
	order      string
	prepaid    pxQualified // the qualification that is a day old at the end
}

// preorderJourney sells lines as a partner does, from a misspelt address to an
// installed service, and goes wrong in some of the documented ways.
func preorderJourney(ctx context.Context, s *Stage) error {
	w := &preorderWalk{Stage: s}
	for _, part := range []func(context.Context) error{
		w.misspelt, w.choose, w.config, w.reconfig, w.complete, w.watch, w.prepay, w.hardStop, w.wrong, w.loopDown, w.again, w.tomorrow, w.sum,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// ask makes a call, and makes sure that its answer is silent about customers.
func (w *preorderWalk) ask(ctx context.Context, method, path string, body, into any) error {
	var raw json.RawMessage
	if err := w.Ask(ctx, method, path, body, &raw); err != nil {
		return err
	}
	if err := unseen("the answer", raw); err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// refused makes a call that must be refused with exactly these codes, in the product's
// own envelope.
func (w *preorderWalk) refused(ctx context.Context, status int, path string, body any, codes ...string) ([]pxMessage, error) {
	no, err := w.Denied(ctx, status, Call{Method: http.MethodPost, Path: preorderPath + path, Body: body})
	if err != nil {
		return nil, err
	}
	var a struct {
		Tx       string      `json:"transactionId"`
		Status   string      `json:"status"`
		Messages []pxMessage `json:"messages"`
	}
	if err := errors.Join(unseen("the refusal", no.Body), json.Unmarshal(no.Body, &a)); err != nil {
		return nil, err
	}
	if err := expect("ERROR", a.Status); err != nil {
		return nil, err
	}
	return a.Messages, w.coded(status, a.Tx, a.Messages, codes...)
}

// coded shows messages, and makes sure of their codes, and that each ends with its
// transaction.
func (w *preorderWalk) coded(status int, tx string, list []pxMessage, codes ...string) error {
	var got []string
	for _, m := range list {
		w.Say("%d  %s  %s", status, m.Code, m.Message)
		got = append(got, m.Code)
		if tx == "" || m.Field == "" || !strings.HasSuffix(strings.TrimSuffix(m.Message, "”"), tx) {
			return fmt.Errorf("the message %s is about no field, or does not end with its transaction %q", m.Code, tx)
		}
	}
	return expect(strings.Join(codes, " "), strings.Join(got, " "))
}

// qualification asks for what can be had, with an address or what stands for one.
func qualification(more map[string]any) map[string]any {
	body := seller(map[string]any{"agentId": "AGENT01", "marketSegment": "Consumer", "qualForVideo": false})
	maps.Copy(body, more)
	return body
}

func at(street, city, state, zip string) map[string]any {
	return qualification(map[string]any{"address": map[string]string{"streetAddress": street, "city": city, "state": state, "zip": zip}})
}

// qualify qualifies, and makes sure how it ends.
func (w *preorderWalk) qualify(ctx context.Context, body any, status string) (q pxQualified, err error) {
	if err = w.ask(ctx, http.MethodPost, preorderPath+"/pxQualify", body, &q); err != nil {
		return q, err
	}
	if q.Tx == "" {
		return q, errors.New("the qualification has no transaction")
	}
	return q, expect(status, q.Status)
}

func (w *preorderWalk) misspelt(ctx context.Context) error {
	w.Step("Qualify an address that was written down wrongly")
	w.Say("517 Wessley Avenue, Nashville, TN 37270: a letter too many, and two digits swapped")
	q, err := w.qualify(ctx, at("517 Wessley Avenue", "Nashville", "TN", "37270"), "NEAR_MATCHES")
	if err != nil {
		return err
	}
	w.Say("transaction %s: %s", q.Tx, q.Status)
	last := 1.0
	for _, n := range q.Near {
		w.Say("%.3f  %s  %s", n.Score, n.DetailID, n.Address)
		if n.Score > last || n.DetailID == "" {
			return errors.New("the near matches are not the likest first, each with its id")
		}
		last = n.Score
	}
	if len(q.Near) < 2 {
		return fmt.Errorf("there are %d near matches; two are alike", len(q.Near))
	}
	w.tx, w.detail = q.Tx, q.Near[0].DetailID
	return expect("517 WESLEY AVE, NASHVILLE TN 37207", q.Near[0].Address.String())
}

func (w *preorderWalk) choose(ctx context.Context) error {
	w.Step("Choose the one that was meant, and see what can be had there")
	q, err := w.qualify(ctx, qualification(map[string]any{"transactionId": w.tx, "addressDetailId": w.detail}), "QUALIFIED")
	if err != nil {
		return err
	}
	if q.Tx != w.tx || q.DetailID != w.detail {
		return fmt.Errorf("%s at %s is not what was chosen", q.Tx, q.DetailID)
	}
	w.Say("%s; the line carries %d Mbps down and %d up, by %s", q.Address, q.Loop.Down, q.Loop.Up, q.Loop.Technology)
	var promos []string
	for _, p := range q.Promos {
		promos = append(promos, p.Code)
	}
	for _, p := range slices.Concat(q.Products, q.Bundles) {
		w.Say("%s", p)
		if p.Price.Currency != "USD" || p.Speed > q.Loop.Down || len(p.Components) == 0 {
			return fmt.Errorf("%s does not fit the line, or has no price or no parts", p.Code)
		}
		for _, code := range p.PromoCodes {
			if !slices.Contains(promos, code) {
				return fmt.Errorf("the promotion %s of %s is not explained", code, p.Code)
			}
		}
	}
	for _, p := range q.Promos {
		w.Say("%-15s %s", p.Code, p.Text)
	}
	for _, b := range q.Bundles {
		if b.Family != "BUNDLE" || len(b.Components) < 2 {
			return fmt.Errorf("%s is no bundle", b.Code)
		}
	}
	if !slices.ContainsFunc(q.Products, func(p pxProduct) bool { return p.Code == "HSI-100-POST" }) ||
		!slices.ContainsFunc(q.Bundles, func(p pxProduct) bool { return p.Code == "BUNDLE-100-POST" }) {
		return errors.New("what the journey is about to configure is not offered")
	}
	return nil
}

// configuration asks for a product; what it is for says the rest.
func configuration(q pxQualified, order, kind, product, bill string, more map[string]any) map[string]any {
	body := seller(map[string]any{"transactionId": q.Tx, "addressDetailId": q.DetailID, "partnerOrderId": order,
		"configType": kind, "productCode": product, "billType": bill})
	maps.Copy(body, more)
	return body
}

// configure configures, shows what it costs, and makes sure of that: decision, deposit
// and the sums of what is paid once and monthly.
func (w *preorderWalk) configure(ctx context.Context, body map[string]any, want string) (c pxConfigured, err error) {
	if err = w.ask(ctx, http.MethodPost, preorderPath+"/pxConfigure", body, &c); err != nil {
		return c, err
	}
	for _, x := range c.Charges {
		w.Say("%-9s %8s  %s", strings.ToLower(strings.ReplaceAll(x.Type, "_", "-")), x.Amount, x.Name)
	}
	w.Say("credit: %s; deposit %s %s; %s once, %s a month", strings.TrimSpace(c.Credit.Decision+" "+c.Credit.Reason),
		c.Deposit.Amount, c.Deposit.Currency, c.Totals.Once, c.Totals.Monthly)
	if c.Tx != body["transactionId"] || c.OrderID != body["partnerOrderId"] {
		return c, errors.New("another transaction was configured")
	}
	return c, expect(want, fmt.Sprintf("%s %s %s %s", c.Credit.Decision, c.Deposit.Amount, c.Totals.Once, c.Totals.Monthly))
}

const howInstalled = "interestedInSelfInstallOrTechInstall"

func (w *preorderWalk) config(ctx context.Context) error {
	w.Step("Configure a product with the customer's credit")
	w.Say("for %s", withDeposit.masked())
	w.Say("in a sandbox a number that ends in 0002 takes two months' charge as deposit")
	body := configuration(pxQualified{Tx: w.tx, DetailID: w.detail}, preorderFirst, "Config", "HSI-100-POST", "POSTPAID", map[string]any{
		howInstalled: "SELF", "modemOption": "PURCHASE", "promoCode": "WELCOME10", "customer": withDeposit.body()})
	_, err := w.configure(ctx, body, "DEPOSIT 140.00 187.95 60.00")
	return err
}

// fail has a backend go wrong from now on.
func (w *preorderWalk) fail(ctx context.Context, fault map[string]any) error {
	var s standing
	if err := w.Ask(ctx, http.MethodPost, faultsPath, fault, &s); err != nil {
		return err
	}
	w.Say("from now on %s is %s", s.Target, s.Mode)
	return expect(fmt.Sprint(fault["target"], fault["mode"]), s.Target+s.Mode)
}

func (w *preorderWalk) mend(ctx context.Context, target string) error {
	return w.Ask(ctx, http.MethodDelete, faultsPath+"/"+url.PathEscape(target), nil, nil)
}

func (w *preorderWalk) reconfig(ctx context.Context) error {
	w.Step("Configure another product; credit is not run again")
	w.Say("so that it would be seen, the next question to the credit system is to fail")
	const credit = "preorder.credit"
	if err := w.fail(ctx, map[string]any{"target": credit, "mode": "unavailable", "count": 1}); err != nil {
		return err
	}
	body := configuration(pxQualified{Tx: w.tx, DetailID: w.detail}, preorderFirst, "Reconfig", "BUNDLE-100-POST", "POSTPAID", map[string]any{
		howInstalled: "TECH", "modemOption": "LEASE", "promoCode": "NOSETUP", "addOns": []string{"LINEGUARD"}})
	if _, err := w.configure(ctx, body, "DEPOSIT 210.00 99.00 125.98"); err != nil {
		return err
	}
	var a struct {
		Faults []standing `json:"faults"`
	}
	if err := w.Ask(ctx, http.MethodGet, faultsPath, nil, &a); err != nil {
		return err
	}
	if len(a.Faults) != 1 || a.Faults[0].Target != credit || a.Faults[0].Remaining == nil || *a.Faults[0].Remaining != 1 {
		return errors.New("somebody has asked the credit system")
	}
	w.Say("the decision is the first one's, the deposit is the bundle's; nobody has met the failure")
	return w.mend(ctx, credit)
}

func completion(tx, order string) map[string]any {
	return seller(map[string]any{"transactionId": tx, "partnerOrderId": order})
}

func (w *preorderWalk) complete(ctx context.Context) error {
	w.Step("Complete it")
	var o pxOrder
	if err := w.ask(ctx, http.MethodPost, preorderPath+"/pxCompleteOrder", completion(w.tx, preorderFirst), &o); err != nil {
		return err
	}
	w.order = o.Number
	w.Say("order %s is %s; deposit %s, %s once, %s a month", o.Number, o.Status, o.Deposit.Amount, o.Totals.Once, o.Totals.Monthly)
	w.Made("preorder order", o.Number, "BUNDLE-100-POST at 517 WESLEY AVE")
	return expect(fmt.Sprintf("%s %s RECEIVED 210.00 99.00 125.98", w.tx, preorderFirst),
		fmt.Sprintf("%s %s %s %s %s %s", o.Tx, o.OrderID, o.Status, o.Deposit.Amount, o.Totals.Once, o.Totals.Monthly))
}

func (w *preorderWalk) watch(ctx context.Context) error {
	w.Step("Watch the order until the service is installed")
	path := preorderPath + "/pxOrders/" + url.PathEscape(w.order)
	w.paper.faintly("GET " + path)
	var o pxOrder
	err := w.Until(ctx, 2*time.Hour, func() (string, bool, error) {
		var raw json.RawMessage
		if err := w.Quietly(ctx, http.MethodGet, path, nil, &raw); err != nil {
			return "", false, err
		}
		if err := unseen("the order", raw); err != nil {
			return "", false, err
		}
		o = pxOrder{}
		err := json.Unmarshal(raw, &o)
		return "order " + o.Status, o.Status != "RECEIVED" && o.Status != "PROVIDER IN PROCESS", err
	})
	if err != nil {
		return err
	}
	var went []string
	for _, h := range o.History {
		w.Say("%s  %-24s %s", h.At.Format(time.DateTime), h.Event, h.To)
		went = append(went, h.To)
	}
	if err := expect("BUNDLE-100-POST: RECEIVED, PROVIDER IN PROCESS, COMPLETED", o.Product+": "+strings.Join(went, ", ")); err != nil {
		return err
	}
	list, err := w.Told(ctx, "order/"+w.order, "preorder.order.received", "preorder.order.in_process", "preorder.order.completed")
	if err != nil {
		return err
	}
	for i, n := range list {
		var data pxOrder
		if err := errors.Join(unseen("a webhook", n.Data), json.Unmarshal(n.Data, &data)); err != nil {
			return err
		}
		w.Say("told: %-28s %s", n.Type, data.Status)
		if err := expect(w.tx+" "+went[i], data.Tx+" "+data.Status); err != nil {
			return err
		}
	}
	return nil
}

func (w *preorderWalk) prepay(ctx context.Context) (err error) {
	w.Step("Prepaid, at another address")
	if w.prepaid, err = w.qualify(ctx, at("7407 North 75th Drive", "Glendale", "Arizona", "85303-1234"), "QUALIFIED"); err != nil {
		return err
	}
	w.Say("%s, as the address service writes it", w.prepaid.Address)
	w.Say("for %s: who pays ahead is asked for no number", refusesSSN.masked())
	c, err := w.configure(ctx, w.prepayment("Config", map[string]any{"customer": refusesSSN.body()}), "APPROVED 0.00 25.00 50.00")
	if err != nil {
		return err
	}
	return expect("SELF TECH", strings.Join(c.Installs, " "))
}

// prepayment configures the prepaid product.
func (w *preorderWalk) prepayment(kind string, more map[string]any) map[string]any {
	body := configuration(w.prepaid, "DEMO-2", kind, "HSI-20-PRE", "PREPAID", map[string]any{howInstalled: "SELF", "modemOption": "OWN"})
	maps.Copy(body, more)
	return body
}

// thirdAddress is where nothing is ever ordered.
func thirdAddress() map[string]any {
	return at("2622 Martin Luther King Jr Blvd", "Fayetteville", "AR", "72704")
}

func (w *preorderWalk) hardStop(ctx context.Context) error {
	w.Step("A hard stop")
	q, err := w.qualify(ctx, thirdAddress(), "QUALIFIED")
	if err != nil {
		return err
	}
	w.Say("for %s: a sandbox stops numbers that end in 0003", hardStopped.masked())
	const order = "DEMO-3"
	c, err := w.configure(ctx, configuration(q, order, "Config", "LOCAL-POST", "POSTPAID", map[string]any{"customer": hardStopped.body()}),
		"HARD_STOP 0.00 0.00 0.00")
	if err != nil {
		return err
	}
	if len(c.Charges) != 0 {
		return errors.New("there is something to be paid for what cannot be ordered")
	}
	if err := expect("CREDIT_ISSUE", c.Credit.Reason); err != nil {
		return err
	}
	no, err := w.Denied(ctx, http.StatusConflict, Call{Method: http.MethodPost, Path: preorderPath + "/pxCompleteOrder", Body: completion(q.Tx, order)})
	if err != nil {
		return err
	}
	w.Say("%s", no.Error())
	if !bytes.Contains(no.Body, []byte(`"preorder_hard_stop"`)) {
		return errors.New("it is refused for another reason")
	}
	return unseen("the refusal", no.Body)
}

func (w *preorderWalk) wrong(ctx context.Context) error {
	w.Step("What goes wrong")
	w.Say("an address of which nothing was written:")
	if _, err := w.refused(ctx, http.StatusGone, "/pxQualify", at("", "", "", ""), "1000", "1010", "1020", "1030"); err != nil {
		return err
	}
	w.Say("a configuration that is neither Config nor Reconfig:")
	if _, err := w.refused(ctx, http.StatusUnauthorized, "/pxConfigure", w.prepayment("", nil), "2106"); err != nil {
		return err
	}
	w.Say("a date of birth in another form:")
	otherwise := refusesSSN.body()
	otherwise["dob"] = "1990-11-30"
	if _, err := w.refused(ctx, http.StatusGone, "/pxConfigure", w.prepayment("Config", map[string]any{"customer": otherwise}), "1090"); err != nil {
		return err
	}
	for _, part := range []struct {
		why, code string
		body      map[string]any
	}{
		{"an address that there is not, where the carrier has lines", "2096", at("9 Qwertyuiop Boulevard", "Anchorage", "AK", "99501")},
		{"one where it has none", "2086", at("9 Calle Luna", "San Juan", "PR", "00901")},
	} {
		w.Say("%s:", part.why)
		q, err := w.qualify(ctx, part.body, "NO_MATCH")
		if err != nil {
			return err
		}
		if err := w.coded(http.StatusOK, q.Tx, q.Messages, part.code); err != nil {
			return err
		}
	}
	return nil
}

func (w *preorderWalk) loopDown(ctx context.Context) error {
	w.Step("LoopQual does not answer")
	const loopQual = "preorder.loopqual"
	if err := w.fail(ctx, map[string]any{"target": loopQual, "mode": "unavailable"}); err != nil {
		return err
	}
	if _, err := w.refused(ctx, http.StatusInternalServerError, "/pxQualify", thirdAddress(), "4020"); err != nil {
		return err
	}
	if err := w.mend(ctx, loopQual); err != nil {
		return err
	}
	q, err := w.qualify(ctx, thirdAddress(), "QUALIFIED")
	if err == nil {
		w.Say("it answers again: %s", q.Address)
	}
	return err
}

func (w *preorderWalk) again(ctx context.Context) error {
	w.Step("The same address again, within thirty days")
	list, err := w.refused(ctx, http.StatusGone, "/pxQualify", at("517 Wesley Ave", "Nashville", "TN", "37207"), "1005")
	if err != nil {
		return err
	}
	if !strings.Contains(list[0].Message, w.order) {
		return fmt.Errorf("the message does not name order %s", w.order)
	}
	return nil
}

// longestDay is enough for another Central-Time day to begin, also when the clocks are
// put back.
const longestDay = 25 * time.Hour

func (w *preorderWalk) tomorrow(ctx context.Context) error {
	w.Step("A transaction of yesterday")
	if err := w.Advance(ctx, longestDay); err != nil {
		return err
	}
	w.Say("%s  in Central Time it is another day", w.paper.in(green, w.Now.Format(time.DateTime)))
	_, err := w.refused(ctx, http.StatusGone, "/pxConfigure", w.prepayment("Reconfig", nil), "2200")
	return err
}

// sum makes sure that what was refused has left nothing.
func (w *preorderWalk) sum(ctx context.Context) error {
	w.Step("How it stands")
	var a struct {
		Count  int       `json:"resultCount"`
		Orders []pxOrder `json:"orders"`
	}
	if err := w.ask(ctx, http.MethodGet, preorderPath+"/pxOrders", nil, &a); err != nil {
		return err
	}
	for _, o := range a.Orders {
		w.Say("%s  %s  %-9s %s at %s", o.Number, o.OrderID, o.Status, o.Product, o.Address)
	}
	if a.Count != 1 || len(a.Orders) != 1 {
		return fmt.Errorf("the partner has %d orders, it should be one", a.Count)
	}
	return expect(w.order+" COMPLETED", a.Orders[0].Number+" "+a.Orders[0].Status)
}
