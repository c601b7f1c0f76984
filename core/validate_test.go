package core_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

func TestValidateReportsEveryFaultAtOnce(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	err := gate.Validate(
		nil,
		core.Entitlement("", inApp("skin")),
		core.AnyOf(),
		core.AllOf(inApp("skin"), nil),
		inApp("skin").On("nowhere"),
		inApp("unsellable"),
		inApp("gold").Consumable(),
		inApp("pass").For(-time.Hour),
		subscription("vip").For(time.Hour),
		core.AnyOf(inApp("season").For(time.Hour), inApp("season")),
		core.Product{Store: "shop", Kind: "weekly", ID: "x"},
	)
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{
		"is nil", "no name", "requires nothing", "nil part", `"nowhere"`, "not for sale", "consumable",
		"not positive", "only a managed product", "two different terms", `"weekly"`,
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q:\n%v", part, err)
		}
	}
	if err := gate.Validate(inApp("skin"), core.Entitlement("vip", subscription("vip"), inApp("forever"))); err != nil {
		t.Errorf("good requirements: %v", err)
	}
}

func TestARouteMayAllowAConsumable(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	gold := inApp("gold").Consumable()
	core.NewRoute(gate, gold, core.RouteConfig{AllowConsumable: true})
	if err := gate.Validate(gold); err != nil {
		t.Errorf("allowed by the route: %v", err)
	}
	core.NewRoute(gate, inApp("gems").Consumable(), core.RouteConfig{})
	if err := gate.Validate(); err == nil || !strings.Contains(err.Error(), "gems") {
		t.Errorf("not allowed: %v", err)
	}
}

func TestNewReportsEveryFaultAtOnce(t *testing.T) {
	var failed *scripted
	_, err := core.New(core.Config{
		Stores:  []core.Store{failed, newStore(nil), newStore(nil)},
		Binding: 9, Timeout: 60, Lifetimes: core.Lifetimes{Denied: 5}, Memory: core.Memory{Purchases: -1},
		Guard: core.Guard{MaxInFlight: -1, TripAfter: -1, OpenFor: 1},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{"Stores[0] is nil", "Stores[2]", "Binding", "Timeout", "Lifetimes.Denied", "Memory.Purchases", "MaxInFlight", "TripAfter", "OpenFor"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not name %q:\n%v", part, err)
		}
	}
	if _, err := core.New(core.Config{}); err == nil || !strings.Contains(err.Error(), "Stores is empty") {
		t.Errorf("no store: %v", err)
	}
}
