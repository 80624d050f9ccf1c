package voice

import (
	"strings"

	"demarc/internal/seal"
)

// The PIN with which a number leaves a losing carrier is as good as the number: it is
// kept sealed, and only while the port is under way.

// Sealer seals what nobody else may read.
type Sealer interface {
	Seal(purpose string, text []byte) []byte
	Open(purpose string, sealed []byte) ([]byte, error)
}

func sealedFor(order string) string { return "voice port " + order }

// sealPIN is a port's PIN as it is kept for an order.
func (d *Desk) sealPIN(order string, l *LNP) []byte {
	if l == nil || l.PIN == "" {
		return nil
	}
	return d.Seal.Seal(sealedFor(order), []byte(l.PIN))
}

// openPIN reads what sealPIN wrote.
func (d *Desk) openPIN(order string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	pin, err := d.Seal.Open(sealedFor(order), sealed)
	return string(pin), err
}

// SealedColumns is where the product keeps what is sealed, for a change of keys.
func SealedColumns() []seal.Column {
	return []seal.Column{
		{Table: "vn_order", ID: "id", Name: "pin", Purpose: sealedFor},
		{Table: "vn_part", ID: "id", Name: "pin", Purpose: func(part string) string {
			order, _, _ := strings.Cut(part, "-")
			return sealedFor(order)
		}},
	}
}
