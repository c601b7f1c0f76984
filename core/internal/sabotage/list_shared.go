package main

// ofShared is what instances share.
func ofShared() []sabotage {
	return in("core", "./core",
		[4]string{"an invalidation leaves no mark", "sharedtier.go", "\tb.facts.Invalidate(token, b.keepMarks)\n\tif err", "\tb.facts.Invalidate(token, 0)\n\tif err"},
		[4]string{"without a tier an invalidation leaves no mark", "sharedtier.go", "\t\tb.facts.Invalidate(token, b.keepMarks)\n\t\treturn nil", "\t\tb.facts.Invalidate(token, 0)\n\t\treturn nil"},
		[4]string{"an invalidation is not shared", "sharedtier.go", "if err := b.tier.forget(ctx, shared); err != nil {", "if err := error(nil); err != nil {"},
		[4]string{"what could not be forgotten is taken", "sharedtier.go", "if _, due := t.unsaid.get(q.SharedToken); due {", "if false {"},
		[4]string{"a shared answer is as young as its arrival", "sharedfind.go", "age := int64(max(since, s.Age, 0))", "age := int64(0)"},
		[4]string{"the tier's clock counts for nothing", "sharedfind.go", "max(since, s.Age, 0)", "max(since, 0)"},
		[4]string{"this machine's clock counts for nothing", "sharedfind.go", "max(since, s.Age, 0)", "max(s.Age, 0)"},
		[4]string{"an answer from the future is taken", "sharedfind.go", "if since < -clockTolerance ||", "if"},
		[4]string{"another token's purchase is taken", "sharedfind.go", "(s.Purchase.credible(token) != nil ||", "(s.Purchase == nil ||"},
		[4]string{"a shared absence lasts", "sharedfind.go", "if now.Since(began) >= b.lives.Absent {", "if false {"},
		[4]string{"an older answer replaces a younger", "sharedfind.go", "have != cache.Miss && now.Since(e.Value.began) <= now.Since(began)", "have != cache.Miss && e == nil"},
		[4]string{"an answer past freshness settles a question", "sharedfind.go", "state == cache.Fresh\n", "state != cache.Miss\n"},
		[4]string{"nobody waits for another instance", "sharedfind.go", "if !got.Busy || now", "if true || now"},
		[4]string{"another instance is waited for whatever the store does", "sharedfind.go", " || b.guard.breaker.State() == gobreaker.StateOpen {", " || gobreaker.StateOpen == 0 {"},
		[4]string{"the wait for another instance has no end", "sharedfind.go", "now.Since(began) >= t.wait ||", "now.Since(began) >= 1000*t.wait ||"},
		[4]string{"a failure keeps the others waiting", "sharederrand.go", "if e.ticket == \"\" || e.told {", "if true {"},
		[4]string{"what was read is not shared", "read.go", "\te.tell(f.shared(life))\n", ""},
		[4]string{"an absence is not shared", "read.go", "if se.bare() == errAbsent {", "if false {"},
		[4]string{"a tier that hangs holds a check up", "sharedtier.go", "context.WithTimeout(ctx, tierTimeout)", "context.WithTimeout(ctx, 1000*tierTimeout)"},
		[4]string{"an outage does not know what others read", "ask.go", "if c.known != nil || c.backend.tier == nil {", "if true {"},
	)
}
