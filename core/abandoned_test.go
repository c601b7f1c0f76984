package core_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/skugate/skugate/core"
)

func TestCallsThatPanicOpenTheBreaker(t *testing.T) {
	store := newStore(func(context.Context, core.Product, string) (*core.Purchase, error) { panic("a bug") })
	gate := open(t, core.Config{Guard: core.Guard{TripAfter: 3}}, store)
	for i := range 3 {
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("skin-", i))), core.Undetermined, core.ReasonPanicked)
	}
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-9")), core.Undetermined, core.ReasonBreakerOpen)
	calls(t, store, 3)
}

func TestOneCallAtATimeProbesAStoreThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(fails(errDown))
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1, OpenFor: 5 * time.Second}}, store)
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-0"))
		store.script(after(time.Second, sells(skin)))
		time.Sleep(6 * time.Second)
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() { gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("skin-", i))) })
		}
		all.Wait()
		calls(t, store, 2)
	})
}

// TestALookUpDoesNotShareTheRequestsBuffer: it goes on when its caller has left, and a server uses the
// memory of its strings again.
func TestALookUpDoesNotShareTheRequestsBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) {
			asked := strings.Clone(token)
			time.Sleep(time.Second)
			return skin(asked), nil
		})
		gate := open(t, core.Config{}, store)
		buffer := []byte("skin-1")
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		want(t, gate.Check(ctx, inApp("skin"), by("alice", unsafe.String(&buffer[0], len(buffer)))), core.Undetermined, core.ReasonCallerGone)
		copy(buffer, "skin-2")
		time.Sleep(2 * time.Second)
		from(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned, core.SourceMemory)
		calls(t, store, 1)
	})
}

// lateOwners answers after its callers have left.
type lateOwners struct {
	core.Owners
	asked chan string
}

func (o *lateOwners) Owned(ctx context.Context, account string) ([]core.Ownership, error) {
	time.Sleep(time.Second)
	o.asked <- strings.Clone(account)
	return o.Owners.Owned(ctx, account)
}

// TestARegistryDoesNotShareTheRequestsBuffer: it too can go on when its caller has left.
func TestARegistryDoesNotShareTheRequestsBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		owners := &lateOwners{core.NewMemoryOwners(), make(chan string, 1)}
		gate := open(t, core.Config{Owners: owners, Timeout: 100 * time.Millisecond}, newStore(sells(skin)))
		buffer := []byte("alice")
		who := core.Credentials{Account: unsafe.String(&buffer[0], len(buffer)), Owned: true}
		want(t, gate.Check(t.Context(), inApp("skin"), who), core.Undetermined, core.ReasonLookupFailed)
		copy(buffer, "bobby")
		if asked := <-owners.asked; asked != "alice" {
			t.Errorf("the registry was asked about %q", asked)
		}
	})
}
