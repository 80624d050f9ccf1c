package guard

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// MaxURL is how many characters an address may have.
const MaxURL = 2048

// Problem is something that an address must not be like. The rule that says so has
// another name in every product, so it is for the caller to give.
type Problem struct {
	Private bool   // it points into a network that is not public; otherwise it is no address to call at all
	Message string // to follow the field's name: "must have …"
}

// CheckURL gives everything that is wrong with an address to call: it must be an
// absolute http or https URL without userinfo, and a literal address in it must be
// one that is allowed. To what a name resolves is seen when it is dialled.
func CheckURL(text string, allowed func(netip.Addr) bool) (wrong []Problem) {
	if len(text) > MaxURL {
		return []Problem{{Message: fmt.Sprintf("must have at most %d characters", MaxURL)}}
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "" || u.Host == "" {
		return []Problem{{Message: "must be an absolute http or https URL"}}
	}
	if u.User != nil {
		wrong = append(wrong, Problem{Message: "must not contain a user name or password, which are given apart from it"})
	}
	if p := u.Port(); p != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			wrong = append(wrong, Problem{Message: "must have a port from 1 to 65535, or none"})
		}
	}
	switch addr, why := HostOf(u); {
	case why != "":
		wrong = append(wrong, Problem{Message: why})
	case addr.IsValid() && !allowed(addr):
		wrong = append(wrong, Problem{Private: true, Message: "must not be a private, loopback, link-local or reserved address"})
	}
	return wrong
}

// HostOf is the literal address in a URL's host, invalid when the host is a name.
// Why is set when it is neither: some programs read 2130706433, 0x7f.1 and 127.1
// as addresses, and what looks like one must be one.
func HostOf(u *url.URL) (addr netip.Addr, why string) {
	host := u.Hostname()
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Zone() != "" {
			return netip.Addr{}, "must not have an address with a zone"
		}
		return addr.Unmap(), ""
	}
	const neither = "must have a host name or an IP address (international names as xn--…)"
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(host) > 253 {
		return netip.Addr{}, neither
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.ContainsFunc(l, func(r rune) bool { return !plain(r) }) {
			return netip.Addr{}, neither
		}
	}
	if last := labels[len(labels)-1]; last[0] >= '0' && last[0] <= '9' {
		return netip.Addr{}, neither // no top-level domain begins with a digit
	}
	return netip.Addr{}, ""
}

func plain(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'
}
