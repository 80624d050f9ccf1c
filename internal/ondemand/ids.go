package ondemand

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
)

// Ids are functions of a world's counters and its seed, never of chance: a world
// that is started again from its seed and driven the same way names everything the
// same, and a recorded conversation with it stays true.

const (
	idsFirstService = 77133831779 // the documentation's service is the one before it
	idsQuotePrefix  = "NaaS-"
)

// ServiceID is the id of a world's n-th service, counted from zero.
func ServiceID(n int64) string { return strconv.FormatInt(idsFirstService+n, 10) }

// QuoteID is the id of quote n: "NaaS-1466".
func QuoteID(n int64) string { return idsQuotePrefix + strconv.FormatInt(n, 10) }

// ParseQuoteID reads what QuoteID writes and nothing else: no sign, no zero in
// front, no other case, so that one quote has one name.
func ParseQuoteID(s string) (n int64, ok bool) {
	digits, ok := strings.CutPrefix(s, idsQuotePrefix)
	if !ok || digits == "" || digits[0] < '0' || digits[0] > '9' || (digits[0] == '0' && digits != "0") {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, false
	}
	return n, true
}

// OrderID is the id of the n-th order of the world with that seed: a UUID of
// version 8, which RFC 9562 leaves to the application. To a client it looks like any
// UUID. Its first half-dozen digits count on from a number of the seed's, so that
// orders that follow each other lie side by side in every index; the rest is from
// SHA-256 of both.
func OrderID(seed uint64, n int64) string {
	const domain = "demarc ondemand order\x00" // no other kind of id hashes the same bytes
	var in [len(domain) + 16]byte
	copy(in[:], domain)
	binary.BigEndian.PutUint64(in[len(domain):], seed)
	first := sha256.Sum256(in[:len(domain)+8])
	binary.BigEndian.PutUint64(in[len(domain)+8:], uint64(n)) // #nosec G115 -- its bits, whatever the sign
	sum := sha256.Sum256(in[:])
	binary.BigEndian.PutUint32(sum[:4], binary.BigEndian.Uint32(first[:4])>>2+uint32(n)) // #nosec G115 -- counts on, and wraps
	sum[6] = sum[6]&0x0f | 0x80                                                          // version 8
	sum[8] = sum[8]&0x3f | 0x80                                                          // the RFC's variant

	var text [36]byte
	hex.Encode(text[0:8], sum[0:4])
	hex.Encode(text[9:13], sum[4:6])
	hex.Encode(text[14:18], sum[6:8])
	hex.Encode(text[19:23], sum[8:10])
	hex.Encode(text[24:36], sum[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
