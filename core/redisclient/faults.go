package redisclient

import (
	"strings"

	"github.com/redis/go-redis/v9"
)

// Faults says why a client is unfit, each time naming the option and what to set it to; none if it is fit.
// One of a type that is not go-redis's own is taken as it is, and so is what go-redis does not show of a
// client of Sentinels.
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
		o := c.Options()
		heeds, retries = o.ContextTimeoutEnabled, o.MaxRetries
		faults = replicaFaults(o)
	case *redis.Ring:
		return []string{"is a Ring, which goes on with another server when one is down: what was forgotten meanwhile comes back with it"}
	default:
		return nil
	}
	if !heeds {
		faults = append(faults, "does not heed its context: set ContextTimeoutEnabled to true, or use redisclient.Options")
	}
	if retries > 0 {
		faults = append(faults, "repeats what failed: set MaxRetries to -1, or use redisclient.Options")
	}
	return faults
}

// replicaFaults says which options make a client of a cluster read what is not true any more.
func replicaFaults(o *redis.ClusterOptions) []string {
	var set []string
	if o.RouteByLatency { // each of the two sets ReadOnly as well
		set = append(set, "RouteByLatency")
	}
	if o.RouteRandomly {
		set = append(set, "RouteRandomly")
	}
	if o.ReadOnly {
		set = append(set, "ReadOnly")
	}
	if len(set) == 0 {
		return nil
	}
	return []string{"reads from replicas, which are behind: set " + strings.Join(set, " and ") + " to false"}
}
