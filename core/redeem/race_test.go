package redeem_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

// at runs meanwhile once, just before the named step.
func at(name string, meanwhile func()) func(string, func() error) error {
	return func(step string, happen func() error) error {
		if step == name && meanwhile != nil {
			m := meanwhile
			meanwhile = nil
			m()
		}
		return happen()
	}
}

func TestAnInstanceThatIsOvertakenFindsThePurchaseDelivered(t *testing.T) {
	for name, step := range map[string]string{
		"between the ledger and the store":       "look up",
		"between the judgement and the intent":   "write",
		"between the intent and the consumption": "consume",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.buy("t1", "mina")
				one, other := w.start(t, func(c *core.Config) { c.Timeout = 2 * lease }), w.start(t)
				one.step = at(step, func() {
					time.Sleep(lease + time.Second) // whatever claim there is ends
					if _, err := other.redeem("mina", "t1"); err != nil {
						t.Error(err)
					}
				})
				r, err := one.redeem("mina", "t1")
				if err != nil || len(w.runs) != 1 || r.ID != w.runs[0].ID {
					t.Errorf("got %+v, %v; %d runs", r, err, len(w.runs))
				}
			})
		})
	}
}

func TestAnInstanceThatIsOvertakenLeavesTheOtherAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.buy("t1", "mina")
		one, other := w.start(t, func(c *core.Config) { c.Timeout = 2 * lease }), w.start(t)
		finish, done := make(chan struct{}), make(chan error)
		other.step = at("handler", func() { <-finish })
		one.step = at("consume", func() {
			time.Sleep(lease + time.Second)
			go func() {
				_, err := other.redeem("mina", "t1")
				done <- err
			}()
			synctest.Wait()
		})
		_, err := one.redeem("mina", "t1")
		wantRefused(t, err, core.ReasonInProgress)
		close(finish)
		if err := <-done; err != nil || len(w.runs) != 1 {
			t.Errorf("the other: %v; %d runs", err, len(w.runs))
		}
	})
}

func TestARuleThatGrantsWhatIsConsumedRedeemsNothing(t *testing.T) {
	w := newWorld()
	w.buy("t1", "mina", func(p *core.Purchase) { p.Consumption = core.Consumed })
	in := w.start(t, func(c *core.Config) {
		c.Rule = func(core.RuleInput) core.Verdict {
			return core.Verdict{Outcome: core.Granted, Reason: core.ReasonOwned}
		}
	})
	_, err := in.redeem("mina", "t1")
	wantRefused(t, err, core.ReasonMalformedUpstream)
	w.untouched(t, "t1")
}

func TestASuccessIsRecordedOverAnotherClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.buy("t1", "mina")
		one, other := w.start(t), w.start(t)
		one.step = at("handler", func() {
			time.Sleep(lease + time.Second)
			other.step = func(step string, happen func() error) error {
				if step == "handler" || step == "write" && w.entry(t, "t1").Attempts == 2 { // it claims, and dies
					return errFault
				}
				return happen()
			}
			if _, err := other.redeem("mina", "t1"); err == nil {
				t.Error("no error")
			}
		})
		if _, err := one.redeem("mina", "t1"); err != nil {
			t.Fatal(err)
		}
		if e := w.entry(t, "t1"); e.State != redeem.Completed || e.Attempts != 2 || e.Holder != "" {
			t.Errorf("recorded: %+v", e)
		}
	})
}
