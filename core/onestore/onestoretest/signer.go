package onestoretest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
)

// signerBits is the size of the key in ONE store's documentation. That of real keys is not published.
const signerBits = 1024

// Signer signs as ONE store does, with the licence key of one app. Make it with NewSigner, or take a
// Store's own. It is safe for concurrent use.
//
// Spec: SHA512withRSA (RSASSA-PKCS1-v1_5); the public key in base64, X.509 SubjectPublicKeyInfo.
type Signer struct {
	private *rsa.PrivateKey
	licence string
}

// NewSigner makes a key of its own: what it signs holds for no other Signer's.
func NewSigner() *Signer {
	private, err := rsa.GenerateKey(rand.Reader, signerBits)
	if err != nil {
		panic(misuse("NewSigner", err))
	}
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		panic(misuse("NewSigner", err))
	}
	return &Signer{private, base64.StdEncoding.EncodeToString(der)}
}

// LicenceKey is the public key as the developer centre shows it.
func (s *Signer) LicenceKey() string { return s.licence }

// Signature signs text as it is, and returns base64: the signature of an SDK receipt whose originalJson
// is text, or of a notification of the test's own making.
func (s *Signer) Signature(text string) string {
	digest := sha512.Sum512([]byte(text))
	raw, err := rsa.SignPKCS1v15(nil, s.private, crypto.SHA512, digest[:])
	if err != nil {
		panic(misuse("Signature", err))
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// Signer is the store's signer: Config.Signer, or one of its own.
func (s *Store) Signer() *Signer { return s.signer() }

// LicenceKey is the public key of the app, which verifies the store's payment notifications.
func (s *Store) LicenceKey() string { return s.Signer().LicenceKey() }
