package mutants_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
)

var (
	mutants = flag.Uint64("mutants", 20_000, "how many mutants of valid answers to try")
	first   = flag.Uint64("first-mutant", 0, "the number of the first one: another one tries others")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixed answers every look-up with one answer.
type fixed struct {
	status int
	body   []byte
}

func (f *fixed) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := f.status, io.Reader(bytes.NewReader(f.body))
	if strings.Contains(r.URL.Path, "oauth") {
		status, body = http.StatusOK, strings.NewReader(`{"access_token":"a","expires_in":3600}`)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(body)}, nil
}

var products = map[string]core.Product{
	"inapp": onestore.InApp("gold"), "auto": onestore.Recurring("pass"), "subscription": onestore.Subscription("vip"),
}

// reader reads answers through the client and the rule.
type reader struct {
	client *onestore.Client
	wire   fixed
}

func newReader(t *testing.T) *reader {
	r := &reader{}
	client, err := onestore.New(onestore.Config{
		ClientID: "0000042301", ClientSecret: "secret", Market: onestore.MarketGlobal, Environment: onestore.Sandbox,
		HTTPClient: &http.Client{Transport: &r.wire},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() }) // nil by contract
	r.client = client
	return r
}

func (r *reader) grants(t *testing.T, kind string, status int, body []byte) bool {
	r.wire.status, r.wire.body = status, body
	p, err := r.client.Lookup(context.Background(), products[kind], "SANDBOX3000002616002")
	if (p == nil) == (err == nil) {
		t.Errorf("%+v and %v", p, err)
		return false
	}
	return err == nil && core.DefaultRule(core.RuleInput{Product: products[kind], Purchase: p, Now: now}).Outcome == core.Granted
}

func TestNoMutantOfAnAnswerGrantsWhatItDoesNotSay(t *testing.T) {
	began := time.Now()
	var granted, stricter, next atomic.Uint64
	var workers sync.WaitGroup
	const batch = 100
	for range 32 * runtime.GOMAXPROCS(0) { // most of the time goes by in the client's backoff
		r := newReader(t)
		workers.Go(func() {
			for !t.Failed() {
				from := next.Add(batch) - batch
				if from >= *mutants {
					return
				}
				for n := from; n < min(from+batch, *mutants); n++ {
					kind := kinds[n%3]
					a := mutant(kind, *first+n)
					body := a.bytes()
					ours, reference := r.grants(t, kind, a.status, body), mayGrant(kind, a.status, body, now)
					switch {
					case ours && !reference:
						t.Errorf("mutant %d of %s: status %d grants\n%q", *first+n, kind, a.status, body)
					case ours:
						granted.Add(1)
					case reference:
						stricter.Add(1)
					}
				}
			}
		})
	}
	workers.Wait()
	t.Logf("%d mutants, %.0f a second: %d grant; of %d the reference would have granted but the client did not", *mutants,
		float64(*mutants)/time.Since(began).Seconds(), granted.Load(), stricter.Load())
	if granted.Load()*5 < *mutants {
		t.Errorf("only %d of %d mutants grant: the rest prove little", granted.Load(), *mutants)
	}
}

// TestTheReferenceReads keeps the reference from agreeing to everything or to nothing.
func TestTheReferenceReads(t *testing.T) {
	for _, kind := range kinds {
		a := valid(kind, rand.New(rand.NewPCG(1, 1)))
		for i := range a.members {
			a.members[i].name = `"` + a.members[i].name + `"`
		}
		body := a.bytes()
		r := newReader(t)
		if !mayGrant(kind, 200, body, now) || !r.grants(t, kind, 200, body) {
			t.Errorf("%s: the valid answer does not grant: %s", kind, body)
		}
		for _, no := range []string{"", "{}", "null", "[]", `{"error":{"code":"NoSuchData"}}`, `{"purchaseState":null}`, string(body) + "x",
			strings.Replace(string(body), "{", `{"result":null,`, 1), strings.NewReplacer(`State":0`, `State":1`, `Time":1`, `Time":0`, `Millis":1`, `Millis":0`).Replace(string(body))} {
			if mayGrant(kind, 200, []byte(no), now) {
				t.Errorf("%s: the reference grants %s", kind, no)
			}
		}
		if mayGrant(kind, 201, body, now) {
			t.Errorf("%s: the reference grants a status of 201", kind)
		}
	}
}
