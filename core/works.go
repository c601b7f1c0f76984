package core

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Work is one kind of background work, as Stats and Health show it. All methods are safe for concurrent
// use.
type Work struct {
	mu       sync.Mutex
	stats    WorkStats
	promised time.Time
	under    int // way, of runs
}

// WorkStats is how one kind of background work goes.
type WorkStats struct {
	Name string
	// Every is how often it is done, zero if nobody promised that.
	Every time.Duration
	// Runs ended, and Failed of them did so with an error. Running tells whether one is under way.
	Runs, Failed uint64
	Running      bool
	// Began is when the last run began, and Took how long the last one took that ended. Succeeded is when
	// one last ended well. Zero: none yet.
	Began     time.Time
	Took      time.Duration
	Succeeded time.Time
	// Fault is why the last run that ended failed: the Reason of a *StoreError, "deadline_exceeded",
	// "canceled", or "error". Empty if it ended well.
	Fault string
}

// DebtsFound is what a worker last found in Config.Outbox near its deadline.
type DebtsFound struct {
	At time.Time // when it looked; zero: never
	// Undelivered purchases are paid for and were not delivered; Overdue ones were delivered and could not
	// be acknowledged; Abandoned ones were refused by their stores for good. Their stores cancel them all.
	Undelivered, Overdue, Abandoned int
}

// Work announces background work on the gate's behalf, under a name that is the same in every run of the
// program: it becomes a label of metrics. The same name is the same Work.
func (g *Gate) Work(name string) *Work {
	if !g.usable() {
		return &Work{}
	}
	return g.works.named(name)
}

// Promise says that the work is done every so often from now on, so that its absence can be told. Zero or
// less takes the promise back.
func (w *Work) Promise(every time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Every, w.promised = max(every, 0), time.Now()
}

// Begin notes that a run begins. Call ended when it has ended, with what went wrong in it.
func (w *Work) Begin() (ended func(error)) {
	began := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.under++
	w.stats.Running, w.stats.Began = true, began
	return func(err error) {
		now := time.Now()
		w.mu.Lock()
		defer w.mu.Unlock()
		w.under--
		w.stats.Running = w.under > 0
		w.stats.Runs++
		w.stats.Took, w.stats.Fault = now.Sub(began), faultName(err)
		if err != nil {
			w.stats.Failed++
			return
		}
		w.stats.Succeeded = now
	}
}

// faultName is an error as a label.
func faultName(err error) string {
	var se *StoreError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &se):
		return string(se.reason())
	case errors.Is(err, context.DeadlineExceeded):
		return "deadline_exceeded"
	case errors.Is(err, context.Canceled):
		return "canceled"
	default:
		return "error"
	}
}

func (w *Work) now() (WorkStats, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stats, w.promised
}

// works is the background work that was announced.
type works struct {
	mu  sync.Mutex
	all []*Work
}

func (ws *works) named(name string) *Work {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, w := range ws.all {
		if w.stats.Name == name { // it never changes
			return w
		}
	}
	w := &Work{stats: WorkStats{Name: name}}
	ws.all = append(ws.all, w)
	return w
}

func (ws *works) list() []*Work {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return slices.Clone(ws.all)
}

func (ws *works) stats() []WorkStats {
	var all []WorkStats
	for _, w := range ws.list() {
		s, _ := w.now()
		all = append(all, s)
	}
	return all
}

// FoundDebts takes in what a worker found in Config.Outbox, for Stats and Health.
func (g *Gate) FoundDebts(d DebtsFound) {
	if g.usable() {
		g.state.found.Store(&d)
	}
}
