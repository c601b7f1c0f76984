package oteltrace

import (
	"io"
	"sync"

	"go.opentelemetry.io/otel/trace"
)

// body ends a span when it is closed.
type body struct {
	io.ReadCloser
	span trace.Span
	once sync.Once
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		fail(b.span, err)
	}
	return n, err
}

// Close implements io.Closer.
func (b *body) Close() error {
	defer b.once.Do(func() { b.span.End() })
	return b.ReadCloser.Close()
}
