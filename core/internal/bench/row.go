package main

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
)

// row is one thing that is measured, against a row of the same run.
type row struct {
	name  string
	bench func(b *testing.B)
	bare  string // what is taken off first: the same framework with nothing in front of the handler
	base  string // what the rest is divided by
	goal  string // of the ratio, as printed

	ns            []float64
	allocs, bytes int64
}

// measure runs every row once a round, so that what else the machine does hits all alike.
func measure(rows []*row, s settings) error {
	rows = wanted(rows, s)
	for range s.rounds {
		for _, r := range rows {
			res := testing.Benchmark(r.bench)
			if res.N == 0 {
				return fmt.Errorf("%s failed", r.name)
			}
			r.ns = append(r.ns, float64(res.T.Nanoseconds())/float64(res.N))
			r.allocs, r.bytes = res.AllocsPerOp(), res.AllocedBytesPerOp()
		}
	}
	return nil
}

// wanted drops the rows that -only leaves out, except what the others are compared with.
func wanted(rows []*row, s settings) []*row {
	keep := map[string]bool{}
	for _, r := range rows {
		if s.only.MatchString(r.name) {
			keep[r.name] = true
		}
	}
	for changed := true; changed; {
		changed = false
		for _, r := range rows {
			if !keep[r.name] {
				continue
			}
			for _, other := range []string{r.bare, r.base} {
				if other != "" && !keep[other] {
					keep[other], changed = true, true
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r *row) bool { return !keep[r.name] })
}

// median of the rounds, 0 if the row did not run.
func (r *row) median() float64 { return median(r.ns) }

func median(xs []float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	xs = slices.Sorted(slices.Values(xs))
	return xs[len(xs)/2]
}

// lower quartile of the rounds: where a neighbour's burst counts double.
func (r *row) lower() float64 {
	if len(r.ns) == 0 {
		return 0
	}
	xs := slices.Sorted(slices.Values(r.ns))
	return xs[len(xs)/4]
}

// show prints the rows: the ratio to the base, then what it was made of.
func show(rows []*row, of string, s settings) error {
	byName := map[string]*row{}
	for _, r := range rows {
		byName[r.name] = r
	}
	t := newGrid(s.markdown, "", of, "goal", "ns", "least", "allocs", "B")
	for _, r := range rows {
		if len(r.ns) == 0 {
			continue
		}
		ratio := ""
		if base := byName[r.base]; base != nil {
			if over := base.over(byName); over > 0 {
				ratio = strconv.FormatFloat(r.over(byName)/over, 'f', 2, 64)
			}
		}
		bare := r.bareOf(byName)
		t.add(r.name, ratio, r.goal, fmt.Sprintf("%.0f", r.over(byName)), fmt.Sprintf("%.0f", least(r)-least(bare)),
			signed(r.allocs-bare.allocs), signed(r.bytes-bare.bytes))
	}
	return t.flush()
}

func (r *row) bareOf(rows map[string]*row) *row {
	if b := rows[r.bare]; b != nil {
		return b
	}
	return &row{}
}

// over is the time over the bare framework's.
func (r *row) over(rows map[string]*row) float64 { return r.median() - r.bareOf(rows).median() }

func signed(n int64) string {
	if n == 0 {
		return "0"
	}
	return fmt.Sprintf("%+d", n)
}

// least is the quickest round, which a busy machine disturbs last.
func least(r *row) float64 {
	if len(r.ns) == 0 {
		return 0
	}
	return slices.Min(r.ns)
}
