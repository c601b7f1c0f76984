package onestore

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/skugate/skugate/core/internal/rest"
)

// Client asks ONE store on behalf of one app in one market and one environment. Make it with New.
// It is safe for concurrent use, and prints without its secret.
type Client struct {
	name        string
	clientID    string
	market      Market
	environment Environment
	base        *url.URL
	keepRaw     bool
	hc          *http.Client
	tokens      *rest.Tokens
	line        rest.Line
	clock       rest.Clock

	unconfirmedInGlobalMarket bool
	accessTokens              atomic.Uint64 // how many were asked for
	refusedWindow             atomic.Bool   // the store refused the end of a list's window once
}

// New returns a client, or an error that names everything that is wrong with cfg. It makes no call
// and starts no goroutine.
func New(cfg Config) (*Client, error) {
	base, err := cfg.check()
	if err != nil {
		return nil, err
	}
	c := &Client{
		name:        string(cmp.Or(cfg.Name, DefaultName)),
		clientID:    cfg.ClientID,
		market:      cfg.Market,
		environment: cfg.Environment,
		base:        base,
		keepRaw:     cfg.KeepRaw,
		hc:          rest.NewClient(cfg.HTTPClient),

		unconfirmedInGlobalMarket: cfg.UnconfirmedInGlobalMarket,
	}
	c.tokens = rest.NewTokens(rest.TokenConfig{Fetch: c.fetchToken(cfg.ClientSecret), Margin: renewBefore})
	return c, nil
}

// CloseIdleConnections closes the connections that no call uses, and ends a renewal of the access
// token that nobody waits for. The client stays usable; the gate calls this when it is closed.
func (c *Client) CloseIdleConnections() {
	if c.tokens != nil {
		c.tokens.Abandon()
		c.hc.CloseIdleConnections()
	}
}

// Close ends the client: it ends a fetch of an access token and waits until that is over, closes idle
// connections, and makes every later call fail. Calls that have their token go on. It returns nil.
func (c *Client) Close() error {
	if c.tokens != nil {
		c.tokens.Close()
		c.hc.CloseIdleConnections()
	}
	return nil
}

// String names the client without its secret.
func (c *Client) String() string {
	return "onestore.Client{" + c.name + " " + c.clientID + " " + string(c.market) + " " + string(c.environment) + "}"
}

// GoString is String, for %#v.
func (c *Client) GoString() string { return c.String() }

// LogValue is String, for slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }
