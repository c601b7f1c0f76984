package rest

import (
	"sync"
	"time"
)

// Clock is a store's own clock, as far as its answers show it. What it tells is never ahead of the
// store, behind it by a second at most plus the time that an answer takes, and untouched by a step of
// the local clock. The zero Clock is ready; it is safe for concurrent use.
type Clock struct {
	mu    sync.Mutex
	store time.Time // what the store's clock showed at least …
	at    time.Time // … at this local time
}

// Observe learns from the date of an answer that has just come in, unless that is zero.
func (c *Clock) Observe(date time.Time) {
	if date.IsZero() {
		return
	}
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	// A date has whole seconds. An earlier one that agrees with it knows the time better.
	if !c.at.IsZero() {
		if ahead := c.store.Add(now.Sub(c.at)).Sub(date); ahead >= 0 && ahead < time.Second {
			return
		}
	}
	c.store, c.at = date, now
}

// Now is the store's time in UTC; known is false, and it is the local time, if no answer showed it yet.
func (c *Clock) Now() (now time.Time, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		return time.Now().UTC(), false
	}
	return c.store.Add(time.Since(c.at)), true
}
