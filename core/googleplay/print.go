package googleplay

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/skugate/skugate/core/internal/rest"
)

// Purchase tokens can be guessed and are no secrets, but whoever has one can ask about a purchase: what
// a look-up or a list returns prints without them.

// String is the purchase without its token.
func (p ProductPurchase) String() string {
	type plain ProductPurchase
	p.PurchaseToken = rest.Redacted(p.PurchaseToken)
	return fmt.Sprintf("%+v", plain(p))
}

// Format is String, for every verb of package fmt.
func (p ProductPurchase) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// LogValue is String, for slog.
func (p ProductPurchase) LogValue() slog.Value { return slog.StringValue(p.String()) }

// String is the subscription without the token that it replaced.
func (s SubscriptionPurchaseV2) String() string {
	type plain SubscriptionPurchaseV2
	s.LinkedPurchaseToken = rest.Redacted(s.LinkedPurchaseToken)
	return fmt.Sprintf("%+v", plain(s))
}

// Format is String, for every verb of package fmt.
func (s SubscriptionPurchaseV2) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is String, for slog.
func (s SubscriptionPurchaseV2) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String is the row without its token.
func (v VoidedPurchase) String() string {
	type plain VoidedPurchase
	v.PurchaseToken = rest.Redacted(v.PurchaseToken)
	return fmt.Sprintf("%+v", plain(v))
}

// Format is String, for every verb of package fmt.
func (v VoidedPurchase) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, v.String()) }

// LogValue is String, for slog.
func (v VoidedPurchase) LogValue() slog.Value { return slog.StringValue(v.String()) }
