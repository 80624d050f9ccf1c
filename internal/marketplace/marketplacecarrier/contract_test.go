package marketplacecarrier_test

import (
	"testing"

	"demarc/internal/marketplace"
	"demarc/internal/marketplace/marketplacecarrier"
	"demarc/internal/marketplace/marketplacetest"
)

func TestTheEmbeddedProviderKeepsTheContract(t *testing.T) {
	t.Parallel()
	marketplacetest.Contract(t, func(*testing.T) marketplacetest.Line {
		return marketplacetest.Line{
			Server:  marketplacecarrier.Embedded{},
			BaseURL: marketplace.EmbeddedURL,
			Force:   func(o *marketplace.Order, word string) { o.Hint = "A Buyer [demarc:" + word + "]" },
		}
	})
}

func TestTheConnectorKeepsTheContract(t *testing.T) {
	t.Parallel()
	marketplacetest.Contract(t, outside)
}

// The switch is what the program has, so it keeps the contract on both sides.
func TestTheSwitchKeepsTheContract(t *testing.T) {
	t.Parallel()
	marketplacetest.Contract(t, func(t *testing.T) marketplacetest.Line {
		l := outside(t)
		l.Server = marketplacecarrier.Switch{Embedded: marketplacecarrier.Embedded{}, HTTP: l.Server}
		return l
	})
}

// outside is a provider with a server of its own.
func outside(t *testing.T) marketplacetest.Line {
	p := marketplacetest.NewProvider(t)
	return marketplacetest.Line{
		Server:   p.Connect(t, 0),
		BaseURL:  p.URL,
		Force:    func(_ *marketplace.Order, word string) { p.Choose(marketplacetest.Word(word)) },
		Provider: p,
	}
}
