package oteltrace

import (
	"context"

	"go.opentelemetry.io/otel/trace"
)

// Carry is for core.Config.Carry: it makes the spans of a store call children of the span of the request
// that began it.
func Carry(from context.Context) (into func(context.Context) context.Context) {
	span := trace.SpanContextFromContext(from)
	if !span.IsValid() {
		return nil
	}
	return func(ctx context.Context) context.Context { return trace.ContextWithSpanContext(ctx, span) }
}
