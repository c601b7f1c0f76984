package core_test

import (
	"context"
	"testing"

	"github.com/skugate/skugate/core"
)

// That a token is no purchase of one product says nothing of the others that are asked for.
func TestATokenIsRefusedFromMemoryOnlyForWhatItWasAskedAbout(t *testing.T) {
	store := newStore(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
		if p.ID != "skin" {
			return nil, errNotFound
		}
		return skin(token), nil
	})
	gate := open(t, core.Config{}, store)
	other := inApp("other")
	want(t, gate.Check(t.Context(), other, by("alice", "token-1")), core.Denied, core.ReasonNotFound)
	d := gate.Check(t.Context(), other, by("alice", "token-1"))
	if want(t, d, core.Denied, core.ReasonNotFound); d.Source != core.SourceMemory || d.Product != other {
		t.Errorf("the second denial is of %v, from %q", d.Product, d.Source)
	}
	calls(t, store, 1)

	either := core.AnyOf(other, inApp("skin"))
	want(t, gate.Check(t.Context(), either, by("alice", "token-1")), core.Granted, core.ReasonOwned)
	calls(t, store, 2)
	want(t, gate.Check(t.Context(), other, by("alice", "token-1")), core.Denied, core.ReasonProductMismatch)
	calls(t, store, 2)
}
