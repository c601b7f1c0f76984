package promstats_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/promstats"
)

// shop is a store that counts its own calls and is told of deliveries.
type shop struct {
	*gatetest.Store
	client core.ClientStats
}

func (s *shop) ClientStats() core.ClientStats { return s.client }

func (s *shop) Acknowledge(context.Context, core.Product, string) error { return nil }

var skin = core.Product{Store: "shop", Kind: core.KindInApp, ID: "skin"}

// open makes a gate in front of a store that knows the purchases skin-1, which is alice's, and slow-1, for
// which it takes 2 seconds.
func open(t *testing.T, c core.Config) (*core.Gate, *shop) {
	t.Helper()
	store := &shop{Store: gatetest.NewStore("shop")}
	purchase := func(token string) *core.Purchase {
		return &core.Purchase{Token: token, ID: "order", State: core.StatePurchased, Consumption: core.Unconsumed, Acknowledgement: core.Acknowledged, Quantity: 1, PurchasedAt: time.Now().Add(-time.Hour), Label: "alice"}
	}
	store.Put(skin, purchase("skin-1"))
	store.Answer(skin, "slow-1", func(context.Context, core.Product, string) (*core.Purchase, error) {
		time.Sleep(2 * time.Second)
		return purchase("slow-1"), nil
	})
	c.Stores = []core.Store{store}
	gate, err := core.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gate.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return gate, store
}

// register makes a collector that is the only one of a registry.
func register(t *testing.T, gates ...promstats.Config) *prometheus.Registry {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	for _, c := range gates {
		collector, err := promstats.New(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := registry.Register(collector); err != nil {
			t.Fatal(err)
		}
	}
	return registry
}

func check(gate *core.Gate, account, token string) {
	gate.Check(context.Background(), skin, core.Credentials{Account: account, Token: token})
}

func TestEveryFaultOfAConfigurationIsReported(t *testing.T) {
	c, err := promstats.New(promstats.Config{Name: "\xff"})
	if c != nil || err == nil {
		t.Fatalf("got %v, %v", c, err)
	}
	for _, field := range []string{"Gate", "Name"} {
		if !strings.Contains(err.Error(), "promstats: Config."+field+" is ") {
			t.Errorf("nothing is said of %s: %v", field, err)
		}
	}
}

func TestTheNamesAndUnitsAreConventional(t *testing.T) {
	gate, _ := open(t, core.Config{})
	check(gate, "alice", "skin-1")
	gate.Work("voids")
	registry := register(t, promstats.Config{Gate: gate})
	problems, err := testutil.GatherAndLint(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(families), len(names(t)); got != want {
		t.Errorf("%d metrics are collected, %d are described", got, want)
	}
}

func TestTheMetricsAreWhatTheGateCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, store := open(t, core.Config{
			Guard: core.Guard{TripAfter: 2}, UnknownTokens: core.UnknownTokens{Burst: 1}, Memory: core.Memory{Purchases: 1}, Outbox: core.NewMemoryOutbox(),
		})
		store.client = core.ClientStats{Attempts: 9, Retries: 3, AccessTokens: 2, Paused: 4, PausedUntil: time.Unix(2_000_000_000, 500_000_000)}
		check(gate, "alice", "skin-1")
		check(gate, "alice", "skin-1")
		check(gate, "bob", "skin-1")
		check(gate, "alice", "slow-1") // for which skin-1 makes room
		check(gate, "bob", "none-1")
		check(gate, "bob", "none-2") // over the budget
		if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "void-1"}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := gate.Acknowledge(ctx, core.Debt{Store: "shop", Token: "skin-1", Kind: core.KindInApp, Product: "skin", By: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		store.Down(&core.StoreError{Reason: core.ReasonUpstreamUnavailable})
		opened := time.Now()
		for i := range 3 {
			check(gate, "carol", fmt.Sprint("skin-", 5+i))
		}
		work := gate.Work("voids")
		work.Promise(time.Minute)
		ended := work.Begin()
		time.Sleep(1500 * time.Millisecond)
		ended(nil)
		worked := time.Now()
		work.Begin()(context.Canceled)
		gate.FoundDebts(core.DebtsFound{At: worked, Undelivered: 7, Overdue: 8, Abandoned: 9})

		unix := func(at time.Time) string { return fmt.Sprint(float64(at.UnixNano()) / 1e9) }
		got := series(t, register(t, promstats.Config{Gate: gate, Name: "main"}))
		for want, v := range map[string]string{
			`skugate_decisions_total{mode="normal",outcome="granted",product="skin",reason="owned",source="memory",store="shop"}`:                  "1",
			`skugate_decisions_total{mode="normal",outcome="granted",product="skin",reason="owned",source="store",store="shop"}`:                   "2",
			`skugate_decisions_total{mode="normal",outcome="denied",product="skin",reason="account_mismatch",source="memory",store="shop"}`:        "1",
			`skugate_decisions_total{mode="normal",outcome="undetermined",product="skin",reason="too_many_unknown_tokens",source="",store="shop"}`: "1",
			`skugate_decisions_total{mode="normal",outcome="undetermined",product="skin",reason="upstream_unavailable",source="",store="shop"}`:    "2",
			`skugate_decisions_total{mode="normal",outcome="undetermined",product="skin",reason="breaker_open",source="",store="shop"}`:            "1",
			`skugate_store_request_duration_seconds_bucket{le="0.005",store="shop"}`:                                                               "4",
			`skugate_store_request_duration_seconds_bucket{le="1",store="shop"}`:                                                                   "4",
			`skugate_store_request_duration_seconds_bucket{le="2.5",store="shop"}`:                                                                 "5",
			`skugate_store_request_duration_seconds_bucket{le="+Inf",store="shop"}`:                                                                "5",
			`skugate_store_request_duration_seconds_sum{store="shop"}`:                                                                             "2",
			`skugate_store_request_duration_seconds_count{store="shop"}`:                                                                           "5",
			`skugate_store_calls_total{result="found",store="shop"}`:                                                                               "2",
			`skugate_store_calls_total{result="not_found",store="shop"}`:                                                                           "1",
			`skugate_store_calls_total{result="unavailable",store="shop"}`:                                                                         "2",
			`skugate_store_calls_total{result="refused",store="shop"}`:                                                                             "0",
			`skugate_store_calls_total{result="misconfigured",store="shop"}`:                                                                       "0",
			`skugate_store_rejected_total{store="shop"}`:                                                                                           "1",
			`skugate_store_joined_total{store="shop"}`:                                                                                             "0",
			`skugate_store_in_flight{store="shop"}`:                                                                                                "0",
			`skugate_store_clock_skew_seconds{store="shop"}`:                                                                                       "0",
			`skugate_over_budget_total{store="shop"}`:                                                                                              "1",
			`skugate_would_refuse_total{store="shop"}`:                                                                                             "0",
			`skugate_breaker_state{state="open",store="shop"}`:                                                                                     "1",
			`skugate_breaker_state{state="closed",store="shop"}`:                                                                                   "0",
			`skugate_breaker_state{state="half-open",store="shop"}`:                                                                                "0",
			`skugate_breaker_opened_total{store="shop"}`:                                                                                           "1",
			`skugate_breaker_changed_timestamp_seconds{store="shop"}`:                                                                              unix(opened),
			`skugate_memory_entries{kind="purchases",store="shop"}`:                                                                                "1",
			`skugate_memory_entries{kind="refusals",store="shop"}`:                                                                                 "1",
			`skugate_memory_entries{kind="invalidated",store="shop"}`:                                                                              "0",
			`skugate_memory_evictions_total{kind="purchases",store="shop"}`:                                                                        "1",
			`skugate_memory_evictions_total{kind="refusals",store="shop"}`:                                                                         "0",
			`skugate_voids{store="shop"}`:                                                                                                          "1",
			`skugate_voids_applied_total{store="shop"}`:                                                                                            "1",
			`skugate_work_calls_total{store="shop"}`:                                                                                               "1",
			`skugate_work_call_failures_total{store="shop"}`:                                                                                       "0",
			`skugate_acknowledgements_total{store="shop"}`:                                                                                         "1",
			`skugate_acknowledgements_late_total{store="shop"}`:                                                                                    "1",
			`skugate_store_attempts_total{store="shop"}`:                                                                                           "9",
			`skugate_store_retries_total{store="shop"}`:                                                                                            "3",
			`skugate_store_access_tokens_total{store="shop"}`:                                                                                      "2",
			`skugate_store_paused_total{store="shop"}`:                                                                                             "4",
			`skugate_store_pause_end_timestamp_seconds{store="shop"}`:                                                                              "2.0000000005e+09",
			`skugate_work_runs_total{work="voids"}`:                                                                                                "2",
			`skugate_work_failures_total{work="voids"}`:                                                                                            "1",
			`skugate_work_interval_seconds{work="voids"}`:                                                                                          "60",
			`skugate_work_last_duration_seconds{work="voids"}`:                                                                                     "0",
			`skugate_work_last_success_timestamp_seconds{work="voids"}`:                                                                            unix(worked),
			`skugate_outbox_records_total{kind="intended"}`:                                                                                        "0",
			`skugate_outbox_records_total{kind="delivered"}`:                                                                                       "0",
			`skugate_outbox_failures_total{}`:                                                                                                      "0",
			`skugate_outbox_endangered{kind="undelivered"}`:                                                                                        "7",
			`skugate_outbox_endangered{kind="overdue"}`:                                                                                            "8",
			`skugate_outbox_endangered{kind="abandoned"}`:                                                                                          "9",
			`skugate_outbox_swept_timestamp_seconds{}`:                                                                                             unix(worked),
		} {
			name, labels, _ := strings.Cut(want, "{")
			want = name + withGate(labels)
			if got[want] != v {
				t.Errorf("%s is %q, want %s", want, got[want], v)
			}
			delete(got, want)
		}
		for s, v := range got {
			if !strings.Contains(s, "_bucket") && !strings.Contains(s, "not_found") {
				t.Errorf("nothing is expected of %s, which is %s", s, v)
			}
		}
	})
}

func TestNoRequestMakesASeriesAndNoneIsASecret(t *testing.T) {
	gate, _ := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: -1}})
	registry := register(t, promstats.Config{Gate: gate})
	ask := func(i int) {
		account, token := fmt.Sprint("canary-account-", i), fmt.Sprint("canary-token-", i)
		check(gate, account, token)
		hinted := core.Token{Value: token, Store: core.StoreID(fmt.Sprint("canary-store-", i)), Product: fmt.Sprint("canary-product-", i)}
		gate.Check(context.Background(), skin, core.Credentials{Account: account, Tokens: []core.Token{hinted}})
	}
	ask(0)
	before := len(series(t, registry))
	for i := range 100_000 {
		ask(i)
	}
	after := series(t, registry)
	if len(after) > before+1 { // an absence from memory
		t.Errorf("there were %d series, and then %d", before, len(after))
	}
	for s := range after {
		if strings.Contains(s, "canary") {
			t.Errorf("a request shows in %s", s)
		}
	}
}

func TestSeveralGatesAreToldApart(t *testing.T) {
	europe, _ := open(t, core.Config{})
	asia, _ := open(t, core.Config{})
	check(asia, "alice", "skin-1")
	got := series(t, register(t, promstats.Config{Gate: europe, Name: "europe"}, promstats.Config{Gate: asia, Name: "asia"}))
	for gate, want := range map[string]string{"europe": "0", "asia": "1"} {
		if found := got[fmt.Sprintf(`skugate_store_calls_total{gate=%q,result="found",store="shop"}`, gate)]; found != want {
			t.Errorf("%s has %q calls, want %s", gate, found, want)
		}
	}
}

// A rule of the embedder's may call its reasons what it likes.
func TestAReasonThatIsNoTextDoesNotFailTheScrape(t *testing.T) {
	n := 0
	gate, _ := open(t, core.Config{Rule: func(core.RuleInput) core.Verdict {
		return core.Verdict{Outcome: core.Denied, Reason: core.Reason([]byte{0xfe + byte(n)})}
	}})
	for ; n < 2; n++ {
		check(gate, "alice", "skin-1")
	}
	reasons := 0
	for s := range series(t, register(t, promstats.Config{Gate: gate})) {
		if strings.Contains(s, `\\xf`) {
			reasons++
		}
	}
	if reasons != 2 {
		t.Errorf("%d of two reasons are shown", reasons)
	}
}
