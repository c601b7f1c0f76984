package status

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/skugate/skugate/core"
)

// maxProducts is how many products the page lists.
const maxProducts = 20

// healthWait is how long a page waits for what the gate's health depends on.
const healthWait = 2 * time.Second

// report tells how the gate is, and sums up what happened from the first sample to the last.
func (p *Page) report(ctx context.Context, samples []*sample) *Report {
	first, last := samples[0], samples[len(samples)-1]
	r := &Report{
		Title: p.config.Title, At: last.at, From: first.at, Intervals: intervals(samples),
		Findings: []Finding{}, Requirements: []RequirementMode{}, Stores: []Store{}, Workers: []Worker{},
	}
	ctx, cancel := context.WithTimeout(ctx, healthWait)
	defer cancel()
	health := p.config.Gate.Health(ctx)
	r.Health = health.State.String()
	for _, f := range health.Findings {
		r.Findings = append(r.Findings, Finding{f.What, f.Store, f.State.String(), f.Detail, f.Since})
	}
	r.addWays(first, last)
	r.Products = products(first, last)
	for _, q := range p.config.Requirements {
		m := p.config.Gate.Mode(q)
		r.Requirements = append(r.Requirements, RequirementMode{q.String(), m.String(), m.Until()})
	}
	for i := range last.stats.Stores {
		r.Stores = append(r.Stores, storeOf(samples, i))
	}
	for _, w := range last.stats.Workers {
		r.Workers = append(r.Workers, Worker{
			Name: w.Name, Every: w.Every, Runs: w.Runs, Failed: w.Failed, Running: w.Running,
			Began: w.Began, Took: w.Took, Succeeded: w.Succeeded, Fault: w.Fault,
		})
	}
	then, now := first.stats.Outbox, last.stats.Outbox
	r.Outbox = Outbox{
		Intended: now.Intended - then.Intended, Delivered: now.Delivered - then.Delivered, Failed: now.Failed - then.Failed,
		LookedAt: now.Found.At, Undelivered: now.Found.Undelivered, Overdue: now.Found.Overdue, Abandoned: now.Found.Abandoned,
	}
	return r
}

func intervals(samples []*sample) []Interval {
	all := []Interval{}
	was, facts, memory := samples[0].outcomes()
	for i, s := range samples[1:] {
		o, f, m := s.outcomes()
		all = append(all, Interval{From: samples[i].at, To: s.at, Outcomes: o.since(was), Facts: f - facts, Memory: m - memory})
		was, facts, memory = o, f, m
	}
	return all
}

// addWays sums up by outcome, reason and source.
func (r *Report) addWays(first, last *sample) {
	denied, open := map[core.Reason]uint64{}, map[core.Reason]uint64{}
	var facts, memory uint64
	for w, n := range last.ways {
		if n -= first.ways[w]; n == 0 {
			continue
		}
		r.add(w.outcome, n)
		switch w.outcome {
		case core.Denied:
			denied[w.reason] += n
		case core.Undetermined:
			open[w.reason] += n
		}
		if w.source != "" {
			facts += n
		}
		if w.source == core.SourceMemory {
			memory += n
		}
		r.Lenient.add(w, n)
	}
	if facts > 0 {
		ratio := float64(memory) / float64(facts)
		r.HitRatio = &ratio
	}
	r.DeniedFor, r.UndeterminedFor = ranked(denied), ranked(open)
}

func (l *Lenient) add(w way, n uint64) {
	switch granted := w.outcome == core.Granted; {
	case !granted && w.mode == core.Shadow().String():
		l.Shadow += n
	case !granted:
	case w.source == core.SourceStale:
		l.Stale += n
	case w.source == core.SourceOutage:
		l.Outage += n
	case w.source == core.SourceHoldOpen:
		l.HeldOpen += n
	case w.source == core.SourceOverride:
		l.Override += n
	}
}

func ranked(counts map[core.Reason]uint64) []ReasonCount {
	all := []ReasonCount{}
	for reason, n := range counts {
		all = append(all, ReasonCount{reason, n})
	}
	slices.SortFunc(all, func(a, b ReasonCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return all
}

func products(first, last *sample) []ProductCount {
	all := []ProductCount{}
	for p, o := range last.products {
		if o = o.since(first.products[p]); o.Decisions() > 0 {
			all = append(all, ProductCount{p.store, p.id, o})
		}
	}
	slices.SortFunc(all, func(a, b ProductCount) int {
		return cmp.Or(cmp.Compare(b.Decisions(), a.Decisions()), cmp.Compare(a.Store, b.Store), cmp.Compare(a.Product, b.Product))
	})
	return all[:min(len(all), maxProducts)]
}
