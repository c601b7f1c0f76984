package onestoretest_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// verify checks a signature with nothing but the standard library.
func verify(t testing.TB, licence, text, signature string) bool {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(licence)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha512.Sum512([]byte(text))
	return rsa.VerifyPKCS1v15(key.(*rsa.PublicKey), crypto.SHA512, digest[:], raw) == nil
}

// stopped is a clock that stands still.
func stopped() time.Time { return time.UnixMilli(1758150000123) }

func TestAPaymentNotificationIsSignedInTheDocumentsOrder(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{Gentle: true, Market: onestoretest.MarketKorea, Environment: onestoretest.Commercial, Now: stopped})
	token := s.Buy(onestoretest.InApp("gold/100"), onestoretest.Price(20000))
	m := s.PaymentMessage(token)
	m.ProductName, m.PurchaseID, m.Token = "골드 \"<100>\" & 50/50\n\x01", "ID", "T"
	m.Extra = []onestoretest.Member{{Name: "n", Value: json.Number("1.50")}, {Name: "b", Value: true}, {Name: "i", Value: int64(-7)}}
	const text = `{"msgVersion":"3.1.0","clientId":"0000042301","productId":"gold/100","messageType":"SINGLE_PAYMENT_TRANSACTION","purchaseId":"ID",` +
		`"developerPayload":null,"purchaseTimeMillis":1758150000123,"purchaseState":"COMPLETED","price":"20000","priceCurrencyCode":"KRW",` +
		`"productName":"골드 \"<100>\" & 50/50\n\u0001","paymentTypeList":[{"paymentMethod":"CREDITCARD","amount":"20000"}],"billingKey":null,` +
		`"isTestMdn":false,"purchaseToken":"T","environment":"COMMERCIAL","marketCode":"MKT_ONE","n":1.50,"b":true,"i":-7}`
	signature := s.Signer().Signature(text)
	if !verify(t, s.LicenceKey(), text, signature) || verify(t, onestoretest.NewSigner().LicenceKey(), text, signature) {
		t.Fatal("the signature does not belong to the key")
	}
	if got, want := string(s.Signer().Sign(m)), strings.TrimSuffix(text, "}")+`,"signature":"`+signature+`"}`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	m.Version, m.PackageName = "3.0.0", "com.example"
	if got := string(s.Signer().Sign(m)); !strings.Contains(got, `{"msgVersion":"3.0.0","packageName":"com.example","productId"`) {
		t.Errorf("version 3.0.0: %s", got)
	}
	for _, c := range []struct {
		option onestoretest.WireOption
		part   string
	}{
		{onestoretest.Spaced(), "{ \n\t\r \"msgVersion\" \n\t\r : \n\t\r \"3.0.0\" \n\t\r ,"},
		{onestoretest.EscapedSlashes(), `"gold\/100"`},
		{onestoretest.EscapedText(), `"\uACE8\uB4DC \"\u003C100\u003E\" \u0026 50/50\n\u0001"`},
	} {
		body := string(s.Signer().Sign(m, c.option))
		if !strings.Contains(body, c.part) || !json.Valid([]byte(body)) {
			t.Errorf("%q is not in %s", c.part, body)
		}
	}
}

func TestNotificationsTellWhatHappened(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{Gentle: true, Now: stopped})
	token := s.Buy(onestoretest.Subscription("vip"))
	want := `{"msgVersion":"3.1.0D","clientId":"0000042301","eventTimeMillis":1758150000123,"subscriptionNotification":{"version":"1",` +
		`"notificationType":12,"purchaseToken":"` + token + `","productId":"vip"},"environment":"SANDBOX","marketCode":"MKT_GLB"}`
	if got := string(s.SubscriptionNotification(token, 12)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	first := s.PaymentMessage(token)
	s.Renew(token)
	if second := s.PaymentMessage(token); second.PurchaseID == first.PurchaseID || second.Token != token || second.State != "COMPLETED" {
		t.Errorf("got %+v after %+v", second, first)
	}
	s.Revoke(token)
	if m := s.PaymentMessage(token); m.State != "COMPLETED" {
		t.Errorf("a revocation takes no payment back: %+v", m)
	}
	s.Refund(token)
	if m := s.PaymentMessage(token); m.State != "CANCELED" {
		t.Errorf("got %+v", m)
	}
}

func TestNotificationsOfNothingAreAMistakeOfTheTest(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{})
	token := s.Buy(onestoretest.InApp("gold"))
	m := s.PaymentMessage(token)
	m.Extra = []onestoretest.Member{{Name: "x", Value: 1.5}}
	for name, f := range map[string]func(){
		"PaymentNotification":      func() { s.PaymentNotification("x") },
		"SubscriptionNotification": func() { s.SubscriptionNotification("x", 1) },
		"Sign":                     func() { s.Signer().Sign(m) },
	} {
		func() {
			defer func() {
				if v, _ := recover().(string); !strings.HasPrefix(v, "onestoretest: ") {
					t.Errorf("%s panicked with %q", name, v)
				}
			}()
			f()
		}()
	}
}
