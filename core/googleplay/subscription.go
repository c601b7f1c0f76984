package googleplay

import (
	"context"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// SubscriptionState is the state of a subscription. Another value may be sent one day.
//
// Spec: androidpublisher v3, "SubscriptionState".
type SubscriptionState string

// The states of a subscription.
const (
	SubscriptionUnspecified             SubscriptionState = "SUBSCRIPTION_STATE_UNSPECIFIED"
	SubscriptionPending                 SubscriptionState = "SUBSCRIPTION_STATE_PENDING" // created, the first payment is awaited
	SubscriptionActive                  SubscriptionState = "SUBSCRIPTION_STATE_ACTIVE"
	SubscriptionPaused                  SubscriptionState = "SUBSCRIPTION_STATE_PAUSED"
	SubscriptionInGracePeriod           SubscriptionState = "SUBSCRIPTION_STATE_IN_GRACE_PERIOD"
	SubscriptionOnHold                  SubscriptionState = "SUBSCRIPTION_STATE_ON_HOLD"
	SubscriptionCanceled                SubscriptionState = "SUBSCRIPTION_STATE_CANCELED" // will not renew, not over yet
	SubscriptionExpired                 SubscriptionState = "SUBSCRIPTION_STATE_EXPIRED"
	SubscriptionPendingPurchaseCanceled SubscriptionState = "SUBSCRIPTION_STATE_PENDING_PURCHASE_CANCELED" // the first payment never came
)

// The values of SubscriptionPurchaseV2.AcknowledgementState.
const (
	acknowledgementPending      = "ACKNOWLEDGEMENT_STATE_PENDING"
	acknowledgementAcknowledged = "ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED"
)

// SubscriptionPurchaseV2 is the state of a subscription. A time is zero, and a text empty, where the
// store sent nothing or null; SubscriptionState is always there.
//
// Spec: androidpublisher v3, "SubscriptionPurchaseV2".
type SubscriptionPurchaseV2 struct {
	SubscriptionState    SubscriptionState
	LineItems            []SubscriptionLineItem
	StartTime            time.Time // zero while the first payment is awaited
	RegionCode           string    // ISO 3166-1 alpha-2
	LatestOrderID        string    // also of a payment that failed; Google prefers each line item's own
	LinkedPurchaseToken  string    // of the subscription that this one replaced; an identifier, keep it out of logs
	AcknowledgementState string    // ACKNOWLEDGEMENT_STATE_PENDING, ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED
	AutoResumeTime       time.Time // of a paused subscription
	UserCancelTime       time.Time // when the player cancelled it
	TestPurchase         bool      // made by a licence tester

	// ObfuscatedExternalAccountID and -ProfileID are what the game set at the purchase.
	ObfuscatedExternalAccountID, ObfuscatedExternalProfileID string

	ServerTime time.Time // the store's clock when it answered, zero if it did not say
}

// SubscriptionLineItem is one product of a subscription; one with add-ons has several.
//
// Spec: androidpublisher v3, "SubscriptionPurchaseLineItem".
type SubscriptionLineItem struct {
	ProductID               string
	ExpiryTime              time.Time // the last millisecond of access
	AutoRenewEnabled        bool      // false also for a prepaid plan
	Prepaid                 bool
	LatestSuccessfulOrderID string // empty while the player does not own the item yet
	BasePlanID, OfferID     string
	// DeferredReplacement is the product that takes this one's place when it expires.
	DeferredReplacement string
}

// SubscriptionPurchaseV2 reads the state of a subscription, whichever product it is of.
//
// Spec: androidpublisher v3, "purchases.subscriptionsv2.get".
//
//googleplay:operation GET /androidpublisher/v3/applications/{packageName}/purchases/subscriptionsv2/tokens/{token}
func (c *Client) SubscriptionPurchaseV2(ctx context.Context, token string) (*SubscriptionPurchaseV2, error) {
	return call[SubscriptionPurchaseV2](ctx, c, getSubscription, token)
}

func (s *SubscriptionPurchaseV2) read(o *rest.Object, a *rest.Answer) {
	*s = SubscriptionPurchaseV2{
		SubscriptionState:    SubscriptionState(o.Text("subscriptionState")),
		StartTime:            o.Timestamp("startTime"),
		RegionCode:           o.Text("regionCode"),
		LatestOrderID:        o.Text("latestOrderId"),
		LinkedPurchaseToken:  o.Text("linkedPurchaseToken"),
		AcknowledgementState: o.Text("acknowledgementState"),
		TestPurchase:         o.Object("testPurchase") != nil,
		ServerTime:           a.Date(),
	}
	if s.SubscriptionState == "" {
		o.Fault("subscriptionState", "is missing")
	}
	if ids := o.Object("externalAccountIdentifiers"); ids != nil {
		s.ObfuscatedExternalAccountID = ids.Text("obfuscatedExternalAccountId")
		s.ObfuscatedExternalProfileID = ids.Text("obfuscatedExternalProfileId")
	}
	if paused := o.Object("pausedStateContext"); paused != nil {
		s.AutoResumeTime = paused.Timestamp("autoResumeTime")
	}
	if canceled := o.Object("canceledStateContext"); canceled != nil {
		if user := canceled.Object("userInitiatedCancellation"); user != nil {
			s.UserCancelTime = user.Timestamp("cancelTime")
		}
	}
	for _, item := range o.Objects("lineItems") {
		s.LineItems = append(s.LineItems, lineItem(item))
	}
}

func lineItem(o *rest.Object) SubscriptionLineItem {
	i := SubscriptionLineItem{
		ProductID:               o.Text("productId"),
		ExpiryTime:              o.Timestamp("expiryTime"),
		Prepaid:                 o.Object("prepaidPlan") != nil,
		LatestSuccessfulOrderID: o.Text("latestSuccessfulOrderId"),
	}
	if plan := o.Object("autoRenewingPlan"); plan != nil {
		if on := plan.Bool("autoRenewEnabled"); on != nil {
			i.AutoRenewEnabled = *on
		}
	}
	if offer := o.Object("offerDetails"); offer != nil {
		i.BasePlanID, i.OfferID = offer.Text("basePlanId"), offer.Text("offerId")
	}
	if next := o.Object("deferredItemReplacement"); next != nil {
		i.DeferredReplacement = next.Text("productId")
	}
	return i
}
