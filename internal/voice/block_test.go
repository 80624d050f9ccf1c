package voice_test

import (
	"math/rand/v2"
	"testing"

	"demarc/internal/voice"
)

// slow is a thousands-block the slow way.
type slow [voice.PerBlock]bool

func (s *slow) free() (n int) {
	for _, taken := range s {
		if !taken {
			n++
		}
	}
	return n
}

func (s *slow) longest() (most int) {
	n := 0
	for _, taken := range s {
		if n++; taken {
			n = 0
		}
		most = max(most, n)
	}
	return most
}

func TestABlockIsWhatATableOfAThousandFlagsIsButSmaller(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var fast voice.Bits
	var table slow
	for range 20_000 {
		from := random.IntN(voice.PerBlock)
		to := min(from+random.IntN(1+random.IntN(200)), voice.PerBlock-1)
		take := random.IntN(2) == 0
		possible := true
		for i := from; i <= to; i++ {
			possible = possible && table[i] != take
		}
		var done bool
		if take {
			done = fast.Set(from, to)
		} else {
			done = fast.Clear(from, to)
		}
		if done != possible {
			t.Fatalf("take %v of %d to %d: done %v, possible %v", take, from, to, done, possible)
		}
		for i := from; done && i <= to; i++ {
			table[i] = take
		}
		if fast.Free() != table.free() || fast.Longest() != table.longest() {
			t.Fatalf("%d free, %d in a row; want %d and %d", fast.Free(), fast.Longest(), table.free(), table.longest())
		}
	}
	read, err := voice.ParseBits(fast.Bytes())
	if err != nil || read != fast {
		t.Errorf("stored and read it is another: %v", err)
	}
	if _, err := voice.ParseBits(nil); err == nil {
		t.Error("nothing is a block")
	}
	if fast.Set(-1, 3) || fast.Set(990, voice.PerBlock) || fast.Set(7, 6) {
		t.Error("numbers that there are not were taken")
	}
}
