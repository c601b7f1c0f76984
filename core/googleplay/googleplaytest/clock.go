package googleplaytest

import "time"

// Now is the store's time. Every answer carries it in its Date header.
func (s *Store) Now() time.Time { return s.clock.Now() }

// Advance moves the store's clock by d, forward or back. What falls due on the way (a renewal, the
// end of a pause, the cancellation of an unacknowledged purchase) has happened when a purchase is
// looked at next. The millisecond of an expiry is still inside. Going back undoes none of it.
func (s *Store) Advance(d time.Duration) { s.clock.Advance(d) }

// SetTime sets the store's clock to t, from where it runs on as Config.Now does.
func (s *Store) SetTime(t time.Time) { s.clock.Set(t) }
