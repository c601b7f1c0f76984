package faultmatrix

import "time"

// A machine that is busy with something else is no fault of the library's. What is excused for that is
// measured (lateness), counted, and no more than half of a row: beyond that the row is played again, and
// is red if the machine stays too busy.

// slack is what the machine took of a span of time.
func (s *Scene) slack(from, to time.Time) time.Duration { return 2 * s.late.between(from, to) }

// starved tells whether the machine took the time that a check had. What is counted exactly says
// nothing then.
func (s *Scene) starved(c *Check) bool {
	recent := c.Start.Add(-Open - 2*s.row.Call) // a breaker that the machine opened may still be open
	if s.late.between(c.Start, c.End) <= s.row.Call/6 && s.late.between(recent, c.End) <= s.row.Call {
		return false
	}
	s.hungry.Store(true)
	return true
}

// Late is what the machine may have taken between two instants.
func (s *Scene) Late(from, to time.Time) time.Duration { return s.slack(from, to) }

// Starved tells whether the machine took the time that some check had, so that a count may be off.
func (s *Scene) Starved() bool { return s.hungry.Load() }

// excuse notes a check that would be a breach on an idle machine.
func (s *Scene) excuse(c *Check) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.excused[c.id] = true
}

// judgeExcuses keeps a machine that is too busy to tell from making a row green.
func (s *Scene) judgeExcuses() {
	s.mu.Lock()
	excused, all := len(s.excused), len(s.checks)
	s.busy = excused*2 > all
	s.mu.Unlock()
	switch {
	case s.busy:
		s.Errorf("the machine is too busy to tell: %d of %d checks would have to be excused", excused, all)
	case excused*10 > all:
		s.t.Logf("%d of %d checks are excused: the machine was busy", excused, all)
	}
}
