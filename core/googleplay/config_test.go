package googleplay_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

// keyFile is a good key file with members changed; absent removes one.
func keyFile(t testing.TB, change map[string]any) []byte {
	return []byte(with(t, string(googleplaytest.New(googleplaytest.Config{}).ServiceAccountKey()), change))
}

func pemOf(t *testing.T, kind string, der []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func TestNewReportsEveryFaultAtOnce(t *testing.T) {
	_, err := googleplay.New(googleplay.Config{Name: "a b", PackageName: "a/b", ServiceAccountKey: []byte("CANARY"), BaseURL: "http://example.com"})
	if err == nil {
		t.Fatal("accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, field := range []string{"Name", "PackageName", "BaseURL", "ServiceAccountKey"} {
		if len(lines) <= i || !strings.HasPrefix(lines[i], "googleplay: "+field+" ") {
			t.Fatalf("line %d is not about %s:\n%v", i, field, err)
		}
	}
	if strings.Contains(err.Error(), "CANARY") {
		t.Errorf("%v", err)
	}
	_, err = googleplay.New(googleplay.Config{})
	if n := strings.Count(err.Error(), "\n") + 1; n != 2 {
		t.Errorf("the empty configuration has %d faults, want 2: %v", n, err)
	}
	_, err = googleplay.New(googleplay.Config{PackageName: "a", TokenSource: &issuer{}, ServiceAccountKey: keyFile(t, nil)})
	if err == nil || !strings.Contains(err.Error(), "want one of them") {
		t.Errorf("two credentials: %v", err)
	}
}

func TestNewChecksTheURLAndTheNames(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*googleplay.Config)
		fault  string // empty: accepted
	}{
		"a plain configuration":         {func(*googleplay.Config) {}, ""},
		"a name":                        {func(c *googleplay.Config) { c.Name = "play-b" }, ""},
		"a long name":                   {func(c *googleplay.Config) { c.Name = core.StoreID(strings.Repeat("x", 65)) }, "Name has 65 bytes"},
		"a long package name":           {func(c *googleplay.Config) { c.PackageName = strings.Repeat("x", 256) }, "PackageName has 256 bytes"},
		"a package name of dots":        {func(c *googleplay.Config) { c.PackageName = ".." }, "PackageName is a dot segment"},
		"a package name with a colon":   {func(c *googleplay.Config) { c.PackageName = "a:b" }, "PackageName has a character"},
		"a prefix":                      {func(c *googleplay.Config) { c.BaseURL = "https://proxy.example/google/play/" }, ""},
		"http on loopback":              {func(c *googleplay.Config) { c.BaseURL = "http://[::1]:80" }, ""},
		"http elsewhere":                {func(c *googleplay.Config) { c.BaseURL = "http://androidpublisher.googleapis.com" }, "BaseURL is not https"},
		"http on a host like loopback":  {func(c *googleplay.Config) { c.BaseURL = "http://127.0.0.1.example" }, "BaseURL is not https"},
		"a host without a scheme":       {func(c *googleplay.Config) { c.BaseURL = "googleapis.com" }, "BaseURL is not an absolute"},
		"nonsense":                      {func(c *googleplay.Config) { c.BaseURL = "https://[::1" }, "BaseURL is not a URL"},
		"a password":                    {func(c *googleplay.Config) { c.BaseURL = "https://u:CANARY@h" }, "BaseURL carries user information"},
		"a query":                       {func(c *googleplay.Config) { c.BaseURL = "https://h?" }, "BaseURL carries a query"},
		"dots in the prefix":            {func(c *googleplay.Config) { c.BaseURL = "https://h/a/../b" }, "BaseURL has a path"},
		"an escape in the prefix":       {func(c *googleplay.Config) { c.BaseURL = "https://h/a%2fb" }, "BaseURL has a path"},
		"an empty segment, in a prefix": {func(c *googleplay.Config) { c.BaseURL = "https://h//b" }, "BaseURL has a path"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config("")
			tc.change(&cfg)
			c, err := googleplay.New(cfg)
			switch {
			case tc.fault == "" && (err != nil || c == nil):
				t.Errorf("refused: %v", err)
			case tc.fault != "" && (err == nil || c != nil || !strings.HasPrefix(err.Error(), "googleplay: "+tc.fault)):
				t.Errorf("got %v, want %s", err, tc.fault)
			case err != nil && strings.Contains(err.Error(), "CANARY"):
				t.Errorf("a secret is shown: %v", err)
			}
		})
	}
}

// A key file is a secret and may be forged: no fault quotes it, and none lets its assertions go elsewhere.
func TestAKeyFileIsChecked(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	smallDER, err1 := x509.MarshalPKCS8PrivateKey(small)
	curveDER, err2 := x509.MarshalPKCS8PrivateKey(curve)
	change := func(m map[string]any) []byte { return keyFile(t, m) }
	tokenURI := func(uri string) []byte { return change(map[string]any{"token_uri": uri}) }
	const loopback = "http://127.0.0.1:1"
	for name, tc := range map[string]struct {
		file  []byte
		base  string
		fault string // empty: accepted
	}{
		"a good one":                        {change(nil), "", ""},
		"a PKCS #1 key":                     {change(map[string]any{"private_key": pemOf(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(large), nil)}), "", ""},
		"without a token_uri":               {change(map[string]any{"token_uri": absent}), "", ""},
		"an older token_uri":                {tokenURI("https://accounts.google.com/o/oauth2/token"), "", ""},
		"a regional token_uri":              {tokenURI("https://oauth2.europe.rep.googleapis.com/token"), "", ""},
		"loopback where the store is there": {tokenURI("http://localhost:2/token"), loopback, ""},
		"not JSON":                          {[]byte("CANARY"), "", "is no key file"},
		"a path":                            {[]byte("/etc/CANARY.json"), "", "is no key file"},
		"a member twice":                    {[]byte(`{"type":"service_account","type":"CANARY"}`), "", "is no key file"},
		"a member of the wrong type":        {change(map[string]any{"client_email": 7}), "", "is no key file: client_email is not a string"},
		"another type of credentials":       {change(map[string]any{"type": "CANARY_user"}), "", `has a type that is not "service_account"`},
		"no account":                        {change(map[string]any{"client_email": ""}), "", "has no client_email"},
		"no private key":                    {change(map[string]any{"private_key": absent}), "", "has a private_key that is not PEM text"},
		"a private key that is none":        {change(map[string]any{"private_key": "CANARY"}), "", "has a private_key that is not PEM text"},
		"PEM that is no key":                {change(map[string]any{"private_key": pemOf(t, "PRIVATE KEY", []byte("CANARY"), nil)}), "", "has a private_key that is neither"},
		"a short key":                       {change(map[string]any{"private_key": pemOf(t, "PRIVATE KEY", smallDER, err1)}), "", "has a private_key that has 1024 bits"},
		"a key of another kind":             {change(map[string]any{"private_key": pemOf(t, "PRIVATE KEY", curveDER, err2)}), "", "has a private_key that is not an RSA key"},
		"somebody else's token_uri":         {tokenURI("https://evil.example/CANARY"), "", "has a token_uri that is not on a host of Google's"},
		"a token_uri like Google's":         {tokenURI("https://oauth2.googleapis.com.evil.example/token"), "", "has a token_uri that is not on a host of Google's"},
		"a token_uri that ends like it":     {tokenURI("https://evilgoogleapis.com/token"), "", "has a token_uri that is not on a host of Google's"},
		"a token_uri without TLS":           {tokenURI("http://oauth2.googleapis.com/token"), "", "has a token_uri that is not https"},
		"a token_uri with a user":           {tokenURI("https://oauth2.googleapis.com@evil.example/token"), "", "has a token_uri that is not a plain absolute URL"},
		"a token_uri with a query":          {tokenURI("https://oauth2.googleapis.com/token?CANARY"), "", "has a token_uri that is not a plain absolute URL"},
		"a token_uri with a port":           {tokenURI("https://oauth2.googleapis.com:8443/token"), "", "has a token_uri that names a port"},
		"a token_uri that is none":          {tokenURI("CANARY"), "", "has a token_uri that is not a plain absolute URL"},
		"loopback where the store is not":   {tokenURI("http://127.0.0.1:2/token"), "", "has a token_uri that is a loopback address"},
		"elsewhere though the store is":     {tokenURI("http://evil.example/token"), loopback, "has a token_uri that is not https"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := googleplay.New(googleplay.Config{PackageName: packageName, ServiceAccountKey: tc.file, BaseURL: tc.base})
			if tc.fault == "" {
				if err != nil || c == nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), "googleplay: ServiceAccountKey "+tc.fault) {
				t.Fatalf("got %v, want %s", err, tc.fault)
			}
			for _, hidden := range []string{"CANARY", "PRIVATE", "evil", "iam.gserviceaccount.com"} {
				if strings.Contains(err.Error(), hidden) {
					t.Errorf("the error shows %q: %v", hidden, err)
				}
			}
		})
	}
}

func TestNothingPrintsAPurchaseToken(t *testing.T) {
	var out bytes.Buffer
	p, s, v := googleplay.ProductPurchase{PurchaseToken: token, OrderID: "GPA.1"}, googleplay.SubscriptionPurchaseV2{LinkedPurchaseToken: token, LatestOrderID: "GPA.1"}, googleplay.VoidedPurchase{PurchaseToken: token, OrderID: "GPA.1"}
	for _, v := range []any{p, &p, s, &s, v, &v, []any{p, &s, v}, googleplay.ProductPurchase{OrderID: "GPA.1"}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
			fmt.Fprintf(&out, verb, v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("found", "v", v)
	}
	if strings.Contains(out.String(), "canary") || !strings.Contains(out.String(), "GPA.1") || !strings.Contains(out.String(), "[redacted]") {
		t.Errorf("%s", out.String())
	}
}

func TestNothingPrintsTheKey(t *testing.T) {
	var key struct {
		Private string `json:"private_key"`
	}
	file := keyFile(t, nil)
	if err := json.Unmarshal(file, &key); err != nil {
		t.Fatal(err)
	}
	cfg := googleplay.Config{PackageName: packageName, ServiceAccountKey: file}
	c := client(t, cfg)
	var out bytes.Buffer
	for _, v := range []any{cfg, &cfg, c, struct{ C googleplay.Config }{cfg}, []*googleplay.Client{c}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			fmt.Fprintf(&out, verb, v)
		}
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			if _, nested := v.(struct{ C googleplay.Config }); !nested { // JSON has no hook for fields
				slog.New(h).Info("made", "v", v)
			}
		}
	}
	for _, hidden := range []string{"PRIVATE KEY", strings.Split(key.Private, "\n")[3], "[123 10", "iam.gserviceaccount.com"} {
		if strings.Contains(out.String(), hidden) {
			t.Errorf("%q is shown", hidden)
		}
	}
	if !strings.Contains(out.String(), packageName) || !strings.Contains(out.String(), "[redacted]") {
		t.Errorf("%s", out.String())
	}
}
