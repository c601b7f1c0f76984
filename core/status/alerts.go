package status

import (
	"fmt"

	"github.com/skugate/skugate/core"
)

// alert is what an operator should see first. Its grade is "bad" or "fair".
type alert struct{ Grade, Text string }

// alertsOf lists what is out of the ordinary, the worst first.
func alertsOf(r *Report) []alert {
	var bad, fair []alert
	worse := func(format string, args ...any) { bad = append(bad, alert{"bad", fmt.Sprintf(format, args...)}) }
	odd := func(format string, args ...any) { fair = append(fair, alert{"fair", fmt.Sprintf(format, args...)}) }
	for _, s := range r.Stores {
		switch {
		case s.Breaker == "open":
			worse("The breaker of %s is open: the store is not asked.", s.Store)
		case s.Breaker != "closed":
			odd("The breaker of %s is %s: one call tries whether the store is back.", s.Store, s.Breaker)
		}
		if s.PausedUntil.After(r.At) {
			odd("%s asked to be left alone until %s.", s.Store, clock(s.PausedUntil))
		}
		if s.Misconfigured > 0 {
			worse("%s refused our credentials or configuration %s times.", s.Store, number(s.Misconfigured))
		}
	}
	if n := r.Outbox.Undelivered + r.Outbox.Overdue + r.Outbox.Abandoned; n > 0 {
		worse("%d purchases near their deadline are not acknowledged; their stores cancel them.", n)
	}
	if r.Outbox.Failed > 0 {
		worse("The outbox could not record %s acknowledgements.", number(r.Outbox.Failed))
	}
	for _, w := range r.Workers {
		if w.Fault != "" {
			odd("The last run of “%s” failed: %s.", w.Name, w.Fault)
		}
	}
	for _, q := range r.Requirements {
		switch q.Mode {
		case core.Shadow().String():
			odd("“%s” is in shadow mode: nobody is refused.", q.Name)
		case "hold_open":
			odd("“%s” is held open until %s for owners that are known.", q.Name, stamp(q.Until))
		}
	}
	if r.Undetermined > 0 {
		odd("%s decisions, %s, could not be made.", number(r.Undetermined), share(r.Undetermined, r.Decisions()))
	}
	if r.Lenient.Outage > 0 {
		odd("%s requests were let in by older facts because a store could not answer.", number(r.Lenient.Outage))
	}
	return append(bad, fair...)
}
