package redeem

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/skugate/skugate/core"
)

// Config configures a Redeemer. In every duration zero means the default.
type Config struct {
	// Gate verifies purchases and consumes them. Required.
	Gate *core.Gate
	// Ledger remembers them: one for all instances. Required; see Ledger for what losing it costs.
	Ledger Ledger
	// Lease is how long an instance has a purchase to itself, for the handler to run in; the handler's
	// context ends with it. If the instance dies, its players wait for so long. It should be longer than the
	// gate's Timeout, and than the clocks of two instances are apart. Default: 1 min. At least four times
	// Timeout, at most 1 h.
	Lease time.Duration
	// Keep is how long Prune leaves a redemption in the ledger that is finished, for a client that repeats
	// its request. Default: 30 days. At least 24 h; negative: for ever.
	Keep time.Duration
	// Timeout bounds one step of the ledger. Default: 3 s. At least 10 ms.
	Timeout time.Duration
	// Logger is told of a ledger that fails. It never sees a token or an account. Default: silent.
	Logger *slog.Logger
}

const (
	minTimeout = 10 * time.Millisecond
	maxLease   = time.Hour
	minKeep    = 24 * time.Hour
)

// New makes a redeemer, or reports every fault of the configuration.
func New(c Config) (*Redeemer, error) {
	c.Lease = cmp.Or(c.Lease, time.Minute)
	c.Keep = cmp.Or(c.Keep, 30*24*time.Hour)
	c.Timeout = cmp.Or(c.Timeout, 3*time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("redeem: Config."+format, args...))
	}
	if c.Gate == nil {
		fault("Gate is nil")
	}
	if c.Ledger == nil {
		fault("Ledger is nil: without one a purchase that was consumed and not delivered would be lost")
	}
	if c.Timeout < minTimeout {
		fault("Timeout is %v; it must be at least %v", c.Timeout, minTimeout)
	}
	if least := 4 * max(c.Timeout, minTimeout); c.Lease < least || c.Lease > maxLease {
		fault("Lease is %v; it must be at least %v, four times Timeout, and at most %v", c.Lease, least, maxLease)
	}
	if c.Keep >= 0 && c.Keep < minKeep {
		fault("Keep is %v; it must be at least %v, or negative to keep for ever", c.Keep, minKeep)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &Redeemer{config: c, self: rand.Text(), running: running{purchases: map[purchase]struct{}{}}}, nil
}
