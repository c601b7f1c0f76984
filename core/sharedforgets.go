package core

import (
	"maps"
	"sync"
	"time"

	"github.com/skugate/skugate/cache"
)

// forgets are the tokens that Config.Shared has yet to be told to forget: nothing of them is taken from it.
type forgets struct {
	mu      sync.Mutex
	due     map[SharedToken]forgetDue
	sweepAt int
}

// forgetDue is one of them, by the order of the invalidation.
type forgetDue struct {
	order cache.Order
	until int64 // monotonic; what the tier keeps is too old to be used then
}

// minForgetSweep is how many are kept before those are looked for that are over.
const minForgetSweep = 32

// add notes that a token is to be forgotten. keep is longer than anything from before can be used.
func (f *forgets) add(t SharedToken, keep time.Duration) {
	now := cache.Now().Mono
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.due == nil {
		f.due = map[SharedToken]forgetDue{}
	}
	if len(f.due) >= max(f.sweepAt, minForgetSweep) {
		maps.DeleteFunc(f.due, func(_ SharedToken, d forgetDue) bool { return now >= d.until })
		f.sweepAt = 2 * len(f.due)
	}
	f.due[t] = forgetDue{order: cache.NextOrder(), until: now + int64(keep)}
}

// get returns what is due for a token; false if nothing is.
func (f *forgets) get(t SharedToken) (forgetDue, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d, ok := f.due[t]
	return d, ok && cache.Now().Mono < d.until
}

// settle notes that the tier was told d, unless the token was invalidated again since.
func (f *forgets) settle(t SharedToken, d forgetDue) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.due[t] == d {
		delete(f.due, t)
	}
}

func (f *forgets) len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.due)
}
