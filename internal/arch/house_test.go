package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module     = "demarc"
	migrations = "internal/db/migrations"
)

// products are the packages below internal that sell something. Each keeps to
// itself.
var products = []string{"voice", "preorder", "ondemand", "care", "marketplace"}

// kernel are the packages below internal that everything may stand on.
var kernel = []string{"fault", "clock", "machine", "db", "timer", "outbox", "audit", "gate", "guard", "lenient", "seal", "setting", "trouble", "backend", "postal", "nanp", "requestlog", "inbox"}

// file is one file of the repository.
type file struct {
	path string // from the root, with slashes
	dir  string
	text string

	// For Go files only.
	syntax  *ast.File
	fset    *token.FileSet
	imports map[string]string // the name used in the file -> import path
}

// house is what a law is held against.
type house []*file

// finding is one breach of a law.
type finding string

// at makes a finding that points to a place in a Go file.
func (f *file) at(pos token.Pos, format string, args ...any) finding {
	return f.line(f.fset.Position(pos).Line, format, args...)
}

func (f *file) line(n int, format string, args ...any) finding {
	return finding(fmt.Sprintf("%s:%d: %s", f.path, n, fmt.Sprintf(format, args...)))
}

// isTest says whether the file is compiled for tests only.
func (f *file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// isGenerated says whether a program wrote the file.
func (f *file) isGenerated() bool { return ast.IsGenerated(f.syntax) }

// product returns the name of the product the file belongs to, or "".
func (f *file) product() string { return productOf(f.dir) }

// room returns the suffix of the product's adapter room that the file is in
// (http, sql, carrier, test), or "" for the product's own package.
func (f *file) room() string {
	parts := strings.Split(f.dir, "/")
	if f.product() == "" || len(parts) < 3 {
		return ""
	}
	return strings.TrimPrefix(parts[2], f.product())
}

// within says whether the file is in dir or below it.
func (f *file) within(dir string) bool { return below(f.dir, dir) }

func below(dir, parent string) bool { return dir == parent || strings.HasPrefix(dir, parent+"/") }

func productOf(dir string) string {
	for _, p := range products {
		if below(dir, "internal/"+p) {
			return p
		}
	}
	return ""
}

// isKernel tells the kernel from its own HTTP rooms, which are adapters.
func isKernel(dir string) bool {
	return !strings.HasSuffix(dir, "http") && slices.ContainsFunc(kernel, func(k string) bool { return below(dir, "internal/"+k) })
}

// goFiles are the parsed files.
func (h house) goFiles() []*file {
	return slices.DeleteFunc(slices.Clone(h), func(f *file) bool { return f.syntax == nil })
}

// root is where go.mod is.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// skipped are the directories that are not ours to judge: what tools bring or
// build, what the server writes, and what tests use as data. Names beginning with
// a dot or an underscore are skipped as the go command skips them.
var skipped = []string{"node_modules", "testdata", "vendor", "build", "data"}

// readHouse reads the repository at dir.
func readHouse(t *testing.T, dir string) house {
	t.Helper()
	var h house
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || slices.Contains(skipped, base)) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" && path.Dir(name) != migrations {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		f, err := newFile(name, string(text))
		if err != nil {
			return err
		}
		h = append(h, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func newFile(name, text string) (*file, error) {
	f := &file{path: name, dir: path.Dir(name), text: text, imports: map[string]string{}}
	if path.Ext(name) != ".go" {
		return f, nil
	}
	var err error
	f.fset = token.NewFileSet()
	if f.syntax, err = parser.ParseFile(f.fset, name, text, parser.ParseComments); err != nil {
		return nil, err
	}
	for _, spec := range f.syntax.Imports {
		p := importPath(spec)
		local := path.Base(p)
		if spec.Name != nil {
			local = spec.Name.Name
		} else if isMajorVersion(local) {
			local = path.Base(path.Dir(p))
		}
		f.imports[local] = p
	}
	return f, nil
}

func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return ""
	}
	return p
}

// isMajorVersion recognises the v5 of github.com/jackc/pgx/v5.
func isMajorVersion(s string) bool {
	_, err := strconv.Atoi(strings.TrimPrefix(s, "v"))
	return strings.HasPrefix(s, "v") && err == nil
}

// reference is a use of an imported package's name: time.Now, http.Get.
type reference struct {
	pos  token.Pos
	pkg  string // import path
	name string
}

// references lists every pkg.Name of the file, whatever local name the package
// goes by. A local variable that hides the package's name is not mistaken for it.
func (f *file) references() []reference {
	var list []reference
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		// The parser leaves Obj empty for names it finds no declaration of in
		// the file: that is what an imported package's name is.
		if id, ok := sel.X.(*ast.Ident); ok && id.Obj == nil && f.imports[id.Name] != "" {
			list = append(list, reference{sel.Pos(), f.imports[id.Name], sel.Sel.Name})
		}
		return true
	})
	return list
}

// literal is a string in the source, put together if it was written in pieces.
type literal struct {
	pos  token.Pos
	text string
}

// literals lists the strings of the file. Pieces joined by + are one string; a
// piece that is not written out there becomes a question mark.
func (f *file) literals() []literal {
	var list []literal
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec, *ast.Field:
			// Import paths and struct tags are not strings of the program;
			// a field may still hold a function type, which has none either.
			return false
		case *ast.BasicLit:
			if s, ok := unquote(n); ok {
				list = append(list, literal{n.Pos(), s})
			}
		case *ast.BinaryExpr:
			pieces, others := join(n)
			if !strings.ContainsFunc(pieces, func(r rune) bool { return r != '?' }) {
				return true
			}
			list = append(list, literal{n.Pos(), pieces})
			for _, o := range others {
				ast.Inspect(o, visit)
			}
			return false
		}
		return true
	}
	ast.Inspect(f.syntax, visit)
	return list
}

// join concatenates the strings of a + b + c and returns apart what is not one.
func join(e ast.Expr) (text string, others []ast.Expr) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return join(e.X)
	case *ast.BasicLit:
		if s, ok := unquote(e); ok {
			return s, nil
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			left, a := join(e.X)
			right, b := join(e.Y)
			return left + right, append(a, b...)
		}
	}
	return "?", []ast.Expr{e}
}

func unquote(b *ast.BasicLit) (string, bool) {
	if b.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(b.Value)
	return s, err == nil
}
