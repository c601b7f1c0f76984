package notify

import (
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
	"github.com/skugate/skugate/core/onestore"
)

// PaymentState is what became of a payment. Others than these two are passed on as they came.
type PaymentState string

// The documented states.
const (
	PaymentCompleted PaymentState = "COMPLETED"
	PaymentCanceled  PaymentState = "CANCELED"
)

// Payment is a verified payment notification (PNS). Its text and its log value leave out what names the
// purchase, the player and the means of payment.
//
// App, environment, market, PurchaseID, State and PurchaseToken are always there. The rest is empty
// where ONE store sent nothing, null or another type than the documented one.
//
// Spec: ONE store, "PNS", message SINGLE_PAYMENT_TRANSACTION, versions 3.0.0 and 3.1.0.
type Payment struct {
	MessageVersion    string
	ClientID          string // since 3.1.0
	PackageName       string // before
	ProductID         string
	MessageType       string // SINGLE_PAYMENT_TRANSACTION
	PurchaseID        string
	DeveloperPayload  string
	PurchaseTime      time.Time
	State             PaymentState
	Price             string
	PriceCurrencyCode string
	ProductName       string // only if the game named it at the purchase
	PaymentTypes      []PaymentType
	BillingKey        string
	TestPhone         bool // isTestMdn
	PurchaseToken     string
	Environment       onestore.Environment
	Market            onestore.Market
}

// PaymentType is one part of a payment.
type PaymentType struct {
	Method PaymentMethod `json:"paymentMethod"`
	Amount string        `json:"amount"`
}

// messageType is the only one that is documented. It also tells a notification from an SDK receipt,
// which the same key signs.
const messageType = "SINGLE_PAYMENT_TRANSACTION"

// maxPurchaseID is far above the 20 characters of real ones.
const maxPurchaseID = 128

// ParsePayment verifies a payment notification and reads it. The error matches ErrMalformed,
// onestore.ErrSignature or ErrOtherApp, or says that the licence key is none. That a message holds does
// not say that the purchase stands now, nor that it did not come before: ask the store.
func (v *Verifier) ParsePayment(body []byte) (*Payment, error) {
	if v.app.LicenceKey == "" {
		return nil, errors.New("notify: App.LicenceKey is not set: no payment notification can be verified")
	}
	o, err := rest.Parse(body)
	if err != nil {
		return nil, malformed(err)
	}
	if err := v.verify(body); err != nil {
		return nil, err
	}
	envelope, err := v.open(o, "environment")
	if err != nil {
		return nil, err
	}
	p := &Payment{
		MessageVersion: envelope.version,
		ClientID:       envelope.clientID,
		PackageName:    envelope.packageName,
		MessageType:    required(o, "messageType"),
		PurchaseID:     required(o, "purchaseId"),
		State:          PaymentState(required(o, "purchaseState")),
		PurchaseToken:  token(o, "purchaseToken"),
		Environment:    v.app.Environment,
		Market:         v.app.Market,
	}
	if p.MessageType != messageType {
		o.Fault("messageType", "is not "+messageType)
	}
	if len(p.PurchaseID) > maxPurchaseID {
		o.Fault("purchaseId", "is longer than 128 bytes")
	}
	if err := o.Err(); err != nil {
		return nil, malformed(err)
	}
	p.inform(o, body)
	return p, nil
}

// inform reads what decides nothing. A fault in it must not cost the rest.
func (p *Payment) inform(o *rest.Object, body []byte) {
	p.ProductID = o.Text("productId")
	p.DeveloperPayload = o.Text("developerPayload")
	p.PurchaseTime = millis(o, "purchaseTimeMillis", o.Int("purchaseTimeMillis"))
	p.Price = o.Text("price")
	p.PriceCurrencyCode = o.Text("priceCurrencyCode")
	p.ProductName = o.Text("productName")
	p.BillingKey = o.Text("billingKey")
	if test := o.Bool("isTestMdn"); test != nil {
		p.TestPhone = *test
	}
	var list struct {
		PaymentTypeList []PaymentType `json:"paymentTypeList"`
	}
	_ = json.Unmarshal(body, &list) // what has another type stays empty
	p.PaymentTypes = list.PaymentTypeList
}

// String says what kind of notification it is.
func (p Payment) String() string {
	return "payment " + string(p.State) + " (" + word(p.Environment) + ")"
}

// LogValue is String, for slog.
func (p Payment) LogValue() slog.Value { return slog.StringValue(p.String()) }
