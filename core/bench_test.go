package core_test

import (
	"context"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
)

// BenchmarkGateCheck measures one decision. The tokens looked up share no memory with those kept, as
// in a server.
func BenchmarkGateCheck(b *testing.B) {
	product := inApp("skin")
	entitlement := core.Entitlement("vip", subscription("vip_monthly"), product, inApp("vip_forever"))
	store := newStore(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
		if p.ID != "skin" || strings.HasPrefix(token, "none") {
			return nil, errNotFound
		}
		return skin(token), nil
	})
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = gate.Close(context.Background()) })
	ctx := context.Background()
	warm := func(r core.Requirement, account, token string, want core.Outcome) core.Credentials {
		if d := gate.Check(ctx, r, core.Credentials{Account: account, Token: token}); d.Outcome != want {
			b.Fatalf("got %v (%v), want %v", d.Outcome, d.Reason, want)
		}
		return core.Credentials{Account: strings.Clone(account), Token: strings.Clone(token)}
	}
	run := func(name string, r core.Requirement, c core.Credentials, want core.Outcome) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := gate.Check(ctx, r, c); d.Outcome != want {
					b.Fatal(d.Reason)
				}
			}
		})
	}
	owned := warm(entitlement, "alice", "260918043551SGP40543", core.Granted)
	run("hit", entitlement, owned, core.Granted)
	run("hit product", product, owned, core.Granted)
	stranger := owned
	stranger.Account = "mallory"
	run("hit stranger", entitlement, stranger, core.Denied)
	run("hit absent", core.Requirement(product), warm(product, "alice", "none0000000000000000", core.Denied), core.Denied)
	run("hit all of two", core.AllOf(entitlement, product), owned, core.Granted)
	run("lookup", entitlement, core.Credentials{Account: "alice", Tokens: []core.Token{{Value: strings.Clone(owned.Token), Known: true}}}, core.Granted)
}
