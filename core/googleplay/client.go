package googleplay

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// Client asks Google Play on behalf of one app. Make it with New. It is safe for concurrent use, and
// prints without its key.
type Client struct {
	name        string
	packageName string
	testers     bool
	base        *url.URL
	hc          *http.Client
	tokens      *rest.Tokens
	line        rest.Line
	clock       rest.Clock
	voids       *quota

	accessTokens atomic.Uint64 // how many were asked for
}

// renewBefore is how long before its end an access token is renewed. Google's live for an hour; one
// that a token source caches is usually replaced in its last minutes only.
const renewBefore = 4 * time.Minute

// New returns a client, or an error that names everything that is wrong with cfg. It makes no call
// and starts no goroutine.
func New(cfg Config) (*Client, error) {
	base, account, err := cfg.check()
	if err != nil {
		return nil, err
	}
	c := &Client{
		name:        string(cmp.Or(cfg.Name, DefaultName)),
		packageName: cfg.PackageName,
		testers:     cfg.AllowTestPurchases,
		base:        base,
		hc:          rest.NewClient(cfg.HTTPClient),
		voids:       newQuota(),
	}
	fetch := fetchFromSource(cfg.TokenSource)
	if account != nil {
		fetch = fetchByKey(c.name, account, c.hc, &c.clock)
	}
	c.tokens = rest.NewTokens(rest.TokenConfig{Margin: renewBefore, Fetch: func(ctx context.Context) (string, time.Duration, error) {
		c.accessTokens.Add(1)
		return fetch(ctx)
	}})
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

// String names the client without its key.
func (c *Client) String() string {
	return "googleplay.Client{" + c.name + " " + c.packageName + "}"
}

// GoString is String, for %#v.
func (c *Client) GoString() string { return c.String() }

// LogValue is String, for slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }
