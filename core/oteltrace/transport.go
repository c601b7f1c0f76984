package oteltrace

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/skugate/skugate/core/internal/rest"
)

// Config configures a transport. Every field has a default.
type Config struct {
	// Base sends the requests. Default: a transport as store clients have by themselves, for one upstream
	// host, HTTP/1.1, without a proxy.
	Base http.RoundTripper
	// TracerProvider makes the spans. Default: the global one, as it is when a request is sent.
	TracerProvider trace.TracerProvider
}

// NewTransport returns a transport for the HTTPClient of a store client. It starts nothing, and is safe for
// concurrent use.
func NewTransport(c Config) http.RoundTripper {
	if c.Base == nil {
		c.Base = rest.NewTransport()
	}
	return &transport{base: c.Base, provider: c.TracerProvider}
}

type transport struct {
	base     http.RoundTripper
	provider trace.TracerProvider // nil: the global one
}

const scope = "github.com/skugate/skugate/core/oteltrace"

func (t *transport) tracer() trace.Tracer {
	p := t.provider
	if p == nil {
		p = otel.GetTracerProvider()
	}
	return p.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL))
}

// RoundTrip implements http.RoundTripper. The span ends when the answer's body is closed.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	name, attributes := describe(r)
	ctx, span := t.tracer().Start(r.Context(), name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
	if !span.IsRecording() {
		return t.base.RoundTrip(r)
	}
	got := false
	defer func() {
		if !got { // the base panicked
			span.End()
		}
	}()
	resp, err := t.base.RoundTrip(r.WithContext(ctx))
	got = true
	if err != nil {
		fail(span, err)
		span.End()
		return resp, err
	}
	span.SetAttributes(semconv.HTTPResponseStatusCode(resp.StatusCode))
	if resp.StatusCode >= 400 {
		failAs(span, strconv.Itoa(resp.StatusCode))
	}
	resp.Body = &body{ReadCloser: resp.Body, span: span}
	return resp, nil
}

// CloseIdleConnections is what http.Client asks a transport for.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// describe is a span's name and what is known before the answer.
func describe(r *http.Request) (name string, attributes []attribute.KeyValue) {
	name = r.Method
	attributes = append(attributes, semconv.HTTPRequestMethodKey.String(r.Method), semconv.ServerAddress(r.URL.Hostname()))
	if port, err := strconv.Atoi(cmp.Or(r.URL.Port(), usualPort(r.URL))); err == nil {
		attributes = append(attributes, semconv.ServerPort(port))
	}
	call := rest.CallOf(r.Context())
	if call == nil { // somebody else's request
		return name, attributes
	}
	attributes = append(attributes, semconv.URLTemplate(call.Template),
		attribute.String("skugate.store", call.Store), attribute.String("skugate.operation", call.Operation))
	if call.Resent > 0 {
		attributes = append(attributes, semconv.HTTPRequestResendCount(call.Resent))
	}
	return name + " " + call.Operation, attributes
}

func usualPort(u *url.URL) string {
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}
