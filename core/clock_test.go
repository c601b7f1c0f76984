package core_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/cache"
	"github.com/skugate/skugate/core"
)

// The store's Date corrects our clock, within reason, and how far it is off can be seen.
func TestTheSkewOfTheStoresClock(t *testing.T) {
	const year = 366 * 24 * time.Hour
	for _, c := range []struct {
		name     string
		ahead    time.Duration // the store's clock
		absolute time.Time     // or its Date
		left     time.Duration // of the subscription, by our clock
		want     core.Reason
		log      string
	}{
		{name: "none to speak of", ahead: 300 * time.Millisecond, left: time.Hour, want: core.ReasonActive},
		{name: "ten minutes ahead", ahead: 10 * time.Minute, left: time.Hour, want: core.ReasonActive, log: "level=WARN"},
		{name: "ten minutes ahead, which is the end", ahead: 10 * time.Minute, left: 9 * time.Minute, want: core.ReasonRenewalPending, log: "level=WARN"},
		{name: "ten minutes behind, which is not yet the end", ahead: -10 * time.Minute, left: -9 * time.Minute, want: core.ReasonActive, log: "level=WARN"},
		{name: "25 hours ahead, after our clock was set back", ahead: 25 * time.Hour, left: 24 * time.Hour, want: core.ReasonRenewalPending, log: "level=WARN"},
		{name: "a day behind, after our clock was set forward", ahead: -24 * time.Hour, left: -23 * time.Hour, want: core.ReasonActive, log: "level=WARN"},
		{name: "years ahead does not close", ahead: 10 * year, left: time.Hour, want: core.ReasonActive, log: "level=ERROR"},
		{name: "years behind does not open", ahead: -10 * year, left: -time.Hour, want: core.ReasonRenewalPending, log: "level=ERROR"},
		{name: "the end of all calendars does not close", absolute: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), left: time.Hour, want: core.ReasonActive, log: "level=ERROR"},
		{name: "the beginning of Unix does not open", absolute: time.Unix(0, 0), left: -time.Hour, want: core.ReasonRenewalPending, log: "level=ERROR"},
	} {
		bubble(c.name, t, func(t *testing.T) {
			var log journal
			p := vip("", 0)
			p.ExpiresAt = time.Now().Add(c.left)
			p.PurchasedAt = time.Now().Add(-48 * time.Hour)
			date := time.Now().Add(c.ahead)
			if !c.absolute.IsZero() {
				date = c.absolute
			}
			p.StoreTime = date.Truncate(time.Second)
			gate := open(t, core.Config{Logger: log.logger()}, newStore(says(*p)))
			if d := gate.Check(t.Context(), subscription("vip"), by("alice", "t-1")); d.Reason != c.want {
				t.Errorf("got %v (%s), want %s", d.Outcome, d.Reason, c.want)
			}
			if got := shop(t, gate).ClockSkew; (got-time.Until(date)).Abs() > time.Second && got.Abs() < 100*year {
				t.Errorf("the skew shown is %v, want %v", got, time.Until(date))
			}
			if !strings.Contains(log.String(), c.log) || c.log == "" && log.String() != "" {
				t.Errorf("the log says %q, want %q", log.String(), c.log)
			}
		})
	}
	bubble("a store that shows no time leaves what was measured", t, func(t *testing.T) {
		p := skin("")
		p.StoreTime = time.Now().Add(-time.Minute)
		store := newStore(says(*p))
		gate := open(t, core.Config{}, store)
		for range 2 {
			gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("t-", store.count())))
			if got := shop(t, gate).ClockSkew; got != -59*time.Second { // its Date may have been any instant of that second
				t.Errorf("the skew shown is %v", got)
			}
			p.StoreTime = time.Time{}
			store.script(says(*p))
		}
	})
}

// Row 15: what was bought in the future says that a clock is wrong, not that nothing is owned.
func TestAPurchaseFromTheFuture(t *testing.T) {
	for _, c := range []struct {
		name         string
		bought, date time.Duration // from now, by our clock; date 0: none
		want         core.Reason
	}{
		{"within what clocks differ by", 5 * time.Minute, 0, core.ReasonOwned},
		{"beyond", 5*time.Minute + time.Millisecond, 0, core.ReasonClockSkew},
		{"explained by the store's clock", time.Hour, time.Hour, core.ReasonOwned},
		{"not explained by the store's clock", time.Hour, 10 * time.Minute, core.ReasonClockSkew},
	} {
		bubble(c.name, t, func(t *testing.T) {
			p := skin("")
			p.PurchasedAt = time.Now().Add(c.bought)
			gate := open(t, core.Config{}, newStore(sells(func(token string) *core.Purchase {
				said := *p
				said.Token = token
				if c.date != 0 {
					said.StoreTime = time.Now().Add(c.date)
				}
				return &said
			})))
			check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
			d := check()
			if d.Reason != c.want || d.Outcome == core.Denied {
				t.Errorf("got %v (%s), want %s", d.Outcome, d.Reason, c.want)
			}
			if got := counted(gate, func(d core.DecisionCount) bool { return d.Reason == c.want }); got != 1 {
				t.Errorf("%d were counted as %s", got, c.want)
			}
			time.Sleep(time.Hour) // our clock has caught up
			want(t, check(), core.Granted, core.ReasonOwned)
		})
	}
}

func TestATimeThatIsNoneIsAFault(t *testing.T) {
	for name, c := range map[string]struct {
		bought, ends time.Time
		ok           bool
	}{
		"seconds taken for milliseconds, as expiry":      {time.Now(), time.UnixMilli(1_790_000_000), false},
		"seconds taken for milliseconds, as purchase":    {time.UnixMilli(1_790_000_000), time.Now().Add(time.Hour), false},
		"microseconds taken for milliseconds, as expiry": {time.Now(), time.UnixMilli(1_790_000_000_000_000), false},
		"the largest number":                             {time.Now(), time.UnixMilli(1<<63 - 1), false},
		"a negative one":                                 {time.Now(), time.UnixMilli(-1), false},
		"an expiry that means never":                     {time.Now(), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), true},
	} {
		t.Run(name, func(t *testing.T) {
			p := vip("", 0)
			p.PurchasedAt, p.ExpiresAt = c.bought, c.ends
			store := newStore(says(*p))
			gate := open(t, core.Config{}, store)
			for range 3 {
				d := gate.Check(t.Context(), subscription("vip"), by("alice", "t-1"))
				if c.ok {
					want(t, d, core.Granted, core.ReasonActive)
				} else {
					want(t, d, core.Undetermined, core.ReasonMalformedUpstream)
				}
			}
			if s := shop(t, gate); c.ok && s.Calls != 1 || !c.ok && s.Unavailable != 3 {
				t.Errorf("got %+v", s)
			}
		})
	}
}

// steppedClock is this machine's clocks while somebody sets the wall clock, seen by the store's.
type steppedClock struct {
	store time.Time
	off   time.Duration
	mono  int64
}

func (c *steppedClock) pass(d time.Duration) { c.store, c.mono = c.store.Add(d), c.mono+int64(d) }

func (c *steppedClock) now() cache.Instant {
	return cache.Instant{Wall: c.store.Add(c.off).UnixNano(), Mono: c.mono}
}

// However the wall clock is set, before, during and after a read, what is taken for the store's clock is not
// behind it: no right is seen past its end, and none is seen for longer than its age allows.
func TestStepsOfTheWallClockExtendNothing(t *testing.T) {
	steps := []time.Duration{0, 0, time.Second, -time.Second, 10 * time.Minute, -10 * time.Minute, 24 * time.Hour, -24 * time.Hour, 25 * time.Hour, -25 * time.Hour}
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(seed, 2))
		step := func() time.Duration { return steps[r.IntN(len(steps))] }
		up := func(to time.Duration) time.Duration { return time.Duration(r.Int64N(int64(to))) }
		c := steppedClock{store: time.Date(2026, 5, 1, 0, 0, 0, int(up(time.Second)), time.UTC), off: step(), mono: r.Int64()>>1 - 1<<61}

		began := c.now()
		c.pass(up(time.Second))
		c.off += step()
		date := c.store.Truncate(time.Second)
		c.pass(up(time.Second))
		ended := c.now()
		read := c.mono - began.Mono
		c.off += step()
		c.pass(up(6 * time.Hour))
		c.off += step()

		now := c.now()
		taken := core.StoreNow(date, began, ended, now)
		// A Date counts whole seconds, and was taken at some point of the read.
		if behind := c.store.Sub(taken); behind > time.Second+time.Duration(read) {
			t.Fatalf("seed %d: what is taken for the store's clock is %v behind", seed, behind)
		}
		if age, least := now.Since(began), time.Duration(c.mono-began.Mono); age < least {
			t.Fatalf("seed %d: a fact of %v counts as %v old", seed, least, age)
		}
	}
}

// A wall clock that is set back while the store answers is not taken for a store from the future.
func TestAStepDuringAReadDoesNotClose(t *testing.T) {
	c := steppedClock{store: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)}
	began := c.now()
	c.pass(100 * time.Millisecond)
	c.off = -24 * time.Hour
	ended := c.now()
	if taken := core.StoreNow(c.store.Truncate(time.Second), began, ended, ended); taken.After(c.store.Add(time.Second)) {
		t.Errorf("what is taken for the store's clock is %v ahead", taken.Sub(c.store))
	}
}

func TestAClockThatIsOffIsLoggedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log journal
		p := skin("")
		p.StoreTime = time.Now().Add(time.Hour)
		gate := open(t, core.Config{Logger: log.logger()}, newStore(says(*p)))
		for i := range 10 {
			gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("t-", i)))
		}
		log.want(t, 1, "level=WARN", "clock", "store=shop", "1h0m0s")
	})
}
