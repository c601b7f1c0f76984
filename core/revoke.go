package core

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Invalidate forgets what is known of token as a purchase of p. No check that begins after it
// returned is answered from before, on this instance; with Config.Shared, no instance takes it from there.
// An error says where it is not forgotten yet: bring it again.
func (g *Gate) Invalidate(ctx context.Context, p Product, token string) error {
	return g.InvalidateToken(ctx, p.Store, token)
}

// InvalidateToken forgets what is known of token at a store, for every product. A closed gate returns
// an error, so that whoever brought the news brings it to another instance. Any other error says where
// it is not forgotten yet, Config.Shared, Facts or Peers: bring it again.
func (g *Gate) InvalidateToken(ctx context.Context, store StoreID, token string) error {
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
	token = strings.Clone(token)
	n := News{Forgotten: []TokenRef{{b.id, token}}}
	var faults []error
	if err := b.invalidate(ctx, token); err != nil {
		faults = append(faults, fmt.Errorf("core: InvalidateToken: %w", err))
		n.Unshared = n.Forgotten
	}
	if err := b.state.snapshot.forget(ctx, store, token); err != nil {
		faults = append(faults, fmt.Errorf("core: InvalidateToken: it is forgotten until a restart; Config.Facts: %w", err))
	}
	if err := g.crier.tell(ctx, n); err != nil {
		faults = append(faults, fmt.Errorf("core: InvalidateToken: %w", err))
	}
	return errors.Join(faults...)
}

// Void takes purchases back: from now on their facts, whenever read, grant nothing. It is sticky; a
// later answer of the store does not lift it. All are applied, or none and an error says which is wrong.
// Another error says that they are in force here, but not kept in Config.Voids or not told to Config.Peers:
// bring them again.
func (g *Gate) Void(ctx context.Context, voids ...Void) error {
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
	_, err := g.applyVoids(ctx, voids, nil)
	return err
}
