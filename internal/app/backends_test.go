package app

import (
	"log/slog"
	"testing"
	"time"

	"demarc/internal/backend"
)

// Every backend of every product tells how it is doing, the embedded ones too.
func TestTheNodeKnowsItsBackends(t *testing.T) {
	t.Parallel()
	const url = "http://127.0.0.1:9/backend"
	for embedded, cfg := range map[bool]Config{true: {}, false: {NetworkURL: url, CareURL: url, AddressURL: url, LoopQualURL: url, CatalogURL: url, CreditURL: url,
		NumberAdminURL: url, VoiceCreditURL: url, LNPGatewayURL: url, VoiceProviderURL: url}} {
		cfg.Data, cfg.Listen, cfg.TokenTTL, cfg.Workers, cfg.Version = t.TempDir(), "127.0.0.1:0", 1799*time.Second, 4, "test"
		a, err := Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		products := map[string]int{}
		for _, h := range a.Backends.All() {
			products[h.Of]++
			if h.Embedded != embedded || !embedded && (h.State != backend.Closed || h.Deadline == 0 || h.Name == "") || !h.Well() {
				t.Errorf("embedded %v: %+v", embedded, h)
			}
		}
		if products["ondemand"] != 1 || products["care"] != 4 || products["preorder"] != 4 || products["voice"] != 4 {
			t.Errorf("embedded %v: %v", embedded, products)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}
