package sharedtier_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/cache/rediscache"
	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/internal/redistest"
	"github.com/skugate/skugate/core/redisclient"
)

// client is one of the servers, as the documentation makes it; it ends with the test.
func client(t testing.TB, addrs ...string) redis.UniversalClient {
	t.Helper()
	c := redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: addrs}))
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// open makes a tier that is patient with a busy machine.
func open(t testing.TB, c rediscache.Config) *rediscache.Cache {
	t.Helper()
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	cache, err := rediscache.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return cache
}

var macKey = bytes.Repeat([]byte("k"), 32)

func TestTheSuite(t *testing.T) {
	server := redistest.Start(t)
	for name, c := range map[string]rediscache.Config{
		"without a MAC": {},
		"with one":      {MACKey: macKey},
	} {
		t.Run(name, func(t *testing.T) {
			gatetest.RunShared(t, func(t *testing.T) core.Shared {
				c.Client, c.Prefix = client(t, server.Addr()), t.Name()+":"
				if len(c.Prefix) > 64 {
					c.Prefix = c.Prefix[len(c.Prefix)-64:]
				}
				return open(t, c)
			})
		})
	}
}

// twice is a client that sends every script twice, as one does that did not hear the first answer.
type twice struct{ redis.UniversalClient }

func (c twice) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if first := c.UniversalClient.EvalSha(ctx, sha, keys, args...); first.Err() != nil {
		return first
	}
	return c.UniversalClient.EvalSha(ctx, sha, keys, args...)
}

func TestTheSuiteWithAClientThatRepeats(t *testing.T) {
	server := redistest.Start(t)
	gatetest.RunShared(t, func(t *testing.T) core.Shared {
		if err := server.Client().FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		return open(t, rediscache.Config{Client: twice{client(t, server.Addr())}})
	})
}

func TestTheSuiteOnAClusterOfThree(t *testing.T) {
	servers := redistest.StartCluster(t)
	var addrs []string
	for _, s := range servers {
		addrs = append(addrs, s.Addr())
	}
	gatetest.RunShared(t, func(t *testing.T) core.Shared {
		for _, s := range servers {
			if err := s.Client().FlushAll(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
		}
		return open(t, rediscache.Config{Client: client(t, addrs...)})
	})
}
