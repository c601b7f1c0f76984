package main

import (
	"context"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	jwtmiddleware "github.com/auth0/go-jwt-middleware/v2"
	"github.com/auth0/go-jwt-middleware/v2/validator"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/cachepolicy"
	"github.com/go-chi/httprate"
	rediscache "github.com/go-redis/cache/v9"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/jellydator/ttlcache/v3"
	"github.com/maypok86/otter/v2"
	"github.com/ulule/limiter/v3"
	"github.com/ulule/limiter/v3/drivers/middleware/stdlib"
	"github.com/ulule/limiter/v3/drivers/store/memory"
	"github.com/viccon/sturdyc"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

const (
	bareHTTP = "net/http: bare"
	gateHTTP = "net/http: gate"
	aHTTP    = "net/http: A"
)

// ok reads back what it is told of and answers 204.
func ok(read func(r *http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if read(r) {
			w.WriteHeader(http.StatusNoContent)
		}
	})
}

func mux(h http.Handler) http.Handler {
	m := http.NewServeMux()
	m.Handle("GET /raids/{id}", h)
	return m
}

func granted(r *http.Request) bool {
	d, found := nethttpmw.From(r)
	return found && d.Granted()
}

var whoHTTP = nethttpmw.TokenHeader("X-Purchase-Token", func(r *http.Request) string { return r.Header.Get("X-Player") })

// httpRows are the gate and what one writes first.
func httpRows(gate *core.Gate, a *straight, token string) []*row {
	gated := func(opts ...nethttpmw.Option) http.Handler {
		return mux(nethttpmw.Require(gate, vip, whoHTTP, opts...)(ok(granted)))
	}
	gated().ServeHTTP(&dropping{header: http.Header{}}, plainRequest(unknownToken(0)))
	return []*row{
		{name: bareHTTP, bench: serves(mux(ok(func(*http.Request) bool { return true })), token, 204)},
		{name: aHTTP, bare: bareHTTP, base: aHTTP, bench: serves(mux(byHandHTTP(a.hit)), token, 204)},
		{name: gateHTTP, bare: bareHTTP, base: aHTTP, goal: "0.70", bench: serves(gated(), token, 204)},
		{name: "net/http: gate, in place", bare: bareHTTP, base: aHTTP, goal: "0.32", bench: serves(gated(nethttpmw.WithRequestInPlace()), token, 204)},
		{name: "net/http: refusal from memory", bare: bareHTTP, base: floor, goal: "1.20", bench: serves(gated(), unknownToken(0), 403)},
	}
}

func plainRequest(token string) *http.Request {
	r, err := http.NewRequest("GET", "/raids/7", nil)
	if err != nil {
		panic(err)
	}
	for _, f := range fields(token) {
		r.Header.Set(f[0], f[1])
	}
	return r
}

type handKey struct{}

// byHandHTTP is the middleware that one writes around a cache.
func byHandHTTP(hit func(token string) *bought) http.Handler {
	next := ok(func(r *http.Request) bool {
		b, ok := r.Context().Value(handKey{}).(*bought)
		return ok && b.account == account
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := hit(r.Header.Get("X-Purchase-Token"))
		if b == nil || b.account != r.Header.Get("X-Player") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), handKey{}, b)))
	})
}

// httpPeers are what people use.
func httpPeers(token string) []*row {
	var rows []*row
	add := func(name, goal string, h http.Handler, more ...[2]string) {
		rows = append(rows, &row{name: "net/http: " + name, bare: bareHTTP, base: gateHTTP, goal: goal, bench: serves(mux(h), token, 204, more...)})
	}
	yes := ok(func(*http.Request) bool { return true })

	v, err := validator.New(func(context.Context) (any, error) { return jwtSecret, nil }, validator.HS256, "game", []string{"raids"})
	must(err)
	add("auth0/go-jwt-middleware v2, HS256", "50", jwtmiddleware.New(v.ValidateToken).CheckJWT(yes))

	sessions := scs.New()
	cookie := sessionCookie(sessions)
	add("scs session, memory", "", sessions.LoadAndSave(ok(func(r *http.Request) bool {
		return sessions.GetString(r.Context(), "player") == account
	})), [2]string{"Cookie", cookie})

	add("go-chi/httprate by header", "3", httprate.LimitBy(1<<40, time.Hour, func(r *http.Request) (string, error) {
		return r.Header.Get("X-Player"), nil
	})(yes))
	add("ulule/limiter, memory", "3", stdlib.NewMiddleware(limiter.New(memory.NewStore(), limiter.Rate{Period: time.Hour, Limit: 1 << 40})).Handler(yes))

	have := &bought{account: account, until: time.Now().Add(24 * time.Hour)}
	fetch := func() *bought { return have }
	valid := func(b *bought) *bought {
		if b == nil || !time.Now().Before(b.until) {
			return nil
		}
		return b
	}

	local := rediscache.New(&rediscache.Options{LocalCache: rediscache.NewTinyLFU(1<<16, 24*time.Hour)})
	must(local.Set(&rediscache.Item{Key: token, Value: account}))
	add("by hand, go-redis/cache v9, local only", "5", byHandHTTP(func(token string) *bought {
		var who string
		if local.Get(context.Background(), token, &who) != nil || who != account {
			return nil
		}
		return valid(have)
	}))

	kept := map[string]*bought{}
	policy := cachepolicy.NewBuilder[*bought](failsafeCache(kept)).Build()
	executor := failsafe.With[*bought](policy)
	add("by hand, failsafe-go cache policy", "3", byHandHTTP(func(token string) *bought {
		b, err := executor.WithContext(cachepolicy.ContextWithCacheKey(context.Background(), token)).Get(func() (*bought, error) { return fetch(), nil })
		if err != nil {
			return nil
		}
		return valid(b)
	}))

	ttl := ttlcache.New(ttlcache.WithTTL[string, *bought](24*time.Hour), ttlcache.WithCapacity[string, *bought](1<<16))
	ttl.Set(token, have, ttlcache.DefaultTTL)
	add("by hand, ttlcache v3", "", byHandHTTP(func(token string) *bought {
		if item := ttl.Get(token); item != nil {
			return valid(item.Value())
		}
		return nil
	}))

	sturdy := sturdyc.New[*bought](1<<16, 64, 24*time.Hour, 10)
	add("by hand, sturdyc GetOrFetch", "", byHandHTTP(func(token string) *bought {
		b, err := sturdy.GetOrFetch(context.Background(), token, func(context.Context) (*bought, error) { return fetch(), nil })
		if err != nil {
			return nil
		}
		return valid(b)
	}))

	ott := otter.Must(&otter.Options[string, *bought]{MaximumSize: 1 << 16})
	ott.Set(token, have)
	add("by hand, otter v2", "", byHandHTTP(func(token string) *bought {
		b, _ := ott.GetIfPresent(token)
		return valid(b)
	}))

	exp := expirable.NewLRU[string, *bought](1<<16, nil, 24*time.Hour)
	exp.Add(token, have)
	add("by hand, golang-lru expirable", "", byHandHTTP(func(token string) *bought {
		b, _ := exp.Get(token)
		return valid(b)
	}))

	hand := &byHand{m: map[string]*bought{token: have}}
	add("by hand, map and RWMutex", "1.3", byHandHTTP(hand.hit))
	return rows
}

// failsafeCache is a map that nobody writes to once it is filled.
type failsafeCache map[string]*bought

func (c failsafeCache) Get(key string) (*bought, bool) { b, ok := c[key]; return b, ok }
func (c failsafeCache) Set(key string, b *bought)      { c[key] = b }

// sessionCookie begins a session and returns the Cookie header of its next request.
func sessionCookie(s *scs.SessionManager) string {
	ctx, err := s.Load(context.Background(), "")
	must(err)
	s.Put(ctx, "player", account)
	token, _, err := s.Commit(ctx)
	must(err)
	return s.Cookie.Name + "=" + token
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
