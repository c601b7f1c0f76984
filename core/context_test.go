package core_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

func TestAContextWithoutADecisionHasNone(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, core.Decision{Outcome: core.Granted})
	if d, ok := core.FromContext(ctx); ok || d != (core.Decision{}) {
		t.Errorf("FromContext = %+v, %v", d, ok)
	}
	if d, ok := core.Find(ctx, inApp("skin")); ok || d != (core.Decision{}) {
		t.Errorf("Find = %+v, %v", d, ok)
	}
}

func TestTheInnermostDecisionIsFoundFirst(t *testing.T) {
	type key struct{}
	put := func(ctx context.Context, p core.Product, r core.Reason) context.Context {
		return core.NewContext(ctx, core.Decision{Outcome: core.Granted, Reason: r, Product: p})
	}
	ctx := put(t.Context(), inApp("skin"), "first")
	ctx = put(ctx, inApp("pass"), "second")
	ctx = context.WithValue(ctx, key{}, "kept") // what stands between does not hide anything
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	ctx = put(ctx, inApp("skin"), "third")
	if d, ok := core.FromContext(ctx); !ok || d.Reason != "third" {
		t.Errorf("FromContext = %+v, %v", d, ok)
	}
	for r, want := range map[core.Requirement]core.Reason{
		inApp("skin"): "third",
		inApp("pass"): "second",
		core.Entitlement("vip", inApp("other"), inApp("pass")): "second", // of a decision made by hand only the product is known
		core.AllOf(inApp("pass"), inApp("skin")):               "third",
	} {
		if d, ok := core.Find(ctx, r); !ok || d.Reason != want {
			t.Errorf("Find(%v) = %q, %v; want %q", r, d.Reason, ok, want)
		}
	}
	for name, r := range map[string]core.Requirement{
		"another product": inApp("gold"), "the product at another store": inApp("skin").On("other"),
		"the product with another term": inApp("skin").For(time.Hour), "nothing": core.AnyOf(), "nil": nil,
	} {
		if d, ok := core.Find(ctx, r); ok {
			t.Errorf("Find of %s = %+v", name, d)
		}
	}
	if ctx.Value(key{}) != "kept" {
		t.Error("a value between the decisions is lost")
	}
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > time.Hour {
		t.Errorf("the deadline is %v, %v", deadline, ok)
	}
}

// A gate's decision is found by the requirement that was asked, not by a product that it happens to
// share with another.
func TestADecisionOfAGateIsFoundByItsRequirement(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	vip, other := core.Entitlement("vip", inApp("skin")), core.Entitlement("other", inApp("skin"))
	d := gate.Check(t.Context(), vip, by("alice", "skin-1"))
	want(t, d, core.Granted, core.ReasonOwned)
	ctx := core.NewContext(t.Context(), d)
	if got, ok := core.Find(ctx, vip); !ok || got != d {
		t.Errorf("Find(vip) = %+v, %v", got, ok)
	}
	for _, r := range []core.Requirement{other, inApp("skin"), nil} {
		if got, ok := core.Find(ctx, r); ok {
			t.Errorf("Find(%v) = %+v", r, got)
		}
	}
}

func TestADecisionInAContextIsACopy(t *testing.T) {
	d := core.Decision{Outcome: core.Denied, Product: inApp("skin")}
	ctx := core.NewContext(t.Context(), d)
	d.Outcome = core.Granted
	got, _ := core.FromContext(ctx)
	got.Outcome = core.Granted
	if now, _ := core.FromContext(ctx); now.Outcome != core.Denied {
		t.Errorf("became %v", now.Outcome)
	}
}

// One handler, without a gate: core.NewContext puts the decision where an adapter would.
func ExampleNewContext() {
	vip := core.Product{Store: "onestore", Kind: core.KindSubscription, ID: "vip_monthly"}
	raids := func(w http.ResponseWriter, r *http.Request) {
		if d, ok := core.Find(r.Context(), vip); ok && d.Granted() {
			fmt.Fprintf(w, "open until %s", d.ExpiresAt.Format(time.DateOnly))
			return
		}
		fmt.Fprint(w, "closed")
	}
	for _, d := range []core.Decision{
		{Outcome: core.Granted, Product: vip, ExpiresAt: time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)},
		{Outcome: core.Denied, Product: vip, Reason: core.ReasonExpired},
	} {
		r := httptest.NewRequest(http.MethodGet, "/raids", nil)
		w := httptest.NewRecorder()
		raids(w, r.WithContext(core.NewContext(r.Context(), d)))
		fmt.Println(w.Body)
	}
	// Output:
	// open until 2030-01-02
	// closed
}
