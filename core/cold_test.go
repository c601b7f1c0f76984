package core_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/skugate/skugate/core"
)

// What a store fails to say is undetermined, is not remembered, and the next check asks again.
func TestAFailedLookUpIsNeverANo(t *testing.T) {
	missing := skin("")
	missing.State = core.StateMissing
	future := skin("")
	future.PurchasedAt = time.Now().Add(time.Hour)
	for _, c := range []struct {
		name   string
		answer answer
		reason core.Reason
	}{
		{"an outage", fails(errDown), core.ReasonUpstreamUnavailable},
		{"an error of no known kind", fails(errors.New("boom")), core.ReasonUpstreamUnavailable},
		{"an error that is a nil pointer", fails((*core.StoreError)(nil)), core.ReasonUpstreamUnavailable},
		{"an error of the store's own deadline", fails(fmt.Errorf("call: %w", context.DeadlineExceeded)), core.ReasonDeadline},
		{"a fault with a reason of its own", fails(&core.StoreError{Fault: core.FaultMisconfigured, Reason: core.ReasonUpstreamAuth}), core.ReasonUpstreamAuth},
		{"a fault that names no reason", fails(&core.StoreError{Fault: core.FaultMisconfigured}), core.ReasonUpstreamMisconfigured},
		{"a fault that does not exist", fails(&core.StoreError{Fault: 9}), core.ReasonUpstreamUnavailable},
		{"an error wrapped by the client", fails(fmt.Errorf("client: %w", errDown)), core.ReasonUpstreamUnavailable},
		{"neither a purchase nor an error", func(context.Context, core.Product, string) (*core.Purchase, error) { return nil, nil }, core.ReasonMalformedUpstream},
		{"an empty purchase", says(core.Purchase{}), core.ReasonMalformedUpstream},
		{"a purchase without a state", says(*missing), core.ReasonMalformedUpstream},
		{"a purchase from the future", says(*future), core.ReasonClockSkew},
		{"the purchase of another token", func(context.Context, core.Product, string) (*core.Purchase, error) {
			return skin("somebody-elses"), nil
		}, core.ReasonMalformedUpstream},
		{"a purchase that names no token", func(context.Context, core.Product, string) (*core.Purchase, error) { return skin(""), nil }, core.ReasonMalformedUpstream},
		{"a panic", func(context.Context, core.Product, string) (*core.Purchase, error) { panic("skin-1") }, core.ReasonPanicked},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(c.answer)
			gate := open(t, core.Config{}, store)
			for i := range 2 {
				d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
				want(t, d, core.Undetermined, c.reason)
				calls(t, store, i+1)
				if d.Err == nil || strings.Contains(d.Err.Error(), "skin-1") {
					t.Errorf("the error is %v", d.Err)
				}
			}
			store.script(sells(skin))
			from(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned, core.SourceStore)
		})
	}
}

func TestAnErrorOfTheStoreReachesTheServerWhole(t *testing.T) {
	cause := errors.New("maintenance")
	gate := open(t, core.Config{}, newStore(fails(&core.StoreError{RetryAfter: 7 * time.Second, Err: cause})))
	d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
	want(t, d, core.Undetermined, core.ReasonUpstreamUnavailable)
	if !errors.Is(d.Err, cause) || d.RetryAfter != 7*time.Second || d.Product != inApp("skin") {
		t.Errorf("got %+v", d)
	}
}

func TestARefusedTokenIsTheCallersFault(t *testing.T) {
	gate := open(t, core.Config{}, newStore(fails(&core.StoreError{Fault: core.FaultTokenRefused})))
	d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
	want(t, d, core.Denied, core.ReasonInvalidToken)
	if status := core.Answer(d, 0).Status; status != 400 {
		t.Errorf("the status is %d", status)
	}
}

func TestAHungStoreEndsAtTheTimeout(t *testing.T) {
	for _, timeout := range []time.Duration{10 * time.Millisecond, 0} {
		synctest.Test(t, func(t *testing.T) {
			gate := open(t, core.Config{Timeout: timeout}, newStore(hangs))
			began := time.Now()
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Undetermined, core.ReasonDeadline)
			limit := timeout
			if limit == 0 {
				limit = 3 * time.Second
			}
			if waited := time.Since(began); waited != limit {
				t.Errorf("waited %v, want %v", waited, limit)
			}
		})
	}
}

func TestAStoreThatIgnoresItsContextHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		store := newStore(func(context.Context, core.Product, string) (*core.Purchase, error) {
			<-release
			return skin("skin-1"), nil
		})
		gate := open(t, core.Config{Timeout: time.Second}, store)
		for i := range 3 { // each finds the key free again
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Undetermined, core.ReasonDeadline)
			calls(t, store, i+1)
		}
		store.script(sells(skin))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		close(release)
	})
}

func TestALookUpGoesOnWithoutTheOneWhoBeganIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(after(time.Second, sells(skin)))
		gate := open(t, core.Config{}, store)
		leaving, leave := context.WithCancel(t.Context())
		first := make(chan core.Decision)
		go func() { first <- gate.Check(leaving, inApp("skin"), by("alice", "skin-1")) }()
		synctest.Wait()
		second := make(chan core.Decision)
		go func() { second <- gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }()
		synctest.Wait()

		began := time.Now()
		leave()
		want(t, <-first, core.Undetermined, core.ReasonCallerGone)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("leaving took %v", waited)
		}
		from(t, <-second, core.Granted, core.ReasonOwned, core.SourceStore)
		calls(t, store, 1)
	})
}

func TestALookUpWithoutAnyWaiterStillLands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(after(time.Second, sells(skin)))
		gate := open(t, core.Config{}, store)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if d := gate.Check(ctx, inApp("skin"), by("alice", "skin-1")); d.Outcome != core.Undetermined {
			t.Fatalf("got %v", d.Outcome)
		}
		time.Sleep(time.Second)
		from(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned, core.SourceMemory)
		calls(t, store, 1)
	})
}

func TestALateJoinerSharesTheLookUpUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(after(2*time.Second, sells(skin)))
		gate := open(t, core.Config{}, store)
		began := time.Now()
		go gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		time.Sleep(1900 * time.Millisecond)
		d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		from(t, d, core.Granted, core.ReasonOwned, core.SourceStore)
		if !d.VerifiedAt.Equal(began) {
			t.Errorf("verified at %v: the joiner's clock started when it came, not when the read began", d.VerifiedAt.Sub(began))
		}
		calls(t, store, 1)
	})
}

func TestTwoGatesShareNothing(t *testing.T) {
	store := newStore(sells(skin))
	for i, gate := range []*core.Gate{open(t, core.Config{}, store), open(t, core.Config{}, store)} {
		from(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned, core.SourceStore)
		calls(t, store, i+1)
	}
}

func TestOneTokenAtTwoStoresIsTwoFacts(t *testing.T) {
	here, there := newStore(sells(skin)), newStore(fails(errNotFound))
	there.id = "other"
	gate := open(t, core.Config{}, here, there)
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
	want(t, gate.Check(t.Context(), inApp("skin").On("other"), by("alice", "skin-1")), core.Denied, core.ReasonNotFound)
	calls(t, there, 1)
}

func TestOneProductIDOfTwoKindsIsTwoProducts(t *testing.T) {
	store := newStore(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
		if p.Kind != core.KindSubscription {
			return nil, errNotFound
		}
		return vip(token, time.Hour), nil
	})
	gate := open(t, core.Config{}, store)
	want(t, gate.Check(t.Context(), inApp("x"), by("alice", "t")), core.Denied, core.ReasonNotFound)
	want(t, gate.Check(t.Context(), subscription("x"), by("alice", "t")), core.Granted, core.ReasonActive)
	want(t, gate.Check(t.Context(), inApp("x"), by("alice", "t")), core.Denied, core.ReasonProductMismatch)
	calls(t, store, 2)
}

// fiber's strings change under whoever keeps them: the next request is written into the same bytes.
func TestNothingOfTheRequestIsKept(t *testing.T) {
	buffer := make([]byte, 0, 64)
	request := func(s string) string {
		buffer = append(buffer[:0], s...)
		return unsafe.String(unsafe.SliceData(buffer), len(s))
	}
	accounts := make([]byte, 0, 64)
	account := func(s string) string {
		accounts = append(accounts[:0], s...)
		return unsafe.String(unsafe.SliceData(accounts), len(s))
	}
	store := newStore(sells(skin))
	gate := open(t, core.Config{}, store)
	product := inApp("skin")

	want(t, gate.Check(t.Context(), product, by(account("alice"), request("skin-a"))), core.Granted, core.ReasonOwned)
	want(t, gate.Check(t.Context(), product, by(account("mallo"), request("none-b"))), core.Denied, core.ReasonNotFound)
	if err := gate.Bind(t.Context(), account("carol"), product, request("skin-c")); err != nil {
		t.Fatal(err)
	}
	if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: request("skin-d"), PurchaseID: account("p-skin-d")}); err != nil {
		t.Fatal(err)
	}
	if err := gate.InvalidateToken(t.Context(), "shop", request("skin-e")); err != nil {
		t.Fatal(err)
	}
	request(strings.Repeat("z", 6))
	account(strings.Repeat("z", 10))

	from(t, gate.Check(t.Context(), product, by("alice", "skin-a")), core.Granted, core.ReasonOwned, core.SourceMemory)
	want(t, gate.Check(t.Context(), product, by("mallo", "skin-a")), core.Denied, core.ReasonAccountMismatch)
	want(t, gate.Check(t.Context(), product, by("mallo", "none-b")), core.Denied, core.ReasonNotFound)
	want(t, gate.Check(t.Context(), product, by("alice", "skin-c")), core.Denied, core.ReasonAccountMismatch)
	want(t, gate.Check(t.Context(), product, by("carol", "skin-c")), core.Granted, core.ReasonOwned)
	want(t, gate.Check(t.Context(), product, by("alice", "skin-d")), core.Denied, core.ReasonVoided)
	want(t, gate.Check(t.Context(), product, by("alice", "zzzzzz")), core.Denied, core.ReasonNotFound)
	calls(t, store, 5)
}

func TestTheLogNamesCausesAndNeverTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		gate := open(t, core.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, newStore(fails(&core.StoreError{Fault: core.FaultMisconfigured, Err: errors.New("the key is wrong")})))
		for range 20 {
			gate.Check(t.Context(), inApp("skin"), by("alice", "canary-1"))
		}
		if n := strings.Count(log.String(), "the key is wrong"); n != 1 {
			t.Errorf("the cause was logged %d times:\n%s", n, log.String())
		}
		time.Sleep(2 * time.Minute)
		gate.Check(t.Context(), inApp("skin"), by("alice", "canary-1"))
		if n := strings.Count(log.String(), "the key is wrong"); n != 2 {
			t.Errorf("two minutes later it was logged %d times", n)
		}
		if strings.Contains(log.String(), "canary") || strings.Contains(log.String(), "alice") {
			t.Errorf("the log names a token or an account:\n%s", log.String())
		}
	})
}

func TestACallerWhoLeavesIsNoNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		gate := open(t, core.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, newStore(after(time.Second, sells(skin))))
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		gate.Check(ctx, inApp("skin"), by("alice", "skin-1"))
		core.NewRoute(gate, inApp("skin"), core.RouteConfig{Attach: true}).Admit(t.Context(), func() (core.Credentials, error) { return by("alice", "skin-2"), nil })
		if log.Len() > 0 {
			t.Errorf("the log says:\n%s", log.String())
		}
	})
}
