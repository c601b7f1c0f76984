package wire

import (
	"sync"
	"time"
)

// Clock is a store's own time, in whole milliseconds as the stores count: a base clock and a shift.
type Clock struct {
	Base  func() time.Time
	mu    sync.Mutex
	shift time.Duration
}

// Now is the store's time.
func (c *Clock) Now() time.Time {
	t := c.Base()
	c.mu.Lock()
	defer c.mu.Unlock()
	return t.Add(c.shift).Truncate(time.Millisecond)
}

// Advance moves the clock by d, forward or back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shift += d
}

// Set sets the clock to t, from where it runs on as its base does.
func (c *Clock) Set(t time.Time) {
	base := c.Base()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shift = t.Sub(base)
}
