package core_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

func TestADecisionFromMemoryAllocatesNothing(t *testing.T) {
	store := newStore(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
		switch {
		case p.ID == "vip" && token == "lapsed":
			return vip(token, -time.Hour), nil
		case p.ID == "skin" && token == "owned":
			return skin(token), nil
		}
		return nil, errNotFound
	})
	gate, err := core.New(core.Config{Stores: []core.Store{store}, Lifetimes: core.Lifetimes{Denied: time.Hour, Absent: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	defer gate.Close(context.Background())
	three := core.Entitlement("three", subscription("vip"), inApp("skin"), inApp("other"))

	for name, test := range map[string]struct {
		requirement core.Requirement
		credentials core.Credentials
		want        core.Outcome
	}{
		"a product that is owned":                    {inApp("skin"), core.Credentials{Account: "alice", Token: "owned"}, core.Granted},
		"an entitlement of three products":           {three, core.Credentials{Account: "alice", Token: "owned"}, core.Granted},
		"all of two requirements":                    {core.AllOf(three, inApp("skin")), core.Credentials{Account: "alice", Token: "owned"}, core.Granted},
		"a token that the server looked up":          {three, core.Credentials{Account: "bob", Tokens: []core.Token{{Value: "owned", Known: true}}}, core.Granted},
		"a purchase that the store does not know":    {inApp("skin"), core.Credentials{Account: "alice", Token: "absent"}, core.Denied},
		"a token that is known as another product's": {inApp("other"), core.Credentials{Account: "alice", Token: "owned"}, core.Denied},
	} {
		t.Run(name, func(t *testing.T) {
			c := test.credentials
			if d := gate.Check(context.Background(), test.requirement, c); d.Outcome != test.want {
				t.Fatalf("got %v (%v), want %v", d.Outcome, d.Reason, test.want)
			}
			c.Token = strings.Clone(c.Token) // as a request's: never the memory that was kept
			allocs := testing.AllocsPerRun(1000, func() {
				if d := gate.Check(context.Background(), test.requirement, c); d.Outcome != test.want {
					t.Fatalf("from memory: got %v (%v), want %v", d.Outcome, d.Reason, test.want)
				}
			})
			if raceEnabled {
				t.Skip("the race detector allocates")
			}
			if allocs != 0 {
				t.Errorf("%v allocations, want 0", allocs)
			}
		})
	}
}
