package redeem

import (
	"context"
	"fmt"
	"time"

	"github.com/skugate/skugate/core"
)

// Ledger remembers which purchase is being redeemed, or was, by which account and how far it got. It is
// one register for each purchase, changed by compare-and-swap; what the states mean is the Redeemer's
// business. All instances of a game share one ledger. Implementations are safe for concurrent use, and a
// read sees every swap that returned before it began.
//
// A ledger must be durable. With an entry, the game loses who a consumed purchase belongs to: what was
// consumed and not yet delivered is refused for ever ("consumed"), and has to be made good by hand. It
// does not lose that a purchase was spent, which the store knows: nothing is delivered a second time.
// That is also why an entry that is Finished may be dropped once no client repeats its request any more;
// the others stay. A ledger that does so is a Pruner, and Redeemer.Prune tells it when.
type Ledger interface {
	// Entry returns the entry of the purchase token at store, ok false if it has none.
	Entry(ctx context.Context, store core.StoreID, token string) (e Entry, ok bool, err error)
	// Swap puts e, its Version raised by one, in the place of the purchase's entry if that has e.Version,
	// 0 standing for none; it returns what it put, and true. Otherwise it changes nothing and returns the
	// entry that stands, the zero Entry for none, and false. It is one atomic step, and when it returned
	// without an error, what stands survives a crash. After an error either may stand. An entry without a
	// store, a token or an account is an error, and nothing changes.
	Swap(ctx context.Context, e Entry) (stands Entry, swapped bool, err error)
	// Unfinished returns the account's entries that are Intended or Consumed, those that Began first in
	// front. None is not an error.
	Unfinished(ctx context.Context, account string) ([]Entry, error)
}

// Entry is what a ledger knows of one purchase.
type Entry struct {
	Store   core.StoreID
	Token   string
	Product string // the product id
	// Account redeems the purchase, and from Intended on nobody else does.
	Account string
	// ID is the redemption's, the same in every version.
	ID         string
	PurchaseID string // the store's id of the payment
	Quantity   int

	State State
	// Attempts is how often the handler was about to run.
	Attempts int
	// Holder is the instance that works on the entry, until HeldUntil by its clock; "" for none.
	Holder    string
	HeldUntil time.Time

	Began       time.Time
	ConsumedAt  time.Time
	CompletedAt time.Time

	// Version counts swaps; the first one makes it 1.
	Version uint64
}

// Finished tells whether nothing is left to do.
func (e *Entry) Finished() bool { return e.State == Completed || e.State == Withdrawn }

// Check says what every ledger refuses to record, or nil. It quotes nothing of the entry.
func (e *Entry) Check() error {
	switch {
	case e.Store == "":
		return fmt.Errorf("redeem: an entry has no store")
	case e.Token == "":
		return fmt.Errorf("redeem: an entry has no token")
	case e.Account == "":
		return fmt.Errorf("redeem: an entry has no account")
	}
	return nil
}

// State is how far a redemption got. Its values are written to disk and never change.
type State uint8

// The states, in their order. The zero State is none.
const (
	// Intended: the purchase was paid and the account's; the store may or may not have consumed it since.
	Intended State = 1
	// Consumed: it is spent at the store. The handler may have run.
	Consumed State = 2
	// Completed: the handler ran and succeeded.
	Completed State = 3
	// Withdrawn: it turned out that somebody else had consumed the purchase, or that it was cancelled. The
	// next attempt is judged as if there were no entry.
	Withdrawn State = 4
)

// String is the state's name in lower case.
func (s State) String() string {
	switch s {
	case Intended:
		return "intended"
	case Consumed:
		return "consumed"
	case Completed:
		return "completed"
	case Withdrawn:
		return "withdrawn"
	default:
		return fmt.Sprintf("state %d", uint8(s))
	}
}
