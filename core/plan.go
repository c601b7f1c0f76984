package core

import (
	"errors"
	"fmt"
	"sync"
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

	bare  sync.Map // bareKey -> *Decision
	nBare atomic.Int64
}

// maxBare is far above the outcomes that exist. More arise only when a store client invents reasons;
// those decisions are made each time.
const maxBare = 2048

// bareKey names a decision that rests on no facts.
type bareKey struct {
	outcome Outcome
	reason  Reason
	source  Source
	leaf    int
}

func (g *Gate) compile(r Requirement) *plan {
	p := &plan{requirement: r, tally: g.tally}
	if isNil(r) {
		p.fault = errors.New("core: the requirement is nil")
		return p
	}
	p.root = r.tree()
	p.leaves = p.root.leaves
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
func (p *plan) refusal(o Outcome, r Reason, s Source, leaf int) *Decision {
	key := bareKey{o, r, s, leaf}
	if d, ok := p.bare.Load(key); ok {
		return d.(*Decision)
	}
	d := &Decision{Outcome: o, Reason: r, Source: s, requirement: p.requirement}
	if leaf < len(p.leaves) {
		d.Product = p.leaves[leaf]
	}
	d.kind = p.tally.kind(d, modeNormal)
	d.share()
	if p.nBare.Load() >= maxBare {
		return d
	}
	have, loaded := p.bare.LoadOrStore(key, d)
	if !loaded {
		p.nBare.Add(1)
	}
	return have.(*Decision)
}

// undetermined is a decision with the error that kept it from being one.
func (p *plan) undetermined(r Reason, leaf int, se *StoreError) *Decision {
	d := *p.refusal(Undetermined, r, "", leaf)
	d.RetryAfter, d.Err = se.RetryAfter, se
	return &d
}
