package rest

import "sync/atomic"

// quota bounds retries by the calls that were made: what a store that fails everything gets more
// than a healthy one is a small part of its load. The zero quota is full.
type quota struct {
	debt atomic.Int64 // 0: full
}

// A call earns 1, a retry costs retryCost, and maxDebt of it are kept.
const (
	retryCost = 12
	maxDebt   = 10 * retryCost
)

// earn books a call. While nothing fails it writes nothing.
func (q *quota) earn() {
	for {
		d := q.debt.Load()
		if d == 0 || q.debt.CompareAndSwap(d, d-1) {
			return
		}
	}
}

// spend books a retry, or says that there is no room for it.
func (q *quota) spend() bool {
	for {
		d := q.debt.Load()
		if d+retryCost > maxDebt {
			return false
		}
		if q.debt.CompareAndSwap(d, d+retryCost) {
			return true
		}
	}
}
