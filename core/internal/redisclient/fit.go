package redisclient

import (
	"cmp"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Options fills in what the client's own defaults are unfit for on the way of a player's request: they
// wait for seconds, whatever the context says, and try again. What o sets stays, but for ContextTimeoutEnabled,
// MaxRetries and DisableIdentity.
func Options(o redis.UniversalOptions) *redis.UniversalOptions {
	o.ContextTimeoutEnabled = true
	o.MaxRetries = -1
	o.DisableIdentity = true
	o.DialerRetries = cmp.Or(o.DialerRetries, 1)
	// Each call has its own, shorter timeout. These are for connections that are made behind it.
	o.DialTimeout = cmp.Or(o.DialTimeout, time.Second)
	o.ReadTimeout = cmp.Or(o.ReadTimeout, time.Second)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, time.Second)
	if o.MaintNotificationsConfig == nil {
		o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	}
	return &o
}

// Faults says why a client is unfit. One of a type that is not go-redis's own is taken as it is.
func Faults(client redis.UniversalClient) (faults []string) {
	var heeds bool
	var retries int
	switch c := client.(type) {
	case nil:
		return []string{"is missing"}
	case *redis.Client:
		if c == nil {
			return []string{"is a nil pointer"}
		}
		heeds, retries = c.Options().ContextTimeoutEnabled, c.Options().MaxRetries
	case *redis.ClusterClient:
		if c == nil {
			return []string{"is a nil pointer"}
		}
		heeds, retries = c.Options().ContextTimeoutEnabled, c.Options().MaxRetries
	case *redis.Ring:
		return []string{"is a Ring, which goes on with another server when one is down: what was forgotten meanwhile comes back with it"}
	default:
		return nil
	}
	if !heeds {
		faults = append(faults, "does not heed its context: set ContextTimeoutEnabled, or use rediscache.Options")
	}
	if retries > 0 {
		faults = append(faults, "repeats what failed: set MaxRetries to -1, or use rediscache.Options")
	}
	return faults
}
