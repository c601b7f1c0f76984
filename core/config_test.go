package core_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

func TestNewNamesTheFieldThatIsWrong(t *testing.T) {
	store := newStore(sells(skin))
	nameless := newStore(nil)
	nameless.id = ""
	sandbox := newStore(sells(skin))
	sandbox.sandbox = true
	lives := func(l core.Lifetimes) core.Config { return core.Config{Lifetimes: l} }
	for _, c := range []struct {
		name   string
		config core.Config
		stores []core.Store // nil: a good one
		says   string
	}{
		{"no store", core.Config{}, []core.Store{}, "Config.Stores is empty"},
		{"a nil store", core.Config{}, []core.Store{nil}, "Config.Stores[0] is nil"},
		{"a store whose constructor failed", core.Config{}, []core.Store{store, (*scripted)(nil)}, "Config.Stores[1] is nil"},
		{"a store without a name", core.Config{}, []core.Store{nameless}, "Config.Stores[0] has no ID"},
		{"two stores of one name", core.Config{}, []core.Store{store, store}, "Config.Stores[1] has the ID"},
		{"a registry whose constructor failed", core.Config{Owners: (*core.MemoryOwners)(nil)}, nil, "Config.Owners is a nil pointer"},
		{"labels whose constructor failed", core.Config{Labels: (*core.PlainLabels)(nil)}, nil, "Config.Labels is a nil pointer"},
		{"peers whose constructor failed", core.Config{Peers: (*villager)(nil)}, nil, "Config.Peers is a nil pointer"},
		{"an undefined binding", core.Config{Binding: 3}, nil, "Config.Binding"},
		{"a time-out without its unit", core.Config{Timeout: 3}, nil, "Config.Timeout"},
		{"a negative time-out", core.Config{Timeout: -time.Second}, nil, "Config.Timeout"},
		{"a time-out of more than a year", core.Config{Timeout: 9000 * time.Hour}, nil, "Config.Timeout"},
		{"60 for a minute", lives(core.Lifetimes{Fresh: 60}), nil, "Config.Lifetimes.Fresh"},
		{"a negative freshness", lives(core.Lifetimes{Fresh: -1}), nil, "Config.Lifetimes.Fresh"},
		{"a refresh without its unit", lives(core.Lifetimes{Refresh: 360}), nil, "Config.Lifetimes.Refresh"},
		{"a grace without its unit", lives(core.Lifetimes{Usable: 21600}), nil, "Config.Lifetimes.Usable"},
		{"a no that is kept for 5 ns", lives(core.Lifetimes{Denied: 5}), nil, "Config.Lifetimes.Denied"},
		{"a no that is not kept", lives(core.Lifetimes{Denied: -1}), nil, "Config.Lifetimes.Denied"},
		{"an absence that is kept for 5 ns", lives(core.Lifetimes{Absent: 5}), nil, "Config.Lifetimes.Absent"},
		{"a negative renewal grace", lives(core.Lifetimes{RenewalGrace: -1}), nil, "Config.Lifetimes.RenewalGrace"},
		{"a negative cap", lives(core.Lifetimes{StaleGrants: -1}), nil, "Config.Lifetimes.StaleGrants"},
		{"a refresh below freshness", lives(core.Lifetimes{Fresh: time.Hour, Refresh: time.Minute}), nil, "Lifetimes.Refresh is 1m0s; it must not be below Lifetimes.Fresh"},
		{"a refresh below the usual freshness", lives(core.Lifetimes{Refresh: time.Minute}), nil, "Lifetimes.Refresh is 1m0s; it must not be below Lifetimes.Fresh"},
		{"a grace below freshness", lives(core.Lifetimes{Fresh: time.Hour, Usable: time.Minute}), nil, "Lifetimes.Usable is 1m0s; it must not be below Lifetimes.Fresh"},
		{"a grace below the usual freshness", lives(core.Lifetimes{Usable: time.Minute}), nil, "Lifetimes.Usable is 1m0s; it must not be below Lifetimes.Fresh"},
		{"a grace below the refresh", lives(core.Lifetimes{Refresh: time.Hour, Usable: 30 * time.Minute}), nil, "Lifetimes.Usable is 30m0s; it must not be below Lifetimes.Refresh"},
		{"a grace of a second, of a sandbox", lives(core.Lifetimes{Usable: time.Second}), []core.Store{sandbox}, "for the store \"shop\" Config.Lifetimes.Usable is 1s; it must not be below Lifetimes.Fresh, which is 5s"},
		{"no room for purchases", core.Config{Memory: core.Memory{Purchases: -1}}, nil, "Config.Memory.Purchases"},
		{"more room than there is", core.Config{Memory: core.Memory{Purchases: 1 << 40}}, nil, "Config.Memory.Purchases"},
		{"no room for refusals", core.Config{Memory: core.Memory{Refusals: -1}}, nil, "Config.Memory.Refusals"},
		{"no call at once", core.Config{Guard: core.Guard{MaxInFlight: -1}}, nil, "Config.Guard.MaxInFlight"},
		{"calls without number", core.Config{Guard: core.Guard{MaxInFlight: 1 << 20}}, nil, "Config.Guard.MaxInFlight"},
		{"a breaker that never opens", core.Config{Guard: core.Guard{TripAfter: -1}}, nil, "Config.Guard.TripAfter"},
		{"a breaker that hardly ever opens", core.Config{Guard: core.Guard{TripAfter: 1 << 30}}, nil, "Config.Guard.TripAfter"},
		{"a breaker that is open for 5 ns", core.Config{Guard: core.Guard{OpenFor: 5}}, nil, "Config.Guard.OpenFor"},
		{"a breaker that is never open", core.Config{Guard: core.Guard{OpenFor: -1}}, nil, "Config.Guard.OpenFor"},
		{"a budget without end", core.Config{UnknownTokens: core.UnknownTokens{Burst: 1 << 30}}, nil, "Config.UnknownTokens.Burst"},
		{"a budget that refills every 10 ns", core.Config{UnknownTokens: core.UnknownTokens{Every: 10}}, nil, "Config.UnknownTokens.Every"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.config.Stores = c.stores; c.stores == nil {
				c.config.Stores = []core.Store{store}
			}
			gate, err := core.New(c.config)
			if gate != nil || err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %v, want one that says %q", err, c.says)
			}
		})
	}
	t.Run("everything at once", func(t *testing.T) {
		_, err := core.New(core.Config{Timeout: 3, Binding: 9, Guard: core.Guard{TripAfter: -1}, Lifetimes: core.Lifetimes{Fresh: 60}})
		for _, part := range []string{"Stores", "Timeout", "Binding", "TripAfter", "Fresh"} {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("the error does not name %s:\n%v", part, err)
			}
		}
	})
}

// A configuration made of whatever people write is refused with the name of a field, or makes a gate that
// lets in who owns, and for no longer than its longest age when its store has gone. Each bubble fails if a
// goroutine is left in it.
func TestAnyConfigurationIsRefusedOrSane(t *testing.T) {
	spans := []time.Duration{0, 0, 0, -1, 1, 60, 999_999, time.Millisecond, 10 * time.Millisecond, time.Second, time.Minute, time.Hour, 366 * 24 * time.Hour, 1<<63 - 1, -1 << 63}
	counts := []int{1, 2, 5, 16, 64, 0, -1, 1 << 40, -1 << 63}
	good := 0
	for seed := range uint64(10_000) {
		r := rand.New(rand.NewPCG(seed, 3))
		span := func() time.Duration { return spans[r.IntN(len(spans))] }
		few := func() int { return counts[r.IntN(len(counts))] }
		usual := func(d time.Duration) time.Duration { // mostly none, so that some configurations are good
			if r.IntN(3) > 0 {
				return 0
			}
			return d
		}
		small := func() int { // the default allocates much
			if r.IntN(8) > 0 {
				return 16
			}
			return counts[6+r.IntN(3)]
		}
		config := core.Config{
			Binding: core.Binding(r.IntN(16) / 5), Timeout: usual(span()),
			Lifetimes:     core.Lifetimes{Fresh: usual(span()), Refresh: usual(span()), Usable: usual(span()), Denied: usual(span()), Absent: usual(span()), RenewalGrace: usual(span())},
			Memory:        core.Memory{Purchases: small(), Refusals: small()},
			UnknownTokens: core.UnknownTokens{Every: usual(span())},
			Guard:         core.Guard{OpenFor: usual(span())},
		}
		if r.IntN(3) == 0 {
			config.Guard.MaxInFlight, config.Guard.TripAfter, config.UnknownTokens.Burst, config.Lifetimes.StaleGrants = few(), few(), few(), few()
		}
		synctest.Test(t, func(t *testing.T) {
			p := skin("")
			p.Label = "alice"
			store := newStore(says(*p))
			config.Stores = []core.Store{store}
			gate, err := core.New(config)
			if err != nil {
				if gate != nil || !strings.Contains(err.Error(), "core: Config.") {
					t.Fatalf("seed %d: %+v: the error is %v", seed, config, err)
				}
				return
			}
			good++
			defer gate.Close(t.Context())
			check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "t-1")) }
			if d := check(); !d.Granted() {
				t.Fatalf("seed %d: %+v: %v (%s, %v)", seed, config, d.Outcome, d.Reason, d.Err)
			}
			store.script(fails(errDown))
			l := config.Lifetimes
			longest := max(l.Usable, l.Refresh, l.Fresh+l.Fresh/5, 6*time.Hour)
			time.Sleep(longest)
			if d := check(); d.Outcome != core.Undetermined {
				t.Fatalf("seed %d: %+v: after %v of outage: %v (%s)", seed, config, longest, d.Outcome, d.Reason)
			}
			if s := fmt.Sprint(shop(t, gate)); strings.Contains(s, "%!") {
				t.Fatalf("seed %d: %s", seed, s)
			}
		})
		if t.Failed() {
			return
		}
	}
	if good < 100 {
		t.Errorf("only %d configurations were good: the test shows little", good)
	}
}
