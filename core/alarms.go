package core

import (
	"sync"
	"sync/atomic"
	"time"
)

// alarmEvery bounds how often one cause is logged.
const alarmEvery = time.Minute

// maxCauses is far above the causes that exist: none comes from a request. What would exceed it, because
// a store client invents reasons, counts as one cause.
const maxCauses = 4096

// alarms keeps a cause that occurs on every request from filling the log.
type alarms struct {
	last sync.Map // cause -> *atomic.Int64, Unix nanoseconds
	n    atomic.Int64
}

// otherCause stands for all that exceed maxCauses.
type otherCause struct{}

// due tells whether it is time to log cause (again).
func (a *alarms) due(cause any, now time.Time) bool {
	v, ok := a.last.Load(cause)
	if !ok {
		if a.n.Load() >= maxCauses {
			cause = otherCause{}
		}
		if v, ok = a.last.LoadOrStore(cause, new(atomic.Int64)); !ok {
			a.n.Add(1)
		}
	}
	last := v.(*atomic.Int64)
	was := last.Load()
	since := time.Duration(now.UnixNano() - was)
	if was != 0 && since.Abs() <= alarmEvery { // a clock that was set back by more does not silence anybody
		return false
	}
	return last.CompareAndSwap(was, now.UnixNano())
}
