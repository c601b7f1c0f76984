package core

import (
	"errors"
	"fmt"
	"time"
)

// StoreID names one configured store client of a gate: "onestore", "onestore-b", "googleplay".
type StoreID string

// Kind is how a store sells a product. It selects the rule that reads a purchase of it.
type Kind string

// The kinds of products. ONE store calls them by these words in its paths.
//
// Spec: 003_cae853c17ba7f40e.txt, "getPurchaseDetails", "getRecurringPurchaseDetails", "getSubscriptionDetail".
const (
	// KindInApp is a managed product: bought once, then permanent, consumable or usable for a term.
	// No store says which of the three it is; Product.Consumable and Product.For do.
	KindInApp Kind = "inapp"
	// KindRecurring is ONE store's monthly product ("auto").
	KindRecurring Kind = "auto"
	// KindSubscription is a subscription with a store-kept expiry.
	KindSubscription Kind = "subscription"
)

// Product is one thing that one store sells. Make it with a store package's constructors
// (onestore.Subscription, onestore.InApp, …); the zero Product is refused by Gate.Validate.
// A Product is comparable, safe for concurrent use, and is itself a Requirement.
type Product struct {
	Store StoreID // the client that is asked
	Kind  Kind
	ID    string // the product id in the store's console

	term       time.Duration
	consumable bool
}

// For returns the product as usable for d from its purchase on ("season pass, 90 days"). The
// purchase instant itself and the last millisecond of the term are inside. Only a managed product
// has a term, and it must be positive: Gate.Validate refuses anything else.
func (p Product) For(d time.Duration) Product {
	p.term = d
	if d <= 0 {
		p.term = -1 // kept, so that Validate can say so; zero would read as "permanent"
	}
	return p
}

// Consumable returns the product as one that is used up ("100 gems"). A consumed purchase of it
// grants nothing, and it has no outage grace.
func (p Product) Consumable() Product {
	p.consumable = true
	return p
}

// On returns the product as sold by the store client named id. Constructors name the client's
// default name; a gate with several clients of one store tells them apart with On.
func (p Product) On(id StoreID) Product {
	p.Store = id
	return p
}

// Term is how long a purchase of the product lasts, zero if it is permanent or the store knows.
func (p Product) Term() time.Duration { return max(p.term, 0) }

// IsConsumable tells whether the product was marked with Consumable.
func (p Product) IsConsumable() bool { return p.consumable }

// String is "store/kind/id".
func (p Product) String() string { return string(p.Store) + "/" + string(p.Kind) + "/" + p.ID }

// sameSKU tells whether two products are one at the store, whatever we configured about them.
func (p *Product) sameSKU(q *Product) bool {
	return p.ID == q.ID && p.Kind == q.Kind && p.Store == q.Store
}

// check finds what is wrong with the product without asking its store.
func (p *Product) check() error {
	var errs []error
	if p.Store == "" {
		errs = append(errs, errors.New("has no store"))
	}
	if p.ID == "" {
		errs = append(errs, errors.New("has no product id"))
	}
	switch p.Kind {
	case KindInApp, KindRecurring, KindSubscription:
	default:
		errs = append(errs, fmt.Errorf("has the unknown kind %q", p.Kind))
	}
	if p.term < 0 {
		errs = append(errs, errors.New("has a term (For) that is not positive"))
	}
	if p.term != 0 && p.Kind != KindInApp {
		errs = append(errs, errors.New("has a term (For), which only a managed product can have"))
	}
	if p.consumable && p.Kind != KindInApp {
		errs = append(errs, errors.New("is marked Consumable, which only a managed product can be"))
	}
	if p.consumable && p.term != 0 {
		errs = append(errs, errors.New("is marked both For a term and Consumable"))
	}
	return errors.Join(errs...)
}
