package nethttpmw_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/nethttpmw"
)

func TestAdapter(t *testing.T) {
	type middleware = func(http.Handler) http.Handler
	gatetest.RunAdapter(t, gatetest.Mount[*http.Request, middleware, nethttpmw.CredentialsFunc, nethttpmw.Option]{
		Require:          nethttpmw.Require,
		Attach:           nethttpmw.Attach,
		TokenHeader:      nethttpmw.TokenHeader,
		TokensHeader:     nethttpmw.TokensHeader,
		TokenLookup:      nethttpmw.TokenLookup,
		Owned:            nethttpmw.Owned,
		WithDeniedStatus: nethttpmw.WithDeniedStatus,
		WithConsumables:  nethttpmw.WithConsumables,
		WithErrorHandler: func(change func(core.Decision, core.Reply) core.Reply) nethttpmw.Option {
			if change == nil {
				return nethttpmw.WithErrorHandler(nil)
			}
			return nethttpmw.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, d core.Decision, reply core.Reply) {
				if reply = change(d, reply); reply.Status != 0 {
					nethttpmw.WriteReply(w, reply)
				}
			})
		},
		Then: func(after func(gatetest.Request)) middleware {
			return func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					next.ServeHTTP(w, r)
					d, found := nethttpmw.From(r)
					after(gatetest.Request{Context: r.Context(), Decision: d, Found: found})
				})
			}
		},
		Header: func(r *http.Request, name string) string { return r.Header.Get(name) },
		Serve: func(t *testing.T, routes []gatetest.Route[middleware]) string {
			mux := http.NewServeMux()
			for _, route := range routes {
				var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					d, found := nethttpmw.From(r)
					_ = route.Handler.ServeHTTP(w, r, d, found) // net/http has no errors of handlers
				})
				for _, gate := range slices.Backward(route.Gates) {
					h = gate(h)
				}
				mux.HandleFunc(route.Path, func(w http.ResponseWriter, r *http.Request) {
					for _, f := range route.Front {
						w.Header().Set(f.Name, f.Value)
					}
					h.ServeHTTP(w, r)
				})
			}
			return gatetest.ListenHTTP(t, mux)
		},
	})
}
