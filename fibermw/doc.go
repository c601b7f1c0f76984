// Package fibermw gates fiber v2 handlers with a skugate gate.
//
// Start with Require: it lets a request through to the handler when the player owns what the route
// asks for, with the decision in its UserContext (From, core.FromContext), and answers it otherwise.
// Who is asking is a parameter: TokenHeader and TokensHeader read purchase tokens from the request,
// TokenLookup asks the game's own records and Owned the gate's, which know what was handed in; any
// CredentialsFunc of your own does as well.
//
//	player := func(c *fiber.Ctx) string { return c.Locals("player").(string) } // the game's own authentication
//	who := fibermw.TokenHeader("X-Purchase-Token", player)
//	app.Get("/raids/:id", fibermw.Require(gate, vip, who), raid)
//
// Put the gate on the route: app.Use("/premium") also catches "/premiumx". Every method is gated,
// OPTIONS too; a CORS middleware stands in front and answers preflights itself. fiber does not tell a
// handler that its client hung up, so a check ends at the gate's own timeout. A panic in a handler
// ends the process unless fiber's recover middleware stands in front; one in the gate's own work does not.
//
// fasthttp puts the fields of a chunked request's trailer among those of its header. TokenHeader and
// TokensHeader do not take a token from there; c.Get does, so an authentication of your own that trusts
// a header is to refuse a request that has it twice. What else fiber reads unlike net/http stands in the
// documentation of core/gatetest.
//
// The decision outlives the request: it, and everything it points to, is safe to keep.
package fibermw
