package market

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"demarc/internal/db"
	"demarc/internal/identity"
	"demarc/internal/inbox"
	"demarc/internal/outbox"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// boxURL is the address that a receiver of the portal is called at.
func boxURL(v *web.Visit, b inbox.Box) string { return v.BaseURL() + "/inbox/" + b.Token }

// receive takes what is sent to a receiver: for programs.
func (s *screens) receive(w http.ResponseWriter, r *http.Request) int {
	answer := func(status int, text string) int {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		if status != http.StatusNoContent {
			_, _ = io.WriteString(w, text+"\n")
		}
		return status
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, inbox.BodyMost))
	if err != nil {
		return answer(http.StatusRequestEntityTooLarge, "At most 256 KiB are taken.")
	}
	status, err := s.Inbox.Receive(r.Context(), r.PathValue("token"), r.Method, r.Header, body)
	switch {
	case errors.Is(err, inbox.ErrUnknown):
		return answer(http.StatusNotFound, "There is no such receiver.")
	case errors.Is(err, inbox.ErrOften):
		w.Header().Set("Retry-After", "1")
		return answer(http.StatusTooManyRequests, "That is too often.")
	case err != nil:
		return answer(http.StatusServiceUnavailable, "It could not be kept.")
	}
	return answer(status, "Refused, as its owner wished.")
}

// inbox shows what came to the receiver of an application.
func (s *screens) inbox(v *web.Visit) error {
	f := ui.NewForm(nil)
	f.CSRF = v.CSRF()
	return s.inboxPage(v, f)
}

// inboxPage is that page; fail is its form to have the next few refused.
func (s *screens) inboxPage(v *web.Visit, fail *ui.Form) error {
	const title, lead = "Webhook receiver", "A server of this portal for trying: it takes what is sent to its address, keeps the last 50 for a day, and shows them here."
	if !v.Sandbox() {
		return v.Show(title, ui.Head(title, lead), ui.Empty("Only in a sandbox.", "Production's webhooks go to servers of yours. Choose a sandbox above to try one."))
	}
	list, app, err := s.hookApps(v, v.Query().Get("app"))
	if err != nil {
		return err
	}
	if app == nil {
		return noApp(v, title)
	}
	var box *inbox.Box
	var came []inbox.Request
	var hooks []outbox.Endpoint
	var shown *inbox.Request
	var signed string
	err = v.View(func(tx *db.Tx) (err error) {
		if box, err = s.Inbox.Find(tx, app.ID); err != nil || box == nil {
			return err
		}
		if came, err = s.Inbox.Requests(tx, app.ID); err != nil {
			return err
		}
		if hooks, err = s.Outbox.Endpoints(tx, app.ID); err != nil || len(came) == 0 {
			return err
		}
		hooks = slices.DeleteFunc(hooks, func(e outbox.Endpoint) bool { return !strings.HasSuffix(e.URL, "/inbox/"+box.Token) })
		wanted := came[0].ID
		if id, err := strconv.ParseInt(v.Query().Get("request"), 10, 64); err == nil {
			wanted = id
		}
		if shown, err = s.Inbox.Request(tx, app.ID, wanted); err == nil && shown != nil {
			signed, err = s.signedFor(tx, app.ID, hooks, shown)
		}
		return err
	})
	if err != nil {
		return err
	}
	if box == nil {
		return v.Show(title, ui.Head(title, lead), appTabs("/hooks/inbox", list, app.ID),
			ui.Empty("No receiver yet.", "Make one for "+app.Name+"; then give its address to a webhook.", ui.Act(v.CSRF(), "/hooks/inbox", "Make a receiver", "app", app.ID)))
	}
	return v.Show(title, ui.Head(title, lead, s.boxActions(v, app, hooks)...), appTabs("/hooks/inbox", list, app.ID),
		ui.When(!s.Outbox.Reaches(boxURL(v, *box)), func() ui.Node {
			return ui.Notice(ui.Bad, ui.P("This server may not call its own address: it is in a private network, and the operator has not allowed webhooks there (--allow-webhooks-to). Programs that can reach it may still send to it."))
		}),
		ui.CodeBlock("Address", boxURL(v, *box)),
		ui.Live("came", cameTable(app, came, shown), requestCard(shown, signed)),
		failForm(fail, app, box))
}

func (s *screens) boxActions(v *web.Visit, app *identity.App, hooks []outbox.Endpoint) (list []ui.Node) {
	if len(hooks) == 0 {
		list = append(list, ui.Act(v.CSRF(), "/hooks/inbox", "Make a webhook for it", "app", app.ID, "then", "hook"))
	}
	for _, e := range hooks[:min(len(hooks), 1)] {
		list = append(list, ui.Act(v.CSRF(), "/hooks/"+e.ID+"/test?app="+app.ID, "Send test", "then", "inbox"), ui.Quiet(hookPath(e), "Its webhook"))
	}
	return append(list, ui.Confirm(v.CSRF(), "/hooks/inbox/empty", "Forget what came…", "Forget everything that came to the receiver of "+app.Name+"?", "Forget it", "app", app.ID))
}

// signedFor says whose signature a request has, if it has one.
func (s *screens) signedFor(tx *db.Tx, app string, hooks []outbox.Endpoint, r *inbox.Request) (string, error) {
	h := http.Header(r.Header)
	if h.Get("Webhook-Signature") == "" {
		return "It is not signed.", nil
	}
	for _, e := range hooks {
		ok, err := s.Outbox.Signed(tx, app, e.ID, h.Get("Webhook-Id"), h.Get("Webhook-Timestamp"), h.Get("Webhook-Signature"), r.Body)
		if err != nil {
			return "", err
		}
		if ok {
			return signatureGood, nil
		}
	}
	if len(hooks) == 0 {
		return "Its signature cannot be checked: no webhook of this application has this address.", nil
	}
	return "Its signature is of none of the webhooks that have this address.", nil
}

const signatureGood = "The signature is right: the webhook's secret made it over exactly this body."

func cameTable(app *identity.App, came []inbox.Request, shown *inbox.Request) ui.Node {
	rows := make([][]ui.Node, len(came))
	for i, r := range came {
		h := http.Header(r.Header)
		at := ui.All(ui.Link(fmt.Sprintf("/hooks/inbox?app=%s&request=%d", app.ID, r.ID), r.At.UTC().Format("15:04:05.000")))
		if shown != nil && shown.ID == r.ID {
			at = ui.Strong(r.At.UTC().Format("15:04:05.000") + " (below)")
		}
		tone := ui.Good
		if r.Status >= 300 {
			tone = ui.Bad
		}
		rows[i] = []ui.Node{at, ui.Text(r.Method), ui.Mono(h.Get("Webhook-Id")), ui.Textf("%s bytes", ui.Count(r.Size)), ui.Badge(tone, strconv.Itoa(r.Status))}
	}
	return ui.Section("What came", ui.Table("Requests", []string{"At", "Method", "webhook-id", "Size", "Answered"}, rows,
		ui.Empty("Nothing yet.", "Make a webhook with this address and send a test; it shows up here by itself.")))
}

// requestCard is one request as it came.
func requestCard(r *inbox.Request, signed string) ui.Node {
	if r == nil {
		return ui.All()
	}
	tone := ui.Waiting
	if signed == signatureGood {
		tone = ui.Good
	}
	var headers strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			fmt.Fprintf(&headers, "%s: %s\n", name, value)
		}
	}
	const most = 16 << 10
	body := "(no body)"
	switch {
	case !utf8.Valid(r.Body):
		body = fmt.Sprintf("(%d bytes that are no text)", len(r.Body))
	case len(r.Body) > most:
		body = strings.ToValidUTF8(string(r.Body[:most]), "") + "\n… (the first 16 KiB of " + ui.Count(r.Size) + " bytes)"
	case len(r.Body) > 0:
		body = pretty(string(r.Body))
	}
	return ui.Section("Request of "+r.At.UTC().Format("2 Jan 2006, 15:04:05.000"), ui.Notice(tone, ui.P(signed)),
		ui.CodeBlock("Headers", headers.String()), ui.CodeBlock("Body", body))
}

func failForm(f *ui.Form, app *identity.App, box *inbox.Box) ui.Node {
	f.Action = "/hooks/inbox/fail?app=" + app.ID
	f.Default("n", "1")
	f.Default("status", "503")
	now := ui.P("Watch what retries do: have the next few requests refused.")
	if box.Failing > 0 {
		now = ui.Notice(ui.Waiting, ui.Pf("The next %d will be answered %d.", box.Failing, box.Status))
	}
	return ui.Section("Refuse on demand", ui.Live("failing", now),
		f.Node("Refuse the next", ui.Row(
			ui.Input{Name: "n", Label: "How many", Type: "number", Hint: "0 to 20; 0 takes it back", Required: true, Narrow: true, InputMode: "numeric"}.In(f),
			ui.Select{Name: "status", Label: "With", Hint: "410 disables the webhook", Required: true, Narrow: true, Choices: []ui.Choice{{Value: "500", Label: "500"}, {Value: "503", Label: "503"}, {Value: "429", Label: "429"}, {Value: "410", Label: "410"}}}.In(f))))
}

// boxOf is the application whose receiver a form is about.
func (s *screens) boxOf(v *web.Visit) (*identity.App, error) {
	wanted := v.Query().Get("app")
	if wanted == "" {
		wanted = v.Form().Value("app")
	}
	_, app, err := s.hookApps(v, wanted)
	if err == nil && (app == nil || !v.Sandbox()) {
		err = web.NoSuchPage
	}
	return app, err
}

// openInbox makes a receiver, and goes on to make a webhook for it where that is wanted.
func (s *screens) openInbox(v *web.Visit) error {
	app, err := s.boxOf(v)
	if err != nil {
		return err
	}
	var box inbox.Box
	if err := v.Within(func(tx *db.Tx) (err error) {
		box, err = s.Inbox.Open(tx, app.ID)
		return err
	}); err != nil {
		return err
	}
	if v.Form().Value("then") == "hook" {
		q := map[string][]string{"app": {app.ID}, "url": {boxURL(v, box)}, "description": {"Receiver of the portal"}}
		return v.Go(ui.With("/hooks/new", q, "", ""))
	}
	return v.Done("/hooks/inbox?app="+app.ID, "The receiver is made. Give its address to a webhook.")
}

func (s *screens) failInbox(v *web.Visit) error {
	app, err := s.boxOf(v)
	if err != nil {
		return err
	}
	f := v.Form()
	back := "/hooks/inbox?app=" + app.ID
	n, err := strconv.Atoi(f.Value("n"))
	if err != nil || n < 0 || n > inbox.FailMost {
		f.Add("n", "must be a number from 0 to 20")
	}
	status, err := strconv.Atoi(f.Value("status"))
	if err != nil || !slices.Contains([]int{410, 429, 500, 503}, status) {
		f.Add("status", "must be one of the list")
	}
	if f.Wrong() {
		return v.Refused(f, nil, s.inboxPage)
	}
	if err := v.Within(func(tx *db.Tx) error {
		s.Inbox.FailNext(tx, app.ID, n, status)
		return nil
	}); err != nil {
		return err
	}
	if n == 0 {
		return v.Done(back, "Everything is taken again.")
	}
	return v.Done(back, fmt.Sprintf("%s will be answered %d.", count(int64(n), "request"), status))
}

func (s *screens) emptyInbox(v *web.Visit) error {
	app, err := s.boxOf(v)
	if err != nil {
		return err
	}
	if err := v.Within(func(tx *db.Tx) error {
		s.Inbox.Empty(tx, app.ID)
		return nil
	}); err != nil {
		return err
	}
	return v.Done("/hooks/inbox?app="+app.ID, "It is forgotten.")
}
