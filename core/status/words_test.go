package status_test

import (
	"context"
	"errors"
	unescape "html"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/status"
)

// words are what a person reads of the page.
func words(t *testing.T, page http.Handler, form url.Values) string {
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	text := regexp.MustCompile(`(?s)<style>.*</style>|<[^>]*>`).ReplaceAllString(html(t, send(page, method, "/", form)), " ")
	return regexp.MustCompile(`[ \n]+`).ReplaceAllString(unescape.UnescapeString(text), " ")
}

// paused is a store that asked to be left alone.
type paused struct {
	*gatetest.Store
	until time.Time
}

func (p *paused) ClientStats() core.ClientStats { return core.ClientStats{PausedUntil: p.until} }

// broken is an outbox that is full.
type broken struct{ core.Outbox }

func (broken) Record(context.Context, core.Debt, bool) (core.OutboxEntry, error) {
	return core.OutboxEntry{}, errors.New("the disk is full")
}

func TestThePageSaysFirstWhatIsOutOfTheOrdinary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &paused{Store: shop()}
		vip := core.Product{Store: "shop", Kind: core.KindSubscription, ID: "vip"}
		for _, token := range []string{"vip-1", "vip-2"} {
			p := &core.Purchase{Token: token, ID: token, State: core.StatePurchased, Payment: core.PaymentReceived, AutoRenewing: true, Acknowledgement: core.Unacknowledged,
				Quantity: 1, PurchasedAt: time.Now(), ExpiresAt: time.Now().Add(60 * 24 * time.Hour), StoreTime: time.Now().Add(-10 * time.Second)}
			if token == "vip-2" {
				p.LinkedToken = "vip-1"
			}
			store.Put(vip, p)
		}
		gate := open(t, core.Config{Outbox: broken{core.NewMemoryOutbox()}, Guard: core.Guard{TripAfter: 2, OpenFor: 30 * time.Second}, Timeout: time.Minute}, store)
		page := newPage(t, status.Config{Gate: gate, Minutes: 60, Requirements: []core.Requirement{vip, skin}})
		has(t, words(t, page, nil), "Fine Nothing is out of the ordinary.")

		for _, token := range []string{"vip-1", "vip-2"} {
			gate.Check(t.Context(), vip, by("alice", token))
			time.Sleep(time.Second)
		}
		has(t, words(t, page, url.Values{"requirement": {"0"}, "account": {"alice"}, "token": {"vip-1"}}), "Another purchase replaced it.", "Rule Denied: superseded.")
		has(t, words(t, page, url.Values{"requirement": {"0"}, "account": {"alice"}, "token": {"vip-2"}}), "Granted: active, until 2000-03-01 00:00:00.", "to be acknowledged by 2000-01-04 00:00:00")
		has(t, words(t, page, nil), "Act The outbox could not record 2 acknowledgements.", "The store’s clock is 10 s behind ours.")

		store.until = time.Now().Add(time.Minute)
		has(t, words(t, page, nil), "Look shop: the store wants to be left alone for 1m0s more", "paused until 00:01:02")
		has(t, words(t, page, url.Values{"requirement": {"1"}, "account": {"alice"}, "token": {"skin-1"}}), "Store shop Cannot be asked now: store_paused.", "to be asked again after 1 min")
		store.until = time.Time{}

		store.Answer(skin, "slow-1", func(context.Context, core.Product, string) (*core.Purchase, error) {
			time.Sleep(40 * time.Second)
			return nil, &core.StoreError{Fault: core.FaultNotFound}
		})
		for range 30 {
			gate.Check(t.Context(), skin, by("alice", "slow-1"))
			time.Sleep(10 * time.Second)
		}
		has(t, words(t, page, nil), "Half within more than 30 s", "95 % within more than 30 s")

		store.Down(&core.StoreError{Fault: core.FaultMisconfigured})
		for range 3 {
			gate.Check(t.Context(), skin, by("alice", "skin-1"))
		}
		has(t, words(t, page, nil), "degraded", "Look shop: its circuit breaker is open, since 2000-01-01 00:25:0", "the store refuses our configuration, which it took before", "Look 3 decisions, 8.6 %, could not be made.")
		if err := gate.SetMode(skin, core.HoldOpen(time.Now().Add(48*time.Hour))); err != nil {
			t.Fatal(err)
		}
		has(t, words(t, page, nil), "Look “shop/inapp/skin” is held open until 2000-01-03")
		has(t, words(t, page, url.Values{"requirement": {"1"}, "account": {"alice"}, "token": {"skin-1"}}), "Mode Held open: owners", "Cannot be asked now: breaker_open. Its breaker is open.")
		time.Sleep(31 * time.Second)
		has(t, words(t, page, nil), "Look shop: its circuit breaker is half-open")
		time.Sleep(3 * 24 * time.Hour)
		has(t, words(t, page, nil), "The last 3 d, up to")
	})
}

func TestThePageSaysWhatKeepsTheGateFromBeingReady(t *testing.T) {
	gate := open(t, core.Config{}, shop())
	page := newPage(t, status.Config{Gate: gate})
	has(t, words(t, page, nil), "skugate ready The last")
	done := gate.Await("the voids of the last month")
	r := report(t, page)
	if len(r.Findings) != 1 || r.Health != "not_ready" || r.Findings[0].What != core.FindingAwaited || r.Findings[0].State != "not_ready" {
		t.Errorf("got %s, %+v", r.Health, r.Findings)
	}
	has(t, words(t, page, nil), "skugate not ready The last", "Act the voids of the last month")
	done()
	if r := report(t, page); r.Health != "ready" || len(r.Findings) != 0 {
		t.Errorf("then %s, %+v", r.Health, r.Findings)
	}
}

func TestSmallSharesAreNotRoundedAway(t *testing.T) {
	gate := open(t, core.Config{}, shop())
	page := newPage(t, status.Config{Gate: gate})
	for range 2000 {
		gate.Check(t.Context(), skin, by("alice", "skin-1"))
	}
	gate.Check(t.Context(), skin, by("alice", ""))
	has(t, words(t, page, nil), "Granted >99.9 % 2\u202f000", "Denied <0.1 % 1", "Undetermined 0 % 0", "2\u202f001 in all")
}
