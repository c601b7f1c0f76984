package redisclient_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core/redisclient"
)

func TestEachFaultOfAClientIsNamedWithWhatToSet(t *testing.T) {
	cluster := func(o redis.ClusterOptions) redis.UniversalClient {
		o.Addrs, o.ContextTimeoutEnabled, o.MaxRetries = []string{"127.0.0.1:1"}, true, -1
		return redis.NewClusterClient(&o)
	}
	type own struct{ redis.UniversalClient }
	for _, test := range []struct {
		name   string
		client redis.UniversalClient
		says   []string
	}{
		{"none", nil, []string{"missing"}},
		{"a nil client", (*redis.Client)(nil), []string{"nil pointer"}},
		{"a nil cluster", (*redis.ClusterClient)(nil), []string{"nil pointer"}},
		{"go-redis's defaults", redis.NewClient(&redis.Options{}), []string{"ContextTimeoutEnabled to true", "MaxRetries to -1"}},
		{"a cluster's defaults", redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}}), []string{"ContextTimeoutEnabled to true"}},
		{"a cluster that repeats", redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, ContextTimeoutEnabled: true, MaxRetries: 3}), []string{"MaxRetries to -1"}},
		{"one that repeats", redis.NewClient(&redis.Options{ContextTimeoutEnabled: true}), []string{"MaxRetries to -1"}},
		{"one that waits", redis.NewClient(&redis.Options{MaxRetries: -1}), []string{"ContextTimeoutEnabled to true"}},
		{"a cluster's replicas", cluster(redis.ClusterOptions{ReadOnly: true}), []string{"set ReadOnly to false"}},
		{"a cluster's nearest", cluster(redis.ClusterOptions{RouteByLatency: true}), []string{"RouteByLatency and ReadOnly"}},
		{"a cluster's any", cluster(redis.ClusterOptions{RouteRandomly: true}), []string{"RouteRandomly and ReadOnly"}},
		{"a ring", redis.NewRing(&redis.RingOptions{}), []string{"Ring"}},
		{"a fit one", redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{})), nil},
		{"a fit cluster", redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: []string{"127.0.0.1:1", "127.0.0.1:2"}})), nil},
		{"fit Sentinels", redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: []string{"127.0.0.1:1"}, MasterName: "game"})), nil},
		{"one of another type", own{}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if c, ok := test.client.(io.Closer); ok && !strings.HasPrefix(test.name, "a nil") && test.name != "one of another type" {
				t.Cleanup(func() { _ = c.Close() })
			}
			said := redisclient.Faults(test.client)
			if len(said) != len(test.says) {
				t.Fatalf("said %q, want %q", said, test.says)
			}
			for i, want := range test.says {
				if !strings.Contains(said[i], want) {
					t.Errorf("said %q, want %q", said[i], want)
				}
			}
		})
	}
}

func TestWhatIsSetStays(t *testing.T) {
	o := redisclient.Options(redis.UniversalOptions{DialTimeout: time.Minute, MaxRetries: 7, PoolSize: 3})
	if o.DialTimeout != time.Minute || o.PoolSize != 3 || o.ReadTimeout != time.Second || o.MaxRetries != -1 {
		t.Errorf("got %+v", o)
	}
}

func TestAURLIsRead(t *testing.T) {
	o, err := redisclient.ParseURL("rediss://game:secret@one:6380/3?addr=two:6381&addr=three:6382&master_name=game&read_timeout=2s&pool_size=9")
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(o.Addrs) != "[one:6380 two:6381 three:6382]" || o.MasterName != "game" || o.Username != "game" || o.Password != "secret" ||
		o.DB != 3 || o.TLSConfig == nil || o.ReadTimeout != 2*time.Second || o.PoolSize != 9 || !o.ContextTimeoutEnabled || o.MaxRetries != -1 {
		t.Errorf("got %+v", o)
	}
	for _, address := range []string{"", "one:6380", "redis://", "http://game:secret@one", "redis://game:secret@one:port", "redis://game:secret@one/x", "redis://game:secret@one?secret=1", "://secret"} {
		if _, err := redisclient.ParseURL(address); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAPlainErrorQuotesNothing(t *testing.T) {
	c := redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: []string{"127.0.0.1:1"}}))
	t.Cleanup(func() { _ = c.Close() })
	refused := c.Get(t.Context(), "secret").Err()
	for _, test := range []struct {
		name string
		err  error
		is   error
		says string
	}{
		{"a refused connection", refused, syscall.ECONNREFUSED, "refused"},
		{"a caller that left", fmt.Errorf("secret: %w", context.Canceled), context.Canceled, "canceled"},
		{"a call that took too long", fmt.Errorf("secret: %w", context.DeadlineExceeded), context.DeadlineExceeded, "deadline"},
		{"a connection that took too long", &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, context.DeadlineExceeded, "deadline"},
		{"what a server quotes", fmt.Errorf("at secret: %w", redis.ErrClosed), nil, "the client fails"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := redisclient.Plain(test.err)
			if got == nil || test.is != nil && !errors.Is(got, test.is) || !strings.Contains(got.Error(), test.says) ||
				strings.Contains(got.Error(), "secret") || strings.Contains(got.Error(), "127.0.0.1") {
				t.Errorf("%v became %v", test.err, got)
			}
		})
	}
	if redisclient.Plain(nil) != nil {
		t.Error("no error became one")
	}
}
