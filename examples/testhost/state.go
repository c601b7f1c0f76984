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

// state is the durable state, if there is one.
type state struct{ *statefile.File }

func openState(o *options) (state, error) {
	if o.state == "" {
		return state{}, nil
	}
	f, err := statefile.Open(filepath.Join(o.state, "skugate.db"), statefile.Options{})
	return state{f}, err
}

// Close closes the state, if there is one.
func (s state) Close() error {
	if s.File == nil {
		return nil
	}
	return s.File.Close()
}

// work starts the background work; there is no worker if neither a state nor the list of voids is asked for.
// stop ends it, and may be called again.
func work(o *options, gate *core.Gate, log *slog.Logger) (worker *reconcile.Worker, stop func(), err error) {
	if o.state == "" && o.void == 0 {
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
	running.Go(func() { _ = worker.Run(ctx) })
	return worker, func() { cancel(); running.Wait() }, nil
}
