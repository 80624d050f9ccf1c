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
	marketPath    = "/marketplace/v1"
	subscriptions = marketPath + "/subscriptions"
	// playedProvider is the provider that the server plays itself, in every fresh world.
	playedProvider = "PRV-1"
	// marketPassword is in the form of the journey's buyer, and must never be seen again.
	marketPassword = "open-sesame-7"
)

// marketWalk is what the steps of the journey hand on to each other. The journey
// plays all parts: who manages the provider, the provider, and the buyer.
type marketWalk struct {
	*Stage
	provider string
	title    string // what people call the provider
	failOnce string // a word that makes the provider's server fail once
	noCOID   string // and one that makes it forget the customer id

	key     string // the provider key that updates are sent with
	keyID   string
	product string
	sku     string
	before  int       // subscriptions that the buyer had
	began   time.Time // when usage began

	sub    string // the subscription that all goes well with
	coid   string
	failed string              // the one that fails
	heard  map[string][]string // what came about each subscription
}

// marketplaceJourney sells a provider's software, from onboarding to the last update.
func marketplaceJourney(ctx context.Context, s *Stage) error {
	w := &marketWalk{Stage: s, heard: map[string][]string{}}
	for _, part := range []func(context.Context) error{
		w.onboard, w.offer, w.catalogue, w.subscribe, w.update, w.rotate, w.usage, w.card, w.withoutID, w.end, w.sum,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *marketWalk) ofProvider(path string) string {
	return marketPath + "/providers/" + url.PathEscape(w.provider) + path
}

func (w *marketWalk) onboard(ctx context.Context) error {
	w.Step("Onboard a provider")
	at, err := w.Provider(ctx)
	if err != nil {
		return err
	}
	w.Say("its server is demarc provider run, at %s", at)
	var a struct {
		ID    string `json:"id"`
		State string `json:"state"`
		URL   string `json:"provisionUrl"`
		Key   struct {
			ID    string `json:"id"`
			Clear string `json:"clear"`
		} `json:"key"`
	}
	err = w.Ask(ctx, http.MethodPost, marketPath+"/providers", map[string]string{
		"name": "demo-mail", "title": "Demo Mail", "baseUrl": at, "resellerKey": "a-reseller-key"}, &a)
	var no *Refusal
	switch {
	case errors.As(err, &no) && no.Status == http.StatusBadRequest && no.names("baseUrl"):
		return w.playAlong(ctx, "it calls no server on this machine: "+no.Message)
	case err != nil:
		return err
	}
	w.provider, w.title, w.key, w.keyID = a.ID, "Demo Mail", a.Key.Clear, a.Key.ID
	w.failOnce, w.noCOID = WordFailOnce, WordNoCOID
	w.Say("%s is %s; accounts are opened at %s", a.ID, a.State, a.URL)
	w.Say("its provider key %s is shown this once, and never again", a.Key.ID)
	w.Made("provider", a.ID, w.title)
	if w.key == "" {
		return errors.New("the provider has no key")
	}
	return expect("active", a.State)
}

// playAlong takes the provider that the server plays itself, where the server cannot
// call one on this machine. All the rest is as it would be.
func (w *marketWalk) playAlong(ctx context.Context, why string) error {
	w.Say("This server cannot use that provider (%s).", why)
	w.Say("So the journey goes on with %s, which the server plays itself.", playedProvider)
	w.provider, w.title = playedProvider, "Example Provider"
	w.failOnce, w.noCOID = "[demarc:provider-fails-once]", "[demarc:provider-no-coid]"
	return w.anotherKey(ctx, nil)
}

// anotherKey makes a provider key and tells updates with it from now on.
func (w *marketWalk) anotherKey(ctx context.Context, body any) error {
	var a struct {
		ID    string `json:"id"`
		Clear string `json:"clear"`
	}
	if err := w.Ask(ctx, http.MethodPost, w.ofProvider("/keys"), body, &a); err != nil {
		return err
	}
	if a.Clear == "" || a.Clear == w.key {
		return errors.New("there is no new key in the answer")
	}
	w.key, w.keyID = a.Clear, a.ID
	w.Say("provider key %s", a.ID)
	return nil
}

// formField is a field of a product's form.
type formField struct {
	Field    string `json:"field"`
	JSON     string `json:"jsonName,omitempty"`
	Label    string `json:"label"`
	Shown    bool   `json:"shown"`
	Required bool   `json:"required"`
}

// sku is a metered part of a product.
type sku struct {
	SKU  string `json:"sku,omitempty"`
	Name string `json:"name"`
	Unit string `json:"unit"`
}

func (w *marketWalk) offer(ctx context.Context) error {
	w.Step("Offer a product, with the form that its buyers fill in")
	body := map[string]any{
		"name": "Demo Mail Business", "description": "Mailboxes by the seat.", "skus": []sku{{Name: "Mailboxes", Unit: "seat"}},
		"form": []formField{
			{"resellerKey", "resellerkey", "Reseller Key", false, false},
			{"accountHolderName", "name", "Account Holder's Name", true, true},
			{"companyName", "company", "Company Name", true, false},
			{"emailAddress", "email", "Email Address", true, true},
			{"password", "initialPassword", "First Password", true, true},
		}}
	var a struct {
		ID    string `json:"id"`
		State string `json:"state"`
		SKUs  []sku  `json:"skus"`
	}
	if err := w.Ask(ctx, http.MethodPost, w.ofProvider("/products"), body, &a); err != nil {
		return err
	}
	if len(a.SKUs) != 1 || a.SKUs[0].SKU == "" {
		return errors.New("the product's SKU has no id")
	}
	w.product, w.sku = a.ID, a.SKUs[0].SKU
	w.Say("%s is %s, metered by %s", a.ID, a.State, w.sku)
	w.Made("product", a.ID, "Demo Mail Business, of "+w.title)
	if err := expect("listed", a.State); err != nil {
		return err
	}
	return w.testCall(ctx)
}

// testCall has the server call the provider's, which shows whether it can at all: an
// address that it takes may still be another machine's.
func (w *marketWalk) testCall(ctx context.Context) error {
	var a struct {
		Status  *int    `json:"status"`
		COID    *string `json:"coid"`
		Problem *string `json:"problem"`
		Request string  `json:"request"`
	}
	if err := w.Ask(ctx, http.MethodPost, w.ofProvider("/products/"+url.PathEscape(w.product)+"/test-call"), nil, &a); err != nil {
		return err
	}
	if a.Status == nil && w.provider != playedProvider {
		if err := w.playAlong(ctx, text(a.Problem)); err != nil {
			return err
		}
		return w.offer(ctx)
	}
	if a.Status == nil || *a.Status != http.StatusCreated || text(a.COID) == "" {
		return fmt.Errorf("a test call failed: %s", text(a.Problem))
	}
	w.Say("%d, coid %s; it was sent %s", *a.Status, *a.COID, a.Request)
	return nil
}

func text(t *string) string {
	if t == nil {
		return ""
	}
	return *t
}

func (w *marketWalk) catalogue(ctx context.Context) error {
	w.Step("See the catalogue, as a buyer")
	var a struct {
		Products []struct {
			ID       string      `json:"id"`
			Name     string      `json:"name"`
			Provider named       `json:"provider"`
			Form     []formField `json:"form"`
		} `json:"products"`
	}
	if err := w.Ask(ctx, http.MethodGet, marketPath+"/products?pageSize=100", nil, &a); err != nil {
		return err
	}
	there := false
	for _, p := range a.Products {
		fields := make([]string, len(p.Form))
		for i, f := range p.Form {
			fields[i] = f.Label
			if f.JSON != "" || f.Field == "resellerKey" {
				return fmt.Errorf("buyers of %s see what is not theirs: %s %s", p.ID, f.Field, f.JSON)
			}
		}
		w.Say("%-11s %-20s asks for %s", p.ID, p.Name, strings.Join(fields, ", "))
		there = there || p.ID == w.product && len(p.Form) == 4
	}
	if !there {
		return fmt.Errorf("%s is not in the catalogue as it was offered", w.product)
	}
	var mine struct {
		Count int `json:"resultCount"`
	}
	err := w.Quietly(ctx, http.MethodGet, subscriptions, nil, &mine)
	w.before = mine.Count
	return err
}

// bought is a subscription as its buyer sees it.
type bought struct {
	ID      string            `json:"id"`
	State   string            `json:"state"`
	COID    *string           `json:"coid"`
	Failure *string           `json:"failure"`
	Fields  map[string]string `json:"fields"`
	Expired *string           `json:"expiredDate"`
	History []struct {
		At    time.Time `json:"at"`
		Event string    `json:"event"`
		Note  string    `json:"note"`
	} `json:"history"`
}

func (w *marketWalk) form(holder, company string) map[string]any {
	return map[string]any{"productId": w.product, "fields": map[string]string{"accountHolderName": holder, "companyName": company,
		"emailAddress": "robin@example.com", "password": marketPassword}}
}

// look reads a subscription.
func (w *marketWalk) look(ctx context.Context, id string) (b bought, err error) {
	var raw json.RawMessage
	if err = w.Quietly(ctx, http.MethodGet, subscriptions+"/"+url.PathEscape(id), nil, &raw); err != nil {
		return b, err
	}
	if bytes.Contains(raw, []byte(marketPassword)) {
		return b, errors.New("the subscription shows the buyer's password")
	}
	return b, json.Unmarshal(raw, &b)
}

// buy subscribes and moves the clock until the provider's server has opened the
// account, or will not.
func (w *marketWalk) buy(ctx context.Context, holder, state string) (b bought, err error) {
	if err = w.Ask(ctx, http.MethodPost, subscriptions, w.form(holder, "Example Org"), &b); err != nil {
		return b, err
	}
	id := b.ID
	w.Say("subscription %s, for %q", id, holder)
	err = w.Until(ctx, 5*time.Second, func() (string, bool, error) {
		b, err = w.look(ctx, id)
		return "subscription " + b.State, b.State != "provisioning", err
	})
	if err == nil {
		err = expect(state, b.State)
	}
	return b, err
}

// hear makes sure of what came about a subscription since it was last heard of.
func (w *marketWalk) hear(ctx context.Context, id string, types ...string) error {
	known := len(w.heard[id])
	w.heard[id] = append(w.heard[id], types...)
	list, err := w.Told(ctx, "subscription/"+id, w.heard[id]...)
	if err != nil {
		return err
	}
	for _, n := range list[known:] {
		w.Say("told: %s", n.Type)
	}
	return nil
}

func (w *marketWalk) subscribe(ctx context.Context) error {
	w.Step("Subscribe, while the provider fails once")
	b, err := w.buy(ctx, "Robin Example "+w.failOnce, "active")
	if err != nil {
		return err
	}
	w.sub, w.coid = b.ID, text(b.COID)
	if w.coid == "" || b.Fields["password"] != "" {
		return errors.New("an active subscription has a coid, and no password")
	}
	w.Say("its coid is %s", w.coid)
	w.Made("subscription", w.sub, "coid "+w.coid+", of "+w.title)
	if err := w.calls(ctx, w.sub, http.StatusInternalServerError, http.StatusCreated); err != nil {
		return err
	}
	w.Say("both calls had one Idempotency-Key: no second account is opened")
	return w.hear(ctx, w.sub, "subscription.active")
}

// calls shows the calls to the provider's server about a subscription, and makes sure
// of their answers, and that the log holds nothing that the buyer wrote.
func (w *marketWalk) calls(ctx context.Context, id string, statuses ...int) error {
	var a struct {
		Calls []struct {
			At        time.Time `json:"at"`
			Direction string    `json:"direction"`
			Sub       *string   `json:"subscriptionId"`
			Status    *int      `json:"status"`
			Request   string    `json:"request"`
		} `json:"calls"`
	}
	if err := w.Ask(ctx, http.MethodGet, w.ofProvider("/calls?pageSize=100"), nil, &a); err != nil {
		return err
	}
	slices.Reverse(a.Calls) // the latest comes first
	var got []int
	for _, c := range a.Calls {
		if text(c.Sub) != id || c.Direction != "out" || c.Status == nil {
			continue
		}
		got = append(got, *c.Status)
		w.Say("%s  %d  %s", c.At.Format(time.TimeOnly), *c.Status, c.Request)
		if strings.Contains(c.Request, marketPassword) || strings.Contains(c.Request, "Robin") {
			return errors.New("the call log shows what the buyer wrote")
		}
	}
	if !slices.Equal(got, statuses) {
		return fmt.Errorf("the provider answered %v, it should be %v", got, statuses)
	}
	return nil
}

// usageUpdate is a provider's update, as its own server would send it: without a
// token, with its key in the body.
func (w *marketWalk) usageUpdate(key string, body map[string]any) Call {
	all := map[string]any{"coid": w.coid, "sku": w.sku, "expired": false, "providerkey": w.key}
	maps.Copy(all, body)
	return Call{Method: http.MethodPost, Path: w.updatePath, Body: all, Bare: true, Header: http.Header{"Idempotency-Key": {key}}}
}

// send tells of usage, and makes sure what the month then comes to.
func (w *marketWalk) send(ctx context.Context, key string, count int, total string) error {
	var a struct {
		State string          `json:"state"`
		Month string          `json:"month"`
		Total json.RawMessage `json:"total"`
	}
	if err := w.Do(ctx, w.usageUpdate(key, map[string]any{"count": count}), &a); err != nil {
		return err
	}
	w.Say("a count of %d: %s has %s in all", count, a.Month, a.Total)
	if month := w.Now.Format("2006-01"); a.Month != month {
		return fmt.Errorf("it is counted in %s, it is %s", a.Month, month)
	}
	return expect(total, string(a.Total))
}

func (w *marketWalk) update(ctx context.Context) error {
	w.Step("The provider tells of usage")
	w.began = w.Now
	if err := w.send(ctx, "demo-usage-1", 12, "12"); err != nil {
		return err
	}
	w.Say("once more under the same key, as after an answer that was lost:")
	if err := w.send(ctx, "demo-usage-1", 12, "12"); err != nil {
		return err
	}
	w.Say("and what was used since:")
	if err := w.send(ctx, "demo-usage-2", 3, "15"); err != nil {
		return err
	}
	no, err := w.Denied(ctx, http.StatusBadRequest, w.usageUpdate("demo-usage-3", map[string]any{"sku": "", "count": -1}))
	if err != nil {
		return err
	}
	w.Say("%s", no.Error())
	if !no.names("sku") || !no.names("count") {
		return errors.New("the refusal does not name all that is wrong")
	}
	return w.hear(ctx, w.sub, "subscription.updated", "subscription.updated")
}

func (w *marketWalk) rotate(ctx context.Context) error {
	w.Step("Change the provider's key")
	was, wasID := w.key, w.keyID
	if err := w.anotherKey(ctx, map[string]string{"expireOld": "PT1H"}); err != nil {
		return err
	}
	w.Say("for an hour both work, the old one first:")
	fresh := w.key
	w.key = was
	if err := w.send(ctx, "demo-usage-4", 1, "16"); err != nil {
		return err
	}
	w.key = fresh
	if err := w.send(ctx, "demo-usage-5", 1, "17"); err != nil {
		return err
	}
	if err := w.Advance(ctx, time.Hour); err != nil {
		return err
	}
	w.Say("%s  an hour later, the old one:", w.paper.in(green, w.Now.Format(time.TimeOnly)))
	no, err := w.Denied(ctx, http.StatusUnauthorized, w.usageUpdate("demo-usage-6", map[string]any{"count": 1, "providerkey": was}))
	if err != nil {
		return err
	}
	w.Say("%s", no.Error())
	w.Say("%s has ended, %s goes on", wasID, w.keyID)
	return w.hear(ctx, w.sub, "subscription.updated", "subscription.updated")
}

func (w *marketWalk) usage(ctx context.Context) error {
	w.Step("See the usage of each month")
	first := w.began.Format("2006-01")
	next := time.Date(w.began.Year(), w.began.Month()+1, 1, 9, 0, 0, 0, time.UTC)
	if err := w.Advance(ctx, next.Sub(w.Now)); err != nil {
		return err
	}
	w.Say("%s  the next month has begun", w.paper.in(green, w.Now.Format(time.DateOnly)))
	if err := w.send(ctx, "demo-usage-7", 18, "18"); err != nil {
		return err
	}
	var a struct {
		Usage []struct {
			Month   string          `json:"month"`
			SKU     string          `json:"sku"`
			Unit    string          `json:"unit"`
			Total   json.RawMessage `json:"total"`
			Updates int             `json:"updates"`
		} `json:"usage"`
	}
	if err := w.Ask(ctx, http.MethodGet, subscriptions+"/"+url.PathEscape(w.sub)+"/usage", nil, &a); err != nil {
		return err
	}
	var got []string
	for _, u := range a.Usage {
		w.Say("%s  %s  %s: %s  (updates: %d)", u.Month, u.SKU, u.Unit, u.Total, u.Updates)
		got = append(got, fmt.Sprintf("%s %s %s %d", u.Month, u.Total, u.Unit, u.Updates))
	}
	if err := expect(first+" 17 seat 4, "+w.Now.Format("2006-01")+" 18 seat 1", strings.Join(got, ", ")); err != nil {
		return err
	}
	return w.hear(ctx, w.sub, "subscription.updated")
}

func (w *marketWalk) card(ctx context.Context) error {
	w.Step("A card number is refused, wherever it is written")
	const number = "4111 1111 1111 1111" // every card company's example
	no, err := w.Denied(ctx, http.StatusBadRequest, Call{Method: http.MethodPost, Path: subscriptions, Body: w.form("Robin Example", "Example Org "+number)})
	if err != nil {
		return err
	}
	w.Say("%s", no.Error())
	if !no.names("fields.companyName") || bytes.Contains(no.Body, []byte("4111")) {
		return errors.New("the refusal must name the field, and not repeat its value")
	}
	return nil
}

func (w *marketWalk) withoutID(ctx context.Context) error {
	w.Step("A provider that opens an account and does not say which")
	b, err := w.buy(ctx, "Robin Example "+w.noCOID, "failed")
	if err != nil {
		return err
	}
	w.failed = b.ID
	w.Say("because %s", text(b.Failure))
	w.Made("subscription", b.ID, "which failed on purpose")
	if !strings.HasPrefix(text(b.Failure), w.title+" ") || b.COID != nil {
		return errors.New("the failure does not name the provider")
	}
	return w.hear(ctx, b.ID, "subscription.failed")
}

func (w *marketWalk) end(ctx context.Context) error {
	w.Step("End it")
	var b bought
	if err := w.Ask(ctx, http.MethodPost, subscriptions+"/"+url.PathEscape(w.sub)+"/end", nil, &b); err != nil {
		return err
	}
	w.Say("the buyer has ended it: %s; the provider has 30 days for its last update", b.State)
	if err := expect("ending", b.State); err != nil {
		return err
	}
	var a struct {
		State string          `json:"state"`
		Total json.RawMessage `json:"total"`
	}
	last := map[string]any{"expired": true, "expired-date": w.Now.Format(time.DateOnly), "count": 2}
	if err := w.Do(ctx, w.usageUpdate("demo-usage-8", last), &a); err != nil {
		return err
	}
	w.Say("the provider's last update: %s, and %s in its last month", a.State, a.Total)
	if err := expect("expired 20", a.State+" "+string(a.Total)); err != nil {
		return err
	}
	w.Say("one more:")
	no, err := w.Denied(ctx, http.StatusConflict, w.usageUpdate("demo-usage-9", map[string]any{"count": 1}))
	if err != nil {
		return err
	}
	w.Say("%s", no.Error())
	return w.hear(ctx, w.sub, "subscription.updated", "subscription.updated")
}

// sum makes sure how things stand at the end, for the buyer and for the provider.
func (w *marketWalk) sum(ctx context.Context) error {
	w.Step("How it stands")
	b, err := w.look(ctx, w.sub)
	if err != nil {
		return err
	}
	var events []string
	for _, h := range b.History {
		w.Say("%s  %-11s %s", h.At.Format(time.DateTime), h.Event, h.Note)
		events = append(events, h.Event)
	}
	if err := expect("expired: subscribed, opened, end, expired", b.State+": "+strings.Join(events, ", ")); err != nil {
		return err
	}
	if !strings.HasPrefix(text(b.Expired), w.Now.Format(time.DateOnly)) {
		return fmt.Errorf("services ended on %s", text(b.Expired))
	}
	var mine struct {
		Count int `json:"resultCount"`
	}
	if err := w.Quietly(ctx, http.MethodGet, subscriptions, nil, &mine); err != nil {
		return err
	}
	if want := w.before + 2; mine.Count != want {
		return fmt.Errorf("the buyer has %d subscriptions, it should be %d: what was refused leaves nothing", mine.Count, want)
	}
	var theirs struct {
		List []bought `json:"subscriptions"`
	}
	if err := w.Ask(ctx, http.MethodGet, w.ofProvider("/subscriptions?pageSize=100"), nil, &theirs); err != nil {
		return err
	}
	states := map[string]string{}
	for _, s := range theirs.List {
		states[s.ID] = s.State
		w.Say("%s  %-8s %s", s.ID, s.State, text(s.COID))
	}
	return expect("expired, failed", states[w.sub]+", "+states[w.failed])
}
