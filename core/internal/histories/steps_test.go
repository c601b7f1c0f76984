package histories_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// step lets one thing happen. What makes no sense now (to resume what is not paused) does not happen.
func (w *world) step(s step) {
	switch s.verb {
	case nothing:
		return
	case buy:
		w.buy(s)
		return
	case wait:
		time.Sleep(s.d)
		w.tell("%v pass", s.d)
		return
	case storeFault:
		w.storeFault(s)
		return
	case clearFaults:
		w.store.Down(false)
		w.store.Clear()
		for _, b := range w.books {
			b.lost.Store(false)
		}
		w.trouble(false)
		w.tell("the store and the registries are well")
		return
	case forget:
		w.trouble(true)
		w.book(s.gate % len(w.gates)).lost.Store(true)
		w.tell("a registry is out of order")
		return
	case closeGate:
		if gate := s.gate % len(w.gates); s.n < 5 {
			w.tell("gate %d closes", gate)
			w.wg.Wait()
			_ = w.gates[gate].Close(context.Background()) // waits at most callTime
			if _, twice := w.closed[gate]; !twice {
				w.closed[gate] = w.now()
			}
		}
		return
	}
	if len(w.bought) == 0 {
		w.buy(s)
	}
	b := w.bought[s.purchase%len(w.bought)]
	switch s.verb {
	case checkIt, checkParallel, checkBehind, checkImpatient, checkKnown, checkWrong, checkBundle, checkNonsense, checkGuess, checkCrowd:
		w.check(s, b)
	case checkAtEnd:
		w.waitForEnd(s, b)
		w.check(s, b)
	case void, invalidate, bind, unbind, holdOpen:
		w.govern(s, b)
	default:
		w.live(s, b)
	}
}

// attempt does what the fake store refuses, with a panic, if it makes no sense.
func attempt(f func()) (done bool) {
	defer func() { done = recover() == nil }()
	f()
	return
}

func (w *world) buy(s step) {
	b := &bought{account: accounts[s.account%len(accounts)], product: catalogue[s.n%(len(catalogue)-1)]}
	var options []onestoretest.Option
	if s.account%3 != 0 || s.n%2 == 0 {
		label := w.gates[0].Label(b.account)
		options = append(options, onestoretest.Label(label))
		if b.product.Kind != core.KindRecurring { // whose answers have no developerPayload
			b.label = label
		}
	}
	if s.n%3 == 0 {
		options = append(options, onestoretest.Acknowledged())
	}
	if s.n%4 == 0 && b.product.Kind == core.KindSubscription {
		options = append(options, onestoretest.FreePeriod(30*time.Minute))
	}
	b.token = w.store.Buy(onestoretest.Product{Kind: onestoretest.Kind(b.product.Kind), ID: b.product.ID}, options...)
	w.bought = append(w.bought, b)
	w.tell("%s buys %s, %s, as %s", b.account, b.product.ID, labelled(b), b.token)
}

func labelled(b *bought) string {
	if b.label == "" {
		return "without a label"
	}
	return "labelled"
}

// waitForEnd lets time pass until shortly before the end of a purchase. With a store that drips, an answer
// can be overtaken by it.
func (w *world) waitForEnd(s step, b *bought) {
	facts := w.store.Facts(b.token)
	for _, name := range []string{"expiryTime", "expiryTimeMillis"} {
		end := millis(fmt.Sprint(facts[name]))
		if left := end.Sub(w.store.Now()) - time.Duration(s.n*5)*time.Millisecond; left > 0 && left < 40*24*time.Hour {
			time.Sleep(left)
		}
	}
	if s.n%4 != 0 {
		w.trouble(true)
		w.store.Clear()
		w.store.Fail(onestoretest.Fault{Effect: onestoretest.Drip(64, 30*time.Millisecond)})
	}
	w.tell("the end of %s is near", b.token)
}

// live is what happens to a purchase at the store.
func (w *world) live(s step, b *bought) {
	st, token := w.store, b.token
	done := attempt(func() {
		switch s.verb {
		case cancel:
			st.CancelRenewal(token)
		case refund:
			st.Refund(token)
		case expire:
			st.Expire(token)
		case renew:
			st.Renew(token)
		case pause:
			st.Pause(token, s.d)
		case pauseLater:
			st.SchedulePause(token, s.d)
		case failPayment:
			st.FailPayment(token)
		case hold:
			st.Hold(token)
		case revoke:
			st.Revoke(token)
		case acknowledge:
			st.Acknowledge(token)
		case consume:
			st.Consume(token)
		case distort:
			w.distort(s, b)
		case changePlan:
			next := &bought{account: b.account, product: vipGold, linked: b}
			if b.product == vipGold {
				next.product = vip
			}
			next.token = st.ChangePlan(token, onestoretest.Subscription(next.product.ID))
			w.bought = append(w.bought, next)
		}
	})
	if done {
		w.tell("%s %s %s (%s)", b.account, s.verb, b.product.ID, token)
	}
}

// distort makes the store answer oddly about one purchase, or stop that.
func (w *world) distort(s step, b *bought) {
	edits := []func(m map[string]any){
		func(m map[string]any) { m["purchaseState"], m["lastPurchaseState"], m["paymentState"] = 2, 2, 7 },
		func(m map[string]any) { m["paymentState"] = nil },
		func(m map[string]any) { m["paymentState"], m["lastPurchaseId"] = 0, nil },
		func(m map[string]any) { m["paymentState"] = 3 },
		func(m map[string]any) {
			m["purchaseTime"] = w.store.Now().Add(time.Hour).UnixMilli()
			m["paymentState"], m["autoRenewing"] = 1, true
			m["expiryTimeMillis"] = w.store.Now().Add(-time.Minute).UnixMilli()
		},
		func(m map[string]any) {
			delete(m, "purchaseState")
			delete(m, "expiryTimeMillis")
			delete(m, "expiryTime")
		},
		nil,
	}
	w.odd[b.token] = true
	w.store.Edit(b.token, edits[s.n%len(edits)])
}

// storeFault is trouble at the store until it is well again.
func (w *world) storeFault(s step) {
	faults := []struct {
		words string
		fault onestoretest.Fault
	}{
		{"hangs", onestoretest.Fault{Effect: onestoretest.Hang()}},
		{"answers InternalError", onestoretest.Fault{Effect: onestoretest.StandardError("InternalError")}},
		{"is in maintenance", onestoretest.Fault{Effect: onestoretest.Maintenance("2")}},
		{"knows nothing for three calls", onestoretest.Fault{Effect: onestoretest.StandardError("NoSuchData"), Times: 3}},
		{"cuts answers short", onestoretest.Fault{Effect: onestoretest.TruncateAt(s.n)}},
		{"is a page", onestoretest.Fault{Effect: onestoretest.HTMLPage(404)}},
		{"blocks us", onestoretest.Fault{Effect: onestoretest.StandardError("AccessBlocked")}},
		{"finds no such resource", onestoretest.Fault{Effect: onestoretest.StandardError("ResourceNotFound")}},
		{"refuses every access token", onestoretest.Fault{Effect: onestoretest.StandardError("AccessTokenExpired")}},
		{"breaks connections", onestoretest.Fault{Effect: onestoretest.Reset()}},
		{"is slow", onestoretest.Fault{Delay: 300 * time.Millisecond}},
		{"is too slow", onestoretest.Fault{Delay: 1300 * time.Millisecond}},
		{"drips", onestoretest.Fault{Effect: onestoretest.Drip(64, 70*time.Millisecond)}},
		{"answers {}", onestoretest.Fault{Effect: onestoretest.Answer(http.StatusOK, nil, "{}")}},
		{"answers null", onestoretest.Fault{Effect: onestoretest.Answer(http.StatusOK, nil, "null")}},
		{"loses every second answer", onestoretest.Fault{Effect: onestoretest.LoseAnswer(), Every: 2}},
	}
	w.trouble(true)
	n := s.n % (len(faults) + 1)
	if n == len(faults) {
		w.store.Down(true)
		w.tell("the store is down")
		return
	}
	w.store.Fail(faults[n].fault)
	w.tell("the store %s", faults[n].words)
}

// govern is what the game does at one gate.
func (w *world) govern(s step, b *bought) {
	i := s.gate % len(w.gates)
	gate, ctx := w.gates[i], context.Background()
	at := w.now()
	var err error
	var detail string
	switch s.verb {
	case void:
		v := voided{gate: i, token: b.token, at: at}
		if s.n%4 != 0 {
			v.id = lastPayment(w.store.Facts(b.token))
		}
		if s.n%2 == 0 {
			attempt(func() { w.store.Revoke(b.token) })
		}
		err = gate.Void(ctx, core.Void{Store: onestore.DefaultName, Token: b.token, PurchaseID: v.id})
		v.done = w.now()
		w.voids = append(w.voids, v)
		detail = "payment " + v.id
	case invalidate:
		err = gate.Invalidate(ctx, b.product, b.token)
		w.resets = append(w.resets, reset{gate: i, token: b.token, at: at, done: w.now()})
	case bind:
		account := accounts[s.account%len(accounts)]
		err = gate.Bind(ctx, account, b.product, b.token)
		if err == nil {
			w.claims = append(w.claims, claim{book: w.shelf(i), token: b.token, product: b.product.ID, account: account, bound: true, from: at, to: w.now()})
		}
		detail = "to " + account
	case unbind:
		// A gate keeps in mind whom it let in: a registry's change is told to every gate that reads it.
		for other := range w.gates {
			if w.shelf(other) == w.shelf(i) {
				if fault := w.gates[other].Unbind(ctx, onestore.DefaultName, b.token); fault != nil {
					err = fault
				}
			}
		}
		w.claims = append(w.claims, claim{book: w.shelf(i), token: b.token, from: at, to: w.now()})
	case holdOpen:
		var r core.Requirement = b.product
		if s.n%3 == 0 {
			r = perks
		}
		until := time.Now().Add(max(s.d, time.Hour))
		if s.n%2 == 0 { // what it is for
			w.trouble(true)
			w.store.Down(true)
		}
		if err = gate.SetMode(r, core.HoldOpen(until)); err == nil {
			w.holds = append(w.holds, held{gate: i, r: r, until: until})
		}
	}
	w.tell("gate %d %s %s %s: %v", i, s.verb, b.token, detail, err)
}

func lastPayment(facts map[string]any) string {
	for _, name := range []string{"purchaseId", "lastPurchaseId"} {
		if id, ok := facts[name]; ok {
			return fmt.Sprint(id)
		}
	}
	return ""
}
