package core

import (
	"errors"
	"fmt"
	"time"
)

// Lifetimes are ages of facts, counted from the instant at which the store was asked. None reaches
// past the purchase's own expiry.
type Lifetimes struct {
	// Fresh is how long a granting fact is used as it is. Default: 5 min, 5 s for a sandbox.
	Fresh time.Duration
	// Refresh is until when it is still used while one refresh runs behind. Default: Fresh and a
	// fifth more, though not past Usable. Negative: no such window.
	Refresh time.Duration
	// Usable is the outage grace: until when it is used if the store cannot answer. Consumables
	// have none. Default: 6 h. Negative: none.
	Usable time.Duration
	// Denied is how long a purchase that grants nothing is remembered; one that cannot come back
	// is remembered for Usable. Default: 5 s.
	Denied time.Duration
	// Absent is how long "no such purchase" is remembered. Default: 5 s.
	Absent time.Duration
	// RenewalGrace lets a renewing purchase in for this long after its expiry while the store
	// cannot say whether it renewed. It does not reach past Usable. Default: 0, which answers
	// undetermined.
	RenewalGrace time.Duration
	// StaleGrants caps how many checks one fact may let in past Fresh, until the store is heard
	// again: for what is worth more than an outage may give away. A check past the cap waits for the
	// store, and is undetermined for the store's reason if it cannot answer. Default: 0, no cap.
	StaleGrants int
}

// forStore fills in what depends on the store. It is an error if what was set is not in order: an age
// that is quietly stretched would let in for longer than somebody decided.
func (l Lifetimes) forStore(id StoreID, info StoreInfo) (Lifetimes, error) {
	fresh := 5 * time.Minute
	if info.Sandbox {
		fresh = 5 * time.Second // a month lasts five minutes there
	}
	l.Fresh = orDefault(l.Fresh, fresh)
	var faults []error
	below := func(name string, d time.Duration, than string, least time.Duration) {
		if d > 0 && d < least {
			faults = append(faults, fmt.Errorf("for the store %q Config.Lifetimes.%s is %v; it must not be below Lifetimes.%s, which is %v", id, name, d, than, least))
		}
	}
	below("Refresh", l.Refresh, "Fresh", l.Fresh)
	below("Usable", l.Usable, "Fresh", l.Fresh)
	below("Usable", l.Usable, "Refresh", l.Refresh)

	refresh := l.Fresh + l.Fresh/5
	if l.Usable > 0 {
		refresh = min(refresh, l.Usable)
	}
	l.Refresh = max(orDefault(l.Refresh, refresh), l.Fresh)
	l.Usable = max(orDefault(l.Usable, 6*time.Hour), l.Refresh)
	return l, errors.Join(faults...)
}
