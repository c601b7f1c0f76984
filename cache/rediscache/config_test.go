package rediscache_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/cache/rediscache"
	"github.com/skugate/skugate/core/redisclient"
)

// closing closes a client with the test.
func closing[C redis.UniversalClient](t testing.TB, c C) C {
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestEveryFaultOfAConfigurationIsReported(t *testing.T) {
	const addr = "127.0.0.1:1"
	good := closing(t, redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: []string{addr}})))
	for _, test := range []struct {
		name   string
		config rediscache.Config
		want   []string // in the error; none: no error
	}{
		{"the defaults", rediscache.Config{Client: good}, nil},
		{"a cluster's client", rediscache.Config{Client: closing(t, redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: []string{addr, addr}})))}, nil},
		{"a Sentinel's client", rediscache.Config{Client: closing(t, redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: []string{addr}, MasterName: "m"})))}, nil},
		{"a client of another type", rediscache.Config{Client: wrapped{good}}, nil},
		{"no client", rediscache.Config{}, []string{"Client is missing"}},
		{"a nil client", rediscache.Config{Client: (*redis.Client)(nil)}, []string{"Client is a nil pointer"}},
		{"a nil cluster client", rediscache.Config{Client: (*redis.ClusterClient)(nil)}, []string{"Client is a nil pointer"}},
		{"the client's own defaults", rediscache.Config{Client: closing(t, redis.NewClient(&redis.Options{Addr: addr}))}, []string{"ContextTimeoutEnabled", "MaxRetries"}},
		{"a cluster client's own defaults", rediscache.Config{Client: closing(t, redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{addr}}))}, []string{"ContextTimeoutEnabled"}},
		{"a ring", rediscache.Config{Client: closing(t, redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": addr}}))}, []string{"Client is a Ring"}},
		{"all at once", rediscache.Config{Prefix: strings.Repeat("{", 65), Timeout: time.Nanosecond, Lease: time.Hour, MACKey: make([]byte, 31)},
			[]string{"Client is missing", "Prefix has 65 bytes", "Prefix has a brace", "Timeout is 1ns", "Lease is 1h0m0s", "MACKey has 31 bytes"}},
		{"less than nothing", rediscache.Config{Client: good, Timeout: -1, Lease: -1}, []string{"Timeout is -1ns", "Lease is -1ns"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := rediscache.New(test.config)
			if (err == nil) != (c != nil) || (err == nil) != (len(test.want) == 0) {
				t.Fatalf("got %v, %v", c, err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q: %v", want, err)
				}
			}
			if err != nil && strings.Count(err.Error(), "rediscache: Config.") != len(test.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

type wrapped struct{ redis.UniversalClient }
