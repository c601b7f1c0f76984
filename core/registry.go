package core

import (
	"context"
	"errors"
	"strings"
)

// registry is the owners' registry as the gate asks it: however it behaves, nobody waits for it beyond
// a context, and its panic is an error.
type registry struct {
	owners Owners
	slots  chan struct{}
	gate   *Gate // for its log
}

var _ Owners = (*registry)(nil)

// maxRegistryCalls caps the calls of a registry under way, and so the goroutines that one can hold which
// hangs and heeds no context.
const maxRegistryCalls = 256

var errRegistryGone = errors.New("core: the owners' registry ended its goroutine")

// bounded wraps what may have to be waited for. The registry in this process's memory has not.
func bounded(g *Gate, owners Owners) Owners {
	if memory, ok := owners.(*MemoryOwners); ok {
		return memory
	}
	return &registry{owners: owners, slots: make(chan struct{}, maxRegistryCalls), gate: g}
}

// Owner implements Owners. What it is told may be the request's memory, which the call can outlive.
func (r *registry) Owner(ctx context.Context, store StoreID, token string) (Ownership, bool, error) {
	token = strings.Clone(token)
	type found struct {
		Ownership
		ok bool
	}
	f, err := await(ctx, r, func(ctx context.Context) (f found, err error) {
		f.Ownership, f.ok, err = r.owners.Owner(ctx, store, token)
		return f, err
	})
	return f.Ownership, f.ok, err
}

// Claim implements Owners.
func (r *registry) Claim(ctx context.Context, o Ownership) (Ownership, error) {
	o.Token, o.Account = strings.Clone(o.Token), strings.Clone(o.Account)
	return await(ctx, r, func(ctx context.Context) (Ownership, error) { return r.owners.Claim(ctx, o) })
}

// Owned implements Owners.
func (r *registry) Owned(ctx context.Context, account string) ([]Ownership, error) {
	account = strings.Clone(account)
	return await(ctx, r, func(ctx context.Context) ([]Ownership, error) { return r.owners.Owned(ctx, account) })
}

// Release implements Owners.
func (r *registry) Release(ctx context.Context, store StoreID, token string) error {
	token = strings.Clone(token)
	_, err := await(ctx, r, func(ctx context.Context) (struct{}, error) { return struct{}{}, r.owners.Release(ctx, store, token) })
	return err
}

// await calls the registry in a goroutine of its own and waits for it as long as ctx lasts.
func await[T any](ctx context.Context, r *registry, call func(context.Context) (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	var (
		value T
		err   = errRegistryGone // stands if the call ends its goroutine
		done  = make(chan struct{})
	)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				err = r.gate.recovered("the owners' registry", v)
			}
			<-r.slots
			close(done)
		}()
		value, err = call(ctx)
	}()
	select {
	case <-done:
		return value, err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}
