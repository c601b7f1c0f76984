package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/reconcile"
	"github.com/skugate/skugate/core/statefile"
)

// state is the durable state, if there is one: a file of the host's own, or what hosts share. With both, the
// file has the facts and hosts share the rest.
type state struct {
	file   *statefile.File
	shared *shared
}

func openState(o *options, log *slog.Logger) (s state, err error) {
	if s.shared, err = join(o, log); err != nil || o.state == "" {
		return s, err
	}
	s.file, err = statefile.Open(filepath.Join(o.state, "skugate.db"), statefile.Options{})
	if err != nil {
		return s, errors.Join(err, s.shared.Close())
	}
	return s, nil
}

// configure gives a gate the state.
func (s *state) configure(c *core.Config) {
	if s.file != nil {
		c.Owners, c.Outbox, c.Voids, c.Facts = s.file.Owners(), s.file.Outbox(), s.file.Voids(), s.file.Facts()
	}
	if s.shared != nil {
		s.shared.configure(c)
	}
}

// Close closes the state, if there is one.
func (s *state) Close() error {
	var err error
	if s.file != nil {
		err = s.file.Close()
	}
	return errors.Join(err, s.shared.Close())
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
