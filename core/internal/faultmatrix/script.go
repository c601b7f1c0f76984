package faultmatrix

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// Player is an account, recognisable wherever it should not be.
func Player(n int) string { return "canary-player-" + strconv.Itoa(n) }

// Stranger is a purchase token that names nothing, recognisable like the store's own.
func Stranger(n int) string { return "canarytoken" + strconv.Itoa(n) }

// Buy makes a purchase that account is entitled to, and that its label ties to it.
func (s *Scene) Buy(r Route, account string, options ...onestoretest.Option) Key {
	return s.buy(r, account, account, options)
}

// BuyUnlabelled makes a purchase whose label names nobody.
func (s *Scene) BuyUnlabelled(r Route, account string, options ...onestoretest.Option) Key {
	return s.buy(r, account, "", options)
}

// BuyFor makes a purchase that ends after d and does not renew. It returns its last instant.
func (s *Scene) BuyFor(r Route, account string, d time.Duration) (Key, time.Time) {
	k := s.buy(r, account, account, []onestoretest.Option{onestoretest.Period(d)})
	s.Sim.CancelRenewal(k.Token)
	until := s.expiry(k.Token)
	now := time.Now()
	s.ledger.change(k.Token, change{span{now, now}, true, until.Add(-s.shift())})
	return k, until
}

func (s *Scene) buy(r Route, account, label string, options []onestoretest.Option) Key {
	if label != "" {
		options = append(options, onestoretest.Label(label))
	}
	return s.enter(r, account, label, func() string { return s.Sim.Buy(r.Product, options...) })
}

// enter notes in the ledger what buy buys.
func (s *Scene) enter(r Route, account, label string, buy func() (token string)) Key {
	from := time.Now()
	token := buy()
	s.ledger.add(token, &bought{r.Product, label, []change{{span{from, time.Now()}, true, time.Time{}}}})
	return Key{Route: r, Token: token, Account: account}
}

// Players buys one purchase on each of the routes in turn, for n players.
func (s *Scene) Players(n int, routes ...Route) []Key {
	keys := make([]Key, n)
	for i := range keys {
		keys[i] = s.Buy(routes[i%len(routes)], Player(i))
	}
	return keys
}

// Change makes something true at the store: owned or not owned from now on.
func (s *Scene) Change(k Key, owned bool, do func()) {
	from := time.Now()
	do()
	s.ledger.change(k.Token, change{span{from, time.Now()}, owned, time.Time{}})
}

// Refund takes a purchase back.
func (s *Scene) Refund(k Key) { s.Change(k, false, func() { s.Sim.Refund(k.Token) }) }

// Invalidate makes the host forget a purchase.
func (s *Scene) Invalidate(k Key) {
	if !s.Forget(k) {
		s.Errorf("POST /invalidate: it could not")
	}
	s.Told(k)
}

// Forget tells the key's host to forget a purchase, whatever the others know, and whether it could.
func (s *Scene) Forget(k Key) bool {
	r, err := s.client.PostForm("http://"+s.Nodes[k.Node].Address+"/invalidate", url.Values{
		"kind": {string(k.Route.Product.Kind)}, "product": {k.Route.Product.ID}, "token": {k.Token}})
	if err != nil {
		s.Errorf("POST /invalidate: %v", err)
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusNoContent
}

// Notify sends the host a notification. It returns the status of the answer, 0 if there was none.
func (s *Scene) Notify(path string, body []byte) int {
	r, err := s.client.Post("http://"+s.Host.Address+path, "application/json", bytes.NewReader(body))
	if err != nil {
		s.Errorf("POST %s: %v", path, errors.Unwrap(err))
		return 0
	}
	_ = r.Body.Close()
	return r.StatusCode
}

// Told says that the host has acknowledged by now that a purchase changed.
func (s *Scene) Told(k Key) { s.ledger.forget(k.Token, time.Now()) }

// Trouble says that from now on the store does not answer normally, and makes it so.
func (s *Scene) Trouble(faults ...onestoretest.Fault) {
	s.ledger.mu.Lock()
	s.ledger.troubles = append(s.ledger.troubles, &span{from: time.Now()})
	s.ledger.mu.Unlock()
	s.Sim.Fail(faults...)
}

// Healthy ends the trouble.
func (s *Scene) Healthy() {
	s.Sim.Clear()
	s.Sim.Down(false)
	if s.Front != nil {
		s.Front.Mangle(nil)
	}
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	for _, t := range s.ledger.troubles {
		if t.to.IsZero() {
			t.to = time.Now()
		}
	}
}

// shift is by how much the store's clock is ahead of this machine's.
func (s *Scene) shift() time.Duration {
	d := time.Until(s.Sim.Now())
	if d.Abs() < time.Second {
		return 0
	}
	return d
}

// Lookups is every fault of the three look-ups, none of the access token's.
func Lookups(f onestoretest.Fault) []onestoretest.Fault {
	faults := make([]onestoretest.Fault, 3)
	for i, op := range []onestoretest.Op{onestoretest.OpPurchaseDetails, onestoretest.OpRecurringPurchaseDetails, onestoretest.OpSubscriptionDetail} {
		faults[i] = f
		faults[i].Op = op
	}
	return faults
}

// LookupCalls is how many look-ups the store got since its log was reset.
func (s *Scene) LookupCalls() int {
	return s.Sim.Count(onestoretest.OpPurchaseDetails) + s.Sim.Count(onestoretest.OpRecurringPurchaseDetails) +
		s.Sim.Count(onestoretest.OpSubscriptionDetail)
}

// ResetLog makes the store count from zero. What must hold in the whole row is kept.
func (s *Scene) ResetLog() {
	s.keepCounts()
	s.Sim.ResetLog()
}

func (s *Scene) keepCounts() {
	s.mostInFlight = max(s.mostInFlight, s.Sim.MaxInFlight())
	s.malformed = append(s.malformed, s.Sim.Malformed()...)
}

// expiry is the end of a right by the store's clock.
func (s *Scene) expiry(token string) time.Time {
	facts := s.Sim.Facts(token)
	for _, member := range []string{"expiryTime", "expiryTimeMillis"} {
		if ms, ok := facts[member].(int64); ok {
			return time.UnixMilli(ms)
		}
	}
	return time.Time{}
}
