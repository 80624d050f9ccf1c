package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Numbers of Denver that another carrier has, and lets go.
const (
	portFirst, portLast   = "3033312000", "3033312004"
	unwanted, unwantedEnd = "3033312010", "3033312011"
	late, lateEnd         = "3033312020", "3033312020"
)

// portStep is how far the clock is moved at a time while a losing carrier thinks.
const portStep = 4 * time.Hour

func (w *voiceWalk) portable(ctx context.Context) error {
	w.Step("Ask which numbers can come along")
	var a struct {
		Numbers []struct {
			TN       int64  `json:"tn"`
			Covered  bool   `json:"covered"`
			Portable bool   `json:"portable"`
			Center   string `json:"rateCenter"`
			Carrier  string `json:"currentCarrier"`
		} `json:"telephoneNumbers"`
	}
	err := w.Ask(ctx, http.MethodPost, numbersPath+"/coverage", map[string]any{"productID": voiceProduct,
		"tnList": []any{"1" + portFirst, "13032402000"}}, &a)
	if err != nil {
		return err
	}
	var can []bool
	for _, n := range a.Numbers {
		w.Say("%d  %s, of %s; can be ported: %v", n.TN, n.Center, n.Carrier, n.Portable)
		can = append(can, n.Covered && n.Portable)
	}
	return expect("[true false]", fmt.Sprint(can))
}

// port asks for numbers of another carrier.
func (w *voiceWalk) port(ctx context.Context, external, first, from, to string) (id string, err error) {
	what := from
	if from != to {
		what += " to " + to[6:]
	}
	return w.accept(ctx, what+", from another carrier", "/order", portOrder(external, first, from, to, w.Now.Add(-24*time.Hour)))
}

// answered waits for the losing carrier's answer.
func (w *voiceWalk) answered(ctx context.Context, id, detail string) (voiceOrder, error) {
	return w.status(ctx, id, portStep, func(o voiceOrder) bool { return o.Detail == detail })
}

func (w *voiceWalk) refusedPort(ctx context.Context) (err error) {
	w.Step("Port five of them; their carrier rejects it")
	const word = "[demarc:port-name]"
	w.Say("in a sandbox %s in externalOrderId makes it do so, the first time", word)
	if w.order, err = w.port(ctx, "DEMO-PORT "+word, "Robin", portFirst, portLast); err != nil {
		return err
	}
	o, err := w.answered(ctx, w.order, "rejected by the losing carrier")
	if err != nil {
		return err
	}
	list, _, err := w.hears(ctx, w.order, 901, 904)
	if err != nil {
		return err
	}
	w.Say("%s does not let them go: %s", o.Carrier, o.Why)
	return errors.Join(expect("rejected subscriber name mismatch", o.Status+" "+o.Why), expect(o.Why, list[1].Reason))
}

func (w *voiceWalk) supplement(ctx context.Context) error {
	w.Step("Supplement it with the right name")
	var a struct {
		Transaction string `json:"transactionOrderId"`
	}
	err := w.Ask(ctx, http.MethodPost, numbersPath+"/order/"+w.order+"/supplement", map[string]any{"subscriberLines": []any{
		map[string]string{"customerType": "R", "firstName": "Robin", "lastName": "Example-Sample"}}}, &a)
	if err != nil {
		return err
	}
	w.Say("supplement %s", a.Transaction)
	o, err := w.answered(ctx, w.order, "FOC scheduled")
	if err != nil {
		return err
	}
	list, _, err := w.hears(ctx, w.order, 901, 904, 904, 903)
	if err != nil {
		return err
	}
	w.Say("the firm order commitment is for %s", o.FOC.Format(time.RFC3339))
	if !o.FOC.After(w.Now) {
		return errors.New("that day is over")
	}
	return expect(o.FOC.Format(time.RFC3339), list[3].FOC)
}

func (w *voiceWalk) portNow(ctx context.Context) error {
	w.Step("Port now")
	if err := w.Ask(ctx, http.MethodPost, numbersPath+"/lnp/portnow", map[string]string{"voiceOrderId": w.order}, nil); err != nil {
		return err
	}
	if _, err := w.status(ctx, w.order, time.Second, in("completed")); err != nil {
		return err
	}
	if _, _, err := w.hears(ctx, w.order, 901, 904, 904, 903, 902, 902); err != nil {
		return err
	}
	total, list, err := w.details(ctx, "&NPA="+portFirst[:3]+"&NXX="+portFirst[3:6])
	if err != nil {
		return err
	}
	if total != 5 || len(list) != 5 || !list[0].Ported {
		return errors.New("the numbers that were ported are not in service")
	}
	return expect("1"+portFirst+" Example-Sample", fmt.Sprintf("%d %s", list[0].TN, list[0].Subscriber.Last))
}

func (w *voiceWalk) cancel(ctx context.Context) error {
	return w.Ask(ctx, http.MethodPost, numbersPath+"/order/cancel", map[string]string{"voiceOrderId": w.order}, nil)
}

func (w *voiceWalk) cancelled(ctx context.Context) (err error) {
	w.Step("Cancel a port in time")
	if w.order, err = w.port(ctx, "DEMO-CANCEL", "Alex", unwanted, unwantedEnd); err != nil {
		return err
	}
	if _, err := w.answered(ctx, w.order, "FOC scheduled"); err != nil {
		return err
	}
	if err := w.cancel(ctx); err != nil {
		return err
	}
	if _, err := w.status(ctx, w.order, time.Second, in("cancelled")); err != nil {
		return err
	}
	_, _, err = w.hears(ctx, w.order, 901, 903, 904)
	return err
}

// tooLate cancels a port when its last business day has begun.
func (w *voiceWalk) tooLate(ctx context.Context) (err error) {
	w.Step("Cancel another one too late")
	if w.order, err = w.port(ctx, "DEMO-LATE", "Sam", late, lateEnd); err != nil {
		return err
	}
	o, err := w.answered(ctx, w.order, "FOC scheduled")
	if err != nil {
		return err
	}
	if err := w.Advance(ctx, o.FOC.Add(-12*time.Hour).Sub(w.Now)); err != nil {
		return err
	}
	w.Say("%s  twelve hours before its day", w.paper.in(green, w.Now.Format(time.DateTime)))
	if err := w.cancel(ctx); err != nil {
		return err
	}
	if _, _, err := w.hears(ctx, w.order, 901, 903, 20066); err != nil {
		return err
	}
	w.Say("so it happens:")
	if _, err := w.status(ctx, w.order, portStep, in("completed")); err != nil {
		return err
	}
	_, _, err = w.hears(ctx, w.order, 901, 903, 20066, 902, 902)
	return err
}

// stands makes sure that everything that was told can be read again, and nothing else.
func (w *voiceWalk) stands(ctx context.Context) error {
	w.Step("How it stands")
	if _, err := w.utilization(ctx); err != nil {
		return err
	}
	var a struct {
		Total int `json:"totalCount"`
	}
	if err := w.Ask(ctx, http.MethodGet, voicePath+"/notifications?pageSize=1", nil, &a); err != nil {
		return err
	}
	came := 0
	for _, n := range w.heard {
		came += n
	}
	how := "pulled"
	if w.partner != nil {
		how = "put to the demo's receiver as XML"
	}
	w.Say("%d notifications are kept, and as many were %s", a.Total, how)
	return expect(fmt.Sprint(came), fmt.Sprint(a.Total))
}
