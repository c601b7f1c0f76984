package reconcile_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/reconcile"
)

func TestEveryFaultOfAConfigurationIsReported(t *testing.T) {
	w, err := reconcile.New(reconcile.Config{
		AcknowledgeEvery: 60, VoidsEvery: 48 * time.Hour, SweepEvery: 1, SaveEvery: time.Nanosecond,
		Parallel: -1, Overlap: -1, CallTimeout: 5, AlarmBefore: 100 * time.Hour,
	})
	if w != nil || err == nil {
		t.Fatalf("got %v, %v", w, err)
	}
	for _, field := range []string{"Gate", "AcknowledgeEvery", "VoidsEvery", "SweepEvery", "SaveEvery", "Parallel", "Overlap", "CallTimeout", "AlarmBefore"} {
		if !strings.Contains(err.Error(), "reconcile: Config."+field+" is ") {
			t.Errorf("nothing is said of %s: %v", field, err)
		}
	}
}

func TestRunIsOneAtATimeAndEndsWithItsContext(t *testing.T) {
	bubble("twice", t, global, func(r *rig) {
		reports := 0
		r.worker = func(c *reconcile.Config) {
			c.AcknowledgeEvery, c.VoidsEvery, c.SweepEvery = -1, -1, -1
			c.SaveEvery = time.Second
			c.OnReport = func(reconcile.Report) { reports++ }
		}
		p := r.start()
		for range 2 {
			stop := r.run(p)
			time.Sleep(9*time.Second + 500*time.Millisecond)
			if err := p.worker.Run(r.Context()); err == nil {
				r.Error("a second Run runs")
			}
			stop()
		}
		if reports < 16 || reports > 22 {
			r.Errorf("%d rounds in twice 9.5 s", reports)
		}
		if n := len(r.store.Requests()); n != 0 {
			r.Errorf("what is off asked the store %d times", n)
		}
	})
}

func TestAPanicFailsARoundAndNothingElse(t *testing.T) {
	bubble("in an outbox", t, global, func(r *rig) {
		r.outbox = brokenOutbox{r.outbox}
		p := r.start()
		stop := r.run(p)
		time.Sleep(time.Minute)
		stop()
		if !r.log.says("a panic was contained") || !r.log.says("work=acknowledgements") {
			r.Error("nobody was told")
		}
		if err := p.gate.Ready(r.Context()); err != nil {
			r.Errorf("other work did not go on: %v", err)
		}
	})
}

type brokenOutbox struct{ core.Outbox }

func (brokenOutbox) Take(context.Context, time.Time, time.Duration, int) ([]core.OutboxEntry, error) {
	panic("broken")
}
