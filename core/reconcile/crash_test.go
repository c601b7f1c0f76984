package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/reconcile"
)

// death ends a process at the n-th boundary: a moment before or after something that outlives it.
type death struct {
	mu   sync.Mutex
	n    int
	what string // where it died; empty while it lives
}

var errDead = errors.New("the process is dead")

// at passes a boundary; an error from the n-th on.
func (d *death) at(what string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.what != "" {
		return errDead
	}
	if d.n--; d.n == 0 {
		d.what = what
		return errDead
	}
	return nil
}

func (d *death) where() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.what
}

// mortalOutbox is the outbox as a process that dies sees it.
type mortalOutbox struct {
	core.Outbox
	*death
}

func (m mortalOutbox) Record(ctx context.Context, d core.Debt, delivered bool) (core.OutboxEntry, error) {
	what := fmt.Sprintf("Record(%v)", delivered)
	if err := m.at("before " + what); err != nil {
		return core.OutboxEntry{}, err
	}
	e, err := m.Outbox.Record(ctx, d, delivered)
	return e, errors.Join(err, m.at("after "+what))
}

func (m mortalOutbox) Take(ctx context.Context, now time.Time, hold time.Duration, limit int) ([]core.OutboxEntry, error) {
	if err := m.at("before Take"); err != nil {
		return nil, err
	}
	e, err := m.Outbox.Take(ctx, now, hold, limit)
	return e, errors.Join(err, m.at("after Take"))
}

func (m mortalOutbox) Finish(ctx context.Context, e core.OutboxEntry) error {
	if err := m.at("before Finish"); err != nil {
		return err
	}
	return errors.Join(m.Outbox.Finish(ctx, e), m.at("after Finish"))
}

// mortalTransport is the network as a process that dies sees it.
type mortalTransport struct {
	http.RoundTripper
	*death
}

func (m mortalTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/acknowledge") {
		if m.where() != "" {
			return nil, errDead
		}
		return m.RoundTripper.RoundTrip(r)
	}
	if err := m.at("before the call"); err != nil {
		return nil, err
	}
	answer, err := m.RoundTripper.RoundTrip(r)
	if dead := m.at("after the call, before its answer"); dead != nil && err == nil {
		_ = answer.Body.Close()
		return nil, dead
	}
	return answer, err
}

// Row 52: the process dies at each boundary of the way from a request to the mark, one after the other.
// A player who got no answer comes back; nobody else does. Every purchase ends acknowledged, and the
// store is told once more than needed at most.
func TestAProcessMayDieAnywhereBetweenDeliveryAndMark(t *testing.T) {
	seen := map[string]bool{}
	for n, died := 1, true; died; n++ {
		bubble(fmt.Sprint("at boundary ", n), t, global, func(r *rig) {
			d := &death{n: n}
			r.transport = mortalTransport{r.store.RoundTripper(), d}
			kept := r.outbox
			r.outbox = mortalOutbox{kept, d}
			r.worker = func(c *reconcile.Config) { c.Parallel = 1; c.VoidsEvery = -1 }
			var waiting []string
			p := r.start()
			for range 3 {
				token := r.store.Buy(onestoretest.InApp("skin"))
				if !p.request(r.Context(), token, 200).Granted() || d.where() != "" {
					waiting = append(waiting, token)
				}
			}
			_, _ = p.worker.RunOnce(r.Context())
			died = d.where() != ""
			seen[d.where()] = true

			r.outbox, r.transport = restarted(r, kept), nil
			time.Sleep(time.Minute)
			p = r.start()
			for _, token := range waiting {
				r.grants(p, token)
			}
			r.once(p)
			for i, token := range r.store.Purchases() {
				if !r.store.Acknowledged(token) {
					r.Errorf("died %s: purchase %d is not acknowledged", d.where(), i)
				}
			}
			if told := r.store.Count(onestoretest.OpAcknowledgePurchase); told > 3+1 {
				r.Errorf("died %s: the store was told %d times of 3 purchases", d.where(), told)
			}
		})
	}
	for _, where := range []string{"before Record(false)", "after Record(false)", "before Record(true)", "after Record(true)",
		"before Take", "after Take", "before the call", "after the call, before its answer", "before Finish", "after Finish"} {
		if !seen[where] {
			t.Errorf("nothing died %s", where)
		}
	}
}

// restarted is an outbox with the same entries, that nobody holds.
func restarted(r *rig, o core.Outbox) core.Outbox {
	again := core.NewMemoryOutbox()
	for e, err := range o.Unsettled(r.Context()) {
		if err != nil {
			r.Fatal(err)
		}
		if _, err := again.Record(r.Context(), e.Debt, e.State == core.DebtDelivered); err != nil {
			r.Fatal(err)
		}
	}
	return again
}

// Row 70: the worker is told to stop while the store is slow and the outbox full.
func TestAWorkerThatIsToldToStopStopsAndLosesNothing(t *testing.T) {
	bubble("with a full outbox", t, global, func(r *rig) {
		r.worker = func(c *reconcile.Config) { c.VoidsEvery = -1 }
		p := r.start()
		for range 100 {
			r.grants(p, r.store.Buy(onestoretest.InApp("skin")))
		}
		r.store.Fail(onestoretest.Fault{Op: onestoretest.OpAcknowledgePurchase, Delay: 20 * time.Second})
		stop := r.run(p)
		time.Sleep(50 * time.Second)
		begin := time.Now()
		stop()
		if took := time.Since(begin); took > 0 {
			r.Errorf("it took %v to stop", took)
		}
		told := r.store.Count(onestoretest.OpAcknowledgePurchase)
		time.Sleep(time.Hour)
		if now := r.store.Count(onestoretest.OpAcknowledgePurchase); now != told {
			r.Errorf("the store was told %d times after the stop", now-told)
		}
		r.store.Clear()
		p = r.start()
		stop = r.run(p)
		time.Sleep(time.Hour)
		stop()
		for i, token := range r.store.Purchases() {
			if !r.store.Acknowledged(token) {
				r.Fatalf("purchase %d is not acknowledged", i)
			}
		}
	})
}
