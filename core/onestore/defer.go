package onestore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// maxPeriod is the document's limit for days. It has none for the sandbox, where 30 minutes are a
// year; the same number of minutes is more than any test needs.
const maxPeriod = 365

// Period is how far DeferSubscription moves a payment. Make it with Days or Minutes.
type Period struct {
	n    int
	unit string
}

// Days is a period in the commercial environment: 1 to 365 days.
func Days(n int) Period { return Period{n, "days"} }

// Minutes is a period in the sandbox: 1 to 365 minutes.
func Minutes(n int) Period { return Period{n, "minutes"} }

// String is "7 days".
func (p Period) String() string { return strconv.Itoa(p.n) + " " + p.unit }

// check: the number that is sent has no unit. In the wrong environment it would mean another period.
func (p Period) check(env Environment) error {
	unit := "minutes"
	if env == Commercial {
		unit = "days"
	}
	switch {
	case p.unit == "":
		return errors.New("is not set; want Days(n) or Minutes(n)")
	case p.unit != unit:
		return fmt.Errorf("is in %s; the %s environment counts in %s", p.unit, env, unit)
	case p.n < 1 || p.n > maxPeriod:
		return fmt.Errorf("is %d %s; want 1 to %d", p.n, p.unit, maxPeriod)
	}
	return nil
}

// DeferSubscription moves the next payment of a subscription by period; the player keeps the access
// until then. The answer does not tell the new date: look the subscription up. Deferring twice defers
// twice, so after ErrOutcomeUnknown compare SubscriptionDetail.NextPaymentTime before calling again.
//
// Spec: 003_cae853c17ba7f40e.txt, "deferSubscription".
//
//onestore:operation POST /v7/apps/{clientId}/purchases/subscription/products/{productId}/{purchaseToken}/defer
func (c *Client) DeferSubscription(ctx context.Context, productID, token string, period Period) error {
	if err := period.check(c.environment); err != nil {
		return invalidArgument(deferSubscription, "period", err)
	}
	return c.change(ctx, deferSubscription, input{productID: productID, token: token, body: fmt.Sprintf(`{"deferPeriod":%d}`, period.n)})
}
