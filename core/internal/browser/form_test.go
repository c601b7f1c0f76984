package browser_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/status"
)

const token = "skin-6f1f5c0a9b8e"

// serving serves the page of a gate whose store has sold one thing, below a path of the game's.
func serving(t *testing.T) (url string, shop *gatetest.Store) {
	t.Helper()
	skin := core.Product{Store: "shop", Kind: core.KindInApp, ID: "skin"}
	shop = gatetest.NewStore("shop")
	shop.Put(skin, &core.Purchase{Token: token, ID: "order", State: core.StatePurchased, Consumption: core.Unconsumed,
		Acknowledgement: core.Acknowledged, Quantity: 1, PurchasedAt: time.Now().Add(-time.Hour), Label: "alice"})
	gate, err := core.New(core.Config{Stores: []core.Store{shop}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gate.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	hat := core.Product{Store: "shop", Kind: core.KindInApp, ID: "hat"}
	opened, err := status.New(status.Config{Gate: gate, Requirements: []core.Requirement{hat, core.Entitlement("look", skin)}})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/ops/gate", opened)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL, shop
}

// TestAPersonAsksWhy fills the form in with mouse and keyboard.
func TestAPersonAsksWhy(t *testing.T) {
	url, shop := serving(t)
	ctx := chromium(t)
	heard := watch(t, ctx)
	see(t, ctx, chromedp.Steps(look{"", 360, "light"}.as(), chromedp.Navigate(url+"/ops/gate")))
	ask := func(account string, store bool) string {
		t.Helper()
		steps := []chromedp.Action[chromedp.Void]{
			chromedp.SetValue(chromedp.ID("requirement"), "1"),
			chromedp.SendKeys(chromedp.ID("account"), account), chromedp.SendKeys(chromedp.ID("token"), token),
		}
		if store {
			steps = append(steps, chromedp.Click(chromedp.ID("ask")))
		}
		see(t, ctx, chromedp.Steps(steps...))
		answer, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("form button")))
		if err != nil {
			t.Fatal(err)
		}
		if answer.Status != http.StatusOK {
			t.Fatalf("the form is answered %d", answer.Status)
		}
		return see(t, ctx, chromedp.Text(chromedp.ID("answer")))
	}
	for _, c := range []struct {
		name, account string
		store         bool
		want          string
	}{
		{"nothing is known yet", "alice", false, "not_asked"},
		{"the store is asked", "alice", true, "granted owned, from store"},
		{"a stranger asks", "mallory", true, "denied account_mismatch, from store"},
	} {
		if text := ask(c.account, c.store); !strings.Contains(text, c.want) {
			t.Errorf("%s: the page says\n%s", c.name, text)
		}
		if at := see(t, ctx, chromedp.Location()); at != url+"/ops/gate?" {
			t.Errorf("%s: the page is at %s", c.name, at)
		}
		if text := see(t, ctx, chromedp.OuterHTML(chromedp.CSS("html"))); strings.Contains(text, token) {
			t.Errorf("%s: the page holds the token", c.name)
		}
	}
	see(t, ctx, chromedp.Click(chromedp.CSS("nav a")))
	see(t, ctx, chromedp.WaitNotPresent(chromedp.ID("answer")))
	if n := shop.Calls(); n != 2 {
		t.Errorf("the store was asked %d times, want twice", n)
	}
	heard.silent(t, url)
}

// TestThePageReloadsItself waits for the loads that "?refresh" makes the browser do.
func TestThePageReloadsItself(t *testing.T) {
	url, _ := serving(t)
	ctx := chromium(t)
	heard := watch(t, ctx)
	loads := 0
	see(t, ctx, chromedp.WaitEvent(page.LoadEventFired, func(page.EventLoadEventFired) bool {
		loads++
		return loads == 3
	}, chromedp.Navigate(url+"/ops/gate?refresh=1")))
	heard.silent(t, url+"/ops/gate?refresh=1")
}
