package core_test

import (
	"context"
	"testing"

	"github.com/skugate/skugate/core"
)

func TestAnOverrideGoesBeforeWhatMemoryKnows(t *testing.T) {
	banned := false
	gate := open(t, core.Config{Override: func(_ context.Context, _ string, r core.Requirement) core.Outcome {
		if banned && r == core.Requirement(inApp("skin")) {
			return core.Denied
		}
		return core.Undetermined
	}}, newStore(sells(skin)))
	either := core.AnyOf(inApp("hat"), inApp("skin"))
	want(t, gate.Check(t.Context(), either, by("alice", "skin-1")), core.Granted, core.ReasonOwned)
	banned = true
	want(t, gate.Check(t.Context(), either, by("alice", "skin-1")), core.Denied, core.ReasonOverride)
}

// TestAStrangersTokenNamesNoProduct: which of several products it is a purchase of is not the stranger's to know.
func TestAStrangersTokenNamesNoProduct(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	either := core.AnyOf(inApp("hat"), inApp("skin"))
	want(t, gate.Check(t.Context(), either, by("bob", "skin-1")), core.Granted, core.ReasonOwned)
	others := gate.Check(t.Context(), either, by("alice", "skin-1"))
	want(t, others, core.Denied, core.ReasonAccountMismatch)
	nobodys := gate.Check(t.Context(), either, by("alice", "none-1"))
	want(t, nobodys, core.Denied, core.ReasonNotFound)
	if one, other := core.Answer(others, 0), core.Answer(nobodys, 0); string(one.Body) != string(other.Body) {
		t.Errorf("another's purchase is told apart from none:\n%s\n%s", one.Body, other.Body)
	}
}

// TestOneFactDecidesForSeveralRequirements: each decision is found under its own.
func TestOneFactDecidesForSeveralRequirements(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	ctx := t.Context()
	perks, looks := core.Entitlement("perks", inApp("skin")), core.Entitlement("looks", inApp("skin"))
	want(t, gate.Check(ctx, inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
	for _, r := range []core.Requirement{perks, looks} {
		admission := core.NewRoute(gate, r, core.RouteConfig{}).Admit(ctx, func() (core.Credentials, error) { return by("alice", "skin-1"), nil })
		ctx = admission.Context(ctx)
	}
	for _, r := range []core.Requirement{perks, looks} {
		if d, ok := core.Find(ctx, r); !ok || !d.Granted() {
			t.Errorf("%s: %v, %v", r, d.Outcome, ok)
		}
	}
}
