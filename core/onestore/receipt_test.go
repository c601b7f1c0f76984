package onestore_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/onestore"
)

// A message that ONE store itself signed, from its documentation, with the key that stands there.
const (
	genuineKey  = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDMzpWJoK1GSOrr4juma5+sREYjdCW8/xSd9+6z6PAkUH5af97wy8ecfkLtP9LK5VskryfDlcOjfu0BgmHYntAqKT7B4KWk8jWbJ8VHUpp30H95UbcnCRFDqpEtwYzNA5gNMYKtAdbL41K8Fbum0Xqxo65pPEI4UC3MAG96O7X1WQIDAQAB"
	genuineSig  = "MNxIl32ws+yYWpUr7om+jail4UQxBUXdNX5yw5PJKlqW2lurfvhiqF0p4XWa+fmyV6+Ot63w763Gnx2+7Zp2Wgl73TWru5kksBjqVJ3XqyjUHDDaF80aq0KvoQdLAHfKze34cJXKR/Qu8dPHK65PDH/Vu6MvPVRB8TvCJpkQrqg="
	genuineText = `{"msgVersion":"2.0.0.D","purchaseId":"SANDBOX3000000004564","developerPayload":"OS_000211234","packageName":"com.onestore.pns","productId":"0900001234","messageType":"SINGLE_PAYMENT_TRANSACTION","purchaseMillis":24431212233,"purchaseState":"COMPLETED","price":20000,"productName":"한글은?GOLD100(+20)","paymentTypeList":[{"paymentMethod":"DCB","amount":3000},{"paymentMethod":"ONESTORECASH","amount":7000}],"billingKey":"36FED4C6E4AC9E29ADAF356057DB98B5CB92126B1D52E8757701E3A261AF49CCFBFC49F5FEF6E277A7A10E9076B523D839E9D84CE9225498155C5065529E22F5","isTestMdn":true}`
)

func TestAGenuineMessageOfTheStoreHolds(t *testing.T) {
	if err := onestore.VerifyReceipt(genuineKey, genuineText, genuineSig); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text string }{
		{"another price", strings.Replace(genuineText, "20000", "20001", 1)},
		{"the field of the later documentation", strings.Replace(genuineText, "packageName", "clientId", 1)},
		{"a space", strings.Replace(genuineText, ":", ": ", 1)},
		{"a line break behind it", genuineText + "\n"},
		{"a second member", strings.Replace(genuineText, "}", `,"productId":"x"}`, 1)},
		{"other escapes", strings.Replace(genuineText, "한", `\ud55c`, 1)},
		{"nothing", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := onestore.VerifyReceipt(genuineKey, c.text, genuineSig); !errors.Is(err, onestore.ErrSignature) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// rsaKey makes a key of the test's own.
func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// licence is a public key as the developer centre shows it.
func licence(t testing.TB, public any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// sign makes the signature of a text as the store does.
func sign(t testing.TB, key *rsa.PrivateKey, text string) []byte {
	t.Helper()
	digest := sha512.Sum512([]byte(text))
	raw, err := rsa.SignPKCS1v15(nil, key, crypto.SHA512, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestOnlyTheKeyOverExactlyTheTextHolds(t *testing.T) {
	const text = `{"productId":"vip","purchaseToken":"SANDBOX123"}`
	key, other := rsaKey(t, 2048), rsaKey(t, 2048)
	good := sign(t, key, text)
	b64 := base64.StdEncoding.EncodeToString
	weaker := sha256.Sum256([]byte(text))
	short, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, weaker[:])
	if err != nil {
		t.Fatal(err)
	}
	digest := sha512.Sum512([]byte(text))
	pss, err := rsa.SignPSS(rand.Reader, key, crypto.SHA512, digest[:], nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		text      string
		signature string
		holds     bool
	}{
		{"the signature", text, b64(good), true},
		{"the signature of another text", text, b64(sign(t, key, text+" ")), false},
		{"another text", strings.Replace(text, "vip", "VIP", 1), b64(good), false},
		{"another key", text, b64(sign(t, other, text)), false},
		{"another hash", text, b64(short), false},
		{"another padding", text, b64(pss), false},
		{"no signature", text, "", false},
		{"zeroes", text, b64(make([]byte, len(good))), false},
		{"a signature cut short", text, b64(good[:len(good)-1]), false},
		{"a signature with more behind it", text, b64(append(bytes.Clone(good), 0)), false},
		{"a zero before it", text, b64(append([]byte{0}, good...)), false},
		{"no base64", text, "!" + b64(good), false},
		{"base64 for URLs", text, base64.URLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, 256)), false},
		{"base64 without its padding", text, base64.RawStdEncoding.EncodeToString(good), false},
		{"base64 twice", text, b64([]byte(b64(good))), false},
		{"text behind the base64", text, b64(good) + "junk", false},
		{"a signature of a megabyte", text, b64(make([]byte, 1<<20)), false},
		{"bytes that are no text", text, "\xff\x00\xfe", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := onestore.VerifyReceipt(licence(t, &key.PublicKey), c.text, c.signature)
			if c.holds && err != nil || !c.holds && !errors.Is(err, onestore.ErrSignature) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestKeySizes(t *testing.T) {
	const text = "{}"
	for _, bits := range []int{1024, 2048, 3072} {
		key := rsaKey(t, bits)
		if err := onestore.VerifyReceipt(licence(t, &key.PublicKey), text, base64.StdEncoding.EncodeToString(sign(t, key, text))); err != nil {
			t.Errorf("%d bits: %v", bits, err)
		}
	}
}

func TestAFaultyKeyIsSaidToBeFaulty(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key := rsaKey(t, 2048)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := base64.StdEncoding.DecodeString(licence(t, &key.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.StdEncoding.EncodeToString
	for _, c := range []struct{ name, key, text string }{
		{"none", "", "not a public key"},
		{"no base64", "canary!", "not base64"},
		{"base64 of anything", b64([]byte("canary")), "not a public key"},
		{"a public key of another kind", licence(t, &ec.PublicKey), "not an RSA key"},
		{"and of another", licence(t, ed), "not an RSA key"},
		{"a private key", b64(private), "not a public key"},
		{"PKCS #1", b64(x509.MarshalPKCS1PublicKey(&key.PublicKey)), "not a public key"},
		{"PEM", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "not base64"},
		{"a key cut short", b64(der[:len(der)-8]), "not a public key"},
		{"a key with more behind it", b64(append(bytes.Clone(der), 0, 0)), "not a public key"},
		{"512 bits", licence(t, &rsa.PublicKey{N: new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 512), big.NewInt(569)), E: 65537}), "512 bits"},
		{"an exponent of 1", licence(t, &rsa.PublicKey{N: key.N, E: 1}), "licence key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := onestore.VerifyReceipt(c.key, genuineText, genuineSig)
			if err == nil || errors.Is(err, onestore.ErrSignature) || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("the error is %v, want one with %q", err, c.text)
			}
			if strings.Contains(err.Error(), "canary") || c.key != "" && strings.Contains(err.Error(), c.key) {
				t.Errorf("it quotes the key: %v", err)
			}
		})
	}
}

func FuzzVerifyReceipt(f *testing.F) {
	key := rsaKey(f, 1024)
	text := licence(f, &key.PublicKey)
	for _, s := range []string{"", "{}", genuineText, "\x00\xff", strings.Repeat("a", 5000)} {
		f.Add(s, 0, byte(1), s+"x", genuineSig)
	}
	f.Fuzz(func(t *testing.T, message string, at int, flip byte, other, hostile string) {
		raw := sign(t, key, message)
		signature := base64.StdEncoding.EncodeToString(raw)
		if err := onestore.VerifyReceipt(text, message, signature); err != nil {
			t.Fatalf("what was signed does not hold: %v", err)
		}
		if other != message && onestore.VerifyReceipt(text, other, signature) == nil {
			t.Fatal("the signature holds for another text")
		}
		if flip != 0 {
			raw[uint(at)%uint(len(raw))] ^= flip
			if onestore.VerifyReceipt(text, message, base64.StdEncoding.EncodeToString(raw)) == nil {
				t.Fatal("a changed signature holds")
			}
		}
		if err := onestore.VerifyReceipt(text, message, hostile); err == nil && !sameBytes(hostile, signature) {
			t.Fatal("a stranger's signature holds")
		}
		if err := onestore.VerifyReceipt(hostile, message, signature); err == nil && hostile != text {
			t.Fatal("a stranger's key holds")
		}
	})
}

// sameBytes tells whether two texts are base64 of the same bytes: line breaks in it do not count.
func sameBytes(a, b string) bool {
	x, errX := base64.StdEncoding.DecodeString(a)
	y, errY := base64.StdEncoding.DecodeString(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
