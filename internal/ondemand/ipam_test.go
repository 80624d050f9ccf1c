package ondemand

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var ipamTest24 = netip.MustParsePrefix("100.64.7.0/24")

// ipamModel is a /24 as a plain set of addresses, with none of the arithmetic of Block.
type ipamModel map[netip.Addr]bool

func (m ipamModel) free(p netip.Prefix) bool {
	for a := p.Addr(); p.Contains(a); a = a.Next() {
		if m[a] {
			return false
		}
	}
	return true
}

func (m ipamModel) set(p netip.Prefix, taken bool) {
	for a := p.Addr(); p.Contains(a); a = a.Next() {
		if taken {
			m[a] = true
		} else {
			delete(m, a)
		}
	}
}

// best is the free prefix of that length which lies in the narrowest wholly free
// prefix, no wider than a /28, and the lowest of those.
func (m ipamModel) best(length int) (netip.Prefix, bool) {
	for hole := length; hole >= 28; hole-- {
		for a := ipamTest24.Addr(); ipamTest24.Contains(a); a = a.Next() {
			p := netip.PrefixFrom(a, length)
			if p.Masked() != p || !m.free(p) || !m.free(netip.PrefixFrom(a, hole).Masked()) {
				continue
			}
			if hole > 28 && m.free(netip.PrefixFrom(a, hole-1).Masked()) {
				continue // a wider hole than this one
			}
			return p, true
		}
	}
	return netip.Prefix{}, false
}

func TestABlockIsTakenAndGivenAsASetOfAddresses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var block Block
		model := ipamModel{}
		type lease struct{ at, length int }
		var leases []lease
		length := rapid.IntRange(28, 30)
		t.Repeat(map[string]func(*rapid.T){
			"take": func(t *rapid.T) {
				n := length.Draw(t, "length")
				want, fits := model.best(n)
				if block.Free(n) != fits {
					t.Fatalf("Free(%d) = %v, want %v", n, !fits, fits)
				}
				at, next, ok := block.Take(n)
				if ok != fits {
					t.Fatalf("Take(%d) = %v, want %v", n, ok, fits)
				}
				if !ok {
					if next != block {
						t.Fatalf("Take(%d) failed and changed the block", n)
					}
					return
				}
				if got := Prefix(ipamTest24, at, n); got != want {
					t.Fatalf("Take(%d) = %s, want %s", n, got, want)
				}
				model.set(want, true)
				leases = append(leases, lease{at, n})
				block = next
			},
			"give": func(t *rapid.T) {
				if len(leases) == 0 {
					return
				}
				i := rapid.IntRange(0, len(leases)-1).Draw(t, "lease")
				l := leases[i]
				next, ok := block.Give(l.at, l.length)
				if !ok {
					t.Fatalf("Give(%d, %d) is refused", l.at, l.length)
				}
				model.set(Prefix(ipamTest24, l.at, l.length), false)
				leases = slices.Delete(leases, i, i+1)
				block = next
				if again, ok := block.Give(l.at, l.length); ok || again != block {
					t.Fatalf("Give(%d, %d) is accepted twice", l.at, l.length)
				}
			},
			"": func(t *rapid.T) {
				var held []netip.Prefix
				for _, l := range leases {
					held = append(held, Prefix(ipamTest24, l.at, l.length))
				}
				if a, b, found := Overlaps(held); found {
					t.Fatalf("%s and %s overlap", a, b)
				}
				if len(model) != block.Used()*4 {
					t.Fatalf("%d units are used, %d addresses are", block.Used(), len(model))
				}
				for unit := range 64 {
					if p := Prefix(ipamTest24, unit, 30); (block>>unit&1 == 1) == model.free(p) {
						t.Fatalf("%s: the bitmap says the contrary of the addresses", p)
					}
				}
			},
		})
	})
}

func TestBestFitKeepsEveryWholeFourThatCanBeKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var block Block
		for _, n := range rapid.SliceOfN(rapid.IntRange(28, 30), 0, 64).Draw(t, "lengths") {
			if _, next, ok := block.Take(n); ok {
				block = next
			}
			whole := 0
			for rest := block; rest.Free(28); whole++ {
				_, rest, _ = rest.Take(28)
			}
			if most := (64 - block.Used()) / 4; whole != most {
				t.Fatalf("%064b still holds %d of %d /28", block, whole, most)
			}
		}
	})
}

func TestABlockHoldsExactlyItsCapacityAndComesBackEmpty(t *testing.T) {
	for length, capacity := range map[int]int{28: 16, 29: 32, 30: 64} {
		var block Block
		for i := range capacity {
			at, next, ok := block.Take(length)
			if want := i * 64 / capacity; !ok || at != want || next.Used() != block.Used()+64/capacity {
				t.Fatalf("/%d number %d is at %d, %v", length, i, at, ok)
			}
			block = next
		}
		if _, next, ok := block.Take(length); ok || next != ^Block(0) || block.Free(length) || block.Free(30) {
			t.Errorf("a full block has room for a /%d", length)
		}
		for i := range capacity {
			next, ok := block.Give(i*64/capacity, length)
			if !ok {
				t.Fatalf("/%d number %d cannot be given back", length, i)
			}
			block = next
		}
		if block != 0 {
			t.Errorf("%064b is left", block)
		}
	}
}

func TestPlacesAndLengthsThatCannotBeAreRefused(t *testing.T) {
	full := ^Block(0)
	for _, c := range [][2]int{
		{0, 27}, {0, 31}, {0, 24}, {0, 32}, {0, 0}, {0, -1}, {0, 64}, {-1, 30}, {64, 30}, {1, 29}, {63, 29}, {64, 29}, {-2, 29},
		{1, 28}, {2, 28}, {62, 28}, {64, 28}, {-4, 28},
	} {
		if next, ok := full.Give(c[0], c[1]); ok || next != full {
			t.Errorf("Give(%d, %d) is accepted", c[0], c[1])
		}
		if p := Prefix(ipamTest24, c[0], c[1]); p.IsValid() {
			t.Errorf("Prefix(%d, %d) = %s", c[0], c[1], p)
		}
	}
	for _, length := range []int{-1, 0, 24, 27, 31, 32} {
		if _, next, ok := Block(0).Take(length); ok || next != 0 || Block(0).Free(length) {
			t.Errorf("a /%d is taken", length)
		}
	}
	// Half of a /29 is free: to give it whole would free what was given back before.
	if next, ok := Block(0b01).Give(0, 29); ok || next != 0b01 {
		t.Error("a /29 is given back of which half was free")
	}
	for _, text := range []string{"100.64.0.0/23", "100.64.0.0/25", "2001:db8::/24", "::ffff:100.64.0.0/24"} {
		if p := Prefix(netip.MustParsePrefix(text), 0, 30); p.IsValid() {
			t.Errorf("%s has %s", text, p)
		}
	}
	if p := Prefix(netip.Prefix{}, 0, 30); p.IsValid() {
		t.Errorf("no /24 has %s", p)
	}
}

func TestPrefixesLieInTheirBlock(t *testing.T) {
	for text, in := range map[string][2]int{
		"100.64.7.0/30": {0, 30}, "100.64.7.252/30": {63, 30}, "100.64.7.8/29": {2, 29}, "100.64.7.248/29": {62, 29}, "100.64.7.240/28": {60, 28},
	} {
		if got := Prefix(ipamTest24, in[0], in[1]); got.String() != text {
			t.Errorf("Prefix(%d, %d) = %s, want %s", in[0], in[1], got, text)
		}
	}
	if got := Prefix(netip.MustParsePrefix("100.64.7.99/24"), 1, 30).String(); got != "100.64.7.4/30" {
		t.Errorf("an address inside the /24 leads to %s", got)
	}
}

func TestThePoolsHoldSixteenThousandBlocksOutsideEverythingRouted(t *testing.T) {
	count := 0
	var all []netip.Prefix
	for _, pool := range Pools() {
		for n := 0; ; n++ {
			p, ok := PoolPrefix(pool, n)
			if !ok {
				break
			}
			if p.Bits() != 24 || !pool.Contains(p.Addr()) || p != p.Masked() || !netip.MustParsePrefix("100.64.0.0/10").Contains(p.Addr()) {
				t.Fatalf("the %dth /24 of %s is %s", n, pool, p)
			}
			all = append(all, p)
			count++
		}
	}
	if count < 16_000 {
		t.Errorf("the pools hold %d /24s", count)
	}
	if a, b, found := Overlaps(all); found {
		t.Errorf("%s and %s overlap", a, b)
	}
	Pools()[0] = netip.Prefix{}
	if !Pools()[0].IsValid() {
		t.Error("a caller changed the pools of everyone")
	}
}

func TestTheNthBlockOfAPool(t *testing.T) {
	for _, c := range []struct {
		pool string
		n    int
		want string
	}{
		{"100.64.0.0/10", 0, "100.64.0.0/24"},
		{"100.64.0.0/10", 16383, "100.127.255.0/24"},
		{"100.64.0.0/10", 16384, ""},
		{"100.64.0.0/10", -1, ""},
		{"100.64.0.0/10", 1 << 62, ""},
		{"198.18.0.9/15", 257, "198.19.1.0/24"},
		{"192.0.2.0/24", 0, "192.0.2.0/24"},
		{"192.0.2.0/24", 1, ""},
		{"192.0.2.0/25", 0, ""},
		{"0.0.0.0/0", 1<<24 - 1, "255.255.255.0/24"},
		{"0.0.0.0/0", 1 << 24, ""},
		{"2001:db8::/16", 0, ""},
	} {
		got, ok := PoolPrefix(netip.MustParsePrefix(c.pool), c.n)
		if ok != (c.want != "") || (ok && got.String() != c.want) || (!ok && got.IsValid()) {
			t.Errorf("PoolPrefix(%s, %d) = %s, %v, want %s", c.pool, c.n, got, ok, c.want)
		}
	}
	if got, ok := PoolPrefix(netip.Prefix{}, 0); ok {
		t.Errorf("no pool has %s", got)
	}
}

func TestBlockSizesAreTheThreeThatAreSold(t *testing.T) {
	for text, want := range map[string]int{"/28": 28, "/29": 29, "/30": 30} {
		if got, err := ParseBlockSize(text); err != nil || got != want {
			t.Errorf("ParseBlockSize(%q) = %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "/", "29", "/27", "/31", "/029", " /29", "/29 ", "/+29", "/2９"} {
		if got, err := ParseBlockSize(text); err == nil {
			t.Errorf("ParseBlockSize(%q) = %d", text, got)
		}
	}
}

func TestOverlapsAgreesWithComparingEveryPair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.Custom(func(t *rapid.T) netip.Prefix {
			a := netip.AddrFrom4([4]byte{100, 64, rapid.ByteRange(0, 3).Draw(t, "c"), rapid.Byte().Draw(t, "d")})
			return netip.PrefixFrom(a, rapid.IntRange(20, 32).Draw(t, "bits"))
		})
		prefixes := rapid.SliceOfN(rapid.OneOf(prefix, rapid.Just(netip.Prefix{}), rapid.Just(netip.MustParsePrefix("2001:db8::/32"))), 0, 8).Draw(t, "prefixes")
		before := slices.Clone(prefixes)
		want := false
		for i, p := range prefixes {
			for _, q := range prefixes[i+1:] {
				want = want || p.Overlaps(q)
			}
		}
		a, b, found := Overlaps(prefixes)
		if found != want || (found && (!a.Overlaps(b) || !slices.Contains(prefixes, a) || !slices.Contains(prefixes, b))) {
			t.Fatalf("Overlaps(%v) = %s, %s, %v, want %v", prefixes, a, b, found, want)
		}
		if !slices.Equal(prefixes, before) {
			t.Fatal("the caller's list was reordered")
		}
	})
}

func BenchmarkBlockTake(b *testing.B) {
	for _, length := range []int{28, 29, 30} {
		b.Run(fmt.Sprintf("/%d", length), func(b *testing.B) {
			b.ReportAllocs()
			var block Block
			for b.Loop() {
				_, next, ok := block.Take(length)
				if !ok {
					next = 0
				}
				block = next
			}
			if block.Used()%(1<<(30-length)) != 0 {
				b.Fatalf("%064b is left", block)
			}
		})
	}
}

func BenchmarkOverlaps(b *testing.B) {
	var all []netip.Prefix
	for n := range 10_000 {
		p, _ := PoolPrefix(Pools()[0], n*7919%16384)
		all = append(all, p)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, found := Overlaps(all); found {
			b.Fatal("an overlap")
		}
	}
}
