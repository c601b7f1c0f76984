package oteltrace_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/skugate/skugate/core/oteltrace"
)

// recorder collects spans.
func recorder(t *testing.T, options ...sdk.TracerProviderOption) (*tracetest.InMemoryExporter, *sdk.TracerProvider) {
	t.Helper()
	spans := tracetest.NewInMemoryExporter()
	provider := sdk.NewTracerProvider(append(options, sdk.WithSyncer(spans))...)
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	return spans, provider
}

// attributes are a span's by name.
func attributes(s tracetest.SpanStub) map[attribute.Key]string {
	all := map[attribute.Key]string{}
	for _, a := range s.Attributes {
		all[a.Key] = a.Value.String()
	}
	return all
}

// answers is a base transport that is a function.
type answers func(*http.Request) (*http.Response, error)

func (f answers) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func text(status int, body io.Reader) answers {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(body)}, nil
	}
}

// broken is a body whose connection ends.
type broken struct{}

func (broken) Read([]byte) (int, error) {
	return 0, fmt.Errorf("reading /canary: %w", io.ErrUnexpectedEOF)
}

func TestHowARequestEndedShowsInItsSpan(t *testing.T) {
	refused := answers(func(*http.Request) (*http.Response, error) { return nil, errors.New("dial /canary") })
	ends := func(err error) answers {
		return func(*http.Request) (*http.Response, error) { return nil, fmt.Errorf("GET /canary: %w", err) }
	}
	for _, c := range []struct {
		name         string
		base         http.RoundTripper
		status, kind string
		code         codes.Code
	}{
		{"well", text(200, strings.NewReader("{}")), "200", "", codes.Unset},
		{"with a refusal", text(404, strings.NewReader("{}")), "404", "404", codes.Error},
		{"with a failure of the store", text(503, strings.NewReader("{}")), "503", "503", codes.Error},
		{"without a connection", refused, "", "*errors.errorString", codes.Error},
		{"with its caller", ends(context.Canceled), "", "canceled", codes.Error},
		{"too late", ends(context.DeadlineExceeded), "", "timeout", codes.Error},
		{"within the body", text(200, broken{}), "200", "*fmt.wrapError", codes.Error},
	} {
		t.Run(c.name, func(t *testing.T) {
			spans, provider := recorder(t)
			client := &http.Client{Transport: oteltrace.NewTransport(oteltrace.Config{Base: c.base, TracerProvider: provider})}
			resp, err := client.Get("https://store.example:8443/v7/canary?canary=1")
			if err == nil {
				_, _ = io.ReadAll(resp.Body)
				if n := len(spans.GetSpans()); n != 0 {
					t.Errorf("the span ended before the body was closed")
				}
				_ = resp.Body.Close()
				_ = resp.Body.Close()
			}
			got := spans.GetSpans()
			if len(got) != 1 {
				t.Fatalf("there are %d spans", len(got))
			}
			s, a := got[0], attributes(got[0])
			if s.Name != "GET" || s.SpanKind != trace.SpanKindClient || s.Status.Code != c.code || s.Status.Description != "" {
				t.Errorf("the span is %q of the kind %v with %v", s.Name, s.SpanKind, s.Status)
			}
			if a["http.response.status_code"] != c.status || a["error.type"] != c.kind {
				t.Errorf("the attributes are %v", a)
			}
			if a["http.request.method"] != "GET" || a["server.address"] != "store.example" || a["server.port"] != "8443" {
				t.Errorf("the attributes are %v", a)
			}
			if all := fmt.Sprintf("%+v", got); strings.Contains(all, "canary") {
				t.Errorf("the URL shows: %s", all)
			}
		})
	}
}

func TestATransportThatPanicsEndsItsSpan(t *testing.T) {
	spans, provider := recorder(t)
	transport := oteltrace.NewTransport(oteltrace.Config{Base: answers(func(*http.Request) (*http.Response, error) { panic("broken") }), TracerProvider: provider})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		req, _ := http.NewRequest(http.MethodPost, "http://store.example/", nil)
		_, _ = transport.RoundTrip(req)
	}()
	if got := spans.GetSpans(); len(got) != 1 || attributes(got[0])["server.port"] != "80" {
		t.Errorf("the spans are %+v", got)
	}
}

func TestASpanThatIsNotSampledCostsNoBody(t *testing.T) {
	spans, provider := recorder(t, sdk.WithSampler(sdk.NeverSample()))
	inner := strings.NewReader("{}")
	transport := oteltrace.NewTransport(oteltrace.Config{Base: text(200, inner), TracerProvider: provider})
	req, _ := http.NewRequest(http.MethodGet, "https://store.example/", nil)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%T", io.NopCloser(inner)); fmt.Sprintf("%T", resp.Body) != want {
		t.Errorf("the body is a %T", resp.Body)
	}
	_ = resp.Body.Close()
	if n := len(spans.GetSpans()); n != 0 {
		t.Errorf("there are %d spans", n)
	}
}

func TestTheGlobalProviderIsTheDefault(t *testing.T) {
	before := otel.GetTracerProvider()
	defer otel.SetTracerProvider(before)
	transport := oteltrace.NewTransport(oteltrace.Config{Base: text(200, strings.NewReader("{}"))})
	spans, provider := recorder(t)
	otel.SetTracerProvider(provider) // after it was made, as a program's start may have it
	req, _ := http.NewRequest(http.MethodGet, "https://store.example/", nil)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if got := spans.GetSpans(); len(got) != 1 || attributes(got[0])["server.port"] != "443" {
		t.Errorf("the spans are %+v", got)
	}
}

func TestIdleConnectionsAreClosedThroughIt(t *testing.T) {
	base := &idle{}
	client := &http.Client{Transport: oteltrace.NewTransport(oteltrace.Config{Base: base})}
	client.CloseIdleConnections()
	if !base.closed {
		t.Error("nobody told the base")
	}
	client = &http.Client{Transport: oteltrace.NewTransport(oteltrace.Config{})}
	client.CloseIdleConnections() // of the default
}

type idle struct {
	http.RoundTripper
	closed bool
}

func (i *idle) CloseIdleConnections() { i.closed = true }
