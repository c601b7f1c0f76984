package googleplay_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/nethttpmw"
)

// bothStores is a gate in front of both fakes, and a route that a subscription of either opens.
type bothStores struct {
	t     *testing.T
	play  *googleplaytest.Store
	korea *onestoretest.Store
	gate  *core.Gate
	vip   core.Requirement
	route http.Handler
}

func openBoth(t *testing.T, change func(*core.Config)) *bothStores {
	t.Helper()
	b := &bothStores{
		t: t, play: googleplaytest.New(googleplaytest.Config{}), korea: onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial}),
		vip: core.Entitlement("vip", googleplay.Subscription("vip_monthly"), onestore.Subscription("vip_monthly")),
	}
	one, err := onestore.New(onestore.Config{
		ClientID: b.korea.ClientID(), ClientSecret: b.korea.ClientSecret(), Market: onestore.MarketGlobal, Environment: onestore.Commercial,
		HTTPClient: &http.Client{Transport: b.korea.RoundTripper()},
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := core.Config{Stores: []core.Store{clientOf(t, b.play), one}}
	if change != nil {
		change(&cfg)
	}
	if b.gate, err = core.New(cfg); err != nil {
		t.Fatal(err)
	}
	if err := b.gate.Validate(b.vip); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = b.gate.Close(context.Background())
		_ = one.Close()
		b.play.Check(t)
		b.korea.Check(t)
	})
	who := nethttpmw.TokensHeader("X-Purchase-Tokens", func(r *http.Request) string { return r.Header.Get("X-Player") })
	b.route = nethttpmw.Require(b.gate, b.vip, who)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, _ := core.FromContext(r.Context())
		_, _ = fmt.Fprint(w, d.Product.Store)
	}))
	return b
}

func (b *bothStores) buyAtPlay(o ...googleplaytest.Option) string {
	return b.play.Buy(googleplaytest.Subscription("vip_monthly"), append(o, googleplaytest.Acknowledged())...)
}

func (b *bothStores) buyAtKorea(o ...onestoretest.Option) string {
	return b.korea.Buy(onestoretest.Subscription("vip_monthly"), append(o, onestoretest.Acknowledged())...)
}

// request sends the header as account.
func (b *bothStores) request(account, header string) (status int, body string) {
	r := httptest.NewRequest("GET", "/raids/7", nil)
	r.Header.Set("X-Player", account)
	r.Header.Set("X-Purchase-Tokens", header)
	w := httptest.NewRecorder()
	b.route.ServeHTTP(w, r)
	text, _ := io.ReadAll(w.Body)
	return w.Code, string(text)
}

func (b *bothStores) want(what, account, header string, status int, part string) {
	b.t.Helper()
	if got, body := b.request(account, header); got != status || !strings.Contains(body, part) {
		b.t.Errorf("%s: %d %s, want %d with %s", what, got, body, status, part)
	}
}

func (b *bothStores) asked() (play, korea int) {
	return b.play.Count(googleplaytest.OpSubscriptionGet), b.korea.Count(onestoretest.OpSubscriptionDetail)
}

// quiet returns when no look-up is under way: one that came too late to matter goes on by itself.
func (b *bothStores) quiet() {
	for slices.ContainsFunc(b.gate.Stats().Stores, func(s core.StoreStats) bool { return s.InFlight > 0 }) {
		runtime.Gosched()
	}
}

func (b *bothStores) wantAsked(what string, play, korea int) {
	b.t.Helper()
	if p, k := b.asked(); p != play || k != korea {
		b.t.Errorf("%s: Google Play was asked %d times and ONE store %d, want %d and %d", what, p, k, play, korea)
	}
}

const noToken = "260101000000SGP00000" // ONE store never issued it

func TestOneHeaderCarriesTokensOfBothStores(t *testing.T) {
	b := openBoth(t, nil)
	google, one := b.buyAtPlay(), b.buyAtKorea()
	b.want("Google's, with its hints", "alice", google+";store=googleplay;product=vip_monthly", 200, "googleplay")
	b.wantAsked("a hint", 1, 0)
	b.want("ONE store's, with its hints", "alice", one+";store=onestore;product=vip_monthly", 200, "onestore")
	b.wantAsked("a hint", 1, 1)
	b.want("both", "alice", one+", "+google, 200, "googleplay") // the order of the entitlement
	b.wantAsked("memory", 1, 1)

	google, one = b.buyAtPlay(), b.buyAtKorea()
	b.want("Google's, without a hint", "alice", google, 200, "googleplay")
	b.wantAsked("no token of ONE store's is that long", 2, 1)
	b.want("ONE store's, without a hint", "alice", one, 200, "onestore")
	b.quiet()
	p, k := b.asked()
	if p > 3 || k != 2 { // Google may not have been asked any more
		t.Errorf("Google Play was asked %d times and ONE store %d", p, k)
	}
	b.want("again", "alice", one, 200, "onestore")
	b.wantAsked("memory", p, k)

	one = b.buyAtKorea()
	b.want("one of eight", "alice", strings.Repeat(noToken+",", 7)+one, 200, "onestore")
}

func TestWhatNoTokenHeaderMayHold(t *testing.T) {
	b := openBoth(t, nil)
	google := b.buyAtPlay()
	for what, header := range map[string]string{
		"a store that the gate does not have":  google + ";store=appstore",
		"a store's name in another case":       google + ";store=GooglePlay",
		"Google's token, said to be ONE's":     google + ";store=onestore",
		"nine tokens":                          strings.Repeat(noToken+",", 8) + noToken,
		"a parameter that nobody knows":        google + ";shop=googleplay",
		"a hint without a token":               ";store=googleplay",
		"a token longer than any store has":    strings.Repeat("x", 1025),
		"a good one and one of no store's":     google + "," + noToken + ";store=appstore",
		"a token that no store could have had": "..",
	} {
		b.want(what, "alice", header, 400, `"purchase_token_malformed"`)
	}
	b.wantAsked("all of that", 0, 0)
	b.want("nothing", "alice", "", 400, `"purchase_token_missing"`)
	b.want("a product that the route does not have", "alice", google+";product=castle", 403, `"not_owned"`)
	b.wantAsked("that", 0, 0)
}

func TestANoOfOneStoreIsNoneWhileTheOtherIsDown(t *testing.T) {
	b := openBoth(t, nil)
	google, one := b.buyAtPlay(), b.buyAtKorea()
	b.play.Down(true)
	b.want("ONE store's yes needs nobody else", "alice", one+","+google, 200, "onestore")
	b.want("ONE store knows no such purchase", "alice", noToken+";store=onestore", 403, `"not_owned"`)
	b.want("its no, and Google's token", "alice", noToken+";store=onestore,"+google, 503, `"store_unavailable"`)
	b.want("its no, and a token that may be Google's", "alice", "260101000000SGP00001", 503, `"store_unavailable"`)
	expired := b.buyAtKorea()
	b.korea.Expire(expired)
	b.want("it issued the token", "alice", expired+";store=onestore", 403, `"expired"`)
	b.want("which then is not Google's", "alice", expired, 403, `"expired"`)
}

func TestOnePolicyBindsPurchasesOfBothStores(t *testing.T) {
	labels, err := core.HMACLabels([]byte("0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	b := openBoth(t, func(c *core.Config) { c.Labels = labels })
	label := b.gate.Label(strings.Repeat("alice@example.com ", 20)) // both fakes refuse one that does not fit
	if len(label) > 64 || strings.ContainsFunc(label, func(r rune) bool { return r <= ' ' || r > '~' }) {
		t.Errorf("the label is %q", label)
	}
	for store, token := range map[string]string{
		"googleplay": b.buyAtPlay(googleplaytest.Label(label)), "onestore": b.buyAtKorea(onestoretest.Label(label)),
	} {
		b.want(store+": the account that bought", strings.Repeat("alice@example.com ", 20), token, 200, store)
		b.want(store+": another", "mallory", token, 403, `"not_owned"`)
	}
	for store, token := range map[string]string{
		"googleplay": b.buyAtPlay(googleplaytest.Label("order 17")), "onestore": b.buyAtKorea(onestoretest.Label("order 17")),
	} {
		b.want(store+": no label of ours, so the first account's", "bob", token, 200, store)
		b.want(store+": and nobody else's", "mallory", token, 403, `"not_owned"`)
	}
	b = openBoth(t, func(c *core.Config) { c.Labels, c.Binding = labels, core.BindingRequire })
	for store, token := range map[string]string{"googleplay": b.buyAtPlay(), "onestore": b.buyAtKorea()} {
		b.want(store+": unlabelled, where the server has to say whose it is", "bob", token, 403, `"not_owned"`)
	}
	token := b.buyAtPlay()
	if err := b.gate.Bind(t.Context(), "bob", googleplay.Subscription("vip_monthly"), token); err != nil {
		t.Fatal(err)
	}
	b.want("which it did", "bob", token, 200, "googleplay")
}

func TestAPlanThatReplacesAnotherInheritsItsOwner(t *testing.T) {
	for name, first := range map[string][]googleplaytest.Option{"unlabelled": nil, "labelled": {googleplaytest.Label("alice")}} {
		b := openBoth(t, func(c *core.Config) { c.Lifetimes = core.Lifetimes{Fresh: time.Hour} })
		old := b.buyAtPlay(first...)
		b.want(name+": the old plan", "alice", old, 200, "googleplay")
		next := b.play.ChangePlan(old, googleplaytest.Subscription("vip_monthly"), googleplaytest.Acknowledged())
		b.want(name+": memory knows no better", "alice", old, 200, "googleplay")
		b.want(name+": a stranger has the new token first", "mallory", next, 403, `"not_owned"`)
		b.want(name+": the owner", "alice", next, 200, "googleplay")
		b.want(name+": the old token is retired", "alice", old, 403, `"superseded"`)
		b.want(name+": a stranger, still", "mallory", next, 403, `"not_owned"`)
		if err := b.gate.Unbind(t.Context(), "googleplay", old); err != nil {
			t.Fatal(err)
		}
		b.want(name+": the inheritance is recorded", "mallory", next, 403, `"not_owned"`)
		b.want(name+": the owner keeps it", "alice", next, 200, "googleplay")
	}
}
