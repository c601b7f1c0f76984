package gatetest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/skugate/skugate/core"
)

func reads(c *counter) {
	for _, p := range c.Products {
		for _, label := range []string{buyer, ""} {
			token := c.Buy(p, label)
			purchase, err := c.lookup(p, token)
			if err != nil {
				c.Errorf("%s: %v", p, err)
				continue
			}
			if purchase.Token != token {
				c.Errorf("%s: the purchase has another token than its own", p)
			}
			if slices.Contains(c.Unlabelled, p.Kind) {
				label = ""
			}
			if purchase.Label != label || purchase.Quantity < 1 {
				c.Errorf("%s: the label is %q, want %q, and the quantity %d", p, purchase.Label, label, purchase.Quantity)
			}
			if ago := time.Since(purchase.PurchasedAt); ago < -time.Hour || ago > 24*time.Hour {
				c.Errorf("%s: a purchase of just now was made at %v", p, purchase.PurchasedAt)
			}
			if renews := p.Kind != core.KindInApp; renews != purchase.ExpiresAt.After(time.Now()) || !renews && !purchase.ExpiresAt.IsZero() {
				c.Errorf("%s ends at %v", p, purchase.ExpiresAt)
			}
			if skew := time.Since(purchase.StoreTime).Abs(); !purchase.StoreTime.IsZero() && skew > time.Hour {
				c.Errorf("%s: the market's clock is said to be %v away from ours, which it goes by", p, skew)
			}
			if _, told := c.store.(core.Acknowledger); purchase.Acknowledgement == core.Acknowledged || told && purchase.Acknowledgement != core.Unacknowledged {
				c.Errorf("%s: nobody acknowledged the purchase, and it says %d", p, purchase.Acknowledgement)
			}
		}
		token, gate := c.Buy(p, buyer), c.gate()
		if d := c.check(gate, p, token); d.Outcome != core.Granted {
			c.Errorf("%s is %v to its buyer: %v, %v", p, d.Outcome, d.Reason, d.Err)
		}
		if d := gate.Check(c.Context(), p, core.Credentials{Account: stranger, Token: token}); d.Outcome != core.Denied {
			c.Errorf("%s is %v to a stranger with its token: %v", p, d.Outcome, d.Reason)
		}
	}
}

func unknownToken(c *counter) {
	for _, p := range c.Products {
		_, err := c.lookup(p, c.Unknown)
		c.wantNo(err, "looking up an unknown token of %s", p)
	}
}

func otherProduct(c *counter) {
	for _, p := range c.Products {
		token := c.Buy(p, buyer)
		others := []core.Product{{Store: p.Store, Kind: p.Kind, ID: p.ID + "2"}}
		for _, q := range c.Products {
			if q != p {
				others = append(others, q)
			}
		}
		for _, q := range others {
			if purchase, err := c.lookup(q, token); purchase != nil {
				c.Errorf("a token of %s is a purchase of %s", p, q)
			} else {
				c.wantNo(err, "looking up a token of %s as one of %s", p, q)
			}
		}
	}
}

// A gate gives every call a deadline, and its callers leave before it.
func deadlines(c *counter) {
	p := c.Products[0]
	c.tap.watch(c.Unknown, func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-time.After(time.Hour):
			return nil, errors.New("nobody waits for so long")
		}
	})
	for what, under := range map[string]func() (context.Context, context.CancelFunc){
		"with a deadline in a second": func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(c.Context(), time.Second)
		},
		"cancelled after a second": func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(c.Context())
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		},
	} {
		ctx, cancel := under()
		began := time.Now()
		purchase, err := c.store.Lookup(ctx, p, c.Unknown)
		if took := time.Since(began); took > 1100*time.Millisecond {
			c.Errorf("under a context %s a look-up that hangs took %v", what, took)
		}
		cancel()
		c.wantUnknown(purchase, err, "under a context "+what)
		c.tellsNothing(err, c.Unknown)
	}
}

// wantUnknown fails unless err leaves open whether there is a purchase.
func (c *counter) wantUnknown(purchase *core.Purchase, err error, what string) {
	c.Helper()
	var se *core.StoreError
	if purchase != nil || err == nil || errors.As(err, &se) && (se.Fault == core.FaultNotFound || se.Fault == core.FaultTokenRefused) {
		c.Errorf("%s: %v, %v; want an error that leaves it open", what, purchase, err)
	}
}

func retryAfter(c *counter) {
	p := c.Products[0]
	token := c.Buy(p, buyer)
	c.tap.watch(token, answerWith(http.StatusServiceUnavailable, http.Header{"Retry-After": {"7"}}, canary))
	_, err := c.lookup(p, token)
	var se *core.StoreError
	if !errors.As(err, &se) || se.Fault != core.FaultUnavailable || se.RetryAfter <= 0 || se.RetryAfter > 7*time.Second {
		c.Errorf("the market is away for 7 s: %v; want FaultUnavailable and a RetryAfter of up to 7 s", err)
	}
}

func parallel(c *counter) {
	var all sync.WaitGroup
	for range 8 {
		for _, p := range c.Products {
			token := c.Buy(p, buyer)
			for range 4 {
				all.Go(func() {
					ctx, cancel := context.WithTimeout(c.Context(), 3*time.Second)
					defer cancel()
					if purchase, err := c.store.Lookup(ctx, p, token); err != nil || purchase.Token != token {
						c.Errorf("%s, asked about with others: %v", p, err)
					}
					if purchase, err := c.store.Lookup(ctx, p, c.Unknown); err == nil || purchase != nil {
						c.Errorf("an unknown token, asked about with others, is a purchase")
					}
				})
			}
		}
	}
	all.Wait()
}
