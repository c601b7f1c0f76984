package onestore

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/rest"
)

// Config configures a Client. It prints without its secret.
type Config struct {
	// Name is how products refer to the client. Default DefaultName; several clients in one gate
	// need different names (see core.Product.On).
	Name core.StoreID
	// ClientID is the app's id in the developer centre, also the one in the paths. Required.
	ClientID string
	// ClientSecret is the app's secret in the developer centre. Required.
	ClientSecret string
	// Market is where the app is sold. Required.
	Market Market
	// Environment is which purchases count. Required.
	Environment Environment
	// BaseURL replaces the environment's host: for an app that serves only Korea and keeps
	// https://apis.onestore.co.kr, for a proxy, and for tests. An absolute https URL (http on
	// loopback only), with a path prefix or none. Default: the environment's own host.
	BaseURL string
	// InsecureHTTP lets BaseURL be http anywhere: the client's secret, the access token and the
	// purchase tokens then travel in the clear, and whoever stands on the way can make any purchase up.
	InsecureHTTP bool
	// HTTPClient replaces the transport and may bound each call. It is copied; the copy follows no
	// redirect. Default: a client for one upstream host, HTTP/1.1, without a proxy.
	HTTPClient *http.Client
	// KeepRaw keeps the body of each look-up in its result's Raw, for support and audits. It holds
	// identifiers of the purchase and what the game stored with it.
	KeepRaw bool
	// UnconfirmedInGlobalMarket lets UnconfirmedPurchases ask in MarketGlobal too. By the document the
	// store has that list for Korea only.
	UnconfirmedInGlobalMarket bool
}

// check returns the base URL, or all faults at once.
func (c *Config) check() (*url.URL, error) {
	var faults []error
	report := func(field string, err error) {
		if err != nil {
			faults = append(faults, fmt.Errorf("onestore: %s %w", field, err))
		}
	}
	if c.Name != "" {
		report("Name", rest.CheckText(string(c.Name), 64))
	}
	report("ClientID", checkClientID(c.ClientID))
	report("ClientSecret", rest.CheckText(c.ClientSecret, 1024))
	report("Market", c.Market.check())
	report("Environment", c.Environment.check())
	base, err := parseBaseURL(cmp.Or(c.BaseURL, c.Environment.host()), c.Environment, c.InsecureHTTP)
	report("BaseURL", err)
	return base, errors.Join(faults...)
}

// String is the configuration without the secret.
func (c Config) String() string {
	return fmt.Sprintf("onestore.Config{Name:%q ClientID:%q ClientSecret:%s Market:%q Environment:%q}",
		cmp.Or(c.Name, DefaultName), c.ClientID, rest.Redacted(c.ClientSecret), c.Market, c.Environment)
}

// Format is String, for every verb of package fmt.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }
