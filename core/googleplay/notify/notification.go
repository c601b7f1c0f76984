package notify

import (
	"log/slog"
	"time"
)

// Notification is a real-time developer notification: that something happened to a purchase. It is a
// claim, not a fact: whoever can post to the endpoint can have written it. Its text and its log value
// leave out what names the purchase.
//
// PackageName and EventTime are always there, MessageID where it was pushed. Of the others at most one is;
// none means that Google sends a kind that no document had yet.
//
// Spec: Google Play, "Real-time developer notifications reference guide", DeveloperNotification.
type Notification struct {
	MessageID   string // Pub/Sub's; the same when it comes again
	Version     string // "1.0"
	PackageName string
	EventTime   time.Time

	Subscription *Subscription
	Product      *Product
	Voided       *Voided
	Test         bool // the Play Console's test message
}

// Subscription is what happened to a subscription.
type Subscription struct {
	Type          SubscriptionType
	PurchaseToken string // an identifier, keep it out of logs
	ProductID     string // empty where Google sent none
}

// Product is what happened to the purchase of a one-time product.
type Product struct {
	Type          ProductType
	PurchaseToken string // an identifier, keep it out of logs
	ProductID     string // empty where Google sent none
}

// Voided is a payment that was taken back.
type Voided struct {
	PurchaseToken string // an identifier, keep it out of logs
	OrderID       string // of the one payment; empty where Google sent none
	Subscription  bool   // false: of a one-time product
	Partial       bool   // some of several were refunded, and the purchase stands
}

// PurchaseToken is what the notification is about, empty if it is about no purchase.
func (n *Notification) PurchaseToken() string {
	switch {
	case n.Subscription != nil:
		return n.Subscription.PurchaseToken
	case n.Product != nil:
		return n.Product.PurchaseToken
	case n.Voided != nil:
		return n.Voided.PurchaseToken
	default:
		return ""
	}
}

// voided tells whether a payment was taken back, all of it.
func (n *Notification) voided() bool {
	return n.Voided != nil && !n.Voided.Partial || n.Subscription != nil && n.Subscription.Type == Revoked
}

// String says what kind of notification it is.
func (n Notification) String() string {
	switch {
	case n.Subscription != nil:
		return n.Subscription.String()
	case n.Product != nil:
		return n.Product.String()
	case n.Voided != nil:
		return n.Voided.String()
	case n.Test:
		return "TEST"
	default:
		return "UNKNOWN"
	}
}

// LogValue is String, for slog.
func (n Notification) LogValue() slog.Value { return slog.StringValue(n.String()) }

// String is the type.
func (s Subscription) String() string { return s.Type.String() }

// LogValue is String, for slog.
func (s Subscription) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String is the type.
func (p Product) String() string { return p.Type.String() }

// LogValue is String, for slog.
func (p Product) LogValue() slog.Value { return slog.StringValue(p.String()) }

// String tells how much was taken back.
func (v Voided) String() string {
	if v.Partial {
		return "VOIDED_PURCHASE (partial)"
	}
	return "VOIDED_PURCHASE"
}

// LogValue is String, for slog.
func (v Voided) LogValue() slog.Value { return slog.StringValue(v.String()) }
