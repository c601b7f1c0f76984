package core

import (
	"context"
	"log/slog"
	"time"
)

// Config configures a Gate. Only Stores has no default. In every field zero means the default that
// the field documents; where a field says so, negative means off. New does not alter it.
type Config struct {
	// Stores are the clients that are asked, each under its own ID. At least one.
	Stores []Store

	// Owners remembers to whom unlabelled purchases belong. No check waits for it longer than Timeout,
	// and at most 256 of its calls are under way. Default: NewMemoryOwners().
	Owners Owners
	// Binding says what an unlabelled purchase needs. Default: BindingRecord.
	Binding Binding
	// Labels ties purchases to accounts at the store. Default: PlainLabels.
	Labels Labels

	// Outbox remembers which purchases are to be acknowledged at their stores; package reconcile does
	// that. A check whose decision owes an acknowledgement records it there, once for each fact. A failing
	// outbox refuses nobody: it is counted (Stats) and logged. Default: none, and nothing is acknowledged.
	Outbox Outbox
	// Voids keeps what stores took back or replaced across restarts. A gate that has one answers
	// undetermined until it could load it, by itself, at the first check or Ready, unless it is a RemoteVoids.
	// Default: none, and a restart forgets.
	Voids Voids
	// Facts keeps what stores said across restarts, so that one during an outage locks nobody out.
	// Nothing in it is younger for it. Default: none.
	Facts Facts

	// Shared keeps what stores said for all instances of a game: what memory does not know is looked for
	// there before a store is asked, and one instance asks for all. Its failures refuse nobody: they are
	// counted (Stats) and logged. Default: none.
	Shared Shared

	// Peers are the other instances of the game, which are told what is invalidated, taken back or bound by
	// hand here (Gate.Hear). It is in force here however that ends; nobody waits for it longer than Timeout.
	// Default: none.
	Peers Peers

	// Rule turns a purchase into a verdict. Default: DefaultRule.
	Rule Rule
	// Override lets QA, support and compensation decide for an account, whatever any store says. It
	// is asked on every check, with the requirement and then with its parts; Undetermined means
	// "no opinion". It must be quick and safe for concurrent use. Default: none.
	Override func(ctx context.Context, account string, r Requirement) Outcome

	// Timeout bounds one decision, the store's time included. Default: 3 s. At least 10 ms.
	Timeout time.Duration
	// Lifetimes says how long facts are used.
	Lifetimes Lifetimes
	// Memory bounds what is remembered, for each store.
	Memory Memory
	// Guard protects each store, and the game from a store that is down.
	Guard Guard
	// UnknownTokens limits, for each account, the tokens that name no purchase.
	UnknownTokens UnknownTokens

	// Carry takes from a request's context what the store call has to know for which that request waits, and
	// returns what puts it into the call's own, which begins empty because others may share the call; nil:
	// nothing. It is asked before a look-up is joined or begun. It must be quick, keep nothing of from, and
	// be safe for concurrent use. Package oteltrace has one that carries the span. Default: none.
	Carry func(from context.Context) (into func(context.Context) context.Context)

	// OnHandled is told how a request ended that a gate let through: the final status, 101 for a
	// hijacked connection, 0 if the handler panicked. Adapters observe the status only if this is
	// set. It runs on the request's goroutine. Default: none.
	OnHandled func(ctx context.Context, d Decision, status int)

	// Logger is told what an operator must know. It never sees a token, an account or a secret.
	// Default: silent.
	Logger *slog.Logger
}

// Binding says what it takes, beyond possession of a token, to be let in with a purchase whose
// label names nobody. A label that names somebody else is refused under each but
// InsecureBindingOff, and a token that the server itself looked up (Token.Known) needs no more.
type Binding uint8

// The binding policies.
const (
	// BindingRecord: the account that presents a granting purchase first owns it from then on.
	BindingRecord Binding = iota
	// BindingRequire: only an owner that the server itself recorded (Gate.Bind) counts.
	BindingRequire
	// InsecureBindingOff: whoever presents a token may use it. Tokens can be guessed and passed on;
	// StoreStats.WouldRefuse tells what that costs. What is handed in (Gate.HandIn) is bound all the same.
	InsecureBindingOff
)

// Memory bounds what one gate remembers of one store.
type Memory struct {
	// Purchases is how many granting purchases are kept, each in about 680 bytes and the token: a million
	// players take about 0.8 GB, and a quarter more where MemoryOwners has them too. Default: 100,000.
	Purchases int
	// Refusals is how many denied purchases, and how many absences, are kept apart from them.
	// Default: 20,000.
	Refusals int
}

// Guard configures bulkhead and circuit breaker of each store.
type Guard struct {
	// MaxInFlight caps the store calls under way. Default: 64.
	MaxInFlight int
	// TripAfter is how many failures in a row open the breaker, however slow or far apart they are.
	// Default: 5.
	TripAfter int
	// OpenFor is how long it stays open before one call probes the store. Default: 5 s.
	OpenFor time.Duration
}

// UnknownTokens configures the budget of look-ups that end in "no such purchase", or in the store's word
// that the token is none.
type UnknownTokens struct {
	// Burst is how many an account may have at once, with those that are being looked up and may yet
	// be purchases: at least as many as the tokens of one request. Default: 20. Negative: no limit.
	Burst int
	// Every is how long it takes to earn one back. Default: 10 s.
	Every time.Duration
}

func orDefault[T int | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// withDefaults fills a copy in.
func (c Config) withDefaults() Config {
	if c.Owners == nil {
		c.Owners = NewMemoryOwners()
	}
	if c.Labels == nil {
		c.Labels = PlainLabels{}
	}
	c.Timeout = orDefault(c.Timeout, 3*time.Second)
	c.Memory.Purchases = orDefault(c.Memory.Purchases, 100_000)
	c.Memory.Refusals = orDefault(c.Memory.Refusals, 20_000)
	c.Guard.MaxInFlight = orDefault(c.Guard.MaxInFlight, 64)
	c.Guard.TripAfter = orDefault(c.Guard.TripAfter, 5)
	c.Guard.OpenFor = orDefault(c.Guard.OpenFor, 5*time.Second)
	c.UnknownTokens.Burst = orDefault(c.UnknownTokens.Burst, 20)
	c.UnknownTokens.Every = orDefault(c.UnknownTokens.Every, 10*time.Second)
	c.Lifetimes.Denied = orDefault(c.Lifetimes.Denied, 5*time.Second)
	c.Lifetimes.Absent = orDefault(c.Lifetimes.Absent, 5*time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	} else {
		c.Logger = slog.New(&calm{c.Logger.Handler()})
	}
	return c
}
