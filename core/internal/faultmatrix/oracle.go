package faultmatrix

import (
	"slices"
	"time"
)

// oracle says what is wrong with an answer, given what was true at the store and when; "" if nothing.
func (s *Scene) oracle(c *Check) string {
	l := s.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	switch c.Outcome {
	case G:
		return s.wrongYes(l, c)
	case D:
		return s.wrongNo(l, c)
	case U:
		return s.wrongDoubt(l, c)
	default:
		return ""
	}
}

// wrongYes: there must be an instant, not too long ago and not before the host was told to forget, at
// which the store said "owned" for exactly this key, and a right that had not ended when the check began.
func (s *Scene) wrongYes(l *ledger, c *Check) string {
	b := l.bought[c.Key.Token]
	switch {
	case b == nil:
		return "I1: a yes for a token that names no purchase"
	case b.product != c.Key.Route.Product:
		return "I1: a yes for another product's token"
	case b.label != "" && b.label != c.Key.Account:
		return "I1: a yes for another account's purchase"
	}
	age := s.row.Pos
	if c.Key.Route.Grace {
		age += s.row.Stale
	}
	earliest := c.Start.Add(-age)
	for _, at := range l.forgot[c.Key.Token] {
		if at.After(earliest) && !at.After(c.Start) {
			earliest = at
		}
	}
	ok := false
	b.eras(true, func(from, to time.Time) bool {
		ok = !from.After(c.End) && !to.Before(earliest)
		return !ok
	})
	if !ok {
		return "I1: a yes that the store had not said lately enough"
	}
	if last := b.changes[len(b.changes)-1]; last.owned && !last.until.IsZero() && !c.Start.Before(last.until.Add(time.Millisecond)) {
		return "I1: a yes after the end of the right"
	}
	return ""
}

// wrongNo: there must be an instant at which it was not owned, or be somebody else's.
func (s *Scene) wrongNo(l *ledger, c *Check) string {
	b := l.bought[c.Key.Token]
	if b == nil || b.product != c.Key.Route.Product || b.label != c.Key.Account {
		return "" // an unlabelled purchase is for the row to judge
	}
	wrong := func(slack time.Duration) bool {
		earliest, ok := c.Start.Add(-s.row.Neg-slack), false
		b.eras(false, func(from, to time.Time) bool {
			ok = !from.After(c.End) && !to.Before(earliest)
			return !ok
		})
		return !ok
	}
	switch {
	case !wrong(0):
		return ""
	case wrong(s.slack(c.Start.Add(-s.row.Neg), c.End)):
		return "I2: a no for what was owned all the time"
	}
	s.excuse(c)
	return ""
}

// wrongDoubt: the store must have been in trouble lately.
func (s *Scene) wrongDoubt(l *ledger, c *Check) string {
	from := c.Start.Add(-Open - 2*s.row.Call - s.row.Patience)
	troubled := func(from time.Time) bool {
		return slices.ContainsFunc(l.troubles, func(t *span) bool { return t.overlaps(from, c.End) })
	}
	switch {
	case troubled(from):
		return ""
	case !troubled(from.Add(-s.slack(from, c.End))) && !s.starved(c):
		return "I2: undetermined though the store answers normally"
	}
	s.excuse(c)
	return ""
}
