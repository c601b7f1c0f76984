package fleet

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core/redisclient"
)

// Config says where a Fleet keeps what.
type Config struct {
	// Client is the game's own: one server, a Sentinel or a cluster. New asks it nothing, and nobody closes
	// it. Make it with redisclient.Options: a client that does not heed its context, repeats what failed, or
	// reads from replicas is refused.
	Client redis.UniversalClient
	// Prefix begins every key. Default: "skugate:". Games that share a server need one each. At most 64
	// bytes, without braces, which would put all keys in one slot of a cluster.
	Prefix string
	// Timeout bounds each call of the server. Default: 250 ms, which covers a flush to a busy disk; checks of
	// a gate wait no longer than its own timeout anyway. From 1 ms to 10 s.
	Timeout time.Duration
	// Sync is how often a Listener reads the log of what instances tell each other. Default: 250 ms. From 10 ms
	// to 1 min.
	Sync time.Duration
	// LogLength is about how many entries the log has; the server drops the oldest. An instance that was away
	// for more forgets what stores said and asks again. An invalidation takes one entry of about 200 bytes, a
	// list of 256 voids one of about 50 KB. Default: 100,000. From 1 to 10,000,000.
	LogLength int
	// Logger is told what an operator must know. It never sees a token, an account or an address. Default:
	// silent.
	Logger *slog.Logger
}

const maxLogLength = 10_000_000

func (c Config) withDefaults() Config {
	if c.Prefix == "" {
		c.Prefix = "skugate:"
	}
	if c.Timeout == 0 {
		c.Timeout = 250 * time.Millisecond
	}
	if c.Sync == 0 {
		c.Sync = 250 * time.Millisecond
	}
	if c.LogLength == 0 {
		c.LogLength = 100_000
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// check reports every fault of a filled-in configuration.
func (c *Config) check() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("fleet: Config."+format, args...))
	}
	for _, what := range redisclient.Faults(c.Client) {
		fault("Client %s", what)
	}
	for _, what := range redisclient.PrefixFaults(c.Prefix) {
		fault("Prefix %s", what)
	}
	if c.Timeout < time.Millisecond || c.Timeout > 10*time.Second {
		fault("Timeout is %v; it must be from 1ms to 10s", c.Timeout)
	}
	if c.Sync < 10*time.Millisecond || c.Sync > time.Minute {
		fault("Sync is %v; it must be from 10ms to 1m", c.Sync)
	}
	if c.LogLength < 1 || c.LogLength > maxLogLength {
		fault("LogLength is %d; it must be from 1 to %d", c.LogLength, maxLogLength)
	}
	return errors.Join(faults...)
}
