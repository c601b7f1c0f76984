package histories_test

import (
	"time"

	"github.com/skugate/skugate/core"
)

// noReason judges an undetermined decision: safe, but not for nothing.
func (o *oracle) noReason(c *check) string {
	switch r := c.got.Reason; r {
	case core.ReasonCallerGone:
		if c.impatient {
			return ""
		}
	case core.ReasonTooManyUnknownTokens:
		if o.setup.gates[c.gate].burst > 0 {
			return ""
		}
	case core.ReasonClosed:
		return ""
	case core.ReasonBreakerOpen:
		if o.maybeOpen(c) {
			return ""
		}
	case core.ReasonStorePaused: // one call tries whether the pause is over, however long ago that was
		if !o.wellSince(c) {
			return ""
		}
	}
	if !o.troubled(c) {
		return "undetermined, and the store was well"
	}
	return ""
}

// troubled tells whether something was wrong when the check was made, or shortly before.
func (o *oracle) troubled(c *check) bool {
	for _, t := range c.tokens {
		if o.odd[t.Value] {
			return true
		}
	}
	g := o.setup.gates[c.gate].guard
	margin := g.OpenFor + 2*callTime + longestAftermath
	for _, s := range o.bad {
		if !s.from.After(c.end.at) && (s.to.IsZero() || !s.to.Before(c.start.at.Add(-margin))) {
			return true
		}
	}
	return false
}

// maybeOpen tells whether the breaker may be open, or lets one probe through at a time because the store was
// not asked since the trouble.
func (o *oracle) maybeOpen(c *check) bool { return !o.wellSince(c) || o.nonsense(c) }

// nonsense tells whether the gate heard some while the breaker that it opened would be open. Answers of
// one instant come to the breaker in any order.
func (o *oracle) nonsense(c *check) bool {
	for _, a := range o.heard {
		if a.gate == c.gate && !a.says.decided && a.end.before(c.end) && c.start.at.Sub(a.end.at) <= o.setup.gates[c.gate].guard.OpenFor {
			return true
		}
	}
	return false
}

// longestAftermath is how long a store that is well again can still go unheard: one fetch of an access token
// may hang for so long.
const longestAftermath = 10 * time.Second

// wellSince tells whether the gate heard a proper answer after the last trouble and before the check. One of
// the check's own instant may not have come to the breaker yet.
func (o *oracle) wellSince(c *check) bool {
	var since time.Time
	for _, s := range o.bad {
		if s.from.Before(c.start.at) {
			since = s.to
		}
	}
	well := false
	for _, a := range o.heard { // in their order
		if a.gate == c.gate && a.begin.at.After(since) && a.end.at.Before(c.start.at) {
			well = a.says.decided
		}
	}
	return well
}
