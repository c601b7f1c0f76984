package histories_test

import (
	"fmt"
	"time"

	"github.com/skugate/skugate/core"
)

// wrongGrant: for one leaf of what was asked, for each of a bundle, some token must be the account's and a
// purchase of it.
func (o *oracle) wrongGrant(c *check) string {
	switch c.got.Source {
	case core.SourceHoldOpen:
		return o.wrongHold(c)
	case core.SourceOutage:
		if !o.troubled(c) && !o.maybeOpen(c) {
			return "the outage grace, and the store was well"
		}
	}
	leaves := []core.Product{c.got.Product}
	if c.asked == bundle {
		leaves = core.Products(c.asked)
	}
	for _, leaf := range leaves {
		why := "none of its tokens was shown"
		for _, t := range c.tokens {
			if c.asked != bundle && (c.got.Purchase == nil || c.got.Purchase.Token != t.Value) {
				continue
			}
			if why = o.notOwner(c, t); why == "" {
				why = o.unfounded(c, leaf, t.Value)
			}
			if why == "" {
				break
			}
		}
		if why != "" {
			return "a wrong grant of " + leaf.ID + ": " + why
		}
	}
	return ""
}

// unfounded says why no answer of the store supports a grant of leaf by token; empty if one does.
func (o *oracle) unfounded(c *check, leaf core.Product, token string) string {
	why := "the store never said so"
	for _, a := range o.answers[answersOf{c.gate, token}] {
		if a.asked.product != leaf.ID || a.asked.kind != leaf.Kind || !a.says.decided || c.end.before(a.end) {
			continue
		}
		if why = o.unsupported(c, leaf, a); why == "" {
			return ""
		}
	}
	return why
}

// unsupported says why the answer a does not support a grant.
func (o *oracle) unsupported(c *check, leaf core.Product, a *heard) string {
	at := c.from
	if at.Before(a.storeTime) {
		at = a.storeTime
	}
	at = at.Add(-o.blur(a))
	lives := o.setup.gates[c.gate].lives
	if c.got.Source == core.SourceOutage && a.says.renewing && leaf.Kind != core.KindInApp {
		if end := a.says.end; at.After(end) && !at.After(end.Add(lives.RenewalGrace+time.Millisecond)) {
			at = end
		}
	}
	switch age := c.age(a); {
	case !a.says.owned(leaf, at):
		return "the store's answer gives no access now"
	case age >= mostAge(lives, leaf):
		return fmt.Sprintf("the store's answer is %v old", age)
	case a.says.owed && !at.Before(a.says.bought.Add(72*time.Hour+time.Millisecond)) && a.storeTime.Before(a.says.bought.Add(72*time.Hour)):
		return "nobody acknowledged in time, and the store was not asked since"
	}
	if o.voided(a, func(v voided) bool { return v.done.before(c.start) && c.start.at.Sub(o.lastHeard(v, a)) <= voidsKept }) {
		return "the payment was voided"
	}
	for _, r := range o.resets {
		if r.gate == c.gate && r.token == a.asked.token && a.begin.before(r.at) && r.done.before(c.start) {
			return "what the store said was invalidated"
		}
	}
	for _, other := range o.heard {
		if other.gate != c.gate || !other.end.at.Before(c.start.at) {
			continue
		}
		if other.says.linked == a.asked.token && other.says.owned(productOf(other), other.storeTime.Add(o.blur(other))) &&
			!o.voided(other, func(v voided) bool { return v.at.before(other.end) }) { // only what grants replaces
			return "another purchase replaced it"
		}
		if other.asked == a.asked && a.made.before(other.begin) && other.says.decided && !other.says.owned(leaf, other.storeTime.Add(-o.blur(other))) {
			return "the store has said no since"
		}
	}
	return ""
}

// voided tells whether the payment that an answer is about was voided at its gate, when when says so.
func (o *oracle) voided(a *heard, when func(voided) bool) bool {
	for _, v := range o.voids {
		if v.gate == a.gate && v.token == a.asked.token && (v.id == "" || v.id == a.says.id) && when(v) {
			return true
		}
	}
	return false
}

// voidsKept is how long a void stands beyond the last fact of its token, when it is the store's to say no.
const voidsKept = 35 * 24 * time.Hour

// lastHeard is when a void's gate last heard of its token before the answer a, and not before the void.
func (o *oracle) lastHeard(v voided, a *heard) time.Time {
	last := v.done.at
	for _, other := range o.heard {
		if other.gate == v.gate && other.asked.token == v.token && other.says.decided && other.end.before(a.begin) && other.end.at.After(last) {
			last = other.end.at
		}
	}
	return last
}

// age is how old an answer was when the check began; one that the check waited for is not old.
func (c *check) age(a *heard) time.Duration {
	if !a.end.at.Before(c.start.at) {
		return 0
	}
	return c.start.at.Sub(a.begin.at)
}

// productOf is the product of the catalogue that an answer is about.
func productOf(h *heard) core.Product {
	for _, p := range catalogue {
		if p.ID == h.asked.product && p.Kind == h.asked.kind {
			return p
		}
	}
	return core.Product{}
}

// blur is how far the gate may mistake the store's clock: a Date counts seconds. Equal clocks it knows
// to be equal.
func (o *oracle) blur(a *heard) time.Duration {
	if o.setup.skew == 0 {
		return 0
	}
	return time.Second + a.end.at.Sub(a.begin.at)
}

// mostAge is when a fact that granted grants no more, whatever happens.
func mostAge(l core.Lifetimes, p core.Product) time.Duration {
	if p.IsConsumable() {
		return max(l.Fresh, l.Refresh)
	}
	return max(l.Fresh, l.Refresh, l.Usable)
}
