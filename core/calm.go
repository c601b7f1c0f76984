package core

import (
	"context"
	"log/slog"
)

// calm keeps a handler of the embedder's that panics from ending a request, or the process where a
// look-up logs: what it was told is lost. A logger that With makes of it would not be calm; the gate makes
// none.
type calm struct{ slog.Handler }

// Enabled implements slog.Handler.
func (c *calm) Enabled(ctx context.Context, level slog.Level) (enabled bool) {
	defer func() { _ = recover() }()
	return c.Handler.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (c *calm) Handle(ctx context.Context, r slog.Record) error {
	defer func() { _ = recover() }()
	return c.Handler.Handle(ctx, r)
}
