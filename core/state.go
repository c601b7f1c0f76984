package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/cache"
)

// state is what a gate does not forget: Config.Outbox, Voids and Facts, as the gate asks them.
type state struct {
	gate   *Gate
	outbox Outbox // nil: none
	voids  Voids  // nil: none
	remote bool   // nobody waits for voids, but at first

	outboxCalls, voidCalls *aside
	recorded               [2]atomic.Uint64 // intended, delivered
	unrecorded             atomic.Uint64
	found                  atomic.Pointer[DebtsFound]

	snapshot snapshot
	began    cache.Order // before anything was invalidated

	pruned atomic.Int64 // when what is too old was dropped last, Unix nanoseconds

	loaded atomic.Bool
	loads  *cache.Flights[struct{}, struct{}]
	failed atomic.Pointer[loadFailure]

	mu          sync.Mutex
	checkpoints map[StoreID]time.Time
	expected    map[string]bool // what has to happen before the gate is Ready
}

// loadFailure is why the last load failed.
type loadFailure struct {
	at  time.Time
	err error
}

const (
	// loadTimeout is far above the time that the largest state takes.
	loadTimeout = time.Minute
	// loadEvery is how often a state is asked again that cannot be loaded.
	loadEvery = time.Second
)

func newState(g *Gate) (*state, error) {
	c := &g.config
	s := &state{gate: g, outbox: c.Outbox, voids: c.Voids, checkpoints: map[StoreID]time.Time{}, expected: map[string]bool{}, began: cache.NextOrder()}
	s.outboxCalls, s.voidCalls = newAside(g, "Config.Outbox"), newAside(g, "Config.Voids")
	s.snapshot = newSnapshot(g, c.Facts)
	s.loaded.Store(c.Voids == nil && c.Facts == nil)
	remote, ok := c.Voids.(RemoteVoids)
	s.remote = ok && remote.Remote()
	var err error
	s.loads, err = cache.NewFlights[struct{}, struct{}](cache.FlightConfig[struct{}]{Timeout: loadTimeout})
	return s, err
}

// ready waits until the state is loaded, as long as the check may take.
func (s *state) ready(q *inquiry) *StoreError {
	if s.loaded.Load() {
		return nil
	}
	if err := s.load(q.context()); err != nil && !s.remote {
		return &StoreError{Reason: ReasonLookupFailed, RetryAfter: loadEvery, Err: err}
	}
	return nil
}

// load loads what is kept, once for all who wait.
func (s *state) load(ctx context.Context) error {
	if s.loaded.Load() {
		return nil
	}
	f := s.failed.Load()
	if f != nil && time.Since(f.at).Abs() < loadEvery {
		return f.err
	}
	flight, _, err := s.loads.Join(struct{}{}, 0, func(ctx context.Context, _ cache.Order) (struct{}, error) {
		err := s.read(ctx)
		if err != nil {
			s.failed.Store(&loadFailure{time.Now(), err})
			if s.gate.said.due(loadFailure{}, time.Now()) {
				s.gate.log.Error("skugate: the kept voids cannot be loaded, and until they are "+s.unloaded(), slog.Any("error", err))
			}
		}
		return struct{}{}, err
	})
	switch {
	case err != nil:
		return err
	case f != nil && s.remote:
		return f.err
	}
	_, err = flight.Wait(ctx)
	return err
}

// unloaded says what checks do without the voids.
func (s *state) unloaded() string {
	if s.remote {
		return "they do not count"
	}
	return "every check answers undetermined"
}

// read loads voids before facts: no fact may be served that a void stands against. Without the voids
// nothing is; without the facts players wait for their stores.
func (s *state) read(ctx context.Context) error {
	if s.loaded.Load() { // by the flight before
		return nil
	}
	if err := s.readVoids(ctx); err != nil {
		return err
	}
	if err := s.snapshot.load(ctx, s.began); err != nil {
		s.gate.log.Error("skugate: the kept facts cannot be loaded: players wait for their stores", slog.Any("error", err))
	}
	s.loaded.Store(true)
	return nil
}

// readVoids puts in force what Config.Voids keeps.
func (s *state) readVoids(ctx context.Context) error {
	if s.voids == nil {
		return nil
	}
	log, err := await(ctx, s.voidCalls, s.voids.Load)
	if err != nil {
		return fmt.Errorf("core: loading Config.Voids: %w", err)
	}
	for i := range log.Records {
		if b := s.gate.backend(log.Records[i].Store); b != nil {
			b.voids.merge(&log.Records[i], true)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for store, at := range log.Checkpoints {
		s.checkpoints[store] = at
	}
	return nil
}

func (s *state) outboxStats() OutboxStats {
	o := OutboxStats{Intended: s.recorded[0].Load(), Delivered: s.recorded[1].Load(), Failed: s.unrecorded.Load()}
	if found := s.found.Load(); found != nil {
		o.Found = *found
	}
	return o
}

// close waits for a load under way and saves what is to be kept.
func (s *state) close(ctx context.Context) error {
	return errors.Join(s.loads.Close(ctx), s.snapshot.save(ctx))
}
