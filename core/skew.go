package core

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/skugate/skugate/cache"
)

// maxSkew is how far apart the store's clock and ours may be for the store's to be believed. A machine
// whose clock is further off would find no certificate of the store valid, so it is the Date that is
// wrong: a proxy's, or a cached answer's. Then our own clock judges, and nothing opens or closes.
const maxSkew = maxDuration

// skew is by how much the store's clock differs from ours. A Date counts whole seconds and was taken
// at some point of the read: the smallest skew that explains it is taken, mostly none. How long the
// read took is what the monotonic clock says, so that a wall clock that is set meanwhile is not taken
// for a store from the future, nor hides one.
func skew(date time.Time, began, ended cache.Instant) time.Duration {
	if date.IsZero() {
		return 0
	}
	first := began.Time()
	last := first.Add(time.Duration(ended.Mono - began.Mono))
	if ahead := date.Sub(last); ahead > 0 {
		return ahead
	}
	if behind := date.Add(time.Second).Sub(first); behind < 0 {
		return behind
	}
	return 0
}

// storeClock is the store's clock when a read began, in Unix nanoseconds.
func (b *backend) storeClock(date time.Time, began, ended cache.Instant) int64 {
	s := skew(date, began, ended)
	if !date.IsZero() {
		b.skew.Store(int64(s))
	}
	if s.Abs() <= clockTolerance {
		return began.Wall + int64(s)
	}
	apart := fmt.Errorf("the store's clock is ahead of ours by %v", s)
	if s.Abs() > maxSkew {
		b.alarm(slog.LevelError, "the store's clock cannot be right and is not believed", ReasonClockSkew, apart)
		return began.Wall
	}
	b.alarm(slog.LevelWarn, "the store's clock and ours differ; expiries are measured by the store's", ReasonClockSkew, apart)
	return began.Wall + int64(s)
}
