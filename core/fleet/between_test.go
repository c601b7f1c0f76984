package fleet_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/internal/redistest"
)

// between lets something happen after an instance read for the first time, before it writes.
type between struct{ happen func() }

func (*between) DialHook(next redis.DialHook) redis.DialHook { return next }
func (*between) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (b *between) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if happen := b.happen; cmd.Name() == "hget" && happen != nil {
			b.happen = nil
			happen()
		}
		return err
	}
}

func TestWhatAnotherInstanceWroteInBetweenStands(t *testing.T) {
	server := redistest.Start(t, fit...)
	other, late := join(t, server.Addr()).Outbox(), &between{}
	c := client(t, server.Addr())
	c.(*redis.Client).AddHook(late)
	outbox := with(t, fleet.Config{Client: c}).Outbox()
	debt := core.Debt{Store: "shop", Token: "t1", Product: "skin", By: time.Now().Add(time.Hour)}

	late.happen = func() {
		if _, err := other.Record(t.Context(), debt, true); err != nil {
			t.Error(err)
		}
	}
	if e, err := outbox.Record(t.Context(), debt, false); err != nil || e.State != core.DebtDelivered {
		t.Errorf("delivered in between, and it stands as %v, %v", e.State, err)
	}
	if left := unsettled(t, other); len(left) != 1 || left[0].State != core.DebtDelivered {
		t.Errorf("left is %v", left)
	}
}
