package core

import (
	"context"
	"slices"
	"time"
)

// Voids keeps what stores took back or replaced, together with how far their lists were read, so that
// neither a restart nor a crash forgets one of the three without the others. Implementations are safe
// for concurrent use.
type Voids interface {
	// Load returns everything that is kept. A gate loads once, before it answers anything.
	Load(ctx context.Context) (VoidLog, error)
	// Apply adds what change has, all of it or nothing, and returns when it would survive a crash. A
	// record is merged into the one that is there (VoidRecord.Merge); a checkpoint replaces the one
	// that is there. Applying the same again changes nothing.
	Apply(ctx context.Context, change VoidLog) error
	// Forget drops the records that were last seen before the given time, and returns how many.
	Forget(ctx context.Context, before time.Time) (int, error)
}

// RemoteVoids is a Voids on another machine. Players are not refused because that is out of reach when a gate
// starts: it tries once, then answers without what is kept there, and loads it as soon as it can. Until then
// the stores' own lists say what was taken back.
type RemoteVoids interface {
	Voids
	// Remote tells whether it is on another machine.
	Remote() bool
}

// VoidLog is what is known of voids: all of it, or a change to it.
type VoidLog struct {
	Records []VoidRecord
	// Checkpoints are the instants, for each store, up to which its list of voided purchases was read.
	Checkpoints map[StoreID]time.Time
}

// VoidRecord is what stands against one token.
type VoidRecord struct {
	Store StoreID
	Token string // an identifier, keep it out of logs
	// Whole: the token is void, whichever payment. Payments: these payments are.
	Whole    bool
	Payments []string
	// Superseded: another purchase replaced this one.
	Superseded bool
	// Seen is when it was last learned of, or when a fact of the token was last read, whichever is later.
	Seen time.Time
}

// Merge adds to r what more knows of the same token. Nothing that stands is lifted.
func (r *VoidRecord) Merge(more VoidRecord) {
	r.Whole = r.Whole || more.Whole
	r.Superseded = r.Superseded || more.Superseded
	for _, id := range more.Payments {
		if !slices.Contains(r.Payments, id) {
			r.Payments = append(slices.Clip(r.Payments), id)
		}
	}
	if more.Seen.After(r.Seen) {
		r.Seen = more.Seen
	}
}
