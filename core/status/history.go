package status

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/skugate/skugate/core"
)

// history remembers the gate's counters as they were, as far back as the page looks.
type history struct {
	gate        *core.Gate
	reach, step time.Duration

	mu      sync.Mutex
	samples []*sample // oldest first; the first one is where the window begins
}

// steps is how many samples a window has.
const steps = 60

func newHistory(gate *core.Gate, reach time.Duration) *history {
	return &history{gate: gate, reach: reach, step: reach / steps}
}

// take reads the counters and returns what is remembered, those just read last. They are remembered unless
// others were read less than half a step ago, so that views in any number take no more room.
func (h *history) take(now time.Time) []*sample {
	h.mu.Lock()
	defer h.mu.Unlock()
	live := newSample(now, h.gate.Stats())
	for len(h.samples) > 1 && now.Sub(h.samples[1].at) >= h.reach {
		h.samples = h.samples[1:]
	}
	if n := len(h.samples); n > 0 && now.Sub(h.samples[n-1].at) < h.step/2 {
		return append(slices.Clone(h.samples), live)
	}
	h.samples = append(h.samples, live)
	return slices.Clone(h.samples)
}

// run takes a sample each step.
func (h *history) run(ctx context.Context) {
	tick := time.NewTicker(h.step)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			h.take(time.Now())
		case <-ctx.Done():
			return
		}
	}
}

// sample is the gate's counters at one instant. Decisions are summed up by way and by product, of each of
// which there is a limited number; of all combinations there are more than are worth remembering.
type sample struct {
	at       time.Time
	ways     map[way]uint64
	products map[product]Outcomes
	stats    core.Stats // without Decisions
}

// way is how a check ended.
type way struct {
	outcome core.Outcome
	reason  core.Reason
	source  core.Source
	mode    string
}

type product struct {
	store core.StoreID
	id    string
}

func newSample(at time.Time, stats core.Stats) *sample {
	s := &sample{at: at, ways: map[way]uint64{}, products: map[product]Outcomes{}, stats: stats}
	for _, d := range stats.Decisions {
		s.ways[way{d.Outcome, d.Reason, d.Source, d.Mode}] += d.Count
		p := product{d.Store, d.Product}
		o := s.products[p]
		o.add(d.Outcome, d.Count)
		s.products[p] = o
	}
	s.stats.Decisions = nil
	return s
}

// outcomes sums up the decisions, and how many of them rest on facts, and on those in memory.
func (s *sample) outcomes() (o Outcomes, facts, memory uint64) {
	for w, n := range s.ways {
		o.add(w.outcome, n)
		if w.source != "" {
			facts += n
		}
		if w.source == core.SourceMemory {
			memory += n
		}
	}
	return o, facts, memory
}
