package oteltrace

import (
	"context"
	"errors"
	"fmt"
	"net"

	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// fail marks a span with the kind of an error. Its text is left out: it may quote the URL.
func fail(span trace.Span, err error) {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		failAs(span, "canceled")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		failAs(span, "timeout")
	default:
		failAs(span, fmt.Sprintf("%T", err))
	}
}

func failAs(span trace.Span, kind string) {
	span.SetAttributes(semconv.ErrorTypeKey.String(kind))
	span.SetStatus(codes.Error, "")
}
