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

func TestTheGateShowsWhatItsWorkersDo(t *testing.T) {
	bubble("for an hour", t, global, func(r *rig) {
		r.outbox = brokenOutbox{r.outbox}
		p := r.start()
		work := func(name string) core.WorkStats {
			for _, w := range p.gate.Stats().Workers {
				if w.Name == name {
					return w
				}
			}
			r.Fatalf("nothing is shown of %s", name)
			return core.WorkStats{}
		}
		if s := work("voids"); s.Runs != 0 || s.Every != 0 {
			r.Errorf("before it runs: %+v", s)
		}
		stop := r.run(p)
		time.Sleep(time.Hour)
		if s := work("voids"); s.Runs < 50 || s.Failed != 0 || s.Every != time.Minute || time.Since(s.Succeeded) > 2*time.Minute {
			r.Errorf("voids: %+v", s)
		}
		if s := work("acknowledgements"); s.Failed != s.Runs || s.Runs < 600 || s.Fault != "error" || !s.Succeeded.IsZero() {
			r.Errorf("acknowledgements, whose outbox panics: %+v", s)
		}
		if s := work("sweep"); s.Runs != 1 && s.Runs != 2 {
			r.Errorf("sweep: %+v", s)
		}
		stop()
		if s := work("facts"); s.Every != 0 || s.Runs == 0 {
			r.Errorf("facts, when Run has ended: %+v", s)
		}
	})
}
