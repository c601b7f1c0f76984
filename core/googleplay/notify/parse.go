package notify

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/internal/rest"
)

// maxMessageID is far above the 17 digits of real ones.
const maxMessageID = 128

// ParsePush reads the body of a push request, with the payload wrapped. packageName is the app's. The
// error matches ErrMalformed or ErrOtherApp. There is no signature to verify: whoever calls it has to know
// who sent the body, and must not believe the message but ask the store.
//
// Spec: Google Cloud Pub/Sub, "Push subscriptions", wrapped payload.
func ParsePush(body []byte, packageName string) (*Notification, error) {
	o, err := rest.Parse(body)
	if err != nil {
		return nil, malformed(err)
	}
	message := o.Object("message")
	if message == nil {
		o.Fault("message", "is missing")
		return nil, malformed(o.Err())
	}
	id, text := message.RequiredText("messageId"), message.RequiredText("data")
	if len(id) > maxMessageID {
		message.Fault("messageId", "is longer than 128 bytes")
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		message.Fault("data", "is not base64")
	}
	if err := o.Err(); err != nil {
		return nil, malformed(err)
	}
	n, err := Parse(data, packageName)
	if err != nil {
		return nil, err
	}
	n.MessageID = id
	return n, nil
}

// Parse reads the data of a message, for those who pull them; otherwise as ParsePush.
//
// Spec: Google Play, "Real-time developer notifications reference guide", DeveloperNotification.
func Parse(data []byte, packageName string) (*Notification, error) {
	o, err := rest.Parse(data)
	if err != nil {
		return nil, malformed(fmt.Errorf("data: %w", err))
	}
	n := &Notification{
		Version:     o.Text("version"),
		PackageName: o.RequiredText("packageName"),
		EventTime:   o.RequiredTime("eventTimeMillis"),
		Test:        o.Object("testNotification") != nil,
	}
	kinds := 0
	if n.Test {
		kinds++
	}
	if s := o.Object("subscriptionNotification"); s != nil {
		kinds++
		n.Subscription = &Subscription{SubscriptionType(number(s, "notificationType")), token(s), s.Text("subscriptionId")}
	}
	if p := o.Object("oneTimeProductNotification"); p != nil {
		kinds++
		n.Product = &Product{ProductType(number(p, "notificationType")), token(p), p.Text("sku")}
	}
	if v := o.Object("voidedPurchaseNotification"); v != nil {
		kinds++
		n.Voided = &Voided{token(v), v.Text("orderId"), number(v, "productType") == 1, number(v, "refundType") == 2}
	}
	switch err := o.Err(); {
	case err != nil:
		return nil, malformed(fmt.Errorf("data: %w", err))
	case kinds > 1:
		return nil, malformed(errors.New("data: it is of several kinds at once"))
	case n.PackageName != packageName:
		return nil, fmt.Errorf("%w: packageName is another", ErrOtherApp)
	}
	return n, nil
}

// number reads a number that tells what happened; without it the purchase has to be looked up all the same.
func number(o *rest.Object, name string) int64 {
	if n := o.Int(name); n != nil {
		return *n
	}
	return 0
}

// token reads a purchase token.
func token(o *rest.Object) string {
	s := o.RequiredText("purchaseToken")
	if s != "" && new(googleplay.Client).CheckToken(s) != nil { // needs nothing of a client
		o.Fault("purchaseToken", "is no purchase token")
	}
	return s
}
