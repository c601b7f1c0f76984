package core

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// plan is a requirement made ready for one gate: each leaf knows its store.
type plan struct {
	requirement Requirement
	root        *group
	leaves      []Product
	owners      []*backend // of each leaf
	first       []int      // of each leaf: the first leaf that is the same product, mostly itself
	backends    []*backend // each once, in the order of the leaves
	anyLeaf     bool       // one granted leaf grants the whole
	fault       error      // the requirement cannot be evaluated
	tally       *tally     // the gate's

	mode atomic.Pointer[Mode] // nil: normal

	endings []atomic.Pointer[ending] // of each leaf, the first of a list; one list if there is no leaf
}

func (g *Gate) compile(r Requirement) *plan {
	p := &plan{requirement: r, tally: g.tally, endings: make([]atomic.Pointer[ending], 1)}
	if isNil(r) {
		p.fault = errors.New("core: the requirement is nil")
		return p
	}
	p.root = r.tree()
	if p.leaves = p.root.leaves; len(p.leaves) > 0 {
		p.endings = make([]atomic.Pointer[ending], len(p.leaves))
	}
	p.anyLeaf = p.root.anyLeaf()
	p.fault = checkRequirement(r)
	for i := range p.leaves {
		b := g.backend(p.leaves[i].Store)
		if b == nil {
			p.fault = errors.Join(p.fault, fmt.Errorf("product %s names the store %q, which the gate does not have", p.leaves[i], p.leaves[i].Store))
			continue
		}
		p.owners = append(p.owners, b)
		p.first = append(p.first, p.find(&p.leaves[i]))
		known := false
		for _, have := range p.backends {
			known = known || have == b
		}
		if !known {
			p.backends = append(p.backends, b)
		}
	}
	return p
}

// anyLeaf tells whether the group and all below it are satisfied by any one leaf.
func (g *group) anyLeaf() bool {
	if g.how != anyOf && len(g.parts) > 1 {
		return false
	}
	for _, p := range g.parts {
		if p.sub != nil && !p.sub.anyLeaf() {
			return false
		}
	}
	return true
}

// find returns the first leaf that is the product at the store, -1 if there is none.
func (p *plan) find(product *Product) int {
	for i := range p.leaves {
		if p.leaves[i].sameSKU(product) {
			return i
		}
	}
	return -1
}

// refusal is the one decision for an outcome without facts and without detail of its own.
func (p *plan) refusal(o Outcome, r Reason, s Source, leaf int) *ruling {
	return &p.ending(o, r, s, leaf, false).bare
}

// failure is a refusal with the error that made it one.
func (p *plan) failure(o Outcome, r Reason, s Source, leaf int, se *StoreError) *ruling {
	return p.refusal(o, r, s, leaf).with(func(d *Decision) { d.RetryAfter, d.Err = se.RetryAfter, se })
}

// undetermined is a decision with the error that kept it from being one.
func (p *plan) undetermined(r Reason, leaf int, se *StoreError) *ruling {
	return p.failure(Undetermined, r, "", leaf, se)
}
