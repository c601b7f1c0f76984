package cache

import "time"

// Instant is one reading of both clocks of the process, in nanoseconds. Neither is enough alone: the
// wall clock can be stepped, the monotonic clock stands still while the machine is suspended. Only
// instants taken with Now in the same process can be compared. The zero Instant is long ago.
type Instant struct {
	Wall int64 // since 1970-01-01 UTC
	Mono int64 // since an arbitrary moment; may be negative
}

// start is never written again: the origin of Instant.Mono.
var start = time.Now()

// Now reads the clocks, once for both.
func Now() Instant {
	t := time.Now()
	return Instant{Wall: t.UnixNano(), Mono: int64(t.Sub(start))}
}

// Since returns how long ago earlier was, seen from i: the larger of what the two clocks say, and
// never less than zero. So neither a wall clock set back nor a suspended machine makes anything
// younger; a wall clock set forward makes it older, which errs on the side of asking again.
func (i Instant) Since(earlier Instant) time.Duration {
	return time.Duration(max(i.Wall-earlier.Wall, i.Mono-earlier.Mono, 0))
}

// Time returns the wall clock's reading.
func (i Instant) Time() time.Time { return time.Unix(0, i.Wall) }
