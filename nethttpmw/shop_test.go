package nethttpmw_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/nethttpmw"
)

var (
	vip  = core.Product{Store: "shop", Kind: core.KindSubscription, ID: "vip"}
	pass = core.Product{Store: "shop", Kind: core.KindInApp, ID: "pass"}
)

// newGate makes a gate that is closed when the test ends, in front of a shop that knows the tokens
// "product.account", each labelled with its account; nobody has none.
func newGate(t testing.TB, change ...func(*core.Config)) *core.Gate {
	t.Helper()
	shop := gatetest.NewStore("shop")
	shop.Otherwise(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
		id, account, ok := strings.Cut(token, ".")
		if !ok || id != p.ID || account == "" || account == "nobody" {
			return nil, &core.StoreError{Fault: core.FaultNotFound}
		}
		return gatetest.Owned(p, token, account), nil
	})
	config := core.Config{Stores: []core.Store{shop}}
	for _, c := range change {
		c(&config)
	}
	gate, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gate.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return gate
}

// one is how the tests' clients present a token.
var one = nethttpmw.TokenHeader("X-Purchase-Token", func(r *http.Request) string { return r.Header.Get("X-Player") })

// signed makes r alice's, with a token.
func signed(r *http.Request, token string) *http.Request {
	r.Header.Set("X-Player", "alice")
	r.Header.Set("X-Purchase-Token", token)
	return r
}

// visit sends a request of alice's through h in this goroutine.
func visit(h http.Handler, token string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, signed(httptest.NewRequest("GET", "/raids/7", nil), token))
	return w
}

// premium is a protected handler that counts its runs.
type premium struct {
	runs atomic.Int64
	do   http.HandlerFunc
}

func (p *premium) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.runs.Add(1)
	if p.do != nil {
		p.do(w, r)
	}
}

func (p *premium) wantRuns(t testing.TB, n int64) {
	t.Helper()
	if got := p.runs.Load(); got != n {
		t.Errorf("the handler ran %d times, want %d", got, n)
	}
}
