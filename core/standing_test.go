package core_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

// As long as a verdict is taken to stand, the rule says the same at every instant, to the nanosecond; and
// where one ends, a right ends or its reason changes often enough for this to mean something.
func TestAVerdictIsTheSameAsLongAsItStands(t *testing.T) {
	began := time.Date(2026, 5, 1, 0, 0, 0, 123_456_789, time.UTC)
	changed := 0
	for seed := range uint64(30_000) {
		r := rand.New(rand.NewPCG(seed, 3))
		up := func(n int64) time.Duration { return time.Duration(r.Int64N(n)) }
		near := func() time.Time { // of the time of the fact, around a millisecond's ends
			if r.IntN(4) == 0 {
				return time.Time{}
			}
			at := began.Add(up(20*int64(time.Minute)) - 6*time.Minute)
			switch r.IntN(3) {
			case 0:
				return at
			case 1:
				return at.Truncate(time.Millisecond).Add(time.Duration(r.IntN(3) - 1))
			default:
				return at.Truncate(time.Millisecond)
			}
		}
		p := core.Purchase{
			ID: "1", State: core.State(r.IntN(3)), Consumption: core.Consumption(r.IntN(3)), Acknowledgement: core.Acknowledgement(r.IntN(3)),
			Payment: core.Payment(r.IntN(6)), AutoRenewing: r.IntN(2) == 0, Quantity: 1,
			PurchasedAt: near(), ExpiresAt: near(), PausesAt: near(),
		}
		if r.IntN(3) == 0 && !p.PurchasedAt.IsZero() {
			p.PurchasedAt = p.PurchasedAt.Add(-core.AcknowledgeWithin)
		}
		product := []core.Product{inApp("a"), inApp("a").For(1 + up(int64(10*time.Minute))), inApp("a").Consumable(), subscription("a"), {Store: "shop", Kind: core.KindRecurring, ID: "a"}}[r.IntN(5)]
		says := func(age time.Duration) core.Verdict {
			return core.DefaultRule(core.RuleInput{Product: product, Purchase: &p, Now: time.Unix(0, began.UnixNano()+int64(age))})
		}

		age := up(int64(10 * time.Minute))
		from, until := core.Stands(product, &p, began, age)
		if from > age || until <= age {
			t.Fatalf("seed %d: at the age %v the verdict stands from %v to %v", seed, age, from, until)
		}
		want := says(age)
		last := until - 1
		for _, at := range []time.Duration{from, last, from + up(int64(until-from)), from + (until-from)/2, max(from, last-time.Millisecond)} {
			if got := says(at); got != want {
				t.Fatalf("seed %d: at the age %v the rule says %+v, at %v %+v, though it stands until %v", seed, age, want, at, got, until)
			}
		}
		// What lies behind may have been anything, but nothing lies between: step on to the end of all.
		for until < 30*time.Minute {
			if says(until) != says(until-1) {
				changed++
			}
			_, next := core.Stands(product, &p, began, until)
			if says(next-1) != says(until) {
				t.Fatalf("seed %d: the rule changes its mind between %v and %v", seed, until, next)
			}
			until = next
		}
	}
	if changed < 1000 {
		t.Errorf("only %d verdicts ever changed", changed)
	}
}
