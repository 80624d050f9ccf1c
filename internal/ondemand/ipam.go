package ondemand

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"net/netip"
	"slices"
)

// IPv4 prefixes come from pools, and a pool is handed out one /24 at a time. A /24
// is one row with one number: 64 bits, one for each /30 in it. Taking a prefix is a
// few instructions and a guarded update of that row, whatever else the row holds.

// Block is a /24 as a bitmap: bit i is set while its i-th /30 is taken. A /29 is two
// of them, a /28 four, aligned. The zero Block is wholly free.
type Block uint64

const (
	// A bit at the first unit of every aligned pair and of every aligned four.
	ipamPairs Block = 0x5555_5555_5555_5555
	ipamFours Block = 0x1111_1111_1111_1111
)

var errBlockSize = errors.New("must be /28, /29 or /30")

// Take finds room for a prefix of the given length: 28, 29 or 30. It takes the
// smallest aligned hole that fits, so that what can still hold a /28 stays whole
// as long as anything else will do, and the lowest address among equals. at is the
// first /30 of the prefix. Without room, or with another length, ok is false.
func (b Block) Take(bits int) (at int, next Block, ok bool) {
	four := b.freeFours()
	pair := b.freePairs()
	single := ^b
	var holes [3]Block // from the best fit to the last resort
	switch bits {
	case 28:
		holes = [3]Block{four}
	case 29:
		holes = [3]Block{pair &^ (four | four<<2), pair}
	case 30:
		holes = [3]Block{single &^ (pair | pair<<1), pair &^ (four | four<<2), single}
	}
	for _, h := range holes {
		if h != 0 {
			at = h.first()
			return at, b | ipamMask(at, bits), true
		}
	}
	return 0, b, false
}

// Give frees the prefix of the given length at the given /30. It is refused, and
// next is b, unless the place is aligned and every address of it was taken: to free
// what is free would mean that something was given back twice.
func (b Block) Give(at, bits int) (next Block, ok bool) {
	mask := ipamMask(at, bits)
	if mask == 0 || b&mask != mask {
		return b, false
	}
	return b &^ mask, true
}

// Free says whether a prefix of the given length still fits.
func (b Block) Free(bits int) bool {
	switch bits {
	case 28:
		return b.freeFours() != 0
	case 29:
		return b.freePairs() != 0
	case 30:
		return ^b != 0
	}
	return false
}

// Used counts the /30 units that are taken, of 64.
func (b Block) Used() int { return bits.OnesCount64(uint64(b)) }

func (b Block) first() int { return bits.TrailingZeros64(uint64(b)) }

func (b Block) freePairs() Block { return ^b & (^b >> 1) & ipamPairs }

func (b Block) freeFours() Block {
	pair := b.freePairs()
	return pair & (pair >> 2) & ipamFours
}

// ipamMask has the bits of one prefix, or none where no such prefix can be.
func ipamMask(at, bits int) Block {
	if bits < 28 || bits > 30 {
		return 0
	}
	units := 1 << (30 - bits)
	if at < 0 || at > 64-units || at%units != 0 {
		return 0
	}
	return (1<<units - 1) << at
}

// ipamPools is RFC 6598 shared address space. The ranges for documentation are
// three /24s and the one for benchmarking is 512, too few for a network that sells
// ten thousand services; the private ranges of RFC 1918 are what a partner's own
// network is numbered from, where an answer of this network would look like one of
// theirs; and public ranges belong to someone. This range is nobody's, is routed
// nowhere on the Internet, and holds 16,384 /24s.
var ipamPools = []netip.Prefix{netip.MustParsePrefix("100.64.0.0/10")}

// Pools lists the ranges that customers' prefixes are taken from.
func Pools() []netip.Prefix { return slices.Clone(ipamPools) }

// PoolPrefix is the n-th /24 of an IPv4 pool, counted from zero; ok is false past
// its end.
func PoolPrefix(pool netip.Prefix, n int) (netip.Prefix, bool) {
	if !pool.IsValid() || !pool.Addr().Is4() || pool.Bits() > 24 || n < 0 || n>>(24-pool.Bits()) != 0 {
		return netip.Prefix{}, false
	}
	base := pool.Masked().Addr().As4()
	network := uint64(binary.BigEndian.Uint32(base[:])) + uint64(n)<<8
	return ipamPrefix(network, 24), true
}

// Prefix is what Take found, as addresses: the prefix of the given length that
// begins at the given /30 of a /24. It is the zero Prefix where there is none.
func Prefix(block24 netip.Prefix, at, bits int) netip.Prefix {
	if block24.Bits() != 24 || !block24.Addr().Is4() || ipamMask(at, bits) == 0 {
		return netip.Prefix{}
	}
	base := block24.Masked().Addr().As4()
	return ipamPrefix(uint64(binary.BigEndian.Uint32(base[:]))+uint64(at)*4, bits)
}

func ipamPrefix(network uint64, bits int) netip.Prefix {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], uint32(network)) // #nosec G115 -- inside a valid IPv4 prefix
	return netip.PrefixFrom(netip.AddrFrom4(a), bits)
}

// ParseBlockSize reads the characteristic "IPV4 Block Size".
func ParseBlockSize(s string) (int, error) {
	switch s {
	case "/28":
		return 28, nil
	case "/29":
		return 29, nil
	case "/30":
		return 30, nil
	}
	return 0, errBlockSize
}

// Overlaps finds two prefixes that share an address, if there are any; the zero
// Prefix, which has no address, never does. An audit passes every allocation of a
// world, hence the order n log n.
func Overlaps(prefixes []netip.Prefix) (a, b netip.Prefix, found bool) {
	// Two prefixes share an address only if one holds the other. Sorted by first
	// address and then from wide to narrow, whatever lies between a prefix and one
	// that it holds is held by it too: looking at neighbours is enough.
	sorted := make([]netip.Prefix, 0, len(prefixes))
	for _, p := range prefixes {
		if p.IsValid() {
			sorted = append(sorted, p)
		}
	}
	slices.SortFunc(sorted, func(p, q netip.Prefix) int {
		if c := p.Masked().Addr().Compare(q.Masked().Addr()); c != 0 {
			return c
		}
		return p.Bits() - q.Bits()
	})
	for i := 1; i < len(sorted); i++ {
		if sorted[i-1].Overlaps(sorted[i]) {
			return sorted[i-1], sorted[i], true
		}
	}
	return netip.Prefix{}, netip.Prefix{}, false
}
