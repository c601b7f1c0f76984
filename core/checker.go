package core

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Checker is a part of Config that can tell whether it works: Shared, Peers, Owners, Outbox, Voids and Facts may be one.
// Health asks it, so it should cost little. A failing one degrades a gate, which goes on without it.
//
// A Store may be one, too. CheckStores asks it, and Health one that never took our configuration, every 10 s at
// most.
type Checker interface {
	// Check is nil if the part works. It honours ctx's deadline.
	Check(ctx context.Context) error
}

// checked is a Checker with the name of its field.
type checked struct {
	field string
	aside *aside
	Checker
}

// checkersOf finds the checkers of a configuration.
func checkersOf(g *Gate, c *Config) []checked {
	var all []checked
	for _, p := range []struct {
		field string
		value any
	}{{"Shared", c.Shared}, {"Peers", c.Peers}, {"Owners", c.Owners}, {"Outbox", c.Outbox}, {"Voids", c.Voids}, {"Facts", c.Facts}} {
		if checker, ok := p.value.(Checker); ok {
			all = append(all, checked{p.field, newAside(g, "Config."+p.field), checker})
		}
	}
	return all
}

// checkParts adds what does not work. All are asked at once: one that hangs takes the time of no other.
func (g *Gate) checkParts(ctx context.Context, all []Finding) []Finding {
	faults := make([]error, len(g.checkers))
	var asked sync.WaitGroup
	for i, p := range g.checkers {
		asked.Go(func() { faults[i] = p.aside.do(ctx, p.Check) })
	}
	asked.Wait()
	for i, err := range faults {
		if err != nil {
			all = append(all, Finding{What: FindingPart, State: HealthDegraded, Detail: "Config." + g.checkers[i].field + " does not work: " + faultName(err), Err: err})
		}
	}
	return all
}

// CheckStores asks each store that is a Checker whether it takes our configuration, by a call that costs it
// little (an access token), and returns what went wrong. It is for a program's start, and not needed: the
// first look-up tells the same. Health knows its result. ctx must have a deadline.
func (g *Gate) CheckStores(ctx context.Context) error {
	if !g.usable() {
		return errNotMade
	}
	var faults []error
	for _, b := range g.backends {
		if err := b.check(ctx); err != nil {
			faults = append(faults, fmt.Errorf("core: the store %q: %w", b.id, err))
		}
	}
	return errors.Join(faults...)
}

// check asks the store, if it is a Checker.
func (b *backend) check(ctx context.Context) error {
	if c, ok := b.store.(Checker); ok {
		return b.work(ctx, c.Check)
	}
	return nil
}
