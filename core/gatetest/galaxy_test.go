package gatetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/skugate/skugate/core"
)

// This is the client of a market that does not exist, as core/docs/adding-a-store.md writes it. The page's pieces of
// Go stand here as they stand there.

// Client asks Galaxy about the purchases of one game.
type Client struct {
	game, key string
	http      *http.Client
}

var (
	_ core.Store        = (*Client)(nil)
	_ core.Acknowledger = (*Client)(nil)
)

// InApp and Subscription are the products of the market, for requirements.
func InApp(id string) core.Product {
	return core.Product{Store: "galaxy", Kind: core.KindInApp, ID: id}
}

func Subscription(id string) core.Product {
	return core.Product{Store: "galaxy", Kind: core.KindSubscription, ID: id}
}

func New(game, key string, transport http.RoundTripper) *Client {
	return &Client{game: game, key: key, http: &http.Client{
		Transport: transport,
		// The key is for the market, not for whom an answer points to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *Client) ID() core.StoreID { return "galaxy" }

func (c *Client) Describe() core.StoreInfo {
	return core.StoreInfo{Platform: "galaxy", Application: c.game, Environment: "production"}
}

var (
	productID = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)
	tokens    = regexp.MustCompile(`^[0-9a-f]{24}$`)
)

func (c *Client) CheckProduct(p core.Product) error {
	var faults []error
	if p.Store != c.ID() {
		faults = append(faults, fmt.Errorf("galaxy: the product is of the store %q", p.Store))
	}
	if p.Kind != core.KindInApp && p.Kind != core.KindSubscription {
		faults = append(faults, fmt.Errorf("galaxy: the kind %q is not inapp or subscription", p.Kind))
	}
	if !productID.MatchString(p.ID) {
		faults = append(faults, errors.New("galaxy: a product id is 1 to 64 of a-z 0-9 _"))
	}
	return errors.Join(faults...)
}

func (c *Client) CheckToken(token string) error {
	if !tokens.MatchString(token) {
		return errors.New("galaxy: a purchase token is 24 of 0-9 a-f") // and never says which
	}
	return nil
}

// purchase is the market's answer. Pointers, because an absent state is not its zero.
type purchase struct {
	ID           string  `json:"orderId"`
	Label        string  `json:"accountLabel"`
	State        *string `json:"state"`
	Consumed     *bool   `json:"consumed"`
	Acknowledged *bool   `json:"acknowledged"`
	Renewing     bool    `json:"renewing"`
	BoughtAt     *int64  `json:"boughtAt"` // ms
	EndsAt       *int64  `json:"endsAt"`   // ms
}

func (c *Client) Lookup(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
	if err := c.check(p, token); err != nil {
		return nil, err
	}
	var answer purchase
	now, err := c.call(ctx, http.MethodGet, p, token, "", &answer)
	if err != nil {
		return nil, err
	}
	found := &core.Purchase{
		Token: token, ID: answer.ID, Label: answer.Label, State: state(answer.State), Quantity: 1,
		AutoRenewing: answer.Renewing, PurchasedAt: at(answer.BoughtAt), ExpiresAt: at(answer.EndsAt), StoreTime: now,
	}
	if a := answer.Acknowledged; a != nil {
		found.Acknowledgement = map[bool]core.Acknowledgement{false: core.Unacknowledged, true: core.Acknowledged}[*a]
	}
	if used := answer.Consumed; used != nil {
		found.Consumption = map[bool]core.Consumption{false: core.Unconsumed, true: core.Consumed}[*used]
	}
	if p.Kind == core.KindSubscription && found.State == core.StatePurchased {
		found.Payment = core.PaymentReceived
	}
	return found, nil
}

func state(s *string) core.State {
	switch {
	case s == nil:
		return core.StateMissing
	case *s == "paid":
		return core.StatePurchased
	case *s == "refunded":
		return core.StateCanceled
	case *s == "waiting":
		return core.StatePending
	default:
		return core.StateUnrecognized // what the next version of the market says grants nothing
	}
}

func at(ms *int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return time.UnixMilli(*ms)
}

func (c *Client) Acknowledge(ctx context.Context, p core.Product, token string) error {
	if err := c.check(p, token); err != nil {
		return err
	}
	_, err := c.call(ctx, http.MethodPost, p, token, "/acknowledge", &struct{}{})
	return err
}

func (c *Client) check(p core.Product, token string) error {
	if err := c.CheckProduct(p); err != nil {
		return &core.StoreError{Fault: core.FaultMisconfigured, Reason: core.ReasonMisconfigured, Err: err}
	}
	if err := c.CheckToken(token); err != nil {
		return &core.StoreError{Fault: core.FaultTokenRefused, Err: err}
	}
	return nil
}

// mostBytes is far above what the market says of a purchase.
const mostBytes = 64 << 10

// call sends one request, decodes its answer into answer and returns the market's clock.
func (c *Client) call(ctx context.Context, method string, p core.Product, token, verb string, answer any) (time.Time, error) {
	path := fmt.Sprintf("/v1/games/%s/%s/%s/purchases/%s%s", url.PathEscape(c.game), p.Kind, url.PathEscape(p.ID), url.PathEscape(token), verb)
	r, err := http.NewRequestWithContext(ctx, method, "https://api.galaxy.example"+path, nil)
	if err != nil {
		return time.Time{}, &core.StoreError{Fault: core.FaultMisconfigured, Err: errors.New("galaxy: the request cannot be built")}
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	res, err := c.http.Do(r)
	if err != nil {
		return time.Time{}, unavailable(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, mostBytes+1))
	switch {
	case err != nil:
		return time.Time{}, unavailable(err)
	case res.StatusCode != http.StatusOK:
		return time.Time{}, refused(res, body)
	case len(body) > mostBytes || json.Unmarshal(body, answer) != nil: // the decoder's error quotes the body
		return time.Time{}, &core.StoreError{Reason: core.ReasonMalformedUpstream, Err: errors.New("galaxy: the answer is not what the market documents")}
	}
	now, _ := http.ParseTime(res.Header.Get("Date"))
	return now, nil
}

// refused says what an answer other than 200 means. Only the market's own word is a no: a 404 may as well be a proxy's.
func refused(res *http.Response, body []byte) error {
	var said struct{ Error string }
	_ = json.Unmarshal(body, &said) // a page says nothing
	e := &core.StoreError{Reason: core.ReasonUpstreamFault, Err: fmt.Errorf("galaxy: status %d", res.StatusCode)}
	switch {
	case said.Error == "NO_SUCH_PURCHASE":
		e.Fault, e.Reason = core.FaultNotFound, core.ReasonNotFound
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
		e.Fault, e.Reason = core.FaultMisconfigured, core.ReasonUpstreamAuth
	case res.StatusCode == http.StatusServiceUnavailable || res.StatusCode == http.StatusTooManyRequests:
		e.Reason = core.ReasonUpstreamUnavailable
		if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds > 0 {
			e.RetryAfter = time.Duration(min(seconds, 60)) * time.Second
		}
	}
	return e
}

// unavailable is a request without an answer. net/http wraps the cause in an error that quotes the URL, and the
// token with it.
func unavailable(err error) error {
	var quoting *url.Error
	if errors.As(err, &quoting) {
		err = quoting.Err
	}
	e := &core.StoreError{Reason: core.ReasonUpstreamUnavailable, Err: fmt.Errorf("galaxy: no answer: %w", err)}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		e.Reason = core.ReasonDeadline
	case errors.Is(err, context.Canceled):
		e.Reason = core.ReasonCallerGone
	}
	return e
}
