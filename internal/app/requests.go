package app

import (
	"strings"

	"demarc/internal/httpkit"
	"demarc/internal/requestlog"
)

// recorder tells the request log what the edge has answered.
type recorder struct{ log *requestlog.Log }

// readsLog begins the paths of the calls that read the log. They are counted, but not in
// it: who looks at a log wants to see what was there.
const readsLog = "/sandbox/v1/requests"

// Wants keeps the requests of sandboxes.
func (r recorder) Wants(c *httpkit.Caller, route *httpkit.Route) int {
	if !c.Sandbox || strings.HasPrefix(route.Pattern, readsLog) || !r.log.Wants(c.World, c.App) {
		return 0
	}
	return requestlog.BodyMost
}

func (r recorder) Record(x *httpkit.Recorded) {
	r.log.Add(requestlog.Record{World: x.Caller.World, App: x.Caller.App, ID: x.ID,
		Method: x.Request.Method, Path: x.Request.URL.EscapedPath(), Query: x.Request.URL.RawQuery, Operation: x.Operation,
		Status: x.Status, Took: x.Took, Keep: x.Wanted, RequestHeaders: x.Request.Header, ResponseHeaders: x.Header,
		RequestBody: x.Body, ResponseBody: x.Answer, ResponseSize: x.AnswerSize, Fault: x.Fault})
}
