package ondemand

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// The VLANs of a port are one bitmap: bit id%8 of byte id/8 is set while that id is
// taken. Ids 0 and 4095 are reserved by IEEE 802.1Q and 1 is what switches put
// untagged frames in, so 2 to 4094 are handed out. A bitmap is stored without its
// trailing zero bytes: a port with few services is a row of a few bytes, and an
// empty bitmap, nil or not, is a port with none.

const (
	vlanFirst = 2
	vlanLast  = 4094
	vlanBytes = vlanLast/8 + 1
)

// TakeVLAN takes the lowest free id. bm is left as it is; next is the bitmap with
// the id in it. On a full port ok is false.
func TakeVLAN(bm []byte) (id int, next []byte, ok bool) {
	id = vlanLowestFree(bm)
	if id > vlanLast {
		return 0, bm, false
	}
	size := min(len(bm), vlanBytes)
	next = make([]byte, max(size, id/8+1))
	copy(next, bm[:size])
	next[id/8] |= 1 << (id % 8)
	return id, vlanTrim(next), true
}

// GiveVLAN frees an id. bm is left as it is; an id that is free, or that no port
// has, changes nothing. The result is never nil, so that it is never stored as NULL.
func GiveVLAN(bm []byte, id int) []byte {
	next := append([]byte{}, bm[:min(len(bm), vlanBytes)]...)
	if id >= vlanFirst && id <= vlanLast && id/8 < len(next) {
		next[id/8] &^= 1 << (id % 8)
	}
	return vlanTrim(next)
}

// HasVLAN reports whether an id is taken.
func HasVLAN(bm []byte, id int) bool {
	return id >= vlanFirst && id <= vlanLast && id/8 < len(bm) && bm[id/8]&(1<<(id%8)) != 0
}

// CountVLANs counts the ids that are taken.
func CountVLANs(bm []byte) int {
	n := 0
	for i, b := range bm[:min(len(bm), vlanBytes)] {
		n += bits.OnesCount8(b &^ vlanReserved(i))
	}
	return n
}

// vlanLowestFree is past vlanLast on a full port. Full words are skipped, so the
// last id of a port costs about as much as its first.
func vlanLowestFree(bm []byte) int {
	bm = bm[:min(len(bm), vlanBytes)]
	i := 0
	for ; i+8 <= len(bm); i += 8 {
		word := binary.LittleEndian.Uint64(bm[i:])
		if i == 0 {
			word |= uint64(vlanReserved(0))
		}
		if word != ^uint64(0) {
			return i*8 + bits.TrailingZeros64(^word)
		}
	}
	for ; i < len(bm); i++ {
		if b := bm[i] | vlanReserved(i); b != 0xff {
			return i*8 + bits.TrailingZeros8(^b)
		}
	}
	return max(i*8, vlanFirst)
}

// vlanTrim gives a set of ids one spelling: bitmaps are equal when their bytes are.
func vlanTrim(bm []byte) []byte { return bytes.TrimRight(bm, "\x00") }

// vlanReserved has the ids of a byte that are never handed out. A stored bitmap
// never has them; one that does must not count them or give them away.
func vlanReserved(i int) byte {
	switch i {
	case 0:
		return 1<<vlanFirst - 1
	case vlanBytes - 1:
		return 1 << 7 // id 4095
	}
	return 0
}
