package core

import "context"

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
