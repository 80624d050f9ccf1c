package requestlog

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// xml is an XML document without what is in its secret elements and attributes, without
// comments, and as far as it can be read.
func (h *redactor) xml(body []byte) string {
	var out strings.Builder
	in := xml.NewDecoder(bytes.NewReader(body))
	in.CharsetReader = nil
	secret := 0 // how deep within an element that is one
	for {
		token, err := in.RawToken()
		if err != nil {
			return out.String()
		}
		switch t := token.(type) {
		case xml.StartElement:
			if secret > 0 || secretName(t.Name.Local) {
				if secret++; secret > 1 {
					continue
				}
			}
			h.start(&out, t)
			if secret == 1 {
				out.WriteString(hidden)
			}
		case xml.EndElement:
			if secret > 0 {
				if secret--; secret > 0 {
					continue
				}
			}
			out.WriteString("</" + called(t.Name) + ">")
		case xml.CharData:
			switch {
			case secret > 0:
			case h.secretValue(string(t)):
				out.WriteString(hidden)
			default:
				_ = xml.EscapeText(&out, t) // a builder takes everything
			}
		}
	}
}

// start writes the begin of an element.
func (h *redactor) start(out *strings.Builder, t xml.StartElement) {
	out.WriteString("<" + called(t.Name))
	for _, a := range t.Attr {
		value := a.Value
		if secretName(a.Name.Local) || h.secretValue(value) {
			value = hidden
		}
		out.WriteString(" " + called(a.Name) + `="`)
		_ = xml.EscapeText(out, []byte(value)) // a builder takes everything
		out.WriteString(`"`)
	}
	out.WriteString(">")
}

func called(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}
