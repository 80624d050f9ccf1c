package outbox

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/timer"
)

// oldSecretFor is how long a replaced secret signs beside the new one.
const oldSecretFor = 24 * time.Hour

// Types of notices that are about endpoints themselves.
const (
	TypeDisabled = "demarc.endpoint.disabled" // for those who pull
	TypeTest     = "demarc.test"
	TypeSetup    = "demarc.setup" // for an endpoint of another form than the standard one
)

// Endpoint is where an application wants its notices.
type Endpoint struct {
	ID           string
	App          string
	URL          string
	Form         string   // in which it is sent what it is told; stays as it was made
	Events       []string // types, or patterns of them
	Customer     string   // the only one that it is told about; "" for all
	Auth         Auth
	Description  string
	State        string
	Why          string // it is disabled
	CreatedAt    time.Time
	FailingSince time.Time // zero when its last attempt succeeded

	sealed string // Auth as the row holds it, until openAuth
}

// Change is what is to change of an endpoint; what is nil stays.
type Change struct {
	URL         *string
	Form        *string // can only be what it is
	Events      *[]string
	Customer    *string
	Auth        *Auth
	Description *string
	State       *string
}

const endpointColumns = `id, app, url, form, events, customer, auth, description, state, why, created_at, failing_since`

func scanEndpoint(scan func(...any) error) (e Endpoint, err error) {
	var events string
	var created, failing int64
	if err := scan(&e.ID, &e.App, &e.URL, &e.Form, &events, &e.Customer, &e.sealed, &e.Description, &e.State, &e.Why, &created, &failing); err != nil {
		return e, err
	}
	e.Events = strings.Fields(events)
	e.CreatedAt = clock.FromMicros(created)
	if failing != 0 {
		e.FailingSince = clock.FromMicros(failing)
	}
	return e, nil
}

// openAuth reads the endpoint's authentication.
func (s *Service) openAuth(e *Endpoint) (err error) {
	e.Auth, err = s.readAuth(e.ID, e.sealed)
	return err
}

// Create registers an endpoint of an application and answers it with its secret,
// which is not shown again. When its form has something to say about that, it is
// sent to the endpoint at once. acts is for whom the application may act.
func (s *Service) Create(tx *db.Tx, e Endpoint, acts Acts) (Endpoint, string, error) {
	e.State, e.Auth, e.Form = Enabled, e.Auth.only(), cmp.Or(e.Form, FormStandard)
	form, _ := findForm(e.Form)
	e.URL, e.Customer = form.pathed(e.URL), acts.goesBy(e.Customer)
	if err := checkEndpoint(&e, nil, acts, s.sender.Allowed); err != nil {
		return e, "", err
	}
	// Units that count at the same moment may together pass the bound by a few,
	// which does no harm.
	var n int64
	if err := tx.Row(`SELECT count(*) FROM endpoint WHERE world = $1 AND app = $2`, e.App).Scan(&n); err != nil {
		return e, "", err
	}
	if n >= MaxEndpoints {
		return e, "", EndpointLimit.Say("An application may have %d endpoints.", MaxEndpoints)
	}
	e.ID, e.CreatedAt = newID("ep_"), tx.Now()
	auth, err := s.stored(e.ID, e.Auth)
	if err != nil {
		return e, "", err
	}
	secret := newSecret()
	tx.Do(`INSERT INTO endpoint (world, id, app, url, form, events, customer, auth, description, state, secret, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, e.ID, e.App, e.URL, e.Form, strings.Join(e.Events, " "), e.Customer,
		auth, e.Description, e.State, s.sealText(e.ID, secret), clock.Micros(e.CreatedAt))
	audit.Record(tx, audit.Event{Subject: "endpoint/" + e.ID, Actor: e.App, Event: "create", To: Enabled})
	if form.Setup != nil {
		_, err = e.sendOwn(tx, TypeSetup, form.Setup(e.Customer))
	}
	return e, secret, err
}

// Endpoints is every endpoint of an application, oldest first.
func (s *Service) Endpoints(tx *db.Tx, app string) ([]Endpoint, error) {
	list := []Endpoint{}
	err := tx.Each(func(scan func(...any) error) error {
		e, err := scanEndpoint(scan)
		if err == nil {
			err = s.openAuth(&e)
		}
		list = append(list, e)
		return err
	}, `SELECT `+endpointColumns+` FROM endpoint WHERE world = $1 AND app = $2 ORDER BY created_at, id`, app)
	return list, err
}

// Endpoint is one endpoint of an application.
func (s *Service) Endpoint(tx *db.Tx, app, id string) (Endpoint, error) {
	e, err := readEndpoint(tx, app, id, "")
	if err == nil {
		err = s.openAuth(&e)
	}
	return e, err
}

// own reads an endpoint and has it for this unit alone, see dialect.go.
func own(tx *db.Tx, app, id string) (Endpoint, error) {
	return readEndpoint(tx, app, id, tx.ForUpdate())
}

func readEndpoint(tx *db.Tx, app, id, lock string) (e Endpoint, err error) {
	found := false
	err = tx.Each(func(scan func(...any) error) error {
		found = true
		e, err = scanEndpoint(scan)
		return err
	}, `SELECT `+endpointColumns+` FROM endpoint WHERE world = $1 AND id = $2 AND app = $3`+lock, id, app)
	if err == nil && !found {
		err = EndpointNotFound.Say("%s", EndpointNotFound.Text)
	}
	return e, err
}

// Update changes an endpoint. Disabling it ends its pending deliveries; enabling
// it begins its count of failures anew. acts is for whom the application may act.
func (s *Service) Update(tx *db.Tx, app, id string, c Change, acts Acts) (Endpoint, error) {
	e, err := own(tx, app, id)
	if err == nil {
		err = s.openAuth(&e)
	}
	if err != nil {
		return e, err
	}
	was := e
	var changed []string
	set(&e.URL, c.URL, "url", &changed)
	set(&e.Form, c.Form, "form", &changed)
	set(&e.Events, c.Events, "events", &changed)
	set(&e.Customer, c.Customer, "customer", &changed)
	set(&e.Auth, c.Auth, "auth", &changed)
	set(&e.Description, c.Description, "description", &changed)
	set(&e.State, c.State, "state", &changed)
	e.Auth = e.Auth.only()
	form, _ := findForm(was.Form)
	e.URL, e.Customer = form.pathed(e.URL), acts.goesBy(e.Customer)
	if err := checkEndpoint(&e, &was, acts, s.sender.Allowed); err != nil {
		return e, err
	}
	if e.State != was.State {
		if err := e.fire(tx, was.State); err != nil {
			return e, err
		}
	}
	auth, err := s.stored(e.ID, e.Auth)
	if err != nil {
		return e, err
	}
	tx.Do(`UPDATE endpoint SET url = $3, events = $4, auth = $5, description = $6, state = $7, why = $8, customer = $9
		WHERE world = $1 AND id = $2`, e.ID, e.URL, strings.Join(e.Events, " "), auth, e.Description, e.State, e.Why, e.Customer)
	audit.Record(tx, audit.Event{Subject: "endpoint/" + e.ID, Actor: app, Event: "update", From: was.State, To: e.State,
		Note: strings.Join(changed, ", ")})
	return e, tx.Flush()
}

// fire lets an endpoint's owner bring it to its new state.
func (e *Endpoint) fire(tx *db.Tx, was string) (err error) {
	event := evEnable
	if e.State == Disabled {
		event = evDisable
	}
	if e.State, err = EndpointMachine.Fire(was, event); err != nil {
		return err
	}
	if e.State == Disabled {
		e.Why = "its owner disabled it"
		endPending(tx, e.ID)
		return nil
	}
	e.Why, e.FailingSince = "", time.Time{}
	tx.Do(`UPDATE endpoint SET failing_since = 0 WHERE world = $1 AND id = $2`, e.ID)
	return nil
}

// set takes over a change and remembers the field's name, never its value: it may
// be a secret.
func set[T any](field *T, to *T, name string, changed *[]string) {
	if to != nil {
		*field = *to
		*changed = append(*changed, name)
	}
}

// Delete removes an endpoint. Its pending deliveries end; those that were made
// stay on record.
func (s *Service) Delete(tx *db.Tx, app, id string) error {
	e, err := own(tx, app, id)
	if err != nil {
		return err
	}
	endPending(tx, e.ID)
	timer.Clear(tx, KindReplay, e.ID)
	tx.Do(`DELETE FROM endpoint WHERE world = $1 AND id = $2`, e.ID)
	audit.Record(tx, audit.Event{Subject: "endpoint/" + e.ID, Actor: app, Event: "delete", From: e.State})
	return tx.Flush()
}

// Rotate gives an endpoint a new secret. The one before signs beside it until the
// moment that is answered; one before that does so no longer.
func (s *Service) Rotate(tx *db.Tx, app, id string) (secret string, until time.Time, err error) {
	e, err := own(tx, app, id)
	if err != nil {
		return "", until, err
	}
	secret, until = newSecret(), tx.Now().Add(oldSecretFor)
	tx.Do(`UPDATE endpoint SET old_secret = secret, old_until = $3, secret = $4 WHERE world = $1 AND id = $2`,
		e.ID, clock.Micros(until), s.sealText(e.ID, secret))
	audit.Record(tx, audit.Event{Subject: "endpoint/" + e.ID, Actor: app, Event: "rotate_secret", From: e.State, To: e.State})
	return secret, until, nil
}

// Test sends an endpoint, and no other, a notice of the type demarc.test, or once
// more what its form says when it is registered. It answers the delivery's id.
func (s *Service) Test(tx *db.Tx, app, id string) (string, error) {
	e, err := own(tx, app, id)
	if err != nil {
		return "", err
	}
	if e.State != Enabled {
		return "", EndpointDisabled.Say("%s", EndpointDisabled.Text)
	}
	kind, body := TypeTest, ""
	if e.Form != FormStandard {
		form, _ := findForm(e.Form)
		if form.Setup == nil {
			return "", EndpointUntestable.Say("%s", EndpointUntestable.Text)
		}
		kind, body = TypeSetup, form.Setup(e.Customer)
	}
	delivery, err := e.sendOwn(tx, kind, body)
	if err != nil {
		return "", err
	}
	audit.Record(tx, audit.Event{Subject: "endpoint/" + e.ID, Actor: app, Event: "test", From: e.State, To: e.State})
	return delivery, nil
}

// sendOwn writes a notice about the endpoint itself and queues its delivery there
// and nowhere else, with this body when its form is not the standard one. Only the
// delivery has that body: a replay since a moment would send it to others.
func (e *Endpoint) sendOwn(tx *db.Tx, kind, body string) (delivery string, err error) {
	n := Notice{App: e.App, Customer: e.Customer, Subject: "endpoint/" + e.ID, Type: kind, Data: map[string]string{"endpointId": e.ID}}
	queued, err := post(tx, n, []target{{id: e.ID, form: e.Form, own: body}})
	if err != nil {
		return "", err
	}
	key := readers.key(tx.World(), e.App)
	tx.After(func() { readers.wake(key) })
	return queued[0], nil
}

// clearedLanes bounds how many timers of an endpoint's lanes are removed at once.
// Those beyond it find their lane empty when they come due, and end by themselves.
const clearedLanes = 500

// endPending ends the pending deliveries of an endpoint that the unit has for
// itself and is about to disable or delete. What is queued here runs in order.
func endPending(tx *db.Tx, endpoint string) {
	var lanes []string
	tx.Ask(func(scan func(...any) error) error {
		var lane string
		err := scan(&lane)
		lanes = append(lanes, lane)
		return err
	}, `SELECT DISTINCT lane FROM delivery WHERE world = $1 AND endpoint = $2 AND state = 'pending' ORDER BY lane LIMIT $3`,
		endpoint, int64(clearedLanes))
	if tx.Flush() != nil {
		return // the unit has failed, and says so at its end
	}
	tx.Do(`UPDATE delivery SET state = 'failed', next_at = 0, ended_at = $3 WHERE world = $1 AND endpoint = $2 AND state = 'pending'`,
		endpoint, clock.Micros(tx.Now()))
	for _, lane := range lanes {
		timer.Clear(tx, KindDeliver, lane)
	}
}

// disable ends an endpoint's service by itself, and tells its application, which
// can no longer be told at this endpoint, where it pulls.
func disable(tx *db.Tx, app, id, why string) error {
	e, err := own(tx, app, id)
	if err != nil || e.State == Disabled {
		return err
	}
	to, err := EndpointMachine.Fire(e.State, evDisable)
	if err != nil {
		return err
	}
	endPending(tx, id)
	tx.Do(`UPDATE endpoint SET state = $3, why = $4 WHERE world = $1 AND id = $2`, id, to, why)
	audit.Record(tx, audit.Event{Subject: "endpoint/" + id, Actor: "outbox", Event: evDisable, From: e.State, To: to, Note: why})
	key := readers.key(tx.World(), app)
	tx.After(func() { readers.wake(key) })
	_, err = post(tx, Notice{App: app, Subject: "endpoint/" + id, Type: TypeDisabled,
		Data: map[string]string{"endpointId": id, "description": e.Description, "why": why}}, nil)
	return err
}

// gone reports whether err says that an endpoint is not there.
func gone(err error) bool { return errors.Is(err, EndpointNotFound) }
