package notify_test

import (
	"testing"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func BenchmarkParsePayment(b *testing.B) {
	s := onestoretest.New(onestoretest.Config{Gentle: true})
	token := s.Buy(onestoretest.InApp("gold"))
	v := verifierOf(b, s)
	for _, c := range []struct {
		name    string
		options []onestoretest.WireOption
	}{{"escapes=none", nil}, {"escapes=all", []onestoretest.WireOption{onestoretest.EscapedText()}}} {
		b.Run(c.name, func(b *testing.B) {
			body := s.PaymentNotification(token, c.options...)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.ParsePayment(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseSubscription(b *testing.B) {
	v := verifier(b, "")
	body := []byte(sns("", ""))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.ParseSubscription(body); err != nil {
			b.Fatal(err)
		}
	}
}
