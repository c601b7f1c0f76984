package sharedtier_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/skugate/skugate/cache"
	"github.com/skugate/skugate/cache/rediscache"
	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/internal/redistest"
)

// BenchmarkShared is what the tier adds to a look-up on loopback: with an answer, without one, and what is
// written behind one.
func BenchmarkShared(b *testing.B) {
	tier := open(b, rediscache.Config{Client: client(b, redistest.Start(b).Addr()), MACKey: macKey})
	fact := core.SharedFact{
		Purchase: gatetest.Owned(skin, "t", "alice"), VerifiedAt: time.Now(), StoreTime: time.Now(),
		Life: cache.Life{Fresh: time.Hour, Refresh: time.Hour, Usable: time.Hour},
	}
	question := func(token string) core.SharedQuestion {
		return core.SharedQuestion{SharedToken: core.SharedToken{Store: "shop", Token: token}, Kind: skin.Kind, Product: skin.ID}
	}
	get := func(b *testing.B, q core.SharedQuestion) core.SharedAnswer {
		a, err := tier.Get(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		return a
	}
	put := func(b *testing.B, ticket string) {
		if err := tier.Put(b.Context(), question("t"), ticket, fact); err != nil {
			b.Fatal(err)
		}
	}
	ticket := get(b, question("t")).Ticket
	put(b, ticket)
	b.Run("op=get/result=hit", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if get(b, question("t")).Fact == nil {
				b.Fatal("no answer")
			}
		}
	})
	n := 0
	b.Run("op=get/result=miss", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n++
			get(b, question(strconv.Itoa(n)))
		}
	})
	b.Run("op=put", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			put(b, ticket)
		}
	})
}
