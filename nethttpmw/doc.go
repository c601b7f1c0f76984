// Package nethttpmw gates net/http handlers with a skugate gate.
//
// Start with Require: it lets a request through to the handler when the player owns what the route
// asks for, with the decision in the request's context, and answers it otherwise. Who is asking is a
// parameter: TokenHeader and TokensHeader read purchase tokens from the request, TokenLookup asks the
// game's own records and Owned the gate's, which know what was handed in; any CredentialsFunc of your own
// does as well.
//
//	player := func(r *http.Request) string { return session(r).Player } // the game's own authentication
//	who := nethttpmw.TokenHeader("X-Purchase-Token", player)
//	mux.Handle("GET /raids/{id}", nethttpmw.Require(gate, vip, who)(raids))
//
// Put the gate on the route, not on a path prefix: frameworks and proxies disagree about which paths
// a prefix covers. Every method is gated, OPTIONS too; a CORS middleware stands in front and answers
// preflights itself.
//
// The answers are byte for byte those of ginmw and fibermw. Where fiber reads requests unlike net/http and
// gin stands in the documentation of core/gatetest.
package nethttpmw
