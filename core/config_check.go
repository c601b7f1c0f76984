package core

import (
	"errors"
	"fmt"
	"time"
)

// Durations below a millisecond are a number without its unit.
const (
	minDuration = time.Millisecond
	minTimeout  = 10 * time.Millisecond
	maxDuration = 366 * 24 * time.Hour
	maxEntries  = 1 << 26
)

// check reports every fault of a filled-in configuration, or the stores' identities.
func (c *Config) check() ([]identity, error) {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("core: Config."+format, args...))
	}
	if len(c.Stores) == 0 {
		fault("Stores is empty: a gate needs a store to ask")
	}
	var identities []identity
	seen := map[StoreID]bool{}
	for i, s := range c.Stores {
		if isNilPointer(s) {
			fault("Stores[%d] is nil (did its constructor fail?)", i)
			continue
		}
		who, err := identify(s, c.Lifetimes)
		switch {
		case err != nil:
			fault("Stores[%d]: %w", i, err)
		case who.id == "":
			fault("Stores[%d] has no ID", i)
		case seen[who.id]:
			fault("Stores[%d] has the ID %q of an earlier one: give each client its own Name", i, who.id)
		}
		seen[who.id] = true
		identities = append(identities, who)
	}
	if isNilPointer(c.Owners) {
		fault("Owners is a nil pointer (did its constructor fail?)")
	}
	if c.Peers != nil && isNilPointer(c.Peers) {
		fault("Peers is a nil pointer (did its constructor fail?)")
	}
	if isNilPointer(c.Labels) {
		fault("Labels is a nil pointer (did its constructor fail?)")
	}
	if c.Shared != nil && isNilPointer(c.Shared) {
		fault("Shared is a nil pointer (did its constructor fail?)")
	}
	if c.Binding > InsecureBindingOff {
		fault("Binding %d is none of BindingRecord, BindingRequire, InsecureBindingOff", c.Binding)
	}
	span := func(name string, d, least time.Duration) {
		if d < least || d > maxDuration {
			fault("%s is %v; it must be at least %v and at most %v", name, d, least, maxDuration)
		}
	}
	span("Timeout", c.Timeout, minTimeout)
	span("Guard.OpenFor", c.Guard.OpenFor, minDuration)
	span("UnknownTokens.Every", c.UnknownTokens.Every, minDuration)
	span("Lifetimes.Denied", c.Lifetimes.Denied, minDuration)
	span("Lifetimes.Absent", c.Lifetimes.Absent, minDuration)
	span("Lifetimes.RenewalGrace", c.Lifetimes.RenewalGrace, 0)
	if c.Lifetimes.Fresh != 0 {
		span("Lifetimes.Fresh", c.Lifetimes.Fresh, minDuration)
	}
	if c.Lifetimes.Refresh > 0 {
		span("Lifetimes.Refresh", c.Lifetimes.Refresh, minDuration)
	}
	if c.Lifetimes.Usable > 0 {
		span("Lifetimes.Usable", c.Lifetimes.Usable, minDuration)
	}
	count := func(name string, n, least, most int) {
		if n < least || n > most {
			fault("%s is %d; it must be from %d to %d", name, n, least, most)
		}
	}
	count("Lifetimes.StaleGrants", c.Lifetimes.StaleGrants, 0, maxEntries)
	count("Memory.Purchases", c.Memory.Purchases, 1, maxEntries)
	count("Memory.Refusals", c.Memory.Refusals, 1, maxEntries)
	count("Guard.MaxInFlight", c.Guard.MaxInFlight, 1, 65536)
	count("Guard.TripAfter", c.Guard.TripAfter, 1, 1_000_000)
	if c.UnknownTokens.Burst > 0 {
		count("UnknownTokens.Burst", c.UnknownTokens.Burst, 1, 1_000_000)
	}
	return identities, errors.Join(faults...)
}
