package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// playThrough goes through the scenes. Each says what it expects, so that the quickstart fails when the gate
// does something else.
func playThrough(ctx context.Context, frameworks []framework, store *onestoretest.Store, play *googleplaytest.Store) error {
	vip := onestoretest.Subscription(vipProduct)
	// The label is the game's account: the game sets it as developerPayload when it starts a purchase.
	buy := func(player string) string {
		return store.Buy(vip, onestoretest.Label(player), onestoretest.Acknowledged())
	}
	mina := buy("mina")
	expired, refunded, paused := buy("joon"), store.Buy(onestoretest.InApp("vip_forever"), onestoretest.Label("sora")), buy("hana")
	store.Expire(expired)
	store.Refund(refunded)
	store.Pause(paused, 7*24*time.Hour)
	late := buy("late")
	yuki := play.Buy(googleplaytest.Subscription(vipProduct), googleplaytest.Label("yuki"), googleplaytest.Acknowledged())

	p := &player{ctx: ctx, url: frameworks[0].url}
	p.scene("Mina owns vip. The store is asked, and the handler sees what she owns.")
	p.get("mina", mina).want(200, `"source":"store"`)
	p.scene("Her next request is answered from memory.")
	p.get("mina", mina).want(200, `"source":"memory"`)
	p.scene("A stranger sends the same token. Possession is not ownership.")
	p.get("mallory", mina).want(403, `"not_owned"`)
	p.scene("Without a token, with nonsense, and with a token that no store issued.")
	p.get("mina", "").want(400, `"purchase_token_missing"`)
	p.get("mina", "two,tokens").want(400, `"purchase_token_malformed"`)
	p.get("mallory", "260101000000SGP00000").want(403, `"not_owned"`)
	p.scene("Joon's subscription expired, Sora's purchase was refunded, Hana's subscription is paused.")
	p.get("joon", expired).want(403, `"expired"`)
	p.get("sora", refunded).want(403, `"purchase_canceled"`)
	p.get("hana", paused).want(403, `"paused"`)
	p.scene("Yuki bought vip at Google Play: the same route, the same header.")
	p.get("yuki", yuki).want(200, `"bought at":"googleplay"`)
	p.get("mallory", yuki).want(403, `"not_owned"`)

	p.scene("The same refusal from gin, fiber and net/http: the same bytes.")
	same := ""
	for _, f := range frameworks {
		p.url = f.url
		r := p.get("joon", expired)
		same = cmp.Or(same, r.body)
		r.want(403, same)
	}
	p.url = frameworks[0].url

	store.Down(true)
	p.wait("ONE store goes down for maintenance, and what memory knows is no longer fresh.", 700*time.Millisecond)
	p.scene("Mina plays on: her purchase was verified, and its outage grace is hours.")
	p.get("mina", mina).want(200, `"source":"outage"`)
	p.scene("Nobody knows yet whether Late owns vip. That is not a no: ask again.")
	p.get("late", late).want(503, `"store_unavailable"`)

	store.Down(false)
	p.wait("ONE store returns.", 1200*time.Millisecond)
	p.get("late", late).want(200, `"source":"store"`)
	p.get("mina", mina).want(200, `"source":"store"`)

	fmt.Printf("\nThe game asked %d times for a purchase, ONE store was asked %d times, Google Play %d times: a token that\n"+
		"does not say its store (nethttpmw.TokensHeader) is asked at each that could have issued it, once.\n",
		p.asked, lookups(store), play.Count(googleplaytest.OpSubscriptionGet))
	return errors.Join(p.faults...)
}

func lookups(store *onestoretest.Store) int {
	return store.Count(onestoretest.OpPurchaseDetails) + store.Count(onestoretest.OpSubscriptionDetail)
}

// player sends requests as a game client would.
type player struct {
	ctx    context.Context
	url    string
	asked  int
	faults []error
}

func (p *player) scene(text string) { fmt.Printf("\n— %s\n", text) }

func (p *player) wait(text string, d time.Duration) {
	p.scene(text)
	time.Sleep(d)
}

func (p *player) get(name, token string) *result {
	p.asked++
	r := &result{player: p}
	request, err := http.NewRequestWithContext(p.ctx, http.MethodGet, p.url+"/raids/7", nil)
	if err != nil {
		return r.failed(err)
	}
	request.Header.Set("X-Player", name)
	if token != "" {
		request.Header.Set("X-Purchase-Token", token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return r.failed(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return r.failed(err)
	}
	r.status, r.body = response.StatusCode, strings.TrimSpace(string(body))
	short := token
	if len(short) > 20 { // Google's have 150 characters
		short = short[:20] + "…"
	}
	fmt.Printf("  GET /raids/7  as %-8s token %-21s → %s", name, cmp.Or(short, "-"), response.Status)
	if after := response.Header.Get("Retry-After"); after != "" {
		fmt.Printf(", Retry-After: %s", after)
	}
	fmt.Printf("\n      %s\n", r.body)
	return r
}

type result struct {
	player *player
	status int
	body   string
}

func (r *result) failed(err error) *result {
	r.player.faults = append(r.player.faults, err)
	return r
}

func (r *result) want(status int, part string) {
	if r.status != status || !strings.Contains(r.body, part) {
		fmt.Printf("      UNEXPECTED: want %d with %s\n", status, part)
		r.player.faults = append(r.player.faults, fmt.Errorf("got %d %s, want %d with %s", r.status, r.body, status, part))
	}
}
