package main

// ofWork is what goes on beside and after a check: workers, redemptions, and what they remember; and what the
// clients' translations have in common.
func ofWork() []sabotage {
	list := in("core/reconcile", "./core/reconcile",
		[4]string{"whoever asks has a list read without end", "nudge.go", "l.leave.Wait(ctx) != nil", "false"},
		[4]string{"a list is read before it has what was heard of", "nudge.go", "settle = 2 * time.Second", "settle = 0 * time.Second"},
		[4]string{"a list that is late is not read again", "nudge.go", "[]time.Duration{settle, lag}", "[]time.Duration{settle}"},
		[4]string{"every nudge has a reading of its own", "nudge.go", "if r.Voids > 0 {", "if r.Voids < 0 {"},
		[4]string{"a round waits for its turn for ever", "worker.go", "case <-ctx.Done():\n\t\treturn r, context.Cause(ctx)\n\t}", "}"},
	)
	list = append(list, in("core", "./core ./core/redeem",
		[4]string{"whoever is let in for nothing spends nothing", "override.go", "if o == Granted && q.why == toConsume {", "if false {"},
		[4]string{"a consumable that opens a route is an intent", "owed.go", "if p.consumable {", "if false {"},
	)...)
	list = append(list, in("core/redeem", "./core/redeem",
		[4]string{"a handler that panics counts as one that delivered", "redeemer.go", "outcome := errPanicked", "outcome := error(nil)"},
		[4]string{"what was delivered before counts again", "stats.go", "case refusal == nil && ran:", "case refusal == nil:"},
		[4]string{"a day's redemptions are dropped", "prune.go", "time.Now().Add(-r.config.Keep)", "time.Now()"},
	)...)
	list = append(list, in("core/internal/terms", "./core/onestore ./core/googleplay",
		[4]string{"an absent number is zero", "../rest/is.go", "return n != nil && *n == want", "return n == nil || *n == want"},
		[4]string{"an unknown consumption is none", "consumption.go", "return core.ConsumptionUnrecognized", "return core.Unconsumed"},
		[4]string{"a pause is an outage", "unanswered.go", "return core.ReasonStorePaused", "return core.ReasonUpstreamUnavailable"},
	)...)
	return append(list, in("core/statefile", "./core/statefile",
		[4]string{"what is not finished is dropped", "ledger.go", "return r.Finished() && ", "return "},
		[4]string{"a file that may not grow is not used any more", "write.go", ` || strings.HasPrefix(err.Error(), "file resize error: ")`, " || strings.HasPrefix(err.Error(), \"\\x00\")"},
		[4]string{"a full disk is a failing one", "write.go", "errors.Is(err, syscall.ENOSPC) || ", ""},
		[4]string{"a failing disk goes on", "write.go", "case err == nil || full(err):", "case true:"},
	)...)
}
