package status

import (
	"fmt"
	"slices"
	"strings"

	"github.com/skugate/skugate/core"
)

// step is one step of an explanation in words. Its grade is "pass", "stop", "open" or "note".
type step struct{ What, Grade, Text string }

// stepsOf tells an explanation in the order in which a check goes.
func stepsOf(e *core.Explanation) []step {
	var all []step
	say := func(what, grade, format string, args ...any) {
		all = append(all, step{what, grade, fmt.Sprintf(format, args...)})
	}
	switch e.Mode {
	case core.Shadow().String():
		say("Mode", "note", "Shadow: whatever the answer is, the request passes.")
	case "hold_open":
		say("Mode", "note", "Held open: owners that the registry knows pass while their store cannot answer.")
	}
	if e.Unseen != "" {
		say("Memory", "stop", "Not looked at to its end: %s.", e.Unseen)
	}
	if len(e.Tokens) == 0 && e.Unseen == "" {
		say("Tokens", "stop", "None was given, and the owners’ registry has none of the account for these products.")
	}
	for i := range e.Tokens {
		t := &e.Tokens[i]
		by := "presented by the request"
		if t.Known {
			by = "looked up by the server, which binds it"
		}
		say("Token “"+t.Token+"”", "note", "%s.", capital(by))
		for j := range t.Stores {
			all = append(all, memorySteps(&t.Stores[j], slices.ContainsFunc(t.Stores, known))...)
		}
	}
	for _, s := range e.Stores {
		switch {
		case s.Refusal != "":
			say("Store "+string(s.Store), "stop", "Cannot be asked now: %s. Its breaker is %s.", s.Refusal, s.Breaker)
		default:
			say("Store "+string(s.Store), "pass", "Can be asked. Its breaker is %s.", s.Breaker)
		}
	}
	switch {
	case len(e.Stores) == 0: // a gate that is closed, or a requirement that cannot be evaluated
	case e.Budget == 0:
		say("Budget", "stop", "The account presented too many tokens that name no purchase; no new one is looked up.")
	case e.Budget > 0:
		say("Budget", "pass", "The account may present %d more tokens that name no purchase.", e.Budget)
	}
	if len(e.WouldAsk) > 0 {
		say("Look-up", "open", "A check would ask: %s. Tick “ask the store” to see what it says.", strings.Join(e.WouldAsk, ", "))
	}
	return all
}

func known(m core.ExplainedMemory) bool { return m.Fact != nil }

// memorySteps tells what memory has of a token at one store, and how that is judged. issued tells whether some
// store is known to have issued it: no other is asked then.
func memorySteps(m *core.ExplainedMemory, issued bool) []step {
	var all []step
	say := func(what, grade, format string, args ...any) {
		all = append(all, step{what, grade, fmt.Sprintf(format, args...)})
	}
	if issued && m.Fact == nil {
		say("Elsewhere", "note", "%s is not asked: the token is another store’s.", m.Store)
		return all
	}
	if m.Malformed != "" {
		say("Syntax", "stop", "%s cannot have issued it: it %s.", m.Store, m.Malformed)
		return all
	}
	say("Syntax", "pass", "%s could have issued it.", m.Store)
	if m.Invalidated {
		say("Invalidated", "note", "Look-ups from before the last invalidation do not count.")
	}
	switch {
	case m.Superseded:
		say("Taken back", "stop", "Another purchase replaced it.")
	case m.Voided:
		say("Taken back", "stop", "The store took a payment back.")
	}
	f := m.Fact
	switch {
	case f == nil && len(m.Absent) > 0:
		say("Memory", "stop", "%s said just now that it is no purchase of %s.", m.Store, strings.Join(m.Absent, ", "))
		return all
	case f == nil:
		say("Memory", "open", "Nothing is known of it.")
		return all
	}
	kept := fmt.Sprintf("A purchase of %s, verified %s ago at %s and %s: ", f.Product, span(f.Age), clock(f.VerifiedAt), f.State)
	switch f.State {
	case "fresh":
		say("Memory", "pass", "%sused as it is until %s.", kept, stamp(f.FreshUntil))
	case "due":
		say("Memory", "pass", "%sused until %s while a refresh runs behind.", kept, stamp(f.RefreshUntil))
	default:
		say("Memory", "open", "%sused until %s, and only if the store cannot answer.", kept, stamp(f.UsableUntil))
	}
	if !f.Asked {
		say("Product", "stop", "The requirement does not ask for that product.")
		return all
	}
	until := ""
	if !f.RuleUntil.IsZero() {
		until = ", until " + stamp(f.RuleUntil)
	}
	say("Rule", map[core.Outcome]string{core.Granted: "pass", core.Denied: "stop"}[f.Rule], "%s: %s%s.", capital(f.Rule.String()), f.RuleReason, until)
	whose := ""
	if f.Label != "" {
		whose += " Its label at the store reads “" + f.Label + "”."
	}
	if f.Owner != "" {
		whose += " The registry has “" + f.Owner + "” as its owner."
	}
	if f.Bound {
		say("Binding", "pass", "It counts as the account’s, by %s.%s", f.BoundBy, whose)
	} else {
		say("Binding", "stop", "It is not the account’s: %s.%s", f.BindReason, whose)
	}
	return all
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
