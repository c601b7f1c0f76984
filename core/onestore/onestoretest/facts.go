package onestoretest

import (
	"strconv"
	"time"
)

// facts are the members that the look-up of p answers, in the document's order. Members that have
// no value now are null.
func (s *Store) facts(p *purchase) object {
	switch p.product.Kind {
	case KindInApp:
		return s.managedFacts(p)
	case KindRecurring:
		return recurringFacts(p)
	default:
		return s.subscriptionFacts(p)
	}
}

// Spec: 003_cae853c17ba7f40e.txt, "getPurchaseDetails".
func (s *Store) managedFacts(p *purchase) object {
	return object{
		{"consumptionState", flag(p.consumed)},
		{"developerPayload", s.payload(p)},
		{"purchaseState", flag(p.canceled)},
		{"purchaseTime", p.bought.UnixMilli()},
		{"purchaseId", p.lastID()},
		{"acknowledgeState", flag(p.acknowledged)},
		{"quantity", p.quantity},
	}
}

// Spec: 003_cae853c17ba7f40e.txt, "getRecurringPurchaseDetails" (its sample).
func recurringFacts(p *purchase) object {
	return object{
		{"startTime", p.bought.UnixMilli()},
		{"expiryTime", p.expiry.UnixMilli()},
		{"nextPaymentTime", p.nextPaymentTime()},
		{"autoRenewing", p.autoRenewing},
		{"cancelReason", p.reason()},
		{"cancelledTime", millis(p.canceledAt)},
		{"acknowledgeState", flag(p.acknowledged)},
		{"lastPurchaseId", p.lastID()},
		{"lastPurchaseState", flag(p.canceled)},
	}
}

// Spec: 003_cae853c17ba7f40e.txt, "getSubscriptionDetail".
func (s *Store) subscriptionFacts(p *purchase) object {
	next := p.price
	if p.change != nil && p.change.agreed {
		next = p.change.price
	}
	return object{
		{"acknowledgementState", flag(p.acknowledged)},
		{"developerPayload", s.payload(p)},
		{"autoRenewing", p.autoRenewing},
		{"paymentState", s.paymentState(p)},
		{"lastPurchaseId", p.lastID()},
		{"linkedPurchaseToken", stringOrNull(p.linked)},
		{"priceAmount", strconv.FormatInt(p.price, 10)},
		{"priceAmountMicros", micros(p.price)},
		{"nextPriceAmount", strconv.FormatInt(next, 10)},
		{"nextPriceAmountMicros", micros(next)},
		{"nextPaymentTimeMillis", p.nextPaymentTime()},
		{"priceCurrencyCode", s.currency()},
		{"countryCode", "KR"}, // the document: "fixed"
		{"startTimeMillis", p.bought.UnixMilli()},
		{"expiryTimeMillis", p.expiry.UnixMilli()},
		{"pauseStartTimeMillis", millis(p.pauseStart)},
		{"pauseEndTimeMillis", millis(p.pauseEnd)},
		{"autoResumeTimeMillis", millis(p.pauseEnd)},
		{"cancelledTimeMillis", millis(p.canceledAt)},
		{"cancelReason", p.reason()},
		{"promotionPrice", p.promotion.facts()},
		{"priceChange", p.change.facts()},
	}
}

// paymentState of an ended subscription is null in the document's table; the official sample of an
// expired one carries 1, that of a revoked one null.
func (s *Store) paymentState(p *purchase) any {
	switch p.phase {
	case running:
		if p.free {
			return int64(2)
		}
		return int64(1)
	case ended:
		if w := s.whim(p.token, 0); w != nil && !p.revoked && w.oneIn(2) {
			return int64(1)
		}
		return nil
	default:
		return int64(0)
	}
}

// payload: a purchase without a label reports "" in the sandbox and null in the commercial
// environment (measured), unless a dialect has it otherwise.
func (s *Store) payload(p *purchase) any {
	null := s.cfg.Environment == Commercial
	if s.speaks(PayloadNull) || s.speaks(PayloadEmpty) {
		null = s.choose(p.token, 0, PayloadEmpty, PayloadNull) == PayloadNull
	}
	if null {
		return stringOrNull(p.label)
	}
	return p.label
}

func (p *purchase) nextPaymentTime() any {
	switch {
	case !p.autoRenewing:
		return nil
	case p.pauseEnd.IsZero():
		return p.expiry.UnixMilli()
	default:
		return p.pauseEnd.UnixMilli()
	}
}

func (p *purchase) reason() any {
	if p.canceledAt.IsZero() {
		return nil
	}
	return p.cancelReason
}

func (p *promotion) facts() any {
	if p == nil {
		return nil
	}
	return object{
		{"promotionPrice", strconv.FormatInt(p.price, 10)},
		{"promotionPriceMicros", micros(p.price)},
		{"promotionPeriod", p.rounds},
	}
}

func (c *priceChange) facts() any {
	if c == nil {
		return nil
	}
	return object{
		{"seq", c.seq},
		{"previousPrice", strconv.FormatInt(c.previousPrice, 10)},
		{"previousPriceMicros", micros(c.previousPrice)},
		{"newPrice", strconv.FormatInt(c.price, 10)},
		{"newPriceMicros", micros(c.price)},
		{"applyTimeMillis", c.applies.UnixMilli()},
		{"agreement", c.agreed},
		{"agreementDueDateTimeMillis", c.agreeBy.UnixMilli()},
	}
}

func micros(units int64) int64 { return units * 1_000_000 }

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

func stringOrNull(v string) any {
	if v == "" {
		return nil
	}
	return v
}

// Facts is what a look-up of token would report now, without unkindness and without Edit: integers
// are int64, members without a value nil.
func (s *Store) Facts(token string) map[string]any {
	var m map[string]any
	s.change("Facts", token, func(p *purchase, _ time.Time) error {
		m = s.facts(p).asMap()
		return nil
	})
	return m
}

// Edit lets edit change every later answer of the look-up of token, after everything else: set a
// member to 2, "0" or nil, delete one, add one. Values are anything that encoding/json can write;
// numbers come as int64 or, from an unkind store, as strings. A later Edit replaces an earlier one, nil
// withdraws it. The function is called for each request, several at a time.
func (s *Store) Edit(token string, edit func(facts map[string]any)) {
	s.change("Edit", token, func(p *purchase, _ time.Time) error {
		p.edit = edit
		return nil
	})
}
