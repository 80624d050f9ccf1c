package market

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"demarc/internal/requestlog"
)

// readable is JSON with a line for each member; anything else stays as it is.
func readable(body string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(body), "", "  ") != nil {
		return body
	}
	return out.String()
}

// own are the headers that a client sets by itself.
var own = []string{"Accept", "Accept-Encoding", "Accept-Language", "Connection", "Content-Length", "Host", "Origin", "Referer", "User-Agent", "Cookie",
	"Traceparent", "Tracestate", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"}

// variable stands for what the log does not keep of a header; "" for what it keeps.
func variable(name string) string {
	switch http.CanonicalHeaderKey(name) {
	case "Authorization":
		return "Bearer $TOKEN"
	case "Client_id":
		return "$DEMARC_CLIENT_ID"
	case "Client_secret":
		return "$DEMARC_CLIENT_SECRET"
	}
	return ""
}

// curlOf is a request as a line of a shell. What was secret is a variable in it.
func curlOf(base string, e requestlog.Entry) string {
	const next = " \\\n  "
	var b strings.Builder
	b.WriteString("curl --include --request " + e.Method + next + quoted(base+e.Path))
	for _, name := range slices.Sorted(maps.Keys(e.RequestHeaders)) {
		if slices.Contains(own, http.CanonicalHeaderKey(name)) || strings.HasPrefix(name, "Sec-") {
			continue
		}
		if stands := variable(name); stands != "" {
			b.WriteString(next + `--header "` + name + ": " + stands + `"`)
			continue
		}
		for _, value := range e.RequestHeaders[name] {
			b.WriteString(next + "--header " + quoted(name+": "+value))
		}
	}
	if e.RequestBody != "" {
		b.WriteString(next + "--data-raw " + quoted(e.RequestBody))
	}
	return b.String()
}

// quoted is a text that a shell takes as it is.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
