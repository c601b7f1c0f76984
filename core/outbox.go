package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"time"
)

// Outbox remembers which purchases owe their store an acknowledgement and what became of it, so that
// each one that was delivered is acknowledged, once, whatever crashes in between. Implementations are
// safe for concurrent use. Losing one loses the acknowledgements in it: their stores cancel those
// purchases at their deadlines.
type Outbox interface {
	// Record notes a debt and returns the entry that stands afterwards. A purchase that is not known yet
	// becomes Intended, or Delivered if it was delivered; an Intended one becomes Delivered; everything
	// else stays as it is. It returns when the entry would survive a crash. A debt without store, token
	// or deadline is an error.
	Record(ctx context.Context, d Debt, delivered bool) (OutboxEntry, error)
	// Take returns Delivered entries that are due, nearest deadline first, at most limit of them, and
	// holds them for the caller until hold has passed: no other Take returns them meanwhile, unless
	// Finish releases them or the process that holds them ended. None is not an error.
	Take(ctx context.Context, now time.Time, hold time.Duration, limit int) ([]OutboxEntry, error)
	// Finish writes what became of an entry, its State, Tries, NotBefore and Fault, and releases it. One
	// that is not known any more is not an error.
	Finish(ctx context.Context, e OutboxEntry) error
	// Unsettled yields what is not Acknowledged, nearest deadline first. An error is the last of it.
	// Entries that change meanwhile may or may not be among them.
	Unsettled(ctx context.Context) iter.Seq2[OutboxEntry, error]
	// Prune drops every entry whose deadline is before the given time, and returns how many.
	Prune(ctx context.Context, before time.Time) (int, error)
}

// Debt is an acknowledgement that is owed to a store.
type Debt struct {
	Store      StoreID
	Token      string // an identifier, keep it out of logs
	Product    string // the product id
	Kind       Kind
	PurchaseID string // what the store calls the payment; informational
	// By is when the store cancels the purchase unless it is acknowledged.
	By time.Time
}

// OutboxEntry is a debt with what became of it.
type OutboxEntry struct {
	Debt
	State DebtState
	At    time.Time // when State was reached
	// Tries is how often the store refused for good, NotBefore when to try again.
	Tries     int
	NotBefore time.Time
	// Fault is why the last try failed. It names no token and no account.
	Fault string
}

// DebtState is what became of a debt.
type DebtState uint8

// The states of a debt.
const (
	// DebtIntended: a handler was about to run. Whether it delivered is not known. A gate does not record it of a
	// consumable, which may as well be settled by being consumed.
	DebtIntended DebtState = iota + 1
	// DebtDelivered: the player has it, so the store is to be told.
	DebtDelivered
	// DebtAcknowledged: the store knows.
	DebtAcknowledged
	// DebtAbandoned: the store refuses for good. An operator has to look.
	DebtAbandoned
)

// String is the state's name in lower case.
func (s DebtState) String() string {
	switch s {
	case DebtIntended:
		return "intended"
	case DebtDelivered:
		return "delivered"
	case DebtAcknowledged:
		return "acknowledged"
	case DebtAbandoned:
		return "abandoned"
	default:
		return "unknown"
	}
}

// String names the debt without its token.
func (d Debt) String() string {
	return fmt.Sprintf("%s:%s/%s %s by %s", d.Store, d.Kind, d.Product, d.PurchaseID, d.By.UTC().Format(time.RFC3339))
}

// Format is String, for every verb of package fmt.
func (d Debt) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, d.String()) }

// LogValue is String, for slog.
func (d Debt) LogValue() slog.Value { return slog.StringValue(d.String()) }

// String names the entry without its token.
func (e OutboxEntry) String() string { return e.Debt.String() + " " + e.State.String() }

// Format is String, for every verb of package fmt.
func (e OutboxEntry) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// LogValue is String, for slog.
func (e OutboxEntry) LogValue() slog.Value { return slog.StringValue(e.String()) }

var errDebt = errors.New("core: a debt needs a store, a token and a deadline")

// Check says what an outbox cannot keep of d.
func (d Debt) Check() error {
	if d.Store == "" || d.Token == "" || d.By.IsZero() {
		return errDebt
	}
	return nil
}

// Recorded is what Outbox.Record makes of the entry that stands, the zero one if there is none: the
// entry that stands afterwards, and whether it has to be written.
func (d Debt) Recorded(have OutboxEntry, delivered bool, now time.Time) (OutboxEntry, bool) {
	switch {
	case have.State == 0 && delivered:
		return OutboxEntry{Debt: d, State: DebtDelivered, At: now}, true
	case have.State == 0:
		return OutboxEntry{Debt: d, State: DebtIntended, At: now}, true
	case have.State == DebtIntended && delivered:
		have.State, have.At = DebtDelivered, now
		return have, true
	default:
		return have, false
	}
}

// Finished is what Outbox.Finish makes of the entry that stands.
func (e OutboxEntry) Finished(have OutboxEntry, now time.Time) OutboxEntry {
	if e.State != have.State {
		have.State, have.At = e.State, now
	}
	have.Tries, have.NotBefore, have.Fault = e.Tries, e.NotBefore, e.Fault
	return have
}
