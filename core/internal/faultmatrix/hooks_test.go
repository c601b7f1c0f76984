package faultmatrix_test

import (
	"context"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	fm "github.com/skugate/skugate/core/internal/faultmatrix"
)

// misbehaving does something bad wherever it is called, while it is on.
type misbehaving struct {
	on  atomic.Bool
	how func()
}

func (m *misbehaving) act() {
	if m.on.Load() {
		m.how()
	}
}

// registry is an owners' registry that misbehaves.
type registry struct {
	core.Owners
	m *misbehaving
}

func (r registry) Owner(ctx context.Context, store core.StoreID, token string) (core.Ownership, bool, error) {
	r.m.act()
	return r.Owners.Owner(ctx, store, token)
}

// logger is a log handler that misbehaves.
type logger struct {
	slog.Handler
	m *misbehaving
}

func (l logger) Enabled(context.Context, slog.Level) bool { return true }
func (l logger) Handle(context.Context, slog.Record) error {
	l.m.act()
	return nil
}

func TestRow64AHookThatPanicsOrEndsItsGoroutine(t *testing.T) {
	t.Parallel()
	vip := core.Product{Store: "onestore", Kind: core.KindSubscription, ID: "vip"}
	ways := map[string]func(){
		"panics":                    func() { panic("canary") },
		"panics with a nil pointer": func() { _ = (*core.Decision)(nil).Product },
		"ends":                      runtime.Goexit,
	}
	for _, adapter := range fm.Adapters {
		for _, hook := range []string{"credentials", "owners", "rule", "override", "store", "logger", "handled", "handler"} {
			for way, how := range ways {
				if adapter == "fiber" && way == "ends" && hook != "store" {
					continue // fasthttp itself never frees a connection whose goroutine ended
				}
				t.Run(adapter+": "+hook+" "+way, func(t *testing.T) {
					t.Parallel()
					hookRow(t, adapter, hook, how, vip)
				})
			}
		}
	}
}

func hookRow(t *testing.T, adapter, hook string, how func(), vip core.Product) {
	m := &misbehaving{how: how}
	at := func(name string) {
		if name == hook {
			m.act()
		}
	}
	store := gatetest.NewStore("onestore")
	owned := gatetest.Owned(vip, "canarytoken1", "")
	store.Answer(vip, "canarytoken1", func(context.Context, core.Product, string) (*core.Purchase, error) {
		at("store")
		if hook == "logger" && m.on.Load() { // something to log
			return nil, &core.StoreError{Fault: core.FaultMisconfigured}
		}
		return owned, nil
	})
	config := core.Config{
		Stores: []core.Store{store}, Timeout: 300 * time.Millisecond, Guard: core.Guard{OpenFor: 100 * time.Millisecond},
		Lifetimes: core.Lifetimes{Fresh: time.Millisecond, Refresh: -1, Usable: -1},
		Rule:      func(in core.RuleInput) core.Verdict { at("rule"); return core.DefaultRule(in) },
		Override:  func(context.Context, string, core.Requirement) core.Outcome { at("override"); return core.Undetermined },
		OnHandled: func(context.Context, core.Decision, int) { at("handled") },
	}
	if hook == "owners" {
		config.Owners = registry{core.NewMemoryOwners(), m}
	}
	if hook == "logger" {
		config.Logger = slog.New(logger{slog.DiscardHandler, m})
	}
	gate, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := gate.Close(ctx); err != nil {
			t.Errorf("a look-up is still under way: %v", err)
		}
	}()
	var ran atomic.Int64
	url := mounts[adapter](t, inside{
		gate: gate, requirement: vip,
		credentials: func() (core.Credentials, error) {
			at("credentials")
			return core.Credentials{Account: "canary-player-1", Token: "canarytoken1"}, nil
		},
		handler: func() { ran.Add(1); at("handler") },
	})
	m.on.Store(true)
	for range 3 { // fewer than trip the breaker
		status, body := fetch(url)
		afterGate := hook == "handler" || hook == "handled" // the gate had let it through
		switch {
		case status == 0, status == 500, status == 503:
		case status == 200 && hook == "handled":
		default:
			t.Errorf("%d %s", status, body)
		}
		if n := ran.Swap(0); n > 0 && !afterGate {
			t.Errorf("the handler ran, though the gate failed")
		}
	}
	m.on.Store(false)
	if status, body := fetch(url); status != 200 || body != "PREMIUM" {
		t.Errorf("the next request: %d %s", status, body)
	}
	if s := gate.Stats().Stores[0]; s.Breaker != "closed" {
		t.Errorf("the breaker is %s", s.Breaker)
	}
}
