package gatetest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
)

var (
	vip  = core.Product{Store: "shop", Kind: core.KindSubscription, ID: "vip"}
	skin = core.Product{Store: "shop", Kind: core.KindInApp, ID: "skin"}
)

// looksUp compares what a look-up of a token as a purchase of vip came to.
func looksUp(t *testing.T, s *gatetest.Store, token string, purchase *core.Purchase, fault error) {
	t.Helper()
	got, err := s.Lookup(t.Context(), vip, token)
	if got != purchase || !errors.Is(err, fault) || (err == nil) != (fault == nil) {
		t.Errorf("looking up %q: %v, %v; want %v, %v", token, got, err, purchase, fault)
	}
}

func wantUnknown(t *testing.T, s *gatetest.Store, p core.Product, token string) {
	t.Helper()
	var fault *core.StoreError
	if got, err := s.Lookup(t.Context(), p, token); got != nil || !errors.As(err, &fault) || fault.Fault != core.FaultNotFound {
		t.Errorf("looking up %q: %v, %v; want no such purchase", token, got, err)
	}
}

func TestTheLastWordAboutATokenCounts(t *testing.T) {
	s, down, broken := gatetest.NewStore("shop"), errors.New("down"), errors.New("broken")
	purchase := gatetest.Owned(vip, "t1", "alice")
	wantUnknown(t, s, vip, "t1")
	s.Put(vip, purchase)
	looksUp(t, s, "t1", purchase, nil)
	wantUnknown(t, s, skin, "t1")
	looksUp(t, s, "t1", purchase, nil)
	s.Fail(vip, "t1", broken)
	looksUp(t, s, "t1", nil, broken)
	s.Fail(vip, "t1", nil) // says nothing at all
	looksUp(t, s, "t1", nil, nil)
	s.Put(vip, purchase)
	s.Down(down)
	looksUp(t, s, "t1", nil, down)
	looksUp(t, s, "t2", nil, down)
	s.Down(nil)
	looksUp(t, s, "t1", purchase, nil)
	s.Otherwise(func(context.Context, core.Product, string) (*core.Purchase, error) { return nil, broken })
	looksUp(t, s, "t1", purchase, nil)
	looksUp(t, s, "t2", nil, broken)
	s.Otherwise(nil)
	s.Forget(vip, "t1")
	wantUnknown(t, s, vip, "t1")
	s.Panic(vip, "t1", "value")
	func() {
		defer func() {
			if v := recover(); v != "value" {
				t.Errorf("panicked with %v", v)
			}
		}()
		_, _ = s.Lookup(t.Context(), vip, "t1")
		t.Error("did not panic")
	}()
}

// What a game configured about a product is not the store's to know.
func TestAStoreKnowsProductsByKindAndID(t *testing.T) {
	s := gatetest.NewStore("shop")
	purchase := gatetest.Owned(skin, "t1", "alice")
	s.Put(skin.Consumable(), purchase)
	if got, err := s.Lookup(t.Context(), skin.For(1), "t1"); got != purchase || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if err := s.CheckProduct(skin); err != nil {
		t.Error(err)
	}
	if err := s.CheckProduct(skin.On("other")); err == nil {
		t.Error("another store's product is sold here")
	}
}

func TestAHeldLookUpAnswersAsTheScriptStandsWhenItIsReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := gatetest.NewStore("shop")
		release := s.Hang(vip, "t1")
		got := make(chan *core.Purchase)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				p, err := s.Lookup(t.Context(), vip, "t1")
				if err != nil {
					t.Error(err)
				}
				got <- p
			})
		}
		gone, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			if p, err := s.Lookup(gone, vip, "t1"); p != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("the caller that left got %v, %v", p, err)
			}
		})
		synctest.Wait()
		if s.Calls() != 3 || len(got) > 0 {
			t.Errorf("%d look-ups, %d answered", s.Calls(), len(got))
		}
		cancel()
		wantUnknown(t, s, vip, "t2") // is not held
		purchase := gatetest.Owned(vip, "t1", "alice")
		s.Put(vip, purchase)
		again := s.Hang(vip, "t1")
		release()
		release() // is allowed, and releases nobody else
		for range 2 {
			if p := <-got; p != purchase {
				t.Errorf("got %v", p)
			}
		}
		wg.Go(func() { looksUp(t, s, "t1", purchase, nil) })
		synctest.Wait()
		again()
		wg.Wait()
	})
}

func TestAStoreTellsWhatItWasAsked(t *testing.T) {
	s := gatetest.NewStore("shop")
	s.Refuse("junk")
	if s.CheckToken("junk") == nil || s.CheckToken("t1") != nil {
		t.Error("refuses another token than it was told to")
	}
	wantUnknown(t, s, vip, "t1")
	wantUnknown(t, s, skin, "t2")
	want := []gatetest.Question{{Product: vip, Token: "t1"}, {Product: skin, Token: "t2"}}
	if got := s.Asked(); !slices.Equal(got, want) || s.Calls() != 2 {
		t.Errorf("asked %v, %d", got, s.Calls())
	}
	s.Asked()[0].Token = "changed"
	if got := s.Asked(); !slices.Equal(got, want) {
		t.Errorf("a caller changed what was asked: %v", got)
	}
	if s.ID() != "shop" || s.Describe() != gatetest.NewStore("shop").Describe() || s.Describe() == gatetest.NewStore("other").Describe() {
		t.Errorf("%q is %+v", s.ID(), s.Describe())
	}
}

// Owned and Lapsed are what a gate takes them for, for products of all kinds.
func TestOwnedGrantsAndLapsedDoesNot(t *testing.T) {
	for _, kind := range []core.Kind{core.KindInApp, core.KindRecurring, core.KindSubscription} {
		p := core.Product{Store: "shop", Kind: kind, ID: "x"}
		s := gatetest.NewStore("shop")
		s.Put(p, gatetest.Owned(p, "owned", "alice"))
		s.Put(p, gatetest.Owned(p, "found", ""))
		s.Put(p, gatetest.Lapsed(p, "lapsed", "alice"))
		gate, err := core.New(core.Config{Stores: []core.Store{s}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			account, token string
			want           core.Outcome
			seen           bool
		}{
			{"alice", "owned", core.Granted, true}, {"bob", "owned", core.Denied, false},
			{"bob", "found", core.Granted, true}, {"alice", "found", core.Denied, false},
			{"alice", "lapsed", core.Denied, true},
		} {
			d := gate.Check(t.Context(), p, core.Credentials{Account: c.account, Token: c.token})
			if d.Outcome != c.want || (d.Purchase != nil) != c.seen {
				t.Errorf("%s: %s with %s: %v %q with %v", kind, c.account, c.token, d.Outcome, d.Reason, d.Purchase)
			}
		}
		if err := gate.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
