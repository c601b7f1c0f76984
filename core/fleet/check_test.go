package fleet_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/internal/redistest"
	"github.com/skugate/skugate/core/redeem"
	"github.com/skugate/skugate/core/redisclient"
)

func TestASettingThatCouldLoseStateIsNamed(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		says []string // none: it is fit
	}{
		{"flushed every second", []string{"--appendonly", "yes"}, nil},
		{"flushed always", []string{"--appendonly", "yes", "--appendfsync", "always"}, nil},
		{"evicting only what expires", []string{"--appendonly", "yes", "--maxmemory-policy", "volatile-lru"}, nil},
		{"no file", nil, []string{"appendonly is no", "set yes"}},
		{"never flushed", []string{"--appendonly", "yes", "--appendfsync", "no"}, []string{"appendfsync is no", "set everysec or always"}},
		{"evicting", []string{"--appendonly", "yes", "--maxmemory-policy", "allkeys-lfu"}, []string{"maxmemory-policy is allkeys-lfu", "set noeviction"}},
		{"a replica", []string{"--appendonly", "yes", "--replicaof", "127.0.0.1", "1"}, []string{"it is a replica"}},
		{"all of it", []string{"--maxmemory-policy", "allkeys-random", "--replicaof", "127.0.0.1", "1"}, []string{"replica", "allkeys-random", "appendonly"}},
		{"without CONFIG", []string{"--rename-command", "CONFIG", "", "--maxmemory-policy", "allkeys-lru"}, []string{"appendonly is no", "allkeys-lru"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := join(t, redistest.Start(t, test.args...).Addr())
			err := f.Check(t.Context())
			ledger, ledgerErr := f.Ledger(t.Context())
			if len(test.says) == 0 {
				if err != nil || ledgerErr != nil || ledger == nil {
					t.Errorf("it is fit: %v, %v", err, ledgerErr)
				}
				return
			}
			if !errors.Is(err, fleet.ErrUnfit) || !errors.Is(ledgerErr, fleet.ErrUnfit) || ledger != nil {
				t.Fatalf("got %v, and the ledger %v, %v", err, ledger, ledgerErr)
			}
			for _, says := range test.says {
				if !strings.Contains(err.Error(), says) || !strings.Contains(ledgerErr.Error(), says) {
					t.Errorf("nothing says %q: %v", says, err)
				}
			}
		})
	}
}

// answers replaces what a server answers to INFO.
type answers struct{ from, to string }

func (answers) DialHook(next redis.DialHook) redis.DialHook { return next }
func (answers) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
func (a answers) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if info, ok := cmd.(*redis.StringCmd); ok && cmd.Name() == "info" {
			info.SetVal(strings.ReplaceAll(info.Val(), a.from, a.to))
		}
		return err
	}
}

func TestAServerThatIsTooOldOrCannotWriteIsNamed(t *testing.T) {
	server := redistest.Start(t, fit...)
	info, err := server.Client().InfoMap(t.Context(), "server").Result()
	if err != nil {
		t.Fatal(err)
	}
	version := info["Server"]["redis_version"]
	for _, test := range []struct {
		name string
		answers
		says string
	}{
		{"an older one", answers{"redis_version:" + version, "redis_version:6.2.14"}, `its version is "6.2.14"; want 7.0 or later`},
		{"no version", answers{"redis_version:", "version:"}, `its version is ""`},
		{"nonsense", answers{"redis_version:" + version, "redis_version:seven.x"}, `its version is "seven.x"`},
		{"a newer one", answers{"redis_version:" + version, "redis_version:10.0.1"}, ""},
		{"a full disk", answers{"aof_last_write_status:ok", "aof_last_write_status:err"}, "the append-only file cannot be written"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := client(t, server.Addr())
			c.(*redis.Client).AddHook(test.answers)
			err := with(t, fleet.Config{Client: c}).Check(t.Context())
			if (err != nil) != (test.says != "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
}

// players are served on a server that is not fit to keep a ledger.
func TestAnUnfitServerRefusesTheLedgerOnly(t *testing.T) {
	f := join(t, redistest.Start(t).Addr())
	if _, err := f.Owners().Claim(t.Context(), core.Ownership{Store: "shop", Token: "t1", Account: "mina"}); err != nil {
		t.Error(err)
	}
	if _, err := f.Outbox().Record(t.Context(), core.Debt{Store: "shop", Token: "t1", By: time.Now()}, true); err != nil {
		t.Error(err)
	}
	if err := f.Voids().Apply(t.Context(), core.VoidLog{Records: []core.VoidRecord{{Store: "shop", Token: "t1", Whole: true}}}); err != nil {
		t.Error(err)
	}
}

func TestOneNodeOfAClusterThatIsUnfitIsFound(t *testing.T) {
	servers := redistest.StartCluster(t, fit...)
	f := join(t, servers[0].Addr()+","+servers[1].Addr())
	if err := f.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := servers[2].Client().ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err(); err != nil {
		t.Fatal(err)
	}
	if err := f.Check(t.Context()); !errors.Is(err, fleet.ErrUnfit) || strings.Count(err.Error(), "maxmemory-policy") != 1 {
		t.Errorf("got %v", err)
	}
}

// journal is a log.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func TestALedgerWaitsForItsServerAndForItsSettings(t *testing.T) {
	server := redistest.Start(t, fit...)
	server.Kill()
	var log journal
	f := with(t, fleet.Config{Client: client(t, server.Addr()), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	l, err := f.Ledger(t.Context())
	if err != nil {
		t.Fatalf("a server that is down is no reason not to start: %v", err)
	}
	e := redeem.Entry{Store: "shop", Token: "t1", Account: "mina", ID: "1", State: redeem.Intended, Began: time.Now()}
	broken := func(what string) {
		t.Helper()
		_, _, readErr := l.Entry(t.Context(), e.Store, e.Token)
		_, swapped, swapErr := l.Swap(t.Context(), e)
		_, listErr := l.Unfinished(t.Context(), e.Account)
		for _, err := range []error{readErr, swapErr, listErr} {
			if err == nil || swapped {
				t.Errorf("%s: swapped %v, %v", what, swapped, err)
			} else if _, port, _ := net.SplitHostPort(server.Addr()); strings.Contains(err.Error(), port) || strings.Contains(err.Error(), "mina") {
				t.Errorf("%s: the error says too much: %v", what, err)
			}
		}
	}
	broken("down")
	server.Restart()
	if e, _, err = l.Swap(t.Context(), e); err != nil {
		t.Fatalf("once the server is there: %v", err)
	}
	if err := server.Client().ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err(); err != nil {
		t.Fatal(err)
	}
	for range 3 { // what did not change is said once
		if err := f.Check(t.Context()); !errors.Is(err, fleet.ErrUnfit) {
			t.Errorf("got %v", err)
		}
	}
	broken("unfit")
	if err := server.Client().ConfigSet(t.Context(), "maxmemory-policy", "noeviction").Err(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Swap(t.Context(), e); err != nil {
		t.Errorf("once it is fit again: %v", err)
	}
	for says, times := range map[string]int{"cannot be asked whether it is fit": 1, "set noeviction": 1, "is well again": 2, "level=ERROR": 2, server.Addr(): 0} {
		if n := strings.Count(log.String(), says); n != times {
			t.Errorf("the log says %q %d times, want %d:\n%s", says, n, times, log.String())
		}
	}
}

func TestAServerThatDoesNotAnswerCostsTheTimeoutAndNoMore(t *testing.T) {
	server := redistest.Start(t, fit...)
	patient := redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: []string{server.Addr()}, ReadTimeout: time.Minute}))
	t.Cleanup(func() { _ = patient.Close() })
	f := with(t, fleet.Config{Client: patient, Timeout: 50 * time.Millisecond})
	if err := f.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Freeze()
	defer server.Thaw()
	for name, ask := range map[string]func() error{
		"Check": func() error { return f.Check(t.Context()) },
		"Claim": func() error {
			_, err := f.Owners().Claim(t.Context(), core.Ownership{Store: "shop", Token: "t1", Account: "mina"})
			return err
		},
		"Take": func() error { _, err := f.Outbox().Take(t.Context(), time.Now(), time.Second, 1); return err },
		"Load": func() error { _, err := f.Voids().Load(t.Context()); return err },
	} {
		begun := time.Now()
		if err := ask(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(begun); took > 2*time.Second { // go-redis's own would be 5 s
			t.Errorf("%s took %v", name, took)
		}
	}
}

// What a readiness probe asks of each part is what the fleet says.
func TestEachPartTellsOfTheServer(t *testing.T) {
	server := redistest.Start(t, fit...)
	f := join(t, server.Addr())
	l, err := f.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]any{"owners": f.Owners(), "outbox": f.Outbox(), "voids": f.Voids(), "ledger": l}
	for _, want := range []bool{true, false} {
		for name, part := range parts {
			checker, ok := part.(interface{ Check(context.Context) error })
			if !ok {
				t.Fatalf("%s has no Check", name)
			}
			if err := checker.Check(t.Context()); (err == nil) != want {
				t.Errorf("%s: %v", name, err)
			}
		}
		server.Kill()
	}
}
