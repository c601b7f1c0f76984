package googleplay

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/rest"
)

// Config configures a Client. It prints without its key.
type Config struct {
	// Name is how products refer to the client. Default DefaultName; several clients in one gate
	// need different names (see core.Product.On).
	Name core.StoreID
	// PackageName is the app's package name ("com.example.game"). Required.
	PackageName string
	// ServiceAccountKey is the content of the service account's JSON key file. The account needs the
	// rights to see the app's orders; VoidedPurchases needs "View financial data" besides. Required,
	// unless TokenSource is set; one of the two.
	//
	// The key says where it wants to be used: its token_uri must be https on a host of Google's, or a
	// loopback address when BaseURL is one too. Anything else is refused, because a forged key file
	// would have the client post its assertions elsewhere.
	ServiceAccountKey []byte
	// TokenSource issues access tokens of the scope Scope, instead of a key (workload identity, a
	// secret manager). The client keeps and renews them, so give it one that does not: after a
	// refused token, an oauth2.ReuseTokenSource returns the same one again. A call of it that hangs
	// is left alone after 10 s, and no other is begun before it ends.
	TokenSource oauth2.TokenSource
	// BaseURL replaces https://androidpublisher.googleapis.com, for a proxy and for tests. An absolute
	// https URL (http on loopback only), with a path prefix or none.
	BaseURL string
	// HTTPClient replaces the transport and may bound each call. It is copied; the copy follows no
	// redirect. Default: a client for one upstream host, HTTP/1.1, without a proxy.
	HTTPClient *http.Client
	// AllowTestPurchases makes the purchases of licence testers count. They cost nothing: leave it
	// off where real players play.
	AllowTestPurchases bool
}

// Scope is the OAuth scope of the API, to be asked for by a Config.TokenSource.
//
// Spec: androidpublisher v3, "Authorization scopes".
const Scope = "https://www.googleapis.com/auth/androidpublisher"

const defaultBaseURL = "https://androidpublisher.googleapis.com"

// check returns the base URL and the key, nil if there is a TokenSource, or all faults at once.
func (c *Config) check() (*url.URL, *serviceAccount, error) {
	var faults []error
	report := func(field string, err error) {
		if err != nil {
			faults = append(faults, fmt.Errorf("googleplay: %s %w", field, err))
		}
	}
	if c.Name != "" {
		report("Name", rest.CheckText(string(c.Name), maxName))
	}
	report("PackageName", rest.CheckWord(c.PackageName, maxPackageName))
	base, err := rest.ParseBaseURL(cmp.Or(c.BaseURL, defaultBaseURL), false)
	report("BaseURL", err)
	var account *serviceAccount
	switch {
	case c.TokenSource != nil && len(c.ServiceAccountKey) > 0:
		report("TokenSource", errors.New("is set, and so is ServiceAccountKey; want one of them"))
	case c.TokenSource == nil:
		account, err = parseKey(c.ServiceAccountKey, base != nil && rest.IsLoopback(base.Hostname()))
		report("ServiceAccountKey", err)
	}
	return base, account, errors.Join(faults...)
}

// String is the configuration without the key.
func (c Config) String() string {
	return fmt.Sprintf("googleplay.Config{Name:%q PackageName:%q ServiceAccountKey:%s TokenSource:%t AllowTestPurchases:%t}",
		cmp.Or(c.Name, DefaultName), c.PackageName, rest.Redacted(c.ServiceAccountKey), c.TokenSource != nil, c.AllowTestPurchases)
}

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }
