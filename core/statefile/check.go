package statefile

import "context"

// Check tells whether the file can still be used: it is open, and nothing has failed that ends its use. It reads
// nothing.
func (f *File) Check(context.Context) error { return f.ended() }

// Check implements core.Checker.
func (o owners) Check(ctx context.Context) error { return o.file.Check(ctx) }

// Check implements core.Checker.
func (o *outbox) Check(ctx context.Context) error { return o.file.Check(ctx) }

// Check implements core.Checker.
func (v voids) Check(ctx context.Context) error { return v.file.Check(ctx) }

// Check implements core.Checker.
func (s facts) Check(ctx context.Context) error { return s.file.Check(ctx) }
