package onestore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/rest"
	"github.com/skugate/skugate/core/internal/terms"
)

// This file, store_consume.go and fault.go alone translate between ONE store's terms and core's.

var (
	_ core.Store         = (*Client)(nil)
	_ core.StatsReporter = (*Client)(nil)
)

// ID implements core.Store.
func (c *Client) ID() core.StoreID { return core.StoreID(c.name) }

// Describe implements core.Store.
func (c *Client) Describe() core.StoreInfo {
	info := core.StoreInfo{
		Platform:    "onestore",
		Application: c.clientID,
		Market:      string(c.market),
		Environment: string(c.environment),
		Sandbox:     c.environment == Sandbox,
	}
	if c.base != nil && c.base.String() != c.environment.host() {
		info.Environment += " at " + c.base.Host + c.base.Path
	}
	return info
}

// CheckProduct implements core.Store.
//
// Spec: 003_cae853c17ba7f40e.txt, "商品类型代码".
func (c *Client) CheckProduct(p core.Product) error {
	var faults []error
	if p.Store != c.ID() {
		faults = append(faults, fmt.Errorf("onestore: the product is of the store %q, the client is %q", p.Store, c.name))
	}
	switch p.Kind {
	case core.KindInApp, core.KindRecurring, core.KindSubscription:
	default:
		faults = append(faults, fmt.Errorf("onestore: the kind %q is not inapp, auto or subscription", p.Kind))
	}
	if err := checkProductID(p.ID); err != nil {
		faults = append(faults, fmt.Errorf("onestore: the product id %w", err))
	}
	return errors.Join(faults...)
}

// CheckToken implements core.Store: a token is 1 to 64 of A-Z a-z 0-9 . _ - and no dot segment.
func (c *Client) CheckToken(token string) error {
	if err := checkToken(token); err != nil {
		return fmt.Errorf("onestore: the purchase token %w", err)
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
	// No member tells. Nobody pays in the sandbox, and a tester's purchase is named like one there.
	purchase.Test = c.environment == Sandbox || strings.HasPrefix(token, "SANDBOX")
	return purchase, nil
}

func (c *Client) purchase(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
	switch p.Kind {
	case core.KindInApp:
		d, err := c.PurchaseDetails(ctx, p.ID, token)
		if err != nil {
			return nil, err
		}
		return managed(d), nil
	case core.KindRecurring:
		d, err := c.RecurringPurchaseDetails(ctx, p.ID, token)
		if err != nil {
			return nil, err
		}
		return recurring(d), nil
	default:
		d, err := c.SubscriptionDetail(ctx, p.ID, token)
		if err != nil {
			return nil, err
		}
		return subscription(d), nil
	}
}

func managed(d *PurchaseDetails) *core.Purchase {
	p := &core.Purchase{
		ID:              d.PurchaseID,
		Label:           value(d.DeveloperPayload),
		State:           state(d.PurchaseState),
		Consumption:     terms.Consumption(d.ConsumptionState),
		Acknowledgement: acknowledged(d.AcknowledgeState),
		Quantity:        1,
		PurchasedAt:     d.PurchaseTime,
		StoreTime:       d.ServerTime,
	}
	if d.Quantity != nil {
		p.Quantity = int(*d.Quantity)
	}
	return p
}

func recurring(d *RecurringPurchaseDetails) *core.Purchase {
	return &core.Purchase{
		ID:              d.LastPurchaseID,
		Label:           value(d.DeveloperPayload),
		State:           state(d.LastPurchaseState),
		Acknowledgement: acknowledged(d.AcknowledgeState),
		AutoRenewing:    value(d.AutoRenewing),
		Quantity:        1,
		PurchasedAt:     d.StartTime,
		ExpiresAt:       d.ExpiryTime,
		CanceledAt:      d.CancelledTime,
		StoreTime:       d.ServerTime,
	}
}

func subscription(d *SubscriptionDetail) *core.Purchase {
	return &core.Purchase{
		ID:              d.LastPurchaseID,
		Label:           value(d.DeveloperPayload),
		State:           core.StatePurchased,
		Acknowledgement: acknowledged(d.AcknowledgementState),
		Payment:         payment(d.PaymentState),
		AutoRenewing:    value(d.AutoRenewing),
		Quantity:        1,
		PurchasedAt:     d.StartTime,
		ExpiresAt:       d.ExpiryTime,
		PausesAt:        d.PauseStartTime,
		ResumesAt:       d.PauseEndTime,
		CanceledAt:      d.CancelledTime,
		LinkedToken:     d.LinkedPurchaseToken,
		StoreTime:       d.ServerTime,
	}
}

// Acknowledge implements core.Acknowledger. It sends no developerPayload: what is not sent cannot be
// refused for not matching.
func (c *Client) Acknowledge(ctx context.Context, p core.Product, token string) error {
	return c.AcknowledgePurchase(ctx, p.ID, token, "")
}

// Voided implements core.VoidLister.
func (c *Client) Voided(ctx context.Context, from, until time.Time) iter.Seq2[core.Void, error] {
	return func(yield func(core.Void, error) bool) {
		for v, err := range c.VoidedPurchases(ctx, Window{Start: from, End: until}) {
			if !yield(core.Void{Store: c.ID(), Token: v.PurchaseToken, PurchaseID: v.PurchaseID, At: v.VoidedTime}, err) {
				return
			}
		}
	}
}

// Unconfirmed implements core.UnconfirmedLister.
func (c *Client) Unconfirmed(ctx context.Context, from, until time.Time) iter.Seq2[core.Debt, error] {
	return func(yield func(core.Debt, error) bool) {
		for u, err := range c.UnconfirmedPurchases(ctx, Window{Start: from, End: until}) {
			if errors.Is(err, errKoreaOnly) {
				err = fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
			}
			if err == nil && !rest.Is(u.PurchaseState, 0) {
				continue // cancelled, or nobody knows
			}
			d := core.Debt{
				Store: c.ID(), Token: u.PurchaseToken, Product: u.ProductID, Kind: core.Kind(u.Type),
				PurchaseID: u.PurchaseID, By: u.PurchaseTime.Add(core.AcknowledgeWithin),
			}
			if !yield(d, err) {
				return
			}
		}
	}
}

func state(n *int64) core.State {
	switch {
	case n == nil:
		return core.StateMissing
	case *n == 0:
		return core.StatePurchased
	case *n == 1:
		return core.StateCanceled
	default:
		return core.StateUnrecognized
	}
}

func acknowledged(n *int64) core.Acknowledgement {
	switch {
	case n == nil:
		return core.AcknowledgementMissing
	case *n == 0:
		return core.Unacknowledged
	case *n == 1:
		return core.Acknowledged
	default:
		return core.AcknowledgementMissing
	}
}

func payment(n *int64) core.Payment {
	switch {
	case n == nil:
		return core.PaymentNone
	case *n == 0:
		return core.PaymentPending
	case *n == 1:
		return core.PaymentReceived
	case *n == 2:
		return core.PaymentFree
	case *n == 3:
		return core.PaymentDeferred
	default:
		return core.PaymentUnrecognized
	}
}

// value is for where absent and zero mean the same, which no state's values do.
func value[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}
