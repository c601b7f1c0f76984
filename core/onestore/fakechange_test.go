package onestore_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// troubles are what may happen to any request: all but answers that lie.
var troubles = []onestoretest.Effect{
	onestoretest.LoseAnswer(), onestoretest.Reset(), onestoretest.ResetAfter(3), onestoretest.TruncateAt(3), onestoretest.Append("x"),
	onestoretest.StandardError("InternalError"), onestoretest.StandardError("InvalidAccessToken"), onestoretest.Maintenance("1"),
	onestoretest.HTMLPage(502), onestoretest.HTMLPage(404), onestoretest.Empty(200), onestoretest.Empty(429), onestoretest.Hang(),
	onestoretest.Drip(1, time.Second),
}

// confirmations are what may be asked again without harm, and what may not.
var confirmations = []struct {
	name string
	once bool
	call func(context.Context, *onestore.Client, string) error
	done func(*onestoretest.Store, string) bool
}{
	{"AcknowledgePurchase", false, func(ctx context.Context, c *onestore.Client, token string) error {
		return c.AcknowledgePurchase(ctx, "gold", token, "")
	}, (*onestoretest.Store).Acknowledged},
	{"ConsumePurchase", false, func(ctx context.Context, c *onestore.Client, token string) error {
		return c.ConsumePurchase(ctx, "gold", token, "")
	}, (*onestoretest.Store).Consumed},
	{"ConsumePurchaseOnce", true, func(ctx context.Context, c *onestore.Client, token string) error {
		return c.ConsumePurchaseOnce(ctx, "gold", token, "")
	}, (*onestoretest.Store).Consumed},
}

// TestWhatBecameOfAChangeIsNeverGuessed plays histories of confirmations and troubles, and compares what a
// call says with what the fake knows: nil is done, and only an unknown outcome may be either.
func TestWhatBecameOfAChangeIsNeverGuessed(t *testing.T) { // T-31, T-32
	outcomes := map[string]int{}
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			fake := onestoretest.New(onestoretest.Config{Seed: seed, KeepUnacknowledged: true})
			c := clientOf(t, fake)
			var bought []string
			for range 4 {
				bought = append(bought, fake.Buy(onestoretest.InApp("gold")))
			}
			for range 40 {
				fake.Clear()
				for range r.IntN(3) {
					fake.Fail(onestoretest.Fault{Every: 1 + r.IntN(3), Times: 1 + r.IntN(3), Effect: troubles[r.IntN(len(troubles))]})
				}
				token, do := bought[r.IntN(len(bought))], confirmations[r.IntN(len(confirmations))]
				before := do.done(fake, token)
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+r.IntN(20))*time.Second)
				err := do.call(ctx, c, token)
				cancel()
				unknown := isError(err, onestore.ErrOutcomeUnknown)
				switch after := do.done(fake, token); {
				case err == nil && !after:
					t.Errorf("seed %d: %s says that it is done", seed, do.name)
				case err == nil && do.once && before:
					t.Errorf("seed %d: %s consumed it a second time", seed, do.name)
				case err != nil && !unknown && after && !before:
					t.Errorf("seed %d: %s says for certain that it is not done: %v", seed, do.name, err)
				case err == nil:
					outcomes["done"]++
				case unknown:
					outcomes["unknown"]++
				default:
					outcomes["not done"]++
				}
				time.Sleep(time.Duration(r.IntN(3)) * time.Second) // a pause may end
			}
			if bad := fake.Malformed(); len(bad) > 0 {
				t.Errorf("seed %d: malformed %+v", seed, bad)
			}
		})
	}
	if outcomes["done"] < 500 || outcomes["unknown"] < 100 || outcomes["not done"] < 100 {
		t.Errorf("the histories show little: %v", outcomes)
	}
}
