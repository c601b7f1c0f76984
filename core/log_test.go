package core_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// journal keeps what was logged, at every level.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// lines counts the lines that hold all of parts.
func (j *journal) lines(parts ...string) int {
	n := 0
	for line := range strings.Lines(j.String()) {
		all := true
		for _, part := range parts {
			all = all && strings.Contains(line, part)
		}
		if all {
			n++
		}
	}
	return n
}

func (j *journal) want(t testing.TB, n int, parts ...string) {
	t.Helper()
	if got := j.lines(parts...); got != n {
		t.Fatalf("%d lines say %q, want %d; the log:\n%s", got, parts, n, j)
	}
}

func TestAnOutageIsLoggedOnceAMinuteForEachReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log journal
		store := newStore(fails(errDown))
		gate := open(t, core.Config{Logger: log.logger(), Guard: core.Guard{TripAfter: 1_000_000}}, store)
		request := func(i int) {
			gate.Check(t.Context(), inApp("skin"), by(fmt.Sprint("player", i), fmt.Sprint("skin-", i)))
		}
		for i := range 300 { // five a second, for a minute
			request(i)
			time.Sleep(200 * time.Millisecond)
		}
		log.want(t, 1, "the store cannot answer", "reason=upstream_unavailable", "store=shop", "level=WARN")
		store.script(fails(&core.StoreError{Reason: core.ReasonUpstreamFault, Err: errors.New("an HTML page")}))
		for i := range 10 {
			request(1000 + i)
		}
		log.want(t, 1, "reason=upstream_fault", "an HTML page")
		store.script(fails(errDown))
		for i := range 10 {
			time.Sleep(10 * time.Millisecond)
			request(2000 + i)
		}
		log.want(t, 2, "reason=upstream_unavailable")
	})
}

func TestAStoreThatKnowsNothingIsOneLoudLine(t *testing.T) {
	const loud = "the store knows none of the purchase tokens"
	for _, c := range []struct {
		name   string
		answer answer
		checks int
		lines  int
	}{
		{"a few unknown tokens are nothing", fails(errNotFound), 20, 0},
		{"nothing but unknown tokens is a cause to look at", fails(errNotFound), 300, 1},
		{"one purchase found shows that the store is the right one", sells(skin), 300, 0},
		{"outages are not absences", fails(errDown), 300, 0},
		{"neither are tokens that the store refuses", fails(&core.StoreError{Fault: core.FaultTokenRefused}), 300, 0},
	} {
		bubble(c.name, t, func(t *testing.T) {
			var log journal
			gate := open(t, core.Config{Logger: log.logger(), UnknownTokens: core.UnknownTokens{Burst: -1}}, newStore(c.answer))
			for i := range c.checks {
				token := fmt.Sprint("none-", i)
				if i == 0 {
					token = "skin-1"
				}
				gate.Check(t.Context(), inApp("skin"), by("alice", token))
			}
			log.want(t, c.lines, loud)
			log.want(t, c.lines, loud, "level=ERROR", "market", "environment=test", "kind", "application=app", "store=shop")
		})
	}
}

// secretMark is in everything that must never be logged.
const secretMark = "canary"

// noCanary fails the test if secretMark is in text.
func noCanary(t *testing.T, what, text string) {
	t.Helper()
	if at := strings.Index(text, secretMark); at >= 0 {
		t.Errorf("%s: …%s…", what, text[max(0, at-200):min(len(text), at+100)])
	}
}

func TestNoTokenAccountOrSecretIsLoggedOrCounted(t *testing.T) {
	const account, token = "canary-account", "skin-canary-token"
	secret := errors.New("canary-secret of " + account)
	purchase := func(change func(*core.Purchase)) answer {
		return sells(func(token string) *core.Purchase {
			p := skin(token)
			p.ID, p.LinkedToken = "canary-payment", "canary-linked"
			if change != nil {
				change(p)
			}
			return p
		})
	}
	panics := func(context.Context, core.Product, string) (*core.Purchase, error) { panic(token + account) }
	for _, c := range []struct {
		name    string
		config  core.Config
		answer  answer
		account string // default: account
		token   string // default: token
		credErr error
		handIn  bool
		bad     bool // the log has something to say
	}{
		{name: "a purchase that is granted", answer: purchase(nil)},
		{name: "a purchase that is handed in", answer: purchase(nil), handIn: true},
		{name: "somebody else's purchase", answer: purchase(func(p *core.Purchase) { p.Label = "canary-label" })},
		{name: "a lapsed purchase", answer: purchase(func(p *core.Purchase) { p.State = core.StateCanceled })},
		{name: "an unknown token", answer: fails(errNotFound)},
		{name: "a malformed token", token: "canary/../canary", answer: purchase(nil)},
		{name: "an outage", answer: fails(errDown), bad: true},
		{name: "a store that refuses us", answer: fails(&core.StoreError{Fault: core.FaultMisconfigured}), bad: true},
		{name: "a store that refuses the token", answer: fails(&core.StoreError{Fault: core.FaultTokenRefused})},
		{name: "the purchase of another token", answer: says(core.Purchase{Token: "canary-other"})},
		{name: "a store that panics with the token", answer: panics, bad: true},
		{name: "a rule that panics with the purchase", bad: true, answer: purchase(nil), config: core.Config{
			Rule: func(in core.RuleInput) core.Verdict { panic(in.Purchase) }}},
		{name: "an override that panics with the account", bad: true, answer: purchase(nil), config: core.Config{
			Override: func(_ context.Context, account string, _ core.Requirement) core.Outcome { panic(account) }}},
		{name: "a registry that fails", answer: purchase(nil), config: core.Config{Owners: &failingOwners{Owners: core.NewMemoryOwners(), err: secret}}},
		{name: "a registry that panics with the account", bad: true, answer: purchase(nil), config: core.Config{Owners: panickingOwners{core.NewMemoryOwners()}}},
		{name: "credentials that cannot be had", credErr: secret, answer: purchase(nil)},
		{name: "a malformed header", credErr: fmt.Errorf("%w: %w", core.ErrTokenMalformed, secret), answer: purchase(nil)},
	} {
		for _, mode := range []core.Mode{core.Normal(), core.Shadow(), core.HoldOpen(time.Now().Add(time.Hour))} {
			t.Run(c.name+", "+mode.String(), func(t *testing.T) {
				var log journal
				config := c.config
				config.Logger = log.logger()
				gate := open(t, config, newStore(c.answer))
				vip := core.Entitlement("vip", inApp("skin"))
				if err := gate.SetMode(vip, mode); err != nil {
					t.Fatal(err)
				}
				quiet := log.lines()
				by := core.Credentials{Account: account, Token: token}
				if c.token != "" {
					by.Token = c.token
				}
				route := core.NewRoute(gate, vip, core.RouteConfig{})
				for range 3 {
					if c.handIn {
						gate.HandIn(t.Context(), by.Account, inApp("skin"), by.Token)
						continue
					}
					a := route.Admit(t.Context(), func() (core.Credentials, error) { return by, c.credErr })
					a.Handled(t.Context(), 200)
					gate.Check(t.Context(), vip, core.Credentials{Account: account, Owned: true})
				}
				gate.CheckEach(t.Context(), []core.Requirement{vip, nil}, by)
				noCanary(t, "the log", log.String())
				noCanary(t, "Stats", fmt.Sprintf("%+v %#v", gate.Stats(), gate.Stats()))
				if c.bad && log.lines() == quiet {
					t.Error("the log says nothing")
				}
			})
		}
	}
}

// panickingOwners panics with what it is told.
type panickingOwners struct{ core.Owners }

func (panickingOwners) Claim(_ context.Context, o core.Ownership) (core.Ownership, error) { panic(o) }

func (panickingOwners) Owner(_ context.Context, _ core.StoreID, token string) (core.Ownership, bool, error) {
	panic(token)
}

func (panickingOwners) Owned(_ context.Context, account string) ([]core.Ownership, error) {
	panic(errors.New(account))
}

func TestANilLoggerIsSilentAndWorks(t *testing.T) {
	gate := open(t, core.Config{}, newStore(func(context.Context, core.Product, string) (*core.Purchase, error) { panic("") }))
	if err := gate.SetMode(inApp("skin"), core.Shadow()); err != nil {
		t.Fatal(err)
	}
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Undetermined, core.ReasonPanicked)
}

// A game logs what it was told.
func TestADecisionIsLoggedWithoutWhatNamesThePurchase(t *testing.T) {
	p := skin("skin-canary-token")
	p.ID, p.Label, p.LinkedToken = "canary-payment", "canary-account", "canary-linked"
	gate := open(t, core.Config{}, newStore(sells(func(string) *core.Purchase { return p })))
	d := gate.Check(t.Context(), inApp("skin"), by("canary-account", p.Token))
	want(t, d, core.Granted, core.ReasonOwned)
	failed := core.Decision{Reason: core.ReasonUpstreamUnavailable, Err: errDown, ExpiresAt: time.Unix(1, 0)}
	var none *core.Purchase
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"json": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var b strings.Builder
		slog.New(handler(&b)).Info("checked", "decision", d, "pointer", &d, "purchase", d.Purchase, "failed", failed, "none", none)
		noCanary(t, name, b.String())
		for _, said := range []string{"granted", "owned", "shop/inapp/skin", "store", "upstream_unavailable", errDown.Error(), "1970"} {
			if !strings.Contains(b.String(), said) {
				t.Errorf("%s: %q is missing in %s", name, said, b.String())
			}
		}
	}
}
