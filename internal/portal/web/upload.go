package web

import (
	"errors"
	"io"
	"net/http"
	"strings"
)

// parseForm reads what a form sends, files among it: those are as long as a body may be.
func (v *Visit) parseForm() error {
	if !strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/form-data") {
		return v.r.ParseForm()
	}
	return v.r.ParseMultipartForm(maxBody)
}

// Upload is the file that was sent in a field, as text; "" when there is none.
func (v *Visit) Upload(field string) (string, error) {
	file, _, err := v.r.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "", nil
	}
	if err != nil {
		return "", Unreadable
	}
	text, err := io.ReadAll(file)
	return string(text), errors.Join(err, file.Close())
}
