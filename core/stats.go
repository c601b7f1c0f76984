package core

import (
	"log/slog"
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
	Workers   []WorkStats // background work, in the order in which it was announced (Gate.Work)
}

// OutboxStats is what the gate recorded in Config.Outbox, and what a worker last found there.
type OutboxStats struct {
	Intended, Delivered uint64
	Failed              uint64 // records that could not be made
	Found               DebtsFound
}

// StoreStats is what the gate counted about one store.
type StoreStats struct {
	Store StoreID
	// Calls were sent to the store client. The five that follow are how they ended, and add up to
	// it but for those under way.
	Calls                                                uint64
	Found, NotFound, Refused, Unavailable, Misconfigured uint64
	// Latency is how long the look-ups among Calls took that ended, retries of the store client included.
	Latency Latency
	// Rejected look-ups were not sent: the breaker was open, no slot came free, or the store had asked
	// for a pause.
	Rejected uint64
	// Joined checks waited for a look-up that another check had started.
	Joined uint64
	// OverBudget tokens were not looked up, because their accounts had presented too many that name no
	// purchase (Config.UnknownTokens).
	OverBudget uint64
	// WouldRefuse is how often a purchase granted something to an account only because of
	// InsecureBindingOff: its label names another account, or it has none and another account presented
	// it first, as far as memory goes back. What only an owners' registry knows is not in it, nor are
	// checks without an account.
	WouldRefuse uint64
	// InFlight is how many look-ups are under way now.
	InFlight int
	// Breaker is "closed", "half-open" or "open". BreakerSince is when that was first noticed, by a call
	// or by Stats, zero if it was never anything but closed. BreakerOpened is how often it opened, and
	// BreakerChanges are its last changes, oldest first, 32 at most.
	Breaker        string
	BreakerSince   time.Time
	BreakerOpened  uint64
	BreakerChanges []BreakerChange
	// ClockSkew is by how much the store's clock was ahead of ours when it last showed it; negative
	// when it was behind. Expiries are measured by the store's clock.
	ClockSkew time.Duration
	// Purchases, Refusals and Invalidated are how many entries memory holds: granting facts,
	// denied ones with absences, and keys under a sticky invalidation.
	Purchases, Refusals, Invalidated int
	// PurchasesEvicted and RefusalsEvicted are how many entries memory dropped because it was full
	// (Config.Memory), those among them that were too old to be used.
	PurchasesEvicted, RefusalsEvicted uint64
	// Worked is how many calls workers sent, acknowledgements and whole lists, which Calls does not count;
	// WorkFailed is how many of them failed or were held back by the breaker.
	Worked, WorkFailed uint64
	// Acknowledged is how many purchases Gate.Acknowledge acknowledged. AcknowledgedLate are those of them
	// whose deadline was less than 24 hours away, or past.
	Acknowledged, AcknowledgedLate uint64
	// Voids is how many tokens have something standing against them, and Voided how many of them were news
	// from the store's list or from Gate.Void since the gate was made.
	Voids  int
	Voided uint64
	// Client is what the store client counts itself; zero if it is no StatsReporter.
	Client ClientStats
}

// Stats returns what was counted so far. It takes locks; call it for metrics, not on requests.
func (g *Gate) Stats() Stats {
	if !g.usable() {
		return Stats{}
	}
	s := Stats{
		Decisions: g.tally.counts(), Outbox: g.state.outboxStats(), Shared: g.tier.stats(), Peers: g.peersStats(),
		Workers: g.works.stats(),
	}
	for _, b := range g.backends {
		s.Stores = append(s.Stores, b.stats())
	}
	return s
}

func (b *backend) stats() StoreStats {
	purchases, denied, marks := b.facts.Len()
	absent, _, _ := b.absences.Len()
	purchasesEvicted, deniedEvicted := b.facts.Evicted()
	absentEvicted, _ := b.absences.Evicted()
	s := StoreStats{
		Store: b.id, Calls: b.calls.Load(), Found: b.found.Load(), NotFound: b.failed[FaultNotFound].Load(),
		Refused: b.failed[FaultTokenRefused].Load(), Unavailable: b.failed[FaultUnavailable].Load(),
		Misconfigured: b.failed[FaultMisconfigured].Load(), Latency: b.latency.latency(),
		Rejected: b.rejected.Load(), Joined: b.joined.Load(), OverBudget: b.overBudget.Load(),
		WouldRefuse: b.wouldRefuse.Load(), InFlight: b.flights.InFlight(),
		// Reading the state is what ends the open one when nobody calls.
		Breaker: b.guard.breaker.State().String(), BreakerOpened: b.guard.trips.Load(), BreakerChanges: b.guard.log.last(),
		ClockSkew: time.Duration(b.skew.Load()), Purchases: purchases, Refusals: denied + absent, Invalidated: marks,
		PurchasesEvicted: purchasesEvicted, RefusalsEvicted: deniedEvicted + absentEvicted,
		Worked: b.worked.Load(), WorkFailed: b.workFailed.Load(),
		Acknowledged: b.acknowledged.Load(), AcknowledgedLate: b.acknowledgedLate.Load(),
		Voids: int(b.voids.count.Load()), Voided: b.voided.Load(), Client: b.clientStats(),
	}
	if n := len(s.BreakerChanges); n > 0 {
		s.BreakerSince = s.BreakerChanges[n-1].At
	}
	return s
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
