package gatetest

import (
	"net/http"

	"github.com/skugate/skugate/core"
)

// Market is a store client and the market that it asks, as RunStore drives them. The suite stands between the
// two: whatever goes wrong on the way, it does.
type Market struct {
	// Connect makes the client as a game would, except that it sends every request by transport. It is
	// called once or more, each time for a client of its own.
	Connect func(transport http.RoundTripper) core.Store
	// Transport is the market: a fake that answers in this process. Every test runs in a testing/synctest
	// bubble, where a socket would stop the clock; time.Now is the bubble's, and so has to be the fake's.
	Transport http.RoundTripper

	// Products are one product of each kind that the market sells.
	Products []core.Product
	// Buy makes a paid purchase of p, not acknowledged and not consumed, that runs for an hour at least. label
	// is its label, none if it is empty. It returns the purchase token.
	Buy func(p core.Product, label string) (token string)
	// Unlabelled are the kinds of which the market does not report the label. Default: none.
	Unlabelled []core.Kind
	// Refund takes the purchase back. Nil for a client that is no core.VoidLister.
	Refund func(token string)
	// Unknown is a token that the market could have issued, and did not.
	Unknown string

	// Secrets are what no error may ever tell, such as the client's own secret. What the client sends as
	// Authorization, and purchase tokens, are secrets without being listed.
	Secrets []string
}
