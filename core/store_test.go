package core_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/core"
)

// answer is how a scripted store looks a token up.
type answer = func(ctx context.Context, p core.Product, token string) (*core.Purchase, error)

// scripted is a store whose answers are a function, with a count of its calls.
type scripted struct {
	id      core.StoreID
	sandbox bool

	mu     sync.Mutex
	answer answer
	calls  int
	asked  []string // "product token"
}

var _ core.Store = (*scripted)(nil)

func newStore(answer answer) *scripted {
	return &scripted{id: "shop", answer: answer}
}

func (s *scripted) ID() core.StoreID { return s.id }

func (s *scripted) Describe() core.StoreInfo {
	return core.StoreInfo{Platform: "scripted", Application: "app", Environment: "test", Sandbox: s.sandbox}
}

func (s *scripted) CheckProduct(p core.Product) error {
	if p.ID == "unsellable" {
		return errors.New("is not for sale")
	}
	return nil
}

func (s *scripted) CheckToken(token string) error {
	if token == "" {
		return errors.New("is empty")
	}
	for _, c := range token {
		if c <= ' ' || c == '/' || c > '~' {
			return errors.New("has a character that no token has")
		}
	}
	return nil
}

func (s *scripted) Lookup(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
	s.mu.Lock()
	s.calls++
	s.asked = append(s.asked, p.ID+" "+token)
	answer := s.answer
	s.mu.Unlock()
	return answer(ctx, p, token)
}

func (s *scripted) script(answer answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *scripted) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// took returns what was asked since the last call of it, as "product token".
func (s *scripted) took() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// sells answers with a purchase of the product that a token's text before the first dash names, and
// knows no other: "skin-1" is a purchase of skin.
func sells(make func(token string) *core.Purchase) answer {
	return func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
		if id, _, _ := strings.Cut(token, "-"); id != p.ID {
			return nil, errNotFound
		}
		return make(token), nil
	}
}

// says answers every look-up with the same purchase, under the token that was asked.
func says(purchase core.Purchase) answer {
	return func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) {
		p := purchase
		p.Token = token
		return &p, nil
	}
}

// fails answers every look-up with an error.
func fails(err error) answer {
	return func(context.Context, core.Product, string) (*core.Purchase, error) { return nil, err }
}

// hangs answers no look-up before its context ends.
func hangs(ctx context.Context, _ core.Product, _ string) (*core.Purchase, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// after delays an answer.
func after(d time.Duration, then answer) answer {
	return func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
		select {
		case <-time.After(d):
			return then(ctx, p, token)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Products of the scripted store.
func inApp(id string) core.Product {
	return core.Product{Store: "shop", Kind: core.KindInApp, ID: id}
}

func subscription(id string) core.Product {
	return core.Product{Store: "shop", Kind: core.KindSubscription, ID: id}
}

// skin is a permanent purchase that is acknowledged, made a day ago.
func skin(token string) *core.Purchase {
	return &core.Purchase{
		Token: token, ID: "p-" + token, State: core.StatePurchased, Consumption: core.Unconsumed,
		Acknowledgement: core.Acknowledged, Quantity: 1, PurchasedAt: time.Now().Add(-24 * time.Hour),
	}
}

// vip is a renewing subscription that ends in d.
func vip(token string, d time.Duration) *core.Purchase {
	return &core.Purchase{
		Token: token, ID: "p-" + token, State: core.StatePurchased, Payment: core.PaymentReceived, AutoRenewing: true,
		Acknowledgement: core.Acknowledged, Quantity: 1, PurchasedAt: time.Now().Add(-24 * time.Hour), ExpiresAt: time.Now().Add(d),
	}
}

var (
	errNotFound = &core.StoreError{Fault: core.FaultNotFound}
	errDown     = &core.StoreError{Err: errors.New("connection refused")}
)

// gauge counts what is under way, and remembers the most.
type gauge struct{ n atomic.Int64 }

func (g *gauge) add(n int64) int64 { return g.n.Add(n) }
func (g *gauge) load() int64       { return g.n.Load() }

func (g *gauge) max(n int64) {
	for old := g.n.Load(); n > old && !g.n.CompareAndSwap(old, n); old = g.n.Load() {
	}
}
