// Package status is a page that shows a person how a gate is doing:
//
//	page, err := status.New(status.Config{Gate: gate, Requirements: []core.Requirement{vip, season}})
//	mux.Handle("/ops/skugate", adminOnly(page))                                // net/http
//	r.Any("/ops/skugate", adminOnly, gin.WrapH(page))                          // gin
//	app.All("/ops/skugate", adminOnly, adaptor.HTTPHandler(page))              // fiber
//	g.Go(func() error { return page.Run(ctx) })                                // optional: see Page.Run
//
// It shows the traffic of the last minutes by outcome, how much of it memory answered, why requests were
// refused, and of each store its latency, what it answered and when its breaker was open, and the last runs
// of the workers. A form explains one decision step by step (core.Gate.Explain).
//
// Nobody serves it unless it is mounted, and it has no login of its own: put it behind the game's
// authentication for operators. It shows no secret, and of tokens and accounts a few characters at most,
// but whoever can use its form can tell which tokens are purchases and have a store asked.
//
// The page is HTML that needs no script, loads nothing, and works under any path; its strict
// Content-Security-Policy says so to the browser. With "?format=json", or for a client that accepts JSON and
// not HTML, the same is written as a Report. "?refresh=5" reloads the page every 5 seconds.
package status
