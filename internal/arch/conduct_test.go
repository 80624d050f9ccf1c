package arch

import (
	"go/ast"
	"go/build/constraint"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// platforms are the build tags with which a test says where it can run at all.
// Any other tag hides it from `go test ./...`.
var platforms = []string{"linux", "darwin", "windows", "unix", "amd64", "arm64", "race"}

// nothingSkipped: a test that may not run proves nothing.
func nothingSkipped(h house) []finding {
	var list []finding
	for _, f := range h.goFiles() {
		if f.imports["testing"] != "testing" && f.imports["rapid"] == "" {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) {
				list = append(list, f.at(sel.Pos(), "%s: what a test needs it brings along, or fails and says how to get it", sel.Sel.Name))
			}
			return true
		})
		for _, r := range f.references() {
			if r.pkg == "testing" && r.name == "Short" {
				list = append(list, f.at(r.pos, "testing.Short: a test that is too slow is made faster, not left out"))
			}
		}
		list = append(list, hidden(f)...)
	}
	return list
}

// hidden finds build tags that keep a test file out of `go test ./...`.
func hidden(f *file) []finding {
	var list []finding
	for _, group := range f.syntax.Comments {
		for _, c := range group.List {
			if !f.isTest() || c.Pos() > f.syntax.Package || !constraint.IsGoBuild(c.Text) {
				continue
			}
			expr, err := constraint.Parse(c.Text)
			if err != nil {
				continue // then the compiler complains
			}
			expr.Eval(func(tag string) bool {
				if !slices.Contains(platforms, tag) {
					list = append(list, f.at(c.Pos(), "build tag %q hides the tests of this file", tag))
				}
				return true
			})
		}
	}
	return list
}

// searches are the functions that look into a text.
var searches = map[string][]string{
	"strings": {"Contains", "ContainsAny", "HasPrefix", "HasSuffix", "EqualFold", "Index", "Count", "Cut"},
	"regexp":  {"MatchString"},
}

// knownByType: errors are told apart by errors.Is and errors.As. Their texts are
// for people, and drivers change them.
func knownByType(h house) []finding {
	var list []finding
	for _, f := range h.goFiles() {
		if f.isTest() {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if looks(f, n) && slices.ContainsFunc(n.Args, isErrorText) {
					list = append(list, f.at(n.Pos(), "an error is known by its text: use errors.Is or errors.As"))
				}
			case *ast.BinaryExpr:
				if (n.Op == token.EQL || n.Op == token.NEQ) && (isErrorText(n.X) || isErrorText(n.Y)) {
					list = append(list, f.at(n.Pos(), "an error is compared by its text: use errors.Is or errors.As"))
				}
			case *ast.SwitchStmt:
				if n.Tag != nil && isErrorText(n.Tag) {
					list = append(list, f.at(n.Pos(), "an error is told by its text: use errors.Is or errors.As"))
				}
			}
			return true
		})
	}
	return list
}

// looks says whether a call searches a text: strings.Contains(…), or a method
// such as pattern.MatchString(…).
func looks(f *file, call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if id, ok := sel.X.(*ast.Ident); ok && id.Obj == nil && slices.Contains(searches[f.imports[id.Name]], sel.Sel.Name) {
		return true
	}
	return strings.HasPrefix(sel.Sel.Name, "Match") || strings.HasPrefix(sel.Sel.Name, "Find")
}

// isErrorText recognises x.Error(), also inside a call such as strings.ToLower.
func isErrorText(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Error" && len(call.Args) == 0 {
		return true
	}
	return slices.ContainsFunc(call.Args, isErrorText)
}

// endless are the ways of net/http to call or serve without any deadline.
var endless = []string{
	"Get", "Head", "Post", "PostForm", "DefaultClient", "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS", "NewRequest",
}

// deadlines: every call out, and every caller, can be given up on.
func deadlines(h house) []finding {
	var list []finding
	for _, f := range h.goFiles() {
		if f.isTest() {
			continue
		}
		for _, r := range f.references() {
			if r.pkg == "net/http" && slices.Contains(endless, r.name) {
				list = append(list, f.at(r.pos, "http.%s waits for ever: use a client or server with deadlines, and NewRequestWithContext", r.name))
			}
		}
	}
	return list
}

// ruleID is how a rule is known in code, tests, answers and documents.
var ruleID = regexp.MustCompile(`\b[A-Z]{2,8}-[A-Z]{2,8}-\d{2,6}\b`)

// rulesProven: each rule that the code states is in the name of a test, where
// its dashes may be underscores.
func rulesProven(h house) []finding {
	proven := map[string]bool{}
	for _, f := range h.goFiles() {
		if !f.isTest() || f.within("internal/arch") {
			continue
		}
		for _, l := range f.literals() {
			for _, id := range ruleID.FindAllString(l.text, -1) {
				proven[id] = true
			}
		}
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				for _, id := range namedRules(fn.Name.Name) {
					proven[id] = true
				}
			}
		}
	}
	var list []finding
	for _, f := range h.goFiles() {
		if f.isTest() {
			continue
		}
		for _, l := range f.literals() {
			if id := ruleID.FindString(l.text); id == l.text && id != "" && !proven[id] {
				proven[id] = true // once is enough to say it
				list = append(list, f.at(l.pos, "rule %s has no test that carries its id in its name", id))
			}
		}
	}
	return list
}

var ruleInName = regexp.MustCompile(`([A-Z]{2,8})_([A-Z]{2,8})_(\d{2,6})`)

// namedRules finds OND-ORD-07 in TestOND_ORD_07_QuoteIsUsedOnce.
func namedRules(name string) []string {
	var list []string
	for _, m := range ruleInName.FindAllStringSubmatch(strings.TrimPrefix(name, "Test"), -1) {
		list = append(list, strings.Join(m[1:], "-"))
	}
	return list
}
