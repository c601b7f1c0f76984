package core

import "time"

// standing is from which age of a fact to which a verdict cannot change. The zero value is none.
type standing struct {
	from, until time.Duration // until is exclusive
}

func (s *standing) has(age time.Duration) bool { return s.from <= age && age < s.until }

// stands tells for how long the default rule says what it says at an age: it looks at the clock only to
// compare it with a few instants, so between two of them a hit need not ask it again. What else it goes by
// is on the fact, but for voids, which are asked on every hit.
func (f *fact) stands(p *Product, age time.Duration) standing {
	s := standing{from: age, until: maxDuration}
	purchase := f.purchase
	for _, t := range [...]time.Time{
		purchase.PurchasedAt.Add(-clockTolerance), purchase.PurchasedAt.Add(p.term), purchase.acknowledgeBy(),
		purchase.ExpiresAt, purchase.PausesAt,
	} {
		if t.IsZero() {
			continue
		}
		// Exactly then, or when its millisecond is over: the rule compares in both ways.
		for _, change := range [...]time.Time{t, t.Truncate(time.Millisecond).Add(time.Millisecond)} {
			if at := change.Sub(time.Unix(0, f.storeBegan)); at > age {
				s.until = min(s.until, at)
			}
		}
	}
	return s
}
