// Package ginmw gates gin handlers with a skugate gate.
//
// Start with Require: it lets a request through to the handler when the player owns what the route
// asks for, with the decision in the request's context (From, core.FromContext), and aborts with an
// answer otherwise. Who is asking is a parameter: TokenHeader and TokensHeader read purchase tokens from
// the request, TokenLookup asks the game's own records and Owned the gate's, which know what was handed
// in; any CredentialsFunc of your own does as well.
//
//	player := func(c *gin.Context) string { return c.GetString("player") } // the game's own authentication
//	who := ginmw.TokenHeader("X-Purchase-Token", player)
//	r.GET("/raids/:id", ginmw.Require(gate, vip, who), raid)
//
// Put the gate on the route or its group, before the handler: gin does not apply a Use that comes
// after a route. Every method is gated, OPTIONS too; a CORS middleware stands in front and answers
// preflights itself. gin's logger prints query strings, so keep tokens in headers.
//
// The answers are byte for byte those of nethttpmw and fibermw. Where fiber reads requests unlike gin and
// net/http stands in the documentation of core/gatetest.
package ginmw
