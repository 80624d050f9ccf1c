package requestlog

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// json is a JSON text without the values of its secrets. Of one that is cut, or breaks
// off, or is no JSON from some place on, it is what comes before that place: a value of
// which the end is not known is not shown, since nor is what it belongs to.
func (h *redactor) json(body []byte, cut bool) string {
	s := scanner{hide: h, in: body}
	s.value(0, false)
	s.space()
	if s.stopped || s.at < len(body) {
		if !cut {
			s.out.WriteString(hidden)
		}
	}
	return s.out.String()
}

// deepest is how deep values may be nested; a text that is deeper breaks off there.
const deepest = 200

// scanner walks over a JSON text and writes what may be shown. It stops for good at the
// first byte that does not belong there.
type scanner struct {
	hide    *redactor
	in      []byte
	at      int
	out     strings.Builder
	stopped bool
}

func (s *scanner) stop() { s.stopped = true }

// space copies white space.
func (s *scanner) space() {
	for s.at < len(s.in) && strings.IndexByte(" \t\r\n", s.in[s.at]) >= 0 {
		s.out.WriteByte(s.in[s.at])
		s.at++
	}
}

// next is the byte that comes after white space, 0 at the end.
func (s *scanner) next() byte {
	s.space()
	if s.stopped || s.at >= len(s.in) {
		s.stop()
		return 0
	}
	return s.in[s.at]
}

// value copies a value, or hides it.
func (s *scanner) value(depth int, secret bool) {
	if depth > deepest {
		s.stop()
		return
	}
	switch c := s.next(); {
	case s.stopped:
	case secret:
		s.skip(depth)
	case c == '{':
		s.members('}', depth)
	case c == '[':
		s.members(']', depth)
	default:
		s.scalar()
	}
}

// skip passes over a value of which nothing is shown.
func (s *scanner) skip(depth int) {
	quiet := scanner{hide: &redactor{}, in: s.in[s.at:]}
	quiet.value(depth, false)
	s.at += quiet.at
	s.out.WriteString(`"` + hidden + `"`)
	if quiet.stopped {
		s.stop()
	}
}

// members copies an object or an array.
func (s *scanner) members(end byte, depth int) {
	s.copy()
	if s.next() == end {
		s.copy()
		return
	}
	for !s.stopped {
		secret := false
		if end == '}' {
			name, ok := s.name()
			if !ok {
				return
			}
			secret = secretName(name)
		}
		s.value(depth+1, secret)
		switch s.next() {
		case end:
			s.copy()
			return
		case ',':
			s.copy()
			if s.next() == end {
				s.stop()
			}
		default:
			s.stop()
		}
	}
}

// name copies a member's name and the colon after it. A name can be no secret's but by
// somebody's mistake; such a one is hidden as values are.
func (s *scanner) name() (string, bool) {
	if s.next() != '"' {
		s.stop()
		return "", false
	}
	raw, name, ok := s.quoted()
	if !ok {
		s.stop()
		return "", false
	}
	s.show(raw, name)
	if s.next() != ':' {
		s.stop()
		return "", false
	}
	s.copy()
	return name, true
}

// scalar copies a text, a number, true, false or null.
func (s *scanner) scalar() {
	if s.in[s.at] == '"' {
		raw, plain, ok := s.quoted()
		if !ok {
			s.stop()
			return
		}
		s.show(raw, plain)
		return
	}
	end := s.at
	for end < len(s.in) && strings.IndexByte("+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", s.in[end]) >= 0 {
		end++
	}
	raw := s.in[s.at:end]
	if end == len(s.in) && s.at > 0 || !json.Valid(raw) {
		s.stop() // of a number at the end it is not known whether it goes on
		return
	}
	s.at = end
	s.show(raw, string(raw))
}

// show writes a scalar, or what stands in its place.
func (s *scanner) show(raw []byte, plain string) {
	if s.hide.secretValue(plain) {
		s.out.WriteString(`"` + hidden + `"`)
		return
	}
	s.out.Write(raw)
}

// quoted passes over a text in quotes: as it stands there, and what it says.
func (s *scanner) quoted() (raw []byte, plain string, ok bool) {
	end := s.at + 1
	for end < len(s.in) && s.in[end] != '"' {
		if s.in[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(s.in) {
		return nil, "", false
	}
	raw = s.in[s.at : end+1]
	if !utf8.Valid(raw) || json.Unmarshal(raw, &plain) != nil {
		return nil, "", false
	}
	s.at = end + 1
	return raw, plain, true
}

// copy copies a byte.
func (s *scanner) copy() {
	s.out.WriteByte(s.in[s.at])
	s.at++
}
