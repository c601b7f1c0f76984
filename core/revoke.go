package core

import (
	"context"
	"errors"
	"fmt"
)

// Invalidate forgets what is known of token as a purchase of p. No check that begins after it
// returned is answered from before.
func (g *Gate) Invalidate(ctx context.Context, p Product, token string) error {
	return g.InvalidateToken(ctx, p.Store, token)
}

// InvalidateToken forgets what is known of token at a store, for every product. A closed gate returns
// an error, so that whoever brought the news brings it to another instance.
func (g *Gate) InvalidateToken(_ context.Context, store StoreID, token string) error {
	b, err := g.known(store)
	if err != nil {
		return err
	}
	if err := checkLength(token); err != nil {
		return fmt.Errorf("core: InvalidateToken: the token %w", err)
	}
	if g.closed.Load() {
		return errClosed
	}
	b.facts.Invalidate(token, b.keepMarks)
	return nil
}

// Void takes purchases back: from now on their facts, whenever read, grant nothing. It is sticky; a
// later answer of the store does not lift it. All are applied, or none and an error says which is wrong.
func (g *Gate) Void(_ context.Context, voids ...Void) error {
	var faults []error
	for i, v := range voids {
		if _, err := g.known(v.Store); err != nil {
			faults = append(faults, fmt.Errorf("void %d: %w", i, err))
		}
		if err := checkLength(v.Token); err != nil {
			faults = append(faults, fmt.Errorf("core: the token of void %d %w", i, err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	for _, v := range voids {
		g.backend(v.Store).voids.void(v.Token, v.PurchaseID)
	}
	return nil
}
