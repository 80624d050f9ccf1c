package ondemand

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestVLANsAreTakenAndGivenAsASetOfIds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var bm []byte
		taken := map[int]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"take": func(t *rapid.T) {
				for range rapid.IntRange(1, 200).Draw(t, "times") {
					want := 2
					for taken[want] {
						want++
					}
					before := slices.Clone(bm)
					id, next, ok := TakeVLAN(bm)
					if ok != (want <= 4094) || (ok && id != want) {
						t.Fatalf("TakeVLAN = %d, %v, want %d", id, ok, want)
					}
					if !bytes.Equal(bm, before) {
						t.Fatal("the bitmap was changed in place")
					}
					if ok {
						taken[id] = true
					}
					bm = next
				}
			},
			"give": func(t *rapid.T) {
				// Mostly ids that are taken, sometimes any number at all.
				id := rapid.OneOf(rapid.IntRange(2, max(2, len(taken)+1)), rapid.IntRange(-10, 5000)).Draw(t, "id")
				before := slices.Clone(bm)
				next := GiveVLAN(bm, id)
				if !bytes.Equal(bm, before) {
					t.Fatal("the bitmap was changed in place")
				}
				delete(taken, id)
				bm = next
			},
			"": func(t *rapid.T) {
				if got := CountVLANs(bm); got != len(taken) {
					t.Fatalf("%d ids are taken, %d are counted", len(taken), got)
				}
				if len(bm) > 0 && bm[len(bm)-1] == 0 {
					t.Fatalf("the bitmap ends with a zero byte: %x", bm)
				}
				for id := range taken {
					if id/8 >= len(bm) || bm[id/8]>>(id%8)&1 == 0 {
						t.Fatalf("id %d is taken and its bit is not set", id)
					}
				}
			},
		})
	})
}

func TestAPortHoldsEveryIdOnceAndComesBackEmpty(t *testing.T) {
	var bm []byte
	for want := 2; want <= 4094; want++ {
		id, next, ok := TakeVLAN(bm)
		if !ok || id != want || len(next) != want/8+1 {
			t.Fatalf("id %d, %v in %d bytes, want id %d", id, ok, len(next), want)
		}
		bm = next
	}
	if id, next, ok := TakeVLAN(bm); ok || id != 0 || !bytes.Equal(next, bm) || CountVLANs(bm) != 4093 || len(bm) != 512 {
		t.Errorf("a full port gives id %d; it counts %d in %d bytes", id, CountVLANs(bm), len(bm))
	}
	for id := 4094; id >= 2; id-- {
		bm = GiveVLAN(bm, id)
		if at, _, ok := TakeVLAN(bm); !ok || at != id {
			t.Fatalf("id %d was given back and %d is taken", id, at)
		}
	}
	if bm == nil || len(bm) != 0 {
		t.Errorf("an empty port is stored as %#v", bm)
	}
}

func TestReservedIdsAreNeverTakenWhateverTheStoredBitmapSays(t *testing.T) {
	for name, bm := range map[string][]byte{
		"nil": nil, "empty": {}, "one zero byte": {0}, "reserved ids set": {0b11}, "a whole row of zeros": make([]byte, 512),
	} {
		id, next, ok := TakeVLAN(bm)
		if !ok || id != 2 || CountVLANs(bm) != 0 || CountVLANs(next) != 1 || len(next) != 1 {
			t.Errorf("%s: id %d, %v, then %d in %d bytes", name, id, ok, CountVLANs(next), len(next))
		}
	}
	full := bytes.Repeat([]byte{0xff}, 600)
	if id, _, ok := TakeVLAN(full); ok {
		t.Errorf("a bitmap longer than a port gives id %d", id)
	}
	if n := CountVLANs(full); n != 4093 {
		t.Errorf("a port with every bit set counts %d", n)
	}
	full[511] = 0x7f // 4095 is not an id that can be free
	if id, _, ok := TakeVLAN(full); ok {
		t.Errorf("a full port gives id %d", id)
	}
	if n := CountVLANs(full); n != 4093 {
		t.Errorf("a full port counts %d", n)
	}
	for _, id := range []int{-8, -1, 0, 1, 4095, 4096, 1 << 40} {
		if got := GiveVLAN([]byte{0xff}, id); !bytes.Equal(got, []byte{0xff}) {
			t.Errorf("to give id %d back changed the bitmap to %x", id, got)
		}
	}
	if got := GiveVLAN(nil, 100); got == nil || len(got) != 0 {
		t.Errorf("an id given back on an empty port leaves %#v", got)
	}
}

func BenchmarkTakeVLAN(b *testing.B) {
	for _, used := range []int{0, 100, 4092} {
		var bm []byte
		for range used {
			_, bm, _ = TakeVLAN(bm)
		}
		b.Run(fmt.Sprintf("after%d", used), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if id, _, ok := TakeVLAN(bm); !ok || id != used+2 {
					b.Fatal(id)
				}
			}
		})
	}
}

func BenchmarkGiveVLAN(b *testing.B) {
	full := bytes.Repeat([]byte{0xff}, 512)
	b.ReportAllocs()
	for b.Loop() {
		if len(GiveVLAN(full, 2000)) != 512 {
			b.Fatal("trimmed")
		}
	}
}
