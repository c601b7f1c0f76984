package status

import (
	"time"

	"github.com/skugate/skugate/core"
)

// storeOf sums up how the n-th store did.
func storeOf(samples []*sample, n int) Store {
	then, now := &samples[0].stats.Stores[n], &samples[len(samples)-1].stats.Stores[n]
	return Store{
		Store: now.Store, Breaker: now.Breaker, BreakerSince: now.BreakerSince, BreakerOpened: now.BreakerOpened - then.BreakerOpened,
		Spans: spans(samples, n), PausedUntil: now.Client.PausedUntil,
		Calls: now.Calls - then.Calls, Found: now.Found - then.Found, NotFound: now.NotFound - then.NotFound, Refused: now.Refused - then.Refused,
		Unavailable: now.Unavailable - then.Unavailable, Misconfigured: now.Misconfigured - then.Misconfigured, Rejected: now.Rejected - then.Rejected,
		Joined: now.Joined - then.Joined, Retries: now.Client.Retries - then.Client.Retries, OverBudget: now.OverBudget - then.OverBudget,
		Latency:  latencyOf(&then.Latency, &now.Latency),
		InFlight: now.InFlight, ClockSkew: now.ClockSkew, Purchases: now.Purchases, Refusals: now.Refusals, Invalidated: now.Invalidated,
		Voids: now.Voids, Evicted: now.PurchasesEvicted + now.RefusalsEvicted - then.PurchasesEvicted - then.RefusalsEvicted,
	}
}

// maxChanges is how many changes of a breaker core remembers (core.StoreStats.BreakerChanges).
const maxChanges = 32

// spans cuts the time of the samples at the changes of the n-th store's breaker. What happened between two
// samples is unknown where there were more changes than are remembered.
func spans(samples []*sample, n int) []Span {
	all := []Span{}
	add := func(from, to time.Time, state string) {
		if last := len(all) - 1; last >= 0 && all[last].State == state {
			all[last].To = to
		} else if to.After(from) || last < 0 {
			all = append(all, Span{from, to, state})
		}
	}
	for i, s := range samples[1:] {
		begin, state := samples[i].at, samples[i].stats.Stores[n].Breaker
		changes := s.stats.Stores[n].BreakerChanges
		if len(changes) == maxChanges && changes[0].At.After(begin) {
			state = "unknown"
		}
		for _, c := range changes {
			if c.At.After(begin) {
				add(begin, c.At, state)
				begin, state = c.At, c.To
			}
		}
		add(begin, s.at, state)
	}
	if len(all) == 0 { // nothing but one sample
		all = append(all, Span{samples[0].at, samples[0].at, samples[0].stats.Stores[n].Breaker})
	}
	return all
}

func latencyOf(then, now *core.Latency) Latency {
	l := Latency{Buckets: make([]Bucket, len(now.Counts))}
	var calls uint64
	for i := range now.Counts {
		b := &l.Buckets[i]
		if b.Count = now.Counts[i] - then.Counts[i]; i < len(now.Bounds) {
			b.UpTo = now.Bounds[i]
		}
		calls += b.Count
	}
	if calls > 0 {
		l.Mean = (now.Sum - then.Sum) / time.Duration(calls)
		l.P50, l.P95 = quantile(l.Buckets, calls, 50), quantile(l.Buckets, calls, 95)
	}
	return l
}

// quantile is the upper end of the bucket in which the percent-th part of the calls is reached.
func quantile(buckets []Bucket, calls, percent uint64) time.Duration {
	var sum uint64
	for _, b := range buckets {
		if sum += b.Count; sum*100 >= calls*percent {
			return b.UpTo
		}
	}
	return 0
}
