package redistest

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// slots is how many hash slots a Redis cluster has.
const slots = 16384

// StartCluster starts a cluster of three servers, each with a third of the slots and with more arguments as for
// Start, and waits until it works.
func StartCluster(t testing.TB, args ...string) []*Server {
	t.Helper()
	need(t)
	ctx := context.Background()
	servers := make([]*Server, 3)
	for i := range servers {
		servers[i] = Start(t, append([]string{"--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(freePort(t)), "--cluster-node-timeout", "2000"}, args...)...)
		from, to := i*slots/3, (i+1)*slots/3-1
		if err := servers[i].Client().ClusterAddSlotsRange(ctx, from, to).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range servers[1:] {
		// CLUSTER MEET with a bus port of its own has no method.
		port, err := s.Client().ConfigGet(ctx, "cluster-port").Result()
		if err != nil {
			t.Fatal(err)
		}
		if err := servers[0].Client().Do(ctx, "cluster", "meet", "127.0.0.1", s.port, port["cluster-port"]).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range servers {
		awaitCluster(t, s.Client(), len(servers))
	}
	return servers
}

// awaitCluster waits until a node sees all nodes and says that the cluster is well.
func awaitCluster(t testing.TB, c *redis.Client, nodes int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		info, err := c.ClusterInfo(context.Background()).Result()
		if err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_size:"+strconv.Itoa(nodes)) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the cluster does not come up: %v\n%s", err, info)
		}
	}
}
