package core

import "log/slog"

// LogValue is what a log may hold of a decision, for slog: no token, no payment, no account.
func (d Decision) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("outcome", d.Outcome.String()), slog.String("reason", string(d.Reason)),
		slog.String("product", d.Product.String()), slog.String("source", string(d.Source)),
	}
	if !d.ExpiresAt.IsZero() {
		attrs = append(attrs, slog.Time("expires", d.ExpiresAt))
	}
	if !d.VerifiedAt.IsZero() {
		attrs = append(attrs, slog.Time("verified", d.VerifiedAt))
	}
	if d.Err != nil {
		attrs = append(attrs, slog.Any("error", d.Err))
	}
	return slog.GroupValue(attrs...)
}

// LogValue is what a log may hold of a purchase, for slog: no token, no payment, no account.
func (p *Purchase) LogValue() slog.Value {
	if p == nil {
		return slog.Value{}
	}
	return slog.GroupValue(slog.Time("purchased", p.PurchasedAt), slog.Time("expires", p.ExpiresAt), slog.Bool("test", p.Test))
}
