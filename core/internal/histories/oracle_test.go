package histories_test

import (
	"fmt"
	"time"

	"github.com/skugate/skugate/core"
)

// oracle judges what was written down of a history.
type oracle struct {
	*world
	product map[string]core.Product // of each token that was bought
	linked  map[string]string       // what a token replaced
	label   map[string]string
	answers map[answersOf][]*heard
}

// answersOf is what one gate heard of one token.
type answersOf struct {
	gate  int
	token string
}

// judge returns every decision that cannot be true, in words.
func (w *world) judge() (wrong []string) {
	o := &oracle{world: w, product: map[string]core.Product{}, linked: map[string]string{}, label: map[string]string{}, answers: map[answersOf][]*heard{}}
	for _, b := range w.bought {
		o.product[b.token], o.label[b.token] = b.product, b.label
		if b.linked != nil {
			o.linked[b.token] = b.linked.token
		}
	}
	for _, h := range w.heard {
		key := answersOf{h.gate, h.asked.token}
		o.answers[key] = append(o.answers[key], h)
	}
	for _, c := range w.checks {
		o.collect(c)
	}
	for _, c := range w.checks {
		if why := o.fault(c); why != "" {
			wrong = append(wrong, fmt.Sprintf("%s: %s", c, why))
		}
	}
	return wrong
}

// fault says what is wrong with a decision; empty if nothing is.
func (o *oracle) fault(c *check) string {
	if shut, ok := o.closed[c.gate]; ok && shut.before(c.start) && c.got.Reason != core.ReasonClosed {
		return "the gate was closed"
	}
	if c.faulty != "" {
		if c.got.Reason != c.faulty && c.got.Reason != core.ReasonClosed {
			return "the request was to be refused as " + string(c.faulty)
		}
		return ""
	}
	if took := c.end.at.Sub(c.start.at); took > callTime+250*time.Millisecond { // the 250 ms are HoldOpen's
		return fmt.Sprintf("it took %v", took)
	}
	switch c.got.Outcome {
	case core.Granted:
		return o.wrongGrant(c)
	case core.Denied:
		return o.wrongDenial(c)
	default:
		return o.noReason(c)
	}
}
