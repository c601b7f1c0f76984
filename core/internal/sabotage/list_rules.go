package main

// ofRules is what a purchase means.
func ofRules() []sabotage {
	return in("core", "./core",
		[4]string{"the last millisecond is outside", "rule.go", "return now.UnixMilli() <= end.UnixMilli()", "return now.UnixMilli() < end.UnixMilli()"},
		[4]string{"a millisecond is counted in parts", "rule.go", "return now.UnixMilli() <= end.UnixMilli()", "return !now.After(end)"},
		[4]string{"a voided payment grants", "rule.go", "case t.voided:\n", "case false:\n"},
		[4]string{"a replaced plan grants", "rule.go", "case t.superseded:\n", "case false:\n"},
		[4]string{"a missing state is a no", "rule.go", "case p.State == StateMissing:\n\t\tv.Reason = ReasonMalformedUpstream\n", ""},
		[4]string{"an unknown state grants", "rule.go", "case p.State != StatePurchased:\n\t\tv.denied(p.State.refusal())\n", "case p.State != StatePurchased && p.State != StateUnrecognized:\n\t\tv.denied(p.State.refusal())\n"},
		[4]string{"a missing consumption is a no", "rule.go", "case p.Consumption == ConsumptionMissing:", "case false:"},
		[4]string{"an unknown consumption grants", "rule.go", "case p.Consumption != Unconsumed:", "case false:"},
		[4]string{"a refunded purchase grants", "rule.go", "case p.State != StatePurchased:\n\t\tv.denied(p.State.refusal())\n", "case p.State != StatePurchased && p.State != StateCanceled:\n\t\tv.denied(p.State.refusal())\n"},
		[4]string{"a consumed purchase grants", "rule.go", "case p.Consumption == Consumed:\n\t\tv.denied(ReasonConsumed)\n\tcase p.Consumption != Unconsumed:", "case p.Consumption == ConsumptionUnrecognized:"},
		[4]string{"the prose's or counts", "rule.go", "case !within(t.now, p.ExpiresAt):\n\t\tv.denied(ReasonExpired)", "case !within(t.now, p.ExpiresAt) && p.State != StatePurchased:\n\t\tv.denied(ReasonExpired)"},
		[4]string{"a refunded month grants", "rule.go", "case p.State == StateCanceled:\n\t\tv.denied(ReasonLastPaymentCanceled)\n\tcase p.State == StatePending:\n\t\tv.denied(ReasonPending)\n\tcase p.State != StatePurchased:", "case p.State == StateUnrecognized:"},
		[4]string{"a month without an end grants", "rule.go", "case p.ExpiresAt.IsZero() || p.State == StateMissing:\n\t\tv.Reason = ReasonMalformedUpstream\n\tcase", "case p.State == StateMissing:\n\t\tv.Reason = ReasonMalformedUpstream\n\tcase"},
		[4]string{"a subscription that was never paid grants", "rule.go", `if p.ID == "" {`, "if false {"},
		[4]string{"an ended subscription grants", "rule.go", "\t\tv.denied(ReasonStateConflict)\n\t\treturn\n", ""},
		[4]string{"an unknown payment grants", "rule.go", "case PaymentDeferred:\n", "case PaymentDeferred, PaymentUnrecognized:\n"},
		[4]string{"a term never ends", "rule.go", "case term > 0 && !t.product.consumable && !within", "case false && !within"},
		[4]string{"a purchase of tomorrow grants", "rule.go", "clockTolerance = 5 * time.Minute", "clockTolerance = 50 * time.Hour"},
		[4]string{"a paused subscription is on hold", "rule.go", "case !p.PausesAt.IsZero() && !p.PausesAt.After(now):", "case false:"},
		[4]string{"unacknowledged is not owned", "rule.go", "v.Reason, v.AcknowledgeBy = ReasonActiveUnacknowledged, p.acknowledgeBy()", "v.denied(ReasonPending)"},
		[4]string{"the zero outcome grants", "decision.go", "Undetermined Outcome = iota\n\tGranted\n", "Granted Outcome = iota\n\tUndetermined\n"},
		[4]string{"every fault is a no", "storeerror.go", "case FaultNotFound, FaultTokenRefused:\n\t\treturn Denied", "case FaultNotFound, FaultTokenRefused, FaultUnavailable:\n\t\treturn Denied"},
		[4]string{"a nil error of a store panics", "storeerror.go", "errors.As(err, &se) && se != nil", "errors.As(err, &se)"},
	)
}

// ofEdge is what strangers write to a gate and are told by it.
func ofEdge() []sabotage {
	return in("core", "./core",
		[4]string{"a stranger is told why", "public.go", "return publicNotOwned\n", "return public{reason: string(r), title: publicNotOwned.title, code: publicNotOwned.code}\n"},
		[4]string{"the server's reason is in the answer", "reply.go", `p.reply(status, d.publicProduct(), "")`, "p.reply(status, d.publicProduct(), string(d.Reason))"},
		[4]string{"another's product is named", "reply.go", "if d.Purchase == nil && !isNil(d.requirement) {", "if false {"},
		[4]string{"ask again at once", "reply.go", "time.Second-1)/time.Second, 1)", "time.Second-1)/time.Second, 0)"},
		[4]string{"ask again in a year", "reply.go", "wait := min(d.RetryAfter, maxRetryAfter)", "wait := d.RetryAfter"},
		[4]string{"answers may be cached", "reply.go", `{"Cache-Control", "no-store"}`, `{"Cache-Control", "public"}`},
		[4]string{"the first of several headers counts", "tokens.go", "if len(values) > 1 {", "if len(values) > 99 {"},
		[4]string{"an error quotes the token", "tokens.go", `errors.New("holds a comma, a semicolon, or what is not visible ASCII")`, `errors.New("holds " + s)`},
		[4]string{"a token of any length", "tokens.go", "maxTokenBytes  = 1 << 10", "maxTokenBytes  = 1 << 20"},
		[4]string{"any number of tokens", "tokens.go", "if n > MaxTokens {", "if n > 100*MaxTokens {"},
		[4]string{"control characters in a token", "tokens.go", "c <= ' ' || c > '~' {", "c == ' ' || c > '~' {"},
		[4]string{"a hidden control character in a hint", "tokens.go", " || strings.ContainsFunc(id, unicode.IsControl) {", " || false && unicode.IsControl(0) {"},
		[4]string{"the last of two stores counts", "tokens.go", `if t.Store != "" {`, "if false {"},
		[4]string{"a foreign label is another account's", "labels.go", "case !strings.HasPrefix(label, hmacPrefix):", `case !strings.HasPrefix(label, ""):`},
		[4]string{"a label is another account's too", "labels.go", "case hmac.Equal([]byte(label), []byte(l.Label(account))):", "case hmac.Equal([]byte(label)[:9], []byte(l.Label(account))[:4]), len(label) > 0:"},
		[4]string{"a key is printed", "labels.go", `func (hmacLabels) String() string { return "core.HMACLabels" }`, "func (l hmacLabels) String() string { return string(l.key) }"},
		[4]string{"a short key is accepted", "labels.go", "if len(key) < 16 {", "if len(key) < 1 {"},
	)
}
