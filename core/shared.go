package core

import (
	"context"
	"time"

	"github.com/skugate/skugate/cache"
)

// Shared keeps what stores said for all instances of a game: a tier between the memory of each and the
// stores. It is a cache: losing it costs look-ups. Nothing in it is younger for it, and what it fails to
// do costs nobody an answer. Package rediscache has one.
//
// Implementations are safe for concurrent use and return soon, whatever they rest on: a player may wait.
// The gate waits for a call 250 ms at most.
type Shared interface {
	// Get returns what is kept for q. If that is nothing, or not Fresh any more, it gives one of those
	// who ask a lease on asking the store, for a short time, and tells the others so (Busy). What
	// cannot be read or is not for q is nothing.
	Get(ctx context.Context, q SharedQuestion) (SharedAnswer, error)
	// Put keeps f for f.Life.Usable less f.Age, and ends whoever's lease on q. It keeps nothing, which is no
	// error, if the token was forgotten since ticket was given, if it cannot tell, or if what it has was
	// read from the store later than f.
	Put(ctx context.Context, q SharedQuestion, ticket string, f SharedFact) error
	// Release ends the lease on q that was given with ticket, if it lasts.
	Release(ctx context.Context, q SharedQuestion, ticket string) error
	// Forget drops what is kept of a token, for every product. After it no Get returns anything that was
	// read from the store before, though its Put come later. None is not an error.
	Forget(ctx context.Context, t SharedToken) error
}

// SharedToken names a purchase as instances share it.
type SharedToken struct {
	Store StoreID
	// Origin is the account of the market that was asked: what another one said is never used.
	Origin StoreInfo
	Token  string
}

// SharedQuestion is whether a token is a purchase of a product.
type SharedQuestion struct {
	SharedToken
	Kind    Kind
	Product string // the product id
}

// SharedAnswer is what a Shared has for a question.
type SharedAnswer struct {
	Fact *SharedFact // nil: nothing
	// Busy tells that somebody else was given the lease and has not come back.
	Busy bool
	// Ticket is for Put and Release. It stands for the token as it was at this Get, and for the lease if
	// there is one. Empty: nothing can be put.
	Ticket string
}

// SharedFact is what a store answered to a question, and when.
type SharedFact struct {
	// Purchase is as the store reported it; nil if it knows no such purchase.
	Purchase *Purchase
	// VerifiedAt is when the read began, by the clock of the machine that read; StoreTime the same instant
	// by the store's.
	VerifiedAt, StoreTime time.Time
	// Age is how long ago that was: with Put by the gate's clock, with Get by the tier's own, if it has one.
	// Clocks of machines differ. The larger of it and the time since VerifiedAt counts.
	Age time.Duration
	// Life is for how long, from VerifiedAt, whoever puts it would use it. Get need not return it: each
	// gate goes by its own Lifetimes.
	Life cache.Life
}

// SharedReporter is a Shared that counts what only it sees. The gate shows it in SharedStats.Tier.
type SharedReporter interface {
	TierStats() TierStats
}

// TierStats is what a Shared counted since it was made.
type TierStats struct {
	// Calls were made, Failed are those of them that failed, and Skipped were not made because the ones
	// before had failed or hung.
	Calls, Failed, Skipped uint64
	// What was found and not used: Corrupt or under a wrong MAC, written by a Newer version, for an
	// OtherOrigin or an OtherKey.
	Corrupt, Newer, OtherOrigin, OtherKey uint64
	// Unwritten answers came too late: the token was forgotten meanwhile, or a later read was there.
	Unwritten uint64
	// Breaker is "closed", "half-open" or "open".
	Breaker string
}

// SharedStats is what the gate counted about Config.Shared.
type SharedStats struct {
	// Hits are look-ups that it answered, Misses those that went on to the store.
	Hits, Misses uint64
	// Failed calls of it were treated as if there were no Shared.
	Failed uint64
	// Implausible answers were not used: from the future, of another token, or of times that no purchase has.
	Implausible uint64
	// Waited look-ups waited for another instance's; TookOver are those of them that asked the store
	// themselves in the end.
	Waited, TookOver uint64
	// Unforgotten is how many tokens were invalidated here while it could not be told.
	Unforgotten int
	// Tier is what the Shared counts itself; zero if it is no SharedReporter.
	Tier TierStats
}
