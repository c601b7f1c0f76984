package main

// ofObserving is what an operator sees: statistics, health, spans.
func ofObserving() []sabotage {
	return append(in("core", "./core ./core/oteltrace",
		[4]string{"latency is not counted", "read.go", "b.latency.note(time.Duration(ended.Mono - began.Mono))", "_ = time.Duration(ended.Mono)"},
		[4]string{"a store call knows nothing of its request", "read.go", "ctx = into(ctx)", "_ = into(ctx)"},
		[4]string{"products that requests invent are counters", "tally.go", "most: maxProducts", "most: maxProducts << 10"},
		[4]string{"a breaker's changes are remembered for ever", "breakerlog.go", "if len(l.changes) == maxBreakerChanges {", "if false {"},
		[4]string{"every acknowledgement is late", "worker.go", "left < lateAcknowledgement", "left < 4*lateAcknowledgement"},
		[4]string{"each probe calls a store that refuses", "configured.go", ">= askAgainEvery &&", ">= 0 &&"},
		[4]string{"a store that refuses is never asked again", "configured.go", "_ = b.check(ctx) // heard", "_ = ctx"},
		[4]string{"a wrong route takes a gate away", "configured.go", "if se.Reason != ReasonMisconfigured {", "if true {"},
		[4]string{"an outage takes a gate away", "health.go", "find(FindingBreaker, HealthDegraded,", "find(FindingBreaker, HealthNotReady,"},
		[4]string{"a part's own words show", "checker.go", "faultName(err), Err: err}", "err.Error(), Err: err}"},
		[4]string{"work that hangs is well", "health.go", "now.Sub(last) > 3*s.Every+workSlack", "now.Sub(last) < 0"},
	), in("core/oteltrace", "./core/oteltrace",
		[4]string{"a span holds the purchase token", "transport.go", "semconv.URLTemplate(call.Template)", "semconv.URLTemplate(r.URL.Path)"},
		[4]string{"a span ends before its answer was read", "transport.go", "resp.Body = &body{ReadCloser: resp.Body, span: span}", "span.End()"},
		[4]string{"a panic leaves a span open", "transport.go", "if !got { // the base panicked", "if got { // the base panicked"},
	)...)
}
