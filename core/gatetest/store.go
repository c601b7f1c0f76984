package gatetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/skugate/skugate/core"
)

// Store is a core.Store that answers what a test told it to. A token that the test said nothing about
// names no purchase. All methods are safe for concurrent use, also while a gate asks.
type Store struct {
	id core.StoreID

	mu        sync.Mutex // never held across a wait or a call of the test's code
	answers   map[key]Lookup
	holds     map[key]*hold
	refused   map[string]bool
	spent     map[key]bool // consumed by Consume
	otherwise Lookup
	outage    error
	asked     []Question
}

// Lookup answers a look-up, as core.Store's method of that name does.
type Lookup func(ctx context.Context, p core.Product, token string) (*core.Purchase, error)

// Question is one look-up that a Store was asked for.
type Question struct {
	Product core.Product
	Token   string
}

// key is a product as a store knows it, without what the game configured about it, and a token.
type key struct {
	kind      core.Kind
	id, token string
}

// hold keeps look-ups waiting until it is released.
type hold struct {
	released chan struct{}
	once     sync.Once
}

var _ core.Store = (*Store)(nil)

// NewStore returns a store that knows no purchase. Products name it by id.
func NewStore(id core.StoreID) *Store {
	return &Store{id: id, answers: map[key]Lookup{}, holds: map[key]*hold{}, refused: map[string]bool{}, spent: map[key]bool{}}
}

func keyOf(p core.Product, token string) key { return key{p.Kind, p.ID, token} }

// Put makes purchase what the store knows about its token as a purchase of p, in place of whatever
// was said before. The store keeps purchase: do not change it afterwards.
func (s *Store) Put(p core.Product, purchase *core.Purchase) {
	s.Answer(p, purchase.Token, func(context.Context, core.Product, string) (*core.Purchase, error) { return purchase, nil })
}

// Fail makes look-ups of token as a purchase of p end with err, which is usually a *core.StoreError.
// With a nil err the store says nothing at all, which no store may.
func (s *Store) Fail(p core.Product, token string, err error) {
	s.Answer(p, token, func(context.Context, core.Product, string) (*core.Purchase, error) { return nil, err })
}

// Panic makes look-ups of token as a purchase of p panic with v.
func (s *Store) Panic(p core.Product, token string, v any) {
	s.Answer(p, token, func(context.Context, core.Product, string) (*core.Purchase, error) { panic(v) })
}

// Answer makes look-ups of token as a purchase of p call answer.
func (s *Store) Answer(p core.Product, token string, answer Lookup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := keyOf(p, strings.Clone(token))
	s.answers[k] = answer
	delete(s.spent, k)
}

// Forget takes back what was said of token as a purchase of p: it names no purchase.
func (s *Store) Forget(p core.Product, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.answers, keyOf(p, token))
}

// Otherwise makes every look-up call answer that nothing else was said about. Nil: no such purchase.
func (s *Store) Otherwise(answer Lookup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.otherwise = answer
}

// Down makes every look-up end with err, whatever else was said. Nil ends the outage.
func (s *Store) Down(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outage = err
}

// Hang makes look-ups of token as a purchase of p wait until release is called, and then answer as
// they would have. One whose context ends first returns the context's error. release may be called
// more than once; call it before the gate is closed, which waits for look-ups under way.
func (s *Store) Hang(p core.Product, token string) (release func()) {
	h := &hold{released: make(chan struct{})}
	k := keyOf(p, strings.Clone(token))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holds[k] = h
	return func() {
		h.once.Do(func() { close(h.released) })
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.holds[k] == h {
			delete(s.holds, k)
		}
	}
}

// Refuse makes CheckToken refuse token, as text that no store of this kind issues.
func (s *Store) Refuse(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused[strings.Clone(token)] = true
}

// Calls is how many look-ups the store was asked for, those under way included.
func (s *Store) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// Asked lists the look-ups in the order in which they arrived.
func (s *Store) Asked() []Question {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Question(nil), s.asked...)
}

// ID implements core.Store.
func (s *Store) ID() core.StoreID { return s.id }

// Describe implements core.Store.
func (s *Store) Describe() core.StoreInfo {
	return core.StoreInfo{Platform: "gatetest", Application: string(s.id), Environment: "test"}
}

// CheckProduct implements core.Store: the store sells whatever names it.
func (s *Store) CheckProduct(p core.Product) error {
	if p.Store != s.id {
		return fmt.Errorf("gatetest: the product names the store %q, this one is %q", p.Store, s.id)
	}
	return nil
}

// CheckToken implements core.Store. It refuses what Refuse named.
func (s *Store) CheckToken(token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused[token] {
		return errors.New("gatetest: the test refuses this token")
	}
	return nil
}

// Lookup implements core.Store. It answers as the script stands when its wait, if any, is over.
func (s *Store) Lookup(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
	if h := s.ask(p, token); h != nil {
		select {
		case <-h.released:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	answer, err := s.answer(keyOf(p, token))
	if err != nil {
		return nil, err
	}
	purchase, err := answer(ctx, p, token)
	return s.asSpent(keyOf(p, token), purchase), err
}

// ask notes a look-up and returns what holds it up.
func (s *Store) ask(p core.Product, token string) *hold {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, Question{p, token})
	return s.holds[keyOf(p, token)]
}

func (s *Store) answer(k key) (Lookup, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outage != nil {
		return nil, s.outage
	}
	if answer, ok := s.answers[k]; ok {
		return answer, nil
	}
	if s.otherwise != nil {
		return s.otherwise, nil
	}
	return nil, &core.StoreError{Fault: core.FaultNotFound}
}
