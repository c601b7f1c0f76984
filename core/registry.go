package core

import (
	"context"
	"strings"
)

// registry is the owners' registry as the gate asks it: however it behaves, nobody waits for it beyond
// a context, and its panic is an error.
type registry struct {
	owners Owners
	*aside
}

var _ Owners = (*registry)(nil)

// bounded wraps what may have to be waited for. The registry in this process's memory has not.
func bounded(g *Gate, owners Owners) Owners {
	if memory, ok := owners.(*MemoryOwners); ok {
		return memory
	}
	return &registry{owners: owners, aside: newAside(g, "the owners' registry")}
}

// Owner implements Owners. What it is told may be the request's memory, which the call can outlive.
func (r *registry) Owner(ctx context.Context, store StoreID, token string) (Ownership, bool, error) {
	token = strings.Clone(token)
	type found struct {
		Ownership
		ok bool
	}
	f, err := await(ctx, r.aside, func(ctx context.Context) (f found, err error) {
		f.Ownership, f.ok, err = r.owners.Owner(ctx, store, token)
		return f, err
	})
	return f.Ownership, f.ok, err
}

// Claim implements Owners.
func (r *registry) Claim(ctx context.Context, o Ownership) (Ownership, error) {
	o.Token, o.Account = strings.Clone(o.Token), strings.Clone(o.Account)
	return await(ctx, r.aside, func(ctx context.Context) (Ownership, error) { return r.owners.Claim(ctx, o) })
}

// Owned implements Owners.
func (r *registry) Owned(ctx context.Context, account string) ([]Ownership, error) {
	account = strings.Clone(account)
	return await(ctx, r.aside, func(ctx context.Context) ([]Ownership, error) { return r.owners.Owned(ctx, account) })
}

// Release implements Owners.
func (r *registry) Release(ctx context.Context, store StoreID, token string) error {
	token = strings.Clone(token)
	return r.do(ctx, func(ctx context.Context) error { return r.owners.Release(ctx, store, token) })
}
