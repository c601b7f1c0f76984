package redeem_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

var histories = flag.Int("histories", 200, "random histories of concurrent redeemers to check against the model")

// model is what a purchase may do, one event after the other: nothing, intended for one account, consumed,
// granted, completed. It is written from the promises and knows neither entries nor claims.
type model struct {
	owner     string
	id        string
	intended  bool
	consumed  bool
	granted   int // runs of the handler that committed
	completed bool
	running   time.Time // until when the run under way has the purchase to itself
}

// history checks the events of one play as they happen. Its owner holds its lock.
type history struct {
	mu        sync.Mutex
	purchases map[string]*model
	events    []string
	broken    []string
}

func (h *history) event(token, format string, args ...any) *model {
	h.events = append(h.events, time.Now().Format("05.000 ")+token+" "+fmt.Sprintf(format, args...))
	return h.purchases[token]
}

func (h *history) promise(holds bool, what string) {
	if !holds {
		h.broken = append(h.broken, fmt.Sprintf("event %d: %s", len(h.events), what))
	}
}

// wrote checks a version that went into the ledger.
func (h *history) wrote(e redeem.Entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.event(e.Token, "is %s, attempt %d, of %s", e.State, e.Attempts, e.Account)
	h.promise(e.Account == m.owner, "an entry of a stranger")
	h.promise(m.id == "" || m.id == e.ID, "a second redemption id")
	h.promise(!m.completed, "written after it was completed")
	m.id = e.ID
	switch e.State {
	case redeem.Intended:
		m.intended = true
	case redeem.Consumed:
		h.promise(m.consumed, "recorded as consumed before it was")
	case redeem.Completed:
		h.promise(m.granted > 0, "completed without a grant")
		m.completed = true
	default:
		h.promise(false, "withdrawn")
	}
}

func (h *history) spent(token string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.event(token, "consumed")
	h.promise(m.intended, "consumed without a recorded intent")
	h.promise(!m.consumed, "consumed twice")
	m.consumed = true
}

func (h *history) begins(ctx context.Context, token string, r redeem.Redemption) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.event(token, "run %d begins", r.Attempt)
	h.promise(m.consumed, "the handler runs before the purchase is consumed")
	h.promise(!m.completed, "the handler runs after the success was recorded")
	h.promise(r.ID == m.id && r.Account == m.owner && r.Quantity == 3, "the handler is told something else")
	h.promise(r.Resumed() || m.granted == 0, "the handler is not told that it granted before")
	h.promise(time.Now().After(m.running), "two runs at once inside a claim")
	end, ok := ctx.Deadline()
	h.promise(ok && time.Until(end) <= lease, "the run has no end")
	m.running = end
}

func (h *history) ends(token string, committed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.event(token, "run ends, committed %v", committed)
	m.running = time.Time{}
	if committed {
		m.granted++
	}
}

func (h *history) answered(token, account string, err error, completedBefore bool, ran bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.event(token, "answers %s: %v", account, err)
	h.promise(account == m.owner || err != nil && !ran, "a stranger was served")
	h.promise(err != nil || m.granted > 0, "success without a grant")
	h.promise(!completedBefore || !ran, "ran although the success was recorded before the request")
}

func (h *history) completed(token string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.purchases[token].completed
}

// recorder is the world's ledger with every change of it in the history, in the order of the changes.
type recorder struct {
	ledger
	h *history
}

func (r recorder) Swap(ctx context.Context, e redeem.Entry) (stands redeem.Entry, swapped bool, err error) {
	err = r.in.do("write", func() (err error) {
		if stands, swapped, err = r.in.ledger.Swap(ctx, e); swapped { // inside a bubble nothing comes between
			r.h.wrote(stands)
		}
		return err
	})
	return stands, swapped, err
}

func TestRandomHistoriesKeepThePromises(t *testing.T) {
	for seed := range uint64(*histories) {
		synctest.Test(t, func(t *testing.T) { randomHistory(t, seed) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// randomHistory lets three instances, which die and come back, serve eager clients and a stranger, while
// every step takes its time and one in eight breaks.
func randomHistory(t *testing.T, seed uint64) {
	w := newWorld()
	h := &history{purchases: map[string]*model{}}
	tokens := []string{"t1", "t2", "t3"}
	for _, token := range tokens {
		w.buy(token, "mina")
		h.purchases[token] = &model{owner: "mina"}
	}
	var mu sync.Mutex
	rnd := rand.New(rand.NewPCG(seed, 1))
	random := func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		return rnd.IntN(n)
	}
	calm := false
	start := func() *instance {
		in := w.start(t)
		in.spent = h.spent
		dead := false
		in.step = func(name string, happen func() error) error {
			time.Sleep(time.Duration(random(800)) * time.Millisecond)
			mu.Lock()
			gone, quiet := dead, calm
			mu.Unlock()
			fate := random(24)
			switch {
			case gone:
				return errFault
			case quiet || fate > 2:
				return happen()
			case fate == 0: // nothing happens
			case fate >= 1: // the answer is lost
				_ = happen()
			}
			if random(3) == 0 {
				mu.Lock()
				dead = true
				mu.Unlock()
			}
			return errFault
		}
		r, err := redeem.New(redeem.Config{Gate: in.gate, Ledger: recorder{ledger{in}, h}, Lease: lease})
		if err != nil {
			t.Fatal(err)
		}
		in.redeemer = r
		return in
	}
	serve := func(in *instance, token, account string) error {
		before, ran := h.completed(token), false
		_, err := in.redeemer.Redeem(context.Background(), gems, core.Credentials{Account: account, Token: token}, func(ctx context.Context, r redeem.Redemption) error {
			begun, committed := false, false
			err := in.do("begin", func() error { begun, ran = true, true; h.begins(ctx, token, r); return nil })
			if err == nil {
				err = in.do("commit", func() error { committed = true; return nil })
			}
			if begun {
				h.ends(token, committed)
			}
			return err
		})
		h.answered(token, account, err, before, ran)
		return err
	}

	var game [3]*instance
	for i := range game {
		game[i] = start()
	}
	var clients sync.WaitGroup
	for c := range 6 {
		clients.Go(func() {
			account := "mina"
			if c == 5 {
				account = "mallory"
			}
			for range 8 {
				i := random(len(game))
				mu.Lock()
				in := game[i]
				mu.Unlock()
				_ = serve(in, tokens[random(len(tokens))], account)
				if random(6) == 0 { // a deploy
					fresh := start()
					mu.Lock()
					game[i] = fresh
					mu.Unlock()
				}
				time.Sleep(time.Duration(random(9)) * time.Second)
			}
		})
	}
	clients.Wait()

	mu.Lock()
	calm = true
	mu.Unlock()
	time.Sleep(lease)
	last := start()
	for _, token := range tokens {
		if err := serve(last, token, "mina"); err != nil {
			h.promise(false, "not delivered in the end: "+err.Error())
		}
	}
	if len(h.broken) > 0 {
		for _, e := range h.events {
			t.Log(e)
		}
		t.Error(h.broken)
	}
}
