package guard

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func public(a netip.Addr) bool { return a.IsGlobalUnicast() && !a.IsPrivate() }

func TestWhatAnAddressMustBeLike(t *testing.T) {
	t.Parallel()
	const absolute, port, neither = "must be an absolute http or https URL", "must have a port from 1 to 65535, or none", "must have a host name or an IP address (international names as xn--…)"
	const private = "private: must not be a private, loopback, link-local or reserved address"
	const user = "must not contain a user name or password, which are given apart from it"
	for text, want := range map[string]string{
		"https://partner.example.net/hooks?x=1": "", "http://partner.example.net:8443": "", "http://93.184.216.34/x": "",
		"https://xn--bcher-kva.example/": "", "https://partner.example.net./": "", "http://[2606:4700::1]/": "",
		"": absolute, "partner.example.net": absolute, "ftp://a.example/": absolute, "https:a.example": absolute, "https:///x": absolute, "http://a b.example/": absolute,
		"https://a.example:0/": port, "https://a.example:65536/": port, "https://a.example:/": port,
		"http://2130706433/": neither, "http://0x7f000001/": neither, "http://127.1/": neither, "http://a..example/": neither,
		"http://" + strings.Repeat("a", 64) + ".example/": neither, "http://" + strings.Repeat("a.", 127) + "example/": neither,
		"http://[fe80::1%25eth0]/": "must not have an address with a zone",
		"http://127.0.0.1/":        private, "http://[::ffff:127.0.0.1]/": private, "http://10.1.2.3/": private, "http://169.254.169.254/": private,
		"http://me:hush@a.example/":                        user,
		"http://me@10.0.0.1:0/":                            user + "; " + port + "; " + private,
		"https://a.example/" + strings.Repeat("x", MaxURL): "must have at most 2048 characters",
	} {
		var got []string
		for _, p := range CheckURL(text, public) {
			if p.Private {
				p.Message = "private: " + p.Message
			}
			got = append(got, p.Message)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%.60s: %q, want %q", text, got, want)
		}
	}
}

// Whatever an address is like, what passes has a host that is a name or an
// allowed address, and nothing panics.
func FuzzCheckURL(f *testing.F) {
	f.Add("https://partner.example.net:8443/hooks?x=1")
	f.Add("http://[::ffff:127.0.0.1]:1/")
	f.Add("http://0x7f.1/")
	f.Fuzz(func(t *testing.T, text string) {
		if len(CheckURL(text, func(netip.Addr) bool { return false })) > 0 {
			return
		}
		u, err := url.Parse(text)
		if err != nil {
			t.Fatalf("%q passes and is no URL: %v", text, err)
		}
		if addr, why := HostOf(u); why != "" || addr.IsValid() || u.Hostname() == "" || u.User != nil {
			t.Fatalf("%q passes: %v, %s", text, addr, why)
		}
	})
}
