package core_test

import (
	"testing"

	"github.com/skugate/skugate/core"
)

// A rule of the embedder's may go by more than the facts and the clock.
func TestARuleOfTheEmbeddersIsAskedOnEveryHit(t *testing.T) {
	asked, closed := 0, false
	gate := open(t, core.Config{Rule: func(in core.RuleInput) core.Verdict {
		asked++
		if closed {
			return core.Verdict{Outcome: core.Denied, Reason: core.ReasonUnknownState}
		}
		return core.DefaultRule(in)
	}}, newStore(sells(skin)))
	for range 3 {
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
	}
	if asked < 3 {
		t.Errorf("asked %d times in three checks", asked)
	}
	closed = true
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonUnknownState)
}
