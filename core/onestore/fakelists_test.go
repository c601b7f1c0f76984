package onestore_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

const hour, day = time.Hour, 24 * time.Hour

// ages are when the purchases of shelf were made and taken back: the first before all windows, the second
// within the longest only, the last just before now.
var ages = []time.Duration{40 * day, 28*day - 2*hour, 27 * day, 20 * day, 20 * day, 14 * day, 7 * day, 3 * day, day, hour, time.Minute}

// shelf is a fake of that market whose clock stands at now, and the tokens of what it sold, by their age.
func shelf(seed uint64, market onestore.Market, now time.Time, dialects ...onestoretest.Dialect) (fake *onestoretest.Store, bought []string) {
	if market == onestore.MarketGlobal {
		dialects = append(dialects, onestoretest.UnconfirmedEverywhere)
	}
	fake = onestoretest.New(onestoretest.Config{Seed: seed, Market: string(market), KeepUnacknowledged: true, Dialects: dialects})
	for i, age := range ages {
		fake.SetTime(now.Add(-age))
		product := onestoretest.InApp("gold")
		if i%2 == 1 {
			product = onestoretest.Recurring("pass")
		}
		bought = append(bought, fake.Buy(product))
	}
	fake.SetTime(now)
	return fake, bought
}

// taken takes back what shelf sold, each when it was sold.
func taken(fake *onestoretest.Store, bought []string) {
	now := fake.Now()
	for i, token := range bought {
		fake.SetTime(now.Add(-ages[i]))
		fake.Refund(token)
	}
	fake.SetTime(now)
}

// reader is a client of fake, of both lists in both markets.
func reader(t *testing.T, fake *onestoretest.Store) *onestore.Client {
	t.Helper()
	return client(t, onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(), Market: onestore.Market(fake.Market()), Environment: onestore.Sandbox,
		HTTPClient: &http.Client{Transport: fake.RoundTripper()}, UnconfirmedInGlobalMarket: true,
	})
}

// fakeLists are both lists of a fake: how what it sold gets into each, and the tokens in it.
var fakeLists = []struct {
	op   onestoretest.Op
	fill func(*onestoretest.Store, []string)
	read func(*testing.T, *onestore.Client, onestore.Window) ([]string, error)
}{
	{onestoretest.OpVoidedPurchases, taken, func(t *testing.T, c *onestore.Client, w onestore.Window) ([]string, error) {
		return tokens(c.VoidedPurchases(t.Context(), w), func(v onestore.VoidedPurchase) string { return v.PurchaseToken })
	}},
	{onestoretest.OpUnconfirmedPurchases, func(*onestoretest.Store, []string) {}, func(t *testing.T, c *onestore.Client, w onestore.Window) ([]string, error) {
		return tokens(c.UnconfirmedPurchases(t.Context(), w), func(u onestore.UnconfirmedPurchase) string { return u.PurchaseToken })
	}},
}

// sameTokens: pages are shuffled, so the order is not compared.
func sameTokens(got, want []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want)))
}

// TestListsOfTheFakeInEveryDialect reads both lists from fakes of every mood in both markets, and of every
// dialect in one of them, on days before which a month has 28 days and on others, with a local clock that is
// years behind.
func TestListsOfTheFakeInEveryDialect(t *testing.T) { // T-39, T-41 to T-50, T-53
	spoken := [][]onestoretest.Dialect{nil, nil, nil, nil, nil, nil}
	for _, d := range onestoretest.Dialects() {
		spoken = append(spoken, []onestoretest.Dialect{d})
	}
	nows := []time.Time{
		time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), // a month before: 28 days
		time.Date(2027, 3, 28, 23, 59, 59, 0, time.UTC),
		time.Date(2027, 3, 31, 15, 0, 0, 0, time.UTC), // there is no 31 February; midnight in Seoul
		time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 15, 6, 0, 0, 0, time.UTC),
	}
	for _, l := range fakeLists {
		for m, market := range []onestore.Market{onestore.MarketKorea, onestore.MarketGlobal} {
			for i, dialects := range spoken {
				if dialects != nil && i%2 == m {
					continue
				}
				now := nows[i%len(nows)]
				synctest.Test(t, func(t *testing.T) {
					fake, bought := shelf(uint64(i), market, now, dialects...)
					c := reader(t, fake)
					if got, err := l.read(t, c, onestore.Window{Start: fake.Now().Add(-time.Second)}); err != nil || len(got) != 0 {
						t.Errorf("%s %s, %v: of an empty list %v, %v", l.op, market, dialects, got, err)
					}
					l.fill(fake, bought)
					for name, tc := range map[string]struct {
						window onestore.Window
						want   []string
					}{
						"everything":     {onestore.Window{}, bought[1:]},
						"28 days":        {onestore.Window{Start: now.Add(-28*day + time.Minute), PageSize: 2}, bought[1:]},
						"a week":         {onestore.Window{Start: now.Add(-7 * day), End: now}, bought[6:]},
						"up to that day": {onestore.Window{End: now.Add(-20 * day), PageSize: 1}, bought[1:5]},
						"between":        {onestore.Window{Start: now.Add(-20 * day), End: now.Add(-3 * day)}, bought[3:8]},
						"one instant":    {onestore.Window{Start: now.Add(-day), End: now.Add(-day + 1)}, bought[8:9]},
						"nothing":        {onestore.Window{Start: now.Add(-19 * day), End: now.Add(-15 * day)}, nil},
					} {
						got, err := l.read(t, c, tc.window)
						if err != nil || !sameTokens(got, tc.want) {
							t.Errorf("%s %s %v, %v, %s: got %v, %v, want %v", l.op, market, now, dialects, name, got, err, tc.want)
						}
					}
					if bad := fake.Malformed(); len(bad) > 0 {
						t.Errorf("%s %s: malformed %+v", l.op, market, bad)
					}
				})
			}
		}
	}
}

// TestFaultsOfAListOfTheFake: what comes is right whatever the keys do, and an end is reached.
func TestFaultsOfAListOfTheFake(t *testing.T) { // T-49
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for _, l := range fakeLists {
		for name, tc := range map[string]struct {
			fault onestoretest.Fault
			whole bool // all rows come, before the error if there is one
			want  error
			calls int // 0: not looked at
		}{
			"an empty page first":        {onestoretest.Fault{Times: 1, Effect: onestoretest.EmptyPage()}, true, nil, 0},
			"many empty pages":           {onestoretest.Fault{Times: 20, Effect: onestoretest.EmptyPage()}, true, nil, 0},
			"a key that repeats itself":  {onestoretest.Fault{Effect: onestoretest.CycleKeys(1)}, false, nil, 2},
			"a cycle of three keys":      {onestoretest.Fault{Effect: onestoretest.CycleKeys(3)}, false, nil, 4},
			"a new key for ever":         {onestoretest.Fault{Effect: onestoretest.EndlessKeys()}, true, onestore.ErrTooManyPages, 1000},
			"a page that fails once":     {onestoretest.Fault{Every: 3, Effect: onestoretest.StandardError("InternalError")}, true, nil, 0},
			"a page that is cut":         {onestoretest.Fault{Every: 3, Effect: onestoretest.TruncateAt(20)}, true, nil, 0},
			"a page that is refused":     {onestoretest.Fault{Every: 3, Effect: onestoretest.StandardError("AccessBlocked")}, false, onestore.ErrAccessBlocked, 3},
			"a page of HTML":             {onestoretest.Fault{Every: 2, Effect: onestoretest.HTMLPage(404)}, false, errAny, 2},
			"access tokens that die":     {onestoretest.Fault{Every: 2, Effect: onestoretest.StandardError("AccessTokenExpired")}, true, nil, 0},
			"pages that take their time": {onestoretest.Fault{Delay: 4 * time.Second}, true, nil, 0},
		} {
			synctest.Test(t, func(t *testing.T) {
				fake, bought := shelf(7, onestore.MarketKorea, now)
				l.fill(fake, bought)
				c := reader(t, fake)
				tc.fault.Op = l.op
				fake.Fail(tc.fault)
				got, err := l.read(t, c, onestore.Window{Start: now.Add(-28*day + time.Minute)})
				if tc.want == nil && err != nil || tc.want == errAny && err == nil || tc.want != nil && tc.want != errAny && !isError(err, tc.want) {
					t.Errorf("%s, %s: %v", l.op, name, err)
				}
				if tc.whole && !sameTokens(got, bought[1:]) {
					t.Errorf("%s, %s: got %v, want %v", l.op, name, got, bought[1:])
				}
				for _, token := range got {
					if !slices.Contains(bought[1:], token) {
						t.Errorf("%s, %s: %s is none of the list", l.op, name, token)
					}
				}
				if calls := fake.Count(l.op); tc.calls != 0 && calls != tc.calls {
					t.Errorf("%s, %s: %d pages were asked for, want %d", l.op, name, calls, tc.calls)
				}
				if bad := fake.Malformed(); len(bad) > 0 {
					t.Errorf("%s, %s: malformed %+v", l.op, name, bad)
				}
			})
		}
	}
}

// TestClocksOfALocalMachineAndTheStore: the window is one of the store's clock, whatever the local one is,
// and whatever becomes of either between two readings.
func TestClocksOfALocalMachineAndTheStore(t *testing.T) { // T-45, T-46; row 33 of the fault matrix
	for _, l := range fakeLists {
		for _, ahead := range []time.Duration{0, 700 * time.Millisecond, time.Minute, -time.Minute, 9 * hour, -9 * hour, 31 * day, -31 * day} {
			synctest.Test(t, func(t *testing.T) {
				fake, bought := shelf(3, onestore.MarketGlobal, time.Now().Add(ahead))
				l.fill(fake, bought)
				c := reader(t, fake)
				for step := range 5 {
					got, err := l.read(t, c, onestore.Window{})
					if err != nil || !sameTokens(got, bought[1:]) {
						t.Errorf("%s, the store ahead by %v, step %d: got %v, %v", l.op, ahead, step, got, err)
					}
					time.Sleep(333 * time.Millisecond)
					fake.Advance(-333 * time.Millisecond) // it stands still
				}
				fake.Advance(-time.Second) // it is corrected
				if got, err := l.read(t, c, onestore.Window{}); err != nil || !sameTokens(got, bought[1:]) {
					t.Errorf("%s, the store ahead by %v and set back: got %v, %v", l.op, ahead, got, err)
				}
			})
		}
	}
}
