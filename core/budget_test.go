package core_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

func TestTheBudgetOfUnknownTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: 3, Every: 10 * time.Second}}, store)
		check := func(account, token string) core.Decision {
			return gate.Check(t.Context(), inApp("skin"), by(account, token))
		}
		want(t, check("alice", "skin-1"), core.Granted, core.ReasonOwned)
		for i := range 3 {
			want(t, check("alice", fmt.Sprint("none-", i)), core.Denied, core.ReasonNotFound)
			time.Sleep(6 * time.Second / 10)
			want(t, check("alice", fmt.Sprint("none-", i)), core.Denied, core.ReasonNotFound) // charged once
		}
		before := store.count()
		d := check("alice", "none-9")
		want(t, d, core.Undetermined, core.ReasonTooManyUnknownTokens)
		if reply := core.Answer(d, 0); reply.Status != 429 {
			t.Errorf("a client is told %d, want 429", reply.Status)
		}
		calls(t, store, before)
		want(t, check("alice", "skin-1"), core.Granted, core.ReasonOwned) // memory still answers
		want(t, check("bob", "skin-2"), core.Granted, core.ReasonOwned)   // others are not concerned
		time.Sleep(10 * time.Second)
		want(t, check("alice", "skin-3"), core.Granted, core.ReasonOwned)
	})
}
