package googleplaytest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"sync"
)

// What a key file says of the service account.
const (
	accountEmail    = "skugate@googleplaytest.iam.gserviceaccount.com"
	accountKeyID    = "6f0e5d3c9a1b4e7f8d2c6b5a49382716f0e5d3c9"
	defaultTokenURL = "https://oauth2.googleapis.com/token"
)

// key is the service account's, one for all stores of a process: making one takes a while.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic("googleplaytest: no key: " + err.Error()) // no source of randomness: nothing works then
	}
	return k
})

// ServiceAccountKey is the key file of a service account that may ask the store. Its token_uri is the
// store's own if it has a URL, and Google's otherwise.
func (s *Store) ServiceAccountKey() []byte {
	der, err := x509.MarshalPKCS8PrivateKey(key())
	if err != nil {
		panic("googleplaytest: no key: " + err.Error()) // an RSA key can always be written
	}
	tokenURL := defaultTokenURL
	if own := s.URL(); own != "" {
		tokenURL = own + "/token"
	}
	file, err := json.MarshalIndent(map[string]string{
		"type":            "service_account",
		"project_id":      "googleplaytest",
		"private_key_id":  accountKeyID,
		"private_key":     string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email":    accountEmail,
		"client_id":       "100000000000000000001",
		"auth_uri":        "https://accounts.google.com/o/oauth2/auth",
		"token_uri":       tokenURL,
		"universe_domain": "googleapis.com",
	}, "", "  ")
	if err != nil {
		panic("googleplaytest: no key: " + err.Error()) // strings can always be written
	}
	return file
}
