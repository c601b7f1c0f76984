package main

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

// playServer is the listener of Google Play, and the key file of an account that may ask it.
type playServer struct {
	*server
	keyFile string
}

// listenPlay starts Google Play, as unkind as the other store.
func (f *fake) listenPlay(o *options) (*playServer, error) {
	s, err := listen(o.play, o.public, func(url string) http.Handler {
		f.playCfg = &googleplaytest.Config{
			PackageName: o.playPackage, BaseURL: url, Gentle: f.cfg.Gentle, Seed: f.cfg.Seed,
			PageSize: f.cfg.PageSize, AccessTokenLife: f.cfg.AccessTokenLife, KeepUnacknowledged: f.cfg.KeepUnacknowledged,
		}
		f.play.Store(googleplaytest.New(*f.playCfg))
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.play.Load().ServeHTTP(w, r) })
	})
	if err != nil {
		return nil, err
	}
	file, err := writeKey(f.play.Load().ServiceAccountKey())
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return &playServer{s, file}, nil
}

// writeKey writes a file that only its owner may read.
func writeKey(key []byte) (name string, err error) {
	file, err := os.CreateTemp("", "fakestore-*.json")
	if err != nil {
		return "", err
	}
	_, err = file.Write(key)
	return file.Name(), errors.Join(err, file.Close())
}

func (p *playServer) stop() error { return errors.Join(p.server.stop(), os.Remove(p.keyFile)) }

var errNoPlay = errors.New("there is no Google Play: -play is not given")

// playVerbs are the verbs of Google Play. Those that make and change purchases answer with the purchase.
func playVerbs() map[string]verb {
	type named struct {
		Token string `json:"purchaseToken"`
	}
	on := func(do func(s *googleplaytest.Store, token string)) verb {
		return command(func(f *fake, in named) (any, error) { return changeAtPlay(f, in.Token, do) })
	}
	at := func(do func(s *googleplaytest.Store)) verb {
		return command(func(f *fake, _ struct{}) (any, error) {
			s := f.play.Load()
			if s == nil {
				return nil, errNoPlay
			}
			do(s)
			return done, nil
		})
	}
	return map[string]verb{
		"play-buy":            command(buyAtPlay),
		"play-refund":         command(refundAtPlay),
		"play-advance":        command(advancePlay),
		"play-acknowledge":    on((*googleplaytest.Store).Acknowledge),
		"play-consume":        on((*googleplaytest.Store).Consume),
		"play-cancel":         on((*googleplaytest.Store).CancelRenewal),
		"play-cancel-pending": on((*googleplaytest.Store).CancelPending),
		"play-expire":         on((*googleplaytest.Store).Expire),
		"play-fail-payment":   on((*googleplaytest.Store).FailPayment),
		"play-grace":          on((*googleplaytest.Store).Grace),
		"play-hold":           on((*googleplaytest.Store).Hold),
		"play-pay":            on((*googleplaytest.Store).Pay),
		"play-renew":          on((*googleplaytest.Store).Renew),
		"play-restore":        on((*googleplaytest.Store).Restore),
		"play-resume":         on((*googleplaytest.Store).Resume),
		"play-down":           at(func(s *googleplaytest.Store) { s.Down(true) }),
		"play-up":             at(func(s *googleplaytest.Store) { s.Down(false) }),
	}
}

// kindsAtPlay are the names of the kinds.
var kindsAtPlay = []string{googleplaytest.KindInApp: "inapp", googleplaytest.KindSubscription: "subscription"}

// atPlay is what a purchase there shows.
type atPlay struct {
	Token   string    `json:"purchaseToken"`
	Kind    string    `json:"kind"`
	Product string    `json:"product"`
	Path    string    `json:"path"` // of its look-up
	Order   string    `json:"orderId"`
	Now     time.Time `json:"now"`
}

func changeAtPlay(f *fake, token string, do func(s *googleplaytest.Store, token string)) (any, error) {
	s := f.play.Load()
	if s == nil {
		return nil, errNoPlay
	}
	p, ok := s.Product(token)
	if !ok {
		return nil, unknownToken(token)
	}
	if err := attempt(func() { do(s, token) }); err != nil {
		return nil, err
	}
	return atPlay{token, kindsAtPlay[p.Kind], p.ID, s.LookupPath(token), s.OrderID(token), s.Now()}, nil
}

func buyAtPlay(f *fake, in struct {
	Kind         string   `json:"kind"`
	Product      string   `json:"product"`
	Label        string   `json:"label"`
	Quantity     *int     `json:"quantity"`
	Period       duration `json:"period"`
	Acknowledged bool     `json:"acknowledged"`
	Pending      bool     `json:"pending"`
	Test         bool     `json:"test"`
}) (any, error) {
	s, kind := f.play.Load(), googleplaytest.Kind(max(slices.Index(kindsAtPlay, in.Kind), 0))
	switch {
	case s == nil:
		return nil, errNoPlay
	case in.Kind != kindsAtPlay[kind]:
		return nil, invalid("kind", "is inapp or subscription")
	case in.Period < 0:
		return nil, invalid("period", "is positive")
	}
	options := []googleplaytest.Option{googleplaytest.Label(in.Label)}
	add := func(yes bool, o googleplaytest.Option) {
		if yes {
			options = append(options, o)
		}
	}
	if in.Quantity != nil {
		add(true, googleplaytest.Quantity(*in.Quantity))
	}
	add(in.Period != 0, googleplaytest.Period(time.Duration(in.Period)))
	add(in.Acknowledged, googleplaytest.Acknowledged())
	add(in.Pending, googleplaytest.Pending())
	add(in.Test, googleplaytest.Test())
	token := ""
	if err := attempt(func() { token = s.Buy(googleplaytest.Product{Kind: kind, ID: in.Product}, options...) }); err != nil {
		return nil, err
	}
	return changeAtPlay(f, token, func(*googleplaytest.Store, string) {})
}

func refundAtPlay(f *fake, in struct {
	Token    string `json:"purchaseToken"`
	Quantity int    `json:"quantity"` // 0: all of it
}) (any, error) {
	return changeAtPlay(f, in.Token, func(s *googleplaytest.Store, token string) {
		if in.Quantity == 0 {
			s.Refund(token)
			return
		}
		s.RefundQuantity(token, in.Quantity)
	})
}

func advancePlay(f *fake, in struct {
	By duration `json:"by"`
}) (any, error) {
	s := f.play.Load()
	switch {
	case s == nil:
		return nil, errNoPlay
	case in.By == 0 || time.Duration(in.By).Abs() > 8760*time.Hour:
		return nil, invalid("by", `is missing or more than a year: "72h" and the like; a negative one goes back`)
	}
	s.Advance(time.Duration(in.By))
	return map[string]any{"now": s.Now()}, nil
}
