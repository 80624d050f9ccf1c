package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The example that the published steps walk through.
const (
	examplePartner = "43558"
	exampleSite    = "PL0001247634"
	orderPath      = "/Customer/v3/Ordering/orderRequest"
	inventoryPath  = "/ProductInventory/v1/inventory"
)

// onDemandWalk is what the steps of the journey hand on to each other.
type onDemandWalk struct {
	*Stage
	quote   string
	account named
	service string
	order   string
}

type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type characteristic struct {
	Name  string `json:"name"`
	Type  string `json:"valueType"`
	Value string `json:"value"`
}

// onDemand walks the seven published steps, and what comes after them.
func onDemand(ctx context.Context, s *Stage) error {
	w := &onDemandWalk{Stage: s}
	for _, part := range []func(context.Context) error{
		w.providers, w.locations, w.prices, w.priceRequest, w.billingAccount, w.place, w.webhooks,
		w.bandwidth, w.rename, w.failure, w.charge, w.end,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *onDemandWalk) providers(ctx context.Context) error {
	w.Step("Find providers")
	var a struct {
		List []named `json:"listPartners"`
	}
	if err := w.Ask(ctx, http.MethodGet, "/Network/v1/provider", nil, &a); err != nil {
		return err
	}
	for _, p := range a.List {
		w.Say("%-8s %s", p.ID, p.Name)
	}
	if len(a.List) == 0 || a.List[0].ID != examplePartner {
		return fmt.Errorf("the first provider is not %s", examplePartner)
	}
	return nil
}

type site struct {
	ID     string `json:"masterSiteId"`
	Street string `json:"streetAddress"`
	City   string `json:"city"`
	State  string `json:"stateOrProvince"`
}

func (w *onDemandWalk) locations(ctx context.Context) error {
	w.Step("Browse locations")
	var a struct {
		Pagination []struct {
			Total int `json:"totalRecords"`
		} `json:"pagination"`
		List []site `json:"location"`
	}
	if err := w.Ask(ctx, http.MethodGet, "/Network/v1/location?partnerId="+examplePartner+"&pageSize=3", nil, &a); err != nil {
		return err
	}
	if len(a.List) == 0 || len(a.Pagination) != 1 || a.List[0].ID != exampleSite {
		return fmt.Errorf("the first location is not %s", exampleSite)
	}
	for _, l := range a.List {
		w.Say("%s  %s, %s, %s", l.ID, l.Street, l.City, l.State)
	}
	w.Say("... %d in all", a.Pagination[0].Total)
	return nil
}

func (w *onDemandWalk) prices(ctx context.Context) error {
	w.Step("Qualify")
	var a struct {
		Prices []struct {
			Speed string `json:"speed"`
			Price string `json:"price"`
		} `json:"pricePerSpeed"`
	}
	if err := w.Ask(ctx, http.MethodGet, "/Product/v1/price?masterSiteId="+exampleSite+"&productCode=718", nil, &a); err != nil {
		return err
	}
	offers := make([]string, len(a.Prices))
	for i, p := range a.Prices {
		offers[i] = p.Speed + " " + p.Price
	}
	w.Say("an hour: %s", strings.Join(offers, ", "))
	if !strings.Contains(strings.Join(offers, ", "), "100 Mbps $0.46") {
		return fmt.Errorf("100 Mbps is not offered at $0.46")
	}
	return nil
}

// price requests a quote for a speed at the example's site.
func (w *onDemandWalk) price(ctx context.Context, speed string) error {
	var a struct {
		ID    string `json:"id"`
		Price []struct {
			Price string `json:"price"`
			Term  string `json:"term"`
		} `json:"price"`
	}
	err := w.Ask(ctx, http.MethodPost, "/Product/v1/priceRequest", map[string]string{
		"sourceSystem": "NaaS ExternalAPI", "customerPriceRequestDescription": "NaaS Price Request",
		"customerNumber": w.World.Customer, "currencyCode": "USD", "masterSiteId": exampleSite, "productCode": "718",
		"partnerId": examplePartner, "productName": "Internet On-Demand", "speed": speed}, &a)
	if err != nil {
		return err
	}
	terms := make([]string, len(a.Price))
	for i, p := range a.Price {
		terms[i] = p.Price + " " + strings.ToLower(p.Term)
	}
	w.quote = a.ID
	w.Say("quote %s for %s, valid for 15 minutes: %s", a.ID, speed, strings.Join(terms, ", "))
	return nil
}

func (w *onDemandWalk) priceRequest(ctx context.Context) error {
	w.Step("Pricing")
	return w.price(ctx, "100 Mbps")
}

func (w *onDemandWalk) billingAccount(ctx context.Context) error {
	w.Step("Find a billing account")
	var a struct {
		List []struct {
			named
			HQ string `json:"hqCountry"`
		} `json:"billingAccount"`
	}
	if err := w.Ask(ctx, http.MethodGet, "/Account/v1/billingAccount?entitled=true", nil, &a); err != nil {
		return err
	}
	for _, b := range a.List {
		w.Say("%-12s %s (%s)", b.ID, b.Name, b.HQ)
		if b.HQ == "US" && w.account.ID == "" {
			w.account = b.named
		}
	}
	if w.account.ID == "" {
		return fmt.Errorf("no billing account has its headquarters in the US")
	}
	w.Say("orders go to %s", w.account.ID)
	return nil
}

// request is the body of an order.
func (w *onDemandWalk) request(external, action, service, quote string, list []characteristic) map[string]any {
	product := map[string]any{"productCharacteristic": list, "productSpecification": named{"5001", "NaaS Internet"}}
	if service != "" {
		product["id"] = service
	}
	body := map[string]any{
		"externalId":     external,
		"billingAccount": w.account,
		"channel":        []named{{"99", "NaaS ExternalAPI"}},
		"productOrderItem": []any{map[string]any{"id": "1", "quantity": 1, "action": action, "product": product,
			"productOffering": named{"718", "NaaS Internet"}}},
		"relatedContactInformation": []any{map[string]string{"role": "Order Contact", "name": "Robin Example",
			"number": "+16155550123", "emailAddress": "robin@example.com", "organization": "Example Org"}},
	}
	if quote != "" {
		body["quote"] = []named{{quote, "quoteId"}}
	}
	return body
}

func addList(name string) []characteristic {
	return []characteristic{{"Customer Service Name", "String", name}, {"VLAN Assignment", "String", "Auto Assign"},
		{"IPV4 Block Size", "String", "/29"}, {"Routing Options", "String", "Static"}}
}

// send places an order and remembers it.
func (w *onDemandWalk) send(ctx context.Context, what string, body map[string]any) error {
	var a struct {
		ID string `json:"id"`
	}
	if err := w.Ask(ctx, http.MethodPost, orderPath, body, &a); err != nil {
		return err
	}
	w.order = a.ID
	w.Say("order %s", a.ID)
	w.Made("order", a.ID, what)
	return nil
}

// place orders, and shows that a quote is good for one order.
func (w *onDemandWalk) place(ctx context.Context) error {
	w.Step("Order")
	body := w.request("DEMO-ADD", "add", "", w.quote, addList("Demo service"))
	if err := w.send(ctx, "add, 100 Mbps at "+exampleSite, body); err != nil {
		return err
	}
	w.Say("the same quote once more:")
	return w.Refused(ctx, http.StatusConflict, http.MethodPost, orderPath, body)
}

// orderState is an order as GET answers it.
type orderState struct {
	State   string `json:"state"`
	Service string `json:"serviceId"`
}

// serviceState is a service as the inventory shows it.
type serviceState struct {
	ID     string           `json:"serviceId"`
	Status string           `json:"status"`
	List   []characteristic `json:"productCharacteristic"`
}

func (s serviceState) value(name string) string {
	for _, c := range s.List {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (s serviceState) String() string {
	return fmt.Sprintf("%s (%s, %s, VLAN %s, %s)", s.Status, s.value("Customer Service Name"), s.value("Bandwidth"),
		s.value("VLAN"), s.value("IPV4 Prefix"))
}

func (w *onDemandWalk) look(ctx context.Context) (o orderState, s serviceState, err error) {
	if err = w.Quietly(ctx, http.MethodGet, orderPath+"/"+url.PathEscape(w.order), nil, &o); err != nil {
		return o, s, err
	}
	var a struct {
		List []serviceState `json:"serviceInventory"`
	}
	if err = w.Quietly(ctx, http.MethodGet, inventoryPath+"?serviceId="+o.Service, nil, &a); err != nil {
		return o, s, err
	}
	if len(a.List) != 1 || a.List[0].ID != o.Service {
		return o, s, fmt.Errorf("the inventory does not hold service %s", o.Service)
	}
	return o, a.List[0], nil
}

// watch moves the clock until the order has come to the state that it should end
// in, and checks what was told about it.
func (w *onDemandWalk) watch(ctx context.Context, state string, told ...string) (s serviceState, err error) {
	err = w.Until(ctx, 10*time.Second, func() (string, bool, error) {
		o, now, err := w.look(ctx)
		if err != nil {
			return "", false, err
		}
		s = now
		ended := o.State == "completed" || o.State == "failed"
		if ended && o.State != state {
			err = fmt.Errorf("order %s has %s, it should have %s", w.order, o.State, state)
		}
		return fmt.Sprintf("order %-13s service %s", o.State, now), ended, err
	})
	if err != nil {
		return s, err
	}
	list, err := w.Told(ctx, "order/"+w.order, told...)
	for _, n := range list {
		w.Say("told: %s", n.Type)
	}
	return s, err
}

func (w *onDemandWalk) webhooks(ctx context.Context) error {
	w.Step("Check the webhooks, while the clock moves")
	s, err := w.watch(ctx, "completed", "ondemand.order.acknowledged", "ondemand.order.in_progress",
		"ondemand.order.completed", "ondemand.service.active")
	if err != nil {
		return err
	}
	w.service = s.ID
	w.Made("service", s.ID, s.value("VLAN")+" is its VLAN, "+s.value("IPV4 Prefix")+" its addresses")
	return expect("Active", s.Status)
}

func expect(want, got string) error {
	if got != want {
		return fmt.Errorf("is %q, should be %q", got, want)
	}
	return nil
}

func (w *onDemandWalk) bandwidth(ctx context.Context) error {
	w.Step("Change the bandwidth")
	if err := w.price(ctx, "1 Gbps"); err != nil {
		return err
	}
	if err := w.send(ctx, "modify, to 1 Gbps", w.request("DEMO-SPEED", "modify", w.service, w.quote, []characteristic{})); err != nil {
		return err
	}
	s, err := w.watch(ctx, "completed", "ondemand.order.acknowledged", "ondemand.service.change_pending",
		"ondemand.order.in_progress", "ondemand.order.completed", "ondemand.service.active")
	if err != nil {
		return err
	}
	return expect("1 Gbps", s.value("Bandwidth"))
}

func (w *onDemandWalk) rename(ctx context.Context) error {
	w.Step("Give it another name")
	list := []characteristic{{"Customer Service Name", "String", "Demo service, renamed"}}
	if err := w.send(ctx, "modify, a new name", w.request("DEMO-NAME", "modify", w.service, "", list)); err != nil {
		return err
	}
	s, err := w.watch(ctx, "completed", "ondemand.order.acknowledged", "ondemand.service.change_pending",
		"ondemand.order.completed", "ondemand.service.active")
	if err != nil {
		return err
	}
	return expect("Demo service, renamed", s.value("Customer Service Name"))
}

// failure shows an activation that fails, as a magic word makes it.
func (w *onDemandWalk) failure(ctx context.Context) error {
	w.Step("See an activation fail")
	const word = "[demarc:activation-fails]"
	w.Say("a service whose name has %s fails in a sandbox, on purpose", word)
	if err := w.price(ctx, "100 Mbps"); err != nil {
		return err
	}
	if err := w.send(ctx, "add, which failed on purpose", w.request("DEMO-FAILS", "add", "", w.quote, addList("Demo "+word))); err != nil {
		return err
	}
	s, err := w.watch(ctx, "failed", "ondemand.order.acknowledged", "ondemand.order.in_progress",
		"ondemand.order.failed", "ondemand.service.disconnected")
	if err != nil {
		return err
	}
	if err := w.why(ctx); err != nil {
		return err
	}
	return expect("Disconnected", s.Status)
}

// why shows the reason in the notification of a failed order.
func (w *onDemandWalk) why(ctx context.Context) error {
	list, _, err := w.arrived(ctx, "order/"+w.order)
	for _, n := range list {
		var data struct {
			Failure string `json:"failure"`
		}
		if err := json.Unmarshal(n.Data, &data); err != nil {
			return err
		}
		if data.Failure != "" {
			w.Say("because %s; its VLAN and addresses are free again", data.Failure)
		}
	}
	return err
}

func (w *onDemandWalk) charge(ctx context.Context) error {
	w.Step("See what the month costs")
	if err := w.Advance(ctx, 5*time.Hour); err != nil {
		return err
	}
	w.Say("%s  five hours later", w.paper.in(green, w.Now.Format(time.TimeOnly)))
	var a struct {
		Lines []struct {
			Month  string `json:"month"`
			Speed  string `json:"speed"`
			Rate   string `json:"hourlyRate"`
			Hours  int    `json:"hours"`
			Amount string `json:"amount"`
		} `json:"serviceLevelChargeDetails"`
	}
	if err := w.Ask(ctx, http.MethodGet, "/Billing/v2/CustomerBillManagement/serviceLevelChargeDetails?serviceId="+w.service, nil, &a); err != nil {
		return err
	}
	for _, l := range a.Lines {
		w.Say("%s  %-8s %3d hours at %s = %s", l.Month, l.Speed, l.Hours, l.Rate, l.Amount)
	}
	if len(a.Lines) == 0 {
		return fmt.Errorf("nothing was metered")
	}
	w.Say("an hour that has begun is billed once, at the highest price that it saw")
	return nil
}

func (w *onDemandWalk) end(ctx context.Context) error {
	w.Step("End it")
	if err := w.send(ctx, "delete", w.request("DEMO-END", "delete", w.service, "", []characteristic{})); err != nil {
		return err
	}
	s, err := w.watch(ctx, "completed", "ondemand.order.acknowledged", "ondemand.service.disconnect_pending",
		"ondemand.order.in_progress", "ondemand.order.completed", "ondemand.service.disconnected")
	if err != nil {
		return err
	}
	w.Say("its VLAN is free again; its addresses rest for a day before somebody else gets them")
	return expect("Disconnected", s.Status)
}
