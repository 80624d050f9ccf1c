package voicetest

import (
	"encoding/json"
	"fmt"
	"time"

	"demarc/internal/db"
	"demarc/internal/lenient"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// Route is a customer service name of both customers.
const Route = voice.ExampleRoute

// Map is a JSON object that tests change before it is sent.
type Map = map[string]any

// TNs are numbers in a request, as ranges.
func TNs(list ...voice.Range) []any {
	out := []any{}
	for _, r := range list {
		out = append(out, Map{"startTN": r.Start.E164(), "endTN": r.End.E164()})
	}
	return out
}

// Dwelling is a subscriber line of a resident of Denver, with numbers.
func Dwelling(tns []any) Map {
	return Map{"customerType": "R", "firstName": "Avery", "lastName": "Example", "tnList": tns,
		"serviceAddress": Map{"streetNumber": "100", "streetName": "Main", "streetSuffix": "Street", "city": "Denver", "state": "CO", "zip": "80202"}}
}

// Install is an install of Local Inbound.
func Install(line Map) Map {
	return Map{"productID": voice.LocalInbound, "orderType": "NEW", "customerServiceName": Route, "subscriberLines": []any{line}}
}

// PortIn is a port of numbers of Local Inbound.
func PortIn(line Map) Map {
	m := Install(line)
	m["orderType"] = "LNP"
	m["lnp"] = Map{"loaName": "Avery Example", "loaReceived": "Y", "loaDateTime": "2040-05-30T10:00:00Z", "workingTelephoneNumber": "13032962000",
		"losingCarrierAccountNumber": "ACC-1234", "losingCarrierWireless": "N"}
	return m
}

// Read reads a request as a handler does.
func Read[T any](m any) *T {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	v := new(T)
	if err := json.Unmarshal(text, v); err != nil {
		panic(fmt.Sprintf("%s: %v", text, err))
	}
	return v
}

// Accept writes what has been prepared.
func (w *World) Accept(customer string, p *voice.Prepared, err error) (o voice.Order, _ error) {
	w.T.Helper()
	if err != nil {
		return o, err
	}
	err = w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) (err error) {
		o, _, err = w.Desk.Accept(tx, w.Party(customer), p)
		return err
	})
	return o, err
}

// TryOrder asks to put numbers in service.
func (w *World) TryOrder(customer string, m Map) (voice.Order, error) {
	w.T.Helper()
	p, err := w.Desk.PrepareOrder(w.T.Context(), w.Party(customer), Read[voice.OrderRequest](m))
	return w.Accept(customer, p, err)
}

// Ordered puts numbers in service that can be.
func (w *World) Ordered(customer string, m Map) voice.Order {
	w.T.Helper()
	o, err := w.TryOrder(customer, m)
	w.Must("order", err)
	return o
}

// TryChange asks to change numbers in service.
func (w *World) TryChange(customer string, m Map) (voice.Order, error) {
	w.T.Helper()
	p, err := w.Desk.PrepareChange(w.T.Context(), w.Party(customer), Read[voice.ChangeRequest](m))
	return w.Accept(customer, p, err)
}

// TryDisconnect asks to end numbers' service.
func (w *World) TryDisconnect(customer string, at time.Time, tns []any) (voice.Order, error) {
	w.T.Helper()
	p, err := w.Desk.PrepareDisconnect(w.T.Context(), w.Party(customer), Read[voice.DisconnectRequest](Map{"tnList": tns, "customerRequestDate": Stamp(at)}))
	return w.Accept(customer, p, err)
}

// Stamp is a moment as customerRequestDate has it.
func Stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

// TrySupplement changes a port.
func (w *World) TrySupplement(customer, id string, m Map) (part voice.Part, err error) {
	w.T.Helper()
	to, err := w.Desk.PrepareSupplement(w.T.Context(), w.Party(customer), Read[voice.SupplementRequest](m))
	if err != nil {
		return part, err
	}
	err = w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) (err error) {
		_, part, err = w.Desk.Supplement(tx, w.Party(customer), id, to)
		return err
	})
	return part, err
}

// TryCancel cancels an order, or a part of it.
func (w *World) TryCancel(customer, id, part string) error {
	return w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) error {
		_, err := w.Desk.Cancel(tx, w.Party(customer), &voice.CancelRequest{VoiceOrderID: lenient.Text(id), Transaction: lenient.Text(part)})
		return err
	})
}

// TryPortNow has a port happen at once.
func (w *World) TryPortNow(customer, id string) error {
	return w.DB.Within(w.T.Context(), w.ID, func(tx *db.Tx) error {
		_, err := w.Desk.PortNow(tx, w.Party(customer), id)
		return err
	})
}

// Stock reserves numbers of Denver for the other customer, and answers them.
func (w *World) Stock(n int) []voice.Range {
	w.T.Helper()
	o := w.Worked(w.Reserve(Line("DENVER", n)))
	if o.State != voice.OrderCompleted {
		w.T.Fatalf("the reservation is %s", o.State)
	}
	var list []voice.Range
	pool, _ := w.Pool(Other)
	for _, e := range pool {
		list = append(list, e.Range)
	}
	return list
}

// InService are a customer's numbers of Local Inbound in service.
func (w *World) InService(customer string) (list []voice.InService) {
	w.T.Helper()
	w.View(func(tx *db.Tx) (err error) {
		list, _, err = w.Desk.Details(tx, w.Party(customer), voice.DetailFilter{Product: voice.LocalInbound}, voice.Paging{Limit: 10_000})
		return err
	})
	return list
}

// One is a single number.
func One(tn nanp.TN) voice.Range { return voice.Range{Start: tn, End: tn} }
