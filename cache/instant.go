package cache

import (
	"sync/atomic"
	"time"
)

// Instant is one reading of both clocks of the process, in nanoseconds. Neither is enough alone: the
// wall clock can be stepped, the monotonic clock stands still while the machine is suspended. Only
// instants taken with Now in the same process can be compared. The zero Instant is long ago.
type Instant struct {
	Wall int64 // since 1970-01-01 UTC
	Mono int64 // since an arbitrary moment; may be negative
}

// start is never written again: the origin of Instant.Mono.
var start = time.Now()

// wallEvery is how long the wall clock is taken to go with the monotonic one.
const wallEvery = time.Second

// offset is the wall clock less the monotonic one, as it was found at a monotonic time.
type offset struct{ found, apart int64 }

// apart is package level for the same reason as start: there is one pair of clocks. One pointer, so that
// what belongs together is read together.
var apart atomic.Pointer[offset]

// Now reads the clocks. Reading the wall clock is what costs, so it is asked once a second: a step of it,
// and the time for which the machine was suspended, show up to a second of running time late.
func Now() Instant {
	mono := int64(time.Since(start))
	o := apart.Load()
	if o == nil || mono < o.found || mono-o.found >= int64(wallEvery) {
		return look()
	}
	return Instant{Wall: mono + o.apart, Mono: mono}
}

// look reads both clocks at once.
func look() Instant {
	t := time.Now()
	i := Instant{Wall: t.UnixNano(), Mono: int64(t.Sub(start))}
	apart.Store(&offset{found: i.Mono, apart: i.Wall - i.Mono})
	return i
}

// Since returns how long ago earlier was, seen from i: the larger of what the two clocks say, and
// never less than zero. So neither a wall clock set back nor a suspended machine makes anything
// younger; a wall clock set forward makes it older, which errs on the side of asking again.
func (i Instant) Since(earlier Instant) time.Duration {
	return time.Duration(max(i.Wall-earlier.Wall, i.Mono-earlier.Mono, 0))
}

// Time returns the wall clock's reading.
func (i Instant) Time() time.Time { return time.Unix(0, i.Wall) }
