package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	voicePath    = "/Voice/v1"
	numbersPath  = voicePath + "/Numbers"
	voiceDesk    = "/sandbox/v1/voice"
	voiceProduct = "2036"       // Local Inbound
	voiceRoute   = "MAIN-ROUTE" // a customer service name that the example's customer has
	voiceState   = "CO"
	// Where the journey's numbers are, and where there are to be few.
	voiceCenter = "DENVER"
	voiceScarce = "ALAMOSA"
)

// voiceWalk is what the steps of the journey hand on to each other.
type voiceWalk struct {
	*Stage
	partner *receiver // of what is pushed as XML; nil: notifications are pulled
	order   string
	numbers []int64 // of the pool, and later in service
	heard   map[string]int
	active  int // numbers of Denver that were in service before
}

// voiceJourney takes numbers from the stock into service and back, waits for more than
// there are, and fetches some from another carrier.
func voiceJourney(ctx context.Context, s *Stage) (err error) {
	w := &voiceWalk{Stage: s, heard: map[string]int{}}
	defer func() {
		if w.partner != nil {
			err = errors.Join(err, w.partner.close())
		}
	}()
	for _, part := range []func(context.Context) error{
		w.centers, w.push, w.reserve, w.pool, w.idle, // numbers into the pool
		w.short, w.backorder, w.free, // more than there are
		w.mistaken, w.install, w.change, w.disconnect, w.age, // numbers in service
		w.portable, w.refusedPort, w.supplement, w.portNow, // from another carrier
		w.cancelled, w.tooLate, // a port that nobody wants any more
		w.stands,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// status shows how an order is, until it is as it should be.
func (w *voiceWalk) status(ctx context.Context, id string, by time.Duration, enough func(o voiceOrder) bool) (o voiceOrder, err error) {
	path := voicePath + "/orderStatus?voiceOrderId=" + id
	w.paper.faintly("GET " + path)
	return o, w.Until(ctx, by, func() (string, bool, error) {
		o = voiceOrder{}
		err := w.Quietly(ctx, http.MethodGet, path, nil, &o)
		return o.String(), enough(o), err
	})
}

// in says whether an order has come to a status.
func in(status string) func(voiceOrder) bool {
	return func(o voiceOrder) bool { return o.Status == status }
}

// hears makes sure that exactly these codes came about an order, oldest first, and shows
// those that are new.
func (w *voiceWalk) hears(ctx context.Context, id string, codes ...int) (list []partnerNotification, raw []Notification, err error) {
	types := make([]string, len(codes))
	for i, code := range codes {
		types[i] = voiceType(code)
	}
	how, arrived := "told", func(ctx context.Context, subject string) ([]Notification, <-chan struct{}, error) {
		return w.arrived(ctx, "voice/"+subject) // as it is called where it is pulled
	}
	if w.partner != nil {
		how, arrived = "PUT", func(_ context.Context, subject string) ([]Notification, <-chan struct{}, error) {
			return w.partner.about(subject)
		}
	}
	if raw, err = w.await(ctx, "order/"+id, types, arrived); err != nil {
		return nil, nil, err
	}
	for i, n := range raw {
		told, err := readPartner(n.Data)
		if err != nil {
			return nil, nil, err
		}
		if list = append(list, told); i >= w.heard[id] {
			w.Say("%s: %s", how, told)
		}
		if told.Order != id || told.Customer != w.World.Customer {
			return nil, nil, fmt.Errorf("the notification is about order %q of %q", told.Order, told.Customer)
		}
	}
	w.heard[id] = len(raw)
	return list, raw, nil
}

// accept sends an order, and remembers it.
func (w *voiceWalk) accept(ctx context.Context, what, path string, body any) (id string, err error) {
	var a struct {
		ID     string `json:"voiceOrderId"`
		Status string `json:"orderStatus"`
	}
	if err := w.Ask(ctx, http.MethodPost, numbersPath+path, body, &a); err != nil {
		return "", err
	}
	w.Say("order %s", a.ID)
	w.Made("voice order", a.ID, what)
	return a.ID, expect("created", a.Status)
}

// wish orders numbers of a rate center into the pool.
func (w *voiceWalk) wish(ctx context.Context, external, center string, quantity int) (id string, err error) {
	return w.accept(ctx, fmt.Sprintf("%d numbers of %s, %s", quantity, center, voiceState), "/orderInventory", map[string]any{
		"productID": voiceProduct, "externalOrderId": external,
		"rateCenterOrders": []any{map[string]any{"rateCenter": center, "state": voiceState, "quantity": quantity}}})
}

func (w *voiceWalk) centers(ctx context.Context) error {
	w.Step("Find rate centers")
	var a struct {
		Total int `json:"totalCount"`
		List  []struct {
			Name string   `json:"rateCenter"`
			LATA string   `json:"lata"`
			NPAs []string `json:"npas"`
			Open bool     `json:"openForOrders"`
		} `json:"rateCenters"`
	}
	if err := w.Ask(ctx, http.MethodGet, numbersPath+"/rateCenters?pageNumber=1&pageSize=3&productID="+voiceProduct+"&state="+voiceState, nil, &a); err != nil {
		return err
	}
	for _, c := range a.List {
		w.Say("%-12s LATA %s, NPA %s", c.Name, c.LATA, strings.Join(c.NPAs, ", "))
	}
	if len(a.List) != 3 || a.Total <= 3 {
		return fmt.Errorf("there are %d rate centers, %d of them on a page of three", a.Total, len(a.List))
	}
	w.Say("... %d in all", a.Total)
	return nil
}

// push has what partners are told put to a receiver of the demo's own.
func (w *voiceWalk) push(ctx context.Context) error {
	w.Step("Have notifications pushed, as XML")
	const user = "demo"
	password := rand.Text()
	partner, err := openReceiver(ctx, "/voice/notifications", partners(user, password))
	if err != nil {
		return err
	}
	w.partner = partner
	w.Say("a receiver of PartnerNotification waits at %s", partner.url)
	var a struct {
		ID     string `json:"id"`
		URL    string `json:"url"`
		Secret string `json:"secret"`
	}
	err = w.Ask(ctx, http.MethodPost, "/webhooks/v1/endpoints", map[string]any{"form": "voice", "events": []string{"voice.notification.*"},
		"url":         strings.TrimSuffix(partner.url, "/voice/notifications"), // which has the form's path then
		"customer":    w.World.Customer,
		"auth":        map[string]string{"type": "basic", "username": user, "password": password},
		"description": "the demo's receiver of PartnerNotification"}, &a)
	var no *Refusal
	switch {
	case errors.As(err, &no):
		w.Say("This server sends nothing to this machine, so notifications are pulled (%s).", no.Message)
		w.partner = nil
		return partner.close()
	case err != nil:
		return err
	}
	w.Made("endpoint, form voice", a.ID, a.URL)
	if err := errors.Join(expect(partner.url, a.URL), partner.expect(a.Secret)); err != nil {
		return err
	}
	w.Say("it is put there with HTTP Basic, as %s", user)
	_, _, err = w.tried(ctx)
	return err
}

// tried makes sure that the new endpoint was tried out.
func (w *voiceWalk) tried(ctx context.Context) (list []Notification, n partnerNotification, err error) {
	list, err = w.await(ctx, "order/none", []string{voiceType(19000)}, func(_ context.Context, subject string) ([]Notification, <-chan struct{}, error) {
		return w.partner.about(subject)
	})
	delete(w.told, "order/none")
	if err != nil {
		return nil, n, err
	}
	if n, err = readPartner(list[0].Data); err == nil {
		w.Say("PUT: %s", n)
	}
	return list, n, err
}

func (w *voiceWalk) reserve(ctx context.Context) (err error) {
	w.Step("Reserve 25 numbers of Denver")
	if w.order, err = w.wish(ctx, "DEMO-RESERVE", voiceCenter, 25); err != nil {
		return err
	}
	if _, _, err = w.hears(ctx, w.order, 901); err != nil {
		return err
	}
	if _, err = w.status(ctx, w.order, time.Second, in("completed")); err != nil {
		return err
	}
	_, raw, err := w.hears(ctx, w.order, 901, 10002, 10002)
	if err != nil || w.partner == nil {
		return err
	}
	document, err := indented(raw[1].Data)
	if err != nil {
		return err
	}
	w.Say("the first of the two, which is about the rate center, an element to a line:")
	for line := range strings.Lines(document) {
		w.paper.faintly(strings.TrimRight(line, "\n"))
	}
	return nil
}

// poolOf shows the numbers that an order has brought.
func (w *voiceWalk) poolOf(ctx context.Context, order string) (numbers []int64, err error) {
	var a struct {
		List []pooled `json:"tnList"`
	}
	if err := w.Ask(ctx, http.MethodGet, numbersPath+"/inventory?voiceOrderID="+order, nil, &a); err != nil {
		return nil, err
	}
	for _, r := range a.List {
		w.Say("%s", r)
		for tn := r.Start; tn <= r.End; tn++ {
			numbers = append(numbers, tn)
		}
		if int64(r.Quantity) != r.End-r.Start+1 {
			return nil, fmt.Errorf("the range %s does not have %d numbers", r, r.Quantity)
		}
	}
	return numbers, nil
}

func (w *voiceWalk) pool(ctx context.Context) (err error) {
	w.Step("Look at the pool")
	if w.numbers, err = w.poolOf(ctx, w.order); err != nil {
		return err
	}
	return expect("25", fmt.Sprint(len(w.numbers)))
}

// used is how much of what the customer has in Denver is in service.
type used struct {
	Total    int  `json:"total"`
	Active   int  `json:"active"`
	Reserved int  `json:"reserved"`
	Percent  int  `json:"utilizationPercent"`
	Allowed  bool `json:"orderAllowed"`
}

func (w *voiceWalk) utilization(ctx context.Context) (u used, err error) {
	var a struct {
		List []used `json:"rateCenters"`
	}
	err = w.Ask(ctx, http.MethodPost, numbersPath+"/rateCenters/utilization", map[string]any{"productID": voiceProduct,
		"rateCenters": []any{map[string]string{"rateCenter": voiceCenter, "state": voiceState}}}, &a)
	if err != nil {
		return u, err
	}
	if len(a.List) != 1 {
		return u, fmt.Errorf("there are %d answers about one rate center", len(a.List))
	}
	u = a.List[0]
	w.Say("%d of %d numbers of Denver are in service, %d %%", u.Active, u.Total, u.Percent)
	return u, nil
}

func (w *voiceWalk) idle(ctx context.Context) error {
	w.Step("More, before three quarters are in service")
	u, err := w.utilization(ctx)
	if err != nil {
		return err
	}
	if w.active = u.Active; u.Allowed || u.Reserved < 25 {
		return errors.New("more may be ordered while most are idle")
	}
	id, err := w.wish(ctx, "DEMO-IDLE", voiceCenter, 5)
	if err != nil {
		return err
	}
	if _, err := w.status(ctx, id, time.Second, in("rejected")); err != nil {
		return err
	}
	_, _, err = w.hears(ctx, id, 901, 1648, 1648)
	return err
}

// supply has the carrier let go of so many numbers where there are few.
func (w *voiceWalk) supply(ctx context.Context, available int) error {
	var a struct {
		Free int `json:"freeNumbers"`
	}
	path := voiceDesk + "/rateCenters/" + voiceState + "/" + voiceScarce + "/supply"
	if err := w.Ask(ctx, http.MethodPost, path, map[string]int{"available": available}, &a); err != nil {
		return err
	}
	w.Say("%d numbers of %s are free", a.Free, voiceScarce)
	return expect(fmt.Sprint(available), fmt.Sprint(a.Free))
}

func (w *voiceWalk) short(ctx context.Context) (err error) {
	w.Step("Ask for more than there are")
	w.Say("in a sandbox its owner is the carrier's staff, too:")
	if err := w.supply(ctx, 30); err != nil {
		return err
	}
	if w.order, err = w.wish(ctx, "DEMO-SHORT", voiceScarce, 100); err != nil {
		return err
	}
	o, err := w.status(ctx, w.order, time.Second, func(o voiceOrder) bool { return o.Status != "created" })
	if err != nil {
		return err
	}
	list, _, err := w.hears(ctx, w.order, 901, 10001)
	if err != nil {
		return err
	}
	if len(o.Parts) != 1 {
		return fmt.Errorf("the order has %d parts", len(o.Parts))
	}
	p := o.Parts[0]
	w.Say("%d are set aside until %s; nobody else gets them", p.Offered, p.Approve)
	if !strings.Contains(list[1].news().Message, "the 30 telephone numbers") {
		return errors.New("10001 does not say how many there are")
	}
	return expect("awaiting approval 30", fmt.Sprintf("%s %d", p.Status, p.Offered))
}

func (w *voiceWalk) backorder(ctx context.Context) error {
	w.Step("Accept with backorder")
	err := w.Ask(ctx, http.MethodPost, numbersPath+"/customerApproval", map[string]string{"voiceOrderId": w.order, "rateCenter": voiceScarce,
		"state": voiceState, "action": "Accept with backorder"}, nil)
	if err != nil {
		return err
	}
	o, err := w.status(ctx, w.order, time.Second, func(o voiceOrder) bool { return len(o.Parts) == 2 })
	if err != nil {
		return err
	}
	if _, _, err := w.hears(ctx, w.order, 901, 10001, 10002); err != nil {
		return err
	}
	now, later := o.Parts[0], o.Parts[1]
	w.Say("%s waits for %d numbers until %s", later.ID, later.Quantity, later.Until)
	return expect("completed 30 backordered 70 "+now.ID, fmt.Sprintf("%s %d %s %d %s", now.Status, now.Brought, later.Status, later.Quantity, later.Parent))
}

func (w *voiceWalk) free(ctx context.Context) error {
	w.Step("Numbers come free")
	if err := w.supply(ctx, 20); err != nil {
		return err
	}
	if err := w.Advance(ctx, time.Second); err != nil {
		return err
	}
	w.Say("they are set aside for the backorder, which is the oldest there; it waits for the others")
	if _, _, err := w.hears(ctx, w.order, 901, 10001, 10002); err != nil {
		return err
	}
	if err := w.supply(ctx, 50); err != nil {
		return err
	}
	if _, err := w.status(ctx, w.order, time.Second, in("completed")); err != nil {
		return err
	}
	if _, _, err := w.hears(ctx, w.order, 901, 10001, 10002, 10002, 10002); err != nil {
		return err
	}
	numbers, err := w.poolOf(ctx, w.order)
	if err != nil {
		return err
	}
	slices.Sort(numbers)
	return expect("100", fmt.Sprint(len(slices.Compact(numbers))))
}
