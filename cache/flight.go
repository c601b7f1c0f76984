package cache

import "context"

// Flight is one piece of work that several callers wait for. All of them receive the same value,
// which must therefore not be changed. All methods are safe for concurrent use.
type Flight[V any] struct {
	order Order
	began Instant
	done  chan struct{} // closed after value and err are written
	value V
	err   error
}

// Order returns the flight's place among reads and invalidations, taken before its work began.
func (fl *Flight[V]) Order() Order { return fl.order }

// Began returns when the flight's work began.
func (fl *Flight[V]) Began() Instant { return fl.began }

// Done is closed when the work has ended.
func (fl *Flight[V]) Done() <-chan struct{} { return fl.done }

// Result returns what the work returned, or a *PanicError. It waits until Done is closed.
func (fl *Flight[V]) Result() (V, error) {
	<-fl.done
	return fl.value, fl.err
}

// Wait returns the Result, or ctx's error if ctx ends first; the flight goes on without this caller.
// A flight whose work heeds neither its deadline nor its cancellation ends for a waiter only with ctx.
func (fl *Flight[V]) Wait(ctx context.Context) (V, error) {
	select {
	case <-fl.done: // a result that is there goes before a context that is over
		return fl.Result()
	default:
	}
	select {
	case <-fl.done:
		return fl.Result()
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}
