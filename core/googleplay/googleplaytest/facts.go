package googleplaytest

import (
	"strconv"
	"time"
)

// facts are the members that the look-up of p answers. Members that have no value now are nil.
func (p *purchase) facts() object {
	if p.subscription() {
		return p.subscriptionFacts()
	}
	return p.productFacts()
}

// Spec: 002_14922676bb3a4460.txt, "purchases.products".
func (p *purchase) productFacts() object {
	state := int64(0)
	switch p.phase {
	case canceled:
		state = 1
	case pending:
		state = 2
	}
	return object{
		{"purchaseTimeMillis", strconv.FormatInt(p.bought.UnixMilli(), 10)},
		{"purchaseState", state},
		{"consumptionState", flag(p.consumed)},
		{"developerPayload", p.payload},
		{"orderId", orNil(p.order())},
		{"purchaseType", number(p.kind)},
		{"acknowledgementState", flag(p.acknowledged)},
		{"kind", "androidpublisher#productPurchase"},
		{"purchaseToken", p.token},
		{"productId", p.product.ID},
		{"quantity", p.quantity},
		{"obfuscatedExternalAccountId", orNil(p.account)},
		{"obfuscatedExternalProfileId", orNil(p.profile)},
		{"regionCode", "US"},
		{"refundableQuantity", p.quantity - p.refunded},
	}
}

// omit leaves out what the document says may be absent.
func (w *whim) omit(o object) object {
	out := o[:0:0]
	for _, m := range o {
		switch m.name {
		case "purchaseToken", "productId":
			if w.oneIn(2) {
				continue
			}
		case "quantity":
			if m.value == int64(1) && w.oneIn(2) {
				continue
			}
		}
		out = append(out, m)
	}
	return out
}

// Spec: androidpublisher v3, "SubscriptionPurchaseV2". A boolean that is false is left out.
func (p *purchase) subscriptionFacts() object {
	o := object{
		{"kind", "androidpublisher#subscriptionPurchaseV2"},
		{"startTime", nil},
		{"regionCode", "US"},
		{"subscriptionState", "SUBSCRIPTION_STATE_" + p.stateName()},
		{"latestOrderId", orNil(p.order())},
		{"linkedPurchaseToken", orNil(p.linked)},
		{"acknowledgementState", "ACKNOWLEDGEMENT_STATE_PENDING"},
		{"lineItems", p.lineItems()},
		{"etag", "W/\"" + strconv.Itoa(p.orders) + "\""},
	}
	if p.acknowledged {
		o[6].value = "ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED"
	}
	if p.orders > 0 {
		o[1].value = stamp(p.bought)
	}
	if p.phase == paused {
		o = append(o, member{"pausedStateContext", object{{"autoResumeTime", stamp(p.pauseEnds)}}})
	}
	if !p.canceledAt.IsZero() {
		o = append(o, member{"canceledStateContext", object{{"userInitiatedCancellation", object{{"cancelTime", stamp(p.canceledAt)}}}}})
	} else if p.phase == ended {
		o = append(o, member{"canceledStateContext", object{{"systemInitiatedCancellation", object{}}}})
	}
	if p.test() {
		o = append(o, member{"testPurchase", object{}})
	}
	if p.account != "" || p.profile != "" {
		o = append(o, member{"externalAccountIdentifiers", object{
			{"obfuscatedExternalAccountId", orNil(p.account)}, {"obfuscatedExternalProfileId", orNil(p.profile)}}})
	}
	return o
}

func (p *purchase) stateName() string {
	switch p.phase {
	case pending:
		return "PENDING"
	case givenUp:
		return "PENDING_PURCHASE_CANCELED"
	case grace:
		return "IN_GRACE_PERIOD"
	case onHold:
		return "ON_HOLD"
	case paused:
		return "PAUSED"
	case ended:
		return "EXPIRED"
	}
	if !p.autoRenewing && !p.prepaid {
		return "CANCELED"
	}
	return "ACTIVE"
}

func (p *purchase) lineItems() []object {
	var items []object
	for _, id := range append([]string{p.product.ID}, p.addOns...) {
		item := object{
			{"productId", id},
			{"expiryTime", nil},
			{"autoRenewingPlan", nil},
			{"prepaidPlan", nil},
			{"offerDetails", object{{"basePlanId", p.basePlan}}},
			{"latestSuccessfulOrderId", orNil(p.order())},
		}
		if p.orders > 0 {
			item[1].value = stamp(p.expiry)
		}
		switch {
		case p.prepaid:
			item[3].value = object{{"allowExtendAfterTime", stamp(p.bought)}}
		case p.autoRenewing:
			item[2].value = object{{"autoRenewEnabled", true}}
		default:
			item[2].value = object{}
		}
		items = append(items, item)
	}
	return items
}

// stamp writes a time as Google does: in UTC, with no or three digits of fraction.
func stamp(t time.Time) string {
	if t.Truncate(time.Second).Equal(t) {
		return t.UTC().Format("2006-01-02T15:04:05Z")
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func number(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Edit lets fn change what the look-ups of token answer from now on, after everything else. fn may
// change, add and remove members; an object in it is a map[string]any, a list of them an []any. It
// replaces an earlier Edit; nil ends it.
func (s *Store) Edit(token string, fn func(members map[string]any)) {
	s.change("Edit", token, func(p *purchase) error {
		p.edit = fn
		return nil
	})
}
