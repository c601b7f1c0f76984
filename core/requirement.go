package core

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Requirement is what a route asks for: a Product, an Entitlement, AnyOf or AllOf. Build it once, at
// start, check it with Gate.Validate, and share it freely: it is immutable. The implementations
// are this package's own.
type Requirement interface {
	// String names the requirement for logs and messages.
	String() string
	// tree gives what is evaluated.
	tree() *group
}

// Entitlement is a right in the game ("vip") that any one of products grants, in any store. The
// order of products is the order in which ties are decided and a cold token is tried.
func Entitlement(name string, products ...Product) Requirement {
	parts := make([]Requirement, len(products))
	for i, p := range products {
		parts[i] = p
	}
	g := newGroup(name, anyOf, parts)
	if name == "" {
		g.faults = errors.Join(errors.New("an entitlement has no name"), g.faults)
	}
	return g
}

// AnyOf is granted when any of requirements is. Otherwise it is undetermined when any of them is,
// and denied only when all are.
func AnyOf(requirements ...Requirement) Requirement {
	return newGroup(list("any of", requirements), anyOf, requirements)
}

// AllOf is granted when all of requirements are. It is denied when any of them is, and otherwise
// undetermined. Products of different purchases need several tokens: see Credentials.Tokens.
func AllOf(requirements ...Requirement) Requirement {
	return newGroup(list("all of", requirements), allOf, requirements)
}

func list(how string, rs []Requirement) string {
	names := make([]string, len(rs))
	for i, r := range rs {
		if names[i] = "nil"; !isNil(r) {
			names[i] = r.String()
		}
	}
	return how + " (" + strings.Join(names, ", ") + ")"
}

// Products returns the products that r names, in the order written, each once for each place where
// it is named.
func Products(r Requirement) []Product {
	if isNil(r) {
		return nil
	}
	return slices.Clone(r.tree().leaves)
}

// combine is how the parts of a group make one outcome.
type combine uint8

const (
	anyOf combine = iota
	allOf
)

// group is a requirement over parts. leaves are the products below it in the order written, those
// of one part next to each other.
type group struct {
	name   string
	how    combine
	parts  []part
	leaves []Product
	faults error
}

// part is a leaf (one product) or a group below a group.
type part struct {
	self Requirement
	sub  *group // nil for a leaf
}

// maxLeaves bounds what one request can be made to ask a store.
const maxLeaves = 32

func newGroup(name string, how combine, rs []Requirement) *group {
	g := &group{name: name, how: how}
	var faults []error
	if len(rs) == 0 {
		faults = append(faults, fmt.Errorf("%q requires nothing", name))
	}
	for _, r := range rs {
		if isNil(r) {
			faults = append(faults, fmt.Errorf("%q has a nil part", name))
			continue
		}
		sub, ok := r.(*group)
		if !ok {
			g.parts = append(g.parts, part{self: r})
			g.leaves = append(g.leaves, r.(Product))
			continue
		}
		g.parts = append(g.parts, part{self: r, sub: sub})
		g.leaves = append(g.leaves, sub.leaves...)
		faults = append(faults, sub.faults)
	}
	if len(g.leaves) > maxLeaves {
		faults = append(faults, fmt.Errorf("%q names %d products, the limit is %d", name, len(g.leaves), maxLeaves))
	}
	g.faults = errors.Join(faults...)
	return g
}

// isNil also finds the nil group in a non-nil interface.
func isNil(r Requirement) bool {
	g, ok := r.(*group)
	return r == nil || ok && g == nil
}

func (g *group) String() string { return g.name }
func (g *group) tree() *group   { return g }

// tree of a product is a group around it; Gate keeps the ones that it met.
func (p Product) tree() *group { return newGroup(p.String(), anyOf, []Requirement{p}) }

// checkRequirement finds every fault of r that needs no store.
func checkRequirement(r Requirement) error {
	if isNil(r) {
		return errors.New("a requirement is nil")
	}
	t := r.tree()
	faults := []error{t.faults}
	for i := range t.leaves {
		p := &t.leaves[i]
		if err := p.check(); err != nil {
			faults = append(faults, fmt.Errorf("product %s %w", p, err))
		}
		for j := range t.leaves[:i] {
			if q := &t.leaves[j]; p.sameSKU(q) && *p != *q {
				faults = append(faults, fmt.Errorf("product %s appears with two different terms in %q", p, r))
			}
		}
	}
	return errors.Join(faults...)
}
