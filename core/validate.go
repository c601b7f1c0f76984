package core

import (
	"errors"
	"fmt"
)

// Validate finds what is wrong with requirements, and with every route built on the gate so far, all
// of it at once: empty requirements, unknown stores, products that a store cannot sell, one product
// with two terms, options that make no sense. Call it at start, after the routes are built.
//
// A consumable opens a route again and again until somebody consumes it, which is rarely meant: it is
// a fault unless the route that asks for it allows it by option.
func (g *Gate) Validate(requirements ...Requirement) error {
	if !g.usable() {
		return errNotMade
	}
	g.mu.Lock()
	routes := append([]*Route(nil), g.routes...)
	g.mu.Unlock()

	allowed := map[Product]bool{}
	for _, r := range routes {
		if r.config.AllowConsumable && !isNil(r.requirement) {
			for _, p := range r.requirement.tree().leaves {
				allowed[p] = true
			}
		}
	}
	seen := map[Product]Product{} // by what the store knows of it
	var faults []error
	for i, r := range requirements {
		faults = append(faults, g.validateOne(fmt.Sprintf("requirement %d", i+1), r, allowed, seen))
	}
	for _, r := range routes {
		faults = append(faults, r.faults(seen))
	}
	return errors.Join(faults...)
}

func (g *Gate) validateOne(what string, r Requirement, allowed map[Product]bool, seen map[Product]Product) error {
	if !isNil(r) {
		what += fmt.Sprintf(" %q", r)
	}
	var faults []error
	fault := func(err error) { faults = append(faults, fmt.Errorf("core: %s: %w", what, err)) }

	p := g.compile(r)
	if p.fault != nil {
		fault(p.fault)
	}
	for _, leaf := range p.leaves {
		if b := g.backend(leaf.Store); b != nil && leaf.ID != "" {
			if err := b.checkProduct(leaf); err != nil {
				fault(fmt.Errorf("product %s: %w", leaf, err))
			}
		}
		if leaf.consumable && !allowed[leaf] {
			fault(fmt.Errorf("product %s is consumable; a route has to allow that by option", leaf))
		}
		sku := Product{Store: leaf.Store, Kind: leaf.Kind, ID: leaf.ID}
		if other, ok := seen[sku]; ok && other != leaf {
			fault(fmt.Errorf("product %s has another term elsewhere: make it once and share it", leaf))
		}
		seen[sku] = leaf
	}
	return errors.Join(faults...)
}

// checkProduct asks the store client about a product; its panic is a fault like another.
func (b *backend) checkProduct(p Product) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{"the store's CheckProduct", typeName(v)}
		}
	}()
	return b.store.CheckProduct(p)
}
