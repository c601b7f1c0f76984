package cache_test

import (
	"math"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/skugate/skugate/cache"
)

func TestInvalidate(t *testing.T) {
	everywhere(t, func(t *testing.T, r *cache.Record[string, int], put func(string, *cache.Entry[int]) bool) {
		before := entry(0) // begun before, answered after
		for _, apart := range []bool{false, true} {
			e := entry(1)
			e.Apart = apart
			put("k", e)
			put("other", entry(9))
			mark := r.Invalidate("k", time.Hour)
			if mark <= e.Order {
				t.Errorf("the mark %d is not after the entry %d", mark, e.Order)
			}
			wantMiss(t, r, "k", cache.Now())
			for _, late := range []*cache.Entry[int]{before, e, {Began: cache.Now(), Life: hours, Order: mark}} {
				if put("k", late) {
					t.Errorf("an entry of order %d was accepted after the mark %d", late.Order, mark)
				}
			}
			wantMiss(t, r, "k", cache.Now())
			if got := r.Mark("k"); got != mark {
				t.Errorf("Mark = %d, want %d", got, mark)
			}
			wantHit(t, r, "other", cache.Now(), 9, cache.Fresh)
			if got := r.Mark("other"); got != 0 {
				t.Errorf("Mark of another key = %d, want 0", got)
			}
			if !put("k", entry(2)) {
				t.Error("an entry begun after the invalidation was refused")
			}
			wantHit(t, r, "k", cache.Now(), 2, cache.Fresh)
		}
	})
}

func TestFlush(t *testing.T) {
	everywhere(t, func(t *testing.T, r *cache.Record[string, int], put func(string, *cache.Entry[int]) bool) {
		before, e := entry(0), entry(1)
		put("k", e)
		put("denied", apart(2))
		r.Invalidate("voided", time.Hour)
		epoch := r.Flush()
		wantMiss(t, r, "k", cache.Now())
		wantMiss(t, r, "denied", cache.Now())
		if put("k", before) || put("k", e) || put("new", before) {
			t.Error("an entry begun before the flush was accepted after it")
		}
		if entries, apart, marks := r.Len(); entries+apart+marks != 0 {
			t.Errorf("Len = %d, %d, %d after a flush", entries, apart, marks)
		}
		for _, key := range []string{"k", "voided", "never seen"} {
			if got := r.Mark(key); got != epoch {
				t.Errorf("Mark(%q) = %d, want the flush's %d", key, got, epoch)
			}
		}
		later := r.Invalidate("voided", time.Hour)
		if got := r.Mark("voided"); got != later || later <= epoch {
			t.Errorf("Mark = %d, want %d, later than the flush's %d", got, later, epoch)
		}
		if !put("k", entry(3)) {
			t.Error("an entry begun after the flush was refused")
		}
		wantHit(t, r, "k", cache.Now(), 3, cache.Fresh)
	})
}

func TestAMarkLastsItsTime(t *testing.T) {
	for _, c := range []struct {
		name  string
		keeps []time.Duration
		wait  time.Duration
		kept  bool
	}{
		{"a mark holds until just before its end", []time.Duration{time.Minute}, time.Minute - 1, true},
		{"a mark is over at its end", []time.Duration{time.Minute}, time.Minute, false},
		{"a shorter mark does not cut a longer one short", []time.Duration{time.Hour, time.Second}, time.Minute, true},
		{"a longer mark extends a shorter one", []time.Duration{time.Second, time.Hour}, time.Minute, true},
		{"a mark that is kept for ever is", []time.Duration{math.MaxInt64}, 1000 * time.Hour, true},
		{"no time leaves no mark", []time.Duration{0}, 0, false},
		{"negative time leaves no mark", []time.Duration{-time.Hour}, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRecord[int](t, cache.Config[string]{Entries: 4})
				before := entry(1)
				r.Put("k", before)
				var last cache.Order
				for _, keep := range c.keeps {
					last = r.Invalidate("k", keep)
				}
				wantMiss(t, r, "k", cache.Now())
				time.Sleep(c.wait)
				want := last
				if !c.kept {
					want = 0
				}
				if got := r.Mark("k"); got != want {
					t.Errorf("Mark = %d, want %d", got, want)
				}
				if r.Put("k", before) == c.kept {
					t.Errorf("an older entry was accepted: %v", !c.kept)
				}
			})
		})
	}
}

func TestAMarkCanBeKeptForEver(t *testing.T) {
	r := newRecord[int](t, cache.Config[string]{Entries: 4})
	mark := r.Invalidate("k", math.MaxInt64)
	if got := r.Mark("k"); got != mark {
		t.Errorf("Mark = %d, want %d", got, mark)
	}
}

func TestMarksThatAreOverAreDroppedAsNewOnesCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecord[int](t, cache.Config[string]{Entries: 4, Shards: 1})
		most := 0
		for i := range 100_000 {
			r.Invalidate(strconv.Itoa(i), time.Second)
			time.Sleep(10 * time.Millisecond) // so that 100 are alive at any time
			_, _, marks := r.Len()
			most = max(most, marks)
		}
		if most < 100 || most > 250 {
			t.Errorf("up to %d marks were kept, want little more than 100", most)
		}
		if r.Mark("99999") == 0 {
			t.Error("a living mark was dropped")
		}
	})
}

func TestAFlushKeepsTheMarksThatAreLater(t *testing.T) {
	r := newRecord[int](t, cache.Config[string]{Entries: 4})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 1000 {
				mark := r.Invalidate("k", time.Hour)
				if got := r.Mark("k"); got < mark {
					t.Errorf("Mark = %d after %d", got, mark)
				}
				epoch := r.Flush()
				if got := r.Mark("k"); got < epoch {
					t.Errorf("Mark = %d after the flush %d", got, epoch)
				}
			}
		})
	}
	all.Wait()
}

func TestWhatIsGoneIsNotHeldInMemory(t *testing.T) {
	type large [1 << 10]int
	for name, gone := range map[string]func(r *cache.Record[string, *large]){
		"invalidated": func(r *cache.Record[string, *large]) { r.Invalidate("k", time.Hour) },
		"flushed":     func(r *cache.Record[string, *large]) { r.Flush() },
		"removed":     func(r *cache.Record[string, *large]) { r.Remove("k", cache.NextOrder()) },
		"replaced":    func(r *cache.Record[string, *large]) { r.Put("k", entry[*large](nil)) },
		"moved apart": func(r *cache.Record[string, *large]) { r.Put("k", apart[*large](nil)) },
		"evicted":     func(r *cache.Record[string, *large]) { r.Put("another", entry[*large](nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecord[*large](t, cache.Config[string]{Entries: 1})
			value := new(large)
			held := weak.Make(value)
			r.Put("k", entry(value))
			heat(r, "k", cache.Now())
			value = nil
			gone(r)
			runtime.GC()
			if held.Value() != nil {
				t.Error("the value is still held")
			}
			runtime.KeepAlive(r)
		})
	}
}
