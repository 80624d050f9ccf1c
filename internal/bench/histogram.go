package bench

import (
	"math/bits"
	"time"
)

// A histogram counts latencies in buckets that are at most 1/32 wide: exact
// enough for any percentile, and nothing is allocated while the load runs.
const (
	histogramFine    = 5 // bits within a power of two
	histogramBuckets = 40 << histogramFine
)

type histogram struct {
	counts [histogramBuckets]uint32
	total  int
}

// bucketOf numbers the buckets of whole microseconds in ascending order: the
// first 32 hold one value each, and then every power of two has 32.
func bucketOf(us uint64) int {
	if us < 1<<histogramFine {
		return int(us)
	}
	shift := bits.Len64(us) - histogramFine - 1
	return min((shift+1)<<histogramFine+int(us>>shift)&(1<<histogramFine-1), histogramBuckets-1)
}

// valueOf is the middle of a bucket, in microseconds.
func valueOf(bucket int) uint64 {
	if bucket < 1<<histogramFine {
		return uint64(bucket)
	}
	shift := bucket>>histogramFine - 1
	low := uint64(1<<histogramFine|bucket&(1<<histogramFine-1)) << shift
	return low + 1<<shift/2
}

func (h *histogram) add(d time.Duration) {
	h.counts[bucketOf(uint64(max(0, d.Microseconds())))]++
	h.total++
}

func (h *histogram) merge(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.total += o.total
}

// at is the latency that the given part of all requests did not exceed.
func (h *histogram) at(part float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	rank := max(1, int(part*float64(h.total)+0.999999))
	seen := 0
	for i, n := range h.counts {
		if seen += int(n); seen >= rank {
			return time.Duration(valueOf(i)) * time.Microsecond
		}
	}
	return time.Duration(valueOf(histogramBuckets-1)) * time.Microsecond
}
