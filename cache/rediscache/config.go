package rediscache

import (
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core/redisclient"
)

// Config says where a Cache keeps what, and how long it waits.
type Config struct {
	// Client is the game's own; New asks it nothing, and nobody closes it. Make it with redisclient.Options:
	// a client that does not heed its context, repeats what failed or reads from replicas is refused.
	Client redis.UniversalClient
	// Prefix begins every key. Default: "skugate:". Games that share a server need one each. At most 64
	// bytes, without braces, which would put all keys in one slot of a cluster.
	Prefix string
	// Timeout bounds each call. Default: 25 ms. From 1 ms to 1 min, though a gate waits for 250 ms at most.
	Timeout time.Duration
	// Lease is how long one instance is let ask the store before another may. Default: 1 s. From 10 ms to
	// 30 s.
	Lease time.Duration
	// MACKey authenticates values, and hides tokens from those who guess them: at least 32 random bytes, the
	// same for all instances. Values under another key are not used, so that a change of it is a cold start.
	// Default: none.
	MACKey []byte
}

const minMACKey = 32

func (c Config) withDefaults() Config {
	if c.Prefix == "" {
		c.Prefix = "skugate:"
	}
	if c.Timeout == 0 {
		c.Timeout = 25 * time.Millisecond
	}
	if c.Lease == 0 {
		c.Lease = time.Second
	}
	return c
}

// check reports every fault of a filled-in configuration.
func (c *Config) check() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("rediscache: Config."+format, args...))
	}
	for _, what := range redisclient.Faults(c.Client) {
		fault("Client %s", what)
	}
	for _, what := range redisclient.PrefixFaults(c.Prefix) {
		fault("Prefix %s", what)
	}
	span := func(name string, d, least, most time.Duration) {
		if d < least || d > most {
			fault("%s is %v; it must be from %v to %v", name, d, least, most)
		}
	}
	span("Timeout", c.Timeout, time.Millisecond, time.Minute)
	span("Lease", c.Lease, 10*time.Millisecond, 30*time.Second)
	if n := len(c.MACKey); n > 0 && n < minMACKey {
		fault("MACKey has %d bytes; it must have at least %d, random ones", n, minMACKey)
	}
	return errors.Join(faults...)
}
