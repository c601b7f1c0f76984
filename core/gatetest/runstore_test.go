package gatetest_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
)

func open(t *testing.T) gatetest.Market {
	fake := &Fake{key: "key-of-the-game", purchases: map[string]map[string]any{}, products: map[string]core.Product{}}
	return gatetest.Market{
		Connect:   func(transport http.RoundTripper) core.Store { return New("raiders", "key-of-the-game", transport) },
		Transport: fake,
		Products:  []core.Product{InApp("gems_100"), Subscription("vip")},
		Buy:       fake.Buy,
		Unknown:   "ffffffffffffffffffffffff",
		Secrets:   []string{"key-of-the-game"},
	}
}

func TestGalaxy(t *testing.T) { gatetest.RunStore(t, open) }

// flawed is a client with one flaw; what it does not define is Galaxy's.
type flawed struct {
	*Client
	checkToken  func(token string) error
	lookup      func(ctx context.Context, p core.Product, token string) (*core.Purchase, error)
	acknowledge func(ctx context.Context, p core.Product, token string) error
}

func (f *flawed) CheckToken(token string) error {
	if f.checkToken != nil {
		return f.checkToken(token)
	}
	return f.Client.CheckToken(token)
}

func (f *flawed) Lookup(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
	if f.lookup != nil {
		return f.lookup(ctx, p, token)
	}
	return f.Client.Lookup(ctx, p, token)
}

func (f *flawed) Acknowledge(ctx context.Context, p core.Product, token string) error {
	if f.acknowledge != nil {
		return f.acknowledge(ctx, p, token)
	}
	return f.Client.Acknowledge(ctx, p, token)
}

// idle can do what Galaxy cannot, and does nothing.
type idle struct{ *Client }

func (idle) Voided(context.Context, time.Time, time.Time) iter.Seq2[core.Void, error] {
	return func(func(core.Void, error) bool) {}
}
func (idle) Consume(context.Context, core.Product, string) error { return nil }
func (idle) ClientStats() core.ClientStats                       { return core.ClientStats{} }

// changed is a look-up whose result is changed.
func changed(c *Client, change func(p core.Product, token string, found *core.Purchase, err error) (*core.Purchase, error)) *flawed {
	return &flawed{Client: c, lookup: func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
		found, err := c.Lookup(ctx, p, token)
		return change(p, token, found, err)
	}}
}

// flaws are what people get wrong in a store client, and the test of the suite that says so.
var flaws = map[string]struct {
	caught string
	make   func(c *Client) core.Store
}{
	"a missing state is taken for paid": {"what_is_no_answer", func(c *Client) core.Store {
		return changed(c, func(_ core.Product, _ string, found *core.Purchase, err error) (*core.Purchase, error) {
			if found != nil && found.State == core.StateMissing {
				found.State, found.Consumption, found.Payment = core.StatePurchased, core.Unconsumed, core.PaymentReceived
				found.PurchasedAt, found.ExpiresAt = time.Now(), time.Now().Add(time.Hour)
			}
			return found, err
		})
	}},
	"whatever fails is a purchase that does not exist": {"what_is_no_answer", func(c *Client) core.Store {
		return changed(c, func(_ core.Product, _ string, found *core.Purchase, err error) (*core.Purchase, error) {
			if err != nil {
				err = &core.StoreError{Fault: core.FaultNotFound}
			}
			return found, err
		})
	}},
	"a purchase that does not exist is an outage": {"a_token_that_names_no_purchase", func(c *Client) core.Store {
		return changed(c, func(_ core.Product, _ string, found *core.Purchase, err error) (*core.Purchase, error) {
			if err != nil {
				err = errors.New("galaxy: failed")
			}
			return found, err
		})
	}},
	"neither a purchase nor an error": {"a_token_that_names_no_purchase", func(c *Client) core.Store {
		return changed(c, func(_ core.Product, _ string, found *core.Purchase, _ error) (*core.Purchase, error) {
			return found, nil
		})
	}},
	"the purchase has no token": {"a_purchase_is_read", func(c *Client) core.Store {
		return changed(c, func(_ core.Product, _ string, found *core.Purchase, err error) (*core.Purchase, error) {
			if found != nil {
				found.Token = ""
			}
			return found, err
		})
	}},
	"the label is dropped": {"a_purchase_is_read", func(c *Client) core.Store {
		return changed(c, func(_ core.Product, _ string, found *core.Purchase, err error) (*core.Purchase, error) {
			if found != nil {
				found.Label = ""
			}
			return found, err
		})
	}},
	"the error quotes the token": {"what_is_no_answer", func(c *Client) core.Store {
		return changed(c, func(_ core.Product, token string, found *core.Purchase, err error) (*core.Purchase, error) {
			if err != nil {
				err = fmt.Errorf("looking up %s: %w", token, err)
			}
			return found, err
		})
	}},
	"the check quotes the token": {"it_knows_a_token", func(c *Client) core.Store {
		return &flawed{Client: c, checkToken: func(token string) error {
			if err := c.CheckToken(token); err != nil {
				return fmt.Errorf("%q is none", token)
			}
			return nil
		}}
	}},
	"every token is taken": {"it_knows_a_token", func(c *Client) core.Store {
		return &flawed{Client: c, checkToken: func(string) error { return nil }}
	}},
	"the context is not handed on": {"it_heeds_the_deadline", func(c *Client) core.Store {
		return &flawed{Client: c, lookup: func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
			return c.Lookup(context.WithoutCancel(ctx), p, token)
		}}
	}},
	"redirects are followed": {"a_redirect_is_not_followed", func(c *Client) core.Store {
		c.http.CheckRedirect = nil
		return c
	}},
	"Retry-After is ignored": {"it_tells_when_to_ask_again", func(c *Client) core.Store {
		return changed(c, func(_ core.Product, _ string, found *core.Purchase, err error) (*core.Purchase, error) {
			var se *core.StoreError
			if errors.As(err, &se) {
				se.RetryAfter = 0
			}
			return found, err
		})
	}},
	"a token is good for any product": {"a_token_of_one_product", func(c *Client) core.Store {
		return &flawed{Client: c, lookup: func(ctx context.Context, _ core.Product, token string) (*core.Purchase, error) {
			found, err := c.Lookup(ctx, InApp("gems_100"), token)
			if err != nil {
				return c.Lookup(ctx, Subscription("vip"), token)
			}
			return found, nil
		}}
	}},
	"a token is checked by a call": {"it_knows_a_token", func(c *Client) core.Store {
		return &flawed{Client: c, checkToken: func(token string) error {
			_, _ = c.Lookup(context.Background(), InApp("gems_100"), token)
			return c.CheckToken(token)
		}}
	}},
	"a list that lists nothing":  {"its_list_of_voids", func(c *Client) core.Store { return idle{c} }},
	"a consumption goes nowhere": {"a_purchase_is_consumed", func(c *Client) core.Store { return idle{c} }},
	"nothing is counted":         {"it_counts", func(c *Client) core.Store { return idle{c} }},
	"an acknowledgement goes nowhere": {"an_acknowledgement_stands", func(c *Client) core.Store {
		return &flawed{Client: c, acknowledge: func(context.Context, core.Product, string) error { return nil }}
	}},
}

// flawEnv names the flaw that TestFlawed is to have; without it there is nothing to test.
const flawEnv = "SKUGATE_FLAW"

func TestFlawed(t *testing.T) {
	flaw, ok := flaws[os.Getenv(flawEnv)]
	if !ok {
		return
	}
	gatetest.RunStore(t, func(t *testing.T) gatetest.Market {
		m := open(t)
		connect := m.Connect
		m.Refund = func(string) {}
		m.Connect = func(transport http.RoundTripper) core.Store { return flaw.make(connect(transport).(*Client)) }
		return m
	})
}

// A suite that lets a flawed client pass is none. Its tests run in a process of their own, because they fail.
func TestTheSuiteOfStoresFindsFlaws(t *testing.T) {
	for name, flaw := range flaws {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestFlawed$/^"+flaw.caught, "-test.v")
			cmd.Env = append(os.Environ(), flawEnv+"="+name)
			out, err := cmd.CombinedOutput()
			var failed *exec.ExitError
			if !errors.As(err, &failed) || !strings.Contains(string(out), "--- FAIL: TestFlawed/"+flaw.caught) {
				t.Errorf("%v\n%s\nwant %s to fail", err, out, flaw.caught)
			}
		})
	}
}
