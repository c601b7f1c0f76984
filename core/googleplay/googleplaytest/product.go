package googleplaytest

import "net/url"

// Kind is how a product is sold.
type Kind uint8

// The kinds of products.
const (
	KindInApp        Kind = iota // one-time
	KindSubscription             // subscription
)

// Product is what is bought: a kind and a product id. A store sells whatever it is asked to sell.
type Product struct {
	Kind Kind
	ID   string
}

// InApp is the one-time product id: permanent, consumable or of a fixed term, which only the game knows.
func InApp(id string) Product { return Product{KindInApp, id} }

// Subscription is the subscription product id.
func Subscription(id string) Product { return Product{KindSubscription, id} }

// LookupPath is the escaped path at which the purchase is looked up, for a test that has no client
// at hand.
func (s *Store) LookupPath(token string) string {
	p, ok := s.Product(token)
	if !ok {
		panic(misuse("LookupPath", errUnknownToken))
	}
	base := "/androidpublisher/v3/applications/" + s.cfg.PackageName + "/purchases/"
	if p.Kind == KindSubscription {
		return base + "subscriptionsv2/tokens/" + url.PathEscape(token)
	}
	return base + "products/" + url.PathEscape(p.ID) + "/tokens/" + url.PathEscape(token)
}

// Product tells what was bought with token, and whether the store ever gave it out.
func (s *Store) Product(token string) (Product, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.purchases[token]
	if !ok {
		return Product{}, false
	}
	return p.product, true
}

// OrderID is the id of the last payment of the purchase.
func (s *Store) OrderID(token string) string {
	var id string
	s.change("OrderID", token, func(p *purchase) error {
		id = p.order()
		return nil
	})
	return id
}
