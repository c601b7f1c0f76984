package notify_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// A message that ONE store itself signed, from its documentation, with the key that stands there. It has
// the layout of version 2, so that it can hold and still not be accepted.
const (
	genuineKey  = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDMzpWJoK1GSOrr4juma5+sREYjdCW8/xSd9+6z6PAkUH5af97wy8ecfkLtP9LK5VskryfDlcOjfu0BgmHYntAqKT7B4KWk8jWbJ8VHUpp30H95UbcnCRFDqpEtwYzNA5gNMYKtAdbL41K8Fbum0Xqxo65pPEI4UC3MAG96O7X1WQIDAQAB"
	genuineSig  = "MNxIl32ws+yYWpUr7om+jail4UQxBUXdNX5yw5PJKlqW2lurfvhiqF0p4XWa+fmyV6+Ot63w763Gnx2+7Zp2Wgl73TWru5kksBjqVJ3XqyjUHDDaF80aq0KvoQdLAHfKze34cJXKR/Qu8dPHK65PDH/Vu6MvPVRB8TvCJpkQrqg="
	genuineText = `{"msgVersion":"2.0.0.D","purchaseId":"SANDBOX3000000004564","developerPayload":"OS_000211234","packageName":"com.onestore.pns","productId":"0900001234","messageType":"SINGLE_PAYMENT_TRANSACTION","purchaseMillis":24431212233,"purchaseState":"COMPLETED","price":20000,"productName":"한글은?GOLD100(+20)","paymentTypeList":[{"paymentMethod":"DCB","amount":3000},{"paymentMethod":"ONESTORECASH","amount":7000}],"billingKey":"36FED4C6E4AC9E29ADAF356057DB98B5CB92126B1D52E8757701E3A261AF49CCFBFC49F5FEF6E277A7A10E9076B523D839E9D84CE9225498155C5065529E22F5","isTestMdn":true}`
)

const member = `"signature":"` + genuineSig + `"`

func verifier(t testing.TB, key string) *notify.Verifier {
	t.Helper()
	v, err := notify.NewVerifier(notify.App{
		ClientID: "0000042301", PackageName: "com.onestore.pns", Market: onestore.MarketGlobal, Environment: onestore.Sandbox, LicenceKey: key,
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// holds tells whether the signature of a message of any layout is the store's.
func holds(t testing.TB, v *notify.Verifier, body string) bool {
	t.Helper()
	_, err := v.ParsePayment([]byte(body))
	return !errors.Is(err, onestore.ErrSignature)
}

func TestTheSignatureOfTheStoresOwnSample(t *testing.T) {
	v := verifier(t, genuineKey)
	last := strings.TrimSuffix(genuineText, "}") + "," + member + "}"
	first := "{" + member + "," + strings.TrimPrefix(genuineText, "{")
	middle := strings.Replace(genuineText, `"price"`, member+`,"price"`, 1)
	edit := func(old, new string) string {
		if strings.Count(last, old) == 0 {
			t.Fatalf("%q is not in the message", old)
		}
		return strings.Replace(last, old, new, 1)
	}
	sorted := func(escape bool) string { // as a program would that decodes and encodes
		var m map[string]any
		if err := json.Unmarshal([]byte(last), &m); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(escape)
		if err := enc.Encode(m); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	var indented strings.Builder
	enc := json.NewEncoder(&indented)
	enc.SetIndent("", "\t")
	if err := enc.Encode(json.RawMessage(last)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, body string
		holds      bool
	}{
		{"the signature at the end", last, true},
		{"at the beginning", first, true},
		{"in the middle", middle, true},
		{"with white space", edit(`,"price":20000`, "\r\n,\t\"price\" :  20000 "), true},
		{"indented", indented.String(), true},
		{"with a line break behind it", last + "\n", true},
		{"with the text escaped", edit("한글은", `\uD55c\uAE00\uc740`), true},
		{"with a letter escaped", edit("GOLD", `\u0047OLD`), true},
		{"with the signature's name escaped", edit(`"signature"`, `"si\u0067nature"`), true},
		{"with the signature's slashes escaped", edit(genuineSig, strings.ReplaceAll(genuineSig, "/", `\/`)), true},

		{"the member that the documentation renamed", edit("packageName", "clientId"), false},
		{"sorted by a map", sorted(false), false},
		{"sorted and escaped", sorted(true), false},
		{"another price", edit("20000", "20001"), false},
		{"a price with a fraction of nothing", edit("20000", "20000.0"), false},
		{"a price as a text", edit("20000", `"20000"`), false},
		{"a price with an exponent", edit("20000", "2e4"), false},
		{"a space in a text", edit("GOLD100", "GOLD 100"), false},
		{"a member more", edit(`"price"`, `"x":null,"price"`), false},
		{"a member less", edit(`"price":20000,`, ""), false},
		{"members swapped", edit(`"price":20000,"productName":"한글은?GOLD100(+20)"`, `"productName":"한글은?GOLD100(+20)","price":20000`), false},
		{"a method less", edit(`,{"paymentMethod":"ONESTORECASH","amount":7000}`, ""), false},
		{"another signature", edit("MNxI", "MNxJ"), false},
		{"another spelling of the signature's name beside it", edit(`"price"`, `" signature":"x","price"`), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := holds(t, v, c.body); got != c.holds {
				t.Errorf("it holds: %t, want %t", got, c.holds)
			}
			if _, err := v.ParsePayment([]byte(c.body)); err == nil {
				t.Error("a message of version 2 is accepted")
			}
		})
	}
}

func TestASignatureCoversWhatEncodersGetWrong(t *testing.T) {
	signer := onestoretest.NewSigner()
	v := verifier(t, signer.LicenceKey())
	for _, value := range []string{
		`"a/b"`, `"a\/b"`, `"\"quoted\""`, `"back\\slash"`, `"<b>&amp;</b>"`, `"🎮 한글"`, `"\u2028"`, "\"\u2028\u2029\"", `""`, `"\t\n\r\b\f"`,
		`"\u0000\u001F"`, "\"\u007f\"", `null`, `true`, `[]`, `{}`, `[[1,[2,[3]]],{"a":[{}]}]`, `-0`, `1e400`, `0.10`, `1E+2`,
		`123456789012345678901234567890`, `"signature"`, `{"signature":"x"}`, `"\\u0041"`, `"\\\\\""`,
	} {
		text := `{"a":1,"x":` + value + `,"z":"end"}`
		body := func(x string) string {
			return `{"a":1,"x":` + x + `,"z":"end","signature":"` + signer.Signature(text) + `"}`
		}
		if !holds(t, v, body(value)) {
			t.Errorf("%s does not hold", value)
		}
		for _, other := range []string{`"a"`, `false`, `0`, `[1]`, `""`} {
			if other != value && holds(t, v, body(other)) {
				t.Errorf("%s holds in place of %s", other, value)
			}
		}
	}
	for _, c := range []struct{ signed, sent string }{
		{`"a/b"`, `"a\/b"`}, {`"<b>&"`, `"\u003cb\u003E\u0026"`}, {`"한"`, `"\ud55C"`}, {`"🎮"`, `"\uD83C\uDFAE"`},
		{`"\t\u001F\\\""`, `"\u0009\u001f\u005c\u0022"`}, {`"a"`, `"\u0061"`}, {"\"\u2028\"", `"\u2028"`}, {"\"\u007f\"", `"\u007F"`},
	} {
		body := `{"x":` + c.sent + `,"signature":"` + signer.Signature(`{"x":`+c.signed+`}`) + `"}`
		if !holds(t, v, body) {
			t.Errorf("%s does not hold when sent as %s", c.signed, c.sent)
		}
	}
}
