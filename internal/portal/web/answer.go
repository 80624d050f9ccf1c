package web

import (
	"encoding/json"
	"io"
	"net/http"
)

// JSON answers a script of our own pages.
func (v *Visit) JSON(status int, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	v.status = status
	v.body.Reset()
	v.body.Write(text)
	return nil
}

// File sends a file that may be too long to be held: write is given where it goes. What
// fails before anything was written is shown as any error is; later than that, the
// connection is broken, so that nobody takes half a file for the whole.
func (v *Visit) File(name, mediaType string, write func(io.Writer) error) error {
	out := &file{v: v, name: name, mediaType: mediaType}
	err := write(out)
	switch {
	case err != nil && v.sent:
		panic(http.ErrAbortHandler)
	case err != nil:
		return err
	case !v.sent:
		out.begin()
	}
	return nil
}

// file sends its headers with its first byte.
type file struct {
	v               *Visit
	name, mediaType string
}

func (f *file) begin() {
	f.v.sent = true
	h := f.v.w.Header()
	h.Set("Content-Type", f.mediaType)
	h.Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
	h.Set("Cache-Control", "no-store")
	f.v.w.WriteHeader(http.StatusOK)
}

// Write sends the next bytes.
func (f *file) Write(b []byte) (int, error) {
	if !f.v.sent {
		f.begin()
	}
	return f.v.w.Write(b)
}

// Theme is the colours that the visitor has chosen: light, dark, or "" for those of the
// device.
func (v *Visit) Theme() string { return v.theme() }
