package onestoretest

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/skugate/skugate/core/internal/wire"
)

// Environment is which of the two worlds of ONE store a Store plays.
type Environment uint8

// The environments. In the sandbox a month lasts five minutes and every purchase token begins with
// "SANDBOX"; unlabelled purchases have an empty developerPayload, in the commercial one a null.
const (
	Sandbox Environment = iota
	Commercial
)

// The market codes, as the header x-market-code carries them.
//
// Spec: 003_cae853c17ba7f40e.txt, "市场分类".
const (
	MarketKorea  = "MKT_ONE" // also meant by a request without a market code
	MarketGlobal = "MKT_GLB"
)

// The credentials of a Store whose Config names none. The secret holds every character that must be
// percent-encoded in a form.
const (
	defaultClientID     = "0000042301"
	defaultClientSecret = "vxIMAGcVz3DAx20uDBr/IDWNJAPN+Fl7YruF4uxB6BI="
)

// Config says what a Store is like. The zero value is a strict, unkind sandbox of the global market.
type Config struct {
	// ClientID and ClientSecret are the app's credentials. Each has a default; Store.ClientID and
	// Store.ClientSecret tell it.
	ClientID, ClientSecret string
	// Market is the one market whose purchases the store holds. Default MarketGlobal.
	Market string
	// Environment is Sandbox by default.
	Environment Environment

	// Now is the clock that the store's own clock runs with; Store.Advance and Store.SetTime shift
	// the store's. Default time.Now. It must be safe for concurrent use.
	Now func() time.Time

	// AccessTokenLife is how long an access token is advertised to live. Default 1 hour.
	AccessTokenLife time.Duration
	// GracePeriod is how long a subscription goes on after a failed payment. Default 5 minutes in
	// the sandbox, 7 days in the commercial environment. Negative: none, it goes on hold at once.
	GracePeriod time.Duration
	// HoldPeriod is how long a subscription is on hold before it ends. Default 10 minutes in the
	// sandbox, 30 days in the commercial environment. Negative: none, it ends at once.
	HoldPeriod time.Duration
	// KeepUnacknowledged switches off that a purchase which nobody acknowledged or consumed is
	// cancelled 3 days after it was made. The default is what the document says: it is cancelled.
	KeepUnacknowledged bool

	// Gentle switches off every unkindness, for byte-exact tests: members come in the document's
	// order with the document's types, NoSuchData is a 404, an access token lives as long as it says.
	// What Dialects names is said all the same.
	Gentle bool
	// Seed selects which unkindness meets which request. The same seed and the same requests give
	// the same answers. Zero is a seed like any other.
	Seed uint64

	// Dialects are the ways of saying things that the store speaks, where there are several. Empty:
	// all that every client must bear. See Dialect.
	Dialects []Dialect
	// PageSize is the most rows of a page of a list, whatever maxResults allows. Default 100 if
	// Gentle, else 3.
	PageSize int

	// Signer signs payment notifications, so that several stores can share a licence key. Default: one
	// that is made when it is first asked for, since a key takes its time.
	Signer *Signer

	// AllowMalformed keeps Start from failing the test over a malformed request. Such a request is
	// refused and shows in Store.Malformed all the same.
	AllowMalformed bool
}

func (c Config) withDefaults() Config {
	c.ClientID = cmp.Or(c.ClientID, defaultClientID)
	c.ClientSecret = cmp.Or(c.ClientSecret, defaultClientSecret)
	c.Market = cmp.Or(c.Market, MarketGlobal)
	c.AccessTokenLife = cmp.Or(c.AccessTokenLife, time.Hour)
	grace, hold := 5*time.Minute, 10*time.Minute
	if c.Environment == Commercial {
		grace, hold = 7*day, 30*day
	}
	c.GracePeriod = cmp.Or(c.GracePeriod, grace)
	c.HoldPeriod = cmp.Or(c.HoldPeriod, hold)
	c.Dialects = slices.Clone(c.Dialects)
	if c.PageSize == 0 && !c.Gentle {
		c.PageSize = 3
	}
	c.PageSize = cmp.Or(c.PageSize, maxPage)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

const day = 24 * time.Hour

// Store is a ONE store with the purchases of one app in one market. It is an http.Handler. All
// methods are safe for concurrent use.
//
// Like httptest.NewRequest, the methods that buy and change purchases panic when the test asks for
// something senseless: a token that the store never gave out, a verb that the kind of product or
// the state of the purchase does not have.
type Store struct {
	cfg    Config
	clock  wire.Clock
	routes []route
	server wire.Server
	signer func() *Signer

	mu        sync.Mutex // guards what follows; never held across a wait or a call of the embedder's code
	purchases map[string]*purchase
	bought    []*purchase // the same, in the order of buying
	voids     []void      // in the order in which they became known
	serial    int64       // of purchase tokens and purchase ids
	access    accessTokens
	script    wire.Script[Fault]
	log       wire.Log[Request]
}

// New returns a store. Nothing is started and nothing listens: mount it as a handler, reach it in
// process by RoundTripper, or let it Listen.
//
// It panics on a dialect that does not exist and on a negative PageSize.
func New(cfg Config) *Store {
	cfg = cfg.withDefaults()
	if cfg.PageSize < 0 {
		panic(misuse("New", errors.New("a page has a positive size")))
	}
	for _, d := range cfg.Dialects {
		if !slices.Contains(Dialects(), d) {
			panic(misuse("New", errors.New("there is no dialect "+strconv.Quote(string(d)))))
		}
	}
	s := &Store{
		cfg:       cfg,
		clock:     wire.Clock{Base: cfg.Now},
		routes:    routes(),
		signer:    sync.OnceValue(NewSigner),
		purchases: make(map[string]*purchase),
	}
	if cfg.Signer != nil {
		s.signer = func() *Signer { return cfg.Signer }
	}
	s.access = accessTokens{life: cfg.AccessTokenLife, seed: cfg.Seed, gentle: cfg.Gentle, known: make(map[string]*accessToken)}
	s.log.Reset()
	return s
}

// ClientID is the app's client id, in the form and in the path of every request.
func (s *Store) ClientID() string { return s.cfg.ClientID }

// ClientSecret is the app's client secret.
func (s *Store) ClientSecret() string { return s.cfg.ClientSecret }

// Market is the market code under which the store's purchases are found.
func (s *Store) Market() string { return s.cfg.Market }
