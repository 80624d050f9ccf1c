package ui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed assets
var files embed.FS

// AssetsPath is where Assets is to be mounted.
const AssetsPath = "/assets/"

type asset struct {
	text  []byte
	named string // its address
}

// assets are the files by name, each with an address that has its content's hash, so
// that a browser may keep it for ever.
var assets = sync.OnceValue(func() map[string]asset {
	entries, err := files.ReadDir("assets")
	if err != nil {
		panic("ui: " + err.Error())
	}
	all := map[string]asset{}
	for _, e := range entries {
		text, err := files.ReadFile("assets/" + e.Name())
		if err != nil {
			panic("ui: " + err.Error())
		}
		sum := sha256.Sum256(text)
		ext := path.Ext(e.Name())
		all[e.Name()] = asset{text, AssetsPath + strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext}
	}
	return all
})

// Asset is the address of a file.
func Asset(name string) string { return assets()[name].named }

var mediaTypes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// Assets serves the files.
func Assets() http.Handler {
	byPath := map[string]asset{}
	for _, a := range assets() {
		byPath[a.named] = a
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := byPath[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", mediaTypes[path.Ext(a.named)])
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write(a.text)
	})
}
