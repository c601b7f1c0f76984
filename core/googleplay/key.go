package googleplay

import (
	"cmp"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/oauth2/jwt"

	"github.com/skugate/skugate/core/internal/rest"
)

// serviceAccount is what makes and signs assertions.
type serviceAccount = jwt.Config

// defaultTokenURL is what key files name, and where one without a token_uri is used.
const defaultTokenURL = "https://oauth2.googleapis.com/token"

// minKeyBits is what Google's own keys have; crypto/rsa would refuse fewer than 1024 only when it signs.
const minKeyBits = 2048

// parseKey reads a key file. Its errors name members and quote nothing: the file is a secret.
func parseKey(file []byte, loopback bool) (*serviceAccount, error) {
	if len(file) == 0 {
		return nil, errors.New("is not set, nor is TokenSource")
	}
	o, err := rest.Parse(file)
	if err != nil {
		return nil, fmt.Errorf("is no key file: %w", err)
	}
	kind, email, id, private := o.Text("type"), o.Text("client_email"), o.Text("private_key_id"), o.Text("private_key")
	tokenURL := cmp.Or(o.Text("token_uri"), defaultTokenURL)
	if o.Err() != nil {
		return nil, fmt.Errorf("is no key file: %w", o.Err())
	}
	if kind != "service_account" {
		return nil, errors.New(`has a type that is not "service_account"`)
	}
	var faults []error
	if email == "" {
		faults = append(faults, errors.New("has no client_email"))
	}
	if err := checkPrivateKey(private); err != nil {
		faults = append(faults, fmt.Errorf("has a private_key that %w", err))
	}
	if err := checkTokenURL(tokenURL, loopback); err != nil {
		faults = append(faults, fmt.Errorf("has a token_uri that %w", err))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &serviceAccount{Email: email, PrivateKey: []byte(private), PrivateKeyID: id, Scopes: []string{Scope}, TokenURL: tokenURL}, nil
}

// checkPrivateKey finds at start what package jwt would find at the first call.
func checkPrivateKey(text string) error {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return errors.New("is not PEM text")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		if parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
			return errors.New("is neither a PKCS #8 nor a PKCS #1 key")
		}
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return errors.New("is not an RSA key")
	}
	if bits := key.N.BitLen(); bits < minKeyBits {
		return fmt.Errorf("has %d bits; it must have at least %d", bits, minKeyBits)
	}
	return nil
}

// checkTokenURL lets an assertion go to Google, and to loopback where the whole store is there.
func checkTokenURL(raw string, loopback bool) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Opaque != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("is not a plain absolute URL")
	}
	host := strings.ToLower(u.Hostname())
	switch {
	case rest.IsLoopback(host) && loopback:
		return nil
	case rest.IsLoopback(host):
		return errors.New("is a loopback address, which BaseURL is not")
	case u.Scheme != "https":
		return errors.New("is not https")
	case u.Port() != "" && u.Port() != "443":
		return errors.New("names a port")
	case host == "googleapis.com" || strings.HasSuffix(host, ".googleapis.com") || host == "accounts.google.com":
		return nil
	default:
		return errors.New("is not on a host of Google's")
	}
}
