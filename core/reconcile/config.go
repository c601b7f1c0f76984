package reconcile

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/skugate/skugate/core"
)

// Config configures a Worker. Only Gate has no default. In every field zero means the default that the
// field documents, and where it says so negative means off.
type Config struct {
	// Gate is whose stores are followed, through its own bulkheads and breakers.
	Gate *core.Gate

	// AcknowledgeEvery is how often the outbox is looked at for what was delivered. Default: 5 s.
	// Negative: off.
	AcknowledgeEvery time.Duration
	// Parallel is how many acknowledgements are under way at once. Default: 4.
	Parallel int
	// VoidsEvery is how often the lists of voided purchases are read. Default: 1 min. Negative: off.
	VoidsEvery time.Duration
	// Overlap is by how much each reading of a list reaches into the one before: more than our clock and
	// a store's may differ, and than a store takes to list a void. Default: 24 h, as Google asks for. At
	// most 14 days.
	Overlap time.Duration
	// SweepEvery is how often the outbox is compared with the stores' own lists, old entries are dropped,
	// and what nobody delivered is reported. Default: 1 h. Negative: off.
	SweepEvery time.Duration
	// SaveEvery is how often what stores said is saved (Gate.Save). Default: 10 s. Negative: off.
	SaveEvery time.Duration

	// Turns lets one instance at a time read the lists of voids, and sweep, for all instances of a game: they
	// have to share the gate's Outbox and Voids, and to tell each other of voids (core.Config.Peers). RunOnce
	// and what Nudge asks for take no turns; a round that is another's reports nothing done. Default: none,
	// each instance does everything.
	Turns Turns

	// CallTimeout bounds one acknowledgement, and each week of a list. Default: 30 s.
	CallTimeout time.Duration
	// AlarmBefore is how long before its deadline an acknowledgement that is not made is an alarm.
	// Default: 24 h.
	AlarmBefore time.Duration

	// OnReport is told what each round did and found. It runs on the worker's goroutines, of which each
	// waits for it. Default: none.
	OnReport func(Report)
	// Logger is told what an operator must know. It never sees a token. Default: silent.
	Logger *slog.Logger
}

const (
	minEvery   = 10 * time.Millisecond
	maxEvery   = 24 * time.Hour
	maxOverlap = 14 * 24 * time.Hour
)

func orDefault[T int | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// withDefaults fills a copy in, and reports all that is wrong with it.
func (c Config) withDefaults() (Config, error) {
	c.AcknowledgeEvery = orDefault(c.AcknowledgeEvery, 5*time.Second)
	c.Parallel = orDefault(c.Parallel, 4)
	c.VoidsEvery = orDefault(c.VoidsEvery, time.Minute)
	c.Overlap = orDefault(c.Overlap, 24*time.Hour)
	c.SweepEvery = orDefault(c.SweepEvery, time.Hour)
	c.SaveEvery = orDefault(c.SaveEvery, 10*time.Second)
	c.CallTimeout = orDefault(c.CallTimeout, 30*time.Second)
	c.AlarmBefore = orDefault(c.AlarmBefore, 24*time.Hour)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}

	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("reconcile: Config."+format, args...))
	}
	span := func(name string, d, least, most time.Duration) {
		if d < least || d > most {
			fault("%s is %v; it must be from %v to %v", name, d, least, most)
		}
	}
	if len(c.Gate.Stores()) == 0 {
		fault("Gate is nil or was not made by core.New")
	}
	for name, every := range map[string]time.Duration{
		"AcknowledgeEvery": c.AcknowledgeEvery, "VoidsEvery": c.VoidsEvery, "SweepEvery": c.SweepEvery, "SaveEvery": c.SaveEvery,
	} {
		if every > 0 {
			span(name, every, minEvery, maxEvery)
		}
	}
	span("Overlap", c.Overlap, time.Minute, maxOverlap)
	span("CallTimeout", c.CallTimeout, minEvery, time.Hour)
	span("AlarmBefore", c.AlarmBefore, time.Minute, core.AcknowledgeWithin)
	if c.Parallel < 1 || c.Parallel > 64 {
		fault("Parallel is %d; it must be from 1 to 64", c.Parallel)
	}
	return c, errors.Join(faults...)
}
