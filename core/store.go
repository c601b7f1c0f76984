package core

import (
	"context"
	"time"
)

// Store asks one app market about purchases. Implementations are safe for concurrent use, start no
// goroutines of their own, and honour the context's deadline. The gate puts a bulkhead and a
// circuit breaker in front of Lookup, so an implementation needs neither. Package gatetest's RunStore tells
// whether one keeps to all of this.
type Store interface {
	// ID is the name under which products refer to this client.
	ID() StoreID
	// Describe tells which account of the market this client asks. It must not change.
	Describe() StoreInfo
	// CheckProduct says why this store can never sell p, or nil. It is asked at start (Gate.Validate).
	CheckProduct(p Product) error
	// CheckToken says why token can never be a purchase token of this store, or nil. It must not
	// quote the token, and it makes no call.
	CheckToken(token string) error
	// Lookup reads what the store knows about token as a purchase of p. It returns either a
	// purchase or an error, and any error that is not a *StoreError counts as an outage.
	Lookup(ctx context.Context, p Product, token string) (*Purchase, error)
}

// StoreInfo describes a store client. Together with the product and the token it names a fact: two
// clients that differ here never share one.
type StoreInfo struct {
	Platform    string // "onestore", "googleplay"
	Application string // client id or package name
	Market      string // "MKT_ONE", "MKT_GLB"; empty where there is only one
	Environment string // "commercial", "sandbox"; also the host when it is not the usual one
	// Sandbox marks a store whose months last minutes, so that facts are kept for seconds.
	Sandbox bool
}

// StatsReporter is a Store that counts its own calls. The gate shows them in StoreStats.Client.
type StatsReporter interface {
	ClientStats() ClientStats
}

// ClientStats is what a store client counted since it was made, look-ups and everything else.
type ClientStats struct {
	// Attempts were sent to the store, access tokens not among them. Retries are those of them that
	// repeated one that failed.
	Attempts, Retries uint64
	// AccessTokens is how often an access token was asked for.
	AccessTokens uint64
	// Paused calls were not sent because the store had asked to be left alone.
	Paused uint64
	// PausedUntil is when the pause in force ends; zero if there is none.
	PausedUntil time.Time
}
