package core_test

import (
	"context"
	"testing"

	"github.com/skugate/skugate/core"
)

func TestAnOverrideDecidesWhateverTheStoreSays(t *testing.T) {
	season := core.Entitlement("season", subscription("season"))
	store := newStore(sells(skin))
	gate := open(t, core.Config{Override: func(_ context.Context, account string, r core.Requirement) core.Outcome {
		switch {
		case account == "compensated" && r == season:
			return core.Granted
		case account == "banned":
			return core.Denied
		}
		return core.Undetermined
	}}, store)
	check := func(r core.Requirement, account, token string) core.Decision {
		return gate.Check(t.Context(), r, by(account, token))
	}
	from(t, check(season, "compensated", ""), core.Granted, core.ReasonOverride, core.SourceOverride)
	calls(t, store, 0)
	from(t, check(inApp("skin"), "banned", "skin-1"), core.Denied, core.ReasonOverride, core.SourceOverride)
	want(t, check(core.AllOf(season, inApp("skin")), "compensated", "skin-2"), core.Granted, core.ReasonOverride) // neither part ends: the first one written
	want(t, check(inApp("skin"), "alice", "skin-3"), core.Granted, core.ReasonOwned)
}
