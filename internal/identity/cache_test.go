package identity

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// shelf is what a cache reads from.
type shelf struct {
	mu    sync.Mutex
	rows  map[int]int
	err   error
	loads atomic.Int64
}

func (s *shelf) set(key, value int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows[key] = value
}

func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *shelf) load(_ context.Context, keys []int) (map[int]*int, error) {
	s.loads.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[int]*int{}
	for _, k := range keys {
		if v, ok := s.rows[k]; ok {
			found[k] = &v
		}
	}
	return found, s.err
}

// fakeCache is a cache whose time a test moves.
func fakeCache(size int) (*cache[int, int], *shelf, *atomic.Int64) {
	s := &shelf{rows: map[int]int{}}
	c := newCache(size, 2*time.Second, func(k int) uint8 { return uint8(k) }, s.load)
	now := &atomic.Int64{}
	c.since = func() time.Duration { return time.Duration(now.Load()) }
	return c, s, now
}

func want(t *testing.T, c *cache[int, int], key, value int) {
	t.Helper()
	v, err := c.get(t.Context(), key)
	if err != nil || (v == nil) != (value == 0) || (v != nil && *v != value) {
		t.Fatalf("get(%d) = %v, %v; want %d", key, v, err, value)
	}
}

func TestAnEntryIsReadOnceAndAgainWhenItIsTwoSecondsOld(t *testing.T) {
	c, s, now := fakeCache(1000)
	s.set(1, 10)
	want(t, c, 1, 10)
	s.set(1, 11)
	now.Store(int64(time.Second))
	want(t, c, 1, 10)
	if n := s.loads.Load(); n != 1 {
		t.Fatalf("%d reads for two calls within a second", n)
	}
	now.Store(int64(2 * time.Second))
	want(t, c, 1, 11)
}

func TestAnAgeingEntryIsReadByOneOfItsUsersWhileItStillServes(t *testing.T) {
	c, s, now := fakeCache(1000)
	s.set(1, 10)
	want(t, c, 1, 10)
	s.set(1, 11)
	now.Store(int64(1600 * time.Millisecond))
	want(t, c, 1, 11)
	want(t, c, 1, 11)
	if n := s.loads.Load(); n != 2 {
		t.Fatalf("%d reads, want 2", n)
	}
	now.Store(int64(3300 * time.Millisecond))
	s.fail(errors.New("the database is away"))
	want(t, c, 1, 11) // 1.7 s old: good for a moment yet
	now.Store(int64(3700 * time.Millisecond))
	if _, err := c.get(t.Context(), 1); err == nil {
		t.Fatal("an entry older than two seconds was used without the database")
	}
}

func TestAForgottenEntryIsReadAtOnce(t *testing.T) {
	c, s, _ := fakeCache(1000)
	s.set(1, 10)
	want(t, c, 1, 10)
	s.set(1, 11)
	c.forget(1)
	want(t, c, 1, 11)
	s.set(1, 12)
	c.forgetIf(func(v *int) bool { return *v == 11 })
	want(t, c, 1, 12)
}

func TestAReadThatBeganBeforeAChangeIsNotKept(t *testing.T) {
	c, s, _ := fakeCache(1000)
	s.set(1, 10)
	began, goOn := make(chan struct{}), make(chan struct{})
	c.group.Load = func(ctx context.Context, keys []int) (map[int]*int, error) {
		v, err := s.load(ctx, keys)
		close(began)
		<-goOn
		return v, err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = c.get(context.Background(), 1)
	}()
	<-began
	s.set(1, 11)
	c.forget(1)
	close(goOn)
	<-done
	c.group.Load = s.load
	want(t, c, 1, 11)
}

func TestTheCacheStaysWithinItsBoundAndKeepsWhatIsUsed(t *testing.T) {
	c, s, now := fakeCache(640)
	for k := range 20_000 {
		s.set(k, k+1)
	}
	for k := range 20_000 {
		now.Add(int64(time.Microsecond) * 50)
		want(t, c, k, k+1)
		want(t, c, 7, 8)
	}
	if n := c.len(); n > 640 {
		t.Fatalf("%d entries in a cache of 640", n)
	}
	if n := s.loads.Load(); n > 20_000+200 {
		t.Fatalf("%d reads: the entry that is always used was dropped again and again", n)
	}
}

func TestThatThereIsNothingIsRememberedOnlyWhereThatIsWanted(t *testing.T) {
	c, s, _ := fakeCache(1000)
	want(t, c, 1, 0)
	want(t, c, 1, 0)
	if n := s.loads.Load(); n != 2 || c.len() != 0 {
		t.Fatalf("%d reads, %d entries", n, c.len())
	}
	c.absent = true
	want(t, c, 1, 0)
	want(t, c, 1, 0)
	if n := s.loads.Load(); n != 3 {
		t.Fatalf("%d reads, want one more", n)
	}
	s.set(1, 10)
	c.forget(1)
	want(t, c, 1, 10)
}
