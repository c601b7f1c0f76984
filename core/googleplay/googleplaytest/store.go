package googleplaytest

import (
	"cmp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/core/internal/wire"
)

// Config says what a Store is like. The zero value is a strict, unkind store of "com.example.game".
type Config struct {
	// PackageName is the app whose purchases the store holds. Default "com.example.game".
	PackageName string

	// BaseURL is where the store is reached if its own listener is not, as when it is mounted in a server of
	// the embedder's: ServiceAccountKey names the token endpoint there. Default: the own listener's.
	BaseURL string

	// Now is the clock that the store's own clock runs with; Store.Advance and Store.SetTime shift
	// the store's. Default time.Now. It must be safe for concurrent use.
	Now func() time.Time

	// AccessTokenLife is how long an access token is advertised to live. Default 3599 seconds.
	AccessTokenLife time.Duration
	// GracePeriod is how long a subscription goes on after a failed payment. Default 7 days, for a
	// tester's 5 minutes. Negative: none, it goes on hold at once.
	GracePeriod time.Duration
	// HoldPeriod is how long a subscription is on hold before it ends. Default 30 days, for a
	// tester's 10 minutes. Negative: none, it ends at once.
	HoldPeriod time.Duration
	// KeepUnacknowledged switches off that a purchase which nobody acknowledged or consumed is
	// refunded 3 days after it was made, a tester's after 5 minutes. By default it is.
	KeepUnacknowledged bool
	// PageSize is how many voided purchases a page holds at most. Default 3, or what the request
	// asks for if the store is Gentle.
	PageSize int

	// Gentle switches off every unkindness, for byte-exact tests: members come in one order with the
	// document's types, errors carry the documented reasons, an access token lives as long as it says.
	Gentle bool
	// Seed selects which unkindness meets which request. The same seed and the same requests give
	// the same answers. Zero is a seed like any other.
	Seed uint64

	// AllowMalformed keeps Start from failing the test over a malformed request. Such a request is
	// refused and shows in Store.Malformed all the same.
	AllowMalformed bool
}

func (c Config) withDefaults() Config {
	c.PackageName = cmp.Or(c.PackageName, "com.example.game")
	c.AccessTokenLife = cmp.Or(c.AccessTokenLife, 3599*time.Second)
	if c.PageSize <= 0 {
		if c.PageSize = 3; c.Gentle {
			c.PageSize = maxPage
		}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

const day = 24 * time.Hour

// Store is Google Play with the purchases of one app, and the token endpoint. It is an http.Handler.
// All methods are safe for concurrent use.
//
// Like httptest.NewRequest, the methods that buy and change purchases panic when the test asks for
// something senseless: a token that the store never gave out, a verb that the kind of product or
// the state of the purchase does not have.
type Store struct {
	cfg    Config
	clock  wire.Clock
	routes []route
	server wire.Server

	messages atomic.Uint64 // of notifications

	mu        sync.Mutex // guards what follows; never held across a wait or a call of the embedder's code
	purchases map[string]*purchase
	serial    int64 // of purchase tokens and order ids
	access    accessTokens
	voided    voidedList
	script    wire.Script[Fault]
	log       wire.Log[Request]
}

// New returns a store. Nothing is started and nothing listens: mount it as a handler, reach it in
// process by RoundTripper, or let it Listen.
func New(cfg Config) *Store {
	cfg = cfg.withDefaults()
	s := &Store{
		cfg:       cfg,
		clock:     wire.Clock{Base: cfg.Now},
		routes:    routes(),
		purchases: make(map[string]*purchase),
		access:    accessTokens{known: make(map[string]time.Time)},
		voided:    voidedList{pages: make(map[string]page)},
	}
	s.log.Reset()
	return s
}

// PackageName is the app's package name, in the path of every request.
func (s *Store) PackageName() string { return s.cfg.PackageName }
