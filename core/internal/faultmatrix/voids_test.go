package faultmatrix_test

import (
	"strings"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// lag is by how much a list ends before the store's own time: half a second, and a clock of whole seconds.
const lag = 2 * time.Second

// readings are the instants at which a reading of the list of voids began.
func readings(s *fm.Scene) (began []time.Time) {
	for _, r := range s.Sim.Requests() {
		if r.Op == onestoretest.OpVoidedPurchases && !strings.Contains(r.Query, "continuationKey") {
			began = append(began, r.At)
		}
	}
	return began
}

// awaitReading waits until a reading that began after t is over, and returns that instant: not before the
// next one begins.
func awaitReading(s *fm.Scene, t time.Time) time.Time {
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		after := 0
		for _, began := range readings(s) {
			if began.After(t) {
				if after++; after == 2 {
					return began
				}
			}
		}
	}
	s.Errorf("the list of voids is not read any more")
	return time.Now()
}

func TestRow55ARefundTakesEffectWithinOneReadingOfTheList(t *testing.T) {
	t.Parallel()
	const every = 500 * time.Millisecond
	row := fm.Row{
		Flags: append([]string{"-t-pos", "1h", "-t-void", every.String()}, patient...), Pos: time.Hour, Call: patience,
		Sim: onestoretest.Config{PageSize: 100},
	}
	row.Drive = func(s *fm.Scene) {
		n := fm.Size(300, 10_000)
		keys := s.Players(n, fm.Routes...)
		s.Expect("before", s.Crowd(4, keys...), fm.G)
		others := s.Players(4, fm.Routes...)
		s.Expect("those who stay", s.Crowd(4, others...), fm.G)
		for _, k := range keys {
			s.Refund(k)
		}
		refunded := time.Now()

		bound := make(chan time.Time, 1)
		go func() { bound <- awaitReading(s, refunded.Add(lag)) }()
		var last time.Time // at which a check began that was still let in
		for left := keys; len(left) > 0; {
			var still []fm.Key
			for _, c := range s.Crowd(4, left...) {
				switch c.Outcome {
				case fm.G:
					still = append(still, c.Key)
					if c.Start.After(last) {
						last = c.Start
					}
				case fm.D:
				default:
					s.Errorf("a refunded purchase came to %s (%d %s)", c.Outcome, c.Status, c.Reason)
				}
			}
			if left = still; len(left) > 0 {
				select {
				case by := <-bound:
					s.Expect("after a whole reading of the list", s.Crowd(4, left...), fm.D)
					bound <- by
					left = nil
				case <-time.After(20 * time.Millisecond):
				}
			}
		}
		if by := <-bound; last.After(by) {
			s.Errorf("a refunded purchase was let in %v after its refund, and %v after the list was read", last.Sub(refunded), last.Sub(by))
		}
		s.Expect("those who stay", s.Crowd(4, others...), fm.G)

		// However late an answer is that knows nothing of the refund, and wherever the token is brought.
		for _, k := range keys[:fm.Size(40, 400)] {
			s.Sim.Edit(k.Token, func(m map[string]any) {
				for name, v := range map[string]any{"purchaseState": int64(0), "lastPurchaseState": int64(0)} {
					if _, ok := m[name]; ok {
						m[name] = v
					}
				}
			})
			s.Invalidate(k)
			s.Expect("a later read that says it stands", []fm.Check{s.Get(k), s.Get(k)}, fm.D)
			if k.Route == fm.VIP || k.Route == fm.Pass {
				s.Expect("where several products would do", []fm.Check{s.GetAt("/any", k)}, fm.D)
			}
		}
	}
	fm.Run(t, row)
}

// A notification is a reason to ask, and to read the list; what is void is what the list says.
func TestRow55ANotifiedRefundIsInForceForGoodWithinSeconds(t *testing.T) {
	t.Parallel()
	signer := onestoretest.NewSigner()
	fm.Run(t, fm.Row{
		Flags: []string{"-t-pos", "1h", "-t-void", "1h", "-licence-key", signer.LicenceKey(), "-notify-secret", sns[len("/notify/"):]},
		Pos:   time.Hour, Sim: onestoretest.Config{Signer: signer}, Apart: true,
		Drive: func(s *fm.Scene) {
			stays := s.Buy(fm.VIP, fm.Player(0))
			s.Warm(stays)
			for len(readings(s)) == 0 {
				time.Sleep(10 * time.Millisecond)
			}
			for i, r := range []fm.Route{fm.Skin, fm.Pass} {
				k := s.Buy(r, fm.Player(1+i))
				s.Warm(k)
				s.Refund(k)
				before := len(readings(s))
				if status := s.Notify("/notify", s.Sim.PaymentNotification(k.Token)); status != 200 {
					s.Errorf("a genuine notification came to %d", status)
				}
				s.Told(k)
				s.Expect("the next request", []fm.Check{s.Get(k)}, fm.D)
				for begin := time.Now(); len(readings(s)) == before; time.Sleep(20 * time.Millisecond) {
					if took := time.Since(begin); took > 4*time.Second+s.Late(begin, time.Now()) {
						s.Fatalf("the list was not read within %v of the notification", took)
					}
				}
			}
			if status := s.Notify(sns, s.Sim.SubscriptionNotification(stays.Token, int(notify.Revoked))); status != 200 {
				s.Errorf("an invented notification came to %d", status)
			}
			s.Told(stays)
			s.Expect("after an invented one", []fm.Check{s.Get(stays)}, fm.G)
		},
	})
}
