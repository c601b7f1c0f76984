// Package handin is a small JSON API through which game clients hand in purchases once, so that later
// requests need no token.
//
// New makes an http.Handler for two endpoints. Mount it in any framework, behind the game's own
// authentication:
//
//	h, err := handin.New(handin.Config{
//		Gate:         gate,
//		Account:      func(r *http.Request) string { return session(r).Player },
//		Requirements: []core.Requirement{vip, season},
//	})
//	mux.Handle("/iap/", http.StripPrefix("/iap", h)) // net/http
//	r.Any("/iap/*path", gin.WrapH(http.StripPrefix("/iap", h))) // gin
//	app.All("/iap/*", adaptor.HTTPHandler(http.StripPrefix("/iap", h))) // fiber
//
// POST /purchases with {"product":"vip_monthly","token":"…"} asks the store, and records the account as
// the owner if the purchase grants (core.Gate.HandIn). It answers the decision: 200, or the problem of
// core.Answer. "store" and "kind" tell products of one id apart. "receipt" may carry what the SDK gave
// the app, {"originalJson":"…","signature":"…"}, which is then verified too.
//
// GET /entitlements answers what the account owns among the requirements, from the purchases that were
// handed in. Protect other routes with the adapters' Owned source.
package handin
