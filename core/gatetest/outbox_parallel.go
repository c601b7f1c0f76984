package gatetest

import (
	"fmt"
	"sync"

	"github.com/skugate/skugate/core"
)

func parallelTakes(o outbox) {
	const n = 60
	for i := range n {
		o.record(debt(fmt.Sprint("t", i), due), true, core.DebtDelivered)
	}
	var mu sync.Mutex
	taken := map[string]int{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				got, err := o.Take(o.Context(), due, holdFor, 7)
				if err != nil {
					o.Error(err)
				}
				mu.Lock()
				for _, e := range got {
					taken[e.Token]++
				}
				mu.Unlock()
				if len(got) == 0 {
					return
				}
			}
		})
	}
	wg.Wait()
	for token, times := range taken {
		if times != 1 {
			o.Errorf("%q was taken %d times", token, times)
		}
	}
	if len(taken) != n {
		o.Errorf("%d entries were taken, want %d", len(taken), n)
	}
}

func parallelOutbox(o outbox) {
	var wg sync.WaitGroup
	for i := range 8 {
		d := debt(fmt.Sprint("t", i%4), due)
		wg.Go(func() {
			for range 10 {
				if _, err := o.Record(o.Context(), d, i%2 == 0); err != nil {
					o.Error(err)
				}
				for _, err := range o.Unsettled(o.Context()) {
					if err != nil {
						o.Error(err)
					}
				}
				got, err := o.Take(o.Context(), due, holdFor, 2)
				if err != nil {
					o.Error(err)
				}
				for _, e := range got {
					e.State = core.DebtAcknowledged
					o.finish(e)
				}
			}
		})
	}
	wg.Wait()
	for _, e := range o.take(due, 10, tokensOf(o.unsettledDelivered())...) {
		e.State = core.DebtAcknowledged
		o.finish(e)
	}
	o.again(func() { o.unsettled("t1", "t3") }) // which nobody delivered
}

func (o *outbox) unsettledDelivered() (found []core.OutboxEntry) {
	for e, err := range o.Unsettled(o.Context()) {
		if err != nil {
			o.Error(err)
		}
		if e.State == core.DebtDelivered {
			found = append(found, e)
		}
	}
	return found
}
