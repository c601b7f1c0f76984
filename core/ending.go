package core

import "sync/atomic"

// ending is one way in which the checks of a plan end: what all decisions that end so have in common.
type ending struct {
	plan    *plan
	leaf    int
	product *Product // the leaf's; zero where the requirement names nothing
	outcome Outcome
	reason  Reason
	source  Source
	facts   bool // there is a purchase, and the caller may see it
	kind    int  // what it is counted as

	replies [2]atomic.Pointer[Reply] // by denied status, 403 and 402
	bare    ruling                   // the decision that has nothing of its own

	next *ending // of the leaf that are known
	size int     // of the list from here on
}

// maxEndings is far above the ways in which a leaf can end. More arise only when a store client or a rule
// invents reasons; those are made each time.
const maxEndings = 64

func (e *ending) is(o Outcome, r Reason, s Source, facts bool) bool {
	return e.outcome == o && e.facts == facts && e.reason == r && e.source == s
}

// ending finds the one ending for what is given, or makes it.
func (p *plan) ending(o Outcome, r Reason, s Source, leaf int, facts bool) *ending {
	list := &p.endings[leaf]
	for {
		head := list.Load()
		for e := head; e != nil; e = e.next {
			if e.is(o, r, s, facts) {
				return e
			}
		}
		e := &ending{plan: p, leaf: leaf, product: &Product{}, outcome: o, reason: r, source: s, facts: facts, next: head, size: 1}
		if leaf < len(p.leaves) {
			e.product = &p.leaves[leaf]
		}
		e.kind = p.tally.kind(&Decision{Outcome: o, Reason: r, Source: s, Product: *e.product}, modeNormal)
		e.bare.end = e
		if head != nil {
			e.size = head.size + 1
		}
		if e.size > maxEndings || list.CompareAndSwap(head, e) {
			return e
		}
	}
}

// like tells whether decisions that end in either way are the same: a requirement that is made on each
// request has many plans.
func (e *ending) like(o *ending) bool {
	return e == o || e.leaf == o.leaf && e.plan.requirement == o.plan.requirement && e.is(o.outcome, o.reason, o.source, o.facts)
}
