package fleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core/fleet"
)

func TestEveryFaultOfAConfigurationIsReported(t *testing.T) {
	careless := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	t.Cleanup(func() { _ = careless.Close() })
	f, err := fleet.New(fleet.Config{Client: careless, Prefix: "{" + strings.Repeat("p", 64), Timeout: -1})
	if f != nil || err == nil {
		t.Fatalf("got %v, %v", f, err)
	}
	for _, says := range []string{
		"Config.Client does not heed its context", "Config.Client repeats what failed", "Config.Prefix has 65 bytes", "Config.Prefix has a brace", "Config.Timeout is -1ns",
	} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("nothing says %q: %v", says, err)
		}
	}
	if _, err := fleet.New(fleet.Config{}); err == nil || !strings.Contains(err.Error(), "Config.Client is missing") {
		t.Errorf("without a client: %v", err)
	}
	for timeout, ok := range map[time.Duration]bool{time.Millisecond: true, 10 * time.Second: true, time.Millisecond - 1: false, 10*time.Second + 1: false} {
		if _, err := fleet.New(fleet.Config{Client: client(t, "127.0.0.1:1"), Timeout: timeout}); (err == nil) != ok {
			t.Errorf("a timeout of %v: %v", timeout, err)
		}
	}
}
