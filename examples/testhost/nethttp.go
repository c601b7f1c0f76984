package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

// httpServer serves net/http and gin.
type httpServer struct{ http.Server }

func newHTTPServer(h http.Handler) *httpServer {
	return &httpServer{http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}}
}

func (s *httpServer) serve(l net.Listener) error {
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *httpServer) stop(ctx context.Context) error {
	err := s.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.Close())
	}
	return err
}

func newNetHTTP(gate *core.Gate, routes []gated, admin []endpoint, g *game, log *slog.Logger) server {
	who := func(r *http.Request) string { return oneAccount(r.Header[accountHeader]) }
	mux := http.NewServeMux()
	for _, r := range routes {
		credentials, mount := nethttpmw.TokenHeader(tokenHeader, who), nethttpmw.Require
		if r.several {
			credentials = nethttpmw.TokensHeader(tokensHeader, who)
		}
		if r.attach {
			mount = nethttpmw.Attach
		}
		var options []nethttpmw.Option
		if r.consumable {
			options = append(options, nethttpmw.WithConsumables())
		}
		mux.Handle("GET "+r.path, mount(gate, r.requirement, credentials, options...)(
			http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				d, _ := nethttpmw.From(req)
				body, header := g.play(&r, d)
				for _, f := range header {
					w.Header().Set(f.name, f.value)
				}
				_, _ = io.WriteString(w, body)
			})))
	}
	for _, e := range admin {
		mux.Handle(e.method+" "+e.path, e.handler)
		if e.below {
			mux.Handle(e.method+" "+e.path+"/", e.handler)
		}
	}
	return newHTTPServer(recovering(mux, log))
}

// recovering answers 500 for a handler that panicked, as gin's and fiber's middleware does.
func recovering(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				log.Error("a handler panicked", slog.String("route", r.Pattern))
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
