package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/reconcile"
	"github.com/skugate/skugate/core/statefile"
)

// state is the durable state, if there is one: a file of the host's own, or what hosts share.
type state struct {
	file   *statefile.File
	shared *shared
}

func openState(o *options, log *slog.Logger) (s state, err error) {
	if o.state != "" {
		s.file, err = statefile.Open(filepath.Join(o.state, "skugate.db"), statefile.Options{})
		return s, err
	}
	s.shared, err = join(o, log)
	return s, err
}

// configure gives a gate the state.
func (s *state) configure(c *core.Config) {
	switch {
	case s.file != nil:
		c.Owners, c.Outbox, c.Voids, c.Facts = s.file.Owners(), s.file.Outbox(), s.file.Voids(), s.file.Facts()
	case s.shared != nil:
		s.shared.configure(c)
	}
}

// Close closes the state, if there is one.
func (s *state) Close() error {
	switch {
	case s.file != nil:
		return s.file.Close()
	case s.shared != nil:
		return s.shared.Close()
	}
	return nil
}

// work starts the background work; there is no worker if neither a state nor the list of voids is asked for.
// stop ends it, and may be called again.
func work(o *options, kept *state, gate *core.Gate, log *slog.Logger) (worker *reconcile.Worker, stop func(), err error) {
	if o.state == "" && o.redis == "" && o.void == 0 {
		return nil, func() {}, nil
	}
	worker, err = reconcile.New(reconcile.Config{
		Gate: gate, VoidsEvery: o.void, AcknowledgeEvery: time.Second, SaveEvery: time.Second, Logger: log,
		Parallel: 1, // a process that is killed makes one call too many at most
	})
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	if kept.shared != nil {
		listener, err := kept.shared.fleet.Listener(gate)
		if err != nil {
			cancel()
			return nil, nil, err
		}
		running.Go(func() { _ = listener.Run(ctx) })
	}
	running.Go(func() { _ = worker.Run(ctx) })
	if kept.shared != nil {
		awaitFirst(gate)
	}
	return worker, func() { cancel(); running.Wait() }, nil
}
