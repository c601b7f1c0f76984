package googleplaytest

import (
	"sync"
	"time"
)

// clock is the store's own time, in whole milliseconds as the store counts: a base clock and a shift.
type clock struct {
	base  func() time.Time
	mu    sync.Mutex
	shift time.Duration
}

func (c *clock) now() time.Time {
	t := c.base()
	c.mu.Lock()
	defer c.mu.Unlock()
	return t.Add(c.shift).Truncate(time.Millisecond)
}

// Now is the store's time. Every answer carries it in its Date header.
func (s *Store) Now() time.Time { return s.clock.now() }

// Advance moves the store's clock by d, forward or back. What falls due on the way (a renewal, the
// end of a pause, the cancellation of an unacknowledged purchase) has happened when a purchase is
// looked at next. The millisecond of an expiry is still inside. Going back undoes none of it.
func (s *Store) Advance(d time.Duration) {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.clock.shift += d
}

// SetTime sets the store's clock to t, from where it runs on as Config.Now does.
func (s *Store) SetTime(t time.Time) {
	base := s.clock.base()
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.clock.shift = t.Sub(base)
}
