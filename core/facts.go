package core

import (
	"context"
	"iter"
	"time"
)

// Facts keeps what stores said, so that a restart while a store is down does not lock everyone out. It
// is a cache: losing it costs look-ups. Implementations are safe for concurrent use.
type Facts interface {
	// Save keeps facts, each in place of an earlier one of its store and token. They need not survive a
	// crash that follows.
	Save(ctx context.Context, facts []SavedFact) error
	// Forget drops what is kept of a token, and returns when it would stay dropped after a crash. None
	// is not an error.
	Forget(ctx context.Context, store StoreID, token string) error
	// Load yields what is kept, in no order. An error is the last of it.
	Load(ctx context.Context) iter.Seq2[SavedFact, error]
	// Prune drops what was verified before the given time, and returns how many.
	Prune(ctx context.Context, before time.Time) (int, error)
}

// SavedFact is what a store said about one token, and when.
type SavedFact struct {
	Store StoreID
	// Origin is the account of the market that was asked: what another one said is never used.
	Origin  StoreInfo
	Kind    Kind
	Product string // the product id
	// Token names the purchase; Purchase.Token is the same.
	Token    string
	Purchase Purchase
	// VerifiedAt is when the read began, by this machine's clock; StoreTime the same instant by the
	// store's.
	VerifiedAt, StoreTime time.Time
}
