package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"os"
	"strings"

	"github.com/skugate/skugate/core/googleplay"
)

// play is the client of Google Play, if there is one.
type play struct{ url, packageName, keyFile string }

// defaultPackage is the app that a fake is asked about unless it says otherwise.
const defaultPackage = "com.example.game"

func (p *play) flags(fs *flag.FlagSet) {
	fs.StringVar(&p.url, "play", "", "base `URL` of a Google Play API, which also answers its token endpoint at URL/token (default: none)")
	fs.StringVar(&p.packageName, "play-package", defaultPackage, "package `name` of the app at -play")
	fs.StringVar(&p.keyFile, "play-key", "", "key `file` of the service account at -play, which names the token endpoint (default: a key made at the start)")
}

func (p *play) client() (*googleplay.Client, error) {
	key, err := p.key()
	if err != nil {
		return nil, err
	}
	return googleplay.New(googleplay.Config{PackageName: p.packageName, ServiceAccountKey: key, BaseURL: p.url})
}

// key is a service account's. Whoever is behind -play alone cannot know one, so any will do there.
func (p *play) key() ([]byte, error) {
	if p.keyFile != "" {
		return os.ReadFile(p.keyFile)
	}
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]string{
		"type":           "service_account",
		"client_email":   "testhost@example.iam.gserviceaccount.com",
		"private_key_id": "testhost",
		"private_key":    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"token_uri":      strings.TrimSuffix(p.url, "/") + "/token",
	})
}
