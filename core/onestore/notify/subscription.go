package notify

import (
	"log/slog"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
	"github.com/skugate/skugate/core/onestore"
)

// Subscription is a subscription notification (SNS). ONE store signs none: anybody can have written it
// who knows where to send it. Its text and its log value leave out what names the purchase.
//
// App, environment, market, EventTime, Type and PurchaseToken are always there.
//
// Spec: ONE store, "SNS".
type Subscription struct {
	MessageVersion string
	ClientID       string // since 3.1.0
	PackageName    string // before
	EventTime      time.Time
	Version        string // of the inner message, "1"
	Type           Type
	PurchaseToken  string
	ProductID      string
	Environment    onestore.Environment
	Market         onestore.Market
}

// ParseSubscription reads a subscription notification. The error matches ErrMalformed or ErrOtherApp.
// There is no signature to verify: whoever calls it has to know who sent the body, and must not believe
// the message but ask the store.
func (v *Verifier) ParseSubscription(body []byte) (*Subscription, error) {
	o, err := rest.Parse(body)
	if err != nil {
		return nil, malformed(err)
	}
	envelope, err := v.open(o, "environment", "environmenmt") // the second stands in the document's sample
	if err != nil {
		return nil, err
	}
	s := &Subscription{
		MessageVersion: envelope.version,
		ClientID:       envelope.clientID,
		PackageName:    envelope.packageName,
		EventTime:      millis(o, "eventTimeMillis", o.RequiredInt("eventTimeMillis")),
		Environment:    v.app.Environment,
		Market:         v.app.Market,
	}
	if inner := o.Object("subscriptionNotification"); inner != nil {
		if n := inner.RequiredInt("notificationType"); n != nil {
			s.Type = Type(*n)
		}
		s.PurchaseToken = token(inner, "purchaseToken")
		s.Version, s.ProductID = inner.Text("version"), inner.Text("productId")
	} else {
		o.Fault("subscriptionNotification", "is missing")
	}
	if err := o.Err(); err != nil {
		return nil, malformed(err)
	}
	return s, nil
}

// String says what kind of notification it is.
func (s Subscription) String() string { return s.Type.String() + " (" + word(s.Environment) + ")" }

// LogValue is String, for slog.
func (s Subscription) LogValue() slog.Value { return slog.StringValue(s.String()) }
