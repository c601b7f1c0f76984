package googleplay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/rest"
	"github.com/skugate/skugate/core/internal/terms"
)

// This file, store_consume.go and fault.go alone translate between Google's terms and core's.

var (
	_ core.Store         = (*Client)(nil)
	_ core.StatsReporter = (*Client)(nil)
	_ core.Acknowledger  = (*Client)(nil)
	_ core.VoidLister    = (*Client)(nil)
)

// ID implements core.Store.
func (c *Client) ID() core.StoreID { return core.StoreID(c.name) }

// Describe implements core.Store. A client that lets test purchases count is another environment.
func (c *Client) Describe() core.StoreInfo {
	info := core.StoreInfo{Platform: "googleplay", Application: c.packageName, Environment: "production"}
	if c.testers {
		info.Environment = "production and test purchases"
	}
	if c.base != nil && c.base.String() != defaultBaseURL {
		info.Environment += " at " + c.base.Host + c.base.Path
	}
	return info
}

// CheckProduct implements core.Store.
func (c *Client) CheckProduct(p core.Product) error {
	var faults []error
	if p.Store != c.ID() {
		faults = append(faults, fmt.Errorf("googleplay: the product is of the store %q, the client is %q", p.Store, c.name))
	}
	switch p.Kind {
	case core.KindInApp, core.KindSubscription:
	default:
		faults = append(faults, fmt.Errorf("googleplay: the kind %q is not inapp or subscription", p.Kind))
	}
	if err := checkProductID(p.ID); err != nil {
		faults = append(faults, fmt.Errorf("googleplay: the product id %w", err))
	}
	return errors.Join(faults...)
}

// CheckToken implements core.Store: a token is 1 to 1,024 bytes of what can be printed, without
// blanks, and no dot segment.
func (c *Client) CheckToken(token string) error {
	if err := checkToken(token); err != nil {
		return fmt.Errorf("googleplay: the purchase token %w", err)
	}
	return nil
}

// ClientStats implements core.StatsReporter.
func (c *Client) ClientStats() core.ClientStats {
	s := c.line.Stats()
	return core.ClientStats{
		Attempts: s.Attempts, Retries: s.Retries, AccessTokens: c.accessTokens.Load(),
		Paused: s.Paused, PausedUntil: s.PausedUntil,
	}
}

var errMismatch = errors.New("googleplay: the purchase is of another product or token")

// Lookup implements core.Store, with the pauses and retries of every call of a Client.
func (c *Client) Lookup(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
	if err := c.CheckProduct(p); err != nil {
		return nil, &core.StoreError{Fault: core.FaultMisconfigured, Reason: core.ReasonMisconfigured, Err: err}
	}
	if err := c.CheckToken(token); err != nil {
		return nil, &core.StoreError{Fault: core.FaultTokenRefused, Reason: core.ReasonInvalidToken, Err: err}
	}
	purchase, err := c.purchase(ctx, p, token)
	if err != nil {
		return nil, storeError(err)
	}
	purchase.Token = token
	if purchase.Test && !c.testers && purchase.State == core.StatePurchased {
		purchase.State = core.StateTest
	}
	return purchase, nil
}

func (c *Client) purchase(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
	if p.Kind == core.KindSubscription {
		s, err := c.SubscriptionPurchaseV2(ctx, token)
		if err != nil {
			return nil, err
		}
		item := s.item(p.ID)
		if item == nil {
			return nil, errMismatch
		}
		return subscription(s, item), nil
	}
	d, err := c.ProductPurchase(ctx, p.ID, token)
	if err != nil {
		return nil, err
	}
	if d.ProductID != "" && d.ProductID != p.ID || d.PurchaseToken != "" && d.PurchaseToken != token {
		return nil, errMismatch
	}
	return oneTime(d), nil
}

func oneTime(d *ProductPurchase) *core.Purchase {
	p := &core.Purchase{
		ID:              d.OrderID,
		Label:           d.ObfuscatedExternalAccountID,
		State:           state(d.PurchaseState),
		Consumption:     terms.Consumption(d.ConsumptionState),
		Acknowledgement: acknowledgement(d.AcknowledgementState),
		Quantity:        1,
		Test:            rest.Is(d.PurchaseType, 0),
		PurchasedAt:     d.PurchaseTime,
		StoreTime:       d.ServerTime,
	}
	if d.Quantity != nil {
		p.Quantity = int(*d.Quantity)
	}
	if left := d.RefundableQuantity; left != nil {
		p.Refunded = p.Quantity - int(*left)
		p.Quantity = int(*left)
	}
	return p
}

// item is the product's line item, the one that lasts longest if there are several, nil if there is none.
func (s *SubscriptionPurchaseV2) item(productID string) *SubscriptionLineItem {
	var found *SubscriptionLineItem
	for i := range s.LineItems {
		if item := &s.LineItems[i]; item.ProductID == productID && (found == nil || item.ExpiryTime.After(found.ExpiryTime)) {
			found = item
		}
	}
	return found
}

// awaited tells whether the item takes another one's place later, and is not the player's before.
func (s *SubscriptionPurchaseV2) awaited(item *SubscriptionLineItem) bool {
	for i := range s.LineItems {
		if s.LineItems[i].DeferredReplacement == item.ProductID && s.LineItems[i].ProductID != item.ProductID {
			return item.LatestSuccessfulOrderID == ""
		}
	}
	return false
}

// subscription lets Google's state decide before the expiry: where the state has no access and the
// expiry says otherwise, the purchase says that no payment stands behind it, and grants nothing.
func subscription(s *SubscriptionPurchaseV2, item *SubscriptionLineItem) *core.Purchase {
	p := &core.Purchase{
		ID:              cmp.Or(item.LatestSuccessfulOrderID, s.LatestOrderID),
		Label:           s.ObfuscatedExternalAccountID,
		State:           core.StatePurchased,
		Acknowledgement: acknowledgementOf(s.AcknowledgementState),
		AutoRenewing:    item.AutoRenewEnabled,
		Quantity:        1,
		Test:            s.TestPurchase,
		PurchasedAt:     s.StartTime,
		ExpiresAt:       item.ExpiryTime,
		CanceledAt:      s.UserCancelTime,
		LinkedToken:     s.LinkedPurchaseToken,
		StoreTime:       s.ServerTime,
	}
	suspended := false
	switch s.SubscriptionState {
	case SubscriptionActive:
		p.Payment = core.PaymentReceived
	case SubscriptionCanceled:
		p.Payment, p.AutoRenewing = core.PaymentReceived, false
	case SubscriptionInGracePeriod:
		p.Payment = core.PaymentPending
	case SubscriptionOnHold:
		p.Payment, suspended = core.PaymentPending, true
	case SubscriptionPaused: // from the end of the paid period on
		p.Payment, suspended = core.PaymentReceived, true
		p.PausesAt, p.ResumesAt = p.ExpiresAt, s.AutoResumeTime
	case SubscriptionExpired:
		p.Payment, p.AutoRenewing = core.PaymentNone, false
	case SubscriptionPending:
		p.State = core.StatePending
	case SubscriptionPendingPurchaseCanceled:
		p.State = core.StateCanceled
	case SubscriptionUnspecified:
		p.State = core.StateMissing
	default:
		p.State = core.StateUnrecognized
	}
	if suspended && !p.ExpiresAt.Before(s.latest()) {
		p.Payment = core.PaymentNone
	}
	if p.State == core.StatePurchased && s.awaited(item) {
		p.State = core.StatePending
	}
	return p
}

// latest is the latest instant at which the store can have answered: its Date counts whole seconds.
func (s *SubscriptionPurchaseV2) latest() time.Time {
	if s.ServerTime.IsZero() {
		return time.Now()
	}
	return s.ServerTime.Add(time.Second)
}

func state(n *int64) core.State {
	switch {
	case n == nil:
		return core.StateMissing
	case *n == 0:
		return core.StatePurchased
	case *n == 1:
		return core.StateCanceled
	case *n == 2:
		return core.StatePending
	default:
		return core.StateUnrecognized
	}
}

func acknowledgement(n *int64) core.Acknowledgement {
	switch {
	case rest.Is(n, 0):
		return core.Unacknowledged
	case rest.Is(n, 1):
		return core.Acknowledged
	default:
		return core.AcknowledgementMissing
	}
}

func acknowledgementOf(state string) core.Acknowledgement {
	switch state {
	case acknowledgementPending:
		return core.Unacknowledged
	case acknowledgementAcknowledged:
		return core.Acknowledged
	default:
		return core.AcknowledgementMissing
	}
}

// Acknowledge implements core.Acknowledger.
func (c *Client) Acknowledge(ctx context.Context, p core.Product, token string) error {
	if p.Kind == core.KindSubscription {
		return c.AcknowledgeSubscription(ctx, p.ID, token, "")
	}
	return c.AcknowledgeProduct(ctx, p.ID, token, "")
}

// Voided implements core.VoidLister. It leaves out refunds of some of several, which the next look-up
// shows.
func (c *Client) Voided(ctx context.Context, from, until time.Time) iter.Seq2[core.Void, error] {
	return func(yield func(core.Void, error) bool) {
		for v, err := range c.VoidedPurchases(ctx, Window{Start: from, End: until}) {
			void, whole := c.Void(v)
			if err == nil && !whole {
				continue
			}
			if !yield(void, err) {
				return
			}
		}
	}
}

// Void is what the voided payment means to a gate. It is false for a refund of some of several: the
// purchase stands, and a look-up tells the rest; Gate.InvalidateToken makes it come.
func (c *Client) Void(v VoidedPurchase) (core.Void, bool) {
	return core.Void{Store: c.ID(), Token: v.PurchaseToken, PurchaseID: v.OrderID, At: v.VoidedTime}, v.VoidedQuantity == nil
}
