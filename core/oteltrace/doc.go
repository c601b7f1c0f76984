// Package oteltrace shows each request to a store as a span of OpenTelemetry:
//
//	store, err := onestore.New(onestore.Config{ …,
//		HTTPClient: &http.Client{Transport: oteltrace.NewTransport(oteltrace.Config{})}})
//	gate, err := core.New(core.Config{Stores: []core.Store{store}, Carry: oteltrace.Carry})
//
// A span is one request on the wire, of the kind client, named by its method and operation ("GET
// getPurchaseDetails"), so that a call that was repeated shows as two. Its attributes follow OpenTelemetry's
// semantic conventions for HTTP clients, but for url.full: a URL of a store holds the purchase token.
// url.template stands for it, and skugate.store and skugate.operation say whose call it was. No attribute,
// name, event or status holds a token, an account or a secret.
//
// A look-up belongs to nobody's request, because several may wait for it. With Carry its spans are children
// of the span of the request that began it; without, and for a refresh that nobody waits for and for access
// tokens, each begins a trace of its own. Nothing of the trace is sent to the store.
package oteltrace
