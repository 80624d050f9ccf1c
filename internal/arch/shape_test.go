package arch

import (
	"go/ast"
	"slices"
	"strings"
)

const (
	fileLines     = 600
	testFileLines = 900
	functionLines = 80
	docLength     = 60 // in bytes: shorter than that explains nothing
)

// small: what does not fit on a few screens is read by nobody.
func small(h house) []finding {
	var list []finding
	for _, f := range h.goFiles() {
		if f.isGenerated() {
			continue
		}
		limit := fileLines
		if f.isTest() || f.within("e2e") {
			limit = testFileLines
		}
		if n := strings.Count(f.text, "\n"); n > limit {
			list = append(list, f.line(n, "the file has %d lines, %d is the most: split it by subject", n, limit))
		}
		if f.isTest() {
			continue
		}
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1; n > functionLines {
				list = append(list, f.at(fn.Pos(), "%s has %d lines, %d is the most", fn.Name.Name, n, functionLines))
			}
		}
	}
	return list
}

// explained: every package opens with a comment that says what it is for.
func explained(h house) []finding {
	type clause struct {
		file *file // where to complain: the first of the package
		doc  string
	}
	packages := map[string]*clause{}
	var order []string
	for _, f := range h.goFiles() {
		name := strings.TrimSuffix(f.syntax.Name.Name, "_test")
		key := f.dir + " " + name
		c := packages[key]
		if c == nil {
			c = &clause{file: f}
			packages[key], order = c, append(order, key)
		}
		if f.syntax.Doc != nil && !f.isGenerated() {
			c.doc += f.syntax.Doc.Text()
		}
	}
	var list []finding
	for _, key := range order {
		c := packages[key]
		name := strings.TrimSuffix(c.file.syntax.Name.Name, "_test")
		opening := "Package " + name + " "
		if name == "main" {
			opening = "Command "
		}
		switch {
		case c.doc == "":
			list = append(list, c.file.at(c.file.syntax.Package, "package %s has no doc comment: say what it is for and where to begin", name))
		case !strings.Contains(c.doc, opening):
			list = append(list, c.file.at(c.file.syntax.Package, "the doc comment of package %s does not begin with %q", name, opening))
		case len(c.doc) < docLength:
			list = append(list, c.file.at(c.file.syntax.Package, "the doc comment of package %s explains nothing yet", name))
		}
	}
	slices.Sort(list)
	return list
}
