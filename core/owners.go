package core

import (
	"context"
	"sync"
)

// Owners remembers which account a purchase belongs to when the store's label does not say.
// Implementations are safe for concurrent use. Losing a registry loses those answers: under
// BindingRecord the next account to present an unlabelled token becomes its owner.
type Owners interface {
	// Claim records o unless the purchase has an owner, and returns the ownership that stands
	// afterwards, in one atomic step: of several accounts the first one wins. When the same account
	// claims again, Bound is kept if either has it. An empty account is an error.
	Claim(ctx context.Context, o Ownership) (Ownership, error)
	// Owner returns who owns the purchase, ok false if nobody does.
	Owner(ctx context.Context, store StoreID, token string) (o Ownership, ok bool, err error)
	// Owned returns what account owns, oldest first. None is not an error.
	Owned(ctx context.Context, account string) ([]Ownership, error)
	// Release forgets the owner of a purchase. One that has none is not an error.
	Release(ctx context.Context, store StoreID, token string) error
}

// Ownership ties one purchase to one account.
type Ownership struct {
	Store   StoreID
	Token   string
	Product string // the product id
	Account string
	// Bound: the server itself recorded it (Gate.Bind). False: recorded because the account was
	// the first to present the token.
	Bound bool
}

// MemoryOwners is an Owners in this process's memory: for one instance, for tests, and where a
// restart may forget. It keeps one entry of some 200 bytes for each purchase and evicts none.
type MemoryOwners struct {
	mu       sync.RWMutex
	byToken  map[ownerKey]*Ownership
	accounts map[string][]*Ownership
}

type ownerKey struct {
	store StoreID
	token string
}

var _ Owners = (*MemoryOwners)(nil)

// NewMemoryOwners returns an empty registry.
func NewMemoryOwners() *MemoryOwners {
	return &MemoryOwners{byToken: map[ownerKey]*Ownership{}, accounts: map[string][]*Ownership{}}
}

// Claim implements Owners.
func (m *MemoryOwners) Claim(_ context.Context, o Ownership) (Ownership, error) {
	if o.Account == "" {
		return Ownership{}, errEmptyAccount
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key := ownerKey{o.Store, o.Token}
	if have := m.byToken[key]; have != nil {
		if have.Account == o.Account {
			have.Bound = have.Bound || o.Bound
		}
		return *have, nil
	}
	m.byToken[key] = &o
	m.accounts[o.Account] = append(m.accounts[o.Account], &o)
	return o, nil
}

// Owner implements Owners.
func (m *MemoryOwners) Owner(_ context.Context, store StoreID, token string) (Ownership, bool, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if o := m.byToken[ownerKey{store, token}]; o != nil {
		return *o, true, nil
	}
	return Ownership{}, false, nil
}

// Owned implements Owners.
func (m *MemoryOwners) Owned(_ context.Context, account string) ([]Ownership, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	owned := make([]Ownership, 0, len(m.accounts[account]))
	for _, o := range m.accounts[account] {
		owned = append(owned, *o)
	}
	return owned, nil
}

// Release implements Owners.
func (m *MemoryOwners) Release(_ context.Context, store StoreID, token string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := ownerKey{store, token}
	gone := m.byToken[key]
	if gone == nil {
		return nil
	}
	delete(m.byToken, key)
	kept := m.accounts[gone.Account][:0]
	for _, o := range m.accounts[gone.Account] {
		if o != gone {
			kept = append(kept, o)
		}
	}
	if len(kept) == 0 {
		delete(m.accounts, gone.Account)
	} else {
		m.accounts[gone.Account] = kept
	}
	return nil
}
