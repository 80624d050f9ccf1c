package web

import (
	"net/http"

	"demarc/internal/fault"
	"demarc/internal/portal/ui"
)

// fail shows why a page cannot be shown. What is not a fault is our own mistake: it is
// logged, and the visitor learns the request's id.
func (v *Visit) fail(err error) {
	f := fault.Of(err)
	if f == nil && v.Context().Err() == nil {
		v.kit.o.Log.Error("a page failed", "request", v.id, "method", v.r.Method, "path", v.r.URL.Path, "err", err)
	}
	title, text := "Something went wrong here", "This is our mistake, not yours. If it happens again, tell the carrier the number "+v.id+"."
	v.status = http.StatusInternalServerError
	if f != nil && f.Code.Status < 500 {
		v.status, text = f.Code.Status, f.Message
		title = map[int]string{403: "Not for you", 404: "Not found", 409: "Not possible now", 429: "Too often"}[f.Code.Status]
		if title == "" {
			title = "That did not work"
		}
	}
	again := ui.Button("/", "To the first page")
	if v.Posting() {
		again = ui.Button(v.URL(), "Back to the page")
	}
	v.route = &Route{Method: v.route.Method, Path: v.route.Path, Area: v.route.Area}
	if err := v.render(title, []ui.Node{ui.Head(title, ""), ui.Notice(ui.Bad, ui.P(text)), ui.Actions(again)}); err != nil {
		v.kit.o.Log.Error("the page about an error failed", "request", v.id, "err", err)
	}
}

// NotFound shows that there is no such page.
func (k *Kit) NotFound() http.Handler {
	return k.serve(Route{Method: http.MethodGet, Path: "/", Needs: Anyone, Do: func(*Visit) error { return NoSuchPage.Say("%s", NoSuchPage.Text) }})
}
