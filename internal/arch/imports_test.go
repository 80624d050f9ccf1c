package arch

import (
	"slices"
	"strings"
)

// arrows: app -> adapters (…http, …sql, …carrier, portal) -> product -> kernel.
func arrows(h house) []finding {
	var list []finding
	for _, f := range h.goFiles() {
		for _, spec := range f.syntax.Imports {
			if why := forbidden(f, importPath(spec)); why != "" {
				list = append(list, f.at(spec.Pos(), "imports %s: %s", importPath(spec), why))
			}
		}
	}
	return list
}

// forbidden says why f may not import a package, or "".
func forbidden(f *file, imported string) string {
	dir, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return forbiddenOutside(f, imported)
	}
	composes := f.within("internal/app") || f.within("cmd") || f.within("e2e") || f.within("internal/bench") || f.within("internal/demo")
	other := productOf(dir)
	switch {
	case composes:
		return ""
	case below(dir, "internal/app"):
		return "only cmd puts the program together"
	case below(dir, "cmd") || below(dir, "e2e"):
		return "nothing stands on a command or on the end-to-end suite"
	case isKernel(f.dir) && (other != "" || below(dir, "internal/httpkit") || below(dir, "internal/portal")):
		return "the kernel knows nothing of what stands on it"
	case other != "" && f.product() == other:
		return forbiddenRoom(f, dir)
	case other != "" && f.product() != "":
		return "products do not know each other; what two need moves down into the kernel"
	case other != "" && !f.within("internal/portal"):
		return "only app, cmd and the portal know the products"
	case below(dir, "internal/portal") && !f.within("internal/portal"):
		return "only app and cmd know the portal"
	}
	return ""
}

// forbiddenRoom keeps a product's own package free of its adapters.
func forbiddenRoom(f *file, dir string) string {
	if f.room() != "" || f.isTest() || dir == "internal/"+f.product() {
		return ""
	}
	for _, adapter := range []string{"http", "sql", "carrier", "test"} {
		if below(dir, "internal/"+f.product()+"/"+f.product()+adapter) {
			return "a product does not know its adapters; it states what it needs in ports.go"
		}
	}
	return ""
}

// outside lists what the packages of a product may use of the world outside:
// which rooms may import what. Tests of the product may use anything.
var outside = []struct {
	prefixes []string
	rooms    []string
	why      string
}{
	{[]string{"net/http"}, []string{"http", "carrier", "test"}, "HTTP is the business of the http and carrier rooms"},
	{[]string{"database/sql", "github.com/jackc/", "modernc.org/sqlite"}, []string{"sql", "test"}, "databases are the business of the sql room"},
}

func forbiddenOutside(f *file, imported string) string {
	if f.product() == "" || f.isTest() {
		return ""
	}
	for _, o := range outside {
		for _, prefix := range o.prefixes {
			hit := imported == prefix || strings.HasPrefix(imported, strings.TrimSuffix(prefix, "/")+"/")
			if hit && !slices.Contains(o.rooms, f.room()) {
				return o.why
			}
		}
	}
	return ""
}

// impure is what a rule cannot need: it decides from what it is given. (Below
// net there are also parsers, of addresses and such: those a rule may use.)
var impure = []string{
	"context", "os", "net/http", "net/smtp", "database/sql", "math/rand", "crypto/rand", "log", "log/slog", "io",
	module + "/internal/db", module + "/internal/timer", module + "/internal/outbox",
	module + "/internal/httpkit", module + "/internal/identity", module + "/internal/sandbox",
}

// pureRules keeps a product's rules.go free of everything that has an effect.
func pureRules(h house) []finding {
	var list []finding
	for _, f := range h.goFiles() {
		if f.product() == "" || f.room() != "" || !strings.HasSuffix(f.path, "/rules.go") {
			continue
		}
		for _, spec := range f.syntax.Imports {
			p := importPath(spec)
			if p == "net" || slices.ContainsFunc(impure, func(i string) bool { return below(p, i) }) {
				list = append(list, f.at(spec.Pos(), "imports %s: a rule decides from (now, request, facts) alone", p))
			}
		}
	}
	return list
}
