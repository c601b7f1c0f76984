package googleplay

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// VoidedPurchase is a payment that was taken back. A pointer is nil, and a time zero, where the store
// sent nothing or null; PurchaseToken and OrderID are always there.
//
// Spec: 004_eda03f688089c052.txt, "VoidedPurchase".
type VoidedPurchase struct {
	PurchaseToken string // shared by all renewals of a subscription; an identifier, keep it out of logs
	OrderID       string // of the one payment
	PurchaseTime  time.Time
	VoidedTime    time.Time
	VoidedSource  *int64 // 0 the player, 1 the developer, 2 Google
	VoidedReason  *int64 // 0 other, 1 remorse, 2 not received, 3 defective, 4 accident, 5 fraud, 6 friendly fraud, 7 chargeback, 8 not acknowledged
	// VoidedQuantity is how many of several were refunded; nil if the whole payment was, or the rest of it.
	VoidedQuantity *int64
}

// VoidedPurchases lists what was taken back, of products and subscriptions, the earliest first. It
// asks for a page when the loop gets there, within Google's quota (30 calls in 30 s, 6,000 a day, which
// all clients of one app share): it waits for its turn as long as ctx lasts. After an error, which
// comes as the last pair, the list ends.
//
// Google can record a void long after its VoidedTime: let the windows of successive calls overlap by a
// day at least, and skip what is known by OrderID. A refund that the developer gave without revoking the
// purchase is never listed; a look-up shows it.
//
// Spec: 004_eda03f688089c052.txt, "VoidedPurchase"; androidpublisher v3, "purchases.voidedpurchases.list".
//
//googleplay:operation GET /androidpublisher/v3/applications/{packageName}/purchases/voidedpurchases
func (c *Client) VoidedPurchases(ctx context.Context, w Window) iter.Seq2[VoidedPurchase, error] {
	return func(yield func(VoidedPurchase, error) bool) {
		u, failed := c.locate(listVoided)
		if failed != nil {
			yield(VoidedPurchase{}, failed)
			return
		}
		now, _ := c.clock.Now()
		if err := w.check(now); err != nil {
			yield(VoidedPurchase{}, &Error{Op: listVoided.name, cause: fmt.Errorf("%w: %w", ErrInvalidArgument, err)})
			return
		}
		r := voidedReader{client: c, url: u, window: w, seen: map[string]bool{}}
		for more := true; more; {
			var page *voidedPage
			var err error
			if page, more, err = r.next(ctx); err != nil {
				yield(VoidedPurchase{}, err)
				return
			}
			for _, v := range page.voided {
				if !yield(v, nil) {
					return
				}
			}
		}
	}
}

// voidedReader turns the pages of a list.
type voidedReader struct {
	client *Client
	url    *url.URL
	window Window
	query  url.Values // of the next page; nil before the first
	seen   map[string]bool
}

// next reads a page.
func (r *voidedReader) next(ctx context.Context) (page *voidedPage, more bool, err error) {
	quota := r.client.voids
	if err := quota.wait(ctx); err != nil {
		return nil, false, &Error{Op: listVoided.name, cause: err}
	}
	page, err = fetch[voidedPage](ctx, r.client, request{op: listVoided, url: r.url, query: r.ask, again: quota.take})
	switch {
	case err != nil:
		return nil, false, err
	case page.next == "":
		return page, false, nil
	case r.seen[page.next]:
		return nil, false, &Error{Op: listVoided.name, Status: http.StatusOK, cause: fmt.Errorf("%w: %w", ErrMalformedAnswer, errPageAgain)}
	}
	r.seen[page.next] = true
	r.query.Set("token", page.next)
	r.query.Del("startTime") // the page token stands for the window
	r.query.Del("endTime")
	return page, true, nil
}

var errPageAgain = errors.New("the list names a page that it has named before")

// ask is called when there is an access token, whose answer may have been the first to show the store's
// clock.
func (r *voidedReader) ask() url.Values {
	if r.query == nil {
		now, _ := r.client.clock.Now()
		r.query = r.window.query(now)
	}
	return r.query
}

// voidedPage is one page of the list.
type voidedPage struct {
	voided []VoidedPurchase
	next   string
}

func (p *voidedPage) read(o *rest.Object, _ *rest.Answer) {
	if paging := o.Object("tokenPagination"); paging != nil {
		p.next = paging.Text("nextPageToken")
	}
	for _, e := range o.Objects("voidedPurchases") {
		v := VoidedPurchase{
			PurchaseToken:  e.RequiredText("purchaseToken"),
			OrderID:        e.RequiredText("orderId"),
			PurchaseTime:   e.Time("purchaseTimeMillis"),
			VoidedTime:     e.Time("voidedTimeMillis"),
			VoidedSource:   e.Int("voidedSource"),
			VoidedReason:   e.Int("voidedReason"),
			VoidedQuantity: e.Int("voidedQuantity"),
		}
		switch n := v.VoidedQuantity; {
		case rest.Is(n, 0):
			v.VoidedQuantity = nil // as if absent: what takes nothing back is not listed
		case n != nil && *n < 0:
			e.Fault("voidedQuantity", "is negative")
		}
		p.voided = append(p.voided, v)
	}
}
