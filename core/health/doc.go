// Package health answers the probes of an orchestrator with what core.Gate.Health finds:
//
//	probes, err := health.New(health.Config{Gate: gate})
//	mux.Handle("/livez", probes.Live())
//	mux.Handle("/readyz", probes.Ready())
//
// In gin that is gin.WrapH(probes.Ready()), in fiber adaptor.HTTPHandler(probes.Ready()).
//
// Live says 200 as long as the process answers: a store that is down is no reason to restart a game. Ready says
// 200 while the gate should get requests, and 503 when it should not. That something is wrong which no other
// instance would do better, as an outage of a store or of the shared state, is "degraded" and 200 too, or
// every instance would be taken away at once; Config.DegradedIsUnavailable is for who must know by status.
//
// The answers are one word and a line for each finding as text, or the same as JSON for a client that accepts
// it. They hold no token, no account, no secret and no error of the embedder's own parts; still, they tell
// what is wrong, and so are for inside.
package health
