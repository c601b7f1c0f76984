package faultmatrix_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// sns is where subscription notifications go. Its secret must show nowhere, as no token may.
const sns = "/notify/canarytoken-of-subscriptions"

// notified is a host that receives notifications, and remembers for longer than the row takes.
func notified(drive func(*fm.Scene)) fm.Row {
	signer := onestoretest.NewSigner()
	return fm.Row{
		Flags: []string{"-t-pos", "1h", "-licence-key", signer.LicenceKey(), "-notify-secret", sns[len("/notify/"):]},
		Pos:   time.Hour, Sim: onestoretest.Config{Signer: signer}, Exact: true, Drive: drive,
	}
}

// Nobody but the store can make a payment notification, and nothing that anybody sends is more than a
// reason to look the purchase up.
func TestRow50ANotificationOnlyEverCausesARead(t *testing.T) {
	t.Parallel()
	t.Run("a genuine one takes effect with the next request", func(t *testing.T) {
		t.Parallel()
		fm.Run(t, notified(func(s *fm.Scene) {
			for i := range fm.Size(5, 100) {
				for _, r := range []fm.Route{fm.Gold, fm.Skin, fm.Pass, fm.VIP} {
					k := s.Buy(r, fm.Player(i))
					s.Warm(k)
					s.Refund(k)
					path, body := "/notify", s.Sim.PaymentNotification(k.Token)
					if r == fm.VIP {
						path, body = sns, s.Sim.SubscriptionNotification(k.Token, int(notify.Revoked))
					}
					if status := s.Notify(path, body); status != 200 {
						s.Errorf("%s: a genuine notification came to %d", r.Path, status)
					}
					s.Told(k)
					s.Expect("after the refund", []fm.Check{s.Get(k)}, fm.D)
					if n := s.Sim.Lookups(k.Token); n != 2 {
						s.Errorf("%s: %d look-ups, want one for each state", r.Path, n)
					}
				}
			}
		}))
	})
	t.Run("a forged one has no effect", func(t *testing.T) {
		t.Parallel()
		stranger := onestoretest.NewSigner()
		fm.Run(t, notified(func(s *fm.Scene) {
			k, mine := s.Buy(fm.Skin, fm.Player(0)), s.Buy(fm.Skin, fm.Player(1))
			s.Warm(k, mine)
			s.ResetLog()
			genuine := s.Sim.PaymentMessage(k.Token)
			altered := func(alter func(*onestoretest.PaymentMessage)) []byte {
				m := genuine
				alter(&m)
				return s.Sim.Signer().Sign(m) // the store's own key, for another app of the same developer
			}
			own := s.Sim.PaymentNotification(mine.Token)
			_, signature, _ := bytes.Cut(own, []byte(`"signature":"`))
			sub := func(member, value string) []byte {
				var m map[string]any
				if err := json.Unmarshal(s.Sim.SubscriptionNotification(s.Buy(fm.VIP, fm.Player(2)).Token, 12), &m); err != nil {
					s.Fatalf("%v", err)
				}
				m[member] = value
				body, _ := json.Marshal(m)
				return body
			}
			for what, forged := range map[string]struct {
				path string
				body []byte
			}{
				"signed with another key":              {"/notify", stranger.Sign(genuine)},
				"a genuine one with another token":     {"/notify", bytes.Replace(own, []byte(mine.Token), []byte(k.Token), 1)},
				"a genuine one with another state":     {"/notify", bytes.Replace(s.Sim.PaymentNotification(k.Token), []byte("COMPLETED"), []byte("CANCELED"), 1)},
				"another message's signature":          {"/notify", append(bytes.Split(s.Sim.PaymentNotification(k.Token), []byte(`"signature":"`))[0], append([]byte(`"signature":"`), signature...)...)},
				"a second token in front":              {"/notify", bytes.Replace(own, []byte("{"), []byte(`{"purchaseToken":"`+k.Token+`",`), 1)},
				"a second token in other letters":      {"/notify", bytes.Replace(own, []byte("{"), []byte(`{"PurchaseToken":"`+k.Token+`",`), 1)},
				"without a signature":                  {"/notify", append(bytes.Split(own, []byte(`,"signature"`))[0], '}')},
				"for another app":                      {"/notify", altered(func(m *onestoretest.PaymentMessage) { m.ClientID = "0000099999" })},
				"for another market":                   {"/notify", altered(func(m *onestoretest.PaymentMessage) { m.Market = onestoretest.MarketKorea })},
				"of the sandbox":                       {"/notify", altered(func(m *onestoretest.PaymentMessage) { m.Environment = "SANDBOX" })},
				"with a token that is a path":          {"/notify", altered(func(m *onestoretest.PaymentMessage) { m.Token = "../" + k.Token })},
				"a subscription's where payments go":   {"/notify", s.Sim.SubscriptionNotification(k.Token, 12)},
				"a subscription's without the secret":  {"/notify/", s.Sim.SubscriptionNotification(k.Token, 12)},
				"a subscription's with another secret": {"/notify/" + strings.Repeat("x", 28), s.Sim.SubscriptionNotification(k.Token, 12)},
				"a subscription's for another app":     {sns, sub("clientId", "0000099999")},
				"a subscription's for another market":  {sns, sub("marketCode", "MKT_ONE")},
				"longer than 64 KiB":                   {"/notify", bytes.Replace(own, []byte("{"), append([]byte("{"), bytes.Repeat([]byte(" "), 64<<10)...), 1)},
				"nothing":                              {"/notify", nil},
				"an array":                             {sns, []byte("[]")},
			} {
				for range fm.Size(2, 50) {
					if status := s.Notify(forged.path, forged.body); status < 400 || status >= 500 {
						s.Errorf("%s: came to %d", what, status)
					}
				}
				c := s.Get(k)
				s.Expect(what, []fm.Check{c}, fm.G)
				if c.Source != "memory" || s.LookupCalls() != 0 {
					s.Errorf("%s: the purchase was read again", what)
				}
			}
		}))
	})
	t.Run("one that is repeated causes one read", func(t *testing.T) {
		t.Parallel()
		fm.Run(t, notified(func(s *fm.Scene) {
			k, vip := s.Buy(fm.Skin, fm.Player(0)), s.Buy(fm.VIP, fm.Player(1))
			s.Warm(k, vip)
			s.ResetLog()
			payment, subscription := s.Sim.PaymentNotification(k.Token), s.Sim.SubscriptionNotification(vip.Token, int(notify.Renewed))
			for range fm.Size(30, 1000) {
				for _, status := range []int{s.Notify("/notify", payment), s.Notify(sns, subscription)} {
					if status != 200 {
						s.Errorf("a repetition came to %d", status)
					}
				}
				s.Expect("repeated", []fm.Check{s.Get(k), s.Get(vip)}, fm.G)
			}
			if n, m := s.Sim.Lookups(k.Token), s.Sim.Lookups(vip.Token); n != 1 || m != 1 {
				s.Errorf("%d and %d look-ups, want one of each", n, m)
			}
			// An old one is no proof of anything: what it said then is not what the store says now.
			s.Refund(k)
			if status := s.Notify("/notify", s.Sim.PaymentNotification(k.Token)); status != 200 {
				s.Errorf("the refund's notification came to %d", status)
			}
			s.Told(k)
			_ = s.Notify("/notify", payment) // says COMPLETED
			s.Expect("after the refund", []fm.Check{s.Get(k)}, fm.D)
		}))
	})
	t.Run("whoever knows the secret can have little read", func(t *testing.T) {
		t.Parallel()
		row := notified(func(s *fm.Scene) {
			k := s.Buy(fm.VIP, fm.Player(0))
			s.Warm(k)
			s.ResetLog()
			begin := time.Now()
			postponed := 0
			for i := range fm.Size(60, 2000) {
				switch status := s.Notify(sns, s.Sim.SubscriptionNotification(k.Token, 1+i%13)); status {
				case 200:
				case 503:
					postponed++
				default:
					s.Errorf("came to %d", status)
				}
				s.Expect("an invented one", []fm.Check{s.Get(k)}, fm.G)
			}
			const burst, every = 4, 30 * time.Second // notify's own defaults
			if n, most := s.LookupCalls(), burst+1+int(time.Since(begin)/every); n > most || postponed == 0 {
				s.Errorf("%d look-ups, at most %d are allowed; %d were postponed", n, most, postponed)
			}
			// Of a token that nobody presents nothing is read at all.
			s.ResetLog()
			for i := range fm.Size(50, 1000) {
				other := s.Buy(fm.VIP, fm.Player(1+i))
				_ = s.Notify(sns, s.Sim.SubscriptionNotification(other.Token, int(notify.Purchased)))
			}
			if n := s.LookupCalls(); n != 0 {
				s.Errorf("%d look-ups that nobody asked for", n)
			}
		})
		row.Exact = false // how many are admitted hangs on the clock
		fm.Run(t, row)
	})
	t.Run("one that comes in an outage costs the grace and says no to nobody", func(t *testing.T) {
		t.Parallel()
		row := notified(func(s *fm.Scene) {
			k, other := s.Buy(fm.Skin, fm.Player(0)), s.Buy(fm.Skin, fm.Player(1))
			s.Warm(k, other)
			s.Trouble()
			s.Sim.Down(true)
			if status := s.Notify("/notify", s.Sim.PaymentNotification(k.Token)); status != 200 {
				s.Errorf("came to %d", status)
			}
			s.Told(k)
			s.Expect("the one it was about", []fm.Check{s.Get(k)}, fm.U)
			s.Expect("any other", []fm.Check{s.Get(other)}, fm.G)
			s.Healthy()
			s.Recover("after the outage", k, time.Second+fm.Open+fm.Call)
		})
		row.Exact = false // recovering takes as many requests as it takes
		fm.Run(t, row)
	})
}
