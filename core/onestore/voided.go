package onestore

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// VoidedPurchase is a purchase that was cancelled: refunded, revoked or charged back. The store tells no
// product, no kind and no reason. PurchaseID is what was cancelled, one payment; a PurchaseToken can have
// many, so it may still stand. PurchaseID, PurchaseToken and VoidedTime are always there.
//
// It prints without its token.
//
// Spec: 003_cae853c17ba7f40e.txt, "getVoidedPurchases".
type VoidedPurchase struct {
	PurchaseID    string
	PurchaseToken string // an identifier, keep it out of logs
	PurchaseTime  time.Time
	VoidedTime    time.Time
	MarketCode    Market // the client's own, or empty
}

// VoidedPurchases lists what was cancelled within the window, page by page as the caller goes on. An
// error is the last of the sequence. A row may come twice; its PurchaseID tells. Rows of another market
// are left out. Each run through the sequence asks anew. Who polls lets each window overlap the one
// before: what happened in its last second may be in neither otherwise.
//
// Spec: 003_cae853c17ba7f40e.txt, "getVoidedPurchases".
//
//onestore:operation GET /v7/apps/{clientId}/voided-purchases
func (c *Client) VoidedPurchases(ctx context.Context, w Window) iter.Seq2[VoidedPurchase, error] {
	return list[VoidedPurchase](ctx, c, getVoidedPurchases, w)
}

func (*VoidedPurchase) list() string { return "voidedPurchaseList" }

func (v *VoidedPurchase) market() string { return string(v.MarketCode) }

func (v *VoidedPurchase) readRow(o *rest.Object) {
	*v = VoidedPurchase{
		PurchaseID:    o.RequiredText("purchaseId"),
		PurchaseToken: o.RequiredText("purchaseToken"),
		PurchaseTime:  o.Time("purchaseTime"),
		VoidedTime:    o.RequiredTime("voidedTime"),
		MarketCode:    Market(o.Text("marketCode")),
	}
}

// String is the row without its token.
func (v VoidedPurchase) String() string {
	type plain VoidedPurchase
	v.PurchaseToken = rest.Redacted(v.PurchaseToken)
	return show(plain(v))
}

// Format is String, for every verb of package fmt.
func (v VoidedPurchase) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, v.String()) }

// LogValue is String, for slog.
func (v VoidedPurchase) LogValue() slog.Value { return slog.StringValue(v.String()) }
