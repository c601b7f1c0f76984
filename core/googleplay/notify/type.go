package notify

import "strconv"

// SubscriptionType is what happened to a subscription. A type that is not listed here is passed on as it
// came.
//
// Spec: Google Play, "Real-time developer notifications reference guide", SubscriptionNotification.
type SubscriptionType int64

// The documented types.
const (
	Recovered                 SubscriptionType = 1  // back from hold, or a pause ended
	Renewed                   SubscriptionType = 2  // a payment for the next period succeeded
	Canceled                  SubscriptionType = 3  // the renewal was withdrawn; access goes on until the expiry
	Purchased                 SubscriptionType = 4  // bought
	OnHold                    SubscriptionType = 5  // a payment failed, and access ended
	InGracePeriod             SubscriptionType = 6  // a payment failed, and access goes on for now
	Restarted                 SubscriptionType = 7  // a withdrawn renewal was restored
	PriceChangeConfirmed      SubscriptionType = 8  // the player agreed to a new price; superseded by 19
	Deferred                  SubscriptionType = 9  // the next payment was moved
	Paused                    SubscriptionType = 10 // a pause began, and access ended
	PauseScheduleChanged      SubscriptionType = 11 // a pause was announced, moved or called off
	Revoked                   SubscriptionType = 12 // taken away before its expiry
	Expired                   SubscriptionType = 13 // ended
	ItemsChanged              SubscriptionType = 17 // add-ons came or went
	CancellationScheduled     SubscriptionType = 18 // will be cancelled at the end of a commitment
	PriceChangeUpdated        SubscriptionType = 19 // what the player is asked about a price changed
	PendingPurchaseCanceled   SubscriptionType = 20 // the first payment never came
	PriceStepUpConsentUpdated SubscriptionType = 22 // consent to a rising price was asked for or given
)

var subscriptionTypes = map[SubscriptionType]string{
	Recovered: "RECOVERED", Renewed: "RENEWED", Canceled: "CANCELED", Purchased: "PURCHASED", OnHold: "ON_HOLD",
	InGracePeriod: "IN_GRACE_PERIOD", Restarted: "RESTARTED", PriceChangeConfirmed: "PRICE_CHANGE_CONFIRMED",
	Deferred: "DEFERRED", Paused: "PAUSED", PauseScheduleChanged: "PAUSE_SCHEDULE_CHANGED", Revoked: "REVOKED",
	Expired: "EXPIRED", ItemsChanged: "ITEMS_CHANGED", CancellationScheduled: "CANCELLATION_SCHEDULED",
	PriceChangeUpdated: "PRICE_CHANGE_UPDATED", PendingPurchaseCanceled: "PENDING_PURCHASE_CANCELED",
	PriceStepUpConsentUpdated: "PRICE_STEP_UP_CONSENT_UPDATED",
}

// String is the document's name, such as SUBSCRIPTION_RENEWED, or the number after "SUBSCRIPTION_".
func (t SubscriptionType) String() string {
	if name, ok := subscriptionTypes[t]; ok {
		return "SUBSCRIPTION_" + name
	}
	return "SUBSCRIPTION_" + strconv.FormatInt(int64(t), 10)
}

// ProductType is what happened to the purchase of a one-time product. A type that is not listed here is
// passed on as it came.
//
// Spec: Google Play, "Real-time developer notifications reference guide", OneTimeProductNotification.
type ProductType int64

// The documented types.
const (
	ProductPurchased ProductType = 1 // bought, or a pending payment came
	ProductCanceled  ProductType = 2 // a pending payment never came
)

// String is the document's name, such as ONE_TIME_PRODUCT_PURCHASED, or the number after
// "ONE_TIME_PRODUCT_".
func (t ProductType) String() string {
	switch t {
	case ProductPurchased:
		return "ONE_TIME_PRODUCT_PURCHASED"
	case ProductCanceled:
		return "ONE_TIME_PRODUCT_CANCELED"
	default:
		return "ONE_TIME_PRODUCT_" + strconv.FormatInt(int64(t), 10)
	}
}
