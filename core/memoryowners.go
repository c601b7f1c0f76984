package core

import (
	"context"
	"sync"
)

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
