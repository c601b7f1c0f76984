package cache_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"github.com/skugate/skugate/cache"
)

func TestGetServesByAge(t *testing.T) {
	r := newRecord[int](t, cache.Config[string]{Entries: 4})
	e := entry(1)
	r.Put("k", e)
	for _, hot := range []bool{false, true} {
		for _, c := range []struct {
			age  time.Duration
			want cache.State
		}{{0, cache.Fresh}, {time.Hour - 1, cache.Fresh}, {time.Hour, cache.Due}, {2 * time.Hour, cache.Stale}, {3*time.Hour - 1, cache.Stale}} {
			wantHit(t, r, "k", after(e.Began, c.age), 1, c.want)
		}
		wantMiss(t, r, "k", after(e.Began, 3*time.Hour))
		if !hot {
			heat(r, "k", e.Began)
		}
	}
}

func TestNoClockMakesAnEntryYounger(t *testing.T) {
	const day = int64(24 * time.Hour)
	for _, hot := range []bool{false, true} {
		t.Run(fmt.Sprintf("hot=%v", hot), func(t *testing.T) {
			r := newRecord[int](t, cache.Config[string]{Entries: 4})
			e := entry(1)
			r.Put("k", e)
			if hot {
				heat(r, "k", e.Began)
			}
			suspended := cache.Instant{Wall: e.Began.Wall + day, Mono: e.Began.Mono}
			wantMiss(t, r, "k", suspended)
			steppedBack := cache.Instant{Wall: e.Began.Wall - day, Mono: e.Began.Mono + int64(3*time.Hour)}
			wantMiss(t, r, "k", steppedBack)
			steppedBack.Mono--
			wantHit(t, r, "k", steppedBack, 1, cache.Stale)
		})
	}
}

// Entries of both segments, cold and hot, in one shard or many: what holds of one holds of all.
func everywhere(t *testing.T, test func(t *testing.T, r *cache.Record[string, int], put func(key string, e *cache.Entry[int]) bool)) {
	for _, hot := range []bool{false, true} {
		for _, colliding := range []bool{false, true} {
			t.Run(fmt.Sprintf("hot=%v,colliding=%v", hot, colliding), func(t *testing.T) {
				c := cache.Config[string]{Entries: 1024, Apart: 1024}
				if colliding {
					c.Hash = collide[string]
				}
				r := newRecord[int](t, c)
				test(t, r, func(key string, e *cache.Entry[int]) bool {
					ok := r.Put(key, e)
					if hot {
						heat(r, key, cache.Now())
					}
					return ok
				})
			})
		}
	}
}

func TestAnOlderAnswerNeverReplacesANewerOne(t *testing.T) {
	for _, oldApart := range []bool{false, true} {
		for _, newApart := range []bool{false, true} {
			t.Run(fmt.Sprintf("old apart=%v,new apart=%v", oldApart, newApart), func(t *testing.T) {
				everywhere(t, func(t *testing.T, r *cache.Record[string, int], put func(string, *cache.Entry[int]) bool) {
					older, newer := entry(1), entry(2)
					older.Apart, newer.Apart = oldApart, newApart

					if !put("older first", older) || !put("older first", newer) {
						t.Error("a newer answer was refused")
					}
					wantHit(t, r, "older first", cache.Now(), 2, cache.Fresh)

					if !put("newer first", newer) {
						t.Error("the first answer was refused")
					}
					if put("newer first", older) {
						t.Error("an older answer was accepted after a newer one")
					}
					wantHit(t, r, "newer first", cache.Now(), 2, cache.Fresh)

					entries, apart, _ := r.Len()
					if entries+apart != 2 {
						t.Errorf("Len = %d, %d: a key is in both segments", entries, apart)
					}
				})
			})
		}
	}
}

func TestAnOlderAnswerIsRefusedEvenByOneThatHasOutlivedItsLife(t *testing.T) {
	r := newRecord[int](t, cache.Config[string]{Entries: 4})
	older, newer := entry(1), apart(2)
	newer.Life = cache.Life{Fresh: 5 * time.Second}
	r.Put("k", newer)
	late := after(newer.Began, time.Minute)
	wantMiss(t, r, "k", late)
	if r.Put("k", older) {
		t.Error("the older answer was accepted")
	}
	wantMiss(t, r, "k", late)
}

func TestAnEntryThatIsNotKeptRemovesWhatIsOlder(t *testing.T) {
	everywhere(t, func(t *testing.T, r *cache.Record[string, int], put func(string, *cache.Entry[int]) bool) {
		put("k", entry(1))
		unkept := entry(2)
		unkept.Life = cache.Life{Usable: time.Hour}
		if !put("k", unkept) {
			t.Error("refused, though current")
		}
		wantMiss(t, r, "k", cache.Now())

		unkept = entry(3)
		unkept.Life.Fresh = 0
		put("k", entry(4))
		if put("k", unkept) {
			t.Error("accepted, though overtaken")
		}
		wantHit(t, r, "k", cache.Now(), 4, cache.Fresh)
	})
}

func TestWhatCannotBeOrderedIsRefused(t *testing.T) {
	r := newRecord[int](t, cache.Config[string]{Entries: 4})
	if r.Put("k", nil) {
		t.Error("nil was accepted")
	}
	if r.Put("k", &cache.Entry[int]{Began: cache.Now(), Life: hours}) {
		t.Error("an entry without an order was accepted")
	}
	wantMiss(t, r, "k", cache.Now())
}

func TestRemove(t *testing.T) {
	everywhere(t, func(t *testing.T, r *cache.Record[string, int], put func(string, *cache.Entry[int]) bool) {
		e := entry(1)
		put("k", e)
		r.Remove("another", cache.NextOrder())
		r.Remove("k", e.Order)
		wantHit(t, r, "k", cache.Now(), 1, cache.Fresh)
		r.Remove("k", e.Order+1)
		wantMiss(t, r, "k", cache.Now())
		if !put("k", e) {
			t.Error("Remove left a mark")
		}
	})
}

func TestSegmentsNeverEvictEachOther(t *testing.T) {
	r := newRecord[int](t, cache.Config[string]{Entries: 100, Apart: 10, Shards: 1})
	for i := range 100 {
		r.Put("payer"+strconv.Itoa(i), entry(i))
	}
	for i := range 10_000 {
		junk := "junk" + strconv.Itoa(i)
		r.Put(junk, apart(i))
		heat(r, junk, cache.Now())
	}
	for i := range 100 {
		wantHit(t, r, "payer"+strconv.Itoa(i), cache.Now(), i, cache.Fresh)
	}
	for i := 9_990; i < 10_000; i++ {
		wantHit(t, r, "junk"+strconv.Itoa(i), cache.Now(), i, cache.Fresh)
	}
}

func TestTheLeastRecentlyUsedIsEvicted(t *testing.T) {
	r := newRecord[int](t, cache.Config[string]{Entries: 2, Shards: 1})
	r.Put("a", entry(1))
	r.Put("b", entry(2))
	wantHit(t, r, "a", cache.Now(), 1, cache.Fresh)
	r.Put("c", entry(3))
	wantMiss(t, r, "b", cache.Now())
	wantHit(t, r, "a", cache.Now(), 1, cache.Fresh)
	r.Put("a", entry(4)) // replacing needs no room
	wantHit(t, r, "c", cache.Now(), 3, cache.Fresh)
}

func TestWhatHadToGoIsCountedBySegment(t *testing.T) {
	r := newRecord[int](t, cache.Config[string]{Entries: 3, Apart: 2, Shards: 1})
	for i := range 10 {
		r.Put("payer"+strconv.Itoa(i), entry(i))
		r.Put("junk"+strconv.Itoa(i), apart(i))
	}
	r.Put("payer9", entry(9)) // in its own place
	r.Remove("payer8", cache.NextOrder())
	r.Invalidate("junk9", 0)
	if entries, others := r.Evicted(); entries != 7 || others != 8 {
		t.Errorf("Evicted = %d, %d; want 7, 8", entries, others)
	}
}

func TestAHotEntryIsNotEvicted(t *testing.T) {
	r := newRecord[int](t, cache.Config[string]{Entries: 10, Shards: 1})
	hot := entry(-1)
	r.Put("hot", hot)
	now := hot.Began
	heat(r, "hot", now)
	for i := range 1000 {
		// Slowly enough for the hits to count, fast enough to turn the segment over many times.
		now = after(now, 500*time.Millisecond)
		wantHit(t, r, "hot", now, -1, cache.Fresh)
		r.Put(strconv.Itoa(i), entry(i))
	}
}

func TestAnEvictedEntryIsGoneThoughItWasHot(t *testing.T) {
	r := newRecord[int](t, cache.Config[string]{Entries: 2, Shards: 1})
	r.Put("hot", entry(1))
	heat(r, "hot", cache.Now())
	r.Put("a", entry(2))
	heat(r, "a", cache.Now())
	r.Put("b", entry(3))
	wantMiss(t, r, "hot", cache.Now())
}

func TestWhatIsAskedForOnceDoesNotPushOutWhatIsAskedForAgain(t *testing.T) {
	r := newRecord[int](t, cache.Config[string]{Entries: 10, Shards: 1})
	now := cache.Now()
	for i := range 9 {
		r.Put("again"+strconv.Itoa(i), entry(i))
		wantHit(t, r, "again"+strconv.Itoa(i), now, i, cache.Fresh)
	}
	for i := range 1000 {
		r.Put("once"+strconv.Itoa(i), entry(i))
	}
	wantHit(t, r, "once999", now, 999, cache.Fresh)
	wantHit(t, r, "once998", now, 998, cache.Fresh) // a fifth is left to them
	wantMiss(t, r, "once997", now)
	wantMiss(t, r, "again0", now)
	for i := 3; i < 9; i++ { // two gave way to those that were hit above
		wantHit(t, r, "again"+strconv.Itoa(i), now, i, cache.Fresh)
	}
}

func TestAKeptKeyDoesNotShareTheCallersBuffer(t *testing.T) {
	r := newRecord[int](t, cache.Config[string]{Entries: 100, Hash: collide[string]})
	buffer := []byte("token-1")
	borrowed := unsafe.String(&buffer[0], len(buffer)) // as fiber hands out strings
	r.Put(borrowed, entry(1))
	r.Get(borrowed, cache.Now())
	r.Get(borrowed, cache.Now())
	mark := r.Invalidate(borrowed+"x", time.Hour)
	voided := []byte("voided-1")
	r.Invalidate(unsafe.String(&voided[0], len(voided)), time.Hour)

	copy(buffer, "token-2")
	copy(voided, "voided-2")
	wantMiss(t, r, "token-2", cache.Now())
	wantHit(t, r, "token-1", cache.Now(), 1, cache.Fresh)
	if got := r.Mark("voided-1"); got <= mark {
		t.Errorf("Mark = %d, want one after %d", got, mark)
	}
	if got := r.Mark("voided-2"); got != 0 {
		t.Errorf("Mark of a key never invalidated = %d", got)
	}
}

func TestStructKeysAreComparedWholeAndCloned(t *testing.T) {
	type key struct{ store, token string }
	clones := 0
	r, err := cache.NewRecord[key, int](cache.Config[key]{Entries: 10, Clone: func(k key) key { clones++; return k }})
	if err != nil {
		t.Fatal(err)
	}
	r.Put(key{"a", "bc"}, entry(1))
	r.Put(key{"ab", "c"}, entry(2))
	r.Put(key{"ab", "c"}, entry(3))
	for range 3 {
		if e, _ := r.Get(key{"a", "bc"}, cache.Now()); e == nil || e.Value != 1 {
			t.Errorf("got %+v, want 1", e)
		}
		if e, _ := r.Get(key{"ab", "c"}, cache.Now()); e == nil || e.Value != 3 {
			t.Errorf("got %+v, want 3", e)
		}
	}
	if clones != 2 {
		t.Errorf("cloned %d times, want once for each kept key", clones)
	}
}

func TestAHitAllocatesNothing(t *testing.T) {
	type key struct{ store, kind, token string }
	r := newRecord[int](t, cache.Config[string]{Entries: 1024})
	s, err := cache.NewRecord[key, int](cache.Config[key]{Entries: 1024, Clone: func(k key) key { return k }})
	if err != nil {
		t.Fatal(err)
	}
	r.Put("hot", entry(1))
	r.Put("cold", entry(1))
	s.Put(key{"one", "inapp", "hot"}, entry(1))
	now := cache.Now()
	for name, get := range map[string]func(){
		"a hot string key":                 func() { r.Get("hot", now) },
		"a string key under the lock":      func() { now = after(now, 10*time.Second); r.Get("cold", now) },
		"a hot key whose turn has come":    func() { now = after(now, 3*time.Second); r.Get("hot", now) },
		"a miss":                           func() { r.Get("absent", now) },
		"a struct key, hashed by default":  func() { s.Get(key{"one", "inapp", "hot"}, now) },
		"the clock":                        func() { now = cache.Now() },
		"the state of an entry, and marks": func() { r.Mark("hot") },
	} {
		if n := testing.AllocsPerRun(100, get); n != 0 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}
