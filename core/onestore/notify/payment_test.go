package notify_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// of is the app of a store.
func of(s *onestoretest.Store) notify.App {
	return notify.App{
		ClientID: s.ClientID(), PackageName: "com.onestore.sample",
		Market: onestore.MarketGlobal, Environment: onestore.Sandbox, LicenceKey: s.LicenceKey(),
	}
}

func verifierOf(t testing.TB, s *onestoretest.Store) *notify.Verifier {
	t.Helper()
	v, err := notify.NewVerifier(of(s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAPaymentMessageIsReadWhole(t *testing.T) {
	signer := onestoretest.NewSigner()
	v := verifier(t, signer.LicenceKey())
	m := onestoretest.PaymentMessage{
		Version: "3.1.0D", ClientID: "0000042301", ProductID: "gold/100", MessageType: "SINGLE_PAYMENT_TRANSACTION",
		PurchaseID: "SANDBOX3000000004564", DeveloperPayload: `player "1"`, PurchaseTime: time.UnixMilli(1758150000123),
		State: "COMPLETED", Price: "20000.50", Currency: "KRW", ProductName: "골드 <100> & more",
		PaidBy:     []onestoretest.PaidBy{{Method: "DCB", Amount: "3000"}, {Method: "NEWPAY", Amount: "17000.50"}},
		BillingKey: "36FED4C6", TestPhone: true, Token: "SANDBOX3000002616001", Environment: "SANDBOX", Market: "MKT_GLB",
		Extra: []onestoretest.Member{{Name: "serviceUserId", Value: "u/1"}, {Name: "serviceUserId2", Value: nil}, {Name: "big", Value: json.Number("123456789012345678901234567890.10")}},
	}
	want := notify.Payment{
		MessageVersion: "3.1.0D", ClientID: "0000042301", ProductID: "gold/100", MessageType: "SINGLE_PAYMENT_TRANSACTION",
		PurchaseID: "SANDBOX3000000004564", DeveloperPayload: `player "1"`, PurchaseTime: time.UnixMilli(1758150000123).UTC(),
		State: notify.PaymentCompleted, Price: "20000.50", PriceCurrencyCode: "KRW", ProductName: "골드 <100> & more",
		PaymentTypes: []notify.PaymentType{{Method: notify.MethodDCB, Amount: "3000"}, {Method: "NEWPAY", Amount: "17000.50"}},
		BillingKey:   "36FED4C6", TestPhone: true, PurchaseToken: "SANDBOX3000002616001", Environment: onestore.Sandbox, Market: onestore.MarketGlobal,
	}
	for name, options := range map[string][]onestoretest.WireOption{
		"as it was signed": nil, "spaced": {onestoretest.Spaced()}, "with PHP's escapes": {onestoretest.EscapedSlashes()},
		"all escaped": {onestoretest.EscapedText(), onestoretest.EscapedSlashes(), onestoretest.Spaced()},
	} {
		got, err := v.ParsePayment(signer.Sign(m, options...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if fmt.Sprintf("%#v", *got) != fmt.Sprintf("%#v", want) {
			t.Errorf("%s: got\n%#v\nwant\n%#v", name, *got, want)
		}
	}

	m.Version, m.PackageName = "3.0.0D", "com.onestore.pns"
	got, err := v.ParsePayment(signer.Sign(m))
	if err != nil || got.ClientID != "" || got.PackageName != "com.onestore.pns" || got.PurchaseToken != m.Token {
		t.Errorf("version 3.0.0: %+v, %v", got, err)
	}
}

func TestTheStoresOwnMessagesHold(t *testing.T) {
	for seed := range uint64(20) {
		s := onestoretest.New(onestoretest.Config{Seed: seed})
		token := s.Buy(onestoretest.Subscription("vip"), onestoretest.Label("player/1"))
		v := verifierOf(t, s)
		p, err := v.ParsePayment(s.PaymentNotification(token, onestoretest.EscapedText()))
		if err != nil || p.State != notify.PaymentCompleted || p.PurchaseToken != token || p.ProductID != "vip" || p.DeveloperPayload != "player/1" {
			t.Errorf("seed %d: %+v, %v", seed, p, err)
		}
		s.Refund(token)
		p, err = v.ParsePayment(s.PaymentNotification(token))
		if err != nil || p.State != notify.PaymentCanceled {
			t.Errorf("seed %d: %+v, %v", seed, p, err)
		}
	}
}

func TestAPaymentMessageIsRefused(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{Gentle: true})
	token := s.Buy(onestoretest.InApp("gold"))
	v, signer := verifierOf(t, s), s.Signer()
	signed := func(change func(*onestoretest.PaymentMessage)) string {
		m := s.PaymentMessage(token)
		change(&m)
		return string(signer.Sign(m))
	}
	good := signed(func(*onestoretest.PaymentMessage) {})
	edit := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the message", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	text := func(text string) string {
		return strings.TrimSuffix(text, "}") + `,"signature":"` + signer.Signature(text) + `"}`
	}
	receipt := `{"orderId":"1","packageName":"com.onestore.sample","productId":"gold","purchaseTime":1,"purchaseId":"2","purchaseToken":"` + token + `","developerPayload":""}`
	for _, c := range []struct {
		name, body string
		want       error
		says       string
	}{
		{"no JSON", "purchaseToken=1", notify.ErrMalformed, "not JSON"},
		{"nothing", "", notify.ErrMalformed, "empty"},
		{"a list", "[" + good + "]", notify.ErrMalformed, "not a JSON object"},
		{"two messages", good + good, notify.ErrMalformed, "not JSON"},
		{"bytes that are no text", edit("gold", "g\xffld"), notify.ErrMalformed, "UTF-8"},
		{"a byte order mark", "\ufeff" + good, notify.ErrMalformed, "not JSON"},
		{"no signature", string(good[:strings.Index(good, `,"signature"`)]) + "}", notify.ErrMalformed, "signature is missing"},
		{"a signature that is null", good[:strings.Index(good, `"signature"`)] + `"signature":null}`, notify.ErrMalformed, "signature is missing"},
		{"a signature that is no text", good[:strings.Index(good, `"signature"`)] + `"signature":[1]}`, notify.ErrMalformed, "signature is missing"},
		{"an empty signature", good[:strings.Index(good, `"signature"`)] + `"signature":""}`, notify.ErrMalformed, "signature is missing"},
		{"another's signature", string(onestoretest.NewSigner().Sign(s.PaymentMessage(token))), onestore.ErrSignature, ""},
		{"another token", edit(token, "SANDBOX3999999999999"), onestore.ErrSignature, ""},
		{"another state", edit("COMPLETED", "CANCELED"), onestore.ErrSignature, ""},
		{"a token smuggled in before", edit("{", `{"purchaseToken":"X",`), notify.ErrMalformed, "twice"},
		{"a token smuggled in behind", edit(`,"signature"`, `,"purchaseToken":"X","signature"`), notify.ErrMalformed, "twice"},
		{"a token smuggled in by its case", edit("{", `{"PurchaseToken":"X",`), notify.ErrMalformed, "twice"},
		{"a token smuggled in by an escape", edit("{", `{"purchase\u0054oken":"X",`), notify.ErrMalformed, "twice"},
		{"a token smuggled in with a blank", edit("{", `{"purchaseToken ":"X",`), onestore.ErrSignature, ""},
		{"a second signature", edit("{", `{"signature":"X",`), notify.ErrMalformed, "twice"},
		{"a receipt of the SDK", text(receipt), notify.ErrMalformed, "msgVersion"},

		{"another client", signed(func(m *onestoretest.PaymentMessage) { m.ClientID = "canary" }), notify.ErrOtherApp, "clientId"},
		{"no client", signed(func(m *onestoretest.PaymentMessage) { m.ClientID = "" }), notify.ErrOtherApp, "clientId"},
		{"another package", signed(func(m *onestoretest.PaymentMessage) { m.Version, m.PackageName = "3.0.0D", "canary" }), notify.ErrOtherApp, "packageName"},
		{"another package beside the client", signed(func(m *onestoretest.PaymentMessage) {
			m.Extra = []onestoretest.Member{{Name: "packageName", Value: "canary"}}
		}), notify.ErrOtherApp, "packageName"},
		{"the other environment", signed(func(m *onestoretest.PaymentMessage) { m.Environment = "COMMERCIAL" }), notify.ErrOtherApp, "environment"},
		{"no environment", signed(func(m *onestoretest.PaymentMessage) { m.Environment = "" }), notify.ErrOtherApp, "environment"},
		{"the other market", signed(func(m *onestoretest.PaymentMessage) { m.Market = "MKT_ONE" }), notify.ErrOtherApp, "marketCode"},
		{"the market of an old document", signed(func(m *onestoretest.PaymentMessage) { m.Market = "MKT_STM" }), notify.ErrOtherApp, "marketCode"},
		{"the misspelling of the other kind", text(`{"msgVersion":"3.1.0","clientId":"` + s.ClientID() + `","environmenmt":"SANDBOX","marketCode":"MKT_GLB"}`), notify.ErrOtherApp, "environment"},

		{"version 2", signed(func(m *onestoretest.PaymentMessage) { m.Version = "2.0.0D" }), notify.ErrMalformed, "msgVersion"},
		{"no version", signed(func(m *onestoretest.PaymentMessage) { m.Version = "" }), notify.ErrMalformed, "msgVersion"},
		{"no purchase id", signed(func(m *onestoretest.PaymentMessage) { m.PurchaseID = "" }), notify.ErrMalformed, "purchaseId is missing"},
		{"an endless purchase id", signed(func(m *onestoretest.PaymentMessage) { m.PurchaseID = strings.Repeat("canary", 30) }), notify.ErrMalformed, "purchaseId is longer"},
		{"no state", signed(func(m *onestoretest.PaymentMessage) { m.State = "" }), notify.ErrMalformed, "purchaseState"},
		{"no token", signed(func(m *onestoretest.PaymentMessage) { m.Token = "" }), notify.ErrMalformed, "purchaseToken is missing"},
		{"what can be no token", signed(func(m *onestoretest.PaymentMessage) { m.Token = "canary/.." }), notify.ErrMalformed, "purchaseToken is no"},
		{"another type", signed(func(m *onestoretest.PaymentMessage) { m.MessageType = "canary" }), notify.ErrMalformed, "messageType"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := v.ParsePayment([]byte(c.body))
			if p != nil || !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) {
				t.Fatalf("got %v and the error %v, want %v with %q", p, err, c.want, c.says)
			}
			for _, canary := range []string{token, "canary", s.ClientID()} {
				if strings.Contains(err.Error(), canary) {
					t.Errorf("the error quotes the message: %v", err)
				}
			}
		})
	}
}

func TestWhatDecidesNothingCostsNothing(t *testing.T) {
	signer := onestoretest.NewSigner()
	v := verifier(t, signer.LicenceKey())
	text := `{"msgVersion":"3.2.0","clientId":"0000042301","messageType":"SINGLE_PAYMENT_TRANSACTION","purchaseId":"1","purchaseState":"REVERSED",` +
		`"purchaseToken":"T","environment":"SANDBOX","marketCode":"MKT_GLB","price":20000,"purchaseTimeMillis":-1,"isTestMdn":"yes","billingKey":{},` +
		`"paymentTypeList":[7,{"paymentMethod":"DCB","amount":3000},{"paymentMethod":"POINT"}],"productId":null}`
	p, err := v.ParsePayment([]byte(strings.TrimSuffix(text, "}") + `,"signature":"` + signer.Signature(text) + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	methods := []notify.PaymentType{{}, {Method: notify.MethodDCB}, {Method: notify.MethodPoint}}
	if p.State != "REVERSED" || p.Price != "" || !p.PurchaseTime.IsZero() || p.TestPhone || p.BillingKey != "" || !slices.Equal(p.PaymentTypes, methods) {
		t.Errorf("got %#v", p)
	}
}

func TestNotificationsPrintWithoutWhatTheyName(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{})
	token := s.Buy(onestoretest.Subscription("vip"), onestoretest.Label("canary"))
	v := verifierOf(t, s)
	p, err := v.ParsePayment(s.PaymentNotification(token))
	if err != nil {
		t.Fatal(err)
	}
	sub, err := v.ParseSubscription(s.SubscriptionNotification(token, 12))
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "payment", p, "subscription", *sub)
	for _, text := range []string{fmt.Sprintf("%v %+v %s", p, *p, sub), fmt.Sprintf("%+v", *sub), log.String()} {
		if strings.Contains(text, token) || strings.Contains(text, "canary") {
			t.Errorf("it prints %s", text)
		}
	}
	if p.String() != "payment COMPLETED (SANDBOX)" || sub.String() != "SUBSCRIPTION_REVOKED (SANDBOX)" {
		t.Errorf("got %s, %s", p, sub)
	}
}

func TestAFaultyAppIsReportedWhole(t *testing.T) {
	_, err := notify.NewVerifier(notify.App{Market: "MKT_GLC", Environment: "SANDBOX", LicenceKey: "canary!"})
	for _, part := range []string{"ClientID is not set", `Market is "MKT_GLC"`, `Environment is "SANDBOX"`, "LicenceKey cannot be used: onestore: the licence key is not base64"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not say %q", err, part)
		}
	}
	if err != nil && strings.Contains(err.Error(), "canary") {
		t.Errorf("it quotes the key: %v", err)
	}
	v := verifier(t, "")
	if p, err := v.ParsePayment([]byte(`{"signature":"x"}`)); p != nil || err == nil || !strings.Contains(err.Error(), "LicenceKey is not set") {
		t.Errorf("without a key: %v, %v", p, err)
	}
}
