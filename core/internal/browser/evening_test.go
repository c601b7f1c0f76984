package browser_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/reconcile"
	"github.com/skugate/skugate/core/status"
)

// answer is an answer of the page as it went over the wire.
type answer struct {
	header http.Header
	body   string
}

// evening lets a gate live through twenty minutes with two stores, one of which goes down, and returns the page
// as it was then: as it is loaded, with a decision explained, and before anything happened.
func evening(t *testing.T) (loaded, explained, empty answer) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		random := rand.New(rand.NewPCG(3, 7))
		one := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial})
		play := googleplaytest.New(googleplaytest.Config{})
		store, err := onestore.New(onestore.Config{
			ClientID: one.ClientID(), ClientSecret: one.ClientSecret(), Market: onestore.MarketGlobal, Environment: onestore.Commercial,
			HTTPClient: &http.Client{Transport: &slow{of: one.RoundTripper(), mean: 40 * time.Millisecond, random: random}},
		})
		if err != nil {
			t.Fatal(err)
		}
		google, err := googleplay.New(googleplay.Config{
			PackageName: play.PackageName(), ServiceAccountKey: play.ServiceAccountKey(),
			HTTPClient: &http.Client{Transport: &slow{of: play.RoundTripper(), mean: 120 * time.Millisecond, random: random}},
		})
		if err != nil {
			t.Fatal(err)
		}
		gate, err := core.New(core.Config{
			Stores: []core.Store{store, google}, Outbox: core.NewMemoryOutbox(), Voids: core.NewMemoryVoids(),
			Lifetimes: core.Lifetimes{Fresh: 2 * time.Minute},
		})
		if err != nil {
			t.Fatal(err)
		}
		vip := core.Entitlement("vip", onestore.Subscription("vip_monthly"), onestore.InApp("vip_forever"), googleplay.Subscription("vip_monthly"))
		season := core.Entitlement("season 7", onestore.InApp("season_7").For(90*24*time.Hour))
		closed := core.AllOf(vip, season)
		page, err := status.New(status.Config{Gate: gate, Title: "Village · eu-1", Requirements: []core.Requirement{vip, season, closed}})
		if err != nil {
			t.Fatal(err)
		}
		empty = serve(t, page, http.MethodGet, "/", "")
		worker, err := reconcile.New(reconcile.Config{Gate: gate})
		if err != nil {
			t.Fatal(err)
		}
		var background sync.WaitGroup
		background.Go(func() { _ = worker.Run(ctx) })
		background.Go(func() { _ = page.Run(ctx) })

		type player struct{ name, token string }
		var players []player
		for i := range 80 {
			p := player{name: fmt.Sprint("player-", i)}
			switch i % 4 {
			case 0:
				p.token = play.Buy(googleplaytest.Subscription("vip_monthly"), googleplaytest.Label(p.name), googleplaytest.Acknowledged())
			case 1:
				p.token = one.Buy(onestoretest.InApp("season_7"), onestoretest.Label(p.name))
			default:
				p.token = one.Buy(onestoretest.Subscription("vip_monthly"), onestoretest.Label(p.name), onestoretest.Acknowledged())
			}
			if i%12 == 3 {
				one.Expire(p.token)
			}
			players = append(players, p)
		}
		begin := time.Now()
		var all sync.WaitGroup
		for at := time.Duration(0); at < 20*time.Minute; at = time.Since(begin) {
			one.Down(at > 11*time.Minute && at < 13*time.Minute)
			wave := 5 + 3*math.Sin(at.Minutes()/3)
			for range int(wave) {
				i := random.IntN(len(players))
				p, r := players[i], vip
				if i%4 == 1 || random.IntN(30) == 0 {
					r = season
				}
				switch random.IntN(40) {
				case 0:
					p.token = "26010100000" + fmt.Sprint(1000+random.IntN(9000)) + "SGP00"
				case 1:
					p.name = "mallory"
				case 2:
					p.token = ""
				}
				all.Go(func() {
					d := gate.Check(ctx, r, core.Credentials{Account: p.name, Token: p.token})
					if d.Granted() {
						_ = gate.Delivered(ctx, d)
					}
				})
			}
			time.Sleep(time.Second)
		}
		all.Wait()
		if err := gate.SetMode(season, core.Shadow()); err != nil {
			t.Fatal(err)
		}
		loaded = serve(t, page, http.MethodGet, "/", "")
		explained = serve(t, page, http.MethodPost, "/", url.Values{"requirement": {"0"}, "account": {"mallory-of-the-north"}, "token": {players[2].token}}.Encode())
		stop()
		background.Wait()
		if err := gate.Close(context.Background()); err != nil {
			t.Error(err)
		}
		store.CloseIdleConnections()
		google.CloseIdleConnections()
	})
	return loaded, explained, empty
}

func serve(t *testing.T, h http.Handler, method, target, form string) answer {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, target, strings.NewReader(form))
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if h.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Fatalf("the page answers %d: %s", w.Code, w.Body)
	}
	return answer{w.Header(), w.Body.String()}
}

// ServeHTTP gives the answer again.
func (a answer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	_, _ = w.Write([]byte(a.body))
}

// slow is a store that takes its time.
type slow struct {
	of   http.RoundTripper
	mean time.Duration

	mu     sync.Mutex
	random *rand.Rand
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	d := time.Duration(s.random.ExpFloat64() * float64(s.mean))
	s.mu.Unlock()
	select {
	case <-time.After(d):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return s.of.RoundTrip(r)
}
