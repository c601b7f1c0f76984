package core

import (
	"cmp"
	"log/slog"
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Stats is what a gate counted since it was made. It holds no token, no account and no secret, and
// its labels come from the configuration and from this package alone.
type Stats struct {
	Decisions []DecisionCount // each combination that occurred, in a stable order
	Stores    []StoreStats    // in the order of Config.Stores
	Outbox    OutboxStats
	Shared    SharedStats
	Peers     PeersStats
}

// OutboxStats is what the gate recorded in Config.Outbox.
type OutboxStats struct {
	Intended, Delivered uint64
	Failed              uint64 // records that could not be made
}

// DecisionCount is how often checks ended in one way. Hits are those with SourceMemory.
type DecisionCount struct {
	Outcome Outcome
	Reason  Reason
	Source  Source
	Mode    string // "normal", "shadow" or "hold_open"
	Count   uint64
}

// StoreStats is what the gate counted about one store.
type StoreStats struct {
	Store StoreID
	// Calls were sent to the store client. The five that follow are how they ended, and add up to
	// it but for those under way.
	Calls                                                uint64
	Found, NotFound, Refused, Unavailable, Misconfigured uint64
	// Rejected look-ups were not sent: the breaker was open, no slot came free, or the store had asked
	// for a pause.
	Rejected uint64
	// Joined checks waited for a look-up that another check had started.
	Joined uint64
	// WouldRefuse is how often a purchase granted something to an account only because of
	// InsecureBindingOff: its label names another account, or it has none and another account presented
	// it first, as far as memory goes back. What only an owners' registry knows is not in it, nor are
	// checks without an account.
	WouldRefuse uint64
	// InFlight is how many look-ups are under way now.
	InFlight int
	// Breaker is "closed", "half-open" or "open". BreakerSince is when that was first noticed, by a call
	// or by Stats, zero if it was never anything but closed. BreakerOpened is how often it opened.
	Breaker       string
	BreakerSince  time.Time
	BreakerOpened uint64
	// ClockSkew is by how much the store's clock was ahead of ours when it last showed it; negative
	// when it was behind. Expiries are measured by the store's clock.
	ClockSkew time.Duration
	// Purchases, Refusals and Invalidated are how many entries memory holds: granting facts,
	// denied ones with absences, and keys under a sticky invalidation.
	Purchases, Refusals, Invalidated int
	// Worked is how many calls workers sent, acknowledgements and whole lists, which Calls does not count;
	// WorkFailed is how many of them failed or were held back by the breaker.
	Worked, WorkFailed uint64
	// Voids is how many tokens have something standing against them.
	Voids int
	// Client is what the store client counts itself; zero if it is no StatsReporter.
	Client ClientStats
}

// Stats returns what was counted so far. It takes locks; call it for metrics, not on requests.
func (g *Gate) Stats() Stats {
	if !g.usable() {
		return Stats{}
	}
	s := Stats{Decisions: g.tally.counts(), Outbox: g.state.outboxStats(), Shared: g.tier.stats(), Peers: g.peersStats()}
	for _, b := range g.backends {
		s.Stores = append(s.Stores, b.stats())
	}
	return s
}

func (b *backend) stats() StoreStats {
	purchases, denied, marks := b.facts.Len()
	absent, _, _ := b.absences.Len()
	state := b.guard.breaker.State().String() // reading it is what ends the open state when nobody calls
	return StoreStats{
		Store: b.id, Calls: b.calls.Load(), Found: b.found.Load(), NotFound: b.failed[FaultNotFound].Load(),
		Refused: b.failed[FaultTokenRefused].Load(), Unavailable: b.failed[FaultUnavailable].Load(),
		Misconfigured: b.failed[FaultMisconfigured].Load(), Rejected: b.rejected.Load(), Joined: b.joined.Load(),
		WouldRefuse: b.wouldRefuse.Load(), InFlight: b.flights.InFlight(), Breaker: state, BreakerSince: b.guard.since(), BreakerOpened: b.guard.trips.Load(),
		ClockSkew: time.Duration(b.skew.Load()), Purchases: purchases, Refusals: denied + absent, Invalidated: marks, Voids: int(b.voids.count.Load()),
		Worked: b.worked.Load(), WorkFailed: b.workFailed.Load(), Client: b.clientStats(),
	}
}

// clientStats is what the store client counts, nothing if it panics.
func (b *backend) clientStats() (s ClientStats) {
	defer func() {
		if v := recover(); v != nil {
			s = ClientStats{}
			b.alarm(slog.LevelError, "a panic was contained", ReasonPanicked, &panicError{"StatsReporter.ClientStats", typeName(v)})
		}
	}()
	if r, ok := b.store.(StatsReporter); ok {
		return r.ClientStats()
	}
	return s
}

// counted is what a backend counts.
type counted struct {
	calls, found, rejected, joined atomic.Uint64
	worked, workFailed             atomic.Uint64
	wouldRefuse                    atomic.Uint64
	skew                           atomic.Int64 // the last one measured
	failed                         [FaultTokenRefused + 1]atomic.Uint64
}

// allUnknown is after how many answers "no such purchase", without one purchase found, something is more
// likely wrong with us than with the tokens.
const allUnknown = 50

func (b *backend) countFailure(se *StoreError) {
	switch se.reason() {
	case ReasonBreakerOpen, ReasonOverloaded, ReasonStorePaused:
		b.rejected.Add(1)
		return
	}
	fault := se.Fault
	if fault > FaultTokenRefused { // a fault that nobody defined decides nothing either
		fault = FaultUnavailable
	}
	n := b.failed[fault].Add(1)
	if se.Fault == FaultNotFound && n >= allUnknown && b.found.Load() == 0 {
		b.alarm(slog.LevelError, "the store knows none of the purchase tokens so far: is the market, the environment or a product's kind wrong?",
			"everything_not_found", se, slog.String("market", b.info.Market), slog.String("environment", b.info.Environment), slog.String("application", b.info.Application))
	}
}

// tally counts decisions without a cache line that two cores fight over: each processor counts in a shard
// of its own, as long as the pool remembers which.
type tally struct {
	shards []tallyShard // a power of two
	next   atomic.Uint32
	pool   sync.Pool // *tallyShard
	mu     sync.Mutex
	kinds  sync.Map // DecisionCount with Count 0 -> int
	names  []DecisionCount
}

// maxKinds is far above the combinations that exist. What would exceed it is counted as one kind.
const maxKinds = 512

type tallyShard struct {
	n [maxKinds]atomic.Uint64
}

func newTally() *tally {
	n := min(2<<bits.Len(uint(runtime.GOMAXPROCS(0)-1)), 64)
	return &tally{shards: make([]tallyShard, n)}
}

// kind numbers a combination.
func (t *tally) kind(d *Decision, mode string) int {
	name := DecisionCount{Outcome: d.Outcome, Reason: d.Reason, Source: d.Source, Mode: mode}
	if k, ok := t.kinds.Load(name); ok {
		return k.(int)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if k, ok := t.kinds.Load(name); ok {
		return k.(int)
	}
	if len(t.names) == maxKinds-1 { // a Rule of the embedder's invents reasons
		name = DecisionCount{Reason: "other"}
	}
	if len(t.names) < maxKinds {
		t.names = append(t.names, name)
	}
	k := len(t.names) - 1
	if k < maxKinds-1 {
		t.kinds.Store(name, k)
	}
	return k
}

func (t *tally) count(kind int) {
	s, _ := t.pool.Get().(*tallyShard)
	if s == nil {
		s = &t.shards[t.next.Add(1)&uint32(len(t.shards)-1)]
	}
	s.n[kind].Add(1)
	t.pool.Put(s)
}

func (t *tally) counts() []DecisionCount {
	t.mu.Lock()
	counts := slices.Clone(t.names)
	t.mu.Unlock()
	for i := range counts {
		for s := range t.shards {
			counts[i].Count += t.shards[s].n[i].Load()
		}
	}
	counts = slices.DeleteFunc(counts, func(c DecisionCount) bool { return c.Count == 0 })
	slices.SortFunc(counts, func(a, b DecisionCount) int {
		return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), strings.Compare(string(a.Reason), string(b.Reason)),
			strings.Compare(string(a.Source), string(b.Source)), strings.Compare(a.Mode, b.Mode))
	})
	return counts
}
