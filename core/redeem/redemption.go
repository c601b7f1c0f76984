package redeem

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/skugate/skugate/core"
)

// Redemption is one purchase being spent, as the handler sees it.
type Redemption struct {
	// ID names the redemption: commit it with the grant, under a unique index, and the grant happens
	// exactly once. It is derived from the purchase, 32 hexadecimal digits, so that it is the same in every
	// attempt, on every instance, and even where a ledger was lost.
	ID      string
	Product core.Product
	Account string
	// PurchaseID is the store's id of the payment, for support and refunds; empty where it gave none.
	PurchaseID string
	// Quantity is how many were bought at once, at least 1.
	Quantity int
	// Attempt counts the runs of the handler, 1 for the first.
	Attempt int
	// Began is when the redemption was recorded, before the purchase was consumed.
	Began time.Time
	// CompletedAt is when the handler succeeded; zero before.
	CompletedAt time.Time
}

// Resumed tells whether an earlier attempt began the handler and its success was not recorded: it may
// have granted all, some or nothing.
func (r Redemption) Resumed() bool { return r.Attempt > 1 }

func (e *Entry) redemption(p core.Product) Redemption {
	return Redemption{
		ID: e.ID, Product: p, Account: e.Account, PurchaseID: e.PurchaseID, Quantity: e.Quantity,
		Attempt: e.Attempts, Began: e.Began, CompletedAt: e.CompletedAt,
	}
}

// identify derives the id. Its input is unambiguous: no store is named with a zero byte.
func identify(p purchase) string {
	sum := sha256.Sum256([]byte("skugate redemption\x00" + string(p.store) + "\x00" + p.token))
	return hex.EncodeToString(sum[:16])
}

type redemptionKey struct{}

// NewContext returns ctx with r on it, as Redeem gives it to the handler: for tests of handlers.
func NewContext(ctx context.Context, r Redemption) context.Context {
	return context.WithValue(ctx, redemptionKey{}, r)
}

// FromContext returns the redemption that the handler is to deliver; false outside of one.
func FromContext(ctx context.Context) (Redemption, bool) {
	r, ok := ctx.Value(redemptionKey{}).(Redemption)
	return r, ok
}
