package onestoretest

import "net/url"

// Kind is how a product is sold; its value is the word in the path.
//
// Spec: 003_cae853c17ba7f40e.txt, "商品类型代码".
type Kind string

// The kinds of products.
const (
	KindInApp        Kind = "inapp"        // managed
	KindRecurring    Kind = "auto"         // monthly
	KindSubscription Kind = "subscription" // subscription
)

// Product is what is bought: a kind and a product id. A store sells whatever it is asked to sell.
type Product struct {
	Kind Kind
	ID   string
}

// InApp is the managed product id: permanent, consumable or of a fixed term, which only the game knows.
func InApp(id string) Product { return Product{KindInApp, id} }

// Recurring is the monthly product id ("auto").
func Recurring(id string) Product { return Product{KindRecurring, id} }

// Subscription is the subscription product id.
func Subscription(id string) Product { return Product{KindSubscription, id} }

// LookupPath is the escaped path at which the purchase is looked up, for a test that has no client
// at hand.
func (s *Store) LookupPath(token string) string {
	p, ok := s.Product(token)
	if !ok {
		panic(misuse("LookupPath", errUnknownToken))
	}
	return "/v7/apps/" + url.PathEscape(s.cfg.ClientID) + "/purchases/" + string(p.Kind) +
		"/products/" + url.PathEscape(p.ID) + "/" + url.PathEscape(token)
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
