package rest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultPause is for a store that wants to be left alone and does not say how long, and how long
// those who come while one call tries whether a pause is over are told to wait.
const DefaultPause = time.Second

// ErrPaused is matched by a *Paused.
var ErrPaused = errors.New("not called: the store wants to be left alone")

// Paused is the error of a call that was not made, because the store wants to be left alone.
type Paused struct {
	Remaining time.Duration // when to try again, at most MaxRetryAfter
}

// Error implements error.
func (e *Paused) Error() string {
	return fmt.Sprintf("%v for %v more", ErrPaused, e.Remaining.Round(time.Millisecond))
}

// Unwrap returns ErrPaused.
func (e *Paused) Unwrap() error { return ErrPaused }

// pause is a pause that a store asked for. The zero pause is none.
type pause struct {
	on atomic.Bool // false: there is none, and no lock is needed to know

	mu      sync.Mutex
	until   time.Time
	probing bool // the one call after the end is under way
}

// enter lets a call through, perhaps as the one that probes, or says how long to wait. Whoever
// probes must leave.
func (p *pause) enter(now time.Time) (probe bool, remaining time.Duration) {
	if !p.on.Load() {
		return false, 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.on.Load():
		return false, 0
	case p.until.After(now):
		return false, p.until.Sub(now)
	case p.probing:
		return false, DefaultPause
	}
	p.probing = true
	return true, 0
}

// leave ends a probe; over ends the pause with it, unless another call extended it meanwhile.
func (p *pause) leave(over bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.probing = false
	if over && !p.until.After(time.Now()) {
		p.on.Store(false)
	}
}

// extend makes the pause last until d from now at least. Nothing shortens one.
func (p *pause) extend(now time.Time, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := now.Add(min(d, MaxRetryAfter)); !p.on.Load() || until.After(p.until) {
		p.until = until
	}
	p.on.Store(true)
}

// end is when the pause in force ends, zero if there is none.
func (p *pause) end(now time.Time) time.Time {
	if !p.on.Load() {
		return time.Time{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.on.Load() || !p.until.After(now) {
		return time.Time{}
	}
	return p.until
}
