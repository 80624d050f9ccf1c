package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// changed are how many of the numbers in service are changed, and end.
const changed = 5

// tns are numbers in a request.
func tns(numbers []int64) []any {
	list := make([]any, len(numbers))
	for i, n := range numbers {
		list[i] = n
	}
	return list
}

// mistaken shows that every broken rule is answered at once.
func (w *voiceWalk) mistaken(ctx context.Context) error {
	w.Step("An order with mistakes")
	body := lineOrder("NEW", "DEMO-WRONG", resident("Robin", span("3035550100", "3035550100")))
	body["customerServiceName"], body["customerRequestDate"] = "NO-SUCH-ROUTE", "tomorrow"
	return w.refused(ctx, "/order", body, "20032", "20050", "20016")
}

// refused makes a call that must be refused with exactly these codes, and shows them.
func (w *voiceWalk) refused(ctx context.Context, path string, body any, want ...string) error {
	no, err := w.Denied(ctx, http.StatusBadRequest, Call{Method: http.MethodPost, Path: numbersPath + path, Body: body})
	if err != nil {
		return err
	}
	var a struct {
		Code   string `json:"code"`
		Errors []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
			Field   string `json:"field"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(no.Body, &a); err != nil {
		return err
	}
	var codes []string
	for _, e := range a.Errors {
		first, _, _ := strings.Cut(e.Message, ". ")
		w.Say("%d  %-5s  %-26s %s.", no.Status, e.Code, e.Field, strings.TrimSuffix(first, "."))
		codes = append(codes, e.Code)
	}
	return errors.Join(expect(strings.Join(want, " "), strings.Join(codes, " ")), expect(want[0], a.Code))
}

func (w *voiceWalk) install(ctx context.Context) (err error) {
	w.Step("Put them in service")
	id, err := w.accept(ctx, "25 numbers put in service", "/order", lineOrder("NEW", "DEMO-INSTALL", resident("Robin", tns(w.numbers))))
	if err != nil {
		return err
	}
	if _, err := w.status(ctx, id, time.Second, in("completed")); err != nil {
		return err
	}
	if _, _, err := w.hears(ctx, id, 901, 902, 902); err != nil {
		return err
	}
	u, err := w.utilization(ctx)
	if err != nil {
		return err
	}
	if !u.Allowed {
		return errors.New("no more may be ordered, though most are in service")
	}
	return expect(fmt.Sprint(w.active+25), fmt.Sprint(u.Active))
}

// details shows numbers of Denver in service, by the customer service name.
func (w *voiceWalk) details(ctx context.Context, query string) (total int, list []inService, err error) {
	var a struct {
		Total int         `json:"totalCount"`
		List  []inService `json:"telephoneNumbers"`
	}
	path := numbersPath + "/inventory/details?productID=" + voiceProduct + "&state=" + voiceState + "&rateCenter=" + voiceCenter + query
	if err := w.Ask(ctx, http.MethodGet, path, nil, &a); err != nil {
		return 0, nil, err
	}
	for _, n := range a.List {
		w.Say("%s", n)
	}
	w.Say("... %d in all", a.Total)
	return a.Total, a.List, nil
}

func (w *voiceWalk) change(ctx context.Context) error {
	w.Step("Change some of them")
	const route, name = "BACKUP-ROUTE", "Example Bakery"
	id, err := w.accept(ctx, "another subscriber and another route", "/order/change", map[string]any{
		"externalOrderId": "DEMO-CHANGE", "customerServiceName": route,
		"subscriberLines": []any{map[string]any{"customerType": "B", "businessName": name, "tnList": tns(w.numbers[:changed])}}})
	if err != nil {
		return err
	}
	if _, err := w.status(ctx, id, 20*time.Second, in("completed")); err != nil {
		return err
	}
	if _, _, err := w.hears(ctx, id, 901, 904, 902, 902); err != nil {
		return err
	}
	total, list, err := w.details(ctx, "&customerServiceName="+route+"&pageSize=3")
	if err != nil {
		return err
	}
	if len(list) != 3 || list[0].TN != w.numbers[0] {
		return errors.New("these are other numbers")
	}
	return expect(fmt.Sprintf("%d %s %s", changed, route, name), fmt.Sprintf("%d %s %s", total, list[0].Route, list[0].Subscriber.Business))
}

func (w *voiceWalk) disconnect(ctx context.Context) error {
	w.Step("End the service of those, in five days")
	body := map[string]any{"externalOrderId": "DEMO-END", "tnList": tns(w.numbers[:changed]),
		"customerRequestDate": w.Now.Add(5 * 24 * time.Hour).UTC().Format(voiceStamp)}
	id, err := w.accept(ctx, "five numbers taken out of service", "/order/disconnect", body)
	if err != nil {
		return err
	}
	w.Say("the same once more, while that is under way:")
	if err := w.refused(ctx, "/order/disconnect", body, "1612"); err != nil {
		return err
	}
	if _, err := w.status(ctx, id, 12*time.Hour, in("completed")); err != nil {
		return err
	}
	_, _, err = w.hears(ctx, id, 901, 906, 906)
	return err
}

// freeNow is how many numbers of Denver are free.
func (w *voiceWalk) freeNow(ctx context.Context) (int, error) {
	var a struct {
		Free int `json:"freeNumbers"`
	}
	err := w.Ask(ctx, http.MethodGet, voiceDesk+"/rateCenters/"+voiceState+"/"+voiceCenter, nil, &a)
	return a.Free, err
}

func (w *voiceWalk) age(ctx context.Context) error {
	w.Step("They age, and are free again")
	before, err := w.freeNow(ctx)
	if err != nil {
		return err
	}
	w.Say("%d free numbers in what is open of Denver; the five rest for ninety days", before)
	for _, wait := range []struct {
		by   time.Duration
		more int
	}{{89 * 24 * time.Hour, 0}, {24 * time.Hour, changed}} {
		if err := w.Advance(ctx, wait.by); err != nil {
			return err
		}
		now, err := w.freeNow(ctx)
		if err != nil {
			return err
		}
		w.Say("%s  %d", w.paper.in(green, w.Now.Format(time.DateOnly)), now)
		if err := expect(fmt.Sprint(before+wait.more), fmt.Sprint(now)); err != nil {
			return err
		}
	}
	return nil
}
