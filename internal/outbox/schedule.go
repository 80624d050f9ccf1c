package outbox

import (
	"hash/fnv"
	"strconv"
	"time"
)

// schedule is how long after the attempt before it each attempt is made, on the
// world's clock.
var schedule = [...]time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

const (
	// patience is how long an endpoint may do nothing but fail.
	patience = 5 * 24 * time.Hour
	// longestWait bounds what an endpoint may ask for with Retry-After.
	longestWait = 24 * time.Hour
)

// facts is what the verdict on an attempt depends on.
type facts struct {
	answer       Answer
	tries        int       // attempts of this round before this one
	failingSince time.Time // since when the endpoint has done nothing but fail; zero when it has not
	now          time.Time
	seed         int64 // the world's
	draw         string
}

// verdict is what follows from an attempt.
type verdict struct {
	event   string        // of the delivery's machine
	wait    time.Duration // until the next attempt, for a retry
	disable string        // why the endpoint is to be disabled, "" when it is not
}

// judge decides what follows from an attempt.
func judge(f facts) verdict {
	status := f.answer.Status
	switch {
	case status >= 200 && status < 300:
		return verdict{event: evTake}
	case status == 410:
		return verdict{event: evGiveUp, disable: "it answered 410: it wants no more"}
	case !f.failingSince.IsZero() && f.now.Sub(f.failingSince) >= patience:
		return verdict{event: evGiveUp, disable: "five days of nothing but failures"}
	case f.tries+1 >= len(schedule):
		return verdict{event: evGiveUp}
	}
	wait := jittered(schedule[f.tries+1], f.seed, f.draw+"|"+strconv.Itoa(f.tries+1))
	if status == 429 || status == 503 {
		wait = max(wait, min(f.answer.RetryAfter, longestWait))
	}
	return verdict{event: evRetry, wait: wait}
}

// jittered spreads retries by a tenth to both sides, so that those who failed
// together do not return together. What looks random is drawn from the world's
// seed and from what is delivered, so that a world which is run again from the
// same seed repeats itself to the moment.
func jittered(d time.Duration, seed int64, draw string) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strconv.FormatInt(seed, 10) + "|" + draw))
	// FNV spreads its last bytes badly over its upper bits; one more round of
	// mixing (of splitmix64) mends that.
	x := h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	share := float64(x>>11)/(1<<53)*0.2 - 0.1
	return (d + time.Duration(float64(d)*share)).Truncate(time.Microsecond)
}
