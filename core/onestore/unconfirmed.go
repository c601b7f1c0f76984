package onestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// UnconfirmedPurchase is a purchase that nobody has consumed or acknowledged yet, and that the store
// therefore cancels 3 days after PurchaseTime. Type, ProductID, PurchaseToken and PurchaseTime are
// always there.
//
// It prints without its token.
//
// Spec: 003_cae853c17ba7f40e.txt, "getUnconfirmedPurchases".
type UnconfirmedPurchase struct {
	Type             string // "inapp", "auto", "subscription"
	OrderID          string
	ProductID        string
	PurchaseToken    string // an identifier, keep it out of logs
	PurchaseID       string
	PurchaseTime     time.Time // when it was paid
	PurchaseState    *int64    // 0 purchased, 1 cancelled, UnknownState; the store writes a number or a word
	DeveloperPayload *string   // what the game set at the purchase; nil and "" mean the same
	Quantity         *int64
	MarketCode       Market // the client's own, or empty
}

// UnknownState stands for a word that the document does not have. It is not purchased.
const UnknownState = -1

// UnconfirmedPurchases lists what was bought within the window and is not confirmed yet, page by page as
// the caller goes on. An error is the last of the sequence. A row may come twice; its PurchaseID tells.
// Each run through the sequence asks anew. Rows of another market are left out.
//
// The store has the list for Korea only: in MarketGlobal it is not asked, unless
// Config.UnconfirmedInGlobalMarket says that it has it there by now.
//
// Spec: 003_cae853c17ba7f40e.txt, "getUnconfirmedPurchases".
//
//onestore:operation GET /v7/apps/{clientId}/unconfirmed-purchases
func (c *Client) UnconfirmedPurchases(ctx context.Context, w Window) iter.Seq2[UnconfirmedPurchase, error] {
	if c.market == MarketGlobal && !c.unconfirmedInGlobalMarket {
		return func(yield func(UnconfirmedPurchase, error) bool) {
			yield(UnconfirmedPurchase{}, invalidArgument(getUnconfirmedPurchases, "Config.Market", errKoreaOnly))
		}
	}
	return list[UnconfirmedPurchase](ctx, c, getUnconfirmedPurchases, w)
}

var errKoreaOnly = errors.New("is MKT_GLB; the list exists in MKT_ONE only, unless Config.UnconfirmedInGlobalMarket is set")

func (*UnconfirmedPurchase) list() string { return "unconfirmedPurchaseList" }

func (u *UnconfirmedPurchase) market() string { return string(u.MarketCode) }

func (u *UnconfirmedPurchase) readRow(o *rest.Object) {
	*u = UnconfirmedPurchase{
		Type:             o.RequiredText("type"),
		OrderID:          o.Text("orderId"),
		ProductID:        o.RequiredText("productId"),
		PurchaseToken:    o.RequiredText("purchaseToken"),
		PurchaseID:       o.Text("purchaseId"),
		PurchaseTime:     o.RequiredTime("purchaseTime"),
		PurchaseState:    o.Enum("purchaseState", stateWords, UnknownState),
		DeveloperPayload: o.String("developerPayload"),
		Quantity:         quantity(o),
		MarketCode:       Market(o.Text("marketCode")),
	}
}

// stateWords are what the document writes where its example has a number.
var stateWords = map[string]int64{"COMPLETED": 0, "CANCELED": 1, "CANCELLED": 1}

// String is the row without its token.
func (u UnconfirmedPurchase) String() string {
	type plain UnconfirmedPurchase
	u.PurchaseToken = rest.Redacted(u.PurchaseToken)
	return show(plain(u))
}

// Format is String, for every verb of package fmt.
func (u UnconfirmedPurchase) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// LogValue is String, for slog.
func (u UnconfirmedPurchase) LogValue() slog.Value { return slog.StringValue(u.String()) }
