package core

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/cache"
)

// Peers are the other instances of a game, each with a gate of its own. Package fleet has them on Redis.
// Implementations are safe for concurrent use.
type Peers interface {
	// Tell brings n to every instance that listens, each of which hands it to Gate.Hear, what is told first
	// first. It returns when each will hear of it, however late, or an error: then some may. An
	// instance that may have missed something is told so (Gate.Resync). Telling the same again changes
	// nothing.
	Tell(ctx context.Context, n News) error
}

// News is what one instance learned and each has to know.
type News struct {
	// Forgotten are tokens of which nothing counts that was known before.
	Forgotten []TokenRef
	// Unshared are those of Forgotten of which Config.Shared may still have something from before.
	Unshared []TokenRef
	// Rebound are tokens whose owner was changed by hand: whose they were counts no more.
	Rebound []TokenRef
	// Voids are all that stands against some tokens.
	Voids []VoidRecord
}

// TokenRef names a purchase.
type TokenRef struct {
	Store StoreID
	Token string // an identifier, keep it out of logs
}

// PeersStats is what the gate told and heard of Config.Peers.
type PeersStats struct {
	// Told is how often something was told, Untold how often that failed.
	Told, Untold uint64
	// Heard is how often something was heard, Resyncs how often something may have been missed.
	Heard, Resyncs uint64
}

// crier is Config.Peers as the gate asks them. A nil crier has nobody to tell.
type crier struct {
	peers   Peers
	gate    *Gate
	calls   *aside
	behind  *cache.Flights[TokenRef, struct{}]
	timeout time.Duration

	told, untold atomic.Uint64
}

func newCrier(g *Gate) (*crier, error) {
	c := &g.config
	if c.Peers == nil {
		return nil, nil
	}
	cr := &crier{peers: c.Peers, gate: g, calls: newAside(g, "Config.Peers"), timeout: c.Timeout}
	var err error
	cr.behind, err = cache.NewFlights[TokenRef, struct{}](cache.FlightConfig[TokenRef]{Timeout: c.Timeout, Clone: asIs[TokenRef]})
	return cr, err
}

// tell brings what is in force here to the others. Its strings are the gate's own: the call may outlive
// whoever makes it.
func (c *crier) tell(ctx context.Context, n News) error {
	if c == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if err := c.calls.do(ctx, func(ctx context.Context) error { return c.peers.Tell(ctx, n) }); err != nil {
		c.fails(err)
		return fmt.Errorf("it is in force here, and the other instances were not told: %w", err)
	}
	c.told.Add(1)
	return nil
}

// tellBehind tells what one token is about while nobody waits. told is called if that went well.
func (c *crier) tellBehind(t TokenRef, n News, told func()) {
	if c == nil {
		return
	}
	if c.behind.InFlight() >= maxAside {
		c.fails(errTooMuchNews)
		return
	}
	// A telling under way may be of less than this.
	_, _, err := c.behind.Join(t, cache.NextOrder(), func(ctx context.Context, _ cache.Order) (struct{}, error) {
		err := c.tell(ctx, n)
		if err == nil {
			told()
		}
		return struct{}{}, err
	})
	if err != nil {
		c.fails(err)
	}
}

var errTooMuchNews = fmt.Errorf("core: %d calls of Config.Peers are under way", maxAside)

// untoldNews is a cause that is logged.
type untoldNews struct{}

func (c *crier) fails(err error) {
	c.untold.Add(1)
	if c.gate.said.due(untoldNews{}, time.Now()) {
		c.gate.log.Error("skugate: the other instances were not told what is in force here", slog.Any("error", err))
	}
}

// close waits for what is being told.
func (c *crier) close(ctx context.Context) error {
	if c == nil {
		return nil
	}
	return c.behind.Close(ctx)
}

func (g *Gate) peersStats() PeersStats {
	s := PeersStats{Heard: g.heard.Load(), Resyncs: g.resyncs.Load()}
	if g.crier != nil {
		s.Told, s.Untold = g.crier.told.Load(), g.crier.untold.Load()
	}
	return s
}
