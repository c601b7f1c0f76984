package redeem

import "sync"

// running is what this instance works on. It spares a second request of the same purchase the ledger,
// and makes a claim of this instance that nobody works on one that an attempt left behind.
type running struct {
	mu        sync.Mutex
	purchases map[purchase]struct{}
}

// enter tells whether the caller may work on p; if so it has to leave.
func (r *running) enter(p purchase) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, busy := r.purchases[p]; busy {
		return false
	}
	r.purchases[p] = struct{}{}
	return true
}

// count is on how many it works.
func (r *running) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.purchases)
}

func (r *running) leave(p purchase) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.purchases, p)
}
