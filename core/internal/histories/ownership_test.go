package histories_test

import (
	"github.com/skugate/skugate/core"
)

// claim is an account becoming a token's owner in a registry, or nobody doing so (Unbind), at some
// instant between two moments.
type claim struct {
	book     int
	token    string
	product  string
	account  string // empty: the owner was forgotten
	bound    bool   // in the server's name
	sure     bool   // a grant proves it; otherwise it may have happened
	from, to moment
}

// collect notes which owners a check may have made. That it granted an unlabelled purchase, of which
// nobody had been told, proves it.
func (o *oracle) collect(c *check) {
	for _, t := range c.tokens {
		if t.Known || c.faulty != "" || o.setup.binding == core.InsecureBindingOff {
			continue
		}
		sure := c.got.Outcome == core.Granted && c.got.Purchase != nil && c.got.Purchase.Token == t.Value && o.label[t.Value] == ""
		o.claims = append(o.claims, claim{
			book: o.shelf(c.gate), token: t.Value, product: o.product[t.Value].ID, account: c.account,
			sure: sure, from: c.start, to: c.end,
			bound: sure && o.setup.binding == core.BindingRequire, // or inherited from what it replaced
		})
	}
}

// mustStand tells whether nothing can have undone a claim before a moment, mayStand whether something surely
// has not.
func (o *oracle) mustStand(k claim, at moment) bool {
	return !o.forgotten(k, func(u claim) bool { return k.from.before(u.to) && u.from.before(at) })
}

func (o *oracle) mayStand(k claim, at moment) bool {
	return !o.forgotten(k, func(u claim) bool { return k.to.before(u.from) && u.to.before(at) })
}

func (o *oracle) forgotten(k claim, by func(u claim) bool) bool {
	for _, u := range o.claims {
		if u.book == k.book && u.token == k.token && u.account == "" && by(u) {
			return true
		}
	}
	return false
}

// notOwner says why a grant is not the account's; empty if it may be.
func (o *oracle) notOwner(c *check, t core.Token) string {
	if t.Known || o.setup.binding == core.InsecureBindingOff && o.label[t.Value] == "" {
		return ""
	}
	if o.setup.binding == core.InsecureBindingOff {
		return "" // a label counts for nothing either
	}
	if label := o.label[t.Value]; label != "" {
		if label != o.gates[0].Label(c.account) {
			return "its label names another account"
		}
		return ""
	}
	book := o.shelf(c.gate)
	bound := false
	for _, k := range o.claims {
		if k.book != book || k.account == "" || !(k.sure || k.bound) {
			continue
		}
		mine := k.account == c.account
		soon := k.from.before(c.start) || !k.sure && k.from.before(c.end) // of checks, only an earlier one proves this
		bound = bound || mine && k.bound && o.descends(t.Value, k.token) && soon && o.mayStand(k, c.start)
		if !mine && k.token == t.Value && k.to.before(c.start) && o.mustStand(k, c.end) {
			return k.account + " owns it"
		}
		if !mine && k.token == o.linked[t.Value] && k.to.before(c.start) && o.mustStand(k, c.end) && !o.mineBefore(c, t, k) {
			return k.account + " owns what it replaced"
		}
	}
	if o.setup.binding == core.BindingRequire && !bound {
		return "the server bound it to nobody"
	}
	return ""
}

// descends tells whether token is ancestor, or replaced it, at once or over other plans.
func (o *oracle) descends(token, ancestor string) bool {
	for token != "" && token != ancestor {
		token = o.linked[token]
	}
	return token == ancestor
}

// mineBefore tells whether the account may own the token by itself, whoever owns what it replaced: it was
// first, or it was bound by hand.
func (o *oracle) mineBefore(c *check, t core.Token, than claim) bool {
	for _, k := range o.claims {
		if k.book == than.book && k.token == t.Value && k.account == c.account && k.from.before(c.end) && (k.bound || k.from.before(than.to)) {
			return true
		}
	}
	return false
}

// mayBeAnothers tells whether binding may have refused the account.
func (o *oracle) mayBeAnothers(c *check, t core.Token) bool {
	if t.Known || o.setup.binding == core.InsecureBindingOff {
		return false
	}
	if label := o.label[t.Value]; label != "" {
		return label != o.gates[0].Label(c.account)
	}
	bound := false
	for _, k := range o.claims {
		if k.book != o.shelf(c.gate) || k.account == "" || !o.descends(t.Value, k.token) || !k.from.before(c.end) {
			continue
		}
		if k.account != c.account && o.mayStand(k, c.start) {
			return true
		}
		near := k.token == t.Value || k.token == o.linked[t.Value]
		bound = bound || near && k.account == c.account && k.bound && k.to.before(c.start) && o.mustStand(k, c.end)
	}
	return o.setup.binding == core.BindingRequire && !bound
}

// wrongHold judges a grant of HoldOpen: in force, to an owner, of nothing that is consumed or void.
func (o *oracle) wrongHold(c *check) string {
	inForce := false
	for _, h := range o.holds {
		inForce = inForce || h.gate == c.gate && h.r == c.asked && c.start.at.Before(h.until)
	}
	if !inForce {
		return "nobody held the gate open"
	}
	if c.got.Product.IsConsumable() {
		return "a consumable is never held open"
	}
	for _, t := range c.tokens {
		var void, owner bool
		for _, v := range o.voids {
			void = void || v.gate == c.gate && v.token == t.Value && v.done.before(c.start)
		}
		for _, k := range o.claims {
			owner = owner || k.book == o.shelf(c.gate) && k.token == t.Value && k.account == c.account && k.product == c.got.Product.ID && k.from.before(c.end)
		}
		if owner && !void {
			return ""
		}
	}
	return "held open to no owner of a purchase that stands"
}
