package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
)

// Listener brings a gate what other instances tell. Make it with Fleet.Listener, and let one goroutine call
// Run.
//
// # How late news can be
//
// With Sync from Config, and a trip to the server, which Config.Timeout bounds:
//
//   - While the server can be reached, an instance is told within Sync and one trip.
//   - An instance that could not reach it is told within Sync and one trip of the moment at which it can
//     again. A client that failed to connect for a while tries once a second.
//   - Until then it learns of voids from the stores' own lists, within reconcile.Config.VoidsEvery and the time
//     that a list takes, if it follows them. An invalidation it learns of when it asks the store again: as
//     soon as the fact is asked for after core.Lifetimes.Fresh, and by core.Lifetimes.Usable if the store
//     cannot be reached either.
//
// Nothing is missed for being late. When the server dropped what the instance has not read yet, or lost its
// data, the instance forgets what stores said, reads Config.Voids of its gate again, and goes on.
type Listener struct {
	fleet   *Fleet
	log     log
	gate    *core.Gate
	begun   func() // tells the gate
	running atomic.Bool
	read    atomic.Int64 // when the log was last read to its end, Unix nanoseconds

	// Run's own.
	last   string // the number of the last entry that was heard; empty: none
	missed bool   // the gate has yet to be told that it may have missed something
	failed time.Time
}

// Listener returns what brings gate the news of other instances. From now on the gate is not Ready until the
// log was read, or could not be.
func (f *Fleet) Listener(gate *core.Gate) (*Listener, error) {
	if len(gate.Stores()) == 0 {
		return nil, errors.New("fleet: Listener: the gate is nil or was not made by core.New")
	}
	return &Listener{fleet: f, log: log{f}, gate: gate, begun: gate.Await("the log of the fleet was not read yet")}, nil
}

var errRunning = errors.New("fleet: Run of the Listener is running already")

// Run reads the log until ctx ends, and then returns nil. What fails is logged and tried again, and never ends
// it. It fits an errgroup:
//
//	g.Go(func() error { return listener.Run(ctx) })
func (l *Listener) Run(ctx context.Context) error {
	if !l.running.CompareAndSwap(false, true) {
		return errRunning
	}
	defer l.running.Store(false)
	// A blocked read of a connection that died looks like a log without news: so the log is read again and again.
	ticker := time.NewTicker(l.fleet.config.Sync)
	defer ticker.Stop()
	for ctx.Err() == nil {
		l.report(ctx, l.catchUp(ctx))
		l.begun() // whether it could be read or not: no player is refused for what Redis does
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
	return nil
}

// Check tells whether the gate hears what other instances tell: nil, or an error that says for how long it has
// not.
func (l *Listener) Check(context.Context) error {
	read := l.read.Load()
	if read == 0 {
		return errors.New("fleet: the log of the fleet was not read yet")
	}
	c := &l.fleet.config
	if late := time.Since(time.Unix(0, read)); late.Abs() > 2*c.Sync+2*c.Timeout {
		return fmt.Errorf("fleet: the log of the fleet was last read %v ago", late.Round(time.Millisecond))
	}
	return nil
}

// catchUp brings the gate everything that it has not heard.
func (l *Listener) catchUp(ctx context.Context) error {
	if l.last == "" {
		if err := l.begin(ctx); err != nil {
			return err
		}
	}
	return errors.Join(l.resync(ctx), l.follow(ctx))
}

// clockTolerance is by how much this machine's clock and the server's may differ.
const clockTolerance = time.Minute

// begin finds where to begin: what is known may be as old as the gate uses anything, so what was told since
// then counts.
func (l *Listener) begin(ctx context.Context) error {
	mark, err := l.log.mark(ctx)
	if err != nil {
		return err
	}
	now, err := madeAt(mark)
	if err != nil {
		return err
	}
	since := now.Add(-l.gate.Horizon() - clockTolerance)
	last, err := l.log.before(ctx, fmt.Sprint(since.UnixMilli()))
	if err != nil {
		return err
	}
	if last == "" { // the log is younger than that, or lost what is older
		l.last, l.missed = mark, true
		return nil
	}
	l.last = last
	return nil
}

// resyncTimeout is far above what reading the largest Config.Voids takes.
const resyncTimeout = time.Minute

// resync has the gate make up for what it may have missed.
func (l *Listener) resync(ctx context.Context) error {
	if !l.missed {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, resyncTimeout)
	defer cancel()
	if err := l.gate.Resync(ctx); err != nil {
		return err
	}
	l.missed = false
	return nil
}

// follow hears what was told since the last entry that was heard. That one is read again: while it is there,
// nothing that came after it was dropped, because the oldest go first.
func (l *Listener) follow(ctx context.Context) error {
	for ctx.Err() == nil {
		entries, err := l.log.from(ctx, l.last)
		if err != nil {
			return err
		}
		if len(entries) == 0 || entries[0].ID != l.last {
			return l.startOver(ctx)
		}
		l.hear(ctx, entries[1:])
		l.last = entries[len(entries)-1].ID
		if len(entries) <= entriesAtOnce {
			l.read.Store(time.Now().UnixNano())
			return l.resync(ctx)
		}
	}
	return ctx.Err()
}

// startOver goes on at the end of the log. What instances tell they have kept before, so that what is on its
// way at this moment is either behind the mark or in what is read again.
func (l *Listener) startOver(ctx context.Context) error {
	mark, err := l.log.mark(ctx)
	if err != nil {
		return err
	}
	l.last, l.missed = mark, true
	l.fleet.config.Logger.Warn("skugate: the log of the fleet has lost what this instance has not read: what stores said is asked again")
	return l.resync(ctx)
}

// hearTimeout bounds what the gate does with news beyond putting them in force.
const hearTimeout = time.Second

// hear brings the gate what entries say, all at once: what is to be kept besides may take a while. What cannot
// be read may be anything.
func (l *Listener) hear(ctx context.Context, entries []redis.XMessage) {
	var all core.News
	for _, e := range entries {
		text, told := e.Values[fieldNews].(string)
		if e.Values[fieldFrom] == l.fleet.id || !told && len(e.Values) == 1 { // our own, or somebody begins to read
			continue
		}
		n, err := openNews(text)
		if err != nil {
			l.missed = true
			l.fleet.config.Logger.Error("skugate: what another instance tells cannot be read, and what stores said is asked again", slog.Any("error", err))
			continue
		}
		all.Forgotten, all.Unshared = append(all.Forgotten, n.Forgotten...), append(all.Unshared, n.Unshared...)
		all.Rebound, all.Voids = append(all.Rebound, n.Rebound...), append(all.Voids, n.Voids...)
	}
	if len(all.Forgotten)+len(all.Rebound)+len(all.Voids) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, hearTimeout)
	defer cancel()
	if err := l.gate.Hear(ctx, all); err != nil {
		l.fleet.config.Logger.Error("skugate: what another instance told is in force, and not kept", slog.Any("error", err))
	}
}

// report logs when the log cannot be read any more, and when it can again.
func (l *Listener) report(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil && l.failed.IsZero():
		l.failed = time.Now()
		l.fleet.config.Logger.Warn("skugate: what other instances tell cannot be heard for now", slog.Any("error", err))
	case err == nil && !l.failed.IsZero():
		l.fleet.config.Logger.Info("skugate: what other instances tell is heard again", slog.Duration("after", time.Since(l.failed)))
		l.failed = time.Time{}
	}
}
