package googleplay

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
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

// Window is the span of time that the list is asked about, by when Google recorded a void.
type Window struct {
	// Start is the first instant; zero: 30 days ago. One that is older is refused: a list that left
	// out its beginning would look whole.
	Start time.Time
	// End is the last instant; zero, less than a minute ago or in the future: now.
	End time.Time
}

const (
	windowLimit = 30 * 24 * time.Hour // how far back the list goes
	nearby      = time.Minute         // by which clocks may differ: at either end Google's default is as good
)

// maxVoided is the largest page, and the default one.
const maxVoided = 1000

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
		query, err := w.query(time.Now())
		if err != nil {
			yield(VoidedPurchase{}, &Error{Op: listVoided.name, cause: fmt.Errorf("%w: %w", ErrInvalidArgument, err)})
			return
		}
		seen := map[string]bool{}
		for {
			page, err := c.voidedPage(ctx, u, query)
			if err != nil {
				yield(VoidedPurchase{}, err)
				return
			}
			for _, v := range page.voided {
				if !yield(v, nil) {
					return
				}
			}
			switch next := page.next; {
			case next == "":
				return
			case seen[next]:
				yield(VoidedPurchase{}, &Error{Op: listVoided.name, Status: http.StatusOK, cause: fmt.Errorf("%w: %w", ErrMalformedAnswer, errPageAgain)})
				return
			default:
				seen[next] = true
				query.Set("token", next)
				query.Del("startTime") // the page token stands for the window
				query.Del("endTime")
			}
		}
	}
}

func (c *Client) voidedPage(ctx context.Context, u *url.URL, query url.Values) (*voidedPage, error) {
	if err := c.voids.wait(ctx); err != nil {
		return nil, &Error{Op: listVoided.name, cause: err}
	}
	page := *u
	page.RawQuery = query.Encode()
	return fetch[voidedPage](ctx, c, request{op: listVoided, url: &page})
}

// query is the query of the first page.
func (w Window) query(now time.Time) (url.Values, error) {
	start, end := now.Sub(w.Start), now.Sub(w.End) // ago
	switch {
	case !w.Start.IsZero() && start > windowLimit:
		return nil, fmt.Errorf("the window begins %v ago; want 720h (30 days) at most", start.Truncate(time.Minute))
	case !w.Start.IsZero() && !w.End.IsZero() && !w.Start.Before(w.End):
		return nil, errors.New("the window does not begin before it ends")
	}
	q := url.Values{
		"type":                              {"1"}, // subscriptions too
		"includeQuantityBasedPartialRefund": {"true"},
		"maxResults":                        {strconv.Itoa(maxVoided)},
	}
	if !w.Start.IsZero() && start < windowLimit-nearby {
		q.Set("startTime", strconv.FormatInt(w.Start.UnixMilli(), 10))
	}
	if !w.End.IsZero() && end > nearby {
		q.Set("endTime", strconv.FormatInt(w.End.UnixMilli(), 10))
	}
	return q, nil
}

// voidedPage is one page of the list.
type voidedPage struct {
	voided []VoidedPurchase
	next   string
}

func (p *voidedPage) read(o *rest.Object, a *rest.Answer) {
	if paging := o.Object("tokenPagination"); paging != nil {
		p.next = paging.Text("nextPageToken")
	}
	list, err := objects(a.Body, "voidedPurchases")
	if err != nil {
		o.Fault("voidedPurchases", err.Error())
	}
	for i, e := range list {
		v := VoidedPurchase{
			PurchaseToken:  e.Text("purchaseToken"),
			OrderID:        e.Text("orderId"),
			PurchaseTime:   e.Time("purchaseTimeMillis"),
			VoidedTime:     e.Time("voidedTimeMillis"),
			VoidedSource:   e.Int("voidedSource"),
			VoidedReason:   e.Int("voidedReason"),
			VoidedQuantity: e.Int("voidedQuantity"),
		}
		if v.PurchaseToken == "" || v.OrderID == "" {
			e.Fault("purchaseToken or orderId", "is missing")
		}
		switch n := v.VoidedQuantity; {
		case is(n, 0):
			v.VoidedQuantity = nil // as if absent: what takes nothing back is not listed
		case n != nil && *n < 0:
			e.Fault("voidedQuantity", "is negative")
		}
		if err := e.Err(); err != nil {
			o.Fault(fmt.Sprintf("voidedPurchases[%d]", i), "is faulty: "+err.Error())
		}
		p.voided = append(p.voided, v)
	}
}
