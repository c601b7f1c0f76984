package core

import (
	"fmt"
	"time"
)

// Outcome is what a check came to.
type Outcome uint8

// The outcomes. What could not be found out is Undetermined, and so is every zero value: it grants
// nothing, and it never means "you do not own this".
const (
	Undetermined Outcome = iota
	Granted
	Denied
)

// String is "undetermined", "granted" or "denied".
func (o Outcome) String() string {
	switch o {
	case Granted:
		return "granted"
	case Denied:
		return "denied"
	default:
		return "undetermined"
	}
}

// MarshalText gives the word of String.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads the word of String. Any other is Undetermined, with an error.
func (o *Outcome) UnmarshalText(text []byte) error {
	for *o = Granted; *o <= Denied; *o++ {
		if o.String() == string(text) {
			return nil
		}
	}
	if *o = Undetermined; string(text) == o.String() {
		return nil
	}
	return fmt.Errorf("core: no outcome has this name, of %d bytes", len(text))
}

// Source is where a decision's facts came from.
type Source string

// The sources. Empty where a decision rests on no facts.
const (
	SourceStore    Source = "store"     // read from the store for this check, perhaps shared with others
	SourceMemory   Source = "memory"    // a fresh fact from memory
	SourceShared   Source = "shared"    // read from the store by another instance, and taken from Config.Shared
	SourceStale    Source = "stale"     // a fact just past freshness, while one refresh runs behind
	SourceOutage   Source = "outage"    // an older verified fact, because the store cannot answer
	SourceHoldOpen Source = "hold_open" // the owners' registry, by mode, because the store cannot answer
	SourceOverride Source = "override"  // Config.Override
)

// Decision is the answer to one check. It is a value; what it points to is shared and read-only.
// The zero Decision is undetermined.
type Decision struct {
	Outcome Outcome
	Reason  Reason
	// Product is the product that decided: the granting one, or the one whose denial the player can
	// do most about. Without facts it is the first one that the requirement names.
	Product Product
	// Purchase holds the facts; nil where there are none, and nil when they are not the caller's
	// to see (they belong to another account). Read-only.
	Purchase *Purchase
	// ExpiresAt is when the granted right ends if nothing renews it; zero if it does not end.
	ExpiresAt time.Time
	// AcknowledgeBy is when the store cancels the purchase unless it is acknowledged; zero when
	// no acknowledgement is owed.
	AcknowledgeBy time.Time
	// VerifiedAt is when the read of the facts began, by this machine's clock.
	VerifiedAt time.Time
	Source     Source
	// RetryAfter is when it makes sense to ask again; zero unless undetermined.
	RetryAfter time.Duration
	// Err is what kept the decision undetermined, or made the store refuse. It names no token and
	// no secret, and is never shown to a client.
	Err error

	requirement Requirement // what was asked; nil in a Decision made by hand
	owed        *owed       // the acknowledgements, if the gate has an outbox
}

// Granted tells whether the player owns what was asked for.
func (d Decision) Granted() bool { return d.Outcome == Granted }
