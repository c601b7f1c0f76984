package notify_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// message is a message for the verifier of these tests, with text wherever there may be any.
func message(text string) onestoretest.PaymentMessage {
	return onestoretest.PaymentMessage{
		Version: "3.1.0D", ClientID: "0000042301", ProductID: text, MessageType: "SINGLE_PAYMENT_TRANSACTION", PurchaseID: "1",
		DeveloperPayload: text, State: "COMPLETED", ProductName: text, Token: "SANDBOX3000002616001", Environment: "SANDBOX", Market: "MKT_GLB",
		PaidBy: []onestoretest.PaidBy{{Method: "DCB", Amount: text}},
	}
}

var wireOptions = []onestoretest.WireOption{onestoretest.Spaced(), onestoretest.EscapedSlashes(), onestoretest.EscapedText()}

// FuzzSignedPayment: what the store signed holds however it was written on the wire, and once a byte of
// it is changed it holds only if it still says the same.
func FuzzSignedPayment(f *testing.F) {
	signer := onestoretest.NewSigner()
	v := verifier(f, signer.LicenceKey())
	for i, s := range []string{"", "a/b", `"`, `\`, "<b>&", "🎮 한글", "\u2028", "\x00\x1f\x7f", "\t\n\r\b\f", "null", "{}", "signature"} {
		f.Add(s, uint8(i), "x", "12", i*31, byte(1<<(i%8)))
	}
	f.Fuzz(func(t *testing.T, text string, style uint8, extra, number string, at int, flip byte) {
		if !utf8.ValidString(text) || !utf8.ValidString(extra) {
			return
		}
		m := message(text)
		m.Extra = []onestoretest.Member{{Name: "x" + extra, Value: nil}, {Name: "y", Value: extra}}
		if isNumber(number) {
			m.Extra = append(m.Extra, onestoretest.Member{Name: "z", Value: json.Number(number)})
		}
		var options []onestoretest.WireOption
		for i, o := range wireOptions {
			if style&(1<<i) != 0 {
				options = append(options, o)
			}
		}
		body := signer.Sign(m, options...)
		p, err := v.ParsePayment(body)
		if err != nil {
			t.Fatalf("what was signed is refused: %v\n%s", err, body)
		}
		if p.ProductName != text || p.DeveloperPayload != text || p.PurchaseToken != m.Token || p.State != notify.PaymentCompleted || p.PaymentTypes[0].Amount != text {
			t.Fatalf("got %#v of %q", p, text)
		}
		changed := bytes.Clone(body)
		changed[uint(at)%uint(len(body))] ^= flip
		if _, err := v.ParsePayment(changed); err == nil && !sameMeaning(body, changed) {
			t.Fatalf("what was changed is accepted:\n%s\n%s", body, changed)
		}
	})
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "+-0123456789.eE") == "" && json.Valid([]byte(s))
}

// sameMeaning compares two messages member by member, numbers by their digits, and the signature by its
// bytes: base64 has some bits that mean nothing.
func sameMeaning(a, b []byte) bool {
	read := func(body []byte) (m map[string]any, signature []byte) {
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		if dec.Decode(&m) != nil {
			return nil, nil
		}
		var s struct{ Signature []byte }
		if json.Unmarshal(body, &s) != nil {
			return nil, nil
		}
		delete(m, "signature")
		return m, s.Signature
	}
	ma, sa := read(a)
	mb, sb := read(b)
	return ma != nil && reflect.DeepEqual(ma, mb) && bytes.Equal(sa, sb)
}

// FuzzSignedText: any JSON object that is signed as it stands holds, wherever the signature is put.
func FuzzSignedText(f *testing.F) {
	signer := onestoretest.NewSigner()
	v := verifier(f, signer.LicenceKey())
	for _, s := range []string{"{}", genuineText, `{"a":[[],{},[{"signature":"x"}]],"b":-0,"c":1e400,"d":"\/\u003c","e":null}`, `{"signature":1}`, `{"a":1,"A":2}`, `[1]`, "{", `{"":{"":""}}`} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, first bool) {
		var compact bytes.Buffer
		var members map[string]json.RawMessage
		if json.Compact(&compact, []byte(text)) != nil || json.Unmarshal([]byte(text), &members) != nil || members == nil {
			if _, err := v.ParsePayment([]byte(text)); !errors.Is(err, notify.ErrMalformed) {
				t.Fatalf("what is no object is not malformed: %v", err)
			}
			return
		}
		signed := compact.String()
		member, comma := `"signature":"`+signer.Signature(signed)+`"`, ","
		if len(members) == 0 {
			comma = ""
		}
		body := signed[:len(signed)-1] + comma + member + "}"
		if first {
			body = "{" + member + comma + signed[1:]
		}
		if !holds(t, v, body) {
			t.Fatalf("what was signed does not hold: %s", body)
		}
	})
}

// FuzzHostilePayment: nothing holds that the store did not sign, and nothing breaks the parser.
func FuzzHostilePayment(f *testing.F) {
	v := verifier(f, genuineKey)
	last := strings.TrimSuffix(genuineText, "}") + "," + member + "}"
	for _, s := range []string{last, genuineText, "{}", `{"signature":"` + genuineSig + `"}`, `{"signature":"",` + last[1:], strings.Repeat("[", 100), "\xff", `{"a":"\ud800","signature":"AA=="}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := v.ParsePayment(body)
		if p != nil || err == nil {
			t.Fatal("a message of version 2 is accepted")
		}
		if !errors.Is(err, notify.ErrMalformed) && !errors.Is(err, onestore.ErrSignature) {
			t.Fatalf("the error is %v", err)
		}
		if strings.Contains(err.Error(), "msgVersion") && !sameMeaning([]byte(last), body) {
			t.Fatalf("a signature holds that is not the store's: %s", body)
		}
	})
}

// FuzzSubscription: a message is read as a whole or not at all, and says of the app what is configured.
func FuzzSubscription(f *testing.F) {
	v := verifier(f, "")
	s := onestoretest.New(onestoretest.Config{})
	f.Add(s.SubscriptionNotification(s.Buy(onestoretest.Subscription("vip")), 12))
	for _, text := range []string{sns("", ""), sns("environment", "environmenmt"), sns("12,", `"12",`), sns("{", `{"x":1,`), "{}", "null", "", "\xff"} {
		f.Add([]byte(text))
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 8 { // truncated
		text := sns("", "")
		f.Add([]byte(text[:rnd.IntN(len(text))]))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := v.ParseSubscription(body)
		if err != nil {
			if s != nil || !errors.Is(err, notify.ErrMalformed) && !errors.Is(err, notify.ErrOtherApp) {
				t.Fatalf("got %v, %v", s, err)
			}
			return
		}
		var m map[string]any
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatalf("accepted what is no object: %v", err)
		}
		if s.PurchaseToken == "" || s.EventTime.IsZero() || s.ClientID != "0000042301" && s.PackageName != "com.onestore.pns" {
			t.Fatalf("got %#v", s)
		}
		if text := s.String(); !strings.HasPrefix(text, "SUBSCRIPTION_") {
			t.Fatalf("it prints %s", text)
		}
	})
}
