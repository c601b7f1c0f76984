package core_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/skugate/skugate/core"
)

// withBudget is a gate whose accounts may guess so many tokens, and nothing comes back in time.
func withBudget(t *testing.T, guesses int, answer answer) (*core.Gate, *scripted) {
	store := newStore(answer)
	return open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: guesses, Every: 24 * time.Hour}}, store), store
}

func TestABuyerWhoPollsIsChargedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, _ := withBudget(t, 2, sells(skin))
		for range 5 {
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "none-1")), core.Denied, core.ReasonNotFound)
			time.Sleep(time.Minute) // the absence is forgotten: the store is asked again
		}
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "none-2")), core.Denied, core.ReasonNotFound)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "none-3")), core.Undetermined, core.ReasonTooManyUnknownTokens)
	})
}

func TestTokensOfTheServersOwnCostNothing(t *testing.T) {
	gate, _ := withBudget(t, 1, sells(skin))
	for i := range 5 {
		known := core.Credentials{Account: "alice", Tokens: []core.Token{{Value: fmt.Sprint("none-", i), Known: true}}}
		want(t, gate.Check(t.Context(), inApp("skin"), known), core.Denied, core.ReasonNotFound)
	}
}

func TestGuessesUnderWayCountToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, store := withBudget(t, 2, after(time.Second, fails(errNotFound)))
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() { gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("none-", i))) })
		}
		all.Wait()
		calls(t, store, 2)
	})
}

func TestHangingUpSavesNoCharge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, _ := withBudget(t, 1, after(time.Second, fails(errNotFound)))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		want(t, gate.Check(ctx, inApp("skin"), by("alice", "none-1")), core.Undetermined, core.ReasonCallerGone)
		time.Sleep(2 * time.Second)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "none-2")), core.Undetermined, core.ReasonTooManyUnknownTokens)
	})
}

// TestABudgetDoesNotShareTheRequestsBuffer: a server uses the memory of its strings again.
func TestABudgetDoesNotShareTheRequestsBuffer(t *testing.T) {
	gate, _ := withBudget(t, 1, sells(skin))
	buffer := []byte("alice")
	want(t, gate.Check(t.Context(), inApp("skin"), by(unsafe.String(&buffer[0], len(buffer)), "none-1")), core.Denied, core.ReasonNotFound)
	copy(buffer, "bobby")
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "none-2")), core.Undetermined, core.ReasonTooManyUnknownTokens)
}
