package requestlog

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// headColumns are what a list shows; a request's own page has bodyColumns as well.
const (
	headColumns = `world, app, seq, id, at, method, path, operation, status, missed, took_us, code, message, why,
		request_size, request_cut, response_size, response_cut`
	bodyColumns = `, request_header, response_header, request_body, response_body`
)

// scanEntry reads a row; whole says that it has the bodyColumns.
func scanEntry(scan func(...any) error, whole bool) (e Entry, err error) {
	var at, took, requestCut, responseCut int64
	var why, requestHeaders, responseHeaders string
	into := []any{&e.World, &e.App, &e.Seq, &e.ID, &at, &e.Method, &e.Path, &e.Operation, &e.Status, &e.NotKept, &took, &e.Code, &e.Message, &why,
		&e.RequestSize, &requestCut, &e.ResponseSize, &responseCut}
	if whole {
		into = append(into, &requestHeaders, &responseHeaders, &e.RequestBody, &e.ResponseBody)
	}
	if err := scan(into...); err != nil {
		return e, err
	}
	e.At, e.Took = clock.FromMicros(at), time.Duration(took)*time.Microsecond
	e.RequestCut, e.ResponseCut = requestCut != 0, responseCut != 0
	var told reasons
	for _, part := range []struct {
		text string
		into any
	}{{why, &told}, {requestHeaders, &e.RequestHeaders}, {responseHeaders, &e.ResponseHeaders}} {
		if part.text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(part.text), part.into); err != nil {
			return e, err
		}
	}
	e.Why, e.Next = told.Why, told.Next
	return e, nil
}

func scanHead(scan func(...any) error) (Entry, error)  { return scanEntry(scan, false) }
func scanWhole(scan func(...any) error) (Entry, error) { return scanEntry(scan, true) }

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// List is a page of an application's requests in the unit's world, newest first, without
// headers and bodies.
func (l *Log) List(tx *db.Tx, f Filter) ([]Entry, error) {
	least, most, err := f.statuses()
	if err != nil {
		return nil, err
	}
	before, limit, like := f.Before, f.Limit, ""
	if before <= 0 {
		before = math.MaxInt64
	}
	if limit <= 0 {
		limit = pageDefault
	}
	if f.Contains != "" {
		like = "%" + likeEscapes.Replace(strings.ToLower(f.Contains)) + "%"
	}
	return db.Every(tx, scanHead, `SELECT `+headColumns+` FROM request_log WHERE world = $1 AND app = $2 AND seq < $3
		AND status >= $4 AND status <= $5 AND ($6 = '' OR operation = $6)
		AND ($7 = '' OR lower(path) LIKE $7 ESCAPE '\' OR lower(id) LIKE $7 ESCAPE '\' OR lower(code) LIKE $7 ESCAPE '\')
		ORDER BY seq DESC LIMIT $8`, f.App, before, least, most, f.Operation, like, int64(min(limit, pageMost)))
}

// Get is one request of an application in the unit's world, with headers and bodies.
func (l *Log) Get(tx *db.Tx, app string, seq int64) (Entry, error) {
	return l.one(tx, ` AND seq = $3`, app, seq)
}

// Find is Get for who has a request's id, or its Seq as a text. Of several requests with
// an id that their caller has chosen it is the last.
func (l *Log) Find(tx *db.Tx, app, id string) (Entry, error) {
	if seq, err := strconv.ParseInt(id, 10, 64); err == nil {
		if e, err := l.Get(tx, app, seq); err == nil {
			return e, nil
		}
	}
	return l.one(tx, ` AND id = $3 ORDER BY seq DESC LIMIT 1`, app, id)
}

func (l *Log) one(tx *db.Tx, which, app string, key any) (Entry, error) {
	e, err := db.First(tx, scanWhole, `SELECT `+headColumns+bodyColumns+` FROM request_log WHERE world = $1 AND app = $2 AND missed = 0`+which, app, key)
	switch {
	case err != nil:
		return Entry{}, err
	case e == nil:
		return Entry{}, RequestUnknown
	}
	return *e, nil
}
