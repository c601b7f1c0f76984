package onestore

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
)

// ErrSignature is returned for a signature that the key did not make over the text.
var ErrSignature = errors.New("onestore: the signature is not the store's")

// VerifyReceipt checks the receipt that the ONE store SDK hands to the app: signature over exactly the
// text originalJSON, by the app's licence key. The key is the base64 text of the developer centre, and
// so is the signature. It returns nil, ErrSignature, or an error that says what is wrong with the key.
//
// A valid receipt proves where a purchase came from when it was made, not that it still stands: ask
// the store. Which product and token it is about, the caller compares.
//
// Spec: SHA512withRSA (RSASSA-PKCS1-v1_5), as for payment notifications.
func VerifyReceipt(key, originalJSON, signature string) error {
	public, err := licenceKey(key)
	if err != nil {
		return err
	}
	return verifySignature(public, []byte(originalJSON), signature)
}

// minKeyBits is what crypto/rsa accepts at least, and the size of the key in the store's documentation.
const minKeyBits = 1024

func licenceKey(key string) (*rsa.PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return nil, errors.New("onestore: the licence key is not base64 text")
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errors.New("onestore: the licence key is not a public key (X.509 SubjectPublicKeyInfo)")
	}
	public, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("onestore: the licence key is a %T, not an RSA key", parsed)
	}
	if bits := public.N.BitLen(); bits < minKeyBits {
		return nil, fmt.Errorf("onestore: the licence key has %d bits; it must have at least %d", bits, minKeyBits)
	}
	return public, nil
}

func verifySignature(key *rsa.PublicKey, text []byte, signature string) error {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return ErrSignature
	}
	digest := sha512.Sum512(text)
	switch err := rsa.VerifyPKCS1v15(key, crypto.SHA512, digest[:], raw); {
	case errors.Is(err, rsa.ErrVerification):
		return ErrSignature
	case err != nil: // not the client's fault
		return fmt.Errorf("onestore: the licence key cannot be used: %w", err)
	}
	return nil
}
