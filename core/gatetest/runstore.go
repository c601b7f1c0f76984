package gatetest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// RunStore tests that a store client does what core.Store says, and what core.Acknowledger, core.Consumer,
// core.VoidLister, core.UnconfirmedLister and core.StatsReporter say if it is one. It does not know the market's
// own protocol: whether every state of a purchase is read right is for the client's own tests.
//
// open returns a market without purchases, one of its own for each test; t.Cleanup closes it. The client
// may start no goroutine that outlives a call.
func RunStore(t *testing.T, open func(t *testing.T) Market) {
	for _, c := range []struct {
		name string
		run  func(*counter)
	}{
		{"it says who it is, without a call", names},
		{"it refuses products that its market cannot sell", sells},
		{"it knows a token of its market, without a call", knowsTokens},
		{"what it refuses as a token it does not send", sendsNoJunk},
		{"a token stays in its place in a request", tokensStay},
		{"a purchase is read, and granted to its buyer alone", reads},
		{"a token that names no purchase is a no", unknownToken},
		{"a token of one product is none of another", otherProduct},
		{"what is no answer is neither a yes nor a no", nonsense},
		{"half of an answer is none", halves},
		{"an answer without end is not read to its end", endless},
		{"a redirect is not followed", redirects},
		{"it heeds the deadline and the cancellation of its context", deadlines},
		{"it tells when to ask again if the market does", retryAfter},
		{"it answers many at once, each about its own", parallel},
		{"an acknowledgement stands, and may be repeated", acknowledges},
		{"a purchase is consumed once", consumes},
		{"its list of voids has what was refunded, or ends in an error", listsVoids},
		{"its list of unconfirmed purchases has what nobody acknowledged", listsUnconfirmed},
		{"it counts what it sends", counts},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.run(openCounter(t, open)) })
		})
	}
}

// counter is where a test buys and asks: a market, and a client of it with the tap between them.
type counter struct {
	*testing.T
	Market
	open  func(*testing.T) Market
	tap   *tap
	store core.Store
}

func openCounter(t *testing.T, open func(*testing.T) Market) *counter {
	m := open(t)
	if len(m.Products) == 0 {
		t.Fatal("the market sells nothing: Market.Products is empty")
	}
	c := &counter{T: t, Market: m, open: open, tap: &tap{market: m.Transport}}
	c.store = m.Connect(c.tap)
	return c
}

// again opens another market, with nothing in it that was done to this one.
func (c *counter) again() *counter { return openCounter(c.T, c.open) }

// gate makes a gate of the client that is closed when the test ends.
func (c *counter) gate() *core.Gate {
	c.Helper()
	return newGate(c.T, c.store)
}

// lookup asks as a gate does, with a deadline, and checks that the answer is either a purchase or an error that
// tells nothing.
func (c *counter) lookup(p core.Product, token string) (*core.Purchase, error) {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), 3*time.Second)
	defer cancel()
	purchase, err := c.store.Lookup(ctx, p, token)
	if (purchase == nil) == (err == nil) {
		c.Errorf("a look-up returned %v and the error %v; it returns either a purchase or an error", purchase, err)
	}
	c.tellsNothing(err, token)
	return purchase, err
}

// check asks a gate as the account that the suite's purchases are labelled for.
func (c *counter) check(g *core.Gate, p core.Product, token string) core.Decision {
	c.Helper()
	d := g.Check(c.Context(), p, core.Credentials{Account: buyer, Token: token})
	c.tellsNothing(d.Err, token)
	return d
}

// Who the suite's purchases are labelled for, and who is not.
const (
	buyer    = "buyer-1"
	stranger = "stranger-2"
)
