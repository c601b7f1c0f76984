package histories_test

import (
	"time"

	"github.com/skugate/skugate/core"
)

// wrongDenial: every token has a reason to grant nothing, for each leaf of what was asked; of a bundle
// one leaf is enough.
func (o *oracle) wrongDenial(c *check) string {
	var why string
	for _, leaf := range core.Products(c.asked) {
		why = ""
		for _, t := range c.tokens {
			if why == "" {
				why = o.undeniable(c, leaf, t)
			}
		}
		if (why == "") == (c.asked == bundle) {
			break
		}
	}
	if why != "" {
		return "a wrong denial: " + why
	}
	return ""
}

// undeniable says why a token's denial as a purchase of leaf has no ground; empty if it has.
func (o *oracle) undeniable(c *check, leaf core.Product, t core.Token) string {
	if o.mayBeAnothers(c, t) {
		return ""
	}
	lives := o.setup.gates[c.gate].lives
	for _, a := range o.answers[answersOf{c.gate, t.Value}] {
		age := c.age(a)
		if c.end.before(a.end) || !a.says.decided {
			continue
		}
		switch {
		case a.asked.product != leaf.ID || a.asked.kind != leaf.Kind:
			if !a.says.absent && age < mostAge(lives, core.Product{}) {
				return "" // it is another product's
			}
		case a.says.absent && age < lives.Absent,
			!a.says.owned(leaf, c.heardAt(a).Add(o.blur(a))) && age < lives.Denied,
			a.says.spent && age < mostAge(lives, core.Product{}):
			return ""
		}
		if o.voided(a, func(v voided) bool { return v.at.before(c.end) }) {
			return ""
		}
	}
	for _, other := range o.heard { // superseded
		if other.gate == c.gate && other.says.linked == t.Value && other.end.before(c.end) && other.says.owned(productOf(other), other.storeTime.Add(-o.blur(other))) {
			return ""
		}
	}
	return "the store did not say so, and nothing else stands against it"
}

// heardAt is when, by the store's clock, an answer has to give no access to be a no. A purchase that renews may
// have been renewed since the store was asked; any other has ended if it ended on the way.
func (c *check) heardAt(a *heard) time.Time {
	switch {
	case a.says.renewing:
		return a.storeTime.Add(a.begin.at.Sub(a.made.at))
	case c.age(a) == 0:
		return c.to
	default:
		return a.storeTime.Add(a.end.at.Sub(a.made.at))
	}
}
