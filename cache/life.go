package cache

import "time"

// Life says for how long an entry is worth what, as ages counted from Entry.Began. Each bound is
// exclusive: at the age Fresh an entry is no longer Fresh. A bound that is not above the one before
// it gives its state no time at all, so that Life{Fresh: d} is fresh for d and then gone.
type Life struct {
	Fresh   time.Duration // until then Fresh; 0 or less: the entry is not kept at all
	Refresh time.Duration // until then Due
	Usable  time.Duration // until then Stale
}

// State is what an entry is worth at an instant. The zero State is Miss.
type State uint8

// States, from nothing to everything but one: Due is between Fresh and Stale.
const (
	Miss  State = iota // nothing to serve
	Fresh              // serve
	Due                // serve, and refresh behind it
	Stale              // serve only if the source fails
)

// String returns the state's name in lower case.
func (s State) String() string {
	switch s {
	case Fresh:
		return "fresh"
	case Due:
		return "due"
	case Stale:
		return "stale"
	default:
		return "miss"
	}
}

// Entry is a value with its age. What a Record returns is shared with every reader, so neither it nor what
// Value points to may change, unless by means that are themselves safe for concurrent use.
type Entry[V any] struct {
	Value V
	// Began is when the read that gave Value was begun. All ages count from it.
	Began Instant
	// Order is the read's, from NextOrder (Flight.Order) before it was begun. An entry without one
	// is refused.
	Order Order
	Life  Life
	// Apart keeps the entry in the record's separate segment, where it can never evict the others.
	// It is for what strangers can make in any number, such as denials.
	Apart bool
}

// State returns what the entry is worth at now. A nil entry is a Miss.
func (e *Entry[V]) State(now Instant) State {
	if e == nil || e.Life.Fresh <= 0 {
		return Miss
	}
	switch age := now.Since(e.Began); {
	case age < e.Life.Fresh:
		return Fresh
	case age < e.Life.Refresh:
		return Due
	case age < e.Life.Usable:
		return Stale
	default:
		return Miss
	}
}
