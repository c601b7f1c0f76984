package core

import (
	"slices"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

// BreakerChange is one change of a store's circuit breaker.
type BreakerChange struct {
	At time.Time // when it was noticed, by a call or by Stats
	To string    // "closed", "half-open" or "open"
}

// maxBreakerChanges is how many changes are remembered: an outage of a minute has two dozen.
const maxBreakerChanges = 32

// breakerLog remembers the last changes. Its lock is taken under gobreaker's, and nothing under it.
type breakerLog struct {
	mu      sync.Mutex
	changes []BreakerChange
}

func (l *breakerLog) note(at time.Time, to gobreaker.State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.changes) == maxBreakerChanges {
		l.changes = slices.Delete(l.changes, 0, 1)
	}
	l.changes = append(l.changes, BreakerChange{at, to.String()})
}

// last returns the changes, oldest first.
func (l *breakerLog) last() []BreakerChange {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.changes)
}
