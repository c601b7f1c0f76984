package onestore

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// SubscriptionDetail is the state of a subscription. A pointer is nil, and a time zero, where the
// store sent nothing or null; ExpiryTime is always there. It alone decides about access: the store
// moves it forward for a grace period, and into the past for hold, pause and revocation.
//
// It prints without its linked token.
//
// Spec: 003_cae853c17ba7f40e.txt, "getSubscriptionDetail".
type SubscriptionDetail struct {
	AcknowledgementState  *int64  // 0 not acknowledged, 1 acknowledged
	DeveloperPayload      *string // what the game set at the purchase; nil and "" mean the same
	AutoRenewing          *bool
	PaymentState          *int64 // nil ended, 0 not paid yet, 1 paid, 2 free period, 3 deferred change of plan
	PriceAmount           string
	PriceAmountMicros     *int64 // the price times 1,000,000
	NextPriceAmount       string
	NextPriceAmountMicros *int64
	NextPaymentTime       time.Time
	PriceCurrencyCode     string
	CountryCode           string
	StartTime             time.Time // of the first payment
	ExpiryTime            time.Time // the last millisecond of access
	PauseStartTime        time.Time // only while a pause is scheduled or running
	PauseEndTime          time.Time
	AutoResumeTime        time.Time
	LinkedPurchaseToken   string // of the subscription that this one replaced; an identifier, keep it out of logs
	LastPurchaseID        string
	CancelledTime         time.Time
	CancelReason          *int64 // 0 the customer, 1 other
	PromotionPrice        *PromotionPrice
	PriceChange           *PriceChange

	ServerTime time.Time // the store's clock when it answered, zero if it did not say
	Raw        Raw       // the whole answer, if Config.KeepRaw
}

// PromotionPrice is the promotion that a subscription runs under.
type PromotionPrice struct {
	PromotionPrice       string
	PromotionPriceMicros *int64
	PromotionPeriod      *int64 // how many payments
}

// PriceChange is a change of price that the player was or is asked about.
type PriceChange struct {
	Seq                  *int64
	PreviousPrice        string
	PreviousPriceMicros  *int64
	NewPrice             string
	NewPriceMicros       *int64
	ApplyTime            time.Time
	Agreement            *bool
	AgreementDueDateTime time.Time
}

// SubscriptionDetail reads the state of a subscription.
//
// Spec: 003_cae853c17ba7f40e.txt, "getSubscriptionDetail".
//
//onestore:operation GET /v7/apps/{clientId}/purchases/subscription/products/{productId}/{purchaseToken}
func (c *Client) SubscriptionDetail(ctx context.Context, productID, token string) (*SubscriptionDetail, error) {
	return call[SubscriptionDetail](ctx, c, getSubscriptionDetail, input{productID: productID, token: token})
}

func (d *SubscriptionDetail) read(o *rest.Object, from origin) {
	*d = SubscriptionDetail{
		AcknowledgementState:  acknowledgement(o, "acknowledgementState", "acknowledgeState"),
		DeveloperPayload:      o.String("developerPayload"),
		AutoRenewing:          o.Bool("autoRenewing"),
		PaymentState:          o.Int("paymentState"),
		PriceAmount:           o.Text("priceAmount"),
		PriceAmountMicros:     o.Int("priceAmountMicros"),
		NextPriceAmount:       o.Text("nextPriceAmount"),
		NextPriceAmountMicros: o.Int("nextPriceAmountMicros"),
		NextPaymentTime:       o.Time("nextPaymentTimeMillis"),
		PriceCurrencyCode:     o.Text("priceCurrencyCode"),
		CountryCode:           o.Text("countryCode"),
		StartTime:             o.Time("startTimeMillis"),
		ExpiryTime:            o.RequiredTime("expiryTimeMillis"),
		PauseStartTime:        o.Time("pauseStartTimeMillis"),
		PauseEndTime:          o.Time("pauseEndTimeMillis"),
		AutoResumeTime:        o.Time("autoResumeTimeMillis"),
		LinkedPurchaseToken:   o.Text("linkedPurchaseToken"),
		LastPurchaseID:        o.Text("lastPurchaseId"),
		CancelledTime:         o.Time("cancelledTimeMillis"),
		CancelReason:          o.Int("cancelReason"),
		ServerTime:            from.at,
		Raw:                   from.raw,
	}
	if p := o.Object("promotionPrice"); p != nil {
		d.PromotionPrice = &PromotionPrice{
			PromotionPrice:       p.Text("promotionPrice"),
			PromotionPriceMicros: p.Int("promotionPriceMicros"),
			PromotionPeriod:      p.Int("promotionPeriod"),
		}
	}
	if p := o.Object("priceChange"); p != nil {
		d.PriceChange = &PriceChange{
			Seq:                  p.Int("seq"),
			PreviousPrice:        p.Text("previousPrice"),
			PreviousPriceMicros:  p.Int("previousPriceMicros"),
			NewPrice:             p.Text("newPrice"),
			NewPriceMicros:       p.Int("newPriceMicros"),
			ApplyTime:            p.Time("applyTimeMillis"),
			Agreement:            p.Bool("agreement"),
			AgreementDueDateTime: p.Time("agreementDueDateTimeMillis"),
		}
	}
}

// String is the state without its linked token.
func (d SubscriptionDetail) String() string {
	type plain SubscriptionDetail
	d.LinkedPurchaseToken = rest.Redacted(d.LinkedPurchaseToken)
	return show(plain(d))
}

// Format is String, for every verb of package fmt.
func (d SubscriptionDetail) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, d.String()) }

// LogValue is String, for slog.
func (d SubscriptionDetail) LogValue() slog.Value { return slog.StringValue(d.String()) }
