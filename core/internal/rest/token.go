package rest

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Fetch asks the store for an access token. It honours ctx, which is bounded and belongs to no
// caller. life is what the store said about the token's life, from the start of the call on; see
// TokenConfig for what becomes of an odd one.
type Fetch func(ctx context.Context) (value string, life time.Duration, err error)

// TokenConfig configures Tokens. Fetch is required; the other fields have defaults for zero.
//
// A life that the store did not state, or that is not positive, counts as UnknownLife; one above
// MaxLife counts as MaxLife; one below Pause counts as Pause. No token is valid for ever.
type TokenConfig struct {
	Fetch Fetch
	// Margin is how long before its end a token is renewed, behind the callers' backs. A token
	// whose whole life is not longer than that is renewed at half its life. Default 600 s.
	Margin time.Duration
	// Timeout bounds one fetch. Default 10 s.
	Timeout time.Duration
	// Pause is the least time between the starts of two fetches, and how long a failed one is
	// held. Default 1 s. See Tokens for the one exception.
	Pause time.Duration
}

// Bounds of a token's life.
const (
	UnknownLife = time.Minute
	MaxLife     = 24 * time.Hour
)

// spareFetches is how many fetches may come before their Pause is over, all of them for tokens
// that had worked and were refused then. They come back at one per Pause.
const spareFetches = 8

// ErrClosed is returned by a Tokens after Close.
var ErrClosed = errors.New("the client was closed")

var (
	errPaused   = errors.New("an access token was fetched a moment ago")
	errEnded    = errors.New("the access token's fetch was ended")
	errPanicked = errors.New("the access token's fetch panicked")
)

// Tokens holds the access token of one client. At most one fetch is under way at any time, on a
// context of its own, however many callers wait for it, and each caller leaves when its own context
// ends. While a token is good its renewal delays nobody, and a renewal that fails changes nothing
// until the token really ends. Fetches start at most once per Pause, whatever fails; only a token
// that worked and is refused later is renewed at once, a few times in a row.
//
// Tokens is safe for concurrent use. A goroutine runs only while a fetch is under way.
type Tokens struct {
	cfg TokenConfig

	mu      sync.Mutex
	value   string // empty: none
	expires time.Time
	margin  time.Duration // of the present token
	worked  bool          // the store took the present token at least once

	flight  *flight
	started time.Time // of the latest fetch
	debt    time.Time // started, plus a Pause for each fetch that came early
	failure error     // of the latest fetch
	quiet   time.Time // no renewal behind the callers' backs before this
	closed  bool
}

// flight is one fetch under way.
type flight struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiters int // guarded by Tokens.mu
	value   string
	err     error
}

// NewTokens returns a holder without a token. It makes no call.
func NewTokens(cfg TokenConfig) *Tokens {
	if cfg.Margin <= 0 {
		cfg.Margin = 600 * time.Second
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Pause <= 0 {
		cfg.Pause = time.Second
	}
	return &Tokens{cfg: cfg}
}

// get returns a token that should be good, waiting for a fetch only if there is none.
func (t *Tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	now := time.Now()
	if t.closed {
		t.mu.Unlock()
		return "", ErrClosed
	}
	if left := t.expires.Sub(now); t.value != "" && left > 0 {
		value := t.value
		if left < t.margin && t.flight == nil && !now.Before(t.quiet) && t.mayFetch(now, false) {
			t.start(now)
		}
		t.mu.Unlock()
		return value, nil
	}
	f, err := t.join(now, false)
	t.mu.Unlock()
	if err != nil {
		return "", err
	}
	return t.wait(ctx, f)
}

// renew returns a token other than refused, unless the store insists on issuing that one again.
// Only the first of many callers who were refused the same token causes a fetch.
func (t *Tokens) renew(ctx context.Context, refused string) (string, error) {
	t.mu.Lock()
	now := time.Now()
	if t.closed {
		t.mu.Unlock()
		return "", ErrClosed
	}
	if t.value != "" && t.value != refused && t.expires.After(now) {
		value := t.value
		t.mu.Unlock()
		return value, nil
	}
	// A token that cannot be replaced yet stays: it may be refused to this call alone.
	f, err := t.join(now, t.value == refused && t.worked)
	if err == nil && t.value == refused {
		t.value = ""
	}
	t.mu.Unlock()
	if err != nil {
		return "", err
	}
	return t.wait(ctx, f)
}

// accepted notes that the store took value.
func (t *Tokens) accepted(value string) {
	t.mu.Lock()
	if t.value == value {
		t.worked = true
	}
	t.mu.Unlock()
}

// Close ends a fetch under way, waits until it has ended, and makes every later Use fail with
// ErrClosed.
func (t *Tokens) Close() {
	t.mu.Lock()
	t.closed = true
	f := t.flight
	t.mu.Unlock()
	if f != nil {
		f.cancel()
		<-f.done
	}
}

// Abandon ends a fetch that nobody waits for and waits until it has ended. The holder stays usable.
func (t *Tokens) Abandon() {
	t.mu.Lock()
	f := t.flight
	if f != nil && f.waiters > 0 {
		f = nil
	}
	t.mu.Unlock()
	if f != nil {
		f.cancel()
		<-f.done
	}
}
