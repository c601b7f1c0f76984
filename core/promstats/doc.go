// Package promstats shows what a gate counts (core.Gate.Stats) to Prometheus:
//
//	collector, err := promstats.New(promstats.Config{Gate: gate})
//	registry.MustRegister(collector)
//	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
//
// A scrape reads the gate's statistics once; between scrapes nothing runs. Names and units follow
// Prometheus's conventions, and all begin with skugate_. Every label's value comes from the configuration
// or from this library, so that no request can make a series, and none is a token, an account or a
// secret:
//
//   - outcome, reason, source, mode: of decisions (core.DecisionCount)
//   - store: core.StoreID
//   - product: the id of the product that decided, one of a requirement's
//   - result, state, kind: a few words of each metric's own
//   - work: the name of background work (core.Gate.Work)
//   - gate: Config.Name, if it is set
//
// What is let in without a fresh answer of a store is skugate_decisions_total with the source "stale",
// "outage" or "hold_open"; what would be refused in shadow mode has the mode "shadow" and an outcome other
// than "granted". The file examples/grafana/dashboard.json shows all metrics.
package promstats
