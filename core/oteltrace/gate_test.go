package oteltrace_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/oteltrace"
)

func TestEachRequestToAStoreIsASpanOfTheRequestThatBeganIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spans, provider := recorder(t)
		tracer := provider.Tracer("game")
		fake := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial})
		client, err := onestore.New(onestore.Config{
			ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(), Market: onestore.MarketGlobal, Environment: onestore.Commercial,
			HTTPClient: &http.Client{Transport: oteltrace.NewTransport(oteltrace.Config{Base: fake.RoundTripper(), TracerProvider: provider})},
		})
		if err != nil {
			t.Fatal(err)
		}
		gate, err := core.New(core.Config{Stores: []core.Store{client}, Carry: oteltrace.Carry})
		if err != nil {
			t.Fatal(err)
		}
		defer gate.Close(context.Background())
		token := fake.Buy(onestoretest.InApp("skin"), onestoretest.Label("alice"))
		fake.Fail(onestoretest.Fault{Op: onestoretest.OpPurchaseDetails, Times: 1, Effect: onestoretest.Answer(500, nil, "")})

		ctx, request := tracer.Start(t.Context(), "GET /raids")
		if d := gate.Check(ctx, onestore.InApp("skin"), core.Credentials{Account: "alice", Token: token}); !d.Granted() {
			t.Fatalf("got %v (%s, %v)", d.Outcome, d.Reason, d.Err)
		}
		request.End()
		got := spans.GetSpans()
		first, again := named(t, got, "GET getPurchaseDetails", 0), named(t, got, "GET getPurchaseDetails", 1)
		for _, s := range []tracetest.SpanStub{first, again} {
			if s.Parent.SpanID() != request.SpanContext().SpanID() || s.SpanContext.TraceID() != request.SpanContext().TraceID() {
				t.Errorf("%s is no child of the request", s.Name)
			}
			a := attributes(s)
			for key, want := range map[string]string{
				"skugate.store": "onestore", "skugate.operation": "getPurchaseDetails", "http.request.method": "GET",
				"server.address": "iap-apis.onestore.net", "server.port": "443",
				"url.template": "/v7/apps/{clientId}/purchases/inapp/products/{productId}/{purchaseToken}",
			} {
				if got := a[attribute.Key(key)]; got != want {
					t.Errorf("%s is %q, want %q", key, got, want)
				}
			}
		}
		if a := attributes(first); a["http.response.status_code"] != "500" || a["http.request.resend_count"] != "" {
			t.Errorf("the first has %v", a)
		}
		if a := attributes(again); a["http.response.status_code"] != "200" || a["http.request.resend_count"] != "1" {
			t.Errorf("the second has %v", a)
		}
		access := named(t, got, "POST getAccessToken", 0)
		if access.Parent.IsValid() {
			t.Error("the access token, which is everybody's, belongs to a request")
		}

		spans.Reset()
		time.Sleep(5*time.Minute + time.Second)
		gate.Check(ctx, onestore.InApp("skin"), core.Credentials{Account: "alice", Token: token})
		synctest.Wait()
		if s := named(t, spans.GetSpans(), "GET getPurchaseDetails", 0); s.Parent.IsValid() {
			t.Error("a refresh, which nobody waits for, belongs to a request")
		}
		spans.Reset()
		gate.Check(t.Context(), onestore.InApp("skin"), core.Credentials{Account: "alice", Token: "00000000000000000000"})
		if s := named(t, spans.GetSpans(), "GET getPurchaseDetails", 0); s.Parent.IsValid() {
			t.Error("a look-up for a request without a span has a parent")
		}
	})
}

func TestNoSpanHoldsATokenAnAccountOrASecret(t *testing.T) {
	spans, provider := recorder(t)
	transport := func(base http.RoundTripper) *http.Client {
		return &http.Client{Transport: oteltrace.NewTransport(oteltrace.Config{Base: base, TracerProvider: provider})}
	}
	one := onestoretest.New(onestoretest.Config{ClientSecret: "canary+secret/=", Environment: onestoretest.Commercial})
	play := googleplaytest.New(googleplaytest.Config{})
	a, errA := onestore.New(onestore.Config{ClientID: one.ClientID(), ClientSecret: one.ClientSecret(), Market: onestore.MarketGlobal, Environment: onestore.Commercial, HTTPClient: transport(one.RoundTripper())})
	b, errB := googleplay.New(googleplay.Config{PackageName: play.PackageName(), ServiceAccountKey: play.ServiceAccountKey(), HTTPClient: transport(play.RoundTripper())})
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{a, b}, Carry: oteltrace.Carry})
	if err != nil {
		t.Fatal(err)
	}
	defer gate.Close(context.Background())
	tokens := []string{one.Buy(onestoretest.InApp("skin"), onestoretest.Label("canary-account")), play.Buy(googleplaytest.InApp("skin"))}
	one.Fail(onestoretest.Fault{Op: onestoretest.OpPurchaseDetails, Times: 1, Effect: onestoretest.Reset()})
	either := core.AnyOf(onestore.InApp("skin"), googleplay.InApp("skin"))
	for _, token := range append(tokens, "canary-unknown-token-1") {
		gate.Check(t.Context(), either, core.Credentials{Account: "canary-account", Token: token})
	}
	got := spans.GetSpans()
	named(t, got, "GET purchases.products.get", 0)
	named(t, got, "POST getAccessToken", 1) // one for each store
	all := fmt.Sprintf("%+v", got)
	for _, secret := range append(tokens, "canary", one.ClientSecret(), url.QueryEscape(one.ClientSecret()), "Bearer", "assertion", one.ClientID()) {
		if strings.Contains(all, secret) {
			t.Errorf("a span holds %q", secret)
		}
	}
}

// named is the n-th span of a name.
func named(t *testing.T, spans tracetest.SpanStubs, name string, n int) tracetest.SpanStub {
	t.Helper()
	for _, s := range spans {
		if s.Name == name {
			if n == 0 {
				return s
			}
			n--
		}
	}
	t.Fatalf("there is no such span %q among %d", name, len(spans))
	return tracetest.SpanStub{}
}
