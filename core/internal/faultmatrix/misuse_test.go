package faultmatrix_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// pick draws one of the values.
func pick[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

func oddDuration(r *rand.Rand) time.Duration {
	return pick(r, 0, 0, 0, -1, 60, time.Millisecond, time.Second, time.Hour, 400*24*time.Hour, math.MaxInt64, math.MinInt64)
}

func oddCount(r *rand.Rand) int { return pick(r, 0, 0, 0, -1, 1, 100, 1<<40, math.MaxInt, math.MinInt) }

func TestRow67AnOddConfigurationIsRefusedOrWorks(t *testing.T) {
	before := runtime.NumGoroutine()
	r := rand.New(rand.NewPCG(67, 1))
	made := 0
	for i := range fm.Size(3000, 10_000) {
		secret := pick(r, "", " ", "canary/secret+x=", "canary\n", strings.Repeat("canary", 1000))
		client, err := onestore.New(onestore.Config{
			Name:     pick[core.StoreID](r, "", "", "b", "a b", "\x00"),
			ClientID: pick(r, "0000042301", "0000042301", "", " ", "../x", "canarytoken"), ClientSecret: secret,
			Market:      pick[onestore.Market](r, onestore.MarketGlobal, onestore.MarketKorea, "", "MKT_GLC", "mkt_glb"),
			Environment: pick[onestore.Environment](r, onestore.Commercial, onestore.Sandbox, "", "production"),
			BaseURL: pick(r, "", "http://127.0.0.1:1", "http://store.example", "https://apis.onestore.com", "https://sbpp.onestore.net",
				"ftp://x", "https://u:canary@h/", "https://h/?q", "://", "https://h/..", "h"),
		})
		stores := []core.Store{pick[core.Store](r, gatetest.NewStore("a"), gatetest.NewStore(""), nil, client)}
		if err == nil {
			made++
			if text := fmt.Sprintf("%v %+v %#v", client, client, client); strings.Contains(text, "secret") {
				t.Fatalf("configuration %d prints its secret", i)
			}
			stores = append(stores, client)
		} else if !strings.Contains(err.Error(), "onestore: ") || strings.Contains(err.Error(), "canary") {
			t.Fatalf("configuration %d: %v", i, err)
		}
		gate, err := core.New(core.Config{
			Stores:  pick(r, stores, stores, []core.Store{gatetest.NewStore("a")}, []core.Store{gatetest.NewStore("a")}, nil, []core.Store{gatetest.NewStore("a"), gatetest.NewStore("a")}),
			Binding: pick[core.Binding](r, 0, 0, 1, 2, 3, 255), Timeout: oddDuration(r),
			Lifetimes: core.Lifetimes{Fresh: oddDuration(r), Refresh: oddDuration(r), Usable: oddDuration(r), Denied: oddDuration(r), Absent: oddDuration(r), RenewalGrace: oddDuration(r)},
			Memory:    core.Memory{Purchases: oddCount(r), Refusals: oddCount(r)},
			Guard:     core.Guard{MaxInFlight: oddCount(r), TripAfter: oddCount(r), OpenFor: oddDuration(r)},
		})
		if err != nil {
			if !strings.Contains(err.Error(), "core: Config.") || gate != nil {
				t.Fatalf("configuration %d names no field: %v", i, err)
			}
			continue
		}
		made++
		for _, requirement := range []core.Requirement{nil, core.Product{}, core.AnyOf(), core.AllOf(nil), core.Entitlement("")} {
			if err := gate.Validate(requirement); err == nil {
				t.Fatalf("configuration %d: %v is not refused", i, requirement)
			}
			if d := gate.Check(context.Background(), requirement, core.Credentials{Account: "a", Token: "t"}); d.Granted() {
				t.Fatalf("configuration %d grants %v", i, requirement)
			}
		}
		if err := gate.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if made == 0 {
		t.Error("no configuration was valid")
	}
	settle(t, before)
}

// settle waits for goroutines that are on their way out.
func settle(t *testing.T, want int) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > want; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), want)
		}
	}
}

func TestRow68AGateThatIsNoneLetsNobodyIn(t *testing.T) {
	t.Parallel()
	store := gatetest.NewStore("onestore")
	vip := core.Product{Store: "onestore", Kind: core.KindSubscription, ID: "vip"}
	store.Put(vip, gatetest.Owned(vip, "token", "player"))
	closed, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		t.Fatal(err)
	}
	credentials := core.Credentials{Account: "player", Token: "token"}
	if d := closed.Check(t.Context(), vip, credentials); !d.Granted() {
		t.Fatalf("before it was closed: %v", d.Reason)
	}
	if err := closed.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	failed, err := core.New(core.Config{})
	if err == nil {
		t.Fatal("a gate without a store was made")
	}
	for _, adapter := range fm.Adapters {
		for name, gate := range map[string]*core.Gate{"nil": nil, "zero": {}, "of a failed constructor": failed, "closed": closed} {
			for what, requirement := range map[string]core.Requirement{"a product": vip, "nothing": nil, "an empty list": core.AllOf()} {
				t.Run(adapter+": "+name+", "+what, func(t *testing.T) {
					url := mounts[adapter](t, inside{
						gate: gate, requirement: requirement,
						credentials: func() (core.Credentials, error) { return credentials, nil },
						handler:     func() { t.Error("the handler ran") },
					})
					if status, body := fetch(url); status != 503 && status != 500 {
						t.Errorf("%d %s", status, body)
					}
				})
			}
		}
		t.Run(adapter+": while it is being closed", func(t *testing.T) {
			gate, err := core.New(core.Config{Stores: []core.Store{store}})
			if err != nil {
				t.Fatal(err)
			}
			var isClosed atomic.Bool
			url := mounts[adapter](t, inside{
				gate: gate, requirement: vip,
				credentials: func() (core.Credentials, error) {
					if isClosed.Load() {
						return core.Credentials{Account: "after", Token: "token"}, nil
					}
					return credentials, nil
				},
				handler: func() {},
			})
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for range 20 {
						if status, body := fetch(url); status != 200 && status != 503 {
							t.Errorf("%d %s", status, body)
						}
					}
				})
			}
			if err := gate.Close(t.Context()); err != nil {
				t.Error(err)
			}
			isClosed.Store(true)
			wg.Wait()
			if status, _ := fetch(url); status != 503 {
				t.Errorf("after it was closed: %d", status)
			}
		})
	}
}

func TestRow71GatesThatComeAndGoLeaveNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	files := openFiles(t)
	sim := onestoretest.New(onestoretest.Config{})
	url, err := sim.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	token := sim.Buy(onestoretest.Subscription("vip"), onestoretest.Label("player"))
	vip := onestore.Subscription("vip")
	newGate := func() *core.Gate {
		client, err := onestore.New(onestore.Config{ClientID: sim.ClientID(), ClientSecret: sim.ClientSecret(),
			Market: onestore.MarketGlobal, Environment: onestore.Sandbox, BaseURL: url})
		if err != nil {
			t.Fatal(err)
		}
		gate, err := core.New(core.Config{Stores: []core.Store{client}})
		if err != nil {
			t.Fatal(err)
		}
		return gate
	}
	check := func(g *core.Gate) core.Decision {
		return g.Check(context.Background(), vip, core.Credentials{Account: "player", Token: token})
	}
	for range fm.Size(150, 1000) {
		gate := newGate()
		if d := check(gate); !d.Granted() {
			t.Fatalf("%v: %v", d.Reason, d.Err)
		}
		if err := gate.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}

	// And exchanged under load.
	var current atomic.Pointer[core.Gate]
	current.Store(newGate())
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if d := check(current.Load()); !d.Granted() && d.Reason != core.ReasonClosed {
					t.Errorf("%v: %v", d.Reason, d.Err)
					return
				}
			}
		})
	}
	for range fm.Size(30, 100) {
		old := current.Swap(newGate())
		if err := old.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	wg.Wait()
	if err := current.Load().Close(context.Background()); err != nil {
		t.Error(err)
	}
	if err := sim.Close(); err != nil {
		t.Error(err)
	}
	settle(t, before)
	if n := openFiles(t); n > files {
		t.Errorf("%d files are open, %d before", n, files)
	}
}

func openFiles(t *testing.T) int {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}
