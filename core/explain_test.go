package core_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// told is what an explanation and a decision have in common.
func told(t *testing.T, e core.Explanation, d core.Decision) {
	t.Helper()
	if e.Outcome != d.Outcome || e.Reason != d.Reason || e.Source != d.Source || e.Product != d.Product.String() || !e.ExpiresAt.Equal(d.ExpiresAt) {
		t.Fatalf("explained: %s, %s from %q by %s until %v (%s)\n but is: %s, %s from %q by %s until %v (%v)",
			e.Outcome, e.Reason, e.Source, e.Product, e.ExpiresAt, e.Err, d.Outcome, d.Reason, d.Source, d.Product, d.ExpiresAt, d.Err)
	}
}

// TestAnExplanationTellsWhatACheckAnswers lets gates come into random states, and compares what they say that
// they would answer with what they answer.
func TestAnExplanationTellsWhatACheckAnswers(t *testing.T) {
	const histories, steps = 100, 60
	for seed := range uint64(histories) {
		bubble(fmt.Sprint("history ", seed), t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			one := func(of ...string) string { return of[random.IntN(len(of))] }
			owners := &countingClaims{Owners: core.NewMemoryOwners()}
			store := newStore(nil)
			lapses := time.Now().Add(40 * time.Minute)
			up := func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
				id, rest, _ := strings.Cut(token, "-")
				switch {
				case id != p.ID:
					return nil, errNotFound
				case p.Kind == core.KindInApp:
					made := skin(token)
					made.Label, made.Acknowledgement = strings.Trim(rest, "0123456789"), core.Unacknowledged
					return made, nil
				}
				made := vip(token, 0)
				made.ExpiresAt = time.Now().Truncate(20 * time.Minute).Add(20 * time.Minute) // and is renewed
				if rest == "1" {
					made.ExpiresAt = lapses
				}
				if rest == "2" {
					made.LinkedToken = "vip-1"
				}
				return made, nil
			}
			store.script(up)
			config := core.Config{
				Owners: owners, Outbox: core.NewMemoryOutbox(), Binding: core.Binding(random.IntN(3)),
				UnknownTokens: core.UnknownTokens{Burst: 3, Every: time.Minute}, Guard: core.Guard{TripAfter: 3, OpenFor: time.Minute},
				Lifetimes: core.Lifetimes{StaleGrants: random.IntN(3), RenewalGrace: time.Duration(random.IntN(2)) * time.Hour},
			}
			if random.IntN(4) == 0 {
				config.Override = func(_ context.Context, account string, _ core.Requirement) core.Outcome {
					if account == "carol" {
						return core.Denied
					}
					return core.Undetermined
				}
			}
			gate := open(t, config, store)
			requirements := []core.Requirement{
				inApp("skin"), subscription("vip"), core.AnyOf(subscription("vip"), inApp("skin"), inApp("hat")), core.AllOf(inApp("skin"), subscription("vip")),
			}
			token := func() string {
				return one("skin-1", "skin-2", "skin-alice", "vip-1", "vip-2", "none-1", "none-2", "none-3", "none-4", "b/d", "")
			}
			for range steps {
				account, r := one("alice", "bob", "carol", ""), requirements[random.IntN(len(requirements))]
				c := core.Credentials{Account: account, Token: token()}
				switch random.IntN(5) {
				case 0:
					c.Tokens = []core.Token{{Value: token()}, {Value: token(), Known: random.IntN(2) == 0}}
				case 1:
					c.Owned = true
				}
				switch random.IntN(14) {
				case 0:
					time.Sleep(time.Duration(random.IntN(40)) * time.Second)
				case 1:
					time.Sleep(5*time.Minute + time.Duration(random.IntN(60))*time.Second)
				case 2:
					time.Sleep(time.Duration(random.IntN(120)) * time.Minute)
				case 3:
					store.script(fails(errDown))
				case 4, 5:
					store.script(up)
				case 6:
					_ = gate.Void(t.Context(), core.Void{Store: "shop", Token: one("skin-1", "vip-1")})
				case 7:
					_ = gate.InvalidateToken(t.Context(), "shop", one("skin-1", "skin-2", "vip-1"))
				case 8:
					_ = gate.Bind(t.Context(), one("alice", "bob"), inApp("skin"), one("skin-1", "skin-2"))
				case 9:
					_ = gate.Unbind(t.Context(), "shop", one("skin-1", "skin-2"))
				case 10:
					_ = gate.SetMode(r, core.HoldOpen(time.Now().Add(time.Hour)))
				}
				synctest.Wait()

				claims, asked, before := owners.claims, store.count(), gate.Stats()
				e := gate.Explain(t.Context(), r, c, false)
				synctest.Wait()
				if after := gate.Stats(); store.count() != asked || fmt.Sprintf("%+v", after) != fmt.Sprintf("%+v", before) {
					t.Fatalf("explaining changed what is counted:\n%+v\n%+v", before, after)
				}
				if e.Reason == core.ReasonNotAsked {
					if len(e.WouldAsk) == 0 || e.Outcome != core.Undetermined {
						t.Fatalf("an open answer says %+v", e)
					}
					e = gate.Explain(t.Context(), r, c, true)
					if e.Reason == core.ReasonNotAsked || len(e.WouldAsk) > 0 {
						t.Fatalf("the stores were to be asked: %+v", e)
					}
					synctest.Wait()
				}
				if owners.claims != claims || gate.Stats().Outbox != before.Outbox {
					t.Fatal("explaining recorded an owner, or a debt")
				}
				d := gate.Check(t.Context(), r, c)
				several := c.Tokens != nil || c.Owned // are asked about at once, and heard in an order of chance
				breaker := ""
				if len(e.Stores) > 0 {
					breaker = e.Stores[0].Breaker
				}
				switch {
				case several && breaker == "half-open": // which of them is the probe is chance, too
				case several && (e.Asked || breaker == "open"):
					if e.Outcome != d.Outcome {
						t.Fatalf("explained: %+v\nbut is: %+v", e, d)
					}
				case e.Asked && d.Reason == core.ReasonBreakerOpen && e.Reason == core.ReasonUpstreamUnavailable: // it opened on the way
				default:
					told(t, e, d)
				}
			}
		})
	}
}

// counting is an owners' registry that counts what is recorded.
type countingClaims struct {
	core.Owners
	claims int
}

func (c *countingClaims) Claim(ctx context.Context, o core.Ownership) (core.Ownership, error) {
	c.claims++
	return c.Owners.Claim(ctx, o)
}

func TestAnExplanationLeavesNothingBehind(t *testing.T) {
	explain := func(t *testing.T, g *core.Gate, c core.Credentials) {
		t.Helper()
		for range 10 {
			g.Explain(t.Context(), inApp("skin"), c, false)
			g.Explain(t.Context(), inApp("skin"), c, true)
		}
	}
	bubble("no owner", t, func(t *testing.T) {
		gate := open(t, core.Config{}, newStore(sells(skin)))
		explain(t, gate, by("mallory", "skin-1"))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		explain(t, gate, by("mallory", "skin-1"))
		want(t, gate.Check(t.Context(), inApp("skin"), by("mallory", "skin-1")), core.Denied, core.ReasonAccountMismatch)
	})
	bubble("no account on a fact, which would keep its owner from being recorded", t, func(t *testing.T) {
		gate := open(t, core.Config{}, newStore(sells(skin)))
		gate.Check(t.Context(), inApp("skin"), core.Credentials{Account: "support", Tokens: []core.Token{{Value: "skin-1", Known: true}}})
		explain(t, gate, by("alice", "skin-1"))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		want(t, gate.Check(t.Context(), inApp("skin"), core.Credentials{Account: "alice", Owned: true}), core.Granted, core.ReasonOwned)
	})
	bubble("no fact and no absence", t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{}, store)
		explain(t, gate, by("alice", "skin-1"))
		explain(t, gate, by("alice", "none-1"))
		if s := shop(t, gate); s.Purchases+s.Refusals != 0 {
			t.Errorf("memory holds %d purchases and %d refusals", s.Purchases, s.Refusals)
		}
		from(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned, core.SourceStore)
	})
	bubble("no charge", t, func(t *testing.T) {
		gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: 1, Every: time.Hour}}, newStore(sells(skin)))
		explain(t, gate, by("alice", "none-1"))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "none-2")), core.Denied, core.ReasonNotFound)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "none-3")), core.Undetermined, core.ReasonTooManyUnknownTokens)
	})
	bubble("no grant of those past freshness, and no refresh", t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{Lifetimes: core.Lifetimes{StaleGrants: 1}}, store)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		store.script(fails(errDown))
		time.Sleep(5*time.Minute + time.Second)
		for range 10 {
			e := gate.Explain(t.Context(), inApp("skin"), by("alice", "skin-1"), false)
			if e.Source != core.SourceStale || e.Tokens[0].Stores[0].Fact.State != "due" {
				t.Fatalf("explained: %+v", e)
			}
		}
		synctest.Wait()
		calls(t, store, 1)
		from(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned, core.SourceStale)
		synctest.Wait()
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Undetermined, core.ReasonUpstreamUnavailable)
	})
	bubble("no failure to the breaker", t, func(t *testing.T) {
		store := newStore(fails(errDown))
		gate := open(t, core.Config{}, store)
		explain(t, gate, by("alice", "skin-1"))
		if s := shop(t, gate); s.Breaker != "closed" || s.BreakerOpened != 0 {
			t.Errorf("the breaker is %s", s.Breaker)
		}
	})
	bubble("nothing that a route's hits would miss", t, func(t *testing.T) { // a fact remembers a limited number of decisions
		gate := open(t, core.Config{}, newStore(sells(skin)))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		for i := range 100 {
			gate.Explain(t.Context(), core.Entitlement(fmt.Sprint("e", i), inApp("skin")), by("alice", "skin-1"), false)
		}
		c := by("alice", "skin-1")
		r := core.Requirement(inApp("skin"))
		gate.Check(t.Context(), r, c)
		if n := testing.AllocsPerRun(100, func() { gate.Check(t.Context(), r, c) }); n != 0 {
			t.Errorf("a hit allocates %v times", n)
		}
	})
	bubble("no word of an owner who would be held", t, func(t *testing.T) {
		store := newStore(sells(skin))
		log := &journal{}
		gate := open(t, core.Config{Logger: log.logger()}, store)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		store.script(fails(errDown))
		time.Sleep(7 * time.Hour)
		if err := gate.SetMode(inApp("skin"), core.HoldOpen(time.Now().Add(time.Hour))); err != nil {
			t.Fatal(err)
		}
		e := gate.Explain(t.Context(), inApp("skin"), by("alice", "skin-1"), true)
		if e.Source != core.SourceHoldOpen || e.Mode != "hold_open" {
			t.Fatalf("explained: %+v", e)
		}
		if strings.Contains(log.String(), "let in") {
			t.Errorf("the log says\n%s", log)
		}
	})
}

func TestWhatAnExplanationShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(func(token string) *core.Purchase {
			p := vip(token, 48*time.Hour)
			if strings.HasSuffix(token, "labelled") {
				p.Label = "somebody-else-altogether"
			}
			return p
		}))
		gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: 3, Every: time.Hour}}, store)
		r := core.Entitlement("vip", subscription("vip"), inApp("skin"))
		explain := func(account, token string) core.Explanation {
			return gate.Explain(t.Context(), r, by(account, token), false)
		}
		at := func(e core.Explanation) core.ExplainedMemory {
			t.Helper()
			if len(e.Tokens) != 1 || len(e.Tokens[0].Stores) != 1 {
				t.Fatalf("explained %+v", e.Tokens)
			}
			return e.Tokens[0].Stores[0]
		}

		e := explain("alice", "vip-1")
		if want := []string{"shop/subscription/vip", "shop/inapp/skin"}; !slices.Equal(e.WouldAsk, want) || e.Reason != core.ReasonNotAsked || e.Requirement != "vip" || e.Budget != 3 {
			t.Errorf("a cold token: %+v", e)
		}
		gate.Check(t.Context(), r, by("alice", "vip-1"))
		time.Sleep(time.Minute)
		f := at(explain("alice", "vip-1")).Fact
		if f == nil || f.State != "fresh" || f.Age != time.Minute || f.Rule != core.Granted || f.RuleReason != core.ReasonActive || !f.Bound || f.BoundBy != "memory" || !f.Asked || f.Owner != "…" {
			t.Errorf("the owner's: %+v", f)
		}
		if !f.FreshUntil.Equal(f.VerifiedAt.Add(5*time.Minute)) || !f.RefreshUntil.Equal(f.VerifiedAt.Add(6*time.Minute)) || !f.UsableUntil.Equal(f.VerifiedAt.Add(6*time.Hour)) {
			t.Errorf("used until %v, %v, %v", f.FreshUntil, f.RefreshUntil, f.UsableUntil)
		}
		if f := at(explain("bob", "vip-1")).Fact; f.Rule != core.Granted || f.Bound || f.BindReason != core.ReasonAccountMismatch || f.BoundBy != "" {
			t.Errorf("a stranger's: %+v", f)
		}
		gate.Check(t.Context(), r, by("bob", "vip-labelled"))
		if f := at(explain("bob", "vip-labelled")).Fact; f.Label != "some…er" || f.BindReason != core.ReasonAccountMismatch {
			t.Errorf("another's by its label: %+v", f)
		}
		if f := at(gate.Explain(t.Context(), inApp("skin"), by("alice", "vip-1"), false)).Fact; f == nil || f.Asked || f.RuleReason != "" {
			t.Errorf("another product's: %+v", f)
		}

		gate.Check(t.Context(), r, by("alice", "none-1"))
		if e := explain("alice", "none-1"); len(at(e).Absent) != 2 || e.Reason != core.ReasonNotFound || e.Source != core.SourceMemory || e.Budget != 2 {
			t.Errorf("an absence: %+v", e)
		}
		if e := explain("alice", "b/d"); at(e).Malformed == "" || e.Reason != core.ReasonInvalidToken {
			t.Errorf("a malformed token: %+v", e)
		}
		if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "vip-1"}); err != nil {
			t.Fatal(err)
		}
		if e := explain("alice", "vip-1"); !at(e).Voided || at(e).Superseded {
			t.Errorf("a voided token: %+v", e)
		}
		if err := gate.InvalidateToken(t.Context(), "shop", "vip-labelled"); err != nil {
			t.Fatal(err)
		}
		if m := at(explain("bob", "vip-labelled")); !m.Invalidated || m.Fact != nil {
			t.Errorf("an invalidated token: %+v", m)
		}
		if e := gate.Explain(t.Context(), r, core.Credentials{Account: "alice", Owned: true}, false); len(e.Tokens) != 1 || !e.Tokens[0].Known {
			t.Errorf("what alice owns: %+v", e)
		}

		store.script(fails(errDown))
		for i := range 5 {
			gate.Check(t.Context(), r, core.Credentials{Account: "alice", Tokens: []core.Token{{Value: fmt.Sprint("cold-", i), Known: true}}})
		}
		if e := explain("alice", "vip-9"); e.Stores[0].Breaker != "open" || e.Stores[0].Refusal != core.ReasonBreakerOpen || e.Reason != core.ReasonBreakerOpen || e.RetryAfter <= 0 {
			t.Errorf("behind an open breaker: %+v", e)
		}
	})
}

// TestAnExplanationForeseesTheOwnerThatACheckRecords: a fact past its grants is nobody's yet, and whoever presents
// it is recorded before the store fails.
func TestAnExplanationForeseesTheOwnerThatACheckRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{Lifetimes: core.Lifetimes{StaleGrants: 1}}, store)
		known := core.Credentials{Account: "support", Tokens: []core.Token{{Value: "skin-1", Known: true}}}
		want(t, gate.Check(t.Context(), inApp("skin"), known), core.Granted, core.ReasonOwned)
		store.script(fails(errDown))
		time.Sleep(5*time.Minute + time.Second)
		from(t, gate.Check(t.Context(), inApp("skin"), known), core.Granted, core.ReasonOwned, core.SourceStale)
		synctest.Wait()
		if err := gate.SetMode(inApp("skin"), core.HoldOpen(time.Now().Add(time.Hour))); err != nil {
			t.Fatal(err)
		}
		e := gate.Explain(t.Context(), inApp("skin"), by("alice", "skin-1"), true)
		d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		from(t, d, core.Granted, core.ReasonHeldOpen, core.SourceHoldOpen)
		told(t, e, d)
	})
}

// TestAnExplanationForeseesAPause: the client counts it, and the gate has not met it yet.
func TestAnExplanationForeseesAPause(t *testing.T) {
	until := time.Now().Add(time.Minute)
	store := &pausedStore{newStore(sells(skin)), until}
	gate := open(t, core.Config{}, store)
	e := gate.Explain(t.Context(), inApp("skin"), by("alice", "skin-1"), false)
	if e.Reason != core.ReasonStorePaused || e.RetryAfter <= 0 || e.Stores[0].Refusal != core.ReasonStorePaused || !e.Stores[0].PausedUntil.Equal(until) {
		t.Errorf("explained: %+v", e)
	}
}

type pausedStore struct {
	*scripted
	until time.Time
}

func (p *pausedStore) ClientStats() core.ClientStats { return core.ClientStats{PausedUntil: p.until} }

func TestAnExplanationShowsNoTokenAndNoAccount(t *testing.T) {
	const account, other, token = "player-8d6f2c51-77aa", "player-0b9e41f3-2d10", "skin-6f1f5c0a9b8e7d6c5b4a"
	store := newStore(sells(skin))
	gate := open(t, core.Config{}, store)
	explain := func(account string, ask bool) string {
		text, err := json.Marshal(gate.Explain(t.Context(), inApp("skin"), core.Credentials{Account: account, Token: token, Owned: true}, ask))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	all := explain(account, false) + explain(account, true)
	want(t, gate.Check(t.Context(), inApp("skin"), by(account, token)), core.Granted, core.ReasonOwned)
	all += explain(account, false) + explain(other, true)
	store.script(fails(&core.StoreError{Err: errors.New("no")}))
	all += explain(account, true)
	for _, secret := range []string{account, other, token, account[7:15], other[7:15], token[5:15]} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is in\n%s", secret, all)
		}
	}
	if !strings.Contains(all, `"skin…4a"`) || !strings.Contains(all, `"pl…a"`) {
		t.Errorf("nobody can tell whose it is:\n%s", all)
	}
}

func TestAnExplanationNeverPanics(t *testing.T) {
	var none *core.Gate
	if e := none.Explain(t.Context(), nil, core.Credentials{}, true); e.Reason != core.ReasonMisconfigured || e.Err == "" {
		t.Errorf("a nil gate: %+v", e)
	}
	panics := func(core.RuleInput) core.Verdict { panic("a rule") }
	verdict := core.DefaultRule
	gate := open(t, core.Config{Rule: func(in core.RuleInput) core.Verdict { return verdict(in) }}, newStore(sells(skin)))
	if e := gate.Explain(t.Context(), nil, by("alice", "skin-1"), false); e.Reason != core.ReasonMisconfigured {
		t.Errorf("a nil requirement: %+v", e)
	}
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
	verdict = panics
	if e := gate.Explain(t.Context(), inApp("skin"), by("alice", "skin-1"), false); e.Reason != core.ReasonPanicked || e.Unseen == "" {
		t.Errorf("a rule that panics: %+v", e)
	}
	failing := open(t, core.Config{Owners: noList{core.NewMemoryOwners()}}, newStore(sells(skin)))
	if e := failing.Explain(t.Context(), inApp("skin"), core.Credentials{Account: "alice", Owned: true}, false); e.Reason != core.ReasonLookupFailed || e.Unseen == "" {
		t.Errorf("a registry that fails: %+v", e)
	}
	broken := newShelf()
	broken.cannot(errDisk)
	voids := open(t, core.Config{Voids: keptVoids{broken}}, newStore(sells(skin)))
	if e := voids.Explain(t.Context(), inApp("skin"), by("alice", "skin-1"), false); e.Reason != core.ReasonLookupFailed || e.Unseen == "" {
		t.Errorf("a state that cannot be loaded: %+v", e)
	}
	if err := gate.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := gate.Explain(t.Context(), inApp("skin"), by("alice", "skin-1"), true); e.Reason != core.ReasonClosed {
		t.Errorf("a closed gate: %+v", e)
	}
}

// TestAnExplanationIsNotHeldUp: neither a registry nor a store that hangs keeps it past what it promises.
func TestAnExplanationIsNotHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hung := make(chan bool)
		gate := open(t, core.Config{Owners: stuckOwners{core.NewMemoryOwners(), hung}}, newStore(func(context.Context, core.Product, string) (*core.Purchase, error) {
			<-hung // and heeds no context
			return nil, errDown
		}))
		began := time.Now()
		e := gate.Explain(t.Context(), inApp("skin"), core.Credentials{Account: "alice", Token: "skin-1", Owned: true}, true)
		if took := time.Since(began); took > 6*time.Second || e.Reason != core.ReasonLookupFailed || e.Unseen == "" {
			t.Errorf("after %v: %+v", took, e)
		}
		began = time.Now()
		e = gate.Explain(t.Context(), inApp("skin"), by("alice", "skin-1"), true)
		if took := time.Since(began); took > 3*time.Second || e.Reason != core.ReasonDeadline {
			t.Errorf("after %v: %+v", took, e)
		}
		close(hung)
	})
}

// stuckOwners is a registry that lists nothing before it is told to.
type stuckOwners struct {
	core.Owners
	hung chan bool
}

func (s stuckOwners) Owned(context.Context, string) ([]core.Ownership, error) {
	<-s.hung
	return nil, errDisk
}

func TestAnExplanationOfVeryManyTokensIsShort(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	for i := range 100 {
		if err := gate.Bind(t.Context(), "alice", inApp("skin"), fmt.Sprint("skin-", i)); err != nil {
			t.Fatal(err)
		}
	}
	e := gate.Explain(t.Context(), inApp("skin"), core.Credentials{Account: "alice", Owned: true}, false)
	if len(e.Tokens) != 32 || !strings.Contains(e.Unseen, "100 tokens") || e.Reason != core.ReasonNotAsked {
		t.Errorf("%d tokens are explained, %q", len(e.Tokens), e.Unseen)
	}
}

// noList is a registry that cannot list what an account owns.
type noList struct{ core.Owners }

func (noList) Owned(context.Context, string) ([]core.Ownership, error) { return nil, errDisk }

func TestOutcomesAreWordsInText(t *testing.T) {
	for _, o := range []core.Outcome{core.Undetermined, core.Granted, core.Denied} {
		text, err := json.Marshal(o)
		if err != nil || string(text) != `"`+o.String()+`"` {
			t.Errorf("%v is written %s, %v", o, text, err)
		}
		var back core.Outcome
		if err := json.Unmarshal(text, &back); err != nil || back != o {
			t.Errorf("%s is read as %v, %v", text, back, err)
		}
	}
	o := core.Granted
	if err := o.UnmarshalText([]byte("perhaps")); err == nil || o != core.Undetermined {
		t.Errorf("no outcome is read as %v, %v", o, err)
	}
}
