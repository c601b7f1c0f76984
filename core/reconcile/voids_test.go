package reconcile_test

import (
	"errors"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/reconcile"
)

// long keeps look-ups from showing what the list is to show.
func long(c *core.Config) {
	c.Lifetimes = core.Lifetimes{Fresh: 20 * day, Refresh: 20 * day, Usable: 20 * day}
}

// The bound of the package's documentation, for each kind: 68 s after a refund its purchase grants
// nothing, however often it is asked for; and by itself within Lifetimes.Refresh where no list is read.
func TestHowLongARefundedPurchaseKeepsWorking(t *testing.T) {
	for _, product := range []onestoretest.Product{onestoretest.InApp("skin"), onestoretest.Recurring("pass"), onestoretest.Subscription("vip")} {
		for _, c := range []struct {
			name   string
			gate   func(*core.Config)
			worker func(*reconcile.Config)
			bound  time.Duration
		}{
			{"by the list", long, nil, 68 * time.Second},
			{"by the list, read every 10 s", long, func(c *reconcile.Config) { c.VoidsEvery = 10 * time.Second }, 13 * time.Second},
			{"by a look-up", nil, func(c *reconcile.Config) { c.VoidsEvery = -1 }, 6 * time.Minute},
		} {
			bubble(product.ID+" "+c.name, t, global, func(r *rig) {
				r.gate, r.worker = c.gate, c.worker
				p := r.start()
				stop := r.run(p)
				defer stop()
				token := r.store.Buy(product, onestoretest.Acknowledged())
				for wait := range 7 { // at any phase of the worker
					r.grants(p, token)
					time.Sleep(time.Duration(wait) * 9 * time.Second)
				}
				r.store.Refund(token)
				refunded := time.Now()
				for p.request(r.Context(), token, 200).Granted() {
					if time.Since(refunded) > c.bound {
						r.Fatalf("%v after its refund the purchase still grants, the bound is %v", time.Since(refunded), c.bound)
					}
					time.Sleep(time.Second)
				}
			})
		}
	}
}

// Row 55 and figure 5.6: memory holds a tenth of what is refunded, so that facts come, go and come again
// while the list is read; and a look-up that knows nothing of a refund does not clear it.
func TestOfTenThousandRefundsAllTakeEffectWithinTheBound(t *testing.T) {
	refunds := 10_000
	if testing.Short() {
		refunds = 500
	}
	bubble("memory at its capacity", t, global, func(r *rig) {
		r.store = onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial, PageSize: 100})
		r.gate = func(c *core.Config) {
			long(c)
			c.Memory = core.Memory{Purchases: refunds / 10, Refusals: refunds / 10}
		}
		p := r.start()
		stop := r.run(p)
		defer stop()
		time.Sleep(time.Minute)
		kinds := []onestoretest.Product{onestoretest.InApp("skin"), onestoretest.Recurring("pass"), onestoretest.Subscription("vip")}
		tokens := make([]string, refunds)
		for i := range tokens {
			tokens[i] = r.store.Buy(kinds[i%len(kinds)], onestoretest.Acknowledged())
			r.grants(p, tokens[i])
		}
		kept := tokens[refunds-refunds/20:]
		for _, token := range kept {
			r.grants(p, token) // and so they are in memory
		}
		for _, token := range tokens {
			r.store.Refund(token)
			r.stands(token) // whatever is read from now on is a read that came late
		}
		time.Sleep(68 * time.Second)
		for _, token := range kept { // from memory
			r.denies(p, token, core.ReasonVoided)
		}
		for _, token := range tokens { // what memory had no room for is read again
			r.denies(p, token, core.ReasonVoided)
		}
		if stores := p.gate.Stats().Stores; stores[0].Purchases > refunds/10 {
			r.Errorf("memory has %d purchases, its capacity is %d", stores[0].Purchases, refunds/10)
		}
	})
}

func TestARefundOfAnOlderMonthLeavesThePresentOneStanding(t *testing.T) {
	bubble("rows 24, 25 and 45", t, global, func(r *rig) {
		r.gate = long
		p := r.start()
		token := r.store.Buy(onestoretest.Subscription("vip"), onestoretest.Acknowledged())
		r.store.Renew(token)
		payments := r.store.Payments(token)
		r.grants(p, token)
		r.store.RefundPayment(token, payments[0].ID)
		time.Sleep(time.Second)
		if report := r.once(p); report.Voids != 1 {
			r.Errorf("the report is %+v", report)
		}
		r.grants(p, token)
		r.store.RefundPayment(token, payments[1].ID)
		time.Sleep(time.Second)
		if report := r.once(p); report.Voids != 1 {
			r.Errorf("the report is %+v", report)
		}
		if d := p.request(r.Context(), token, 200); d.Granted() {
			r.Errorf("got %+v", d)
		}
	})
}

// shopOf sells n skins that are acknowledged, and has each looked up.
func (r *rig) shopOf(p *process, n int) []string {
	var all []string
	for range n {
		token := r.store.Buy(onestoretest.InApp("skin"), onestoretest.Acknowledged())
		r.grants(p, token)
		all = append(all, token)
	}
	return all
}

// Row 56. The store's pages have three rows: 100 pages.
func TestAListThatBreaksOffInTheMiddleLosesNothing(t *testing.T) {
	for name, effect := range map[string]onestoretest.Effect{
		"an error": onestoretest.StandardError("InternalError"), "a reset": onestoretest.Reset(), "a 401": onestoretest.StandardError("AccessTokenExpired"),
		"no answer": onestoretest.Hang(), "half a page": onestoretest.TruncateAt(40), "a page of HTML": onestoretest.HTMLPage(502),
	} {
		bubble(name, t, global, func(r *rig) {
			r.gate = func(c *core.Config) { long(c); c.Guard.TripAfter = 1_000_000 }
			r.transport = &breaksOff{rig: r, page: 37, effect: effect}
			p := r.start()
			tokens := r.shopOf(p, 300)
			for _, token := range tokens {
				r.store.Refund(token)
			}
			time.Sleep(time.Second)
			late := r.shopOf(p, 3)
			for try := 0; ; try++ {
				_, err := p.worker.RunOnce(r.Context())
				if err == nil && try > 0 {
					break
				} else if err == nil || try > 5 {
					r.Fatalf("after %d tries: %v", try, err)
				}
				if try == 0 { // new ones arrive meanwhile, and the process starts anew
					for _, token := range late {
						r.store.Refund(token)
					}
					p = r.start()
				}
				time.Sleep(time.Minute)
			}
			for i, token := range append(tokens, late...) {
				if d := p.request(r.Context(), token, 200); d.Granted() {
					r.Fatalf("purchase %d still grants: %+v", i, d)
				}
			}
		})
	}
}

// Row 57.
func TestAListThatDoesNotEndIsGivenUpAndReadTheNextTime(t *testing.T) {
	for name, effect := range map[string]onestoretest.Effect{
		"ever new keys": onestoretest.EndlessKeys(), "keys that come again": onestoretest.CycleKeys(3), "empty pages with a key": onestoretest.EmptyPage(),
	} {
		bubble(name, t, global, func(r *rig) {
			r.gate = long
			p := r.start()
			token := r.shopOf(p, 1)[0]
			r.store.Refund(token)
			time.Sleep(time.Second)
			r.store.Fail(onestoretest.Fault{Op: onestoretest.OpVoidedPurchases, Effect: effect})
			if _, err := p.worker.RunOnce(r.Context()); err != nil && !errors.Is(err, onestore.ErrTooManyPages) {
				r.Errorf("got %v", err)
			}
			if n := r.store.Count(onestoretest.OpVoidedPurchases); n > 6000 {
				r.Errorf("%d pages were read", n)
			}
			r.shopOf(p, 3) // look-ups go on
			r.store.Clear()
			time.Sleep(time.Minute)
			r.once(p)
			if d := p.request(r.Context(), token, 200); d.Granted() {
				r.Errorf("got %+v", d)
			}
		})
	}
}

// Row 58.
func TestAListThatStaysEmptyIsAWarning(t *testing.T) {
	bubble("a day of nothing", t, global, func(r *rig) {
		r.gate = long
		p := r.start()
		r.shopOf(p, 1)
		stop := r.run(p)
		time.Sleep(23 * time.Hour)
		if r.log.says("no voided purchase for a day") {
			r.Error("23 hours are no day")
		}
		time.Sleep(2 * time.Hour)
		if !r.log.says("no voided purchase for a day") {
			r.Error("25 hours, and nobody was told")
		}
		stop()
		if report := r.once(p); len(report.Silent) != 1 {
			r.Errorf("the report is %+v", report)
		}
	})
}

// Row 62.
func TestAfterFortyDaysTheListIsReadAsFarAsItGoes(t *testing.T) {
	bubble("and the gap is reported", t, global, func(r *rig) {
		p := r.start()
		tokens := r.shopOf(p, 4)
		if report := r.once(p); len(report.Gaps) != 0 {
			r.Errorf("the report is %+v", report)
		}
		r.stop()
		for i, token := range tokens[:3] {
			time.Sleep(time.Duration(i+1) * 7 * day) // the second one 21 days ago, the third one now
			if i > 0 {
				r.store.Refund(token)
			}
		}
		r.store.Down(true)
		p = r.start()
		if d := p.request(r.Context(), tokens[3], 200); d.Outcome != core.Undetermined {
			r.Errorf("a fact of 42 days ago decided: %+v", d)
		}
		if _, err := p.worker.RunOnce(r.Context()); err == nil {
			r.Error("the list was read from a store that is down")
		}
		r.store.Down(false)
		time.Sleep(time.Minute)
		report := r.once(p)
		if gap := report.Gaps["onestore"]; gap < 14*day || gap > 15*day || report.Voids != 2 {
			r.Errorf("the report is %+v", report)
		}
		if !r.log.says("tells only a part") {
			r.Error("nobody was told")
		}
		r.denies(p, tokens[2], core.ReasonVoided)
		r.grants(p, tokens[3])
		if report = r.once(p); len(report.Gaps) != 0 {
			r.Errorf("the gap is reported again: %+v", report)
		}
	})
}

func TestAGateThatKeepsNoVoidsIsNotReadyBeforeTheListWasRead(t *testing.T) {
	bubble("in full", t, global, func(r *rig) {
		for _, kept := range []core.Voids{nil, core.NewMemoryVoids()} {
			r.voids = kept
			for start := range 3 {
				r.store.ResetLog()
				p := r.start()
				if err := p.gate.Ready(r.Context()); err == nil {
					r.Error("ready before anything was read")
				}
				r.store.Fail(onestoretest.Fault{Op: onestoretest.OpVoidedPurchases, Effect: onestoretest.StandardError("InternalError")})
				if _, err := p.worker.RunOnce(r.Context()); err == nil {
					r.Error("nothing failed")
				}
				if err := p.gate.Ready(r.Context()); (err == nil) != (kept != nil && start > 0) {
					r.Errorf("start %d with %T: ready is %v after the list could not be read", start, kept, err)
				}
				r.store.Clear()
				time.Sleep(time.Minute)
				r.store.ResetLog()
				r.once(p)
				if err := p.gate.Ready(r.Context()); err != nil {
					r.Errorf("not ready: %v", err)
				}
				// Four weeks are read in slices; where it was left, one or two of them.
				if n := r.store.Count(onestoretest.OpVoidedPurchases); kept == nil && n != 4 || kept != nil && start > 0 && n != 1 {
					r.Errorf("start %d with %T: the list was asked for %d times", start, kept, n)
				}
			}
		}
	})
	bubble("after a checkpoint from the future, which a clock that was wrong left", t, global, func(r *rig) {
		if err := r.voids.Apply(r.Context(), core.VoidLog{Checkpoints: map[core.StoreID]time.Time{"onestore": time.Now().Add(30 * day)}}); err != nil {
			r.Fatal(err)
		}
		r.gate = long
		p := r.start()
		token := r.shopOf(p, 1)[0]
		r.store.Refund(token)
		time.Sleep(time.Second)
		r.once(p)
		r.denies(p, token, core.ReasonVoided)
	})
}

// A process that is killed between two slices, or that cannot keep what it read, reads it again.
func TestWhatCannotBeKeptIsReadAgain(t *testing.T) {
	bubble("a log that fails", t, global, func(r *rig) {
		failing := &failingVoids{Voids: r.voids}
		r.voids = failing
		r.gate = long
		p := r.start()
		tokens := r.shopOf(p, 2)
		r.store.Refund(tokens[0])
		time.Sleep(time.Second)
		failing.err = errors.New("the disk is full")
		if _, err := p.worker.RunOnce(r.Context()); !errors.Is(err, failing.err) {
			r.Errorf("got %v", err)
		}
		r.denies(p, tokens[0], core.ReasonVoided) // in force all the same
		failing.err = nil
		p = r.start()
		if report := r.once(p); report.Voids != 1 {
			r.Errorf("the report is %+v", report)
		}
		r.denies(p, tokens[0], core.ReasonVoided)
	})
}

func TestThousandsOfVoidsAreInForceAtOnce(t *testing.T) {
	bubble("row 55", t, global, func(r *rig) {
		r.store = onestoretest.New(onestoretest.Config{Market: global, Environment: onestoretest.Commercial, PageSize: 100})
		r.gate = func(c *core.Config) { long(c); c.Memory.Purchases = 100 } // evicted and read again meanwhile
		p := r.start()
		tokens := r.shopOf(p, 2000)
		for _, token := range tokens {
			r.store.Refund(token)
		}
		time.Sleep(time.Second)
		if report := r.once(p); report.Voids != len(tokens) {
			r.Errorf("%d voids were news, want %d", report.Voids, len(tokens))
		}
		for _, token := range tokens {
			if d := p.request(r.Context(), token, 200); d.Granted() {
				r.Fatalf("got %+v", d)
			}
		}
		if n := p.gate.Stats().Stores[0].Voids; n != len(tokens) {
			r.Errorf("%d voids are counted, want %d", n, len(tokens))
		}
	})
}
