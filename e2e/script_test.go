package e2e

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// statement is one thing that a scenario does; see doc.go for the language.
type statement struct {
	line  int
	story string // the comment above it
	verb  string // request, answer, eventually, let, or the command
	rest  string // after the verb
	req   *request
	body  []string // of a let
	check []string // of an answer: the indented lines
}

// request is a request as it is written.
type request struct {
	method  string
	bad     bool // breaks the contract on purpose
	path    string
	headers [][2]string
	kind    string   // json, form, text, bytes, body, or ""
	body    string   // the text, or what comes after the kind
	changes []string // of a named body
}

var (
	requestLine = regexp.MustCompile(`^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)(!?) (/\S*)$`)
	headerLine  = regexp.MustCompile(`^([A-Za-z0-9_-]+):(?: (.*))?$`)
	bodyLine    = regexp.MustCompile(`^(form|text|bytes|body) (.*)$`)
)

// answers are the two ways of asking for an answer, and what they are called here.
var answers = map[string]string{"=>": "answer", "~>": "eventually"}

// script reads a scenario.
type script struct {
	lines []string
	at    int
	story string
}

func parseScript(text string) ([]statement, error) {
	s := &script{lines: strings.Split(text, "\n")}
	var list []statement
	for s.at < len(s.lines) {
		line := s.lines[s.at]
		switch {
		case strings.TrimSpace(line) == "":
			s.at++
		case strings.HasPrefix(line, "#"):
			s.comment()
		case indented(line):
			return nil, fmt.Errorf("line %d: %q belongs to nothing", s.at+1, line)
		default:
			st, err := s.statement(line)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", st.line, err)
			}
			list = append(list, st)
		}
	}
	return list, nil
}

func indented(line string) bool { return strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") }

// comment takes a block of comment lines: it is the story of what follows.
func (s *script) comment() {
	var parts []string
	for ; s.at < len(s.lines) && strings.HasPrefix(s.lines[s.at], "#"); s.at++ {
		parts = append(parts, strings.TrimSpace(strings.TrimPrefix(s.lines[s.at], "#")))
	}
	s.story = strings.Join(parts, " ")
}

func (s *script) statement(line string) (statement, error) {
	st := statement{line: s.at + 1, story: s.story}
	s.at++
	if m := requestLine.FindStringSubmatch(line); m != nil {
		st.verb = "request"
		st.req = &request{method: m[1], bad: m[2] == "!", path: m[3]}
		return st, s.request(st.req)
	}
	verb, rest, _ := strings.Cut(line, " ")
	if kind := answers[verb]; kind != "" && rest != "" {
		st.verb, st.rest = kind, strings.TrimSpace(rest)
		if _, err := strconv.Atoi(strings.Fields(st.rest)[0]); err != nil {
			return st, fmt.Errorf("%q is no status", st.rest)
		}
		st.check = s.indentedLines()
		return st, nil
	}
	st.verb, st.rest = verb, strings.TrimSpace(rest)
	if st.verb == "let" {
		st.rest = strings.TrimSpace(strings.TrimSuffix(st.rest, "="))
		st.body = s.untilEmpty()
	}
	return st, nil
}

// request takes headers and body.
func (s *script) request(r *request) error {
	for ; s.at < len(s.lines); s.at++ {
		line := s.lines[s.at]
		switch {
		case strings.TrimSpace(line) == "":
			return nil
		case strings.HasPrefix(line, "{"), strings.HasPrefix(line, "["):
			r.kind, r.body = "json", strings.Join(s.untilEmpty(), "\n")
			return nil
		}
		if m := bodyLine.FindStringSubmatch(line); m != nil {
			s.at++
			r.kind, r.body, r.changes = m[1], m[2], s.indentedLines()
			return nil
		}
		m := headerLine.FindStringSubmatch(line)
		if m == nil {
			return fmt.Errorf("%q is neither a header nor a body", line)
		}
		r.headers = append(r.headers, [2]string{m[1], m[2]})
	}
	return nil
}

func (s *script) untilEmpty() (lines []string) {
	for ; s.at < len(s.lines) && strings.TrimSpace(s.lines[s.at]) != ""; s.at++ {
		lines = append(lines, s.lines[s.at])
	}
	return lines
}

func (s *script) indentedLines() (lines []string) {
	for ; s.at < len(s.lines) && indented(s.lines[s.at]) && strings.TrimSpace(s.lines[s.at]) != ""; s.at++ {
		lines = append(lines, strings.TrimSpace(s.lines[s.at]))
	}
	return lines
}
