package core_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// outcomes is a store whose products are named after what it says of them: g granted, d denied (the
// purchase is cancelled), n no such purchase, u undetermined, h hangs. A digit tells several apart.
func outcomes(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
	switch p.ID[0] {
	case 'g':
		return skin(token), nil
	case 'd':
		canceled := skin(token)
		canceled.State = core.StateCanceled
		return canceled, nil
	case 'n':
		return nil, errNotFound
	case 'h':
		return hangs(ctx, p, token)
	default:
		return nil, errDown
	}
}

// tokensOf gives each of the products a token of its own.
func tokensOf(account string, ids ...string) core.Credentials {
	c := core.Credentials{Account: account, Tokens: []core.Token{}}
	for _, id := range ids {
		c.Tokens = append(c.Tokens, core.Token{Value: "t-" + id, Product: id, Known: true})
	}
	return c
}

func TestCombining(t *testing.T) {
	any, all := core.AnyOf, core.AllOf
	p := func(id string) core.Requirement { return inApp(id) }
	for _, c := range []struct {
		name    string
		r       core.Requirement
		outcome core.Outcome
		product string
	}{
		{"any of granted and denied is granted", any(p("d1"), p("g1")), core.Granted, "g1"},
		{"any of granted and undetermined is granted", any(p("u1"), p("g1")), core.Granted, "g1"},
		{"any of two granted is the first", any(p("g1"), p("g2")), core.Granted, "g1"},
		{"any of denied and undetermined is undetermined", any(p("d1"), p("u1")), core.Undetermined, "u1"},
		{"any of two undetermined is the first", any(p("u1"), p("u2")), core.Undetermined, "u1"},
		{"any of two denied for the same reason is the first", any(p("d1"), p("d2")), core.Denied, "d1"},
		{"any of not found and cancelled tells of the cancelled", any(p("n1"), p("d1")), core.Denied, "d1"},
		{"all of granted and denied is denied", all(p("g1"), p("d1")), core.Denied, "d1"},
		{"all of undetermined and denied is denied", all(p("u1"), p("d1")), core.Denied, "d1"},
		{"all of granted and undetermined is undetermined", all(p("g1"), p("u1")), core.Undetermined, "u1"},
		{"all of two granted for ever is the first", all(p("g1"), p("g2")), core.Granted, "g1"},
		{"all of two denied is the first", all(p("n1"), p("d1")), core.Denied, "n1"},
		{"all of one is that one", all(p("u1")), core.Undetermined, "u1"},
		{"any of one is that one", any(p("d1")), core.Denied, "d1"},
		{"all of an any that is granted", all(any(p("d1"), p("g1")), p("g2")), core.Granted, "g1"},
		{"all of an any that is undetermined", all(any(p("d1"), p("u1")), p("g2")), core.Undetermined, "u1"},
		{"any of an all that is denied and one granted", any(all(p("g1"), p("d1")), p("g2")), core.Granted, "g2"},
		{"any of an all that is undetermined and one denied", any(all(p("g1"), p("u1")), p("d1")), core.Undetermined, "u1"},
		{"a product that stands in two parts counts in both", all(any(p("g1"), p("d1")), any(p("d2"), p("g1"))), core.Granted, "g1"},
		{"a denied product that stands in two parts", any(all(p("d1"), p("g1")), all(p("g2"), p("d1"))), core.Denied, "d1"},
		{"groups three deep", all(any(all(p("g1"), p("g2")), p("u1")), any(p("u2"), any(p("n1"), p("g3")))), core.Granted, "g1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			gate := open(t, core.Config{}, newStore(outcomes))
			ids := []string{"g1", "g2", "g3", "d1", "d2", "n1", "u1", "u2"}
			credentials := tokensOf("alice", ids...)
			if d := gate.Check(t.Context(), c.r, credentials); d.Outcome != c.outcome {
				t.Errorf("cold: got %v (%s), want %v", d.Outcome, d.Reason, c.outcome)
			}
			for _, id := range ids { // cold, of two that decide the first to land is reported
				gate.Check(t.Context(), inApp(id), tokensOf("alice", id))
			}
			if d := gate.Check(t.Context(), c.r, credentials); d.Outcome != c.outcome || d.Product.ID != c.product {
				t.Errorf("warm: got %v (%s) on %s, want %v on %s", d.Outcome, d.Reason, d.Product.ID, c.outcome, c.product)
			}
		})
	}
}

// TestCombiningIsThreeValuedLogic compares random requirements with the plain definition.
func TestCombiningIsThreeValuedLogic(t *testing.T) {
	ids := []string{"g1", "g2", "d1", "d2", "n1", "u1", "u2"}
	gate := open(t, core.Config{}, newStore(outcomes))
	credentials := tokensOf("alice", ids...)
	rnd := rand.New(rand.NewPCG(1, 2))
	var tree func(depth int) (core.Requirement, core.Outcome)
	tree = func(depth int) (core.Requirement, core.Outcome) {
		if depth == 0 || rnd.IntN(3) == 0 {
			id := ids[rnd.IntN(len(ids))]
			o := map[byte]core.Outcome{'g': core.Granted, 'd': core.Denied, 'n': core.Denied, 'u': core.Undetermined}[id[0]]
			return inApp(id), o
		}
		counts := map[core.Outcome]int{}
		parts := make([]core.Requirement, 1+rnd.IntN(3))
		for i := range parts {
			var o core.Outcome
			parts[i], o = tree(depth - 1)
			counts[o]++
		}
		decisive, other, make := core.Granted, core.Denied, core.AnyOf
		if rnd.IntN(2) == 0 {
			decisive, other, make = core.Denied, core.Granted, core.AllOf
		}
		switch {
		case counts[decisive] > 0:
			return make(parts...), decisive
		case counts[core.Undetermined] > 0:
			return make(parts...), core.Undetermined
		default:
			return make(parts...), other
		}
	}
	for range 1000 {
		r, o := tree(3)
		if d := gate.Check(t.Context(), r, credentials); d.Outcome != o {
			t.Fatalf("%v: got %v, want %v", r, d.Outcome, o)
		}
	}
}

func TestAGrantedAllOfReportsTheOneThatEndsFirst(t *testing.T) {
	store := newStore(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
		switch p.ID {
		case "month":
			return vip(token, 30*24*time.Hour), nil
		case "week":
			return vip(token, 7*24*time.Hour), nil
		default:
			return skin(token), nil
		}
	})
	gate := open(t, core.Config{}, store)
	month, week, ever := subscription("month"), subscription("week"), inApp("ever")
	for _, c := range []struct {
		name string
		r    core.Requirement
		want core.Product
	}{
		{"later, earlier", core.AllOf(month, week), week},
		{"earlier, later", core.AllOf(week, month), week},
		{"never, later, earlier", core.AllOf(ever, month, week), week},
		{"earlier, never", core.AllOf(week, ever), week},
		{"a group counts with the one that it reports", core.AllOf(month, core.AnyOf(ever, week)), month},
	} {
		d := gate.Check(t.Context(), c.r, tokensOf("alice", "month", "week", "ever"))
		if d.Outcome != core.Granted || d.Product != c.want || d.ExpiresAt.IsZero() {
			t.Errorf("%s: %v on %v until %v", c.name, d.Outcome, d.Product, d.ExpiresAt)
		}
	}
}

// The order is the one of the reasons a player can do most about.
func TestADeniedAnyOfReportsTheMostActionableReason(t *testing.T) {
	now := time.Now()
	past := now.Add(-time.Hour)
	lapsed := func(change func(*core.Purchase)) *core.Purchase {
		p := vip("", 0)
		p.ExpiresAt = past
		change(p)
		return p
	}
	managed := func(change func(*core.Purchase)) *core.Purchase {
		p := skin("")
		change(p)
		return p
	}
	term := inApp("term").For(time.Hour)
	order := []struct {
		product  core.Product
		purchase *core.Purchase
		reason   core.Reason
	}{
		{subscription("paused"), lapsed(func(p *core.Purchase) { p.PausesAt = past }), core.ReasonPaused},
		{subscription("on_hold"), lapsed(func(p *core.Purchase) { p.Payment = core.PaymentPending }), core.ReasonOnHold},
		{subscription("payment_pending"), lapsed(func(p *core.Purchase) { p.Payment, p.ID, p.ExpiresAt = core.PaymentPending, "", now.Add(time.Hour) }), core.ReasonPaymentPending},
		{subscription("renewal_pending"), lapsed(func(*core.Purchase) {}), core.ReasonRenewalPending},
		{subscription("expired"), lapsed(func(p *core.Purchase) { p.AutoRenewing = false }), core.ReasonExpired},
		{term, managed(func(*core.Purchase) {}), core.ReasonTermExpired},
		{inApp("consumed"), managed(func(p *core.Purchase) { p.Consumption = core.Consumed }), core.ReasonConsumed},
		{inApp("canceled"), managed(func(p *core.Purchase) { p.State = core.StateCanceled }), core.ReasonPurchaseCanceled},
		{inApp("voided"), managed(func(*core.Purchase) {}), core.ReasonVoided},
		{inApp("theirs"), managed(func(p *core.Purchase) { p.Label = "bob" }), core.ReasonAccountMismatch},
		{inApp("none"), nil, core.ReasonNotFound},
	}
	store := newStore(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
		for _, o := range order {
			if o.product.ID == p.ID && o.purchase != nil {
				found := *o.purchase
				found.Token = token
				return &found, nil
			}
		}
		return nil, errNotFound
	})
	gate := open(t, core.Config{}, store)
	if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "t-voided"}); err != nil {
		t.Fatal(err)
	}
	for i, more := range order {
		for _, less := range order[i+1:] {
			c := core.Credentials{Account: "alice", Tokens: []core.Token{
				{Value: "t-" + less.product.ID, Product: less.product.ID}, {Value: "t-" + more.product.ID, Product: more.product.ID},
			}}
			d := gate.Check(t.Context(), core.AnyOf(less.product, more.product), c)
			if d.Outcome != core.Denied || d.Reason != more.reason || d.Product != more.product {
				t.Errorf("%s with %s: got %v (%s)", more.reason, less.reason, d.Outcome, d.Reason)
			}
		}
	}
}

func TestOneProductIsAsSeveralTokensSayAtBest(t *testing.T) {
	store := newStore(func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) {
		switch {
		case strings.HasPrefix(token, "none"):
			return nil, errNotFound
		case strings.HasPrefix(token, "down"):
			return nil, errDown
		}
		return skin(token), nil
	})
	gate := open(t, core.Config{}, store)
	check := func(tokens ...string) core.Decision {
		c := core.Credentials{Account: "alice"}
		for _, v := range tokens {
			c.Tokens = append(c.Tokens, core.Token{Value: v})
		}
		return gate.Check(t.Context(), inApp("skin"), c)
	}
	want(t, check("none1", "down1"), core.Undetermined, core.ReasonUpstreamUnavailable)
	want(t, check("down2", "none2"), core.Undetermined, core.ReasonUpstreamUnavailable)
	want(t, check("none3", "none4"), core.Denied, core.ReasonNotFound)
	want(t, check("none5", "down5", "good"), core.Granted, core.ReasonOwned)
	want(t, check("good", "good", "none6"), core.Granted, core.ReasonOwned)
}

func TestTiesGoToTheOrderWrittenWhateverIsInMemory(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	r := core.AnyOf(inApp("a"), inApp("b"))
	c := core.Credentials{Account: "alice", Tokens: []core.Token{{Value: "b-1"}, {Value: "a-1"}}}
	for _, p := range []string{"b-1", "a-1"} {
		want(t, gate.Check(t.Context(), r, by("alice", p)), core.Granted, core.ReasonOwned)
	}
	for range 3 {
		if d := gate.Check(t.Context(), r, c); d.Outcome != core.Granted || d.Product != inApp("a") {
			t.Errorf("got %v on %v", d.Outcome, d.Product)
		}
	}
}

func TestWhatIsOpenIsNotWaitedForOnceItCannotMatter(t *testing.T) {
	for _, c := range []struct {
		name    string
		r       core.Requirement
		outcome core.Outcome
		waits   time.Duration
	}{
		{"all of a denied one and one that hangs", core.AllOf(inApp("h1"), inApp("d1")), core.Denied, 0},
		{"any of a granted one and one that hangs", core.AnyOf(inApp("h1"), inApp("g1")), core.Granted, 0},
		{"all of a granted one and one that hangs", core.AllOf(inApp("h1"), inApp("g1")), core.Undetermined, 3 * time.Second},
		{"any of a denied one and one that hangs", core.AnyOf(inApp("h1"), inApp("d1")), core.Undetermined, 3 * time.Second},
		{"a denied group beside one that hangs", core.AllOf(core.AnyOf(inApp("n1"), inApp("d1")), inApp("h1")), core.Denied, 0},
		{"a hanging part of a group that is granted already", core.AllOf(core.AnyOf(inApp("h1"), inApp("g1")), inApp("g2")), core.Granted, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := open(t, core.Config{}, newStore(outcomes))
				began := time.Now()
				d := gate.Check(t.Context(), c.r, tokensOf("alice", "h1", "g1", "g2", "d1", "n1"))
				if waited := time.Since(began); d.Outcome != c.outcome || waited != c.waits {
					t.Errorf("got %v (%s) after %v, want %v after %v", d.Outcome, d.Reason, waited, c.outcome, c.waits)
				}
			})
		})
	}
}

func TestAGroupOfManyPartsAsksAFewAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most gauge
		store := newStore(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
			most.max(now.add(1))
			defer now.add(-1)
			return after(time.Second, outcomes)(ctx, p, token)
		})
		gate := open(t, core.Config{Timeout: time.Minute}, store)
		var parts []core.Requirement
		var ids []string
		for i := range 12 {
			ids = append(ids, fmt.Sprintf("g%d", i))
			parts = append(parts, inApp(ids[i]))
		}
		began := time.Now()
		want(t, gate.Check(t.Context(), core.AllOf(parts...), tokensOf("alice", ids...)), core.Granted, core.ReasonOwned)
		if most.load() != 4 || time.Since(began) != 3*time.Second {
			t.Errorf("%d look-ups at once, %v in all", most.load(), time.Since(began))
		}
	})
}

// A rule or a hook that answers with something else than the three outcomes has said nothing.
func TestAnOutcomeThatDoesNotExistGrantsNothing(t *testing.T) {
	rule := func(in core.RuleInput) core.Verdict {
		if in.Product.ID == "odd" {
			return core.Verdict{Outcome: 7, Reason: "odd"}
		}
		return core.DefaultRule(in)
	}
	override := func(_ context.Context, _ string, r core.Requirement) core.Outcome {
		if r == core.Requirement(inApp("odd")) {
			return 7
		}
		return core.Undetermined
	}
	for name, config := range map[string]core.Config{"rule": {Rule: rule}, "override": {Override: override}} {
		for _, r := range []core.Requirement{
			inApp("odd"), core.AllOf(inApp("g1"), inApp("odd")), core.AllOf(inApp("odd"), inApp("g1")), core.AnyOf(inApp("odd"), inApp("d1")),
		} {
			gate := open(t, config, newStore(outcomes))
			if d := gate.Check(t.Context(), r, tokensOf("alice", "odd", "g1", "d1")); d.Granted() {
				t.Errorf("%s: %v was granted", name, r)
			}
		}
	}
}
