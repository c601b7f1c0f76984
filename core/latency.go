package core

import (
	"sync/atomic"
	"time"
)

// Latency is a histogram of how long calls took.
type Latency struct {
	// Bounds are the upper ends of the buckets, inside, in rising order. Read-only.
	Bounds []time.Duration
	// Counts is how many calls fell into each bucket, and last how many took longer than all bounds.
	Counts []uint64
	// Sum is how long all of them took together.
	Sum time.Duration
}

// Count is how many calls there were.
func (l *Latency) Count() uint64 {
	var n uint64
	for _, c := range l.Counts {
		n += c
	}
	return n
}

// Mean is how long a call took on average, 0 if there was none.
func (l *Latency) Mean() time.Duration {
	if n := l.Count(); n > 0 {
		return l.Sum / time.Duration(n)
	}
	return 0
}

// latencyBounds reach from a store next door to one that uses up the longest Config.Timeout.
var latencyBounds = [...]time.Duration{
	5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond,
	250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// stopwatch is a Latency that is being counted.
type stopwatch struct {
	counts [len(latencyBounds) + 1]atomic.Uint64
	sum    atomic.Int64
}

func (s *stopwatch) note(took time.Duration) {
	i := 0
	for i < len(latencyBounds) && took > latencyBounds[i] {
		i++
	}
	s.counts[i].Add(1)
	s.sum.Add(int64(took))
}

func (s *stopwatch) latency() Latency {
	l := Latency{Bounds: latencyBounds[:], Counts: make([]uint64, len(s.counts)), Sum: time.Duration(s.sum.Load())}
	for i := range s.counts {
		l.Counts[i] = s.counts[i].Load()
	}
	return l
}
