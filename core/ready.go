package core

import (
	"context"
	"errors"
	"maps"
	"slices"
)

// Ready tells whether the gate can answer: nil, or an error that says what it waits for. It loads what
// Config.Voids and Config.Facts keep, unless that was done or a RemoteVoids is out of reach, and counts what Await named. It is for a
// readiness probe, and for a program that wants to know at its start; checks load by themselves. Health
// tells more.
func (g *Gate) Ready(ctx context.Context) error {
	switch {
	case !g.usable():
		return errNotMade
	case g.closed.Load():
		return errClosed
	}
	if err := g.state.load(ctx); err != nil && !g.state.remote {
		return err
	}
	var faults []error
	for _, what := range g.state.awaited() {
		faults = append(faults, errors.New("core: not ready: "+what))
	}
	return errors.Join(faults...)
}

// awaited is what has to happen before the gate is Ready.
func (s *state) awaited() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.expected))
}

// Await keeps Ready from saying yes until done is called. what says what is waited for. It is for workers
// that have to catch up before a gate serves, as package reconcile has with voids that nobody kept.
func (g *Gate) Await(what string) (done func()) {
	if !g.usable() {
		return func() {}
	}
	s := g.state
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expected[what] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.expected, what)
	}
}
