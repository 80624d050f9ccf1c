package e2e

import (
	"net/http"
	"testing"
)

// Who signs up to buy has a customer to buy for at once, in a sandbox of their own, and
// may try the other sides of it; applications are for developers.
func TestPortalABuyerBegins(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, sharedNode(t, onSQLite))
	b.signUp("buyer")
	if at := b.at(); at != "/control" {
		b.fail("it begins at %s", at)
	}
	b.lacks("No customer yet")
	b.goTo("/control/numbers/reserve")
	b.fill("State", "CO")
	b.fill("Rate center", "DENVER")
	b.fill("How many", "2")
	b.press("Reserve")
	b.sees("was accepted.")
	b.goTo("/store")
	b.lacks("No customer yet")
	for path, want := range map[string]int64{"/sandbox": http.StatusOK, "/desk": http.StatusOK, "/provider": http.StatusOK, "/apps": http.StatusForbidden} {
		if got := b.goTo(path); got != want {
			t.Errorf("%s answers a buyer %d, want %d", path, got, want)
		}
	}
}

// Who signs up to sell sees the provider that a fresh sandbox has, and may buy from it.
func TestPortalAProviderBegins(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, sharedNode(t, onSQLite))
	b.signUp("provider")
	b.heading("Provider")
	if got := b.goTo("/store"); got != http.StatusOK {
		t.Errorf("the storefront answers a provider %d", got)
	}
	b.lacks("No customer yet")
}
