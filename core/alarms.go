package core

import (
	"sync"
	"sync/atomic"
	"time"
)

// alarmEvery bounds how often one cause is logged.
const alarmEvery = time.Minute

// alarms keeps a cause that occurs on every request from filling the log.
type alarms struct {
	last sync.Map // cause -> *atomic.Int64, Unix nanoseconds
}

// due tells whether it is time to log cause (again). Causes are few: none comes from a request.
func (a *alarms) due(cause any, now time.Time) bool {
	v, ok := a.last.Load(cause)
	if !ok {
		v, _ = a.last.LoadOrStore(cause, new(atomic.Int64))
	}
	last := v.(*atomic.Int64)
	was := last.Load()
	since := time.Duration(now.UnixNano() - was)
	if was != 0 && since.Abs() <= alarmEvery { // a clock that was set back by more does not silence anybody
		return false
	}
	return last.CompareAndSwap(was, now.UnixNano())
}
