package onestore_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// operations are all endpoints: what has to be bought, and done to it, before the fake has something to
// answer, and the call.
var operations = map[onestoretest.Op]struct {
	kind    onestoretest.Kind
	prepare func(*onestoretest.Store, string) // nil: nothing
	call    func(context.Context, *onestore.Client, string, string) error
}{
	onestoretest.OpAccessToken:              {onestoretest.KindInApp, nil, reads(0)},
	onestoretest.OpPurchaseDetails:          {onestoretest.KindInApp, nil, reads(0)},
	onestoretest.OpRecurringPurchaseDetails: {onestoretest.KindRecurring, nil, reads(1)},
	onestoretest.OpSubscriptionDetail:       {onestoretest.KindSubscription, nil, reads(2)},
	onestoretest.OpAcknowledgePurchase:      {onestoretest.KindSubscription, nil, changes[0].call},
	onestoretest.OpConsumePurchase:          {onestoretest.KindInApp, nil, changes[1].call},
	onestoretest.OpCancelRecurring:          {onestoretest.KindRecurring, nil, changes[2].call},
	onestoretest.OpReactivateRecurring:      {onestoretest.KindRecurring, (*onestoretest.Store).CancelRenewal, changes[3].call},
	onestoretest.OpCancelSubscription:       {onestoretest.KindSubscription, nil, changes[4].call},
	onestoretest.OpReactivateSubscription:   {onestoretest.KindSubscription, (*onestoretest.Store).CancelRenewal, changes[5].call},
	onestoretest.OpDeferSubscription:        {onestoretest.KindSubscription, nil, changes[6].call},
	onestoretest.OpVoidedPurchases: {onestoretest.KindInApp, (*onestoretest.Store).Refund,
		func(ctx context.Context, c *onestore.Client, _, token string) error {
			return holds(token)(tokens(c.VoidedPurchases(ctx, onestore.Window{}), func(v onestore.VoidedPurchase) string { return v.PurchaseToken }))
		}},
	onestoretest.OpUnconfirmedPurchases: {onestoretest.KindInApp, nil,
		func(ctx context.Context, c *onestore.Client, _, token string) error {
			return holds(token)(tokens(c.UnconfirmedPurchases(ctx, onestore.Window{}), func(u onestore.UnconfirmedPurchase) string { return u.PurchaseToken }))
		}},
}

// TestTheTableAndTheFakeAgree makes every call to the fake, which has a table of its own: each reaches the
// endpoint that has the table's name, by the table's method and path and in a form that the fake accepts,
// and neither table has a row more than the other.
func TestTheTableAndTheFakeAgree(t *testing.T) {
	table, _ := table(t)
	names := map[string]bool{}
	for _, r := range table {
		names[r.name] = true
	}
	ops := onestoretest.Ops()
	if len(ops) != len(table) || len(ops) != len(operations) {
		t.Errorf("the fake has %d endpoints, the table %d, this test %d", len(ops), len(table), len(operations))
	}
	for _, op := range ops {
		if !names[string(op)] {
			t.Errorf("the table has no %s", op)
		}
		for seed := range uint64(8) { // as many moods of the fake
			t.Run(string(op), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					asksOnly(t, op, table, onestoretest.New(onestoretest.Config{Seed: seed, Market: onestoretest.MarketKorea}))
				})
			})
		}
	}
}

// asksOnly makes the call of op, and compares what arrives with the table.
func asksOnly(t *testing.T, op onestoretest.Op, table map[string]row, fake *onestoretest.Store) {
	t.Helper()
	const id = "골드 100%"
	c := client(t, onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(), Market: onestore.MarketKorea, Environment: onestore.Sandbox,
		HTTPClient: &http.Client{Transport: fake.RoundTripper()},
	})
	do := operations[op]
	bought := fake.Buy(onestoretest.Product{Kind: do.kind, ID: id})
	if do.prepare != nil {
		do.prepare(fake, bought)
	}
	fake.Advance(time.Minute) // a list does not reach quite to now
	if err := do.call(t.Context(), c, id, bought); err != nil {
		t.Error(err)
	}
	if fake.Count(op) != 1 {
		t.Errorf("%d calls of %s arrived", fake.Count(op), op)
	}
	if bad := fake.Malformed(); len(bad) > 0 {
		t.Errorf("malformed: %+v", bad)
	}
	template := strings.NewReplacer("/apps/"+fake.ClientID()+"/", "/apps/{clientId}/",
		"/products/"+url.PathEscape(id)+"/"+bought, "/products/{productId}/{purchaseToken}")
	for _, r := range fake.Requests() {
		asked := r.Method + " " + template.Replace(r.Path)
		if got := table[asked]; got.name != string(r.Op) {
			t.Errorf("%s is %q in the table, and %s for the fake", asked, got.name, r.Op)
		}
		if r.Op != op && r.Op != onestoretest.OpAccessToken && op != onestoretest.OpAccessToken {
			t.Errorf("%s asks %s", op, r.Op)
		}
	}
}

// reads is a look-up of which only the error counts.
func reads(detail int) func(context.Context, *onestore.Client, string, string) error {
	return func(ctx context.Context, c *onestore.Client, id, token string) error {
		_, err := details[detail].call(ctx, c, id, token)
		return err
	}
}

// tokens are the purchase tokens of a list.
func tokens[T any](seq iter.Seq2[T, error], of func(T) string) (list []string, err error) {
	all, err := rows(seq)
	for _, r := range all {
		list = append(list, of(r))
	}
	return list, err
}

// holds wants a list of just this token.
func holds(token string) func([]string, error) error {
	return func(list []string, err error) error {
		if err == nil && !slices.Equal(list, []string{token}) {
			return fmt.Errorf("the list is %q, want %q", list, token)
		}
		return err
	}
}
