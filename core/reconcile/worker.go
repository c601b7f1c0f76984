package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/core"
)

// Worker keeps a gate and its stores in step. Make it with New, and let one goroutine call Run, or a cron
// RunOnce. All methods are safe for concurrent use.
type Worker struct {
	config  Config
	gate    *core.Gate
	log     *slog.Logger
	jobs    []*job
	running atomic.Bool
	lists   map[core.StoreID]*list // empty if they are not followed; otherwise the first job follows them
}

// job is one kind of work. It is done by one at a time.
type job struct {
	what   string
	every  time.Duration
	do     func(context.Context) (Report, error)
	turn   chan struct{} // holds a token while somebody does it
	work   *core.Work
	shared bool // with Config.Turns: one instance does it for all
	begun  bool // this instance has done what it must do itself
}

// New makes a worker. It reports every fault of the configuration at once, makes no call and starts
// nothing. From now on the gate is not Ready until the list of voids of each store was read, unless
// Config.Voids of the gate knows how far it was read before.
func New(config Config) (*Worker, error) {
	c, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	w := &Worker{config: c, gate: c.Gate, log: c.Logger, lists: map[core.StoreID]*list{}}
	for _, j := range []*job{
		{
			what: "voids", every: c.VoidsEvery, do: func(ctx context.Context) (Report, error) { return w.follow(ctx, c.Gate.Stores()...) },
			shared: true, // once each by itself, to catch up
		},
		{what: "acknowledgements", every: c.AcknowledgeEvery, do: w.acknowledge}, // Outbox.Take shares them
		{what: "sweep", every: c.SweepEvery, do: w.sweep, shared: true, begun: true},
		{what: "facts", every: c.SaveEvery, do: func(ctx context.Context) (Report, error) { return Report{}, c.Gate.Save(ctx) }},
	} {
		if j.every > 0 {
			j.turn = make(chan struct{}, 1)
			j.work = c.Gate.Work(j.what)
			w.jobs = append(w.jobs, j)
		}
	}
	if c.VoidsEvery > 0 {
		for _, store := range c.Gate.Stores() {
			w.lists[store] = &list{
				caughtUp: c.Gate.Await(fmt.Sprintf("the voided purchases of the store %q were not read yet", store)),
				nudged:   make(chan struct{}, 1), leave: newLeave(),
			}
		}
	}
	return w, nil
}

var errRunning = errors.New("reconcile: Run is running already")

// Run works until ctx ends, and then returns nil, when the calls under way have ended. What fails is
// tried again, logged and reported, and never ends it. It fits an errgroup:
//
//	g.Go(func() error { return worker.Run(ctx) })
func (w *Worker) Run(ctx context.Context) error {
	if !w.running.CompareAndSwap(false, true) {
		return errRunning
	}
	defer w.running.Store(false)
	var wg sync.WaitGroup
	for _, j := range w.jobs {
		wg.Go(func() { w.repeat(ctx, j) })
	}
	for store, l := range w.lists {
		wg.Go(func() { w.heed(ctx, w.jobs[0], store, l) })
	}
	wg.Wait()
	return nil
}

// RunOnce does everything once and returns what it did and found, for a cron. The error joins what
// failed; what did not fail is done all the same.
func (w *Worker) RunOnce(ctx context.Context) (Report, error) {
	var all Report
	var faults []error
	for _, j := range w.jobs {
		r, err := w.round(ctx, j, j.do)
		all.add(r)
		if err != nil {
			faults = append(faults, fmt.Errorf("reconcile: %s: %w", j.what, err))
		}
	}
	return all, errors.Join(faults...)
}

// repeat does a job now, and then again and again. Instances that were started together drift apart.
func (w *Worker) repeat(ctx context.Context, j *job) {
	j.work.Promise(j.every)
	defer j.work.Promise(0)
	for ctx.Err() == nil {
		w.try(ctx, j, func(ctx context.Context) (Report, error) { return w.inTurn(ctx, j) })
		pause(ctx, jitter(j.every))
	}
}

// pause waits, and tells whether ctx let it.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// try does a round that is made again if it fails.
func (w *Worker) try(ctx context.Context, j *job, do func(context.Context) (Report, error)) Report {
	r, err := w.round(ctx, j, do)
	if err != nil && ctx.Err() == nil {
		w.log.Warn("skugate: background work failed and is tried again", slog.String("work", j.what), slog.Any("error", err))
	}
	return r
}

// jitter is d, give or take a tenth.
func jitter(d time.Duration) time.Duration { return d - d/10 + rand.N(d/5+1) }

// round does a job, or a part of it, once. A panic, of a hook or a store client, fails the round and nothing
// else.
func (w *Worker) round(ctx context.Context, j *job, do func(context.Context) (Report, error)) (r Report, err error) {
	select {
	case j.turn <- struct{}{}:
		defer func() { <-j.turn }()
	case <-ctx.Done():
		return r, context.Cause(ctx)
	}
	ended := j.work.Begin()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("a panic with a %T", v)
			w.log.Error("skugate: a panic was contained", slog.String("where", j.what), slog.Any("error", err), slog.String("stack", string(debug.Stack())))
		}
		ended(err)
	}()
	r, err = do(ctx)
	if w.config.OnReport != nil {
		w.config.OnReport(r)
	}
	return r, err
}
