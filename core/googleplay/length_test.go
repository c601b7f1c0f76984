package googleplay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

// As many answers are in memory at once as there are calls: one about a purchase has 64 KiB, a page of the
// list, which has up to 1,000 rows, 1 MiB.
func TestAnAnswerIsAsLongAsWhatItIsAbout(t *testing.T) {
	store := googleplaytest.New(googleplaytest.Config{})
	c := clientOf(t, store)
	gold, vip := store.Buy(googleplaytest.InApp("gold")), store.Buy(googleplaytest.Subscription("vip"))
	store.Refund(store.Buy(googleplaytest.InApp("gold")))
	calls := map[googleplaytest.Op]func() error{
		googleplaytest.OpProductGet: func() error {
			_, err := c.Lookup(t.Context(), googleplay.InApp("gold"), gold)
			return err
		},
		googleplaytest.OpSubscriptionGet: func() error {
			_, err := c.Lookup(t.Context(), googleplay.Subscription("vip"), vip)
			return err
		},
		googleplaytest.OpVoidedList: func() error {
			listed := 0
			for _, err := range c.Voided(t.Context(), time.Time{}, time.Time{}) {
				if err != nil {
					return err
				}
				listed++
			}
			if listed != 1 {
				t.Errorf("%d voids are listed, want 1", listed)
			}
			return nil
		},
	}
	for op, limits := range map[googleplaytest.Op][2]int64{
		googleplaytest.OpProductGet: {60 << 10, 64 << 10}, googleplaytest.OpSubscriptionGet: {60 << 10, 64 << 10}, googleplaytest.OpVoidedList: {1000 << 10, 1024 << 10},
	} {
		store.Fail(googleplaytest.Fault{Op: op, Effect: googleplaytest.Oversize(limits[0])})
		if err := calls[op](); err != nil {
			t.Errorf("%s, %d KiB: %v", op, limits[0]>>10, err)
		}
		store.Clear()
		store.Fail(googleplaytest.Fault{Op: op, Effect: googleplaytest.Oversize(limits[1])})
		err := calls[op]()
		if op == googleplaytest.OpVoidedList {
			if err == nil {
				t.Errorf("%s: a page of more than 1 MiB", op)
			}
		} else if faultOf(err) != core.FaultUnavailable || !strings.Contains(err.Error(), "longer than the limit of 64 KiB") {
			t.Errorf("%s: %v", op, err)
		}
		store.Clear()
	}
	store.Check(t)
}
