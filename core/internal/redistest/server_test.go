package redistest_test

import (
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core/internal/redistest"
)

func TestAServerComesBackWhereItWas(t *testing.T) {
	s := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	c := s.Client()
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := c.Get(t.Context(), "k").Err(); err == nil {
		t.Fatal("a killed server answered")
	}
	s.Restart()
	if v, err := c.Get(t.Context(), "k").Result(); err != nil || v != "v" {
		t.Fatalf("got %q, %v", v, err)
	}
}

func TestAClusterServesEverySlot(t *testing.T) {
	servers := redistest.StartCluster(t)
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{servers[0].Addr()}, DisableIdentity: true})
	t.Cleanup(func() { _ = c.Close() })
	for i := range 100 {
		if err := c.Set(t.Context(), "k"+strconv.Itoa(i), i, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
}
