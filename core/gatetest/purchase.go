package gatetest

import (
	"time"

	"github.com/skugate/skugate/core"
)

// Owned is a purchase of p that grants it to account: paid, acknowledged, made an hour ago and, if it
// renews, good for another 30 days. account is its label; empty makes an unlabelled purchase. The
// result is the caller's own: change fields before handing it to Store.Put.
func Owned(p core.Product, token, account string) *core.Purchase {
	now := time.Now()
	purchase := &core.Purchase{
		Token: token, ID: "order of " + token, Label: account, State: core.StatePurchased,
		Acknowledgement: core.Acknowledged, Quantity: 1, PurchasedAt: now.Add(-time.Hour),
	}
	switch p.Kind {
	case core.KindInApp:
		purchase.Consumption = core.Unconsumed
	case core.KindSubscription:
		purchase.Payment = core.PaymentReceived
		fallthrough
	default:
		purchase.AutoRenewing, purchase.ExpiresAt = true, now.Add(30*24*time.Hour)
	}
	return purchase
}

// Lapsed is a purchase of p that account had: it ended a minute ago and does not renew, or, for a
// managed product, it was used up.
func Lapsed(p core.Product, token, account string) *core.Purchase {
	purchase := Owned(p, token, account)
	if p.Kind == core.KindInApp {
		purchase.Consumption = core.Consumed
		return purchase
	}
	purchase.Payment, purchase.AutoRenewing = core.PaymentNone, false
	purchase.ExpiresAt = time.Now().Add(-time.Minute)
	return purchase
}
