package fleet_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/redisclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client is a fit one of the servers at addrs, which a comma parts. It ends with the test.
func client(t *testing.T, addrs string) redis.UniversalClient {
	t.Helper()
	c := redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: strings.Split(addrs, ",")}))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// join is one more instance at the servers.
func join(t *testing.T, addrs string) *fleet.Fleet {
	t.Helper()
	return with(t, fleet.Config{Client: client(t, addrs)})
}

func with(t *testing.T, c fleet.Config) *fleet.Fleet {
	t.Helper()
	f, err := fleet.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
