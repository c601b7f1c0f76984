package main

import (
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/onestore"
)

// What the game sells.
var (
	gold = onestore.InApp("gold").Consumable()
	skin = onestore.InApp("skin")
	pass = onestore.Recurring("pass")
	vip  = onestore.Subscription("vip")

	vipOrPass  = core.AnyOf(vip, pass)
	vipAndSkin = core.AllOf(vip, skin)
	vipOfB     = vip.On(second)

	skinOfPlay = googleplay.InApp("skin")
	anyOrPlay  = core.AnyOf(vip, pass, googleplay.InApp("vip_play"))
)

// The headers of a request.
const (
	tokenHeader   = "X-Purchase-Token"
	tokensHeader  = "X-Purchase-Tokens"
	accountHeader = "X-Account"
)

// gated is a route that only owners reach, or that treats owners better.
type gated struct {
	path        string
	requirement core.Requirement
	several     bool // the tokens come in X-Purchase-Tokens
	consumable  bool
	attach      bool
	panics      bool
}

// routes are the gated ones; those of the second client and of Google Play exist only with them.
func routes(o *options) []gated {
	anyVIP := vipOrPass
	if o.play.url != "" {
		anyVIP = anyOrPlay
	}
	rs := []gated{
		{path: "/inapp/gold", requirement: gold, consumable: true},
		{path: "/inapp/skin", requirement: skin},
		{path: "/auto/pass", requirement: pass},
		{path: "/sub/vip", requirement: vip},
		{path: "/any", requirement: anyVIP},
		{path: "/all", requirement: vipAndSkin, several: true},
		{path: "/open", requirement: vip, attach: true},
		{path: "/panic", requirement: vip, panics: true},
	}
	if o.b != (account{}) {
		rs = append(rs, gated{path: "/b/sub/vip", requirement: vipOfB})
	}
	if o.play.url != "" {
		rs = append(rs, gated{path: "/play/skin", requirement: skinOfPlay})
	}
	return rs
}

// game is what the handlers have in common, whatever framework calls them.
type game struct{ runs atomic.Int64 }

// field is a header of an answer.
type field struct{ name, value string }

// play is a handler behind a gate. Its answer is a body and headers.
func (g *game) play(r *gated, d core.Decision) (string, []field) {
	if r.attach && !d.Granted() {
		return "FREE", nil
	}
	g.runs.Add(1)
	if r.panics {
		panic("the handler of " + r.path + " panics")
	}
	header := []field{{"X-Source", string(d.Source)}, {"X-Reason", string(d.Reason)}}
	if !d.ExpiresAt.IsZero() {
		header = append(header, field{"X-Expires-At", d.ExpiresAt.UTC().Format(time.RFC3339Nano)})
	}
	return "PREMIUM", header
}

// oneAccount reads the player from the values of X-Account. Of two nobody knows which one was
// authenticated, so the request names none.
func oneAccount(values []string) string {
	if len(values) != 1 {
		return ""
	}
	return values[0]
}
