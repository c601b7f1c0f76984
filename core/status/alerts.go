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
	for _, f := range r.Findings {
		say := odd
		if f.State == core.HealthNotReady.String() {
			say = worse
		}
		about, since := "", ""
		if f.Store != "" {
			about = string(f.Store) + ": "
		}
		if !f.Since.IsZero() {
			since = ", since " + stamp(f.Since)
		}
		say("%s%s%s", about, f.Detail, since)
	}
	if n := r.Outbox.Undelivered + r.Outbox.Overdue + r.Outbox.Abandoned; n > 0 {
		worse("%d purchases near their deadline are not acknowledged; their stores cancel them.", n)
	}
	if r.Outbox.Failed > 0 {
		worse("The outbox could not record %s acknowledgements.", number(r.Outbox.Failed))
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
