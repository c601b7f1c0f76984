package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrClosed is returned by Join after Close.
var ErrClosed = errors.New("cache: flights are closed")

const minTimeout = time.Millisecond

// FlightConfig says how Flights bounds work and treats keys.
type FlightConfig[K comparable] struct {
	// Timeout bounds each flight's work, at least 1ms. It has no default.
	Timeout time.Duration
	// Clone is as in Config.
	Clone func(K) K
}

// Flights lets the callers who want the same key at the same time share one piece of work. All
// methods are safe for concurrent use.
type Flights[K comparable, V any] struct {
	timeout time.Duration
	clone   func(K) K

	mu      sync.Mutex
	current map[K]*Flight[V]                  // what a caller may join
	running map[*Flight[V]]context.CancelFunc // current or displaced
	idle    chan struct{}                     // set by Close, closed when nothing runs
	closed  bool
}

// NewFlights returns a group with nothing under way. The error joins everything that is wrong with
// the configuration.
func NewFlights[K comparable, V any](c FlightConfig[K]) (*Flights[K, V], error) {
	var faults []error
	if c.Timeout < minTimeout {
		faults = append(faults, fmt.Errorf("cache: FlightConfig.Timeout is %v, want at least %v", c.Timeout, minTimeout))
	}
	clone, err := cloneOf(c.Clone)
	if err != nil {
		faults = append(faults, fmt.Errorf("cache: FlightConfig.Clone %w", err))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &Flights[K, V]{
		timeout: c.Timeout,
		clone:   clone,
		current: make(map[K]*Flight[V]),
		running: make(map[*Flight[V]]context.CancelFunc),
	}, nil
}

// Join returns the flight under way for key if its Order is later than after and its Timeout has not
// passed; otherwise it starts a new one, which later callers join instead of the old, and reports the
// caller its leader. An old flight goes on for those who wait for it. For after give Record.Mark.
// The only error is ErrClosed.
//
// The work runs in a goroutine of its own, whatever becomes of its callers, on a context of its own
// that ends after Timeout or when Close gives up. It should end then; if it does not, the key is
// free again, while the goroutine stays and is counted by InFlight. The work is given the Order and
// should return only after it has put its answer in the record, so that a caller finds either the
// flight or the entry; a caller may still come just between the two looks, so the work should begin
// with a look of its own. A panic or runtime.Goexit in it becomes a *PanicError for every waiter.
func (f *Flights[K, V]) Join(key K, after Order, work func(ctx context.Context, order Order) (V, error)) (fl *Flight[V], leader bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, false, ErrClosed
	}
	now := Now()
	if fl := f.current[key]; fl != nil && fl.order > after && now.Since(fl.began) < f.timeout {
		return fl, false, nil
	}

	key = f.clone(key)
	fl = &Flight[V]{order: NextOrder(), began: now, done: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.Background(), f.timeout)
	f.current[key] = fl
	f.running[fl] = cancel
	go f.run(ctx, key, fl, work)
	return fl, true, nil
}

func (f *Flights[K, V]) run(ctx context.Context, key K, fl *Flight[V], work func(context.Context, Order) (V, error)) {
	returned := false
	defer func() {
		if !returned {
			fl.err = panicked(recover())
		}
		f.finish(key, fl)
	}()
	fl.value, fl.err = work(ctx, fl.order)
	returned = true
}

// finish releases the key and then the waiters.
func (f *Flights[K, V]) finish(key K, fl *Flight[V]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.current[key] == fl {
		delete(f.current, key)
	}
	f.running[fl]() // frees the context's timer
	delete(f.running, fl)
	close(fl.done)
	if f.idle != nil && len(f.running) == 0 {
		close(f.idle)
		f.idle = nil
	}
}

// InFlight returns how many flights' work has not ended, those included that no caller can join or
// waits for any more.
func (f *Flights[K, V]) InFlight() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.running)
}

// Close makes Join refuse, and waits for the flights under way. If ctx ends first, it cancels them
// and returns ctx's error at once, without waiting for them to notice. It may be called again, to
// wait for those.
func (f *Flights[K, V]) Close(ctx context.Context) error {
	f.mu.Lock()
	f.closed = true
	if len(f.running) > 0 && f.idle == nil {
		f.idle = make(chan struct{})
	}
	idle := f.idle
	f.mu.Unlock()
	if idle == nil {
		return nil
	}

	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.running) == 0 { // both happened
		return nil
	}
	for _, cancel := range f.running {
		cancel()
	}
	return fmt.Errorf("cache: flights cancelled on closing, %d under way: %w", len(f.running), ctx.Err())
}
