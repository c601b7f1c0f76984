package gatetest

import (
	"context"
	"errors"
	"time"

	"github.com/skugate/skugate/core"
)

// managed is a consumable of the market, or the test is skipped as one that its products need not pass.
func (c *counter) managed() core.Product {
	c.Helper()
	for _, p := range c.Products {
		if p.Kind == core.KindInApp {
			return p.Consumable()
		}
	}
	c.Skip("the market sells no managed product")
	return core.Product{}
}

func (c *counter) skipUnless(is bool, what string) {
	c.Helper()
	if !is {
		c.Skip("it is no " + what)
	}
}

func (c *counter) bounded() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Context(), 30*time.Second)
}

func acknowledges(c *counter) {
	a, is := c.store.(core.Acknowledger)
	c.skipUnless(is, "core.Acknowledger")
	ctx, cancel := c.bounded()
	defer cancel()
	for _, p := range c.Products {
		token := c.Buy(p, buyer)
		for _, which := range []string{"first", "second"} {
			if err := a.Acknowledge(ctx, p, token); err != nil {
				c.Errorf("the %s acknowledgement of %s: %v", which, p, err)
			}
		}
		if purchase, err := c.lookup(p, token); err != nil || purchase.Acknowledgement != core.Acknowledged {
			c.Errorf("%s was acknowledged, and does not say so: %+v, %v", p, purchase, err)
		}
		err := a.Acknowledge(ctx, p, c.Unknown)
		c.wantNo(err, "acknowledging an unknown token of %s", p)
		c.tellsNothing(err, c.Unknown)
	}
}

func consumes(c *counter) {
	s, is := c.store.(core.Consumer)
	c.skipUnless(is, "core.Consumer")
	p := c.managed()
	ctx, cancel := c.bounded()
	defer cancel()
	token := c.Buy(p, buyer)
	if err := s.Consume(ctx, p, token); err != nil {
		c.Errorf("consuming %s: %v", p, err)
	}
	var se *core.StoreError
	if err := s.Consume(ctx, p, token); err != nil && (!errors.As(err, &se) || se.Fault != core.FaultTokenRefused || se.Reason != core.ReasonConsumed) {
		c.Errorf("consuming %s again: %v; want nil if the market cannot tell, or else FaultTokenRefused and %q", p, err, core.ReasonConsumed)
	}
	if purchase, err := c.lookup(p, token); err != nil || purchase.Consumption != core.Consumed {
		c.Errorf("%s was consumed, and does not say so: %+v, %v", p, purchase, err)
	}
	err := s.Consume(ctx, p, c.Unknown)
	c.wantNo(err, "consuming an unknown token of %s", p)
	c.tellsNothing(err, c.Unknown)
}

// A list that ends early without an error would let a worker believe that it has read it.
func listsVoids(c *counter) {
	l, is := c.store.(core.VoidLister)
	c.skipUnless(is, "core.VoidLister")
	if c.Refund == nil {
		c.Fatal("it lists voids, and Market.Refund is nil")
	}
	from, refunded, listed := time.Now().Add(-time.Hour), map[string]bool{}, map[string]bool{}
	for _, p := range c.Products {
		token := c.Buy(p, buyer)
		c.Buy(p, buyer) // stands
		c.Refund(token)
		refunded[token] = true
	}
	time.Sleep(time.Minute)
	ctx, cancel := c.bounded()
	defer cancel()
	for v, err := range l.Voided(ctx, from, time.Time{}) {
		if err != nil {
			c.Fatalf("the list: %v", err)
		}
		if !refunded[v.Token] || v.Store != c.store.ID() || v.At.IsZero() {
			c.Errorf("the list has the void %+v", v)
		}
		listed[v.Token] = true // it may come twice
	}
	if len(listed) != len(refunded) {
		c.Errorf("the list has %d of %d refunds", len(listed), len(refunded))
	}

	c.tap.answerAll(answerWith(500, nil, `{"`+canary+`":1}`))
	var last error
	for _, err := range l.Voided(ctx, from, time.Time{}) {
		last = err
	}
	if last == nil {
		c.Error("a market that fails has a list without an error")
	}
	c.tellsNothing(last, "")
}

func listsUnconfirmed(c *counter) {
	l, is := c.store.(core.UnconfirmedLister)
	c.skipUnless(is, "core.UnconfirmedLister")
	from, owed := time.Now().Add(-time.Hour), map[string]core.Product{}
	for _, p := range c.Products {
		owed[c.Buy(p, buyer)] = p
	}
	time.Sleep(time.Minute)
	ctx, cancel := c.bounded()
	defer cancel()
	for d, err := range l.Unconfirmed(ctx, from, time.Time{}) {
		if errors.Is(err, errors.ErrUnsupported) {
			c.Skip("this client's market has no such list")
		}
		if err != nil {
			c.Fatalf("the list: %v", err)
		}
		p, ok := owed[d.Token]
		if !ok || d.Store != p.Store || d.Product != p.ID || d.Kind != p.Kind || time.Until(d.By) <= 0 {
			c.Errorf("the list has the debt %+v", d)
		}
		delete(owed, d.Token)
	}
	if len(owed) > 0 {
		c.Errorf("%d purchases are not in the list", len(owed))
	}
}

func counts(c *counter) {
	s, is := c.store.(core.StatsReporter)
	c.skipUnless(is, "core.StatsReporter")
	p := c.Products[0]
	token := c.Buy(p, buyer)
	c.tap.watch(token, nil)
	for range 3 {
		if _, err := c.lookup(p, token); err != nil {
			c.Errorf("%s: %v", p, err)
		}
	}
	if _, lookups := c.tap.seen(); s.ClientStats().Attempts != uint64(lookups) {
		c.Errorf("%d look-ups were sent, and it counted %+v", lookups, s.ClientStats())
	}
}
