package histories_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// check is a check, and what came of it.
type check struct {
	gate       int
	account    string
	tokens     []core.Token
	asked      core.Requirement
	faulty     core.Reason // why the request cannot be judged
	impatient  bool
	start, end moment
	from, to   time.Time // start and end by the store's clock
	got        core.Decision
}

func (w *world) check(s step, b *bought) {
	c := check{gate: s.gate % len(w.gates), account: b.account, tokens: []core.Token{{Value: b.token}}, asked: b.product}
	if s.account >= 7 {
		c.account = accounts[s.n%len(accounts)]
	}
	if s.n%4 == 0 {
		c.asked = perks
	}
	credentials := core.Credentials{Account: c.account, Token: b.token}
	limit := time.Duration(0)
	switch s.verb {
	case checkParallel:
		var together sync.WaitGroup
		for i := range 3 + s.n%6 {
			c := c
			if i%3 == 2 {
				c.account = accounts[i%len(accounts)]
			}
			if i%4 == 3 {
				c.gate = (c.gate + 1) % len(w.gates)
			}
			if s.n%3 == 0 && i%2 == 1 {
				other := w.bought[(s.purchase+1)%len(w.bought)]
				c.tokens, c.asked = []core.Token{{Value: other.token}}, other.product
			}
			after := time.Duration(i/2*(s.n%2)) * 100 * time.Millisecond
			together.Go(func() {
				time.Sleep(after)
				w.decide(c, core.Credentials{Account: c.account, Token: c.tokens[0].Value}, 0)
			})
		}
		together.Wait()
		return
	case checkCrowd:
		w.trouble(true)
		w.store.Fail(onestoretest.Fault{Effect: onestoretest.Hang()})
		var crowd sync.WaitGroup
		for i := range 8 {
			c := c
			c.tokens = []core.Token{{Value: guess(s.n, i%4)}}
			crowd.Go(func() {
				time.Sleep(time.Duration(i/4) * 300 * time.Millisecond)
				w.decide(c, core.Credentials{Account: c.account, Token: c.tokens[0].Value}, 0)
			})
		}
		crowd.Wait()
		return
	case checkBehind:
		w.wg.Go(func() { w.decide(c, credentials, 0) })
		return
	case checkImpatient:
		c.impatient, limit = true, min(s.d, 300*time.Millisecond)
	case checkKnown:
		c.tokens[0].Known = true
		credentials = core.Credentials{Account: c.account, Tokens: c.tokens}
	case checkWrong:
		c.asked = catalogue[s.n%len(catalogue)]
	case checkBundle:
		c.tokens = append(c.tokens, core.Token{Value: w.bought[(s.purchase+1)%len(w.bought)].token})
		credentials = core.Credentials{Account: c.account, Tokens: c.tokens}
		if s.n%2 == 0 {
			c.asked = bundle
		}
	case checkNonsense:
		switch s.n % 3 {
		case 0:
			c.faulty, credentials.Token = core.ReasonTokenMissing, ""
		case 1:
			c.faulty, credentials.Token = core.ReasonInvalidToken, "../"+b.token
		case 2:
			if c.faulty, credentials.Account = core.ReasonAccountMissing, ""; w.setup.binding == core.InsecureBindingOff {
				c.faulty, c.account = "", ""
			}
		}
	case checkGuess:
		for i := range 4 {
			c := c
			c.tokens = []core.Token{{Value: guess(s.n, i)}}
			w.decide(c, core.Credentials{Account: c.account, Token: c.tokens[0].Value}, 0)
		}
		return
	}
	w.decide(c, credentials, limit)
}

// guess is a token that nobody bought.
func guess(n, i int) string { return fmt.Sprintf("SANDBOX3%012d", 9_000_000+n*100+i) }

// decide makes the check and writes it down.
func (w *world) decide(c check, credentials core.Credentials, limit time.Duration) {
	ctx := context.Background()
	if limit > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, limit)
		defer stop()
	}
	c.start, c.from = w.now(), w.store.Now()
	c.got = w.gates[c.gate].Check(ctx, c.asked, credentials)
	c.end, c.to = w.now(), w.store.Now()
	w.mu.Lock()
	w.checks = append(w.checks, &c)
	w.mu.Unlock()
	w.tell("%s", &c)
}

func (c *check) String() string {
	var tokens string
	for _, t := range c.tokens {
		tokens += " " + t.Value
		if t.Known {
			tokens += " (looked up)"
		}
	}
	return fmt.Sprintf("gate %d: %s asks for %s with%s since %s: %s, %s from %s", c.gate, c.account, c.asked, tokens,
		c.start.at.Format("15:04:05.000"), c.got.Outcome, c.got.Reason, c.got.Source)
}
