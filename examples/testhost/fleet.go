package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/cache/rediscache"
	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/redisclient"
)

// shared is what the hosts of a game have in common on a Redis.
type shared struct {
	client redis.UniversalClient
	facts  *rediscache.Cache
	fleet  *fleet.Fleet
}

// join makes a host one of those at -redis, nil if there is none. The Redis may be down.
func join(o *options, log *slog.Logger) (*shared, error) {
	if o.redis == "" {
		return nil, nil
	}
	address, err := redisclient.ParseURL(o.redis)
	if err != nil {
		return nil, err
	}
	s := &shared{client: redis.NewUniversalClient(address)}
	var errFacts, errFleet error
	s.facts, errFacts = rediscache.New(rediscache.Config{Client: s.client, Timeout: cmp.Or(o.redisTime, 25*time.Millisecond)})
	s.fleet, errFleet = fleet.New(fleet.Config{Client: s.client, Timeout: o.redisTime, Sync: o.sync, Logger: log})
	if err := errors.Join(errFacts, errFleet); err != nil {
		return nil, errors.Join(err, s.client.Close())
	}
	return s, nil
}

// configure gives a gate what the hosts share.
func (s *shared) configure(c *core.Config) {
	c.Shared, c.Peers = s.facts, s.fleet.Peers()
	c.Owners, c.Outbox, c.Voids = s.fleet.Owners(), s.fleet.Outbox(), s.fleet.Voids()
}

// firstLook is how long a host waits for a Redis at its start: no player is refused for one that is down, and
// none waits for one that hangs.
const firstLook = time.Second

// awaitFirst waits until the gate is ready, or is found not to be soon.
func awaitFirst(gate *core.Gate) {
	ctx, cancel := context.WithTimeout(context.Background(), firstLook)
	defer cancel()
	for gate.Ready(ctx) != nil && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
}

// Close ends the connections, if there are any.
func (s *shared) Close() error {
	if s == nil {
		return nil
	}
	return s.client.Close()
}
