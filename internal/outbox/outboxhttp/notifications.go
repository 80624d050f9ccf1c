package outboxhttp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/outbox"
)

type notification struct {
	ID        string          `json:"id"`
	Type      string          `json:"type"`
	Timestamp string          `json:"timestamp"`
	Subject   string          `json:"subject"`
	Data      json.RawMessage `json:"data"`
}

func notificationOf(e outbox.Entry) (notification, error) {
	n := notification{ID: e.ID(), Subject: e.Subject}
	return n, json.Unmarshal([]byte(e.Body), &n) // the body has the other fields
}

type notificationPage struct {
	Notifications []notification `json:"notifications"`
	Next          string         `json:"next"`
}

func (a *api) listNotifications(w http.ResponseWriter, r *http.Request) error {
	page, err := httpkit.PageOf(r, 10, 100)
	if err != nil {
		return err
	}
	f, err := filterOf(r.URL.Query())
	if err != nil {
		return err
	}
	f.App = httpkit.From(r.Context()).App
	answer := notificationPage{Notifications: []notification{}, Next: r.URL.Query().Get("after")}
	var list []outbox.Entry
	err = a.k.View(r, func(tx *db.Tx) (err error) {
		list, err = outbox.List(tx, f, page.Size)
		return err
	})
	if err != nil {
		return err
	}
	for _, e := range list {
		n, err := notificationOf(e)
		if err != nil {
			return err
		}
		answer.Notifications = append(answer.Notifications, n)
		answer.Next = n.ID
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

func filterOf(q url.Values) (f outbox.Filter, err error) {
	if f.After, err = outbox.ParseCursor(q.Get("after")); err != nil {
		return f, err
	}
	var wrong fault.List
	if f.Subject = q.Get("subject"); len(f.Subject) > 128 {
		wrong.Add(ruleQuery, "subject", "must have at most 128 characters")
	}
	if f.Type = q.Get("type"); f.Type != "" && !outbox.ValidPattern(f.Type) {
		wrong.Add(ruleQuery, "type", "must be a type such as ondemand.order.completed, or a pattern such as ondemand.order.*")
	}
	f.From = momentIn(&wrong, q, "from")
	f.To = momentIn(&wrong, q, "to")
	return f, wrong.As(httpkit.Invalid)
}

func momentIn(wrong *fault.List, q url.Values, name string) time.Time {
	text := q.Get(name)
	if text == "" {
		return time.Time{}
	}
	t, ok := parseMoment(text)
	if !ok {
		wrong.Add(ruleQuery, name, "must be a moment, RFC 3339: 2026-11-21T08:00:00Z")
	}
	return t
}

// writeFor bounds one write to a stream's reader: one who does not read is let go.
const writeFor = 10 * time.Second

// stream answers server-sent events: the notifications after Last-Event-ID, or
// from now on, and a comment now and then, which keeps the connection alive
// through proxies.
func (a *api) stream(w http.ResponseWriter, r *http.Request) error {
	var after *outbox.Cursor
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		c, err := outbox.ParseCursor(last)
		if err != nil {
			return err
		}
		after = &c
	}
	conn := http.NewResponseController(w)
	defer func() { _ = conn.SetWriteDeadline(time.Time{}) }() // the connection may serve others
	begun := false
	send := func(text []byte) error {
		if !begun {
			begun = true
			h := w.Header()
			h.Set("Content-Type", "text/event-stream")
			h.Set("Cache-Control", "no-store")
			h.Set("X-Accel-Buffering", "no") // some proxies gather what they pass on
			w.WriteHeader(http.StatusOK)
		}
		// Where deadlines are not possible (in tests), there is none.
		_ = conn.SetWriteDeadline(clock.Machine().Add(writeFor))
		if _, err := w.Write(text); err != nil {
			return err
		}
		return conn.Flush()
	}
	caller := httpkit.From(r.Context())
	return a.s.Follow(r.Context(), caller.World, caller.App, after, func(list []outbox.Entry) error {
		var b bytes.Buffer
		for _, e := range list {
			n, err := notificationOf(e)
			if err != nil {
				return err
			}
			data, err := json.Marshal(n)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "id: %s\nevent: %s\ndata: %s\n\n", n.ID, n.Type, data)
		}
		return send(b.Bytes())
	}, func() error { return send([]byte(": still here\n\n")) })
}
