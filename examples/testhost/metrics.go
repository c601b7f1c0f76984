package main

import (
	"fmt"
	"io"
	"net/http"
	"runtime"

	"github.com/skugate/skugate/core"
)

// metrics writes Gate.Stats in the text format of Prometheus. Every label's value comes from the
// configuration or from the library: no request can make a new series.
func metrics(gate *core.Gate) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		stats := gate.Stats()
		for _, d := range stats.Decisions {
			fmt.Fprintf(w, "skugate_decisions_total{outcome=%q,reason=%q,source=%q,mode=%q} %d\n",
				d.Outcome, d.Reason, d.Source, d.Mode, d.Count)
		}
		for _, s := range stats.Stores {
			writeStore(w, &s)
		}
		fmt.Fprintf(w, "go_goroutines %d\n", runtime.NumGoroutine())
	}
}

func writeStore(w io.Writer, s *core.StoreStats) {
	for _, m := range []struct {
		result string
		n      uint64
	}{
		{"found", s.Found}, {"not_found", s.NotFound}, {"refused", s.Refused},
		{"unavailable", s.Unavailable}, {"misconfigured", s.Misconfigured},
	} {
		fmt.Fprintf(w, "skugate_store_results_total{store=%q,result=%q} %d\n", s.Store, m.result, m.n)
	}
	for _, m := range []struct {
		name string
		n    uint64
	}{
		{"calls_total", s.Calls},
		{"rejected_total", s.Rejected},
		{"joined_total", s.Joined},
		{"attempts_total", s.Client.Attempts},
		{"retries_total", s.Client.Retries},
		{"access_tokens_total", s.Client.AccessTokens},
		{"paused_total", s.Client.Paused},
		{"in_flight", uint64(s.InFlight)},
	} {
		fmt.Fprintf(w, "skugate_store_%s{store=%q} %d\n", m.name, s.Store, m.n)
	}
	fmt.Fprintf(w, "skugate_store_clock_skew_seconds{store=%q} %g\n", s.Store, s.ClockSkew.Seconds())
	fmt.Fprintf(w, "skugate_would_refuse_total{store=%q} %d\n", s.Store, s.WouldRefuse)
	fmt.Fprintf(w, "skugate_breaker_opened_total{store=%q} %d\n", s.Store, s.BreakerOpened)
	for _, m := range []struct {
		what string
		n    int
	}{{"purchases", s.Purchases}, {"refusals", s.Refusals}, {"invalidated", s.Invalidated}} {
		fmt.Fprintf(w, "skugate_memory_entries{store=%q,what=%q} %d\n", s.Store, m.what, m.n)
	}
	for _, state := range []string{"closed", "half-open", "open"} {
		in := 0
		if s.Breaker == state {
			in = 1
		}
		fmt.Fprintf(w, "skugate_breaker{store=%q,state=%q} %d\n", s.Store, state, in)
	}
}
