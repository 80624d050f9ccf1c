package voicehttp

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"demarc/internal/httpkit"
	"demarc/internal/voice"
)

// Media types of answers.
const (
	mediaJSON = "application/json"
	mediaXML  = "application/xml"
)

// handler answers a call of a customer's.
type handler func(w http.ResponseWriter, r *http.Request, p voice.Party) error

// call is a handler behind what every call is asked first. Its answer may be JSON.
func (h *handlers) call(handle handler) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if acceptable(r, mediaJSON) == "" {
			return of(notAcceptable)
		}
		return h.asked(w, r, handle)
	}
}

// asked finds out for whom a call is made, and whether its body is what was sent.
func (h *handlers) asked(w http.ResponseWriter, r *http.Request, handle handler) error {
	if err := h.checkDigest(r); err != nil {
		return err
	}
	p, err := party(r)
	if err != nil {
		return err
	}
	return handle(w, r, p)
}

// party is who calls, and for which customer. Every call says for which, also where
// there is only one.
//
//   - VOICE-ERR-1403: x-customer-number is one that the application may act for.
//   - VOICE-ERR-1429: of an active customer.
func party(r *http.Request) (voice.Party, error) {
	caller := httpkit.From(r.Context())
	number := httpkit.CustomerNumber(r)
	if number == "" {
		return voice.Party{}, of(noCustomer)
	}
	customer, err := caller.Acting(number)
	return voice.Party{World: caller.World, App: caller.App, Sandbox: caller.Sandbox, Customer: customer.Number, Name: customer.Name}, err
}

// checkDigest holds the body to the digests that its sender made of it (RFC 9530).
// Those of algorithms that are unknown here say nothing.
//
//   - VOICE-ERR-403004: every digest with SHA-256 or SHA-512 is the body's.
func (h *handlers) checkDigest(r *http.Request) error {
	lines := r.Header.Values("Content-Digest")
	if len(lines) == 0 {
		return nil
	}
	body, err := h.kit.Body(r)
	if err != nil {
		return err
	}
	for member := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(member), "=")
		var is []byte
		switch strings.ToLower(name) {
		case "sha-256":
			sum := sha256.Sum256(body)
			is = sum[:]
		case "sha-512":
			sum := sha512.Sum512(body)
			is = sum[:]
		default:
			continue
		}
		value, _, _ = strings.Cut(value, ";") // parameters
		said, err := base64.StdEncoding.DecodeString(unwrap(strings.TrimSpace(value), ":"))
		if err != nil || subtle.ConstantTimeCompare(said, is) == 0 {
			return of(badDigest)
		}
	}
	return nil
}

// unwrap is a text without what it is wrapped in, "" when it is not.
func unwrap(s, in string) string {
	rest, begins := strings.CutPrefix(s, in)
	inner, ends := strings.CutSuffix(rest, in)
	if !begins || !ends {
		return ""
	}
	return inner
}

// acceptable is the one of the media types that the caller likes best, the first of
// those that it likes alike; "" when it accepts none (RFC 9110, 12.5.1).
func acceptable(r *http.Request, types ...string) string {
	lines := r.Header.Values("Accept")
	if strings.TrimSpace(strings.Join(lines, "")) == "" {
		return types[0]
	}
	best, liked := "", 0.0
	for _, media := range types {
		if q := quality(lines, media); q > liked {
			best, liked = media, q
		}
	}
	return best
}

// quality is how much a media type is liked, by the range that names it most closely.
func quality(lines []string, media string) (q float64) {
	kind, _, _ := strings.Cut(media, "/")
	closest := 0
	for text := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		asked, params, err := mime.ParseMediaType(text)
		if err != nil {
			continue
		}
		near := map[string]int{media: 3, kind + "/*": 2, "*/*": 1}[asked]
		if near <= closest {
			continue
		}
		closest, q = near, 1
		if weight, err := strconv.ParseFloat(params["q"], 64); err == nil && weight >= 0 && weight <= 1 {
			q = weight
		}
	}
	return q
}

// ifMatch is the version that a caller has seen, 0 when it does not say.
//
//   - VOICE-ERR-409001: an entity tag that orderStatus answers.
func ifMatch(r *http.Request) (int, error) {
	said := strings.TrimSpace(strings.Join(r.Header.Values("If-Match"), ","))
	if said == "" || said == "*" {
		return 0, nil
	}
	version, ok := httpkit.ParseWhole(unwrap(said, `"`), 999_999_999)
	if !ok {
		return 0, of(changed)
	}
	return version, nil
}

// etag is the entity tag of an order's version.
func etag(o voice.Order) string { return `"` + strconv.Itoa(o.Version) + `"` }
